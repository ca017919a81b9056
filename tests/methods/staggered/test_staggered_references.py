"""Estimators for staggered adoption against stored results of other programs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.methods.staggered.numbers.bacon import decompose
from analysis.methods.staggered.numbers.effects import PanelRows, widened
from analysis.methods.staggered.numbers.extended_two_way import extended_two_way
from analysis.methods.staggered.numbers.group_time import (
    aggregate,
    by_cohort,
    group_time,
    no_effect_before,
)
from analysis.methods.staggered.numbers.imputation import imputation
from analysis.methods.staggered.numbers.local_projections import local_projections
from analysis.methods.staggered.numbers.stacked import stacked
from analysis.methods.staggered.numbers.sun_abraham import sun_abraham
from analysis.methods.staggered.numbers.switchers import switchers
from analysis.methods.staggered.numbers.two_stage import two_stage
from analysis.methods.staggered.numbers.two_way import two_way
from analysis.regression.panel import fit_panel

PRINTED_4 = 5e-5
"""Four decimals are printed."""
PRINTED_6 = 5e-7
"""Six decimals are printed."""
SOLVERS = 1e-8
"""Two exact algorithms; the reference is printed with nine digits."""
DERIVATIVES = 1e-6
"""etwfe's errors are numerical derivatives."""
SEVEN_PARAMETERS = 7 / 2477
"""Of the small-sample factor, with 2,500 rows and 23 parameters here: etwfe counts effects of cohorts as well."""
CONVENTION = 5e-4
"""Relative. The references' small-sample factors count the one year effect of a short horizon otherwise."""


def rows_of(
    data: pd.DataFrame, y: str, unit: str, year: str, cohort: str, x: tuple[str, ...] = ()
) -> PanelRows:
    first = data[cohort].to_numpy(float)
    return PanelRows(
        data[y].to_numpy(float),
        data[unit].to_numpy(),
        data[year].to_numpy(np.int64),
        np.where((first == 0) | (first > 9000), np.nan, first),
        data[unit].to_numpy(),
        data[list(x)].to_numpy(float),
        x,
    )


@pytest.fixture(scope="module")
def reference(shared_dir: Path) -> Path:
    return shared_dir / "reference"


@pytest.fixture(scope="module")
def mpdta(reference: Path) -> PanelRows:
    data = pd.read_csv(reference / "mpdta.csv")
    return rows_of(data, "lemp", "countyreal", "year", "first.treat")


@pytest.fixture(scope="module")
def controlled(reference: Path) -> Callable[[tuple[str, ...]], PanelRows]:
    """mpdta with controls: `lpop` as shipped, `z` moving by a rule that any program can follow."""
    data = pd.read_csv(reference / "mpdta.csv")
    data["z"] = ((data.countyreal * 7 + data.year * 13) % 17) / 17
    data["z"] += 0.1 * data.lpop * (data.year - 2003)
    return lambda x: rows_of(data, "lemp", "countyreal", "year", "first.treat", x)


@pytest.fixture(scope="module")
def expected(reference: Path) -> pd.Series:
    rows = pd.read_csv(reference / "expected.csv")
    return rows.set_index(["method", "data", "quantity"])["value"]


def test_group_time_is_that_of_did(mpdta: PanelRows, expected: pd.Series) -> None:
    """R's did, its README: no covariates, never treated, varying base."""
    wide = widened(mpdta)
    cells = group_time(wide, controls="never", base="varying")
    att = {(int(g), int(t)): effect for g, t, effect in
           zip(cells.cohort, cells.year, cells.att, strict=True)}  # fmt: skip
    own = expected["callaway_santanna"]["mpdta.csv"].astype(float)
    for year in range(2004, 2008):
        assert att[2004, year] == pytest.approx(own[f"att_2004_{year}"], abs=PRINTED_4)
    dynamic = aggregate(wide, cells, overall="times")
    assert dynamic.overall == pytest.approx(own["overall_dynamic"], abs=PRINTED_4)
    assert by_cohort(wide, cells).overall == pytest.approx(own["overall_group"], abs=5e-4)
    assert no_effect_before(cells)[2] == pytest.approx(own["pretest_p"], abs=1e-5)


@pytest.mark.parametrize(("x", "errors"), [(("x1",), True), ((), False)])
def test_sun_abraham_is_that_of_fixest(
    x: tuple[str, ...], errors: bool, reference: Path, expected: pd.Series
) -> None:
    data = pd.read_csv(reference / "fixest_base_stagg.csv")
    found = sun_abraham(rows_of(data, "y", "id", "year", "year_treated", x))
    own = expected["sun_abraham"]["fixest_base_stagg.csv"].astype(float)
    if not errors:
        assert found.overall == pytest.approx(own["att"].iloc[1], abs=5e-6)
        return
    assert found.overall == pytest.approx(own["att"].iloc[0], abs=PRINTED_6)
    at = dict(zip(found.times, zip(found.estimates, found.std_errors, strict=True), strict=True))
    for k, name, error in ((0, "event_0", 0.221068020), (8, "event_8", 0.297557205),
                           (-9, "event_m9", 0.359073227)):  # fmt: skip
        assert at[k][0] == pytest.approx(own[name], abs=SOLVERS)
        assert at[k][1] == pytest.approx(error, abs=SOLVERS)


def test_imputation_is_that_of_didimputation(mpdta: PanelRows, reference: Path) -> None:
    found = imputation(mpdta)
    assert found.overall == pytest.approx(-0.04770992, abs=5e-9)
    assert found.overall_error == pytest.approx(0.01322249, abs=5e-9)
    data = pd.read_csv(reference / "didimputation_df_het.csv.gz")
    found = imputation(rows_of(data, "dep_var", "unit", "year", "g"))
    assert found.overall == pytest.approx(2.262952, abs=PRINTED_6)
    assert found.overall_error == pytest.approx(0.03139684, abs=5e-9)


def test_local_projections_are_those_of_three_programs(mpdta: PanelRows) -> None:
    """diff-diff 3.13.0, pyfixest 0.60.0 and StatsPAI 1.40.2 agree on these."""
    found = local_projections(widened(mpdta), window=(-3, 2))
    after = found.times >= 0
    assert found.estimates[after] == pytest.approx([-0.017570, -0.054265, -0.136274], abs=PRINTED_6)
    assert found.std_errors[after] == pytest.approx([0.011398, 0.017020, 0.035488], rel=CONVENTION)


def test_stacked_is_that_of_diff_diff(mpdta: PanelRows) -> None:
    """diff-diff 3.13.0 with the corrective weights, window of one year to each side."""
    assert stacked(widened(mpdta), (-1, 1)).overall == pytest.approx(-0.031555, abs=PRINTED_6)


def test_two_way_is_that_of_fixest(mpdta: PanelRows) -> None:
    found = two_way(mpdta, window=(-3, 3))
    assert found.overall == pytest.approx(-0.036548937, abs=SOLVERS)
    assert found.overall_error == pytest.approx(0.013265155, abs=SOLVERS)


def test_decomposition_is_that_of_bacondecomp(reference: Path) -> None:
    """All pairs of castle laws, and their weighted mean is the two-way coefficient."""
    data = pd.read_csv(reference / "castle.csv")[["state", "year", "l_homicide", "post"]]
    first = data[data.post > 0].groupby("state").year.min()
    data = data.assign(first=data.state.map(first).fillna(0))
    rows = rows_of(data, "l_homicide", "state", "year", "first")
    wide = widened(rows)
    found = {
        (int(part.treated), 99999 if np.isinf(part.control) else int(part.control)): part
        for part in decompose(wide)
    }
    stored = pd.read_csv(reference / "ref_bacon_castle_2x2.csv")
    assert len(found) == len(stored)
    for pair in stored.itertuples():
        own = found[pair.treated, pair.untreated]
        assert own.estimate == pytest.approx(pair.estimate, abs=1e-10)
        assert own.weight == pytest.approx(pair.weight, abs=1e-10)
    policy = (rows.time >= rows.first).astype(float)
    fit = fit_panel(
        rows.y, policy[:, None], rows.unit, rows.time, names=("post",), effects=("unit", "time")
    )
    mean = sum(part.weight * part.estimate for part in found.values())
    assert mean == pytest.approx(float(fit.coefficients[0]), abs=1e-12)


@pytest.mark.parametrize(
    ("adjust", "controls", "x", "att", "error"),
    [
        ("regression", "never", ("lpop",), -0.0419686124215439, 0.011444829768215),
        ("regression", "not_yet", ("lpop", "z"), -0.0422688693888380, 0.011526705901246),
        ("weighting", "never", ("lpop",), -0.0417770821991409, 0.0114997193639813),
        ("weighting", "not_yet", ("lpop", "z"), -0.0423823349482924, 0.0115618638335556),
    ],
)
def test_covariates_by_regression_and_weighting_are_those_of_diff_diff(
    adjust, controls, x, att, error, controlled
) -> None:
    """CallawaySantAnna(control_group, estimation_method="reg"/"ipw", pscore_trim=1e-9).fit of diff-diff 3.13.0."""
    wide = widened(controlled(x))
    cells = group_time(wide, controls=controls, base="varying", covariates=True, adjust=adjust)
    found = aggregate(wide, cells)
    assert found.overall == pytest.approx(att, abs=SOLVERS)
    assert found.overall_error == pytest.approx(error, abs=SOLVERS)


@pytest.mark.parametrize(
    ("controls", "att", "errors"),
    [
        (
            "never",
            [-0.014529668305, -0.076421881735, -0.140448336810, -0.106903898111, -0.000472146088],
            [0.022129157238, 0.028671314156, 0.035378154710, 0.032886493003, 0.022223437037],
        ),
        (
            "not_yet",
            [-0.021183053479, -0.081603185856, -0.138191822608, -0.106903898111, -0.007455236112],
            [0.021648207715, 0.028341541086, 0.034228037221, 0.032886493003, 0.021835715405],
        ),
    ],
)
def test_doubly_robust_is_that_of_csdid(controls, att, errors, controlled) -> None:
    """csdid 0.4.3 (Python's port of did, by its authors): xformla lemp~lpop, est_method "dr", varying base.

    The first five ATT(g, t). diff-diff 3.13.0 differs from both by up to 5e-7 in these.
    """
    wide = widened(controlled(("lpop",)))
    cells = group_time(
        wide, controls=controls, base="varying", covariates=True, adjust="doubly_robust"
    )
    own = np.sqrt((cells.influence**2).sum(axis=0)) / len(wide.y)
    assert cells.att[:5] == pytest.approx(att, abs=SOLVERS)
    assert own[:5] == pytest.approx(errors, abs=SOLVERS)


@pytest.mark.parametrize(
    ("x", "overall", "error", "errors"),
    [
        ((), -0.0477099183, 0.0134784088, [0.0136430663, 0.0189638375, 0.0353419722, 0.0337658534]),
        (("z",), -0.0485532761, 0.0133813955, [0.0136145514, 0.0187130760, 0.0350533723, 0.0334276319]),
    ],
)  # fmt: skip
def test_two_stage_is_that_of_diff_diff(x, overall, error, errors, controlled) -> None:
    """TwoStageDiD(vcov_type="hc1").fit(..., aggregate="event_study") of diff-diff 3.13.0: the GMM errors."""
    found = two_stage(controlled(x))
    assert found.overall == pytest.approx(overall, abs=SOLVERS)
    assert found.overall_error == pytest.approx(error, abs=SOLVERS)
    assert found.std_errors == pytest.approx(errors, abs=SOLVERS)


def test_extended_two_way_is_that_of_etwfe(controlled) -> None:
    """Known values of etwfe's own tests (inst/tinytest/test_emfx.R): lemp ~ lpop, clustered by county."""
    found = extended_two_way(controlled(("lpop",)))
    assert found.overall == pytest.approx(-0.0506270331228907, abs=SOLVERS)
    assert found.estimates == pytest.approx(
        [-0.0332122037837542, -0.0573456479257483, -0.137870386660852, -0.10953945536511],
        abs=SOLVERS,
    )
    known = [0.0124972546529842, 0.0133659635774059, 0.0171496442892364, 0.0307883597041053,
             0.0323152785480507]  # fmt: skip
    ratios = np.array([found.overall_error, *found.std_errors]) / known
    assert ratios == pytest.approx(np.full(5, np.sqrt(1 - SEVEN_PARAMETERS)), abs=DERIVATIVES)


@pytest.mark.parametrize(
    ("x", "average", "estimates", "errors"),
    [
        (
            (),
            (-0.035258, 0.011337),
            [-0.003769, 0.024269, -0.018922, -0.053589, -0.136274],
            [0.031703, 0.014487, 0.012068, 0.017040, 0.036226],
        ),
        (
            ("z",),
            (-0.035811, 0.011191),
            [-0.003179, 0.024348, -0.019231, -0.054671, -0.137567],
            [0.031704, 0.014505, 0.011987, 0.016857, 0.035921],
        ),
    ],
)
def test_switchers_are_those_of_did_multiplegt_dyn(
    x, average, estimates, errors, controlled
) -> None:
    """The authors' port, py-did-multiplegt-dyn 0.1.9: effects=3, placebo=2, with and without controls=["z"]."""
    found = switchers(widened(controlled(x)), window=(-3, 2))
    assert found.times.tolist() == [-3, -2, 0, 1, 2]
    assert (found.overall, found.overall_error) == pytest.approx(average, abs=2 * PRINTED_6)
    assert found.estimates == pytest.approx(estimates, abs=2 * PRINTED_6)
    assert found.std_errors == pytest.approx(errors, abs=2 * PRINTED_6)
