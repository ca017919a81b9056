"""Many small linear programs that share most of their columns, solved together.

Here belongs the solver alone: a revised simplex method that works on all programs of a block in
step, prices a working set of columns first and all columns last, and hands a program that it
can't finish to HiGHS. Which program an efficiency model solves stands in the model's module.

Every program is, lexicographically over its stages,

    min costs[stage] . own   subject to   frontier @ weight + own_columns @ own = rhs,  all >= 0

`frontier` (rows x n) is common to all programs and costs nothing; the few `own` columns (slacks,
the score) belong to each program. A stage may only use columns whose reduced costs in all stages
before are zero, so that it moves on the optimal face of those.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.blas import one_thread

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Method = Literal["simplex", "highs"]
Progress = Callable[[int], None]

# Reduced costs count as negative below -OPTIMAL * max(1, largest dual price), and as zero for
# later stages up to FACE times the same: rounding of eight-row products is near 1e-15.
OPTIMAL = 1e-11
FACE = 1e-9
PIVOT = 1e-9  # smallest usable pivot: data are scaled to be near one
TIE = 1e-12  # ratios this close are tied
FEASIBLE = 1e-9  # largest violation of a constraint in a finished program
HIGHS_TOLERANCES = (1e-10, 1e-7)  # its sharpest, and its default where that won't do
HIGHS_FEASIBLE = 1e-7  # artificial columns up to this sum count as zero with HiGHS
REFACTOR = 12  # pivots between fresh inverses
STALLED = 25  # pivots without progress before Bland's rule, which can't cycle, takes over
MAX_PIVOTS = 600  # per stage and pricing round; programs of this kind need 5 to 40
MAX_ROUNDS = 200
BLOCK = 512  # programs in step
WHOLE = 256  # frontiers up to this size are priced whole from the start

SOLVED, INFEASIBLE, FAILED = 0, 1, 2


@dataclass(frozen=True)
class Programs:
    """A batch of B programs with R rows, n shared and k own columns.

    frontier (R, n); own (B, R, k); rhs (B, R); costs: one (B, k) per stage; basis (B, R): a
    feasible start, own columns as 0..k-1 and frontier columns as k..k+n-1; excluded (B,): the
    frontier column that a program must not use, or -1. If `first_is_feasibility`, the first
    stage minimises artificial columns, and a program that can't reach zero is infeasible.
    """

    frontier: Floats
    own: Floats
    rhs: Floats
    costs: tuple[Floats, ...]
    basis: Ints
    excluded: Ints
    first_is_feasibility: bool


@dataclass(frozen=True)
class Solution:
    """Optimal vertices of a batch: own (B, k), peers and their weights (B, P), objectives.

    `peer` holds frontier columns, -1 where a place is unused; `objective` is (B, stages);
    `status` is SOLVED, INFEASIBLE or FAILED; `n_highs` counts the programs that HiGHS solved.
    """

    own: Floats
    peer: Ints
    weight: Floats
    objective: Floats
    status: NDArray[np.int8]
    n_highs: int


class _Block:
    """The moving state of one block of programs."""

    def __init__(self, programs: Programs, rows: slice) -> None:
        self.frontier = programs.frontier
        self.own = programs.own[rows]
        self.rhs = programs.rhs[rows]
        self.excluded = programs.excluded[rows]
        self.basis = programs.basis[rows].copy()
        size, self.n_rows, self.k = self.own.shape
        self.inverse = np.empty((size, self.n_rows, self.n_rows))
        self.values = np.empty((size, self.n_rows))
        self.allowed = np.ones((size, self.k), dtype=bool)
        self.faces: list[tuple[Floats, Floats]] = []  # duals and tolerance of finished stages
        self.failed = np.zeros(size, dtype=bool)
        self.refactor(np.arange(size))

    def columns(self, which: Ints, index: Ints) -> Floats:
        """Columns `index` (b, ...) of the programs `which` (b,), as (b, R, ...)."""
        own = index < self.k
        shape = (slice(None), *([None] * (index.ndim - 1)))
        from_own = self.own[which[shape], :, np.where(own, index, 0)]
        from_frontier = self.frontier.T[np.where(own, 0, index - self.k)]
        return np.moveaxis(np.where(own[..., None], from_own, from_frontier), -1, 1)

    def refactor(self, which: Ints) -> None:
        """Inverse and values of the basis afresh; a singular basis marks the program failed."""
        if not which.size:
            return
        matrix = self.columns(which, self.basis[which])
        try:
            inverse = np.linalg.inv(matrix)
        except np.linalg.LinAlgError:
            singular = np.linalg.matrix_rank(matrix) < self.n_rows
            self.failed[which[singular]] = True
            matrix[singular] = np.eye(self.n_rows)
            inverse = np.linalg.inv(matrix)
        self.inverse[which] = inverse
        self.values[which] = (inverse @ self.rhs[which][:, :, None])[:, :, 0]

    def basic_costs(self, which: Ints, cost: Floats) -> Floats:
        index = self.basis[which]
        own = index < self.k
        return np.where(own, np.take_along_axis(cost[which], np.where(own, index, 0), axis=1), 0.0)

    def duals(self, which: Ints, cost: Floats) -> tuple[Floats, Floats]:
        """Dual prices (b, R) and the size (b,) that reduced costs are judged by."""
        basic = self.basic_costs(which, cost)
        y = (basic[:, None, :] @ self.inverse[which])[:, 0, :]
        return y, np.maximum(1.0, np.abs(y).max(axis=1))

    def barred(self, which: Ints, among: Ints) -> Bools:
        """Frontier columns `among` that the programs `which` must not use, (b, len(among))."""
        barred = among == self.excluded[which][:, None]
        for y, size in self.faces:
            barred |= -(y[which] @ self.frontier[:, among]) > FACE * size[which][:, None]
        return barred

    def own_reduced(self, which: Ints, y: Floats, cost: Floats) -> Floats:
        reduced = cost[which] - (y[:, None, :] @ self.own[which])[:, 0, :]
        reduced[~self.allowed[which]] = np.inf
        return reduced


def _pivot(block: _Block, which: Ints, among: Ints, cost: Floats) -> None:
    """Bring the programs `which` to the optimum over their own columns and `among`."""
    if not which.size:
        return
    shared = block.frontier[:, among]
    barred = block.barred(which, among)
    stalled = np.zeros(which.size, dtype=int)
    here = np.arange(which.size)  # positions in `which` that are still moving
    for pivot in range(1, MAX_PIVOTS + 1):
        rows = which[here]
        y, size = block.duals(rows, cost)
        reduced = np.empty((rows.size, block.k + among.size))
        reduced[:, : block.k] = block.own_reduced(rows, y, cost)
        np.negative(y @ shared, out=reduced[:, block.k :])
        reduced[:, block.k :][barred[here]] = np.inf
        entering = reduced.argmin(axis=1)
        limit = -OPTIMAL * size
        bland = np.flatnonzero(stalled[here] > STALLED)
        if bland.size:
            entering[bland] = (reduced[bland] < limit[bland, None]).argmax(axis=1)
        moving = reduced[np.arange(rows.size), entering] < limit
        moving &= ~block.failed[rows]
        here, rows, entering = here[moving], rows[moving], entering[moving]
        if not here.size:
            return
        index = np.where(
            entering < block.k,
            entering,
            block.k + among[np.maximum(entering - block.k, 0)] if among.size else entering,
        )
        inverse = block.inverse[rows]
        step = (inverse @ block.columns(rows, index)[:, :, None])[:, :, 0]
        values = np.maximum(block.values[rows], 0.0)
        usable = step > PIVOT
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(usable, values / step, np.inf)
        best = ratio.min(axis=1)
        unbounded = ~np.isfinite(best)
        block.failed[rows[unbounded]] = True
        best = np.where(unbounded, 0.0, best)
        tied = usable & (ratio <= (best + TIE * (1 + best))[:, None])
        # Among ties the largest pivot keeps the inverse accurate; Bland's rule wants the first.
        preference = np.where(tied, step, -np.inf)
        slow = stalled[here] > STALLED
        preference[slow] = np.where(tied[slow], -block.basis[rows[slow]].astype(float), -np.inf)
        leaving = preference.argmax(axis=1)
        each = np.arange(rows.size)
        pivot_row = inverse[each, leaving] / step[each, leaving][:, None]
        stalled[here] = np.where(best > TIE, 0, stalled[here] + 1)
        values -= best[:, None] * step
        values[each, leaving] = best
        step[each, leaving] = 0.0
        inverse -= step[:, :, None] * pivot_row[:, None, :]
        inverse[each, leaving] = pivot_row
        done = ~unbounded
        block.inverse[rows[done]] = inverse[done]
        block.values[rows[done]] = values[done]
        block.basis[rows[done], leaving[done]] = index[done]
        here = here[done]
        if pivot % REFACTOR == 0:
            block.refactor(which[here])
    block.failed[which[here]] = True


def _price_all(block: _Block, which: Ints, cost: Floats) -> tuple[Bools, Ints]:
    """Which of the programs `which` have a column outside that still helps, and the best one."""
    y, size = block.duals(which, cost)
    everything = np.arange(block.frontier.shape[1])
    reduced = -(y @ block.frontier)
    reduced[block.barred(which, everything)] = np.inf
    entering = reduced.argmin(axis=1)
    best = reduced[np.arange(which.size), entering]
    # Twice the inner limit, so that a column at the edge of it can't go round for ever.
    helps = best < -2 * OPTIMAL * size
    own_helps = (block.own_reduced(which, y, cost) < -2 * OPTIMAL * size[:, None]).any(axis=1)
    return helps | own_helps, np.where(helps, entering, -1)


def _solve_block(
    programs: Programs, rows: slice, working: Ints
) -> tuple[_Block, Floats, NDArray[np.int8], Ints]:
    """One block to its optimum; returns it with objectives, status and the grown working set."""
    block = _Block(programs, rows)
    size = len(block.rhs)
    objective = np.full((size, len(programs.costs)), np.nan)
    status = np.full(size, SOLVED, dtype=np.int8)
    for stage, all_costs in enumerate(programs.costs):
        cost = all_costs[rows]
        open_ = np.flatnonzero((status == SOLVED) & ~block.failed)
        for _ in range(MAX_ROUNDS):
            _pivot(block, open_, working, cost)
            block.refactor(open_)
            open_ = open_[~block.failed[open_]]
            if not open_.size:
                break
            unfinished, column = _price_all(block, open_, cost)
            working = np.union1d(working, column[column >= 0])
            open_ = open_[unfinished]
        block.failed[open_] = True
        here = np.flatnonzero((status == SOLVED) & ~block.failed)
        block.failed[here[block.values[here].min(axis=1, initial=0.0) < -FEASIBLE]] = True
        objective[here, stage] = np.einsum(
            "br,br->b", block.basic_costs(here, cost), block.values[here]
        )
        if stage == 0 and programs.first_is_feasibility:
            status[here[objective[here, 0] > FEASIBLE]] = INFEASIBLE
        if stage + 1 < len(programs.costs):
            y, scale = block.duals(np.arange(size), cost)
            reduced = block.own_reduced(np.arange(size), y, cost)
            block.allowed &= reduced <= FACE * scale[:, None]
            block.faces.append((y, scale))
    status[block.failed] = FAILED
    return block, objective, status, working


def _solve_with_highs(programs: Programs, i: int) -> tuple[Floats, Floats, Floats, int]:
    """Program `i` by scipy's HiGHS: own, weight over all columns, objectives, status."""
    from scipy.optimize import linprog

    k, n = programs.own.shape[2], programs.frontier.shape[1]
    matrix = np.concatenate([programs.own[i], programs.frontier], axis=1)
    bounds = [(0.0, np.inf)] * (k + n)
    if programs.excluded[i] >= 0:
        bounds[k + int(programs.excluded[i])] = (0.0, 0.0)
    objective = np.full(len(programs.costs), np.nan)
    z = np.full(k + n, np.nan)
    limits: list[Floats] = []
    for stage, costs in enumerate(programs.costs):
        cost = np.concatenate([costs[i], np.zeros(n)])
        for tolerance in HIGHS_TOLERANCES:
            found = linprog(
                cost,
                A_ub=np.array(limits) if limits else None,
                b_ub=objective[:stage] + FEASIBLE if limits else None,
                A_eq=matrix,
                b_eq=programs.rhs[i],
                bounds=bounds,
                method="highs",
                options={
                    "primal_feasibility_tolerance": tolerance,
                    "dual_feasibility_tolerance": tolerance,
                },
            )
            if found.status in (0, 2):
                break
        if found.status != 0:
            failure = INFEASIBLE if found.status == 2 else FAILED
            return z[:k], z[k:], objective, failure
        z, objective[stage] = np.asarray(found.x), float(found.fun or 0.0)
        if stage == 0 and programs.first_is_feasibility and objective[0] > HIGHS_FEASIBLE:
            return z[:k], z[k:], objective, INFEASIBLE
        limits.append(cost)
    return z[:k], z[k:], objective, SOLVED


@one_thread
def solve(
    programs: Programs,
    *,
    method: Method = "simplex",
    working: Ints | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Solve all programs; `working` (columns) is where the pricing starts, `progress` gets counts.

    `method="highs"` solves each program by itself with HiGHS: slow, for checks. The simplex ends
    a program only after pricing every column with a fresh inverse, so its optimum is exact up to
    rounding, whatever `working` is.
    """
    size, n_rows, k = programs.own.shape
    n = programs.frontier.shape[1]
    width = n_rows + len(programs.costs)
    own = np.full((size, k), np.nan)
    peer = np.full((size, width), -1, dtype=np.intp)
    weight = np.zeros((size, width))
    objective = np.full((size, len(programs.costs)), np.nan)
    status = np.full(size, FAILED, dtype=np.int8)
    columns = np.arange(n) if n <= WHOLE or working is None else np.unique(working)
    for start in range(0, size, BLOCK):
        rows = slice(start, min(start + BLOCK, size))
        if method == "simplex":
            block, objective[rows], status[rows], columns = _solve_block(programs, rows, columns)
            in_own = block.basis < k
            for place in range(n_rows):
                index, value = block.basis[:, place], np.maximum(block.values[:, place], 0.0)
                mine = np.flatnonzero(in_own[:, place])
                own[start + mine, index[mine]] = value[mine]
                peer[rows, place] = np.where(in_own[:, place], -1, index - k)
                weight[rows, place] = np.where(in_own[:, place], 0.0, value)
            own[rows] = np.where(np.isnan(own[rows]), 0.0, own[rows])
        if progress is not None and method == "simplex":
            progress(rows.stop - rows.start)
    by_highs = np.flatnonzero(status == FAILED)
    for i in by_highs:
        own[i], weights, objective[i], status[i] = _solve_with_highs(programs, int(i))
        peer[i], weight[i] = -1, 0.0
        if status[i] == SOLVED:
            used = np.argsort(-weights, kind="stable")[:width]
            peer[i, : used.size], weight[i, : used.size] = used, weights[used]
        if progress is not None and method == "highs":
            progress(1)
    unused = weight <= 0.0
    peer[unused], weight[unused] = -1, 0.0
    return Solution(own, peer, weight, objective, status, len(by_highs))
