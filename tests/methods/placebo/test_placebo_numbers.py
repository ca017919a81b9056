"""Placebo draws against the regression fitted again, closed forms and complete enumeration."""

import itertools
import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.regression import CONVENTIONS, PanelRegressionError, fit_panel
from analysis.regression.randomised import Assignment, moved_before, run_placebo, true_assignment
from analysis.regression.randomised.draws import BLOCK, FIRST, KEPT

REFITTED = 1e-10  # two exact algorithms on data of order one: rounding stays far below
COUNTED = 1e-12  # the same sums in another order
EFFECTS = [("unit", "time"), ("unit",), ("time",), ()]


def toy(seed=0, n_units=24, n_periods=8, keep=1.0, effect=0.0):
    """A staggered panel with controls, its rows in random order; `keep` < 1 makes it unbalanced."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(n_units), n_periods)
    time = np.tile(2010 + np.arange(n_periods), n_units)
    first = rng.permutation(np.resize([2013, 2014, 2016, np.nan, np.nan], n_units))[unit]
    x = rng.normal(size=(len(unit), 2)) + rng.normal(size=n_units)[unit][:, None]
    noise = rng.normal(size=len(unit)) + rng.normal(size=n_units)[unit] + 0.2 * (time - 2010)
    y = effect * (time >= first) + x @ [0.5, -1.0] + noise
    rows = rng.permutation(np.flatnonzero(rng.uniform(size=len(unit)) < keep))
    return {
        "y": y[rows], "controls": x[rows], "unit": unit[rows], "time": time[rows],
        "cohort": first[rows],
    }  # fmt: skip


def run(data, **options):
    chosen = {"effects": ("unit", "time"), "n_draws": 40, "seed": 7, "names": ("a", "b")}
    return run_placebo(**data | chosen | options)


def refitted(data, cohorts_by_unit, effects=("unit", "time"), cluster=None, convention="fixest"):
    first = np.array([cohorts_by_unit[u] for u in data["unit"]])
    did = (data["time"] >= first).astype(float)
    x = np.column_stack([did, data["controls"]])
    names = ("did", *"abcdef"[: x.shape[1] - 1])
    return fit_panel(
        data["y"], x, data["unit"], data["time"], effects=effects, cluster=cluster, names=names,
        convention=convention,
    )  # fmt: skip


def drawn_cohorts(found, seed, n):
    """Cohort by unit of the first n draws."""
    codes = found.assignment.draw(np.random.default_rng(seed), n)
    return [
        dict(zip(found.assignment.units.tolist(), found.assignment.cohorts[own], strict=True))
        for own in codes
    ]


@pytest.mark.parametrize("keep", [1.0, 0.7])
@pytest.mark.parametrize("effects", EFFECTS)
def test_every_draw_is_the_regression_fitted_again(effects, keep):
    data = toy(keep=keep)
    found = run(data, effects=effects)
    for j, cohorts in enumerate(drawn_cohorts(found, 7, 40)):
        fit = refitted(data, cohorts, effects)
        assert found.draws_coefficients[j] == pytest.approx(fit.coefficients[0], abs=REFITTED)
        assert found.draws_std_errors[j] == pytest.approx(fit.std_errors[0], abs=REFITTED)
        assert found.draws_p_values[j] == pytest.approx(fit.p_values[0], abs=REFITTED)
    first = dict(zip(data["unit"], data["cohort"], strict=True))
    fit = refitted(data, first, effects)
    assert found.coefficient == pytest.approx(fit.coefficients[0], abs=REFITTED)
    assert found.std_error == pytest.approx(fit.std_errors[0], abs=REFITTED)
    assert found.p_value == pytest.approx(fit.p_values[0], abs=REFITTED)
    assert (found.n_obs, found.n_units, found.n_periods) == (fit.n_obs, 24, 8)
    assert found.df_resid == fit.df_resid


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("effects", EFFECTS)
def test_every_convention_and_any_cluster(effects, convention):
    """Clusters of several units, and clusters that cut units apart."""
    data = toy(3, keep=0.8)
    for cluster in (data["unit"] // 4, (data["unit"] + data["time"] // 4) % 9):
        found = run(data, effects=effects, cluster=cluster, convention=convention, n_draws=5)
        for j, cohorts in enumerate(drawn_cohorts(found, 7, 5)):
            fit = refitted(data, cohorts, effects, cluster, convention)
            assert found.draws_coefficients[j] == pytest.approx(fit.coefficients[0], abs=REFITTED)
            assert found.draws_std_errors[j] == pytest.approx(fit.std_errors[0], abs=REFITTED)
            assert found.draws_p_values[j] == pytest.approx(fit.p_values[0], abs=REFITTED)


def test_without_controls_and_with_collinear_ones():
    data = toy(4)
    bare = run(data | {"controls": np.zeros((len(data["y"]), 0))}, names=())
    first = drawn_cohorts(bare, 7, 1)[0]
    fit = refitted(data | {"controls": np.zeros((len(data["y"]), 0))}, first)
    assert bare.draws_coefficients[0] == pytest.approx(fit.coefficients[0], abs=REFITTED)
    twice = np.column_stack([data["controls"], data["controls"] @ [2.0, -3.0]])
    doubled = run(data | {"controls": twice}, names=("a", "b", "c"))
    assert [term.name for term in doubled.dropped] == ["c"]
    np.testing.assert_allclose(
        doubled.draws_coefficients, run(data).draws_coefficients, atol=REFITTED
    )
    np.testing.assert_allclose(doubled.draws_std_errors, run(data).draws_std_errors, atol=REFITTED)


def test_difference_of_means_in_closed_form():
    """One cohort, two periods, no controls: the coefficient is a difference of mean changes."""
    rng = np.random.default_rng(2)
    unit, time = np.repeat(np.arange(10), 2), np.tile([1, 2], 10)
    y = rng.normal(size=20)
    cohort = np.where(unit < 4, 2.0, np.nan)
    found = run_placebo(
        y, np.zeros((20, 0)), unit, time, cohort, effects=("unit", "time"), n_draws=30, seed=1
    )
    change = y[1::2] - y[::2]
    for j, cohorts in enumerate(drawn_cohorts(found, 1, 30)):
        treated = np.array([np.isfinite(cohorts[u]) for u in range(10)])
        expected = change[treated].mean() - change[~treated].mean()
        assert found.draws_coefficients[j] == pytest.approx(expected, abs=REFITTED)


def test_the_p_value_tends_to_that_of_all_assignments():
    """210 assignments can be listed: the share as large is the p value of an exact test."""
    rng = np.random.default_rng(5)
    unit, time = np.repeat(np.arange(7), 3), np.tile([1, 2, 3], 7)
    first = np.array([2, 2, 3, np.nan, np.nan, np.nan, np.nan])
    data = {
        "y": rng.normal(size=21) + 0.8 * (time >= first[unit]), "controls": np.zeros((21, 0)),
        "unit": unit, "time": time, "cohort": first[unit],
    }  # fmt: skip
    found = run(data, names=(), n_draws=20_000, kept=10)
    listed = sorted(set(itertools.permutations(np.nan_to_num(first, nan=99.0))))
    assert found.assignment.n_assignments == len(listed) == 105
    fits = [refitted(data, dict(enumerate(own))) for own in listed]
    b = np.array([fit.coefficients[0] for fit in fits])
    t = np.array([fit.t_values[0] for fit in fits])
    for test, values in ((found.by_coefficient, b), (found.by_t, t)):
        exact = np.mean(np.abs(values) >= abs(test.statistic) * (1 - 1e-9))
        assert abs(test.p_value - exact) < 4 * test.mc_error
        assert test.mc_error == pytest.approx(np.sqrt(exact * (1 - exact) / 20_000), rel=0.05)
        assert test.p_value == (test.n_as_large + 1) / 20_001
    assert found.mean == pytest.approx(b.mean(), abs=4 * b.std() / np.sqrt(20_000))
    assert found.sd == pytest.approx(b.std(), rel=0.05)


def test_a_draw_of_the_true_assignment_counts_as_large():
    data = toy(0, n_units=5, n_periods=6)
    found = run(data, n_draws=2000)
    same = np.isclose(found.draws_coefficients, found.coefficient, rtol=1e-9)
    assert same.sum() > 0
    larger = np.abs(found.draws_coefficients) > abs(found.coefficient) * (1 + 1e-9)
    assert found.by_coefficient.n_as_large >= (same | larger).sum()


def test_cohort_sizes_are_the_true_ones_in_every_draw():
    data = toy(1)
    found = run(data)
    codes = found.assignment.draw(np.random.default_rng(0), 200)
    counts = np.array([np.bincount(own, minlength=4) for own in codes])
    assert (counts == found.assignment.sizes).all()
    assert found.assignment.sizes.sum() == 24
    # Each unit is drawn into a cohort as often as the cohort is large.
    share = (found.assignment.draw(np.random.default_rng(1), 20_000) == 1).mean(axis=0)
    expected = found.assignment.sizes[1] / 24
    assert np.abs(share - expected).max() < 5 * np.sqrt(expected * (1 - expected) / 20_000)


def test_within_strata_each_keeps_its_cohorts():
    data = toy(1)
    strata = np.array(["north", "south", "west"])[data["unit"] % 3]
    found = run(data, strata=strata)
    place = np.arange(24) % 3
    for own in found.assignment.draw(np.random.default_rng(0), 50):
        for stratum in range(3):
            np.testing.assert_array_equal(
                np.sort(own[place == stratum]),
                np.sort(found.assignment.codes[place == stratum]),
            )
    assert found.n_strata == 3
    assert found.assignment.n_assignments < run(data).assignment.n_assignments


def test_permuted_timing_leaves_the_untreated_alone():
    data = toy(1)
    found = run(data, scheme="timing")
    never = found.assignment.codes == 0
    drawn = found.assignment.draw(np.random.default_rng(0), 50)
    assert (drawn[:, never] == 0).all()
    assert (drawn[:, ~never] > 0).all()
    assert (drawn != found.assignment.codes).any()
    assert found.assignment.n_movable == (~never).sum()


def test_a_policy_moved_to_earlier_years_has_rows_before_the_true_one_only():
    data = toy(6, effect=100.0)
    rows, false = moved_before(data["time"], data["cohort"], 2)
    assert (data["time"][rows & np.isfinite(data["cohort"])] < 2016).all()
    assert rows[np.isnan(data["cohort"])].all()
    assert set(np.unique(false[np.isfinite(false)])) == {2011, 2012, 2014}
    did = (data["time"] >= false).astype(float)
    x = np.column_stack([did, data["controls"]])[rows]
    fit = fit_panel(
        data["y"][rows], x, data["unit"][rows], data["time"][rows], effects=("unit", "time"),
        names=("did", "a", "b"),
    )  # fmt: skip
    assert abs(fit.coefficients[0]) < 5  # the effect of 100 is out of the rows


def test_the_first_of_many_draws_are_those_of_few():
    data = toy(2)
    few, many = run(data, n_draws=BLOCK - 3), run(data, n_draws=3 * BLOCK + 11)
    np.testing.assert_allclose(
        many.draws_coefficients[: BLOCK - 3], few.draws_coefficients, rtol=0, atol=COUNTED
    )
    np.testing.assert_array_equal(
        few.assignment.draw(np.random.default_rng(3), 20)[:7],
        few.assignment.draw(np.random.default_rng(3), 7),
    )


def test_what_is_kept_and_the_binned_density_say_the_same():
    data = toy(2)
    found, capped = run(data, n_draws=1500), run(data, n_draws=1500, kept=100)
    assert len(capped.draws_coefficients) == 100
    assert len(found.draws_coefficients) == 1500 <= KEPT
    for field in ("mean", "sd", "by_t", "by_coefficient", "share_below"):
        assert getattr(capped, field) == getattr(found, field)
    b = found.draws_coefficients
    assert found.mean == pytest.approx(b.mean(), abs=COUNTED)
    assert found.sd == pytest.approx(b.std(ddof=1), rel=1e-10)
    counts, _ = np.histogram(b, bins=found.density.edges)
    np.testing.assert_array_equal(found.density.counts, counts)
    assert counts.sum() + found.density.below + found.density.above == 1500
    middle = (found.density.edges[0] + found.density.edges[-1]) / 2
    assert middle == pytest.approx(b[:FIRST].mean())
    for level, share in found.share_below.items():
        assert share == np.mean(found.draws_p_values < level)


def test_the_smoothed_density_is_that_of_the_draws():
    from scipy.stats import gaussian_kde

    data = toy(2)
    found = run(data, n_draws=2000)
    middle = (found.density.edges[1:] + found.density.edges[:-1]) / 2
    bandwidth = 0.9 * found.sd * 2000**-0.2
    theirs = gaussian_kde(found.draws_coefficients, bandwidth / found.sd)(middle)
    # Each draw stands in the middle of its bin, half a bandwidth wide: a hundredth of the peak.
    assert np.abs(found.density.smoothed - theirs).max() < 0.02 * theirs.max()
    width = found.density.edges[1] - found.density.edges[0]
    assert found.density.smoothed.sum() * width == pytest.approx(1, abs=0.01)


def test_memory_does_not_grow_with_the_draws():
    data = toy(2)

    def peak(n):
        tracemalloc.start()
        run(data, n_draws=n, kept=200)
        high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return high

    peak(2 * BLOCK)  # imports
    assert peak(40 * BLOCK) < 1.1 * peak(2 * BLOCK)


def test_row_order_and_labels_change_no_digit():
    data = toy(5, keep=0.8)
    base = run(data)
    order = np.random.default_rng(1).permutation(len(data["y"]))
    shuffled = run({name: values[order] for name, values in data.items()})
    renamed = run(data | {"unit": np.array([f"city {u:03d}" for u in data["unit"]])})
    for other in (shuffled, renamed):
        np.testing.assert_array_equal(other.draws_coefficients, base.draws_coefficients)
        np.testing.assert_array_equal(other.draws_std_errors, base.draws_std_errors)
        assert other.by_coefficient == base.by_coefficient
        assert other.std_error == base.std_error


SCRIPT = """
import sys; sys.path.insert(0, {folder!r})
from test_placebo_numbers import run, toy
found = run(toy(5, keep=0.8), n_draws=300, strata=None)
print(found.draws_coefficients.tobytes().hex(), found.draws_std_errors.tobytes().hex())
"""


def test_hash_seeds_and_threads_change_no_digit():
    folder = os.path.dirname(__file__)  # noqa: PTH120
    printed = set()
    for seed, threads in (("0", "1"), ("1", "2"), ("2", "4")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(folder=folder)],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        printed.add(done.stdout)
    assert len(printed) == 1


@given(scale=st.floats(1e-4, 1e4), shift=st.floats(-100, 100), control=st.floats(1e-8, 1e8))
@settings(max_examples=15, deadline=None)
def test_units_of_measurement_scale_the_draws_and_nothing_else(scale, shift, control):
    data = toy(8)
    base = run(data)
    other = run(
        data | {"y": scale * data["y"] + shift, "controls": data["controls"] * [control, 1.0]}
    )
    np.testing.assert_allclose(
        other.draws_coefficients, scale * base.draws_coefficients, rtol=1e-7, atol=1e-9 * scale
    )
    np.testing.assert_allclose(other.draws_p_values, base.draws_p_values, atol=1e-7)
    assert other.by_t == pytest.approx(base.by_t) or other.by_t.n_as_large == base.by_t.n_as_large


def test_absorbed_draws_are_counted_and_left_out():
    """A cohort from the first period on is absorbed where all other units have one row each."""
    rng = np.random.default_rng(0)
    unit = np.array([0, 0, 0, 1, 1, 1, 2, 3, 4, 5])
    time = np.array([1, 2, 3, 1, 2, 3, 1, 2, 3, 1])
    cohort = np.where(unit == 0, 2.0, np.nan)
    found = run_placebo(
        rng.normal(size=10), np.zeros((10, 0)), unit, time, cohort, effects=("unit", "time"),
        n_draws=400, seed=1, convention="uncorrected",
    )  # fmt: skip
    several = np.array([any(c == 2 and u in (0, 1) for u, c in own.items())
                        for own in drawn_cohorts(found, 1, 400)])  # fmt: skip
    assert found.n_absorbed == (~several).sum() > 0
    assert np.isnan(found.draws_coefficients[~several]).all()
    assert np.isfinite(found.draws_coefficients[several]).all()
    assert found.by_coefficient.n_draws == several.sum()


def test_one_treated_unit_is_tried_against_all_others():
    data = toy(9)
    data["cohort"] = np.where(data["unit"] == 3, 2013.0, np.nan)
    found = run(data, n_draws=2000)
    assert found.assignment.sizes.tolist() == [23, 1]
    assert found.assignment.n_assignments == 24
    assert len(np.unique(found.draws_coefficients.round(9))) == 24


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: {"cohort": np.full(len(d["y"]), np.nan)}, "no unit is treated in the sample"),
        (lambda d: {"cohort": np.full(len(d["y"]), 2030.0)}, "no unit is treated in the sample"),
        (lambda d: {"cohort": np.full(len(d["y"]), 2013.0)}, "the same first treated period"),
        (lambda d: {"cohort": np.where(d["time"] > 2014, 2013.0, np.nan)}, "two first treated"),
        (lambda d: {"y": np.where(d["unit"] == 1, np.nan, d["y"])}, "rows have a missing value"),
        (lambda d: {"y": np.ones(len(d["y"]))}, "does not vary"),
        (lambda d: {"cluster": np.zeros(len(d["y"]))}, "one cluster only"),
        (lambda d: {"strata": d["unit"]}, "within any stratum"),
        (lambda d: {"strata": d["time"]}, "two strata"),
        (lambda d: {"scheme": "lottery"}, "unknown scheme 'lottery'"),
        (lambda d: {"time": np.full(len(d["y"]), 2011)}, "repeat a unit and period"),
        (
            lambda d: {"cohort": np.where(d["unit"] < 9, 2010.0, np.nan)},
            "the true treatment is absorbed",
        ),
    ],
)
def test_bad_input_is_refused_by_name(change, message):
    data = toy(1)
    with pytest.raises(PanelRegressionError, match=message):
        run(data | change(data))


def test_all_treated_at_different_times_may_be_permuted():
    data = toy(1)
    data["cohort"] = 2012.0 + data["unit"] % 4
    found = run(data)
    assert found.assignment.sizes[0] == 0
    assert found.by_t.n_draws == 40


def test_an_assignment_without_strata_is_one_pool():
    data = toy(1)
    found = true_assignment(data["unit"], data["time"], data["cohort"])
    assert isinstance(found, Assignment)
    assert (found.pools == 0).all()
    assert found.n_movable == 24


@pytest.mark.verify
@pytest.mark.parametrize("effects", [("unit", "time"), ()])
def test_size_without_an_effect(effects):
    """Random assignment makes the test exact: 5 % of samples without an effect are rejected."""
    runs = 500
    rejected = []
    for seed in range(runs):
        found = run(toy(seed, n_units=20), effects=effects, n_draws=199, seed=seed, kept=1)
        rejected.append([found.by_coefficient.p_value <= 0.05, found.by_t.p_value <= 0.05])
    shares = np.mean(rejected, axis=0)
    assert np.abs(shares - 0.05).max() < 4 * np.sqrt(0.05 * 0.95 / runs)
