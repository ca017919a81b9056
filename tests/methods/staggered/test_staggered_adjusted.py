"""Covariates by weighting and doubly robust, anticipation, aggregates and the multiplier bootstrap, on arrays."""

import numpy as np
import pytest
from test_staggered_numbers import panel

from analysis.methods.staggered.numbers.changes import change_gap
from analysis.methods.staggered.numbers.effects import PanelRows, Wide, widened
from analysis.methods.staggered.numbers.group_time import aggregate, by_year, group_time
from analysis.methods.staggered.numbers.imputation import imputation
from analysis.methods.staggered.numbers.multiplier import multiplier_bootstrap
from analysis.methods.staggered.numbers.sun_abraham import sun_abraham
from analysis.methods.staggered.numbers.two_stage import two_stage

SOLVERS = 1e-9


def two_years(n: int = 400, seed: int = 0, outcome_bends: bool = False) -> Wide:
    """Treatment more likely where x is large, and x moves the change; the true effect is 1."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    mine = rng.random(n) < 1 / (1 + np.exp(-x))
    trend = np.exp(x) if outcome_bends else 2 * x
    first = rng.normal(size=n)
    y = np.column_stack([first, first + trend + mine + 0.1 * rng.normal(size=n)])
    unit, time = np.repeat(np.arange(n), 2), np.tile([0, 1], n)
    cohort = np.where(mine, 1.0, np.nan)[unit]
    return widened(PanelRows(y.ravel(), unit, time, cohort, unit, x[unit][:, None], ("x",)))


@pytest.mark.parametrize(
    ("adjust", "bends", "right"),
    [
        ("regression", False, True), ("regression", True, False), ("weighting", True, True),
        ("doubly_robust", False, True), ("doubly_robust", True, True),
    ],
)  # fmt: skip
def test_doubly_robust_is_right_where_either_model_is(adjust, bends, right) -> None:
    wide = two_years(n=20_000, outcome_bends=bends)
    mine = np.isfinite(wide.cohort)
    gap = change_gap(wide, mine, ~mine, 1, 0, covariates=True, adjust=adjust)
    assert gap is not None
    # Four standard errors of 20,000 units with a bent trend; the wrong model is off by a multiple of them.
    error = np.sqrt((gap.influence**2).sum()) / len(gap.influence)
    assert (abs(gap.att - 1) < 4 * error) == right


@pytest.mark.parametrize("adjust", ["regression", "weighting", "doubly_robust"])
def test_influence_is_what_leaving_a_unit_out_changes(adjust) -> None:
    wide = two_years(n=120)
    mine = np.isfinite(wide.cohort)
    whole = change_gap(wide, mine, ~mine, 1, 0, covariates=True, adjust=adjust)
    assert whole is not None
    n = len(mine)
    moved = []
    for i in range(n):
        others = np.arange(n) != i
        gap = change_gap(wide, mine & others, ~mine & others, 1, 0, covariates=True, adjust=adjust)
        assert gap is not None
        moved.append((n - 1) * (whole.att - gap.att))
    assert np.corrcoef(moved, whole.influence)[0, 1] > 0.98
    # The jackknife's spread exceeds that of influence by terms of 1 / n.
    assert np.std(moved) == pytest.approx(np.std(whole.influence), rel=0.15)


def test_without_overlap_there_is_no_weighting() -> None:
    wide = two_years()
    mine = np.isfinite(wide.cohort)
    split = Wide(
        wide.years, wide.units, wide.cohort, wide.cluster, wide.y,
        np.where(mine, 5.0, -5.0)[:, None, None] + 0.1 * wide.x, wide.always,
    )  # fmt: skip
    assert change_gap(split, mine, ~mine, 1, 0, covariates=True, adjust="weighting") is None
    assert change_gap(split, mine, ~mine, 1, 0, covariates=True) is not None


def test_anticipation_moves_the_base_year() -> None:
    rows = panel(noise=0.0, beta=0.0)
    early = 0.7 * (rows.time == rows.first - 1)
    moved = PanelRows(
        rows.y + early, rows.unit, rows.time, rows.cohort, rows.cluster, rows.x[:, :0]
    )
    wide = widened(moved)
    found = aggregate(wide, group_time(wide, anticipation=1))
    plain = widened(
        PanelRows(rows.y, rows.unit, rows.time, rows.cohort, rows.cluster, rows.x[:, :0])
    )
    truth = aggregate(plain, group_time(plain))
    at = dict(zip(found.times.tolist(), found.estimates, strict=True))
    assert at[-1] == pytest.approx(0.7, abs=SOLVERS)
    assert found.overall == pytest.approx(truth.overall, abs=SOLVERS)
    assert abs(aggregate(wide, group_time(wide)).overall - truth.overall) > 0.5
    for estimator in (imputation, sun_abraham, two_stage):
        each = estimator(moved, anticipation=1)
        at = dict(zip(each.times.tolist(), each.estimates, strict=True))
        assert at[-1] == pytest.approx(0.7, abs=SOLVERS)
        assert each.overall == pytest.approx(truth.overall, abs=SOLVERS)
        assert each.n_treated == truth.n_treated
        assert abs(estimator(moved).overall - truth.overall) > 0.1


def test_years_are_means_of_the_cohorts_treated_by_then() -> None:
    rows = panel(seed=2)
    wide = widened(rows)
    cells = group_time(wide)
    found = by_year(wide, cells)
    sizes = {g: int((wide.cohort == g).sum()) for g in wide.cohorts}
    for year, effect in zip(found.times, found.estimates, strict=True):
        own = [(sizes[g], a) for g, t, a in zip(cells.cohort, cells.year, cells.att, strict=True)
               if t == year and t >= g]  # fmt: skip
        assert effect == pytest.approx(sum(n * a for n, a in own) / sum(n for n, _ in own))
    assert found.overall == pytest.approx(found.estimates.mean())


@pytest.mark.parametrize("multiplier", ["mammen", "rademacher"])
def test_the_bootstrap_has_the_analytic_errors_and_repeats_itself(multiplier) -> None:
    rng = np.random.default_rng(0)
    influence = np.column_stack([rng.normal(size=(300, 3)) @ np.diag([1, 2, 3]), np.zeros(300)])
    options = {"draws": 4000, "level": 0.95, "seed": 5, "multiplier": multiplier}
    found = multiplier_bootstrap(influence, 2.0, **options)
    analytic = np.sqrt((influence**2).sum(axis=0) * 2.0)
    # 4,000 draws tell a distance of quartiles to 2 %.
    assert found.errors[:3] == pytest.approx(analytic[:3], rel=0.07)
    assert np.isnan(found.errors[3])
    # Three independent effects: Sidak's 2.388.
    assert found.critical == pytest.approx(2.388, abs=0.1)
    assert multiplier_bootstrap(influence, 2.0, **options).critical == found.critical
    assert multiplier_bootstrap(influence * 1e-9, 2.0, **options).critical == pytest.approx(
        found.critical
    )
