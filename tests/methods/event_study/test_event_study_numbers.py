"""Event studies against dummies in statsmodels and linearmodels, closed forms, and Monte Carlo."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.methods.event_study.numbers import event_name, fit_event_study
from analysis.regression import PanelRegressionError

SOLVERS = 1e-9  # two exact algorithms on data of order one: rounding stays far below


def toy(seed=0, n_units=40, n_periods=10, keep=1.0, path=None, never=True, trend=0.0):
    """A staggered panel; `path` is the effect by event time, `trend` what the treated grow by."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(n_units), n_periods)
    time = np.tile(2010 + np.arange(n_periods), n_units)
    cohorts = [2014.0, 2015.0, 2017.0, *([np.nan] * 3 if never else [2013.0])]
    first = np.resize(cohorts, n_units)[unit]
    since = time - first
    effect = np.array([(path or {}).get(k, 0.0) for k in np.nan_to_num(since, nan=-99)])
    x = rng.normal(size=(len(unit), 2))
    y = effect + x @ [0.5, -1.0] + rng.normal(size=n_units)[unit] + 0.3 * (time - 2010)
    y += rng.normal(size=len(unit)) + trend * np.where(np.isnan(first), 0, time - 2010)
    rows = rng.permutation(np.flatnonzero(rng.uniform(size=len(unit)) < keep))
    return {
        "y": y[rows], "controls": x[rows], "unit": unit[rows], "time": time[rows],
        "cohort": first[rows],
    }  # fmt: skip


def run(data, **options):
    chosen = {"window": (-4, 4), "names": ("a", "b"), "seed": 3}
    return fit_event_study(**data | chosen | options)


def dummies_of(data, window, base=(-1,), ends="bin"):
    """Rows used, event times asked for and their dummies, written out one by one."""
    since = data["time"] - data["cohort"]
    rows = np.ones(len(since), dtype=bool)
    if ends == "leave_out":
        rows = np.isnan(since) | ((since >= window[0]) & (since <= window[1]))
    columns, asked = [], []
    for k in range(window[0], window[1] + 1):
        if k in base:
            continue
        if ends == "bin" and k == window[0]:
            column = since <= k
        elif ends == "bin" and k == window[1]:
            column = since >= k
        else:
            column = since == k
        if column[rows].any():
            columns.append(column.astype(float))
            asked.append(k)
    return rows, asked, np.column_stack(columns)


@pytest.mark.parametrize("keep", [1.0, 0.75])
@pytest.mark.parametrize(
    ("window", "base", "ends"),
    [
        ((-4, 4), (-1,), "bin"), ((-3, 2), (-1,), "leave_out"), ((-2, 1), (-2,), "bin"),
        ((-4, 4), (-1, -4), "bin"), ((-20, 20), (-1,), "bin"),
    ],
)  # fmt: skip
def test_agrees_with_dummy_variables_in_statsmodels(window, base, ends, keep):
    data = toy(1, keep=keep, path={0: 1.0, 1: 2.0})
    found = run(data, window=window, base=base, ends=ends)
    rows, asked, dummies = dummies_of(data, window, base, ends)
    design = np.column_stack(
        [dummies, data["controls"], np.ones(len(rows)),
         pd.get_dummies(data["unit"], drop_first=True), pd.get_dummies(data["time"], drop_first=True)]
    )[rows].astype(float)  # fmt: skip
    model = sm.OLS(data["y"][rows], design)
    theirs = model.fit(cov_type="cluster", cov_kwds={"groups": data["unit"][rows]})
    # fixest doesn't count the unit effects, which are nested in the clusters.
    counted = design.shape[1] - (len(np.unique(data["unit"][rows])) - 1)
    ratio = np.sqrt((len(design) - design.shape[1]) / (len(design) - counted))
    times = found.times
    at = np.searchsorted(times.times, asked)
    n = len(asked)
    np.testing.assert_allclose(times.estimates[at], theirs.params[:n], atol=SOLVERS)
    np.testing.assert_allclose(times.std_errors[at], theirs.bse[:n] * ratio, rtol=1e-7)
    assert (times.estimates[times.is_base] == 0).all()
    assert np.isnan(times.std_errors[times.is_base]).all()
    assert times.is_base.sum() == len(base)
    empty = np.setdiff1d(times.times, [*asked, *base])
    assert np.isnan(times.estimates[np.searchsorted(times.times, empty)]).all()
    assert times.n_rows[np.searchsorted(times.times, empty)].sum() == 0
    leads = np.flatnonzero(np.array(asked) < 0)
    wald = theirs.f_test(np.eye(design.shape[1])[leads])
    assert found.leads.f_statistic == pytest.approx(float(wald.fvalue) / ratio**2, rel=1e-6)
    assert found.leads.df_test == len(leads)
    assert found.leads.p_value == pytest.approx(
        stats.f.sf(found.leads.f_statistic, len(leads), found.fit.n_clusters - 1)
    )
    after = np.flatnonzero(np.array(asked) >= 0)
    weights = np.zeros(design.shape[1])
    weights[after] = 1 / len(after)
    contrast = theirs.t_test(weights)
    assert found.after.estimate == pytest.approx(contrast.effect[0], abs=SOLVERS)
    assert found.after.std_error == pytest.approx(contrast.sd[0, 0] * ratio, rel=1e-7)


def test_agrees_with_linearmodels():
    from linearmodels.panel import PanelOLS

    data = toy(2, keep=0.8)
    found = run(data, convention="linearmodels")
    _, asked, dummies = dummies_of(data, (-4, 4))
    index = pd.MultiIndex.from_arrays([data["unit"], data["time"]])
    frame = pd.DataFrame(np.column_stack([dummies, data["controls"]]), index=index)
    frame["constant"] = 1.0
    theirs = PanelOLS(
        pd.Series(data["y"], index=index), frame, entity_effects=True, time_effects=True
    ).fit(cov_type="clustered", cluster_entity=True)
    at = np.searchsorted(found.times.times, asked)
    n = len(asked)
    np.testing.assert_allclose(
        found.times.estimates[at], theirs.params.to_numpy()[:n], atol=SOLVERS
    )
    np.testing.assert_allclose(
        found.times.std_errors[at], theirs.std_errors.to_numpy()[:n], rtol=1e-8
    )


def test_one_cohort_in_closed_form():
    """Balanced, no controls: differences of mean changes against the never treated."""
    rng = np.random.default_rng(4)
    unit, time = np.repeat(np.arange(12), 7), np.tile(np.arange(7), 12)
    y = rng.normal(size=84)
    cohort = np.where(unit < 5, 3.0, np.nan)
    found = fit_event_study(y, np.zeros((84, 0)), unit, time, cohort, window=(-3, 3), seed=0)
    table = y.reshape(12, 7)
    gap = table[:5].mean(axis=0) - table[5:].mean(axis=0)
    np.testing.assert_allclose(found.times.estimates, gap - gap[2], atol=SOLVERS)
    np.testing.assert_array_equal(found.times.n_units, [5] * 7)
    # Binned ends: the mean of the years that an end stands for.
    binned = fit_event_study(y, np.zeros((84, 0)), unit, time, cohort, window=(-2, 1), seed=0)
    expected = np.array([gap[:2].mean(), gap[2], gap[3], gap[4:].mean()]) - gap[2]
    np.testing.assert_allclose(binned.times.estimates, expected, atol=SOLVERS)
    assert binned.n_binned == (5, 10)
    assert binned.n_never == 7


def test_recovers_a_dynamic_effect_and_counts_who_is_there():
    path = {k: 3.0 + k for k in range(10)}
    data = toy(5, n_units=400, path=path)
    found = run(data, window=(-7, 5), ends="leave_out")
    times = found.times
    after = times.times >= 0
    assert (np.abs(times.estimates[after] - (3 + times.times[after])) < 0.5).all()
    assert (np.abs(times.estimates[(times.times < -1)]) < 0.5).all()
    assert found.leads.p_value > 0.01
    assert found.lags.p_value < 1e-6
    since = data["time"] - data["cohort"]
    for k, n_units, n_rows in zip(times.times, times.n_units, times.n_rows, strict=True):
        assert n_rows == (since == k).sum()
        assert n_units == len(np.unique(data["unit"][since == k]))
    assert found.n_left_out == ((since < -7) | (since > 5)).sum()


def test_unequal_trends_show_in_the_leads():
    found = run(toy(6, n_units=200, trend=0.4))
    assert found.leads.p_value < 1e-6
    assert found.before.estimate < 0


def test_the_band_is_wider_than_the_intervals_and_covers_all_at_once():
    found = run(toy(7))
    times = found.times
    told = np.isfinite(times.std_errors)
    assert (times.band_low[told] < times.low[told]).all()
    assert (times.band_high[told] > times.high[told]).all()
    half = (times.band_high - times.band_low)[told] / 2
    np.testing.assert_allclose(half, found.band.critical * times.std_errors[told])
    assert found.band.n_coefficients == told.sum()
    alone = run(toy(7), window=(-1, 0))
    place = alone.times.times == 0
    assert alone.times.band_low[place] == pytest.approx(alone.times.low[place])
    assert alone.before is None
    assert np.isnan(alone.leads.f_statistic)
    assert alone.leads.df_test == 0


def test_row_order_and_labels_change_no_digit():
    data = toy(8, keep=0.8)
    base = run(data)
    order = np.random.default_rng(1).permutation(len(data["y"]))
    shuffled = run({name: values[order] for name, values in data.items()})
    renamed = run(data | {"unit": np.array([f"city {u:03d}" for u in data["unit"]])})
    for other in (shuffled, renamed):
        np.testing.assert_array_equal(other.times.estimates, base.times.estimates)
        np.testing.assert_array_equal(other.times.band_low, base.times.band_low)
        assert other.leads == base.leads


@given(scale=st.floats(1e-4, 1e4), control=st.floats(1e-8, 1e8), years=st.integers(-100, 100))
@settings(max_examples=15, deadline=None)
def test_units_of_measurement_and_the_calendar(scale, control, years):
    data = toy(9)
    base = run(data)
    other = run(
        data
        | {
            "y": scale * data["y"], "controls": data["controls"] * [control, 1.0],
            "time": data["time"] + years, "cohort": data["cohort"] + years,
        }
    )  # fmt: skip
    np.testing.assert_allclose(other.times.estimates, scale * base.times.estimates, rtol=1e-6)
    np.testing.assert_allclose(other.times.t_values, base.times.t_values, rtol=1e-6)
    assert other.leads.f_statistic == pytest.approx(base.leads.f_statistic, rel=1e-6)
    assert other.band.critical == pytest.approx(base.band.critical, rel=1e-6)


def test_without_never_treated_units_a_second_base_is_asked_for():
    data = toy(10, never=False)
    with pytest.raises(PanelRegressionError, match="second base period"):
        run(data, window=(-20, 20))
    found = run(data, window=(-20, 20), base=(-1, -4))
    assert found.n_never == 0
    assert np.isfinite(found.times.std_errors[found.times.times == 2]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cohort": np.full(400, np.nan)}, "no unit is treated within the window"),
        ({"window": (0, 4)}, "a first event time below 0"),
        ({"base": (-9,)}, "expected event times in the window -4 to 4"),
        ({"base": ()}, "base empty"),
        ({"ends": "trim"}, "unknown ends 'trim'"),
        ({"window": (-30, 4), "base": (-30,)}, "base event time -30 has no rows"),
        ({"window": (-1, 0), "base": (-1, 0)}, "nothing can be estimated"),
        ({"y": np.full(400, np.nan)}, "missing values"),
    ],
)
def test_bad_input_is_refused_by_name(change, message):
    with pytest.raises(PanelRegressionError, match=message):
        run(toy(1), **change)


def test_names_of_event_times_are_those_of_the_regression():
    found = run(toy(1))
    assert found.fit.names[:3] == (event_name(-4), event_name(-3), event_name(-2))


@pytest.mark.verify
def test_size_of_the_leads_and_coverage_of_the_band():
    """400 cities: clustered errors of dummies that few cities have are a little small with fewer."""
    runs, path = 500, dict.fromkeys(range(10), 1.0)
    found = []
    for seed in range(runs):
        study = run(toy(seed, n_units=400, path=path), window=(-4, 5))
        times = study.times
        told = np.isfinite(times.std_errors)
        truth = (times.times >= 0).astype(float)[told]
        found.append(
            [
                study.leads.p_value >= 0.05,
                ((times.band_low[told] <= truth) & (truth <= times.band_high[told])).all(),
                ((times.low[told] <= truth) & (truth <= times.high[told])).all(),
            ]
        )
    kept, covered, pointwise = np.mean(found, axis=0)
    slack = 4 * np.sqrt(0.05 * 0.95 / runs)
    assert abs(kept - 0.95) < slack
    assert abs(covered - 0.95) < slack
    assert pointwise < 0.9  # what the band is for
