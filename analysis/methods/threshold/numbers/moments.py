"""Products with the step columns x 1(q <= gamma) at many gamma at once, without forming them.

Rows sorted by q turn every such product into a cumulative sum, and what demeaning takes away from
the squared length of a step column follows from the running sums by unit: everything at all gamma
costs O(n). Here belong these sums and the part of a step column's length that a basis leaves.
What is done with them (search, tests) belongs elsewhere.
"""

import numpy as np

from analysis.methods.threshold.numbers.panel import ThresholdPanel
from analysis.methods.threshold.numbers.within import Basis, Floats, Ints
from analysis.regression.rank import SHARE_LEFT

COLLINEAR = SHARE_LEFT**2
"""A step column whose part outside the basis is smaller than this share of its squared length is
counted as explained: its split changes nothing. Rounding in the cumulative sums is about 1e-15."""


def step_products(panel: ThresholdPanel, pulled: Floats, upto: Ints) -> Floats:
    """x 1(q <= gamma)' W'v for each gamma: shape (m, p, k).

    `pulled` (n, k) is W'v; `upto` (m,) ascending counts of rows with q <= gamma.
    """
    n_slopes = panel.n_slopes
    out = np.empty((len(upto), n_slopes, pulled.shape[1]))
    if not len(upto):
        return out
    starts = np.concatenate([[0], upto[:-1]])
    head = panel.order[: upto[-1]]
    v = pulled[head]
    for j in range(n_slopes):
        out[:, j, :] = np.add.reduceat(panel.x[head, j, None] * v, starts, axis=0)
    return np.cumsum(out, axis=0, out=out)


def step_lengths(panel: ThresholdPanel, upto: Ints) -> tuple[Floats, Floats]:
    """Raw and transformed inner products of the step columns with themselves, each (m, p, p).

    The raw one is sum x x' over q <= gamma. Demeaning takes away, by unit with running sum u, u u'
    / T and, if a convention drops the unit's last row with step value l, (l - u/T)(l - u/T)' too.
    Both are tracked event by event: a row entering at its q changes its own unit alone.
    """
    n, p = panel.x.shape
    order, unit = panel.order, panel.unit_code
    by_unit = order[np.argsort(unit[order], kind="stable")]  # within a unit, ascending q
    sorted_unit = unit[by_unit]
    first = panel.within.start
    x = panel.x[by_unit]
    running = np.cumsum(x, axis=0)
    offset = np.concatenate([np.zeros((1, p)), running])[first]
    after = running - offset[sorted_unit]
    before = after - x
    count = panel.within.count[sorted_unit].astype(float)[:, None, None]

    taken = (_outer(after) - _outer(before)) / count
    if panel.within.kept is not None:
        is_last = np.zeros(n, dtype=bool)
        is_last[first + panel.within.count - 1] = True
        last_value = np.where(is_last[by_unit, None], x, 0.0)
        entered = np.cumsum(last_value, axis=0)
        entered_offset = np.concatenate([np.zeros((1, p)), entered])[first]
        last_after = entered - entered_offset[sorted_unit]
        last_before = last_after - last_value
        taken += _outer(last_after - after / count[:, :, 0])
        taken -= _outer(last_before - before / count[:, :, 0])

    events = np.empty((n, 2, p, p))
    events[by_unit, 0] = _outer(x)
    events[by_unit, 1] = taken
    total = _sums_upto(events[order], upto)
    return total[:, 0], total[:, 0] - total[:, 1]


def _outer(a: Floats) -> Floats:
    return a[:, :, None] * a[:, None, :]


def _sums_upto(events: Floats, upto: Ints) -> Floats:
    if not len(upto):
        return np.empty((0, *events.shape[1:]))
    starts = np.concatenate([[0], upto[:-1]])
    return np.cumsum(np.add.reduceat(events[: upto[-1]], starts, axis=0), axis=0)


class StepMoments:
    """Step columns at given gamma, ready to be projected on any basis."""

    def __init__(self, panel: ThresholdPanel, at: Ints) -> None:
        self.panel = panel
        self.at = at
        self.upto = panel.upto[at]
        raw, self.length = step_lengths(panel, self.upto)
        self.size = np.sqrt(np.maximum(np.einsum("mpp->mp", raw), np.finfo(float).tiny))

    def products(self, pulled: Floats) -> Floats:
        """Step columns times v, with `pulled` = W'v (n, k): shape (m, p, k)."""
        return step_products(self.panel, pulled, self.upto)

    def column(self, index: int) -> Floats:
        """The full-row step columns of gamma number `index`: (n, p)."""
        below = np.zeros(self.panel.n_obs, dtype=bool)
        below[self.panel.order[: self.upto[index]]] = True
        return self.panel.x * below[:, None]

    def whiten(self, loads: Floats) -> Floats:
        """Matrices (m, p, p) that make the part outside a basis orthonormal; 0 where none is left.

        `loads` (m, p, k) are the products of the step columns with the basis.
        """
        rest = self.length - loads @ loads.transpose(0, 2, 1)
        # Each column by its own length: units of several regressors decide nothing.
        rest = rest / (self.size[:, :, None] * self.size[:, None, :])
        if rest.shape[1] == 1:
            left = rest[:, 0, 0]
            usable = left > COLLINEAR
            root = np.zeros_like(left)
            root[usable] = 1.0 / np.sqrt(left[usable])
            return (root / self.size[:, 0])[:, None, None]
        value, vector = np.linalg.eigh(rest)
        usable = value > COLLINEAR
        root = np.zeros_like(value)
        root[usable] = 1.0 / np.sqrt(value[usable])
        return vector * root[:, None, :] / self.size[:, :, None]


def reduction(whiten: Floats, scores: Floats) -> Floats:
    """Fall of the sum of squares at each gamma, (m, B), for scores (m, p, B) outside the basis."""
    if whiten.shape[1] == 1:
        fall = scores[:, 0, :] * whiten[:, 0]
        return np.square(fall, out=fall)
    return np.square(whiten.transpose(0, 2, 1) @ scores).sum(axis=1)


def project(moments: StepMoments, basis: Basis, residual: Floats) -> tuple[Floats, Floats, Floats]:
    """Loads on `basis`, whitening, and the fall of the SSR (m,) for `residual` outside `basis`."""
    loads = moments.products(basis.pulled)
    whiten = moments.whiten(loads)
    scores = moments.products(moments.panel.within.pull_back(residual)[:, None])
    return loads, whiten, reduction(whiten, scores)[:, 0]
