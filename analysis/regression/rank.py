"""Which columns can be told apart, and least squares on those that can: one way for every method.

Belongs here: when a column varies, when effects absorb it, when others span it, when nothing of an
outcome is left; the one tolerance for all of that, the reason in words, and the orthogonal factor
that slopes and their covariance come from. Does not belong here: effects themselves (`effects`),
standard errors, which columns a study uses.

A column is measured by its own length about its mean, never by another column's or by 1, so units
of measurement and constants that effects absorb decide nothing. Two lines are drawn: `SHARE_LEFT`,
a share of a column's variation, and `rounding_floor`, below which numbers of its size can't differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

SHARE_LEFT = 1e-5
"""Least share of a column's length that must be left once effects and other columns are out: an R2
of at most 1 - 1e-10. linearmodels draws its line at the same place. Rounding leaves about 1e-14."""

ROUNDINGS = 64
"""Roundings of the largest value that count as no variation: means and projections add a few."""


@dataclass(frozen=True)
class DroppedTerm:
    """A regressor that was left out of a fit, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


def rounding_floor(raw: FloatArray) -> FloatArray:
    """Length (k) below which what is left of each column of `raw` (n x k) is rounding alone."""
    largest = np.abs(raw).max(axis=0, initial=0.0)
    return np.asarray(
        ROUNDINGS * np.finfo(float).eps * np.sqrt(len(raw)) * largest, dtype=np.float64
    )


def lengths(columns: FloatArray) -> FloatArray:
    """Length (k) of each column of (n x k); neither overflows nor vanishes in any unit."""
    largest = np.abs(columns).max(axis=0, initial=0.0)
    unit = np.where(largest > 0, largest, 1.0)
    return np.asarray(unit * np.sqrt(np.square(columns / unit).sum(axis=0)), dtype=np.float64)


def variation(raw: FloatArray) -> FloatArray:
    """Length (k) of each column of `raw` (n x k) about its mean; 0 where it varies by rounding."""
    size = lengths(raw - raw.mean(axis=0))
    return np.where(size > rounding_floor(raw), size, 0.0)


def nothing_left(raw: FloatArray, left: FloatArray) -> npt.NDArray[np.bool_]:
    """Mask (k) of the columns of `raw` (n x k) of which `left` (m x k) holds too little to count."""
    least = np.maximum(SHARE_LEFT * variation(raw), rounding_floor(raw))
    return lengths(left) <= least


def exact(raw: FloatArray, left: FloatArray, residual: FloatArray) -> bool:
    """Whether a fit of the column `raw` (n) leaves nothing: an identity, not an estimate.

    `left` (m) is what the effects leave of it, `residual` (m) what the fit does.
    """
    y, within, e = (a[:, None] for a in (raw, left, residual))
    least = max(SHARE_LEFT * lengths(within)[0], rounding_floor(y)[0])
    return bool(lengths(e)[0] <= least)


@dataclass(frozen=True)
class Factor:
    """The columns that can be told apart: ``left[:, kept] = basis @ triangle * length``.

    ``basis`` (m, r) is orthonormal, ``triangle`` (r, r) upper, ``length`` (r) the columns' own.
    ``dropped`` names the others with the reason; positions in ``kept`` ascend.
    """

    kept: tuple[int, ...]
    dropped: tuple[DroppedTerm, ...]
    basis: FloatArray
    triangle: FloatArray
    length: FloatArray

    def slopes(self, y: FloatArray) -> FloatArray:
        """Least-squares coefficients (r) of y (m), in the columns' own units."""
        return np.asarray(np.linalg.solve(self.triangle, self.basis.T @ y) / self.length)

    def spread(self, scores: FloatArray) -> FloatArray:
        """Contributions (g, r) to the coefficients, of scores (g, r) with the basis."""
        return np.asarray(np.linalg.solve(self.triangle, scores.T).T / self.length)

    def bread(self) -> FloatArray:
        """(X'X)^-1 of the kept columns, (r, r)."""
        inverse = self.spread(np.eye(len(self.length)))
        return inverse.T @ inverse


def factor(
    raw: FloatArray,
    left: FloatArray,
    names: Sequence[str],
    *,
    absorbed_by: str = "",
    beside: str = "",
) -> Factor:
    """Choose among the columns of `raw` (n x k), of which `left` (m x k) is left by the effects.

    A column stays unless it doesn't vary, is absorbed, or is a linear combination of the columns
    before it; so their order decides which of two collinear ones stays. `absorbed_by` names the
    effects in the reasons; `beside` what else was taken out of `left` (", given x", say).
    """
    varies = variation(raw) > 0
    gone = nothing_left(raw, left)
    usable = np.flatnonzero(varies & ~gone)
    length = lengths(left)
    scaled = left[:, usable] / length[usable]
    kept = usable[_told_apart(scaled, rounding_floor(raw[:, usable]) / length[usable])]
    dropped = []
    for j, name in enumerate(names):
        if j in kept:
            continue
        if not varies[j]:
            reason = "does not vary in the sample"
        elif gone[j]:
            reason = f"absorbed by {absorbed_by or 'the effects'}{beside}"
        else:
            earlier = kept[kept < j]
            others = ", ".join(names[i] for i in _spanning(left, length, earlier, j))
            effects = f" and {absorbed_by}" if absorbed_by else ""
            reason = f"a linear combination of {others}{effects}{beside}"
        dropped.append(DroppedTerm(name, reason))
    basis, triangle = np.linalg.qr(left[:, kept] / length[kept])
    return Factor(
        kept=tuple(int(j) for j in kept),
        dropped=tuple(dropped),
        basis=basis,
        triangle=triangle,
        length=length[kept],
    )


def _told_apart(scaled: FloatArray, floor: FloatArray) -> npt.NDArray[np.intp]:
    """Positions of columns of length one (m x k) that those before them don't span.

    The diagonal of the triangular factor is what is left of each column; a column that is spanned
    adds a direction of rounding to those after it, so the factor is made again until none is.
    """
    kept = np.arange(scaled.shape[1])
    while len(kept):
        diagonal = np.zeros(len(kept))
        found = np.abs(np.diag(np.linalg.qr(scaled[:, kept], mode="r")))
        diagonal[: len(found)] = found
        spanned = np.flatnonzero(diagonal <= np.maximum(SHARE_LEFT, floor[kept]))
        if not len(spanned):
            break
        kept = np.delete(kept, spanned[0])
    return kept


def _spanning(
    left: FloatArray, length: FloatArray, earlier: npt.NDArray[np.intp], j: int
) -> list[int]:
    """Which of the `earlier` columns column `j` is made of."""
    loads = np.linalg.lstsq(left[:, earlier] / length[earlier], left[:, j] / length[j], rcond=None)[
        0
    ]
    return [int(i) for i, load in zip(earlier, loads, strict=True) if abs(load) > SHARE_LEFT]


def cancels(by_cluster: FloatArray, by_row: FloatArray) -> npt.NDArray[np.bool_]:
    """Mask (k) of the terms whose contributions `by_row` (n, k) cancel in every cluster (g, k).

    What is left of them is rounding and no error: a term that varies in one cluster alone, say.
    """
    return np.asarray(lengths(by_cluster) <= SHARE_LEFT * lengths(by_row))


def full_rank(contributions: FloatArray) -> bool:
    """Whether the covariance ``contributions.T @ contributions`` (g, k) tells all k apart."""
    if not contributions.shape[1]:
        return True
    length = lengths(contributions)
    if not (length > 0).all():
        return False
    scaled = contributions / length
    return len(_told_apart(scaled, np.zeros(len(length)))) == len(length)


def wald(values: FloatArray, contributions: FloatArray, scale: float) -> float:
    """values' (scale C'C)^-1 values for C = `contributions` (g, k); NaN where C'C has no inverse.

    Unlike an inverse of C'C it depends neither on units nor on squares of small numbers.
    """
    if not full_rank(contributions):
        return float("nan")
    length = lengths(contributions)
    triangle = np.asarray(np.linalg.qr(contributions / length, mode="r"), dtype=np.float64)
    standard = np.linalg.solve(triangle.T, values / length)
    return float(standard @ standard / scale)


__all__ = [
    "SHARE_LEFT",
    "DroppedTerm",
    "Factor",
    "FloatArray",
    "cancels",
    "exact",
    "factor",
    "full_rank",
    "lengths",
    "nothing_left",
    "rounding_floor",
    "variation",
    "wald",
]
