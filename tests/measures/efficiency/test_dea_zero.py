"""What a zero means to an efficiency model: monotone scores, outputs of zero, data without a true zero."""

import dea_textbook as textbook
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.measures.efficiency import (
    RETURNS,
    EfficiencyError,
    additive_efficiency,
    radial_efficiency,
    sbm_efficiency,
)
from analysis.measures.efficiency.declared import roles_with_ratios

ROUNDING = 1e-8  # two programs that differ in one number, each exact to 1e-10 of its size
HIGHS = 1e-7  # HiGHS is asked for 1e-10 on constraints, which a weight of a small range magnifies
PRINTED = 5e-6  # six printed digits

# The example that DataEnvelopmentAnalysis.jl prints in its pages on additive models.
X = np.array(
    [[5, 13], [16, 12], [16, 26], [17, 15], [18, 14], [23, 6], [25, 10], [27, 22], [37, 14],
     [42, 25], [5, 17]], dtype=float,
)  # fmt: skip
Y = np.array([[12.0], [14], [25], [26], [8], [9], [27], [30], [31], [26], [12]])
INEFFICIENCY = {
    "ram": {1: 0.102975, 4: 0.25553, 9: 0.417646, 10: 0.0666667},
    "bam": {1: 0.199894, 4: 0.432971, 9: 0.571361, 10: 0.121212},
}
SLACKS = {
    "ram": {1: (0, 0, 7.10526), 4: (0, 0, 17.6316), 9: (17, 15, 1), 10: (0, 4, 0)},
    "bam": {1: (6.59649, 0, 0), 4: (13, 1, 4), 9: (5, 11, 5), 10: (0, 4, 0)},
}


@st.composite
def worlds(draw):
    """Inputs (n, 2), outputs (n, 3), undesirable (n, 1), whole numbers from 1: ties and duplicates happen."""
    n = draw(st.integers(4, 9))
    amounts = st.lists(st.integers(1, 9), min_size=6 * n, max_size=6 * n)
    values = np.array(draw(amounts), dtype=float).reshape(n, 6)
    return values[:, :2], values[:, 2:5], values[:, 5:]


MODELS = {
    "ccr": lambda x, y, b: radial_efficiency(x, y, slacks=False),
    "bcc": lambda x, y, b: radial_efficiency(x, y, returns="vrs", slacks=False),
    "bcc_output": lambda x, y, b: radial_efficiency(
        x, y, orientation="output", returns="vrs", slacks=False
    ),
    "sbm": lambda x, y, b: sbm_efficiency(x, y, b),
    "super_sbm": lambda x, y, b: sbm_efficiency(x, y, b, super_efficiency=True),
    "sbm_vrs": lambda x, y, b: sbm_efficiency(x, y, b, returns="vrs"),
    "sbm_output": lambda x, y, b: sbm_efficiency(x, y, b, orientation="output"),
    "ram": lambda x, y, b: additive_efficiency(x, y, b, ranges="ram"),
    "bam": lambda x, y, b: additive_efficiency(x, y, b, ranges="bam"),
}


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=60, deadline=None)
@given(
    world=worlds(),
    unit=st.integers(0, 3),
    output=st.integers(0, 2),
    before=st.one_of(st.just(0.0), st.floats(1e-6, 9.0)),
    more=st.floats(0.01, 20.0),
)
def test_more_of_an_output_never_lowers_the_score(model, world, unit, output, before, more):
    """Also from nothing, and from next to nothing, upwards: the score there is, if any, is no higher."""
    x, y, b = world
    less, greater = y.copy(), y.copy()
    less[unit, output], greater[unit, output] = before, before + more
    fits = [MODELS[model](x, outputs, b) for outputs in (less, greater)]
    assert fits[1].status[unit] == "ok"
    assume(fits[0].status[unit] == "ok")
    assert fits[0].score[unit] <= fits[1].score[unit] + ROUNDING


@pytest.mark.parametrize("model", ["sbm", "super_sbm", "sbm_output", "ram", "bam"])
@settings(max_examples=40, deadline=None)
@given(world=worlds(), unit=st.integers(0, 3), bad=st.booleans(), more=st.floats(0.01, 20.0))
def test_more_of_an_input_never_raises_the_score(model, world, unit, bad, more):
    x, y, b = world
    greater_x, greater_b = x.copy(), b.copy()
    (greater_b if bad else greater_x)[unit, 0] += more
    fits = MODELS[model](x, y, b), MODELS[model](greater_x, y, greater_b)
    assert fits[1].score[unit] <= fits[0].score[unit] + ROUNDING


@pytest.mark.parametrize("returns", RETURNS)
def test_less_and_less_of_an_output_ends_where_nothing_is_refused(returns):
    """The score falls to zero with the output; at zero there is none, and the others keep theirs."""
    x, y = np.array([[2.0], [2.0], [3.0]]), np.array([[4.0, 3.0], [3.0, 4.0], [4.0, 0.0]])
    scores = []
    for amount in (1.0, 1e-2, 1e-4, 1e-6):
        y[2, 1] = amount
        fit = sbm_efficiency(x, y, returns=returns)
        scores.append(fit.score[2])
        others = fit.score[:2]
    assert np.all(np.diff(scores) < 0) and scores[-1] < 1e-5
    y[2, 1] = 0.0
    fit = sbm_efficiency(x, y, returns=returns)
    assert fit.status.tolist() == ["ok", "ok", "zero_output"]
    assert np.isnan(fit.score[2]) and fit.peers(2) == []
    np.testing.assert_allclose(fit.score[:2], others, atol=ROUNDING)
    # Seen from the inputs alone the output has no relative slack: nothing is refused.
    assert (sbm_efficiency(x, y, returns=returns, orientation="input").status == "ok").all()
    # What nobody makes, nobody lacks.
    nobody = sbm_efficiency(x, np.column_stack([y[:, 0], np.zeros(3)]), returns=returns)
    alone = sbm_efficiency(x, y[:, :1], returns=returns)
    assert (nobody.status == "ok").all()
    assert (nobody.score >= alone.score - ROUNDING).all()


def test_a_unit_without_an_output_stays_a_peer():
    x, y = np.array([[1.0], [1.0], [2.0]]), np.array([[9.0, 0.0], [1.0, 1.0], [9.0, 0.5]])
    fit = sbm_efficiency(x, y)
    assert fit.status.tolist() == ["zero_output", "ok", "ok"]
    assert 0 in [row for row, _ in fit.peers(2)]


@pytest.mark.parametrize("ranges", ["ram", "bam"])
def test_additive_scores_are_those_printed(ranges):
    fit = additive_efficiency(X, Y, ranges=ranges)
    want = np.zeros(len(X))
    want[list(INEFFICIENCY[ranges])] = list(INEFFICIENCY[ranges].values())
    np.testing.assert_allclose(1 - fit.score, want, atol=PRINTED)
    for row, slacks in SLACKS[ranges].items():
        found = [*fit.input_slack[row], *fit.output_slack[row]]
        np.testing.assert_allclose(found, slacks, atol=5e-5)
    best = np.setdiff1d(np.arange(len(X)), list(INEFFICIENCY[ranges]))
    assert (fit.score[best] == 1).all()


@pytest.mark.parametrize("ranges", ["ram", "bam"])
@settings(max_examples=40, deadline=None)
@given(world=worlds())
def test_additive_scores_are_those_of_the_textbook(ranges, world):
    x, y, b = world
    fit = additive_efficiency(x, y, b, ranges=ranges)
    want = [textbook.additive(x, y, b, o, ranges) for o in range(len(x))]
    np.testing.assert_allclose(fit.score, want, atol=HIGHS)
    assert ((fit.score >= 0) & (fit.score <= 1)).all()
    assert fit.n_highs == 0


def _shifted(variables, shift, scale):
    return [values * scale + shift for values in variables]


@pytest.mark.parametrize("ranges", ["ram", "bam"])
@settings(max_examples=40, deadline=None)
@given(world=worlds(), shift=st.floats(-100, 100), scale=st.sampled_from([1e-3, 1.0, 1e4]))
def test_additive_scores_know_neither_zero_nor_unit(ranges, world, shift, scale):
    fit = additive_efficiency(*world, ranges=ranges)
    other = additive_efficiency(*_shifted(world, shift * scale, scale), ranges=ranges)
    np.testing.assert_allclose(other.score, fit.score, atol=ROUNDING)


def test_a_pooled_frontier_of_many_is_the_same_priced_in_parts():
    rng = np.random.default_rng(3)
    x, y = rng.random((700, 2)), rng.random((700, 3))
    fit = additive_efficiency(x, y, ranges="bam")
    sample = range(0, 700, 70)
    want = [textbook.additive(x, y, np.empty((700, 0)), o, "bam") for o in sample]
    np.testing.assert_allclose(fit.score[list(sample)], want, atol=HIGHS)
    by_year = additive_efficiency(x, y, ranges="bam", group=np.repeat([1, 2], 350))
    half = additive_efficiency(x[:350], y[:350], ranges="bam")
    np.testing.assert_allclose(by_year.score[:350], half.score, atol=ROUNDING)


def test_additive_models_take_negative_values_and_leave_out_missing_ones():
    y = Y.copy()
    y[3], y[5] = np.nan, -2.0
    fit = additive_efficiency(X, y)
    assert fit.status.tolist() == ["missing" if i == 3 else "ok" for i in range(len(X))]
    same = additive_efficiency(np.ones((4, 1)), np.ones((4, 1)), ranges="bam")
    assert (same.score == 1).all()
    with pytest.raises(EfficiencyError, match="ranges 'crs': choose one of ram, bam"):
        additive_efficiency(X, Y, ranges="crs")


SIDES = {"input": 0, "output": 1, "undesirable": 2}


@pytest.mark.parametrize("orientation", ["input", "output"])
@pytest.mark.parametrize("method", ["radial", "super_radial", "sbm", "super_sbm"])
@settings(max_examples=15, deadline=None)
@given(world=worlds(), shift=st.sampled_from([0.5, 3.0, 50.0]))
def test_what_needs_no_zero_is_moved_by_no_shift(method, orientation, world, shift):
    """`roles_with_ratios` against the numbers: a side that it leaves out may be shifted at will."""
    moved = list(world)
    free = [r for r in SIDES if r not in roles_with_ratios(method, orientation, "vrs")]
    assert free
    for role in free:
        moved[SIDES[role]] = world[SIDES[role]] + shift
    above = method.startswith("super")

    def run(x, y, b):
        how = {"orientation": orientation, "returns": "vrs", "super_efficiency": above}
        if method.endswith("radial"):
            return radial_efficiency(x, y, slacks=False, **how)
        return sbm_efficiency(x, y, b, **how)

    np.testing.assert_allclose(run(*moved).score, run(*world).score, atol=ROUNDING)


@pytest.mark.parametrize(
    ("method", "orientation", "returns", "side"),
    [
        ("radial", "input", "crs", 1), ("radial", "input", "nirs", 1),
        ("radial", "output", "vrs", 1), ("radial", "input", "vrs", 0),
        ("sbm", "none", "vrs", 1), ("sbm", "none", "crs", 0), ("sbm", "output", "vrs", 2),
    ],
)  # fmt: skip
def test_what_needs_a_zero_is_moved_by_a_shift(method, orientation, returns, side):
    rng = np.random.default_rng(1)
    world = [rng.integers(1, 9, (9, k)).astype(float) for k in (2, 3, 1)]
    assert list(SIDES)[side] in roles_with_ratios(method, orientation, returns)
    moved = list(world)
    moved[side] = world[side] + 5.0

    def run(x, y, b):
        if method == "radial":
            return radial_efficiency(x, y, orientation=orientation, returns=returns, slacks=False)
        return sbm_efficiency(x, y, b, orientation=orientation, returns=returns)

    assert np.abs(run(*moved).score - run(*world).score).max() > 0.01
