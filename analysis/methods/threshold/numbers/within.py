"""The within transformation of a threshold panel, and orthonormal columns in its space.

Here belong deviations from unit means, the rows that a convention drops, and bases of columns that
effects and other columns don't span. The panel itself and its checks belong to `panel`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.regression.rank import factor, variation

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Within:
    """The within transformation W: deviations from unit means, less the rows a convention drops.

    Rows of a unit are adjacent; `start` and `count` (N,) say where. `kept` (n,) marks the rows that
    stay, or is None where all stay.
    """

    start: Ints
    count: Ints
    kept: NDArray[np.bool_] | None

    def demean(self, a: Floats) -> Floats:
        """Deviations of (n,) or (n, k) from the unit's mean."""
        if np.all(self.count == self.count[0]):
            cube = a.reshape(len(self.count), self.count[0], *a.shape[1:])
            return (cube - cube.mean(axis=1, keepdims=True)).reshape(a.shape)
        sums = np.add.reduceat(a, self.start, axis=0)
        means = sums / self.count.reshape(-1, *([1] * (a.ndim - 1)))
        return a - np.repeat(means, self.count, axis=0)

    def keep(self, a: Floats) -> Floats:
        """The rows that stay."""
        return a if self.kept is None else a[self.kept]

    def transform(self, a: Floats) -> Floats:
        """W a: (n,) or (n, k) to (m,) or (m, k)."""
        return self.keep(self.demean(a))

    def pull_back(self, e: Floats) -> Floats:
        """W'e for e in the range of W: (m,) or (m, k) to (n,) or (n, k)."""
        if self.kept is None:
            return e
        full = np.zeros((len(self.kept), *e.shape[1:]))
        full[self.kept] = e
        return self.demean(full)


@dataclass(frozen=True)
class Basis:
    """Orthonormal columns in the transformed space, with the two full-row arrays that go with them.

    With W the within transformation of n rows to m rows: `columns` Q is (m, k) with Q'Q = I;
    `preimage` A is (n, k) with W A = Q; `pulled` is W'Q, (n, k). Without dropped rows all three
    are the same array.
    """

    columns: Floats
    preimage: Floats
    pulled: Floats


def orthonormal(within: Within, columns: Floats, against: Basis | None = None) -> Basis:
    """Basis of the transformed full-row `columns` (n, k) outside `against`.

    Columns that the unit effects, `against` or columns before them span fall out.
    """
    # About their mean and to length one: a large mean would cost digits, units decide nothing.
    size = variation(columns)
    size = np.where(size > 0, size, 1.0)
    full = within.demean((columns - columns.mean(axis=0)) / size)
    rows = within.keep(full)
    if against is not None and against.columns.shape[1]:
        for _ in range(2):  # twice, so that what is left is orthogonal to rounding
            inner = against.columns.T @ rows
            rows = rows - against.columns @ inner
            full = full - against.preimage @ inner
    chosen = factor(columns / size, rows, [""] * columns.shape[1])
    kept = list(chosen.kept)
    if not kept:
        none = np.empty((len(columns), 0))
        return Basis(rows[:, :0], none, none)
    turn = np.linalg.inv(chosen.triangle) / chosen.length[:, None]
    return Basis(chosen.basis, full[:, kept] @ turn, within.pull_back(chosen.basis))


__all__ = ["Basis", "Floats", "Ints", "Within", "orthonormal"]
