"""Estimators for staggered adoption against stored results of other programs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.methods.staggered.numbers.bacon import decompose
from analysis.methods.staggered.numbers.effects import PanelRows, widened
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
from analysis.methods.staggered.numbers.two_way import two_way
from analysis.regression.panel import fit_panel

PRINTED_4 = 5e-5
"""Four decimals are printed."""
PRINTED_6 = 5e-7
"""Six decimals are printed."""
SOLVERS = 1e-8
"""Two exact algorithms; the reference is printed with nine digits."""
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
