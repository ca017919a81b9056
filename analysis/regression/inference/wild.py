"""The wild cluster bootstrap of one slope, with the null imposed: p value, and interval by inversion.

Belongs here: the draws of weights and what each makes of the t value. Does not belong here: clustered errors
themselves (`clusters`), drawing the treatment instead of the errors (randomisation inference).

Cameron, Gelbach and Miller (2008): residuals of the regression in which the slope is held at b0 keep their
sign, or get another, cluster by cluster. In the form of scores (Roodman, Nielsen, MacKinnon and Webb 2019):
with H the slope's weights, u the restricted residuals, Q a basis of the regression and v the clusters' weights,

    b* - b0 = c'v,  c_g = H_g'u_g;    score of g in the draw: s*_g = c_g v_g - (H_g'Q_g) sum_f Q_f'u_f v_f

and t* = (b* - b0) / sqrt(sum_g s*_g^2); the convention's factor is in t and in t* and cancels. u is linear in
b0, u = e + (b - b0) x, so that s* is too, and sum s*^2 a parabola in b0 whose three coefficients are kept of
each draw: another b0 costs a handful of operations a draw, and the interval next to nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.regression.inference.clusters import at_least_two, known_scores
from analysis.regression.inference.projected import Groups, Projected, sums
from analysis.regression.rank import FloatArray
from analysis.regression.rows import PanelRegressionError

Weights = Literal["rademacher", "webb"]
BLOCK = 1000
"""Draws at a time; bounds memory and changes no number."""
SAME = 1e-9
"""A draw's t within this share of the true one is as large: equal but for rounding."""
FEW_FOR_RADEMACHER = 12
"""Below so many clusters two signs make too few draws that differ (Webb 2023): six points by default."""
FARTHEST = 1e4
"""Standard errors from the slope at which the search for an end of the interval gives up: there is none."""
ENDS = 1e-7
"""Precision of an end of the interval, in standard errors."""

_WEBB = np.sqrt([1.5, 1.0, 0.5])
POINTS: dict[str, FloatArray] = {
    "rademacher": np.array([-1.0, 1.0]),
    "webb": np.concatenate([-_WEBB, _WEBB[::-1]]),
}


@dataclass(frozen=True)
class WildTest:
    """One slope's test by wild bootstrap.

    ``t_value`` has the bare sandwich for its error, times the square root of `factor`. Of ``n_draws``
    draws ``n_as_large`` have |t*| at least as large. ``p_value`` is n_as_large / n_draws where all
    signs are enumerated (the data's own are among them), else (n_as_large + 1) / (n_draws + 1);
    ``mc_error`` its standard error by simulation, 0 where enumerated. ``ci_low`` and ``ci_high``
    bound the slopes that the test doesn't reject, by the same draws; -inf or inf where it rejects
    none to that side.
    """

    coefficient: float
    t_value: float
    p_value: float
    mc_error: float
    ci_low: float
    ci_high: float
    level: float
    n_as_large: int
    n_draws: int
    n_clusters: int
    weights: Weights
    is_enumerated: bool


@dataclass(frozen=True)
class _Draws:
    """Of each draw (B): b* - b0 = n0 + d n1, and sum s*^2 = q0 + 2 d q1 + d^2 q2, at d = b - b0."""

    n0: FloatArray
    n1: FloatArray
    q0: FloatArray
    q1: FloatArray
    q2: FloatArray

    def sizes(self, d: float) -> FloatArray:
        """|t*| (B) where the slope is held at b - d; inf for a draw without spread."""
        spread = np.sqrt(np.maximum(self.q0 + 2 * d * self.q1 + d * d * self.q2, 0.0))
        moved = np.abs(self.n0 + d * self.n1)
        return np.divide(moved, spread, out=np.full_like(moved, np.inf), where=spread > 0)


def default_weights(n_clusters: int) -> Weights:
    """Six points for few clusters, two signs for more."""
    return "webb" if n_clusters < FEW_FOR_RADEMACHER else "rademacher"


def wild_test(
    projected: Projected,
    groups: Groups,
    name: str,
    *,
    n_draws: int,
    seed: int,
    weights: Weights | None = None,
    factor: float = 1.0,
    null: float = 0.0,
    what: str = "cluster",
) -> WildTest:
    """Test that the slope `name` is `null`, by `n_draws` draws of weights for the clusters.

    Two signs are enumerated where there are no more than `n_draws` sets of them. `factor` is that of
    the convention, of the t value alone. Raises PanelRegressionError for a single cluster, named
    `what`, and for a slope without a clustered error.
    """
    at_least_two(groups, what)
    j = projected.names.index(name)
    scores = known_scores(projected, groups)[:, j]
    error = float(np.sqrt(scores @ scores))
    if not error > 0:
        raise PanelRegressionError(
            f"{name} varies in one {what} alone, which fits it exactly: nothing to draw"
        )
    kind = weights or default_weights(groups.n)
    vectors, enumerated = weight_vectors(groups.n, kind, n_draws, seed)
    draws = _draws(projected, groups, j, vectors)
    b = float(projected.coefficients[j])
    total = len(draws.n0)

    def test(d: float) -> tuple[float, int]:
        """The p value of the slope b - d, and the draws that are as large."""
        as_large = int((draws.sizes(d) >= abs(d) / error * (1 - SAME)).sum())
        return (as_large / total if enumerated else (as_large + 1) / (total + 1)), as_large

    p_value, n_as_large = test(b - null)
    alpha = 1 - projected.level
    ends = [_end(lambda d: test(d)[0], error, side, alpha) for side in (1.0, -1.0)]
    return WildTest(
        coefficient=b,
        t_value=(b - null) / (error * float(np.sqrt(factor))),
        p_value=p_value,
        mc_error=0.0 if enumerated else float(np.sqrt(p_value * (1 - p_value) / total)),
        ci_low=b - ends[0],
        ci_high=b - ends[1],
        level=projected.level,
        n_as_large=n_as_large,
        n_draws=total,
        n_clusters=groups.n,
        weights=kind,
        is_enumerated=enumerated,
    )


def _draws(projected: Projected, groups: Groups, j: int, vectors: Iterator[FloatArray]) -> _Draws:
    h = projected.weights[:, j]
    basis = projected.basis(groups)
    # What other regressors and effects leave of x_j is in proportion to its weights.
    own = h / (h @ h)
    loads = sums(basis * h[:, None], groups)  # (G, p)
    parts = []
    for residual in (projected.residuals, own):
        c = np.bincount(groups.codes, weights=h * residual, minlength=groups.n)
        parts.append((c, sums(basis * residual[:, None], groups)))
    kept: list[tuple[FloatArray, ...]] = []
    for v in vectors:
        moved, scores = [], []
        for c, with_basis in parts:
            moved.append(v @ c)
            scores.append(v * c - (v @ with_basis) @ loads.T)
        s0, s1 = scores
        kept.append(
            (
                moved[0],
                moved[1],
                (s0 * s0).sum(axis=1),
                (s0 * s1).sum(axis=1),
                (s1 * s1).sum(axis=1),
            )
        )
    return _Draws(*(np.concatenate(each) for each in zip(*kept, strict=True)))


def weight_vectors(
    n_clusters: int, kind: Weights, n_draws: int, seed: int
) -> tuple[Iterator[FloatArray], bool]:
    """Weights of the clusters (draws, G) in blocks, and whether they are all sets of two signs."""
    if kind == "rademacher" and n_clusters < 40 and 2**n_clusters <= n_draws:
        return _enumerated(n_clusters), True
    return _drawn(n_clusters, kind, n_draws, seed), False


def _drawn(n_clusters: int, kind: Weights, n_draws: int, seed: int) -> Iterator[FloatArray]:
    """Weights (draws, G) in blocks."""
    rng, points = np.random.default_rng(seed), POINTS[kind]
    for start in range(0, n_draws, BLOCK):
        size = min(BLOCK, n_draws - start)
        yield points[rng.integers(0, len(points), size=(size, n_clusters))]


def _enumerated(n_clusters: int) -> Iterator[FloatArray]:
    """All sets of signs (2^G, G) in blocks, the data's own first."""
    bits = np.arange(n_clusters)
    for start in range(0, 2**n_clusters, BLOCK):
        numbers = np.arange(start, min(start + BLOCK, 2**n_clusters))
        yield np.asarray(1.0 - 2.0 * ((numbers[:, None] >> bits) & 1), dtype=np.float64)


def _end(p_of: Callable[[float], float], error: float, side: float, alpha: float) -> float:
    """The d = b - b0 to one side at which p falls to alpha, by doubling and halving; inf without one."""
    inside, step = 0.0, error
    while p_of(side * (inside + step)) > alpha:
        inside += step
        step *= 2
        if inside > FARTHEST * error:
            return side * np.inf
    outside = inside + step
    while outside - inside > ENDS * error:
        middle = (inside + outside) / 2
        if p_of(side * middle) > alpha:
            inside = middle
        else:
            outside = middle
    return side * (inside + outside) / 2


__all__ = [
    "POINTS",
    "SAME",
    "Weights",
    "WildTest",
    "default_weights",
    "weight_vectors",
    "wild_test",
]
