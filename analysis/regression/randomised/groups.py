"""Groups of units drawn at random: is a coefficient the same in two groups?

Belongs here: permutations of the group labels over units, and resamples of units within groups, each with the
coefficient of either group. Does not belong here: the difference with its clustered error
(`analysis.regression.difference`), which groups of a study.

If the groups differ in nothing, their labels are exchangeable: with r of R permutations at least as large as the
true statistic, p = (r + 1)/(R + 1) has its size for any R (Phipson and Smyth 2010). The difference by itself also
rejects where groups differ in spread alone; its t value keeps its size there, in large samples (Chung and Romano
2013). Labels are permuted over units with all their periods, and groups keep their number of units.

Everything is of each unit's cross-products S_i = Z_i'Z_i, Z = (other regressors, dummies of periods, the term, y)
with the units' means taken out: a group's are their sum, so that all draws together are one product of a matrix
of labels (R, N) with the S_i as rows. With M = sum S_i, P the inverse of the others' part,

    b = (M_ty - M_to P M_oy) / (M_tt - M_to P M_ot),   score_i = w'S_i v / (the same denominator)

w being what turns Z into the term less the others, and v what turns it into the residual.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.blas import one_thread
from analysis.regression.effects import IntArray
from analysis.regression.panel import Effect, PanelRegressionError
from analysis.regression.randomised.draws import BLOCK, SAME, RandomisationTest
from analysis.regression.rank import FloatArray

NO_RANK = 1e-10
"""Eigenvalue of a correlation matrix below which a direction is none: rounding leaves 1e-14."""
LEAST_UNITS = 2
"""Units that either group needs."""


@dataclass(frozen=True)
class GroupDraws:
    """The difference of a coefficient between two groups, first less second, among those of random groups.

    ``by_difference`` and ``by_t`` are the permutation tests; of the permutations ``n_greater`` have a difference
    at least as great with its sign, as one-sided empirical p values count. ``n_absorbed`` permutations have no
    coefficient in a group (no unit there is treated) and are left out. ``boot_*``: over resamples of clusters
    within groups, the standard deviation, the percentile interval at `level`, the two-sided p that inverts it, and
    how many had a coefficient in both groups.
    """

    difference: float
    by_difference: RandomisationTest
    by_t: RandomisationTest
    n_greater: int
    n_absorbed: int
    boot_std_error: float
    boot_low: float
    boot_high: float
    boot_p: float
    boot_n: int
    n_units: tuple[int, int]
    seed: int
    level: float


@dataclass(frozen=True)
class _Moments:
    """Cross-products (N, m * m) of units, the term last but one and y last; clusters (N) as codes."""

    products: FloatArray
    size: int
    cluster: IntArray


@dataclass(frozen=True)
class _Slopes:
    """Coefficient (R) in each draw, NaN where absorbed, and what makes its scores of units' products."""

    b: FloatArray
    outer: FloatArray


@one_thread
def draw_groups(
    y: npt.ArrayLike,
    x: npt.ArrayLike,
    term: int,
    unit: npt.ArrayLike,
    time: npt.ArrayLike,
    first: npt.ArrayLike,
    *,
    n_draws: int,
    seed: int,
    effects: tuple[Effect, ...] = (),
    cluster: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> GroupDraws:
    """Draw the groups `n_draws` times by permutation, and as often by resampling within them.

    y (n), x (n, k) with the term in column `term`, unit, time (n); `first` (n) says who is in the first group.
    Either group has effects and slopes of its own. Clusters are the units unless given; resamples are of them.

    Raises PanelRegressionError for a unit in both groups, one with fewer than two units, and for a coefficient
    that the true groups can't tell.
    """
    y_all, x_all = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    moments, label = _moments(y_all, x_all, term, unit, time, first, effects, cluster)
    sizes = int(label.sum()), int((~label).sum())
    if min(sizes) < LEAST_UNITS:
        raise PanelRegressionError(
            f"groups of {sizes[0]} and {sizes[1]} units: labels can't be permuted; either needs"
            f" {LEAST_UNITS}"
        )
    true, true_t = (each[0] for each in _differences(moments, label[None, :].astype(float)))
    if not np.isfinite(true):
        raise PanelRegressionError("the coefficient can't be told in one of the groups")
    rng = np.random.default_rng(seed)
    labels = _blocks(n_draws, lambda n: rng.permuted(np.tile(label, (n, 1)), axis=1).astype(float))
    drawn = [_differences(moments, block) for block in labels]
    d, t = (np.concatenate(each) for each in zip(*drawn, strict=True))
    told = np.isfinite(d)
    boot = _resampled(moments, label, n_draws, rng)
    alpha = 1 - level
    low, high = np.quantile(boot, [alpha / 2, 1 - alpha / 2]) if len(boot) else (np.nan, np.nan)
    side = min(int((boot <= 0).sum()), int((boot >= 0).sum()))
    return GroupDraws(
        difference=float(true),
        by_difference=_tested(float(true), d[told]),
        by_t=_tested(float(true_t), t[told & np.isfinite(t)]),
        n_greater=int((np.sign(true) * d[told] >= abs(true) * (1 - SAME)).sum()),
        n_absorbed=int((~told).sum()),
        boot_std_error=float(boot.std(ddof=1)) if len(boot) > 1 else float("nan"),
        boot_low=float(low),
        boot_high=float(high),
        boot_p=min(1.0, 2 * (side + 1) / (len(boot) + 1)) if len(boot) else float("nan"),
        boot_n=len(boot),
        n_units=sizes,
        seed=seed,
        level=level,
    )


def _moments(
    y: FloatArray,
    x: FloatArray,
    term: int,
    unit: npt.ArrayLike,
    time: npt.ArrayLike,
    first: npt.ArrayLike,
    effects: tuple[Effect, ...],
    cluster: npt.ArrayLike | None,
) -> tuple[_Moments, npt.NDArray[np.bool_]]:
    """Units' cross-products and which group they are in, in the order of the sorted units."""
    names, code = np.unique(np.asarray(unit), return_inverse=True)
    labels = np.asarray(first, dtype=bool)
    n = len(names)
    rows = np.bincount(code, minlength=n)
    inside = np.bincount(code[labels], minlength=n)
    both = (inside > 0) & (inside < rows)
    if both.any():
        shown = ", ".join(map(str, names[both][:5]))
        raise PanelRegressionError(
            f"{int(both.sum())} units are in both groups, in different years ({shown}): a label that is"
            " permuted must be a unit's own; fix the groups by a value of one year (as_of)"
        )
    others = [np.delete(x, term, axis=1)]
    periods = np.unique(np.asarray(time), return_inverse=True)[1]
    if "time" in effects:
        # One period is left out: a constant stands for it, or the units' means do.
        others.append((periods[:, None] == np.arange(1, periods.max() + 1)).astype(float))
    z = np.column_stack([*others, x[:, term], y])
    z -= z.mean(axis=0)
    if "unit" not in effects:
        z = np.column_stack([np.ones(len(y)), z])
    else:
        means = np.column_stack([np.bincount(code, weights=c, minlength=n) for c in z.T])
        z -= (means / rows[:, None])[code]
    length = np.sqrt((z**2).sum(axis=0))
    z[:, :-1] /= np.where(length[:-1] > 0, length[:-1], 1.0)
    z[:, -1] /= length[-2] if length[-2] > 0 else 1.0  # so that slopes of the term keep their unit
    # Periods and then regressors decide the order of rows that are added up, not the caller.
    order = np.lexsort((periods, code))
    pairs = z[order][:, :, None] * z[order][:, None, :]
    starts = np.concatenate([[0], np.cumsum(rows)[:-1]])
    products = np.add.reduceat(pairs, starts, axis=0).reshape(n, -1)
    clusters = np.asarray(unit if cluster is None else cluster)
    own = np.unique(clusters, return_inverse=True)[1][order][starts]
    if not np.array_equal(own[code], np.unique(clusters, return_inverse=True)[1]):
        raise PanelRegressionError(
            "a unit lies in several clusters: its rows can't be drawn together"
        )
    return _Moments(products, z.shape[1], own), inside > 0


def _slopes(moments: _Moments, weights: FloatArray) -> _Slopes:
    """The term's slope in the units by `weights` (R, N): 0 and 1 for a group, counts for a resample."""
    m = moments.size
    whole = (weights @ moments.products).reshape(-1, m, m)
    o, t, y = slice(0, m - 2), m - 2, m - 1
    inverse = _inverse(whole[:, o, o])
    of_term = np.einsum("rij,rj->ri", inverse, whole[:, o, t])
    of_y = np.einsum("rij,rj->ri", inverse, whole[:, o, y])
    left = whole[:, t, t] - (whole[:, o, t] * of_term).sum(axis=1)
    moved = whole[:, t, y] - (whole[:, o, t] * of_y).sum(axis=1)
    told = left > NO_RANK * np.maximum(whole[:, t, t], np.finfo(float).tiny)
    b = np.divide(moved, left, out=np.full(len(left), np.nan), where=told)
    w = np.concatenate([-of_term, np.ones((len(b), 1)), np.zeros((len(b), 1))], axis=1)
    v = np.concatenate([-(of_y - of_term * b[:, None]), -b[:, None], np.ones((len(b), 1))], axis=1)
    outer = (w[:, :, None] * v[:, None, :]).reshape(len(b), -1)
    return _Slopes(b, outer / np.where(told, left, np.nan)[:, None])


def _inverse(matrices: FloatArray) -> FloatArray:
    """Inverses (R, p, p) of cross-products; directions without variance are left out, as a fit drops them."""
    if not matrices.shape[1]:
        return matrices
    size = np.sqrt(np.einsum("rii->ri", matrices))
    size = np.where(size > 0, size, 1.0)
    correlation = matrices / size[:, :, None] / size[:, None, :]
    inverse = np.linalg.pinv(correlation, rcond=NO_RANK, hermitian=True)
    return np.asarray(inverse / size[:, :, None] / size[:, None, :])


def _differences(moments: _Moments, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Differences (R) and their t values with the bare sandwich, for labels (R, N) of the first group."""
    scores = np.zeros_like(labels)
    slopes = []
    for sign, member in ((1.0, labels), (-1.0, 1.0 - labels)):
        found = _slopes(moments, member)
        slopes.append(found.b)
        scores += sign * member * (found.outer @ moments.products.T)
    difference = slopes[0] - slopes[1]
    n_clusters = int(moments.cluster.max()) + 1
    if n_clusters < scores.shape[1]:
        scores = scores @ np.eye(n_clusters)[moments.cluster]
    spread = np.sqrt((scores**2).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return difference, np.where(spread > 0, difference / spread, np.nan)


def _resampled(
    moments: _Moments, label: npt.NDArray[np.bool_], n_draws: int, rng: np.random.Generator
) -> FloatArray:
    """Differences of resamples of clusters within each group; those that are absorbed are left out."""
    n_clusters = int(moments.cluster.max()) + 1
    own = []
    for member in (label, ~label):
        there = np.unique(moments.cluster[member])
        member_of = np.zeros((n_clusters, len(label)))
        member_of[moments.cluster[member], np.flatnonzero(member)] = 1.0
        own.append(member_of[there])
    drawn = []
    for size in _sizes(n_draws):
        b = []
        for member_of in own:
            n = len(member_of)
            counts = rng.multinomial(n, np.full(n, 1 / n), size=size).astype(float)
            b.append(_slopes(moments, counts @ member_of).b)
        drawn.append(b[0] - b[1])
    found = np.concatenate(drawn)
    return np.asarray(found[np.isfinite(found)])


def _tested(true: float, drawn: FloatArray) -> RandomisationTest:
    """The p value of a statistic among those of permutations."""
    n = len(drawn)
    as_large = int((np.abs(drawn) >= abs(true) * (1 - SAME)).sum())
    if not np.isfinite(true) or not n:
        return RandomisationTest(float("nan"), 0, n, float("nan"), float("nan"))
    p = (as_large + 1) / (n + 1)
    return RandomisationTest(true, as_large, n, p, float(np.sqrt(p * (1 - p) / n)))


def _sizes(n_draws: int) -> list[int]:
    return [min(BLOCK, n_draws - start) for start in range(0, n_draws, BLOCK)]


def _blocks(n_draws: int, draw: Callable[[int], FloatArray]) -> Any:
    return (draw(size) for size in _sizes(n_draws))


__all__ = ["GroupDraws", "draw_groups"]
