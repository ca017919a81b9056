"""What must hold of efficiency scores for any data, and what bad data gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.measures.efficiency import (
    RETURNS,
    EfficiencyError,
    malmquist,
    radial_efficiency,
    returns_to_scale,
    sbm_efficiency,
)

ROUNDING = 1e-8  # two runs on data scaled differently

amounts = st.floats(0.01, 100, allow_nan=False).map(lambda v: round(v, 2))


@st.composite
def technologies(draw, zeros=False):
    """Inputs (n, m), outputs (n, s), undesirable (n, 1), positive or with some zeros."""
    n, m, s = draw(st.integers(2, 12)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    values = st.one_of(amounts, st.just(0.0)) if zeros else amounts
    table = draw(hnp.arrays(float, (n, m + s + 1), elements=values))
    return table[:, :m], table[:, m : m + s], table[:, m + s :]


returns_ = st.sampled_from(RETURNS)
orientations = st.sampled_from(["input", "output"])


@settings(max_examples=60, deadline=None)
@given(technologies(), returns_, orientations, st.integers(0, 2**32 - 1))
def test_radial_scores_are_bounded_nested_and_free_of_units(data, returns, orientation, seed):
    x, y, _ = data
    fit = radial_efficiency(x, y, orientation=orientation, returns=returns)
    assert (fit.status == "ok").all() and fit.n_highs == 0
    assert (fit.score > 0).all() and (fit.score <= 1 + ROUNDING).all()
    assert fit.score.max() == pytest.approx(1.0)  # somebody is the best
    units = 10.0 ** np.random.default_rng(seed).uniform(-4, 4, x.shape[1] + y.shape[1])
    rescaled = radial_efficiency(
        x * units[: x.shape[1]], y * units[x.shape[1] :], orientation=orientation, returns=returns
    )
    assert rescaled.score == pytest.approx(fit.score, abs=ROUNDING)
    # A smaller technology gives higher scores.
    crs = radial_efficiency(x, y, orientation=orientation).score
    vrs = radial_efficiency(x, y, orientation=orientation, returns="vrs").score
    assert (crs <= fit.score + ROUNDING).all() and (fit.score <= vrs + ROUNDING).all()


@settings(max_examples=40, deadline=None)
@given(technologies())
def test_constant_returns_are_the_same_both_ways_and_scale_efficiency_splits_them(data):
    x, y, _ = data
    into = radial_efficiency(x, y, slacks=False).score
    out = radial_efficiency(x, y, orientation="output", slacks=False).score
    assert into == pytest.approx(out, abs=ROUNDING)
    split = returns_to_scale(x, y)
    assert split.scale * split.vrs == pytest.approx(into, abs=ROUNDING)
    assert (split.scale <= 1 + ROUNDING).all()


@settings(max_examples=40, deadline=None)
@given(technologies(), st.integers(1, 5))
def test_bcc_ignores_a_shift_of_the_other_side(data, shift):
    # Ali and Seiford (1990): input-oriented BCC is invariant to a shift of outputs, output-
    # oriented BCC to one of inputs.
    x, y, _ = data
    into = radial_efficiency(x, y, returns="vrs", slacks=False).score
    assert radial_efficiency(x, y + shift, returns="vrs", slacks=False).score == pytest.approx(
        into, abs=ROUNDING
    )
    out = radial_efficiency(x, y, returns="vrs", orientation="output", slacks=False).score
    moved = radial_efficiency(x + shift, y, returns="vrs", orientation="output", slacks=False)
    assert moved.score == pytest.approx(out, abs=ROUNDING)


@settings(max_examples=60, deadline=None)
@given(technologies(), returns_, st.sampled_from(["none", "input", "output"]))
def test_sbm_is_bounded_below_radial_and_free_of_units(data, returns, orientation):
    x, y, b = data
    plain = sbm_efficiency(x, y, orientation=orientation, returns=returns)
    assert (plain.score > 0).all() and (plain.score <= 1 + ROUNDING).all()
    assert plain.n_highs == 0
    if orientation != "output":  # Tone (2001): the input-oriented radial score is never below it
        radial = radial_efficiency(x, y, returns=returns, slacks=False).score
        assert (plain.score <= radial + ROUNDING).all()
    with_bad = sbm_efficiency(x, y, b, orientation=orientation, returns=returns)
    scaled = sbm_efficiency(x * 1e4, y / 50, b * 7, orientation=orientation, returns=returns)
    assert scaled.score == pytest.approx(with_bad.score, abs=ROUNDING)
    above = sbm_efficiency(x, y, b, orientation=orientation, returns=returns, super_efficiency=True)
    judged = above.status == "ok"
    best = with_bad.score > 1 - 1e-9
    assert (above.score[judged & best] >= 1 - ROUNDING).all()
    assert above.score[~best] == pytest.approx(with_bad.score[~best], abs=ROUNDING)
    assert set(above.status) <= {"ok", "infeasible"}
    for slack in (above.input_slack, above.output_slack, above.undesirable_slack):
        assert (slack[judged] >= 0).all()


@settings(max_examples=60, deadline=None)
@given(technologies(zeros=True), returns_, orientations)
def test_zeros_never_break_a_model(data, returns, orientation):
    x, y, b = data
    fit = radial_efficiency(x, y, orientation=orientation, returns=returns)
    empty = (x == 0).all(axis=1), (y == 0).all(axis=1)
    assert ((fit.status == "no_input") == empty[0]).all()
    assert ((fit.status == "no_output") == (empty[1] & ~empty[0])).all()
    ok = fit.status == "ok"
    assert (fit.status == "unsolved").sum() == 0
    assert (ok == ~(empty[0] | empty[1])).all()
    assert ((fit.score[ok] > 0) & (fit.score[ok] <= 1 + ROUNDING)).all()
    for way in ("none", "input", "output"):
        for above in (False, True):
            sbm = sbm_efficiency(x, y, b, orientation=way, returns=returns, super_efficiency=above)
            assert (sbm.status != "unsolved").all()
            assert np.isnan(sbm.score[sbm.status != "ok"]).all()
            assert np.isfinite(sbm.score[sbm.status == "ok"]).all()


@settings(max_examples=30, deadline=None)
@given(technologies(), st.randoms(use_true_random=False))
def test_order_and_dominated_units_change_no_score(data, random):
    x, y, _ = data
    order = np.array(random.sample(range(len(x)), len(x)))
    fit = radial_efficiency(x, y, returns="vrs")
    shuffled = radial_efficiency(x[order], y[order], returns="vrs")
    assert shuffled.score == pytest.approx(fit.score[order], abs=ROUNDING)
    more = radial_efficiency(np.vstack([x, x * 2]), np.vstack([y, y]), returns="vrs")
    assert more.score[: len(x)] == pytest.approx(fit.score, abs=ROUNDING)
    assert (more.score[len(x) :] < 1).all()


@settings(max_examples=25, deadline=None)
@given(technologies(), st.floats(0.5, 2.0))
def test_malmquist_multiplies_up_and_sees_pure_progress(data, factor):
    x, y, _ = data
    n = len(x)
    unit, period = np.tile(np.arange(n), 3), np.repeat([2001, 2002, 2004], n)
    # Everybody makes `factor` times as much: pure technical change.
    xs = np.vstack([x, x, x[::-1]])
    ys = np.vstack([y, y * factor, y[::-1]])
    fit = malmquist(xs, ys, unit, period)
    first = fit.period_to == 2002
    assert fit.technical_change[first] == pytest.approx(factor, rel=1e-7)
    assert fit.efficiency_change[first] == pytest.approx(1.0, rel=1e-7)
    assert (fit.period_from[~first] == 2002).all()
    for change in (fit, malmquist(xs, ys, unit, period, frontier="global", orientation="output")):
        product = change.pure_change * change.scale_change * change.technical_change
        assert product == pytest.approx(change.malmquist, rel=1e-9)
    # The index against one pooled frontier chains: 2001 to 2004 is the product of its parts.
    pooled = radial_efficiency(xs, ys, slacks=False).score
    steps = malmquist(xs, ys, unit, period, frontier="global").malmquist.reshape(2, n)
    assert steps.prod(axis=0) == pytest.approx(pooled[2 * n :] / pooled[:n], rel=1e-7)


def test_what_bad_values_give():
    x = np.array([[2.0, 1], [np.nan, 1], [3, -1], [0, 0], [4, 1], [1, 1], [0, 2], [np.inf, 1]])
    y = np.array([[1.0], [1], [1], [1], [0], [np.nan], [1], [1]])
    fit = radial_efficiency(x, y)
    assert fit.status.tolist() == [
        "ok", "missing", "negative", "no_input", "no_output", "missing", "ok", "missing",
    ]  # fmt: skip
    assert np.isnan(fit.score[[1, 2, 3, 4, 5, 7]]).all()
    assert np.isnan(fit.input_slack[1]).all() and fit.peers(1) == []
    # The others are judged as if those rows were not there.
    alone = radial_efficiency(x[[0, 6]], y[[0, 6]])
    assert fit.score[[0, 6]] == pytest.approx(alone.score)
    # A zero input is allowed: nobody else does without it, so the unit is its own measure.
    assert fit.score[6] == 1.0 and fit.peers(6) == [(6, 1.0)]
    above = radial_efficiency(x, y, super_efficiency=True)
    assert above.status[6] == "infeasible"
    assert sbm_efficiency(x, y).status.tolist() == fit.status.tolist()


@pytest.mark.parametrize("returns", RETURNS)
def test_a_single_city_is_its_own_frontier(returns):
    for orientation in ("input", "output"):
        fit = radial_efficiency([[3.0, 2]], [[5.0]], orientation=orientation, returns=returns)
        assert fit.score == pytest.approx([1.0]) and fit.peers(0) == [(0, pytest.approx(1.0))]
        above = radial_efficiency(
            [[3.0, 2]], [[5.0]], orientation=orientation, returns=returns, super_efficiency=True
        )
        assert above.status[0] == "infeasible" and np.isnan(above.score[0])
    sbm = sbm_efficiency([[3.0, 2]], [[5.0]], returns=returns)
    assert sbm.score == pytest.approx([1.0])
    above = sbm_efficiency([[3.0, 2]], [[5.0]], returns=returns, super_efficiency=True)
    assert above.status[0] == "infeasible"


def test_nobody_at_all():
    fit = radial_efficiency(np.empty((0, 2)), np.empty((0, 1)))
    assert fit.score.shape == (0,) and fit.input_slack.shape == (0, 2)
    change = malmquist([[1.0], [2.0]], [[1.0], [1.0]], ["a", "b"], [2001, 2001])
    assert change.malmquist.shape == (0,) and change.unit.shape == (0,)


def test_groups_have_frontiers_of_their_own():
    x, y = np.array([1.0, 2, 1, 4]), np.ones(4)
    fit = radial_efficiency(x, y, group=["a", "a", "b", "b"])
    assert fit.score == pytest.approx([1, 0.5, 1, 0.25])
    assert fit.peers(3) == [(2, pytest.approx(1.0))]


def test_malmquist_of_units_that_come_and_go():
    unit = ["a", "b", "c", "a", "b", "d", "a", "c"]
    period = [1, 1, 1, 2, 2, 2, 3, 3]
    x = np.array([1.0, 2, 3, 1, 1, 2, 1, np.nan])
    fit = malmquist(x, np.ones(8), unit, period)
    assert list(zip(fit.unit, fit.period_to, strict=True)) == [("a", 2), ("b", 2), ("a", 3)]
    assert fit.malmquist == pytest.approx([1.0, 2.0, 1.0])
    back = malmquist(x[[2, 7]], np.ones(2), ["c", "c"], [2, 3])
    assert back.status.tolist() == ["missing"] and np.isnan(back.malmquist[0])
    with pytest.raises(EfficiencyError, match="unit a has period 1 twice"):
        malmquist([1.0, 1.0], [1.0, 1.0], ["a", "a"], [1, 1])


@pytest.mark.parametrize(
    ("arguments", "settings_", "message"),
    [
        (([[1.0]], [[1.0], [2.0]]), {}, "differ in units: 1, 2, 1 rows"),
        ((np.empty((2, 0)), [1.0, 2.0]), {}, "at least one variable"),
        (([1.0], [1.0]), {"returns": "irs"}, "choose one of crs, vrs, nirs, ndrs"),
        (([1.0], [1.0]), {"orientation": "both"}, "choose one of input, output"),
        (([1.0], [1.0]), {"group": [1, 2]}, "expected 1 labels"),
    ],
)
def test_messages(arguments, settings_, message):
    with pytest.raises(EfficiencyError, match=message):
        radial_efficiency(*arguments, **settings_)


def test_progress_counts_every_unit():
    seen = []
    rng = np.random.default_rng(0)
    x, y = rng.random((1300, 2)) + 0.1, rng.random((1300, 1)) + 0.1
    year = np.repeat([1, 2], 650)
    radial_efficiency(x, y, group=year, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (1300, 1300) and len(seen) == 4
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    seen.clear()
    returns_to_scale(x, y, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (3900, 3900)
