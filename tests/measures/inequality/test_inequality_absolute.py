"""Inequality of scores: all pairs, what no shift changes, and the tables of a subject without a true zero."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.measures.inequality import (
    InequalityError,
    beta_convergence,
    dagum,
    mean_difference,
    panel_beta_convergence,
    sigma_convergence,
    sigma_of_levels,
    variance_split,
)
from analysis.measures.inequality.subjects import Subject
from analysis.measures.inequality_study import measure_inequality

SAME = 1e-9  # sums of a hundred products of numbers up to 100, in another order

scores = hnp.arrays(float, st.integers(4, 30), elements=st.floats(-50, 50, width=32))


def grouped(x, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 3, len(x)), rng.uniform(0.5, 2.0, len(x))


@settings(max_examples=60, deadline=None)
@given(scores)
def test_half_the_mean_difference_is_that_of_all_pairs(x):
    group, w = grouped(x)
    fit = mean_difference(x, group, w)
    p = w / w.sum()
    assert fit.total == pytest.approx(p @ np.abs(x[:, None] - x) @ p / 2, abs=SAME)
    assert fit.within + fit.net_between + fit.transvariation == pytest.approx(fit.total, abs=SAME)
    for g, own, mean in zip(fit.groups, fit.group_difference, fit.group_mean, strict=True):
        some, q = x[group == g], w[group == g] / w[group == g].sum()
        assert own == pytest.approx(q @ np.abs(some[:, None] - some) @ q / 2, abs=SAME)
        assert mean == pytest.approx(q @ some, abs=SAME)


@settings(max_examples=40, deadline=None)
@given(scores, st.floats(0.5, 100))
def test_of_amounts_it_is_gini_times_mean_with_the_same_shares(x, above):
    x = x - x.min() + above
    group, w = grouped(x)
    fit, amounts = mean_difference(x, group, w), dagum(x, group, w)
    mean = float(w @ x / w.sum())
    assert fit.total == pytest.approx(amounts.total * mean, abs=SAME)
    for part, share in zip(
        (fit.within, fit.net_between, fit.transvariation), amounts.shares, strict=True
    ):
        if fit.total > 1e-6:
            assert part / fit.total == pytest.approx(share, abs=1e-6)
    np.testing.assert_allclose(fit.affluence, amounts.affluence, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(scores)
def test_variance_splits_as_numpy_does(x):
    group, w = grouped(x)
    fit = variance_split(x, group, w)
    mean = np.average(x, weights=w)
    assert fit.total == pytest.approx(np.average((x - mean) ** 2, weights=w), abs=1e-7)
    assert fit.within == pytest.approx(fit.contribution.sum())
    for g, own in zip(fit.groups, fit.group_variance, strict=True):
        some, q = x[group == g], w[group == g]
        off = some - np.average(some, weights=q)
        assert own == pytest.approx(np.average(off**2, weights=q), abs=1e-7)


def test_nothing_and_equal_scores():
    same = mean_difference([3.0, 3.0, -1e-0 + 4.0], [0, 1, 1])
    assert (same.total, same.within, same.net_between) == (0, 0, 0)
    assert np.isnan(mean_difference([np.nan], [0]).total)
    assert np.isnan(variance_split([np.nan], [0]).total)


def panel(shift=0.0, cities=40, years=6):
    """A score with negative values; spread and levels come nearer to each other by construction."""
    rng = np.random.default_rng(5)
    rows = []
    score = rng.normal(0, 10, cities)
    for year in range(2010, 2010 + years):
        for city in range(cities):
            region = ("east", "west")[city % 2]
            rows.append((f"{city:03d}", year, score[city] + shift, region, rng.normal()))
        score = 2 + 0.9 * score + rng.normal(0, 0.1, cities)
    return pd.DataFrame(rows, columns=["city_code", "year", "index_s", "region", "density"])


SUBJECT = Subject("s", "index_s", ("region",), controls=("density",), no_zero="a score")


def test_a_score_is_measured_by_what_no_shift_changes():
    made, moved = (measure_inequality(SUBJECT, panel(shift)) for shift in (0.0, 1000.0))
    status = made["inequality_status"].iloc[0]
    assert (status["scale"], status["status"]) == ("interval", "estimated")
    assert set(made["inequality"]["measure"]) == {"mean_difference", "variance", "sd"}
    assert made["dagum_pair"]["between_gini"].isna().all()
    for name, keys in (
        ("inequality", ["measure", "year", "component", "group_name"]),
        ("dagum_pair", ["year", "group_a", "group_b"]),
        ("convergence", ["kind", "group_name"]),
    ):
        one, other = (frames[name].sort_values(keys, ignore_index=True) for frames in (made, moved))
        numbers = one.select_dtypes("number").columns
        for column in numbers:
            np.testing.assert_allclose(
                one[column].to_numpy(float, na_value=np.nan),
                other[column].to_numpy(float, na_value=np.nan),
                rtol=1e-6, atol=1e-7, err_msg=f"{name}.{column}",
            )  # fmt: skip


def test_an_amount_keeps_its_measures_and_refuses_what_is_negative():
    amount = dataclasses.replace(SUBJECT, no_zero=None)
    made = measure_inequality(amount, panel(1000.0))
    assert made["inequality_status"]["scale"].item() == "ratio"
    assert {"gini", "theil_t", "sd_log"} <= set(made["inequality"]["measure"])
    assert (
        measure_inequality(amount, panel())["inequality_status"]["status"].item() == "not defined"
    )


def test_convergence_in_levels_finds_the_process():
    rows = panel()
    made = measure_inequality(SUBJECT, rows)["convergence"].set_index(["kind", "group_name"])
    absolute = made.loc[("beta_absolute", "all")]
    # 2 + .9 y a year: over five years the distance falls to .9^5, whatever the zero.
    assert absolute["speed"] == pytest.approx(-np.log(0.9), rel=0.02)
    assert absolute["coefficient"] == pytest.approx((0.9**5 - 1) / 5, rel=0.02)
    sd = rows.groupby("year")["index_s"].std(ddof=0)
    slope = np.polyfit(sd.index.to_numpy(float), sd.to_numpy(), 1)[0]
    assert made.loc[("sigma", "all"), "coefficient"] == pytest.approx(slope, rel=1e-6)


def test_levels_and_logarithms_are_told_apart():
    values, year = np.array([1.0, 2, 3, 5, 8, 13]), np.repeat([2010, 2011, 2012], 2)
    fit = sigma_of_levels(np.append(values, np.nan), np.append(year, 2013))
    assert fit.sd.tolist() == [0.5, 1.0, 2.5] and fit.n.tolist() == [2, 2, 2]
    assert sigma_convergence(values, year).sd_log[0] == pytest.approx(np.log(2) / 2)
    with pytest.raises(InequalityError, match="logarithms are needed"):
        beta_convergence([-1.0, 1, 2, 3], [1.0, 2, 3, 4], 1)
    with pytest.raises(InequalityError, match="scale 'ratio': choose log or level"):
        beta_convergence([1.0, 2, 3, 4], [1.0, 2, 3, 5], 1, scale="ratio")
    assert beta_convergence([-1.0, 1, 2, 3], [0.0, 1, 2, 2], 1, scale="level").n == 4
    with pytest.raises(InequalityError, match="logarithms are needed"):
        panel_beta_convergence([-1.0, 1], ["a", "a"], [2010, 2011])
