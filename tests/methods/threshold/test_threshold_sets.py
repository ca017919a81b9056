"""Confidence sets of thresholds: robust ones against draws that are regressions, ends that trimming
cuts, clusters that are wider than units."""

import numpy as np
import pytest
from threshold_helpers import demeaned, panel_of, regime_columns, residual_of, simulate, ssr_at

from analysis.methods.threshold.numbers import (
    Grid,
    bootstrap_tests,
    estimate_slopes,
    linearity_test,
    prepare_panel,
    robust_sets,
    search_thresholds,
)
from analysis.regression import fit_panel

SAME = 1e-7  # LR divides a difference of sums of squares
GRID = Grid("quantile", 18, 0.1, min_active=2)


def drawn_lr(panel, search, given, at, n_draws, seed, stage):
    """LR of the candidate `at` in draws that have it for their truth, one regression per candidate."""
    y = demeaned(panel, panel.y)[:, 0]
    thresholds = sorted([*given, at])
    e, fitted = residual_of(panel, y, regime_columns(panel, thresholds))
    unit = (
        panel.cluster_code if panel.within.kept is None else panel.cluster_code[panel.within.kept]
    )
    rng = np.random.default_rng([seed, stage])
    candidates = search.grid
    found = []
    for _ in range(n_draws):
        signs = 2.0 * rng.integers(0, 2, size=panel.n_clusters) - 1.0
        drawn = fitted + e * signs[unit]
        ssr = np.array([ssr_at(panel, sorted([*given, c]), drawn) for c in candidates])
        own = ssr[list(candidates).index(at)]
        found.append((own - ssr.min()) / (ssr.min() / panel.scale_dof))
    return np.array(found)


@pytest.mark.parametrize("convention", ["hansen", "xthreg"])
@pytest.mark.parametrize("unbalanced", [False, True])
def test_critical_values_are_those_of_regressions(convention, unbalanced):
    data = simulate(
        14, 6, seed=3, thresholds=(-0.5, 0.6), slopes=(0, 1.5, 0), unbalanced=unbalanced
    )
    panel = panel_of(data, convention=convention)
    search = search_thresholds(panel, 2, GRID)
    model = search.models[1]
    n_draws = 39
    for robust, hansen, stage in zip(
        robust_sets(search, 2, n_draws, seed=4), model.intervals, model.found_at, strict=True
    ):
        np.testing.assert_array_equal(robust.grid, hansen.grid)
        np.testing.assert_allclose(robust.lr, hansen.lr, rtol=SAME, atol=1e-9)
        for position, critical in list(zip(robust.tested, robust.critical, strict=True))[::7]:
            lr = drawn_lr(panel, hansen, robust.given, robust.grid[position], n_draws, 4, stage)
            assert critical == pytest.approx(np.sort(lr)[37], rel=1e-6, abs=1e-9)
        stays = robust.lr[robust.tested] <= robust.critical
        np.testing.assert_array_equal(robust.inside[robust.tested], stays)
        assert robust.ends.lower <= robust.threshold <= robust.ends.upper


def test_candidates_between_two_tested_stay_with_either():
    panel = panel_of(simulate(60, 8, seed=1, slopes=(0, 0.5)), convention="xthreg")
    robust = robust_sets(search_thresholds(panel, 1, Grid("all", trim=0.1)), 1, 39)[0]
    assert len(robust.tested) < len(robust.grid)
    assert robust.tested[0] == 0 and robust.tested[-1] == len(robust.grid) - 1
    tested = dict(zip(robust.tested, robust.inside[robust.tested], strict=True))
    for k in set(range(len(robust.grid))) - set(tested):
        below = max(t for t in tested if t < k)
        above = min(t for t in tested if t > k)
        assert robust.inside[k] == (tested[below] or tested[above])


def test_a_level_needs_draws():
    search = search_thresholds(panel_of(simulate(20, 6)), 1, GRID)
    with pytest.raises(ValueError, match=r"n_draws: 19 can't tell a critical value at level 0\.99"):
        robust_sets(search, 1, 19, level=0.99)


@pytest.mark.parametrize("rule", ["all", "quantile", "hansen", "xthreg"])
def test_a_set_that_trimming_cuts_says_so_and_is_no_interval(rule):
    """Without a change of slope the set reaches the ends of the candidates; with a strong one not."""
    nothing = panel_of(simulate(40, 8, seed=2, slopes=(1, 1), thresholds=(0,)), convention="xthreg")
    strong = panel_of(simulate(40, 8, seed=2, slopes=(0, 4), thresholds=(0,)), convention="xthreg")
    grid = Grid(rule, 60, 0.1, min_active=2)
    open_set, closed = (
        search_thresholds(panel, 1, grid).models[0].intervals[0] for panel in (nothing, strong)
    )
    assert open_set.ends.lower_cut and open_set.ends.upper_cut
    assert open_set.lower == open_set.grid[0] and open_set.upper == open_set.grid[-1]
    assert not open_set.is_interval
    assert not closed.ends.lower_cut and not closed.ends.upper_cut
    assert closed.is_interval == (np.ptp(np.flatnonzero(closed.inside)) + 1 == closed.inside.sum())


@pytest.mark.parametrize("seed", range(6))
def test_a_set_is_cut_where_trimming_takes_the_next_value(seed):
    """At the ends of the data and around the other threshold: told anew from all values of q."""
    data = simulate(30, 8, seed=seed, slopes=(0, 1.5, 2.0), thresholds=(0.0, 0.5))
    panel = panel_of(data, convention="xthreg")
    model = search_thresholds(panel, 2, Grid("all", trim=0.1, min_active=2)).models[1]
    rows = np.searchsorted(np.sort(panel.q), panel.values, side="right")
    for j, found in enumerate(model.intervals):
        other = np.searchsorted(panel.values, model.thresholds[1 - j])
        least = 0.1 * panel.n_obs - 1e-9
        left = (rows >= least) & (panel.n_obs - rows >= least)
        left &= np.abs(rows - rows[other]) >= least
        left |= panel.values == found.threshold
        np.testing.assert_array_equal(found.grid, panel.values[left])
        low, high = np.searchsorted(panel.values, [found.lower, found.upper])
        assert found.ends.lower_cut == (not left[low - 1])
        assert found.ends.upper_cut == (not left[high + 1])
        inside = np.isin(panel.values, found.grid[found.inside])
        whole = inside[low : high + 1].all()
        assert found.is_interval == (whole and left[low - 1] and left[high + 1])


# --- clusters that are wider than units


def provinces(data):
    return data["unit"] // 4


def test_errors_by_province_are_those_of_the_table():
    data = simulate(40, 8, seed=5)
    panel = panel_of(data, convention="xthreg", year_effects=True, cluster=provinces(data))
    assert (panel.n_clusters, panel.n_units, panel.clustered_by_unit) == (10, 40, False)
    slopes = estimate_slopes(panel, ())
    table = fit_panel(
        data["y"], np.column_stack([data["x"], data["z"]]), data["unit"], data["time"],
        effects=("unit", "time"), cluster=provinces(data), names=("x", "z"),
    )  # fmt: skip
    assert slopes.n_clusters == 10
    assert slopes.coefficient[[1, 0]] == pytest.approx(table.coefficients[:2], rel=1e-9)
    # Both count the effects but those nested in clusters; fixest's count has one more.
    n, k = 320, 2 + 7
    ratio = np.sqrt((n - table.df_counted) / (n - k - 1))
    assert slopes.se_cluster[[1, 0]] == pytest.approx(table.std_errors[:2] * ratio, rel=1e-9)


def test_signs_are_drawn_by_province():
    """Draws by plain regressions, with one sign for all cities of a province."""
    data = simulate(24, 6, seed=5)
    panel = panel_of(data, convention="xthreg", cluster=provinces(data))
    search = search_thresholds(panel, 1, GRID)
    (test,) = bootstrap_tests(search, 9, seed=3)
    assert test.resample == "wild"
    y = demeaned(panel, panel.y)[:, 0]
    e, fitted = residual_of(panel, y, panel.x)
    rng = np.random.default_rng([3, 1])
    for f in test.f_draws:
        drawn = fitted + e * (2.0 * rng.integers(0, 2, size=6) - 1.0)[panel.cluster_code]
        null = ssr_at(panel, [], drawn)
        least = min(ssr_at(panel, [c], drawn) for c in search.models[0].intervals[0].grid)
        assert f == pytest.approx((null - least) / (least / panel.scale_dof), rel=SAME)
    robust_sets(search, 1, 39)
    assert np.isfinite(linearity_test(panel).lm_cluster)


def test_what_clusters_can_not_carry_is_refused():
    data = simulate(24, 6, seed=5)
    search = search_thresholds(panel_of(data, cluster=provinces(data)), 1, GRID)
    with pytest.raises(ValueError, match="clustered more widely; use resample='wild'"):
        bootstrap_tests(search, 9, resample="unit")
    with pytest.raises(ValueError, match="cluster: must not change within a unit"):
        panel_of(data, cluster=data["time"])
    with pytest.raises(ValueError, match="one cluster only"):
        panel_of(data, cluster=np.zeros(len(data["y"])))
    few = prepare_panel(
        data["y"], data["x"], data["q"], data["unit"], data["time"], cluster=data["unit"] // 12
    )
    assert np.isnan(linearity_test(few).lm_cluster)  # two clusters can't tell three terms apart
