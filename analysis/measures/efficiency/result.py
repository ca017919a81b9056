"""What an efficiency model returns: scores, slacks, peers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.measures.efficiency.data import EFFICIENT, Production, Progress
from analysis.measures.efficiency.simplex import Floats, Ints, Solution


@dataclass(frozen=True)
class Efficiency:
    """Scores of n units; NaN where `status` is not "ok".

    score (n,): in (0, 1], larger is better, above 1 only for super-efficiency. Output-oriented
    scores are 1/expansion, so that both orientations read the same way. One within rounding of 1
    is 1.
    input_slack (n, m), output_slack (n, s), undesirable_slack (n, b): in the units of the data,
    not negative; what is left after the radial change (radial models), all there is to change
    (SBM), or the excess over the frontier without the unit (super-SBM). NaN if not asked for.
    peer, weight (n, P): rows of the frontier units that the unit is compared with and their
    intensities (lambda), by falling weight; -1 and 0 where a place is unused.
    n_highs: programs that the batched simplex handed to HiGHS.
    """

    model: str
    score: Floats
    status: NDArray[np.str_]
    input_slack: Floats
    output_slack: Floats
    undesirable_slack: Floats
    peer: Ints
    weight: Floats
    n_highs: int

    def peers(self, unit: int) -> list[tuple[int, float]]:
        """(row, intensity) of the peers of the unit in row `unit`, largest intensity first."""
        used = self.peer[unit] >= 0
        return [
            (int(p), float(w))
            for p, w in zip(self.peer[unit][used], self.weight[unit][used], strict=True)
        ]


COARSE_BITS = 30
"""Weights that agree in so many binary digits (nine decimal ones) are equal where peers are ordered."""


def coarse(values: Floats) -> Floats:
    """Numbers to `COARSE_BITS` significant binary digits, for comparisons that rounding must not decide."""
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.rint(np.ldexp(mantissa, COARSE_BITS)), exponent - COARSE_BITS)


class Collector:
    """Gathers results of one frontier after the other into an `Efficiency`."""

    def __init__(self, model: str, production: Production, progress: Progress | None) -> None:
        n = len(production.status)
        self.model = model
        self.progress, self.done, self.total = progress, 0, int(production.valid.sum())
        self.status = production.status.astype("U11")
        self.score = np.full(n, np.nan)
        self.slack = np.full(
            (
                n,
                production.inputs.shape[1]
                + production.outputs.shape[1]
                + production.undesirable.shape[1],
            ),
            np.nan,
        )
        self.m, self.s = production.inputs.shape[1], production.outputs.shape[1]
        self.peer = np.full((n, 1), -1, dtype=np.intp)
        self.weight = np.zeros((n, 1))
        self.n_highs = 0

    def count(self, programs: int) -> None:
        """Tell the caller that so many units more are done."""
        self.done += programs
        if self.progress is not None:
            self.progress(self.done, self.total)

    def put(
        self,
        rows: Ints,
        frontier: Ints,
        solution: Solution,
        score: Floats,
        status: NDArray[np.str_],
        slack: Floats,
        weight: Floats,
    ) -> None:
        """Write the units `rows`, solved against the units `frontier`: rows of the whole data."""
        self.n_highs += solution.n_highs
        peer = np.where(solution.peer >= 0, frontier[np.maximum(solution.peer, 0)], -1)
        bad = status != "ok"
        width = peer.shape[1]
        if width > self.peer.shape[1]:
            more = width - self.peer.shape[1]
            self.peer = np.pad(self.peer, ((0, 0), (0, more)), constant_values=-1)
            self.weight = np.pad(self.weight, ((0, 0), (0, more)))
        weight = np.where(bad[:, None], 0.0, weight)
        peer[weight == 0.0] = -1
        order = np.lexsort((peer, -coarse(weight)), axis=1)
        score = np.where(np.abs(score - 1.0) <= EFFICIENT, 1.0, score)
        self.status[rows] = status
        self.score[rows] = np.where(bad, np.nan, score)
        self.slack[rows] = np.where(bad[:, None], np.nan, slack)
        self.peer[rows], self.weight[rows] = -1, 0.0
        self.peer[rows, :width] = np.take_along_axis(peer, order, axis=1)
        self.weight[rows, :width] = np.take_along_axis(weight, order, axis=1)

    def result(self) -> Efficiency:
        """The finished result, with unused columns of peers cut off."""
        used = int((self.peer >= 0).sum(axis=1).max(initial=1))
        cut = slice(0, max(used, 1))
        return Efficiency(
            self.model,
            self.score,
            self.status,
            self.slack[:, : self.m],
            self.slack[:, self.m : self.m + self.s],
            self.slack[:, self.m + self.s :],
            self.peer[:, cut],
            self.weight[:, cut],
            self.n_highs,
        )
