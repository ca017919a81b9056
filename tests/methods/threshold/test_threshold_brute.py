"""Fast sums of squares, searches and bootstrap draws against plain regressions in a loop."""

import itertools

import numpy as np
import pytest
from threshold_helpers import (
    demeaned,
    panel_of,
    regime_columns,
    residual_of,
    simulate,
    ssr_at,
)

from analysis.methods.threshold.numbers import (
    Grid,
    bootstrap_tests,
    prepare_panel,
    search_thresholds,
)
from analysis.methods.threshold.numbers.bootstrap import _residual
from analysis.methods.threshold.numbers.search import Searcher

SAME = 1e-9  # relative; both sides are exact up to rounding of some thousand sums
GRID = Grid("quantile", 40, 0.08, min_active=3)

CASES = {
    "hansen": ({}, {"convention": "hansen"}),
    "xthreg": ({}, {"convention": "xthreg"}),
    "years": ({}, {"convention": "xthreg", "year_effects": True}),
    "years dropped": ({}, {"convention": "hansen", "year_effects": True}),
    "unbalanced": ({"unbalanced": True}, {"convention": "xthreg", "year_effects": True}),
    "unbalanced dropped": ({"unbalanced": True}, {"convention": "hansen"}),
    "treatment": ({"treatment": True}, {"convention": "xthreg", "year_effects": True}),
    "intercept": ({}, {"convention": "xthreg", "regime_intercept": True}),
    "intercept dropped": ({"unbalanced": True}, {"convention": "hansen", "regime_intercept": True}),
}


@pytest.fixture(params=CASES, ids=list(CASES))
def panel(request):
    data, options = CASES[request.param]
    return panel_of(simulate(seed=4, n_units=24, n_times=7, **data), **options)


def places(searcher, thresholds):
    values = searcher.panel.values[searcher.among]
    return [int(np.flatnonzero(values == t)[0]) for t in thresholds]


def test_profiles_are_regressions(panel):
    searcher = Searcher(panel, GRID)
    for fixed in ([], [9], [5, 25]):
        given = searcher.values(fixed)
        ssr_null, ssr = searcher.profile(fixed)
        assert ssr_null == pytest.approx(ssr_at(panel, given), rel=SAME)
        allowed = np.flatnonzero(searcher.allowed(fixed, 1))
        assert len(allowed) > 10
        for place in allowed[::4]:
            want = ssr_at(panel, [*given, *searcher.values([place])])
            assert ssr[place] == pytest.approx(want, rel=SAME)


def test_two_regressors():
    data = simulate(seed=9, n_units=20, n_times=6, n_controls=2)
    data["x"] = np.column_stack([data["x"], data["z"][:, 0] * data["q"]])
    panel = panel_of(data, convention="hansen")
    searcher = Searcher(panel, GRID)
    ssr = searcher.profile([12])[1]
    for place in np.flatnonzero(searcher.allowed([12], 2))[::5]:
        want = ssr_at(panel, searcher.values([12, place]))
        assert ssr[place] == pytest.approx(want, rel=SAME)


@pytest.mark.parametrize("seed", range(4))
def test_pair_found_is_the_best_of_all_pairs(seed):
    """With two clear thresholds the refined search finds the minimum over all pairs."""
    data = simulate(
        18, 6, seed=seed, slopes=(0, 3, -3), thresholds=(-0.6, 0.6), sd=0.5, n_controls=1
    )
    panel = panel_of(data, convention="xthreg")
    grid = Grid("quantile", 30, 0.1, min_active=3)
    model = search_thresholds(panel, 2, grid, refine="cycle").models[1]
    searcher = Searcher(panel, grid)
    alone = searcher.allowed([], 1)
    pairs = {
        pair: ssr_at(panel, pair)
        for a in np.flatnonzero(alone)
        for b in np.flatnonzero(searcher.allowed([int(a)], 2))
        if b > a
        for pair in [searcher.values([int(a), int(b)])]
    }
    assert len(pairs) > 250
    best = min(pairs, key=pairs.__getitem__)
    assert model.thresholds == best
    assert model.ssr == pytest.approx(pairs[best], rel=SAME)


def test_f_and_likelihood_ratio_come_from_the_sums(panel):
    model = search_thresholds(panel, 2, GRID).models[1]
    null, full = (
        ssr_at(panel, model.null_thresholds),
        ssr_at(panel, [*model.null_thresholds, model.new_threshold]),
    )
    assert model.f_statistic == pytest.approx((null - full) / full * panel.scale_dof, rel=1e-8)
    for interval in model.intervals:
        assert interval.lower <= interval.threshold <= interval.upper
        inside = interval.lr <= interval.critical
        assert np.array_equal(inside, interval.inside)
        i = len(interval.grid) // 2
        at, best = (
            ssr_at(panel, [*interval.given, g]) for g in (interval.grid[i], interval.threshold)
        )
        assert interval.lr[i] == pytest.approx((at - best) / best * panel.scale_dof, rel=1e-6)


def brute_draws(search, n_draws, seed, resample, scheme):
    """F of every draw by regressions over all candidates."""
    panel, grid = search.panel, search.grid
    searcher = Searcher(panel, grid, refine=search.refine)
    y = demeaned(panel, panel.y)[:, 0]
    n_units = panel.n_units
    out = []
    for model in search.models:
        new = [model.new_threshold] if resample == "unit" else []
        source = sorted([*model.null_thresholds, *new])
        e, _ = residual_of(panel, y, regime_columns(panel, source))
        _, truth = residual_of(panel, y, regime_columns(panel, model.null_thresholds))
        unit = panel.unit_code if panel.within.kept is None else panel.unit_code[panel.within.kept]
        rng = np.random.default_rng([seed, model.n_thresholds])
        f = []
        for _ in range(n_draws):
            if resample == "unit":
                draw = rng.integers(0, n_units, size=n_units)
                e_b = e.reshape(n_units, -1)[draw].ravel()
            else:
                e_b = (2.0 * rng.integers(0, 2, size=n_units) - 1.0)[unit] * e
            y_b = truth + e_b
            if scheme == "hansen":
                known = places(searcher, model.null_thresholds)
                f.append(best_f(searcher, known, model.n_thresholds, y_b)[1])
            else:
                f.append(sequential_f(searcher, model.n_thresholds, y_b))
        out.append(np.array(f))
    return out


def best_f(searcher, known, stage, y):
    panel, given = searcher.panel, searcher.values(known)
    allowed = np.flatnonzero(searcher.allowed(known, stage))
    ssr = [ssr_at(panel, [*given, *searcher.values([p])], y) for p in allowed]
    null, best = ssr_at(panel, given, y), int(np.argmin(ssr))
    return int(allowed[best]), (null - ssr[best]) / ssr[best] * panel.scale_dof


def sequential_f(searcher, stage, y):
    known = []
    for k in range(1, stage + 1):
        place, f = best_f(searcher, sorted(known), k, y)
        known.append(place)
        if k == 2 and k < stage:
            known[0] = best_f(searcher, [known[1]], 1, y)[0]
    return f


@pytest.mark.parametrize("scheme", ["hansen", "xthreg"])
@pytest.mark.parametrize(
    ("resample", "convention", "unbalanced"),
    [
        ("unit", "hansen", False),
        ("unit", "xthreg", False),
        ("wild", "hansen", True),
        ("wild", "xthreg", True),
    ],
)
def test_draws_are_regressions(scheme, resample, convention, unbalanced):
    data = simulate(14, 6, seed=2, slopes=(0, 0.8), unbalanced=unbalanced)
    panel = panel_of(data, convention=convention, year_effects=convention == "xthreg")
    search = search_thresholds(panel, 3, Grid("quantile", 14, 0.1, min_active=3))
    tests = bootstrap_tests(search, 4, seed=5, resample=resample, scheme=scheme)
    want = brute_draws(search, 4, 5, resample, scheme)
    for test, f in zip(tests, want, strict=True):
        assert test.f_draws == pytest.approx(f, rel=1e-7)


def test_draws_with_several_columns():
    """Regime intercepts make two columns per threshold; draws still are regressions."""
    data = simulate(14, 6, seed=6, slopes=(0, 0.8))
    panel = panel_of(data, convention="xthreg", regime_intercept=True)
    search = search_thresholds(panel, 2, Grid("quantile", 14, 0.1, min_active=3))
    for scheme in ("hansen", "xthreg"):
        tests = bootstrap_tests(search, 3, seed=5, scheme=scheme)
        for test, f in zip(tests, brute_draws(search, 3, 5, "unit", scheme), strict=True):
            assert test.f_draws == pytest.approx(f, rel=1e-7)


def test_residuals_are_of_the_larger_model(panel):
    searcher = Searcher(panel, GRID)
    e, _ = residual_of(
        panel, demeaned(panel, panel.y)[:, 0], regime_columns(panel, searcher.values([3, 20]))
    )
    assert _residual(searcher, [3, 20]) == pytest.approx(e, abs=1e-9)


def test_trimming_and_active_rows():
    data = simulate(40, 8, seed=1, treatment=True)
    panel = panel_of(data, convention="xthreg")
    grid = Grid("all", trim=0.05, min_active=8)
    first = search_thresholds(panel, 3, grid)
    for model in first.models:
        edges = [-np.inf, *model.thresholds, np.inf]
        for low, high in itertools.pairwise(edges):
            inside = (panel.q > low) & (panel.q <= high)
            assert inside.sum() >= 0.05 * panel.n_obs
            assert len(np.unique(panel.unit[inside & (panel.x[:, 0] != 0)])) >= 8


def test_errors_say_what_is_wrong():
    data = simulate(6, 4)
    with pytest.raises(ValueError, match="more than one row"):
        panel_of({**data, "time": np.zeros_like(data["time"])})
    with pytest.raises(ValueError, match=r"y: 1 rows are missing.*row 3"):
        panel_of({**data, "y": np.where(np.arange(24) == 3, np.nan, data["y"])})
    with pytest.raises(ValueError, match="x0 absorbed by unit effects"):
        panel_of({**data, "x": data["unit"].astype(float)})
    with pytest.raises(ValueError, match=r"beside .*no candidate is left after trimming"):
        search_thresholds(panel_of(data), 4, Grid("all", trim=0.3, min_active=1))
    with pytest.raises(ValueError, match=r"leaves 10 units .*: the best leaves 6"):
        search_thresholds(panel_of(data), 1, Grid("all", trim=0.1))
    with pytest.raises(ValueError, match="q: the threshold variable does not vary"):
        panel_of({**data, "q": np.full(24, 0.1)})
    with pytest.raises(ValueError, match="has 2 distinct values, which carry at most 1 threshold"):
        two = panel_of({**data, "q": (data["q"] > 0).astype(float)}, convention="xthreg")
        search_thresholds(two, 2, Grid("all", trim=0.1, min_active=1))
    with pytest.raises(ValueError, match="convention"):
        panel_of(data, convention="stata")
    with pytest.raises(ValueError, match="balanced"):
        uneven = {k: v[1:] for k, v in data.items()}
        search = search_thresholds(panel_of(uneven), grid=Grid(min_active=1))
        bootstrap_tests(search, 9, resample="unit")
    with pytest.raises(ValueError, match="must not change within a unit"):
        panel_of(data, year_groups=data["time"])


def test_singletons_are_left_out_and_counted():
    data = simulate(12, 5, seed=3)
    keep = (data["unit"] != 4) | (data["time"] == 2001)
    short = {k: v[keep] for k, v in data.items()}
    without = {k: v[data["unit"] != 4] for k, v in data.items()}
    a, b = panel_of(short), panel_of(without)
    assert (a.n_singletons, b.n_singletons) == (1, 0)
    assert a.balanced
    assert a.ssr_linear == b.ssr_linear


def test_year_effects_by_group_are_dummies():
    data = simulate(20, 6, seed=3)
    group = data["unit"] % 3
    panel = panel_of(data, year_groups=group, convention="xthreg")
    dummies = [
        ((group == g) & (data["time"] == t)).astype(float)
        for g in range(3)
        for t in range(2000, 2006)
    ]
    z = np.column_stack([data["z"], *dummies])
    plain = prepare_panel(
        data["y"],
        data["x"],
        data["q"],
        data["unit"],
        data["time"],
        controls=z,
        convention="xthreg",
    )
    assert panel.ssr_linear == pytest.approx(plain.ssr_linear, rel=SAME)
