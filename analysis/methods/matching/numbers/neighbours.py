"""Nearest neighbours: for each treated the controls next to it, with and without replacement.

Belongs here: pairs from places, calipers, ties, the greedy order. Does not belong here: what a place is
(a score, or coordinates whose distance is Mahalanobis'), smooth weights (`smooth`).

Ties. Places within `tie` of each other are the same, so rounding decides nothing. With replacement
all controls as near as the k-th share in. Without, each control serves once and the result depends
on an order: the treated are served by falling score, as MatchIt does, and of controls that are
equally near the first in `rank` is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.methods.matching.numbers.propensity import Flags, Floats

Ints = npt.NDArray[np.intp]

BLOCK = 256
"""Treated whose distances are in memory at a time."""
SAME = 1e-9
"""Places closer than this share of their standard deviation are tied: rounding leaves 1e-14."""


@dataclass(frozen=True)
class Reach:
    """How far a neighbour may be: `gap` (n) between two is at most `width`, in its units."""

    gap: Floats
    width: float


@dataclass(frozen=True)
class Pairs:
    """Who is matched with whom: positions of treated and control, share of the treated's 1, distance."""

    treated: Ints
    control: Ints
    share: Floats
    distance: Floats


@dataclass(frozen=True)
class Matched:
    """Weights (n): 1 of a matched treated, of a control the sum of its shares, 0 of the unmatched.

    ``uses`` (n): how many treated a control serves; of a treated how many controls it has. ``pairs`` is
    None where weights are smooth and every control serves many.
    """

    weight: Floats
    uses: npt.NDArray[np.int64]
    pairs: Pairs | None = None


def as_matched(pairs: Pairs, n: int) -> Matched:
    """Weights and uses of n cases from their pairs."""
    weight = np.bincount(pairs.control, weights=pairs.share, minlength=n).astype(np.float64)
    weight[np.unique(pairs.treated)] = 1.0
    uses = np.bincount(pairs.control, minlength=n) + np.bincount(pairs.treated, minlength=n)
    return Matched(weight, uses.astype(np.int64), pairs)


def tie_width(place: Floats) -> float:
    """What counts as a tie between places (n,) or (n, d)."""
    return SAME * float(np.sqrt(np.var(place, axis=0).sum()))


def distances(
    place: Floats, ours: Ints, others: Ints, reach: Reach | None, tie: float
) -> Iterator[tuple[Ints, Floats]]:
    """Blocks of treated with their distances (b, c) to all controls; infinite beyond reach.

    `place` is (n, d); distances are Euclidean in it.
    """
    for start in range(0, len(ours), BLOCK):
        block = ours[start : start + BLOCK]
        if place.shape[1] == 1:
            found = np.abs(place[block] - place[others].T)
        else:
            found = np.sqrt(
                sum((place[block, j, None] - place[others, j][None, :]) ** 2
                    for j in range(place.shape[1]))
            )  # fmt: skip
        if reach is not None:
            gaps = np.abs(reach.gap[block, None] - reach.gap[others][None, :])
            found = np.where(gaps <= reach.width + tie, found, np.inf)
        yield block, found


def with_replacement(
    place: Floats, treated: Flags, neighbours: int, reach: Reach | None = None
) -> Pairs:
    """The `neighbours` controls nearest to each treated; all that tie with the last share in.

    `place` (n, d), `treated` (n). A treated with fewer in reach has those, one with none has no pair.
    """
    ours, others, tie = np.flatnonzero(treated), np.flatnonzero(~treated), tie_width(place)
    parts: list[tuple[Ints, Ints, Floats, Floats]] = []
    for block, found in distances(place, ours, others, reach, tie):
        k = min(neighbours, len(others)) - 1
        last = np.partition(found, k, axis=1)[:, k]
        taken = np.isfinite(found) & (found <= last[:, None] + tie)
        i, j = np.nonzero(taken)
        parts.append((block[i], others[j], 1.0 / taken.sum(axis=1)[i], found[i, j]))
    return Pairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def without_replacement(
    place: Floats,
    treated: Flags,
    neighbours: int,
    score: Floats,
    rank: Ints,
    reach: Reach | None = None,
) -> Pairs:
    """Greedy pairs in which a control serves once: rounds of one neighbour each, by falling score.

    `rank` (n) orders cases whose score or distance ties. It isn't the assignment with the least total
    distance: a treated that is served late may have its nearest taken.
    """
    tie = tie_width(place)
    steps = np.round(score / max(tie_width(score), np.finfo(float).tiny))
    ours = np.flatnonzero(treated)
    order = ours[np.lexsort((rank[ours], -steps[ours]))]
    others = np.flatnonzero(~treated)
    others = others[
        np.argsort(rank[others], kind="stable")
    ]  # the first of ties is the first in rank
    free = np.ones(len(others), dtype=bool)
    pairs: list[tuple[int, int, float]] = []
    for _ in range(neighbours):
        for block, found in distances(place, order, others, reach, tie):
            for i, row in zip(block, found, strict=True):
                open_to = np.where(free, row, np.inf)
                least = open_to.min(initial=np.inf)
                if np.isfinite(least):
                    j = int(np.argmax(open_to <= least + tie))
                    free[j] = False
                    pairs.append((int(i), int(others[j]), float(row[j])))
    if not pairs:
        none = np.empty(0, dtype=np.intp)
        return Pairs(none, none, np.empty(0), np.empty(0))
    served, control, far = (np.array(column) for column in zip(*pairs, strict=True))
    share = 1.0 / np.bincount(served)[served]
    by_place = np.lexsort((control, served))
    return Pairs(served[by_place], control[by_place], share[by_place], far[by_place])


def whitened(x: Floats, treated: Flags) -> Floats:
    """Coordinates (n, r) whose Euclidean distance is Mahalanobis', by the covariance within groups.

    Covariates (n, k) that others span add nothing; r is their rank.
    """
    z = (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    centred = np.where(treated[:, None], z - z[treated].mean(axis=0), z - z[~treated].mean(axis=0))
    covariance = centred.T @ centred / max(len(z) - 2, 1)
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-10 * values.max()
    return np.asarray(z @ vectors[:, kept] / np.sqrt(values[kept]), dtype=np.float64)


def rank_of(score: Floats, x: Floats) -> Ints:
    """An order (n) of cases that the order of rows doesn't touch: score, then covariates, then position.

    Positions decide only between cases that are alike in everything; callers give those an order of
    their own (by name).
    """
    spread = x.std(axis=0)
    z = np.round((x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0), 9)
    steps = np.round(score / max(tie_width(score), np.finfo(float).tiny))
    order = np.lexsort((np.arange(len(score)), *z.T[::-1], -steps))
    rank = np.empty(len(score), dtype=np.intp)
    rank[order] = np.arange(len(score))
    return rank


__all__ = [
    "Ints",
    "Matched",
    "Pairs",
    "Reach",
    "as_matched",
    "distances",
    "rank_of",
    "tie_width",
    "whitened",
    "with_replacement",
    "without_replacement",
]
