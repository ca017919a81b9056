"""The batched simplex against one textbook program per unit, and against itself by HiGHS."""

import dea_textbook as textbook
import numpy as np
import pytest

from analysis.measures.efficiency import (
    RETURNS,
    radial_efficiency,
    returns_to_scale,
    sbm_efficiency,
)
from analysis.measures.efficiency import simplex as engine

# HiGHS is asked for 1e-10 on constraints; a score can move by that over its smallest weight.
HIGHS = 1e-7
SAME = 1e-9  # two ways by the same simplex


def simulate(n=40, m=3, s=2, b=1, *, seed=0, spread=1.0, whole=False):
    """Cities of very different size; `whole` numbers make ties, duplicates and degeneracy."""
    rng = np.random.default_rng(seed)
    if whole:
        return (
            rng.integers(1, 5, (n, m)) * 1.0,
            rng.integers(1, 5, (n, s)) * 1.0,
            rng.integers(1, 4, (n, b)) * 1.0,
        )
    size = np.exp(spread * rng.normal(size=(n, 1)))
    x = size * np.exp(0.4 * rng.normal(size=(n, m))) * 10.0 ** rng.integers(-3, 5, m)
    y = size**0.9 * np.exp(0.4 * rng.normal(size=(n, s))) * 10.0 ** rng.integers(-3, 5, s)
    return x, y, size * np.exp(0.4 * rng.normal(size=(n, b)))


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("returns", RETURNS)
@pytest.mark.parametrize("orientation", ["input", "output"])
def test_radial_scores_and_slack_sums(orientation, returns, whole):
    x, y, _ = simulate(whole=whole, seed=3)
    fit = radial_efficiency(x, y, orientation=orientation, returns=returns, slack_weights="raw")
    want = [textbook.radial(x, y, o, orientation, returns) for o in range(len(x))]
    assert fit.score == pytest.approx(want, abs=HIGHS)
    assert fit.n_highs == 0
    total = fit.input_slack.sum(axis=1) + fit.output_slack.sum(axis=1)
    scale = x.max() + y.max()
    want = [
        textbook.slack_sum(x, y, o, orientation, returns, fit.score[o]) for o in range(0, len(x), 3)
    ]
    assert total[::3] / scale == pytest.approx(np.array(want) / scale, abs=1e-6)
    # What is reported is a point of the technology: weights, slacks and score close the balance.
    weights = np.zeros((len(x), len(x)))
    for o in range(len(x)):
        for row, weight in fit.peers(o):
            weights[o, row] = weight
    shrink = fit.score if orientation == "input" else np.ones(len(x))
    grow = np.ones(len(x)) if orientation == "input" else 1 / fit.score
    assert (weights @ x + fit.input_slack) / x == pytest.approx(
        np.broadcast_to(shrink[:, None], x.shape), abs=SAME
    )
    assert (weights @ y - fit.output_slack) / y == pytest.approx(
        np.broadcast_to(grow[:, None], y.shape), abs=SAME
    )
    sums = weights.sum(axis=1)
    if returns in ("vrs", "nirs"):
        assert (sums <= 1 + SAME).all()
    if returns in ("vrs", "ndrs"):
        assert (sums >= 1 - SAME).all()


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("returns", RETURNS)
@pytest.mark.parametrize("orientation", ["input", "output"])
def test_radial_super_efficiency(orientation, returns, whole):
    x, y, _ = simulate(whole=whole, seed=5)
    fit = radial_efficiency(
        x, y, orientation=orientation, returns=returns, super_efficiency=True, slacks=False
    )
    want = np.array(
        [textbook.radial(x, y, o, orientation, returns, leave_out=True) for o in range(len(x))]
    )
    assert ((fit.status == "infeasible") == np.isnan(want)).all()
    assert fit.score == pytest.approx(want, abs=HIGHS, nan_ok=True)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("returns", RETURNS)
@pytest.mark.parametrize("orientation", ["none", "input", "output"])
def test_sbm_and_super_sbm_with_and_without_undesirable_outputs(orientation, returns, whole):
    x, y, bad = simulate(n=30, whole=whole, seed=7)
    for b in (np.empty((len(x), 0)), bad):
        plain = sbm_efficiency(
            x, y, b if b.size else None, orientation=orientation, returns=returns
        )
        want = np.array([textbook.sbm(x, y, b, o, orientation, returns) for o in range(len(x))])
        assert plain.score == pytest.approx(want, abs=HIGHS)
        above = sbm_efficiency(
            x,
            y,
            b if b.size else None,
            orientation=orientation,
            returns=returns,
            super_efficiency=True,
        )
        efficient = plain.score > 1 - 1e-9
        assert above.score[~efficient] == pytest.approx(plain.score[~efficient], abs=SAME)
        for o in np.flatnonzero(efficient):
            score = textbook.super_sbm(x, y, b, o, orientation, returns)
            assert (above.status[o] == "infeasible") == np.isnan(score)
            assert above.score[o] == pytest.approx(score, abs=HIGHS, nan_ok=True)
        # The score follows from the slacks that are reported with it.
        ok = ~efficient
        top = 1 - (plain.input_slack / x).mean(axis=1) * (orientation != "output")
        out = np.hstack([plain.output_slack / y, plain.undesirable_slack / b])
        bottom = 1 + out.mean(axis=1) * (orientation != "input")
        assert plain.score[ok] == pytest.approx((top / bottom)[ok], abs=SAME)


def test_sifting_and_blocks_change_nothing(monkeypatch):
    x, y, bad = simulate(n=700, m=3, s=3, seed=11)
    big = [
        radial_efficiency(x, y, returns="vrs").score,
        sbm_efficiency(x, y, bad, super_efficiency=True).score,
    ]
    monkeypatch.setattr(engine, "WHOLE", 10_000)
    monkeypatch.setattr(engine, "BLOCK", 64)
    small = [
        radial_efficiency(x, y, returns="vrs").score,
        sbm_efficiency(x, y, bad, super_efficiency=True).score,
    ]
    for one, other in zip(big, small, strict=True):
        assert one == pytest.approx(other, abs=SAME)
    some = range(0, 700, 70)
    want = [textbook.radial(x, y, o, "input", "vrs") for o in some]
    assert big[0][list(some)] == pytest.approx(want, abs=HIGHS)


def test_programs_that_the_simplex_gives_up_go_to_highs(monkeypatch):
    x, y, bad = simulate(n=20, seed=13)
    want = radial_efficiency(x, y, returns="vrs", orientation="output")
    want_sbm = sbm_efficiency(x, y, bad, super_efficiency=True, returns="vrs")
    monkeypatch.setattr(engine, "MAX_PIVOTS", 2)
    got = radial_efficiency(x, y, returns="vrs", orientation="output")
    assert got.n_highs > 0
    assert got.score == pytest.approx(want.score, abs=HIGHS)
    assert got.input_slack / x == pytest.approx(want.input_slack / x, abs=1e-6)
    got_sbm = sbm_efficiency(x, y, bad, super_efficiency=True, returns="vrs")
    assert got_sbm.n_highs > 0
    assert got_sbm.score == pytest.approx(want_sbm.score, abs=HIGHS, nan_ok=True)


def test_blands_rule_alone_ends_on_degenerate_programs(monkeypatch):
    x, y, _ = simulate(n=60, whole=True, seed=17)
    want = radial_efficiency(x, y, returns="vrs", orientation="output", super_efficiency=True)
    monkeypatch.setattr(engine, "STALLED", -1)
    got = radial_efficiency(x, y, returns="vrs", orientation="output", super_efficiency=True)
    assert got.n_highs == 0
    assert got.score == pytest.approx(want.score, abs=SAME, nan_ok=True)


@pytest.mark.parametrize("orientation", ["input", "output"])
def test_returns_to_scale_against_the_weights(orientation):
    x, y, _ = simulate(n=60, m=2, s=2, seed=19)
    fit = returns_to_scale(x, y, orientation=orientation)
    assert fit.scale == pytest.approx(fit.crs / fit.vrs)
    assert set(fit.returns) == {"constant", "increasing", "decreasing"}
    # Banker (1984): projected on the constant-returns frontier, a sum of weights below 1 means
    # increasing returns, above 1 decreasing.
    crs = radial_efficiency(x, y, orientation=orientation)
    total = crs.weight.sum(axis=1)
    if orientation == "input":
        # Weights of an input projection give the unit's own output; of an output one, its input.
        assert (total[fit.returns == "increasing"] < 1).all()
        assert (total[fit.returns == "decreasing"] > 1).all()
    small, large = total < 0.2, total > 5
    assert (fit.returns[small & (fit.scale < 0.99)] == "increasing").all()
    assert (fit.returns[large & (fit.scale < 0.99)] == "decreasing").all()


@pytest.mark.verify
@pytest.mark.parametrize("seed", range(20))
def test_many_random_technologies(seed):
    rng = np.random.default_rng(seed)
    m, s, b = rng.integers(1, 5), rng.integers(1, 5), rng.integers(1, 3)
    x, y, bad = simulate(120, m, s, b, seed=seed, spread=2.0, whole=bool(seed % 2))
    for returns in RETURNS:
        for orientation in ("input", "output"):
            fit = radial_efficiency(x, y, orientation=orientation, returns=returns)
            want = [textbook.radial(x, y, o, orientation, returns) for o in range(120)]
            assert fit.score == pytest.approx(want, abs=1e-6)
            assert fit.n_highs == 0
        fit = sbm_efficiency(x, y, bad, returns=returns)
        want = [textbook.sbm(x, y, bad, o, "none", returns) for o in range(120)]
        assert fit.score == pytest.approx(want, abs=1e-6)
