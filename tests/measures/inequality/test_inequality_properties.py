"""Sorted sums against all pairs, decompositions that add up, invariances, and bad values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measures.inequality import (
    InequalityError,
    beta_convergence,
    dagum,
    gini,
    panel_beta_convergence,
    per_period,
    sigma_convergence,
    theil,
)
from analysis.measures.inequality.convergence import wandering_error

SAME = 1e-9  # sums of a few dozen terms in another order

amount = st.one_of(st.just(0.0), st.integers(1, 5).map(float), st.floats(1e-3, 1e6))


@st.composite
def grouped(draw):
    """Values with ties and zeros, weights, groups; not all zero."""
    n = draw(st.integers(1, 25))
    x = np.array(draw(st.lists(amount, min_size=n, max_size=n)))
    if not x.any():
        x[0] = 1.0
    w = np.array(draw(st.lists(st.floats(0.01, 50), min_size=n, max_size=n)))
    group = np.array(draw(st.lists(st.sampled_from("abcd"), min_size=n, max_size=n)))
    return x, w, group


def pairwise_gini(x, w):
    """All pairs, O(n^2)."""
    difference = np.abs(x[:, None] - x)
    return float(w @ difference @ w) / (2 * float(w @ x) * w.sum())


def pairwise_dagum(x, w, group):
    """Within, net between, transvariation from all pairs, as Dagum (1997) writes them."""
    mean = float(w @ x) / w.sum()
    labels = np.unique(group)
    within = net = over = 0.0
    for i, a in enumerate(labels):
        for b in labels[: i + 1]:
            xa, wa, xb, wb = x[group == a], w[group == a], x[group == b], w[group == b]
            if not (xa.any() or xb.any()):
                continue
            ma, mb = (wa @ xa) / wa.sum(), (wb @ xb) / wb.sum()
            pa, pb = wa.sum() / w.sum(), wb.sum() / w.sum()
            sa, sb = pa * ma / mean, pb * mb / mean
            if ma < mb:
                xa, wa, xb, wb = xb, wb, xa, wa
            pairs = wa.sum() * wb.sum()
            difference = xa[:, None] - xb
            d = float(wa @ np.maximum(difference, 0) @ wb) / pairs
            p = float(wa @ np.maximum(-difference, 0) @ wb) / pairs
            g = (d + p) / (ma + mb)
            if a == b:
                within += g * pa * sa
            elif d + p > 0:
                affluence = (d - p) / (d + p)
                net += g * (pa * sb + pb * sa) * affluence
                over += g * (pa * sb + pb * sa) * (1 - affluence)
    return within, net, over


@settings(max_examples=150, deadline=None)
@given(grouped())
def test_gini_and_dagum_against_all_pairs(data):
    x, w, group = data
    total = pairwise_gini(x, w)
    assert gini(x, w) == pytest.approx(total, abs=SAME)
    parts = dagum(x, group, w)
    got = parts.within, parts.net_between, parts.transvariation
    assert got == pytest.approx(pairwise_dagum(x, w, group), abs=SAME)
    assert sum(got) == pytest.approx(total, abs=SAME) and min(got) > -SAME
    assert parts.population_share.sum() == pytest.approx(1) == parts.value_share.sum()
    for label, own in zip(parts.groups, parts.group_gini, strict=True):
        some = group == label
        if x[some].any():
            assert own == pytest.approx(pairwise_gini(x[some], w[some]), abs=SAME)
        else:
            assert np.isnan(own)
    if total > 1e-6:
        assert sum(parts.shares) == pytest.approx(1.0)


@settings(max_examples=150, deadline=None)
@given(grouped(), st.sampled_from("TL"))
def test_theil_adds_up_and_is_its_own_definition(data, index):
    x, w, group = data
    parts = theil(x, group, w, index=index)
    relative = x / ((w @ x) / w.sum())
    if index == "T":
        terms = np.where(x > 0, relative * np.log(np.where(x > 0, relative, 1)), 0)
    elif (x == 0).any():
        assert np.isinf(parts.total)
        return
    else:
        terms = -np.log(relative)
    assert parts.total == pytest.approx((w @ terms) / w.sum(), abs=SAME)
    assert parts.total == pytest.approx(parts.within + parts.between, abs=SAME)
    assert parts.within == pytest.approx(np.nansum(parts.contribution), abs=SAME)
    assert min(parts.within, parts.between) > -SAME
    assert parts.weight.sum() == pytest.approx(1.0)
    # Replacing everybody by the mean of the group leaves what is between.
    means = {g: (w[group == g] @ x[group == g]) / w[group == g].sum() for g in set(group)}
    flat = theil([means[g] for g in group], weights=w, index=index)
    assert flat.total == pytest.approx(parts.between, abs=SAME)


@settings(max_examples=80, deadline=None)
@given(grouped(), st.integers(2, 5), st.floats(1e-3, 1e3))
def test_repeating_everybody_or_another_currency_changes_nothing(data, times, rate):
    x, w, group = data
    again = [np.tile(v, times) for v in (x, w, group)]
    heavier = (x * rate, w * 3.7, group)
    for y, v, g in (again, heavier):
        assert gini(y, v) == pytest.approx(gini(x, w), abs=SAME)
        assert theil(y, g, v).total == pytest.approx(theil(x, group, w).total, abs=SAME)
        one, other = dagum(y, g, v), dagum(x, group, w)
        assert one.net_between == pytest.approx(other.net_between, abs=SAME)
        assert one.transvariation == pytest.approx(other.transvariation, abs=SAME)
    # A whole weight is that many units.
    whole = np.ceil(w).astype(int)
    spread = gini(np.repeat(x, whole))
    assert gini(x, whole) == pytest.approx(spread, abs=SAME)


@settings(max_examples=60, deadline=None)
@given(grouped())
def test_a_gift_from_rich_to_poor_lowers_inequality(data):
    x, w, _ = data
    low, high = int(x.argmin()), int(x.argmax())
    w = np.ones_like(w)
    gift = (x[high] - x[low]) / 4
    after = x.copy()
    after[low] += gift
    after[high] -= gift
    assert gini(after, w) <= gini(x, w) + SAME
    assert theil(after, weights=w).total <= theil(x, weights=w).total + SAME


def test_by_year():
    x = np.array([1.0, 3, 2, 2, 5, 5])
    year, group = [2001, 2001, 2000, 2000, 2002, 2002], list("ababab")
    assert per_period(gini, year, x) == pytest.approx({2000: 0.0, 2001: 0.25, 2002: 0.0})
    assert list(per_period(gini, year, x)) == [2000, 2001, 2002]
    parts = per_period(dagum, year, x, group=group, weights=None)
    assert parts[2001].net_between == pytest.approx(0.25)
    assert per_period(theil, year, x, group=group)[2001].between == theil([1.0, 3]).total


def test_missing_values_and_weights_of_zero():
    x = [1.0, np.nan, 3.0, 9.0, 4.0]
    group = ["a", "a", "b", None, "b"]
    weights = [1, 1, 1, 1, 0]
    parts = dagum(x, group, weights)
    assert (parts.n, parts.n_missing) == (2, 2)
    assert parts.total == pytest.approx(0.25)
    assert gini([]) != gini([]) and np.isnan(gini([0.0, 0.0]))
    assert gini([5.0]) == 0.0
    empty = dagum([], [])
    assert np.isnan(empty.total) and np.isnan(empty.shares).all() and len(empty.groups) == 0
    assert np.isnan(theil([0.0, 0.0], ["a", "b"]).total)
    zeros = theil([0.0, 0, 1, 3], ["a", "a", "b", "b"])
    assert np.isnan(zeros.group_index[0]) and zeros.contribution[0] == 0
    assert np.isinf(theil([0.0, 1.0], index="L").total)
    assert gini([1e200, 3e200]) == pytest.approx(0.25)


def test_the_trend_s_error_is_that_of_a_path_whose_changes_add_up():
    """By hand for three uneven years, and by simulation: the slope's spread over many walks."""
    x, y = np.array([2000.0, 2001.0, 2003.0]), np.array([0.5, 0.3, 0.2])
    slope_weights = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    steps = np.array([slope_weights[1] + slope_weights[2], slope_weights[2]])
    pace = -0.1
    variance = (-0.2 - pace) ** 2 / 1 + (-0.1 - 2 * pace) ** 2 / 2
    expected = np.sqrt(variance * (steps[0] ** 2 * 1 + steps[1] ** 2 * 2))
    assert wandering_error(x, y) == pytest.approx(expected)

    rng = np.random.default_rng(1)
    years = np.arange(2008.0, 2022.0)
    walks = rng.normal(size=(4000, 14)).cumsum(axis=1)
    slopes = walks @ (years - years.mean()) / ((years - years.mean()) ** 2).sum()
    errors = [wandering_error(years, walk) for walk in walks]
    # 4,000 draws: the spread of a standard deviation is 1.1 %.
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(slopes.std(), rel=0.05)


def test_driftless_walks_have_no_trend_and_steady_falls_have_one():
    """A 5 % test; 1,000 walks put four binomial errors at 2.8 points."""
    rng = np.random.default_rng(2)
    years, z = np.repeat(np.arange(14), 30), rng.normal(size=30)
    z = (z - z.mean()) / z.std()

    def p_of(width):
        return sigma_convergence(np.exp(3 + np.tile(z, 14) * np.repeat(width, 30)), years).trend_p

    walks = 1 + 0.02 * rng.normal(size=(1000, 14)).cumsum(axis=1)
    assert np.mean([p_of(walk) < 0.05 for walk in walks]) < 0.05 + 0.028
    assert p_of(1 - 0.02 * np.arange(14) + 0.004 * rng.normal(size=14)) < 0.05


def test_sigma_by_year_and_trend():
    years = np.repeat(np.arange(2000, 2006), 50)
    z = np.random.default_rng(3).normal(size=50)
    z = (z - z.mean()) / z.std()
    width = np.repeat(0.5 - 0.05 * np.arange(6), 50)
    v = np.exp(3 + np.tile(z, 6) * width)
    fit = sigma_convergence(v, years)
    assert fit.sd_log == pytest.approx(0.5 - 0.05 * np.arange(6))
    assert fit.trend == pytest.approx(-0.05)
    assert np.isnan(fit.trend_se) and np.isnan(fit.trend_p)  # a straight line has no error
    assert fit.cv_log == pytest.approx(fit.sd_log / 3)
    assert fit.cv[0] == pytest.approx(v[:50].std() / v[:50].mean())
    sample = sigma_convergence(v, years, ddof=1)
    assert sample.sd_log == pytest.approx(fit.sd_log * np.sqrt(50 / 49))
    alone = sigma_convergence([1.0, 2.0, 3.0], [2000, 2000, 2001])
    assert np.isnan(alone.sd_log[1]) and alone.n.tolist() == [2, 1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gini([1.0, -2.0]), "1 negative values, the first in row 1: -2"),
        (lambda: gini([1.0], [-1.0]), "1 negative weights"),
        (lambda: dagum([1.0, 2.0], ["a"]), r"shapes \(2,\), \(2,\), \(1,\)"),
        (lambda: theil([1.0], index="X"), "choose T or L"),
        (lambda: sigma_convergence([0.0, 1.0], [1, 1]), "logarithms are needed"),
        (lambda: beta_convergence([1.0, 0.0, 2.0], [1.0, 2.0, 3.0], 1), "positive levels"),
        (lambda: beta_convergence([1.0, 2.0], [1.0, 2.0], 1), "no degrees of freedom"),
        (lambda: beta_convergence([2.0] * 5, [1.0] * 5, 1), "can't be told apart"),
        (lambda: beta_convergence([1.0], [1.0], 0), "positive number of years"),
        (lambda: beta_convergence([1.0], [1.0], 1, [[1.0]]), "0 named columns"),
        (lambda: panel_beta_convergence([1.0], ["a"], [2000.0]), "expected whole years"),
        (lambda: panel_beta_convergence([1.0] * 2, ["a"] * 2, [2000] * 2), "1 rows repeat"),
    ],
)
def test_messages(call, message):
    with pytest.raises(InequalityError, match=message):
        call()
