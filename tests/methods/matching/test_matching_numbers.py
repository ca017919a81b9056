"""Matching on arrays: scores and pairs of published data, brute force, closed forms, ties, relabelling."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.optimize import linear_sum_assignment, minimize
from scipy.spatial.distance import cdist

from analysis.methods.matching.numbers.balance import balance, density, rubin, variances
from analysis.methods.matching.numbers.entropy import BalanceError, balancing_weights
from analysis.methods.matching.numbers.neighbours import (
    Reach,
    as_matched,
    rank_of,
    whitened,
    with_replacement,
    without_replacement,
)
from analysis.methods.matching.numbers.propensity import PropensityError, fit_logit, off_support
from analysis.methods.matching.numbers.smooth import by_kernel, within_radius

SCORE = 1e-8
"""R's glm stops at a relative deviance of 1e-8; the stored scores differ from the maximum by 3e-9."""
PRINTED = 5e-5
"""Means printed with four decimals."""
ROUNDING = 1e-9
"""Two exact ways on some hundred cases."""
OPTIMISER = 1e-6
"""What a general optimiser leaves of weights."""

COVARIATES = ["age", "educ", "hispan", "white", "married", "nodegree", "re74", "re75"]


@pytest.fixture
def stored(shared_dir: Path) -> Path:
    """Data sets with results of other programs."""
    return shared_dir / "reference"


@pytest.fixture
def lalonde(stored: Path) -> pd.DataFrame:
    frame = pd.read_csv(stored / "lalonde_matchit.csv")
    return frame.assign(hispan=frame["race"] == "hispan", white=frame["race"] == "white")


def arrays(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return frame[COVARIATES].to_numpy(dtype=float), frame["treat"].to_numpy() == 1


def world(seed: int = 1, n: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """Covariates and a treatment that depends on them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    return x, rng.random(n) < 1 / (1 + np.exp(0.9 - x[:, 0] + 0.5 * x[:, 1]))


# --- the score -----------------------------------------------------------------------------------


@pytest.mark.real
def test_the_score_of_lalonde_is_that_of_r(lalonde, stored):
    scores = pd.read_csv(stored / "ref_lalonde_pscore.csv").set_index("id")["ps"]
    x, treated = arrays(lalonde)
    fit = fit_logit(x, treated, COVARIATES)
    np.testing.assert_allclose(fit.score, scores[lalonde["pid"]].to_numpy(), atol=SCORE)


def test_the_logit_is_that_of_statsmodels():
    x, treated = world()
    fit = fit_logit(x * [1e6, 1.0, 1e-5], treated, ["a", "b", "c"])
    reference = sm.Logit(treated.astype(float), sm.add_constant(x)).fit(disp=0, method="newton")
    scale = np.array([1e6, 1.0, 1e-5, 1.0])
    order = [1, 2, 3, 0]
    np.testing.assert_allclose(fit.coefficients * scale, reference.params[order], rtol=OPTIMISER)
    np.testing.assert_allclose(fit.std_errors * scale, reference.bse[order], rtol=OPTIMISER)
    assert fit.log_likelihood == pytest.approx(reference.llf, rel=ROUNDING)
    assert fit.pseudo_r2 == pytest.approx(reference.prsquared, rel=ROUNDING)


def test_the_logit_of_one_indicator_is_the_odds_ratio():
    """Closed form: four cells of 6, 14, 12 and 8."""
    x = np.repeat([0.0, 0.0, 1.0, 1.0], [6, 14, 12, 8])
    treated = np.repeat([True, False, True, False], [6, 14, 12, 8])
    fit = fit_logit(x[:, None], treated, ["x"])
    assert fit.coefficients == pytest.approx([np.log(12 / 8) - np.log(6 / 14), np.log(6 / 14)])
    assert fit.std_errors[0] == pytest.approx(np.sqrt(1 / 6 + 1 / 14 + 1 / 12 + 1 / 8))


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (lambda t, x: t + 0.0, "^b separates"),
        (lambda t, x: np.where(t, 1.0, x[:, 0].clip(None, 0)), "^b separates"),
    ],
)
def test_separated_groups_are_told_with_the_covariate(column, said):
    x, treated = world()
    x[:, 1] = column(treated, x)
    with pytest.raises(PropensityError, match=said) as told:
        fit_logit(x, treated, ["a", "b", "c"])
    assert "separates the treated from the others" in str(told.value)


def test_a_direction_that_separates_is_told_by_its_columns():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(60, 3))
    treated = x[:, 0] + x[:, 2] > 0
    with pytest.raises(PropensityError, match=r"^a and c separate the treated"):
        fit_logit(x, treated, ["a", "b", "c"])


def test_a_nearly_certain_score_is_no_separation():
    rng = np.random.default_rng(8)
    x = np.append(rng.normal(size=60) * 8, [-0.3, 0.3])
    treated = np.append(x[:-2] > 0, [True, False])
    assert np.isfinite(fit_logit(x[:, None], treated, ["a"]).coefficients).all()


def test_columns_that_say_nothing_new_are_dropped_and_told():
    x, treated = world()
    wide = np.column_stack([x, x[:, 0] + x[:, 1], np.full(len(x), 3.0)])
    fit = fit_logit(wide, treated, ["a", "b", "c", "d", "e"])
    assert [str(term) for term in fit.dropped] == [
        "d: a linear combination of a, b", "e: does not vary in the sample",
    ]  # fmt: skip
    np.testing.assert_allclose(
        fit.score, fit_logit(x, treated, ["a", "b", "c"]).score, atol=ROUNDING
    )


@pytest.mark.parametrize("treated", [np.zeros(5, bool), np.ones(5, bool)])
def test_a_group_that_is_empty_is_told(treated):
    with pytest.raises(PropensityError, match="needs treated and others"):
        fit_logit(np.arange(5.0)[:, None], treated, ["a"])


def test_support_is_the_range_of_the_controls():
    score = np.array([0.1, 0.2, 0.6, 0.05, 0.7, 0.6])
    treated = np.array([False, True, False, True, True, True])
    assert off_support(score, treated, 1e-9).tolist() == [False, False, False, True, True, False]


# --- neighbours ----------------------------------------------------------------------------------


@pytest.mark.real
def test_pairs_of_lalonde_are_those_of_matchit(lalonde, stored):
    listed = pd.read_csv(stored / "ref_lalonde_nn1to1_pairs.csv")
    x, treated = arrays(lalonde)
    score = fit_logit(x, treated, COVARIATES).score
    pairs = without_replacement(score[:, None], treated, 1, score, rank_of(score, x))
    names = lalonde["pid"].to_numpy()
    found = dict(zip(names[pairs.treated], names[pairs.control], strict=True))
    assert found == dict(zip(listed["treated"], listed["control"], strict=True))
    after = balance(x, treated, as_matched(pairs, len(x)).weight)
    means = dict(zip(COVARIATES, after.mean_control, strict=True))
    for name, printed in {
        "age": 25.3027, "educ": 10.6054, "re74": 2342.1076, "re75": 1614.7451,
    }.items():  # fmt: skip
        assert means[name] == pytest.approx(printed, abs=PRINTED)


def greedy(gap: np.ndarray, order: list[int], neighbours: int) -> set[tuple[int, int]]:
    """Greedy pairs by hand: rounds of one neighbour each, treated in the given order."""
    free, pairs = set(range(gap.shape[1])), set()
    for _ in range(neighbours):
        for i in order:
            if free:
                j = min(free, key=lambda j: gap[i, j])
                free.remove(j)
                pairs.add((i, j))
    return pairs


@pytest.mark.parametrize("neighbours", [1, 2, 4])
def test_greedy_pairs_by_hand(neighbours):
    x, treated = world(3)
    score = fit_logit(x, treated, ["a", "b", "c"]).score
    ours, others = np.flatnonzero(treated), np.flatnonzero(~treated)
    pairs = without_replacement(score[:, None], treated, neighbours, score, rank_of(score, x))
    gap = np.abs(score[ours][:, None] - score[others][None, :])
    expected = greedy(gap, list(np.argsort(-score[ours])), neighbours)
    assert {(ours[i], others[j]) for i, j in expected} == set(
        zip(pairs.treated, pairs.control, strict=True)
    )
    assert len(set(pairs.control)) == len(pairs.control)


def test_greedy_is_not_the_assignment_of_least_distance():
    """Falling scores: .60 takes .55 and leaves .50 the far one, .80; the best assignment crosses."""
    score = np.array([0.60, 0.50, 0.55, 0.80])
    treated = np.array([True, True, False, False])
    pairs = without_replacement(score[:, None], treated, 1, score, np.arange(4))
    assert list(zip(pairs.treated, pairs.control, strict=True)) == [(0, 2), (1, 3)]
    gap = np.abs(score[:2, None] - score[None, 2:])
    best = gap[linear_sum_assignment(gap)].sum()
    everyone = min(sum(gap[i, j] for i, j in enumerate(p)) for p in permutations(range(2)))
    assert best == pytest.approx(everyone) == pytest.approx(0.25)
    assert pairs.distance.sum() == pytest.approx(0.35)


def test_greedy_pairs_of_mahalanobis_are_longer_than_the_best_assignment():
    x, treated = world(5, 60)
    place = whitened(x, treated)
    score = fit_logit(x, treated, ["a", "b", "c"]).score
    pairs = without_replacement(place, treated, 1, score, rank_of(score, x))
    gap = cdist(place[treated], place[~treated])
    best = gap[linear_sum_assignment(gap)].sum()
    nearest = gap.min(axis=1).sum()
    assert nearest < best < pairs.distance.sum()


@pytest.mark.parametrize("neighbours", [1, 3])
def test_nearest_with_replacement_by_hand(neighbours):
    x, treated = world(4)
    place = whitened(x, treated)
    pairs = with_replacement(place, treated, neighbours)
    gap = cdist(place[treated], place[~treated])
    nearest = np.argsort(gap, axis=1)[:, :neighbours]
    ours, others = np.flatnonzero(treated), np.flatnonzero(~treated)
    expected = {(ours[i], others[j]) for i, row in enumerate(nearest) for j in row}
    assert set(zip(pairs.treated, pairs.control, strict=True)) == expected
    np.testing.assert_allclose(pairs.share, 1 / neighbours)
    matched = as_matched(pairs, len(x))
    assert matched.weight[~treated].sum() == pytest.approx(treated.sum())


def test_whitened_places_have_the_distance_of_mahalanobis():
    x, treated = world(2)
    x = x @ np.array([[1.0, 0.4, 0], [0, 2, 0.3], [0, 0, 9]])
    centred = np.where(treated[:, None], x - x[treated].mean(0), x - x[~treated].mean(0))
    within = centred.T @ centred / (len(x) - 2)
    expected = cdist(x[treated], x[~treated], "mahalanobis", VI=np.linalg.inv(within))
    place = whitened(x, treated)
    np.testing.assert_allclose(cdist(place[treated], place[~treated]), expected, rtol=ROUNDING)
    spanned = whitened(np.column_stack([x, x[:, 0] - x[:, 1]]), treated)
    np.testing.assert_allclose(
        cdist(spanned[treated], spanned[~treated]),
        expected,
        rtol=1e-6,  # a null eigenvalue is left out
    )


def test_a_caliper_leaves_out_who_has_nobody_near():
    place = np.array([[0.1], [0.5], [0.12], [0.9]])
    treated = np.array([True, True, False, False])
    reach = Reach(place[:, 0], 0.05)
    for pairs in (
        with_replacement(place, treated, 1, reach),
        without_replacement(place, treated, 1, place[:, 0], np.arange(4), reach),
    ):
        assert list(zip(pairs.treated, pairs.control, strict=True)) == [(0, 2)]
    matched = as_matched(pairs, 4)
    assert matched.weight.tolist() == [1, 0, 1, 0] and matched.uses.tolist() == [1, 0, 1, 0]


def test_controls_that_tie_share_and_the_order_of_rows_decides_nothing():
    """Controls at .4 and .6 are as near to .5, but for rounding; two treated compete for one."""
    score = np.array([0.5, 0.4, 0.6, 0.5 + 1e-15, 0.9])
    treated = np.array([True, False, False, True, False])
    extra = np.array([[1.0], [2.0], [3.0], [4.0], [5.0]])
    seen, shares = set(), set()
    for order in permutations(range(5)):
        at = list(order)
        s, t, x = score[at], treated[at], extra[at]
        pairs = without_replacement(s[:, None], t, 1, s, rank_of(s, x))
        seen.add(
            frozenset((at[i], at[j]) for i, j in zip(pairs.treated, pairs.control, strict=True))
        )
        both = with_replacement(s[:, None], t, 1)
        shares.add(frozenset((at[i], at[j], round(w, 6))
                   for i, j, w in zip(both.treated, both.control, both.share, strict=True)))  # fmt: skip
    assert seen == {frozenset({(0, 2), (3, 1)})}
    assert shares == {frozenset({(0, 1, 0.5), (0, 2, 0.5), (3, 1, 0.5), (3, 2, 0.5)})}


# --- smooth weights ------------------------------------------------------------------------------


def test_kernel_weights_by_hand():
    x, treated = world(6)
    score = fit_logit(x, treated, ["a", "b", "c"]).score
    matched = by_kernel(score, treated, 0.06)
    u = (score[treated][:, None] - score[~treated][None, :]) / 0.06
    k = np.where(np.abs(u) < 1, 0.75 * (1 - u**2), 0.0)
    served = k.sum(axis=1) > 0
    expected = (k[served] / k[served].sum(axis=1, keepdims=True)).sum(axis=0)
    np.testing.assert_allclose(matched.weight[~treated], expected, atol=ROUNDING)
    np.testing.assert_array_equal(matched.weight[treated], served.astype(float))
    np.testing.assert_array_equal(matched.uses[~treated], (k > 0).sum(axis=0))


def test_radius_weights_by_hand():
    x, treated = world(7)
    score = fit_logit(x, treated, ["a", "b", "c"]).score
    matched = within_radius(score, treated, 0.02)
    near = np.abs(score[treated][:, None] - score[~treated][None, :]) <= 0.02
    served = near.any(axis=1)
    expected = (near[served] / near[served].sum(axis=1, keepdims=True)).sum(axis=0)
    np.testing.assert_allclose(matched.weight[~treated], expected, atol=ROUNDING)
    assert 0 < served.sum() < treated.sum()


# --- entropy balancing ---------------------------------------------------------------------------


def test_entropy_weights_of_one_indicator_are_ratios_of_shares():
    """Closed form: 60 % of the treated and 20 % of the controls have it."""
    x = np.repeat([1.0, 0.0, 1.0, 0.0], [6, 4, 10, 40])[:, None]
    treated = np.repeat([True, False], [10, 50])
    weights = balancing_weights(x, treated, ["x"])
    np.testing.assert_allclose(weights[10:20], 10 * 0.6 / 10, rtol=ROUNDING)
    np.testing.assert_allclose(weights[20:], 10 * 0.4 / 40, rtol=ROUNDING)


def test_entropy_weights_of_a_normal_tilt_are_exponential_and_least_divergent():
    x, treated = world(9, 40)
    weights = balancing_weights(x, treated, ["a", "b", "c"])
    controls, target = x[~treated], x[treated].mean(axis=0)

    def divergence(w):
        return float(np.sum(w * np.log(w)))

    found = minimize(
        divergence, np.full(len(controls), 1 / len(controls)), method="SLSQP",
        bounds=[(1e-12, 1)] * len(controls), options={"ftol": 1e-14, "maxiter": 500},
        constraints=[
            {"type": "eq", "fun": lambda w: w @ controls - target},
            {"type": "eq", "fun": lambda w: w.sum() - 1},
        ],
    )  # fmt: skip
    ours = weights[~treated] / treated.sum()
    assert divergence(ours) <= found.fun + OPTIMISER
    np.testing.assert_allclose(
        ours, found.x, atol=1e-4
    )  # flat at its minimum: weights follow slowly
    np.testing.assert_allclose(ours @ controls, target, atol=ROUNDING)


def test_entropy_weights_can_balance_variances():
    x, treated = world(10, 200)
    weights = balancing_weights(x, treated, ["a", "b", "c"], moments=2)
    after = balance(x, treated, weights)
    np.testing.assert_allclose(after.difference, 0, atol=1e-8)
    second = np.average((x[~treated] - x[treated].mean(0)) ** 2, axis=0, weights=weights[~treated])
    np.testing.assert_allclose(second, x[treated].var(axis=0), rtol=1e-8)


def test_a_mean_that_no_weights_give_is_told_with_the_covariate():
    x, treated = world(11)
    x[treated, 1] += 50
    with pytest.raises(BalanceError, match="the mean of b of the treated lies beyond"):
        balancing_weights(x, treated, ["a", "b", "c"])
    square = np.array([[0.0, 1.0], [1.0, 0.0], [-1.0, 0.0], [0.9, 0.9]])
    with pytest.raises(BalanceError, match="give them the treated's means of a, b together"):
        balancing_weights(square, np.array([False, False, False, True]), ["a", "b"])


# --- balance -------------------------------------------------------------------------------------


def test_balance_by_hand():
    x, treated = world(12)
    weight = np.where(treated, 1.0, np.random.default_rng(0).uniform(0, 2, len(x)))
    found = balance(x, treated, weight)
    ruler = np.sqrt((x[treated].var(0, ddof=1) + x[~treated].var(0, ddof=1)) / 2)
    mean = np.average(x[~treated], axis=0, weights=weight[~treated])
    np.testing.assert_allclose(found.difference, (x[treated].mean(0) - mean) / ruler)
    np.testing.assert_allclose(variances(x, np.full(len(x), 3.0)), x.var(axis=0, ddof=1))
    # Weights that count repetitions of a case: the mean is that of the repeated cases.
    times = np.arange(len(x)) % 3 + 1.0
    repeated = np.repeat(x, times.astype(int), axis=0)
    np.testing.assert_allclose(np.average(x, axis=0, weights=times), repeated.mean(axis=0))


def test_rubins_numbers_by_hand():
    index = np.array([0.0, 1.0, 2.0, 3.0, 1.0, 5.0])
    treated = np.array([True, True, True, False, False, False])
    b, r = rubin(index, treated, np.ones(6))
    assert b == pytest.approx(100 * 2.0 / np.sqrt((1 + 4) / 2)) and r == pytest.approx(1 / 4)


def test_a_density_adds_up_to_one_and_follows_its_weights():
    values = np.random.default_rng(2).normal(size=400)
    places = np.linspace(-6, 6, 601)
    plain = density(values, np.ones(400), places)
    assert np.trapezoid(plain, places) == pytest.approx(1, abs=1e-4)
    times = np.repeat([1.0, 3.0], 200)
    weighted = density(values, times, places)
    mean = np.trapezoid(weighted * places, places)
    assert mean == pytest.approx(np.average(values, weights=times), abs=1e-4)


# --- properties ----------------------------------------------------------------------------------

RULES = {
    "nearest": lambda s, x, t: as_matched(with_replacement(s[:, None], t, 2), len(s)).weight,
    "once": lambda s, x, t: (
        as_matched(without_replacement(s[:, None], t, 1, s, rank_of(s, x)), len(s)).weight
    ),
    "kernel": lambda s, x, t: by_kernel(s, t, 0.06).weight,
    "radius": lambda s, x, t: within_radius(s, t, 0.05).weight,
    "mahalanobis": lambda s, x, t: (
        as_matched(with_replacement(whitened(x, t), t, 1), len(s)).weight
    ),
    "entropy": lambda s, x, t: balancing_weights(x, t, ["a", "b", "c"]),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(5))
def test_weights_follow_their_cases_and_no_unit_of_a_covariate(rule, seed):
    """In another order, and with covariates in other units and from another zero, all weights are the same."""
    x, treated = world(seed + 20, 120)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    moved = (x * [1e8, 1e-6, 3.0] + [5.0, 0.0, -700.0])[order]

    def weights(x, treated):
        return RULES[rule](fit_logit(x, treated, ["a", "b", "c"]).score, x, treated)

    np.testing.assert_allclose(
        weights(moved, treated[order]), weights(x, treated)[order], atol=1e-7
    )
