"""Estimators for staggered adoption against brute force, a known truth and each other; bad input is named."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.methods.staggered.numbers.bacon import LATER, decompose
from analysis.methods.staggered.numbers.effects import PanelRows, StaggeredEffects, widened
from analysis.methods.staggered.numbers.extended_two_way import extended_two_way
from analysis.methods.staggered.numbers.group_time import aggregate, group_time
from analysis.methods.staggered.numbers.imputation import imputation
from analysis.methods.staggered.numbers.local_projections import local_projections
from analysis.methods.staggered.numbers.stacked import stacked
from analysis.methods.staggered.numbers.sun_abraham import sun_abraham
from analysis.methods.staggered.numbers.switchers import switchers
from analysis.methods.staggered.numbers.two_stage import two_stage
from analysis.methods.staggered.numbers.two_way import two_way
from analysis.regression.panel import PanelRegressionError

SOLVERS = 1e-9
"""Two exact algorithms on data of order one."""

WINDOW = (-4, 6)


def panel(
    seed: int = 0,
    cohorts: tuple[float, ...] = (2012, 2014, 2016, np.inf),
    per_cohort: int = 12,
    growth: float = 0.3,
    noise: float = 0.5,
    beta: float = 0.4,
) -> PanelRows:
    """Years 2009 to 2018; effects 1 + growth a year, twice as large in the first cohort."""
    rng = np.random.default_rng(seed)
    years = np.arange(2009, 2019)
    first = np.repeat(cohorts, per_cohort)
    n = len(first)
    unit, time = np.repeat(np.arange(n), len(years)), np.tile(years, n)
    cohort = first[unit]
    x = rng.normal(size=len(unit))
    y = (
        rng.normal(size=n)[unit]
        + 0.2 * (time - 2009)
        + beta * x
        + noise * rng.normal(size=len(unit))
    )
    y = y + true_effect(time, cohort, growth, min(cohorts))
    return PanelRows(
        y, unit, time, np.where(np.isinf(cohort), np.nan, cohort), unit, x[:, None], ("x",)
    )


def true_effect(time: np.ndarray, cohort: np.ndarray, growth: float, earliest: float) -> np.ndarray:
    since = time - cohort
    size = np.where(cohort == earliest, 2.0, 1.0)
    return np.where(since >= 0, size * (1 + growth * np.where(np.isfinite(since), since, 0)), 0.0)


def untreated(rows: PanelRows) -> PanelRows:
    return replace(rows, y=rows.y - true_effect(rows.time, rows.first, 0.3, rows.first.min()))


def all_of(rows: PanelRows) -> dict[str, StaggeredEffects]:
    wide = widened(rows)
    return {
        "group_time": aggregate(wide, group_time(wide, covariates=bool(rows.names))),
        "sun_abraham": sun_abraham(rows),
        "imputation": imputation(rows),
        "local_projections": local_projections(wide, window=WINDOW),
        "stacked": stacked(wide, (-2, 2), covariates=bool(rows.names)),
        "two_stage": two_stage(rows),
        "extended_two_way": extended_two_way(rows),
        "switchers": switchers(wide, window=WINDOW),
    }


EVERY_TREATED_ROW = ("group_time", "sun_abraham", "imputation", "two_stage", "extended_two_way")
"""Estimators whose overall effect is the mean over treated rows; event times are means by units for all five."""


def test_without_noise_all_but_two_way_effects_are_the_truth() -> None:
    """A teacher's example: effects that differ and grow. Two-way effects are off by a third of the truth."""
    rows = panel(noise=0.0, beta=0.0)
    bare = rows.where(np.ones(len(rows.y), dtype=bool), controls=False)
    truth = true_effect(rows.time, rows.first, 0.3, 2012)
    treated = rows.time >= rows.first
    mean = truth[treated].mean()
    since = np.where(treated, rows.time - np.where(treated, rows.first, 0), -1).astype(int)
    for name, found in all_of(bare).items():
        for k, effect in zip(found.times, found.estimates, strict=True):
            own = truth[treated & (since == k)].mean() if k >= 0 else 0.0
            if name in (*EVERY_TREATED_ROW, "switchers"):
                assert effect == pytest.approx(own, abs=SOLVERS), (name, k)
        if name in EVERY_TREATED_ROW:
            assert found.overall == pytest.approx(mean, abs=SOLVERS), name
    assert abs(two_way(bare, window=WINDOW).overall - mean) > 0.3 * mean


def test_decomposition_shows_why() -> None:
    rows = panel(noise=0.0, beta=0.0)
    parts = decompose(widened(rows))
    assert sum(part.weight for part in parts) == pytest.approx(1)
    whole = two_way(rows.where(np.ones(len(rows.y), bool), controls=False), window=WINDOW).overall
    assert sum(part.weight * part.estimate for part in parts) == pytest.approx(whole, abs=SOLVERS)
    forbidden = [part.estimate for part in parts if part.kind == LATER]
    assert min(forbidden) < 0  # effects are positive everywhere


def test_imputation_is_that_of_dummies_written_out() -> None:
    rows = panel(seed=3)
    keep = np.random.default_rng(1).random(len(rows.y)) > 0.07  # an unbalanced panel
    rows = rows.where(keep)
    found = imputation(rows)
    treated = rows.time >= rows.first
    units, years = np.unique(rows.unit), np.unique(rows.time)
    design = np.column_stack(
        [rows.unit[:, None] == units, rows.time[:, None] == years[1:], rows.x]
    ).astype(float)
    slopes = np.linalg.lstsq(design[~treated], rows.y[~treated], rcond=None)[0]
    effects = (rows.y - design @ slopes)[treated]
    assert found.overall == pytest.approx(effects.mean(), abs=SOLVERS)
    # The error: v of the paper, by its definition.
    weights = np.where(treated, 1 / treated.sum(), 0.0)
    v = weights.copy()
    inverse = np.linalg.pinv(design[~treated].T @ design[~treated])
    v[~treated] = -design[~treated] @ inverse @ (design[treated].T @ weights[treated])
    residual = rows.y - design @ slopes
    for g in np.unique(rows.first[treated]):
        for t in years[years >= g]:
            cell = (rows.first == g) & (rows.time == t)
            square = v[cell] ** 2
            residual[cell] -= (square * residual[cell]).sum() / square.sum()
    by_unit = np.array([(v * residual)[rows.unit == u].sum() for u in units])
    assert found.overall_error == pytest.approx(np.sqrt((by_unit**2).sum()), abs=SOLVERS)


@pytest.mark.parametrize("cohort_slopes", [True, False])
def test_extended_two_way_is_that_of_the_regression_written_out(cohort_slopes: bool) -> None:
    """All dummies of cities, years and cells, and of controls by year, cohort and cell, by plain least squares."""
    rows = panel(seed=4, per_cohort=8)
    first, x = rows.first, rows.x[:, 0]
    treated = rows.time >= first
    cells = sorted({(g, t) for g, t in zip(first[treated], rows.time[treated], strict=True)})
    inside = [(first == g) & (rows.time == t) for g, t in cells]
    groups = np.unique(first[np.isfinite(first)]) if cohort_slopes else []
    design = np.column_stack(
        [
            *inside,
            *(x * (rows.time == t) for t in np.unique(rows.time)),
            *(x * (first == g) for g in groups),
            *(np.where(cell, x - x[cell].mean(), 0.0) for cell in inside),
            *(rows.unit == u for u in np.unique(rows.unit)),
            *(rows.time == t for t in np.unique(rows.time)[1:]),
        ]
    ).astype(float)
    slopes = np.linalg.lstsq(design, rows.y, rcond=None)[0][: len(cells)]
    sizes = np.array([cell.sum() for cell in inside])
    found = extended_two_way(rows, cohort_slopes=cohort_slopes)
    assert found.overall == pytest.approx(slopes @ sizes / sizes.sum(), abs=SOLVERS)


def test_group_time_uses_units_that_have_both_years() -> None:
    """The rule for an unbalanced panel, by a plain loop."""
    rows = panel(seed=5)
    rows = rows.where(np.random.default_rng(2).random(len(rows.y)) > 0.1, controls=False)
    cells = group_time(widened(rows), controls="not_yet")
    table = {(u, t): y for u, t, y in zip(rows.unit, rows.time, rows.y, strict=True)}
    start = {u: rows.time[rows.unit == u].min() for u in np.unique(rows.unit)}
    first = {
        u: rows.first[rows.unit == u][0] for u in start if rows.first[rows.unit == u][0] > start[u]
    }
    for g, t, att in zip(cells.cohort, cells.year, cells.att, strict=True):
        base = int(g) - 1
        change = {
            u: table[u, t] - table[u, base] for u in first if (u, t) in table and (u, base) in table
        }
        own = [change[u] for u in change if first[u] == g]
        others = [change[u] for u in change if first[u] > max(t, base) and first[u] != g]
        assert att == pytest.approx(np.mean(own) - np.mean(others), abs=SOLVERS)


def test_errors_are_those_of_resampled_units() -> None:
    """The spread over draws of units, as a bootstrap has it; no effect, so that shares of cohorts don't matter."""
    rows = untreated(panel(seed=7, per_cohort=25)).where(np.ones(1000, dtype=bool), controls=False)
    found = all_of(rows)
    rng = np.random.default_rng(0)
    units = np.unique(rows.unit)
    at = {u: np.flatnonzero(rows.unit == u) for u in units}
    draws: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(60):
        picked = [at[u] for u in rng.choice(units, len(units))]
        order = np.concatenate(picked)
        drawn = np.repeat(np.arange(len(picked)), [len(part) for part in picked])
        own = PanelRows(
            rows.y[order], drawn, rows.time[order], rows.cohort[order], drawn, rows.x[order]
        )
        for name, each in all_of(own).items():
            draws[name].append(each.overall)
    for name, each in found.items():
        ratio = each.overall_error / np.std(draws[name], ddof=1)
        # 60 draws give a spread to 9 %; the imputation's error is conservative.
        assert 0.7 < ratio < 1.5, (name, ratio)


@given(
    scale=st.sampled_from([1e-6, 1.0, 1e6]),
    shift=st.floats(-100, 100),
    seed=st.integers(0, 50),
)
def test_units_of_measurement_and_names_change_nothing(
    scale: float, shift: float, seed: int
) -> None:
    rows = panel(seed=seed, per_cohort=5)
    order = np.random.default_rng(seed).permutation(len(rows.y))
    label = np.random.default_rng(seed + 1).permutation(1000)
    moved = PanelRows(
        (scale * rows.y + shift)[order],
        label[rows.unit][order],
        rows.time[order],
        rows.cohort[order],
        label[rows.unit][order],
        (rows.x * 1e4 + 7)[order],
        rows.names,
    )
    other = all_of(moved)
    for name, found in all_of(rows).items():
        assert other[name].overall == pytest.approx(scale * found.overall, rel=1e-6), name
        assert other[name].overall_error == pytest.approx(scale * found.overall_error, rel=1e-6)


def test_always_treated_units_are_left_out_and_counted() -> None:
    rows = panel(cohorts=(2005, 2012, 2014, np.inf))
    wide = widened(rows)
    assert wide.always == 12
    for name, found in all_of(rows).items():
        assert found.n_treated == 24, name
        assert found.left_out, name


def test_without_never_treated_the_last_cohort_is_compared_with() -> None:
    rows = panel(cohorts=(2012, 2014, 2016), noise=0.0, beta=0.0)
    rows = rows.where(np.ones(len(rows.y), dtype=bool), controls=False)
    found = sun_abraham(rows)
    assert "when the last cohort begins" in found.left_out[0]
    at = dict(zip(found.times, found.estimates, strict=True))
    assert at[0] == pytest.approx(1.5)  # the mean of 2 and 1
    with pytest.raises(PanelRegressionError, match="no cohort has a year"):
        group_time(widened(rows), controls="never")
    assert group_time(widened(rows), controls="not_yet").att.size


def test_a_cohort_of_one_city_is_estimated() -> None:
    rows = panel()
    alone = np.where(rows.unit == 0, 2013.0, rows.cohort)
    moved = PanelRows(rows.y, rows.unit, rows.time, alone, rows.cluster, rows.x, rows.names)
    for name, found in all_of(moved).items():
        assert np.isfinite(found.overall_error), name


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: {"cohort": np.full(len(rows.y), np.nan)}, "no unit is seen"),
        (lambda rows: {"cohort": np.full(len(rows.y), 2000.0)}, "no unit is seen"),
        (lambda rows: {"time": np.full(len(rows.y), 2012)}, "two rows of one year"),
        (lambda rows: {"cohort": rows.time.astype(float)}, "first treated years"),
        (lambda rows: {"cluster": rows.time}, "clusters"),
    ],
    ids=["none treated", "all before the panel", "one period", "two cohorts", "two clusters"],
)
def test_what_is_no_panel_of_cohorts_is_refused(change, said) -> None:
    with pytest.raises(PanelRegressionError, match=said):
        widened(replace(panel(), **change(panel())))


def test_all_treated_at_once_cannot_be_told() -> None:
    rows = panel(cohorts=(2014,))
    with pytest.raises(PanelRegressionError):
        group_time(widened(rows))
    with pytest.raises(PanelRegressionError, match="nothing can be imputed"):
        imputation(rows)
    with pytest.raises(PanelRegressionError):
        sun_abraham(rows)
    with pytest.raises(PanelRegressionError):
        local_projections(widened(rows), window=WINDOW)


def test_an_unbalanced_panel_is_not_decomposed() -> None:
    rows = panel()
    with pytest.raises(PanelRegressionError, match="1 units lack a year"):
        decompose(widened(rows.where(np.arange(len(rows.y)) != 5)))


@pytest.mark.verify
@pytest.mark.parametrize(
    "name",
    [*EVERY_TREATED_ROW, "local_projections", "stacked", "switchers"],
)
def test_intervals_cover_the_truth(name: str) -> None:
    """500 samples without effect: 95 % intervals cover 0; simulation error is 1 % (three of them allowed)."""
    covered = 0
    for seed in range(500):
        rows = untreated(panel(seed=seed, per_cohort=20, noise=1.0))
        found = all_of(rows)[name]
        covered += abs(found.overall) <= 1.96 * found.overall_error
    assert 0.95 - 0.04 <= covered / 500 <= 0.98
