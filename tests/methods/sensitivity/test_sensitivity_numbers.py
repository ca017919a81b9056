"""Bounds on violated trends: HonestDiD's numbers, linear programs, direct minimisation, closed forms."""

from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, stats

from analysis.methods.sensitivity.numbers.conditional import (
    HybridTest,
    breakdown,
    interval,
    least_favourable,
    truncated_quantile,
)
from analysis.methods.sensitivity.numbers.fixed_length import (
    critical_value,
    fixed_length,
    frontier,
)
from analysis.methods.sensitivity.numbers.moments import (
    EventEffects,
    SensitivityError,
    kinks,
    relative_magnitudes,
    smoothness,
    steps,
)
from analysis.methods.sensitivity.numbers.pretest import CRITICAL, undetected, within_box

HONEST = 5e-4
"""HonestDiD prints three digits, of a grid with steps of 3.5e-4 and a first stage of 1,000 draws."""
SOLVERS = 1e-7
"""Two exact algorithms; HiGHS stops at 1e-7."""
LATTICE = 3e-5
"""4,096 lattice points in three dimensions."""


def made(before: int, after: int, seed: int = 1, size: float = 1.0) -> EventEffects:
    rng = np.random.default_rng(seed)
    k = before + after
    root = rng.normal(size=(k, 2 * k))
    return EventEffects(size * rng.normal(size=k), size**2 * root @ root.T / (2 * k), before)


def first(effects: EventEffects) -> np.ndarray:
    return np.eye(effects.after)[0]


def average(effects: EventEffects) -> np.ndarray:
    return np.full(effects.after, 1 / effects.after)


@pytest.fixture(scope="module")
def ehec(shared_dir: Path) -> EventEffects:
    read = [
        np.loadtxt(shared_dir / "reference" / f"honestdid_ehec_{name}.csv", delimiter=",")
        for name in ("beta", "sigma")
    ]
    return EventEffects(read[0], read[1], 5)


@pytest.mark.real
@pytest.mark.parametrize(("bound", "low", "high"), [(1, 0.0171, 0.0720), (2, -0.00107, 0.0883)])
def test_relative_magnitudes_are_those_of_honestdid(ehec, bound, low, high):
    test = HybridTest(relative_magnitudes(ehec, first(ehec), bound))
    found = interval(test, *ehec.of(first(ehec)))
    assert (found.low, found.high) == pytest.approx((low, high), abs=HONEST)


@pytest.mark.real
@pytest.mark.parametrize(("bound", "low", "high"), [(0, 0.0259, 0.0607), (0.03, -0.00714, 0.101)])
def test_fixed_lengths_are_those_of_honestdid(ehec, bound, low, high):
    found = fixed_length(ehec, frontier(ehec, first(ehec)), bound, 0.05)
    assert (found.low, found.high) == pytest.approx((low, high), abs=HONEST)


# --- linear programs -----------------------------------------------------------------------------


def rows_of(effects, restriction, bound, change=None, sign=1.0):
    """All inequalities rows @ (beta - tau) <= limits of a bound that reach into the years after."""
    make = steps if restriction == "relative" else kinks
    _, post = make(effects.before, effects.after)
    moving = 0.0 if change is None else sign * bound * change
    limit = np.full(2 * len(post), bound if change is None else 0.0)
    return np.vstack([post - moving, -post - moving]), limit


def by_program(effects, rows, limit, weights, theta):
    """Eta and the multipliers: min eta with slack eta times the errors, tau free but for l'tau = theta."""
    p = effects.before
    errors = np.sqrt(np.einsum("ij,jk,ik->i", rows, effects.covariance, rows))
    found = optimize.linprog(
        np.concatenate([[1.0], np.zeros(effects.after)]),
        A_ub=-np.column_stack([errors, rows[:, p:]]),
        b_ub=limit - rows @ effects.estimates,
        A_eq=[np.concatenate([[0.0], weights])],
        b_eq=[theta],
        bounds=(None, None),
        method="highs",
    )
    return found.fun, -found.ineqlin.marginals, errors


def rejected_by_program(effects, rows, limit, weights, theta, first_stage):
    """The hybrid test with the ends of eta by bisection over linear programs, as HonestDiD has them."""
    eta, gamma, errors = by_program(effects, rows, limit, weights, theta)
    if eta > first_stage:
        return True
    p = effects.before
    at = np.zeros(effects.after)
    at += theta * weights / (weights @ weights)
    free = np.linalg.svd(weights[None, :])[2][1:]
    y = rows @ effects.estimates - limit - rows[:, p:] @ at
    sigma = rows @ effects.covariance @ rows.T
    error = np.sqrt(gamma @ sigma @ gamma)
    if error < 1e-9:  # the sum of a row's two sides, which is no random number
        return eta > 0
    pass_on = sigma @ gamma / error**2
    rest = y - pass_on * eta

    def is_it(v):
        found = optimize.linprog(
            -(rest + pass_on * v),
            A_eq=np.column_stack([errors, rows[:, p:] @ free.T]).T,
            b_eq=np.concatenate([[1.0], np.zeros(len(free))]),
            method="highs",
        )
        return abs(-found.fun - v) < 1e-8

    ends = []
    for side in (-1.0, 1.0):
        inside, outside = eta, eta + side * 50 * error
        if is_it(outside):
            ends.append(side * np.inf)
            continue
        for _ in range(40):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if is_it(middle) else (inside, middle)
        ends.append(inside)
    level = 1 - (0.05 - 0.005) / 0.995
    low, high = ends[0] / error, min(ends[1], first_stage) / error
    critical = truncated_quantile(level, np.array([low]), np.array([high]))[0]
    return eta > max(error * critical, 0.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("restriction", ["relative", "smooth"])
def test_vertices_have_the_value_of_the_linear_program(restriction, seed):
    effects = made(3, 4, seed)
    weights = np.random.default_rng(seed).normal(size=4)
    if restriction == "smooth":
        parts, given = smoothness(effects, weights, 0.3), [(None, 1.0)]
    else:
        parts = relative_magnitudes(effects, weights, 0.7)
        given = [(change, sign) for change in steps(3, 4)[0] for sign in (1.0, -1.0)]
    bound = 0.3 if restriction == "smooth" else 0.7
    for j, (change, sign) in enumerate(given):
        rows, limit = rows_of(effects, restriction, bound, change, sign)
        for theta in (-2.0, 0.1, 3.0):
            eta, *_ = by_program(effects, rows, limit, weights, theta)
            values = (
                parts.of_effect[j] * (parts.effect[j] - theta)
                + parts.of_size[j] * parts.size[j]
                - parts.constant[j]
            )
            assert values.max() == pytest.approx(eta, abs=SOLVERS)


@pytest.mark.parametrize("restriction", ["relative", "smooth"])
def test_decisions_are_those_of_the_linear_programs(restriction):
    """Effects from the middle of the interval to beyond its ends; close to an end rounding decides."""
    effects = made(2, 3, 5)
    weights = average(effects)
    change = steps(2, 3)[0][1] if restriction == "relative" else None
    bound = 0.8 if restriction == "relative" else 0.4
    rows, limit = rows_of(effects, restriction, bound, change, 1.0)
    if restriction == "relative":
        parts = relative_magnitudes(effects, weights, bound)
        at = 2  # the second change, taken as positive
    else:
        parts, at = smoothness(effects, weights, bound), 0
    own = HybridTest(parts)
    first_stage = least_favourable(parts, 0.005)[at]
    theta = effects.of(weights)[0] + np.linspace(-8.1, 8.3, 11)
    told = own.rejections(theta)[at]
    assert 0 < told.sum() < len(theta)
    for value, mine in zip(theta, told, strict=True):
        assert rejected_by_program(effects, rows, limit, weights, value, first_stage) == mine, value


# --- the parts -----------------------------------------------------------------------------------


def test_the_least_favourable_quantile_is_that_of_draws():
    effects = made(3, 4, 2)
    parts = relative_magnitudes(effects, average(effects), 1.5)
    rng = np.random.default_rng(3)
    for j in range(len(parts.effect)):
        draws = rng.multivariate_normal(np.zeros(2), parts.spread[j], size=200_000)
        values = draws[:, [0]] * parts.of_effect[j] + draws[:, [1]] * parts.of_size[j]
        share = np.mean(values.max(axis=1) <= least_favourable(parts, 0.005)[j])
        assert share == pytest.approx(0.995, abs=4 * np.sqrt(0.995 * 0.005 / 200_000))


def test_without_a_bound_the_interval_is_the_usual_one():
    effects = made(3, 4)
    estimate, error = effects.of(average(effects))
    found = interval(
        HybridTest(relative_magnitudes(effects, average(effects), 0.0)), estimate, error
    )
    assert found.low == pytest.approx(estimate - CRITICAL * error, rel=1e-6)
    assert found.high == pytest.approx(estimate + CRITICAL * error, rel=1e-6)


@pytest.mark.parametrize("seed", [1, 4])
@pytest.mark.parametrize("bound", [0.0, 0.1, 1.0])
def test_no_affine_estimator_is_shorter(seed, bound):
    """The half-length minimised directly over weights of years before, the bias by its linear program."""
    effects = made(4, 2, seed)
    weights = average(effects)
    found = fixed_length(effects, frontier(effects, weights), bound, 0.05)
    p, k = effects.before, len(effects.estimates)
    distance = np.concatenate([-np.arange(p, 0, -1.0), np.arange(1.0, k - p + 1)])
    all_kinks = np.vstack(kinks(effects.before, effects.after))
    span = np.linalg.svd(distance[None, :p])[2][1:]
    start = np.concatenate(
        [-distance[:p] * (weights @ distance[p:]) / (distance[:p] @ distance[:p]), weights]
    )

    def half(free):
        own = start + np.concatenate([free @ span, np.zeros(k - p)])
        error = np.sqrt(own @ effects.covariance @ own)
        # delta = trend + W w: the bias is bound times the absolute weights of w.
        of_kinks = np.linalg.lstsq(all_kinks.T, own, rcond=None)[0]
        return error * critical_value(bound * np.abs(of_kinks).sum() / error, 0.05)

    least = min(
        optimize.minimize(
            half, s, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 5000}
        ).fun
        for s in (np.zeros(p - 1), np.full(p - 1, 0.3))
    )
    assert found.half_length == pytest.approx(least, rel=1e-5)
    assert found.half_length <= least * (1 + 1e-9)


@pytest.mark.parametrize("bias", [0.0, 0.4, 3.0, 60.0])
def test_the_critical_value_is_a_quantile_of_the_folded_normal(bias):
    assert critical_value(bias, 0.05) == pytest.approx(stats.foldnorm.ppf(0.95, bias), rel=1e-9)


def test_truncated_quantiles_hold_in_the_tail():
    low, high = np.array([-1.0, 8.0, -np.inf]), np.array([2.0, 9.0, np.inf])
    found = truncated_quantile(0.95, low, high)
    expected = [stats.truncnorm.ppf(0.95, a, b) for a, b in zip(low, high, strict=True)]
    assert found == pytest.approx(expected, rel=1e-9)


def test_breakdown_is_where_it_stops_to_hold():
    assert breakdown(lambda m: m < 0.37, 1.0) == pytest.approx(0.37, abs=1e-6)
    assert breakdown(lambda m: False, 1.0) == 0.0
    assert breakdown(lambda m: True, 1.0) == float("inf")


def test_numbers_follow_the_unit_of_the_outcome():
    ends = []
    for size in (1.0, 1e-6):
        effects = made(3, 3, 2, size)
        test = HybridTest(relative_magnitudes(effects, average(effects), 1.0))
        found = interval(test, *effects.of(average(effects)))
        smooth = fixed_length(effects, frontier(effects, average(effects)), 0.2 * size, 0.05)
        trend = undetected(effects, average(effects), 0.5)
        ends.append(
            np.array([found.low, found.high, smooth.low, trend.slope, trend.bias_passed]) / size
        )
    assert ends[1] == pytest.approx(ends[0], rel=1e-6)


# --- power of the pre-test -----------------------------------------------------------------------


def test_with_one_lead_power_and_bias_are_closed_forms():
    effects = EventEffects(np.array([0.2, 1.0]), np.array([[0.04, 0.01], [0.01, 0.09]]), 1)
    found = undetected(effects, np.ones(1), 0.8)
    z = -found.slope / 0.2
    power = stats.norm.cdf(-CRITICAL - z) + stats.norm.sf(CRITICAL - z)
    assert power == pytest.approx(0.8, abs=1e-9)
    mean = stats.truncnorm.mean(-CRITICAL - z, CRITICAL - z, loc=z) * 0.2
    carried = 0.01 / 0.04 * (mean + found.slope)
    assert found.bias_passed == pytest.approx(found.slope + carried, rel=2e-4)  # 4,096 points
    assert found.passes_more == pytest.approx(0.2 / 0.95, rel=1e-9)
    told = stats.norm(-found.slope, 0.2).pdf(0.2) / stats.norm(0, 0.2).pdf(0.2)
    assert found.likelihood_ratio == pytest.approx(told, rel=1e-9)


def test_boxes_of_correlated_normals_are_those_of_scipy():
    effects = made(3, 2, 7)
    covariance, mean = effects.covariance[:3, :3], np.array([0.3, -0.2, 0.5])
    bound = CRITICAL * np.sqrt(np.diag(covariance))
    expected = stats.multivariate_normal(mean, covariance, abseps=1e-9, maxpts=10**7).cdf(
        bound, lower_limit=-bound
    )
    assert within_box(mean, covariance)[0] == pytest.approx(expected, abs=LATTICE)


def test_a_power_below_the_size_of_the_test_has_no_trend():
    with pytest.raises(SensitivityError, match=r"already rejects with probability 0\.14"):
        undetected(EventEffects(np.zeros(4), np.eye(4), 3), np.ones(1), 0.1)


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effects", "covariance", "before", "said"),
    [
        (np.ones(2), np.eye(2), 0, "no effect before the policy"),
        (np.ones(2), np.eye(2), 2, "no effect from event time 0 on"),
        (np.ones(2), np.ones((2, 2)), 1, "covariance of 2 effects is singular"),
        (np.ones(2), np.diag([1.0, 0.0]), 1, "singular"),
        (np.array([1.0, np.nan]), np.eye(2), 1, "no number"),
        (np.ones(3), np.eye(2), 1, "expected \\(3, 3\\)"),
    ],
)
def test_what_can_not_be_analysed_is_refused(effects, covariance, before, said):
    with pytest.raises(SensitivityError, match=said):
        EventEffects(effects, covariance, before)


def test_one_lead_is_enough():
    effects = made(1, 3)
    test = HybridTest(relative_magnitudes(effects, first(effects), 1.0))
    found = interval(test, *effects.of(first(effects)))
    extrapolated = fixed_length(effects, frontier(effects, first(effects)), 0.0, 0.05)
    assert found.low < found.high
    assert extrapolated.estimate == pytest.approx(effects.estimates[1] + effects.estimates[0])
