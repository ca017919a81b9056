"""Slacks-based efficiency (SBM), its super-efficiency, and undesirable outputs.

Sources: Tone (2001) for SBM, solved as a linear program after Charnes and Cooper's
transformation; Tone (2002) for super-SBM; Tone (2004) and Cooper, Seiford and Tone (2007, ch. 13)
for undesirable outputs, which count like inputs that a unit should reduce, in the denominator:

    score = (1 - mean_i s_i/x_i) / (1 + sum(s_r/y_r, s_b/b_b) / (number of y and b))
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from analysis.measures.efficiency.data import (
    EFFICIENT,
    RETURNS,
    Progress,
    Returns,
    Scaled,
    check_production,
    data_units,
    likely_frontier,
    outcome_status,
    require,
    scale_data,
)
from analysis.measures.efficiency.result import Collector, Efficiency
from analysis.measures.efficiency.simplex import Floats, Ints, Method, Programs, Solution, solve

SbmOrientation = Literal["none", "input", "output"]


def _relative(data: Scaled) -> tuple[Floats, Floats]:
    """Costs of slacks in the numerator and in the denominator, (e, variables).

    A slack counts relative to the unit's own value, divided by the number of variables on its
    side; the term of a zero is left out, its number stays (Tone 2001, section 2.3). Without an input or
    undesirable output there is nothing to reduce; a unit without an output gets no score.
    """
    own = data.judged
    numerator, denominator = np.zeros_like(own), np.zeros_like(own)
    share = np.divide(1.0, own, out=np.zeros_like(own), where=own > 0)
    numerator[:, : data.m] = share[:, : data.m] / data.m
    denominator[:, data.m :] = share[:, data.m :] / (own.shape[1] - data.m)
    return numerator, denominator


def _signs(data: Scaled) -> Floats:
    """1 for rows of inputs and undesirable outputs, -1 for those of outputs."""
    sign = np.ones(data.judged.shape[1])
    sign[data.m : data.m + data.s] = -1.0
    return sign


class _Columns:
    """Numbers of the own columns: t, slacks, excesses, convexity slack, artificials."""

    def __init__(self, n_data: int, returns: Returns, above: bool) -> None:
        self.t = 0
        self.slack = 1 + np.arange(n_data)
        self.excess = 1 + n_data + np.arange(n_data * above)
        last = 1 + n_data * (1 + above)
        self.convex_slack = last if returns in ("nirs", "ndrs") else -1
        last += returns in ("nirs", "ndrs")
        self.artificial = last + np.arange((n_data + 1) * above)
        self.count = last + self.artificial.size


def _shared_rows(
    data: Scaled, returns: Returns, orientation: SbmOrientation, at: _Columns
) -> tuple[Floats, Floats, Floats]:
    """Frontier, own columns and right-hand side that SBM and super-SBM have in common.

    Rows: the variables, then t and the relative slacks (no orientation), then the weights.
    Oriented models have t = 1 and its column on the right.
    """
    e, n_data = data.judged.shape
    fractional = orientation == "none"
    n_rows = n_data + fractional + (returns != "crs")
    sign = _signs(data)
    frontier = np.zeros((n_rows, data.frontier.shape[1]))
    frontier[:n_data] = data.frontier * sign[:, None]
    of_t = np.zeros((e, n_rows))
    of_t[:, :n_data] = -data.judged * sign
    own = np.zeros((e, n_rows, at.count))
    own[:, np.arange(n_data), at.slack] = 1.0
    if returns != "crs":
        frontier[-1] = 1.0 / data.frontier_size
        of_t[:, -1] = -1.0 / data.judged_size
        if at.convex_slack >= 0:
            own[:, -1, at.convex_slack] = 1.0 if returns == "nirs" else -1.0
    rhs = np.zeros((e, n_rows))
    if fractional:
        of_t[:, n_data] = 1.0
        own[:, :, at.t] = of_t
        rhs[:, n_data] = 1.0
    else:
        rhs = -of_t
    return frontier, own, rhs


def sbm_programs(data: Scaled, orientation: SbmOrientation, returns: Returns) -> Programs:
    """SBM of units that are the frontier themselves, in the same order; they are the start."""
    e, n_data = data.judged.shape
    at = _Columns(n_data, returns, above=False)
    frontier, own, rhs = _shared_rows(data, returns, orientation, at)
    numerator, denominator = _relative(data)
    main = np.zeros((e, at.count))
    stages = [main]
    if orientation == "none":
        own[:, n_data, at.slack] = denominator
        main[:, at.t] = 1.0
        main[:, at.slack] = -numerator
    else:
        counted = numerator if orientation == "input" else denominator
        main[:, at.slack] = -counted
        # Slacks that the score doesn't count, as large as they get.
        rest = np.zeros((e, at.count))
        rest[:, at.slack] = np.where(counted > 0, 0.0, -1.0)
        stages.append(rest)
    basis = np.zeros((e, frontier.shape[0]), dtype=np.intp)
    basis[:, :n_data] = at.slack
    if orientation == "none":
        basis[:, n_data] = at.t
    itself = at.count + np.arange(e)
    if returns == "crs":
        basis[np.arange(e), data.judged.argmax(axis=1)] = itself
    else:
        basis[:, -1] = itself
    nobody = np.full(e, -1, dtype=np.intp)
    return Programs(frontier, own, rhs, tuple(stages), basis, nobody, False)


def super_sbm_programs(
    data: Scaled, excluded: Ints, orientation: SbmOrientation, returns: Returns
) -> Programs:
    """Super-SBM: the smallest excess over the unit's own values that the others can match.

    Rows of inputs (and undesirable outputs): others' weighted sum <= t x + excess; of outputs:
    others' weighted sum >= t y - excess.
    """
    e, n_data = data.judged.shape
    at = _Columns(n_data, returns, above=True)
    frontier, own, rhs = _shared_rows(data, returns, orientation, at)
    numerator, denominator = _relative(data)
    movable = (
        ((orientation != "output") & (numerator > 0))
        | ((orientation != "input") & (denominator > 0))
    ).astype(float)
    for i in range(n_data):
        own[:, i, at.excess[i]] = -movable[:, i]
    main = np.zeros((e, at.count))
    if orientation == "none":
        own[:, n_data, at.excess] = -denominator
        main[:, at.t] = 1.0
        main[:, at.excess] = numerator
    else:
        main[:, at.excess] = numerator if orientation == "input" else denominator
    # Slacks start the rows of inputs and undesirable outputs, artificials those of outputs.
    basis = np.zeros((e, frontier.shape[0]), dtype=np.intp)
    outputs = np.arange(data.m, data.m + data.s)
    basis[:, :n_data] = at.slack
    own[:, outputs, at.artificial[outputs]] = -1.0
    basis[:, outputs] = at.artificial[outputs]
    if orientation == "none":
        basis[:, n_data] = at.t
    if returns == "nirs":
        basis[:, -1] = at.convex_slack
    elif returns != "crs":
        own[:, -1, at.artificial[-1]] = 1.0
        basis[:, -1] = at.artificial[-1]
    infeasibility = np.zeros((e, at.count))
    infeasibility[:, at.artificial] = 1.0
    return Programs(frontier, own, rhs, (infeasibility, main), basis, excluded, True)


def _read(
    data: Scaled, solution: Solution, orientation: SbmOrientation, above: bool
) -> tuple[Floats, Floats, Floats]:
    """Score, slacks (or excesses) in data units and weights from solved programs."""
    n_data = data.judged.shape[1]
    value = solution.objective[:, 1 if above else 0]
    t = np.ones(len(value))
    if orientation == "none":
        score = value
        t = np.where(solution.own[:, 0] > 0, solution.own[:, 0], np.nan)
    elif orientation == "input":
        score = 1.0 + value
    else:
        # value is -mean s/y for SBM, mean excess/y for super-SBM: 1/(1 + mean), 1/(1 - mean).
        score = 1.0 / np.where(1.0 - value > 0, 1.0 - value, np.nan)
    slack, weight = data_units(data, solution, 1 + n_data * above, t)
    return score, slack, weight


def sbm_efficiency(
    inputs: ArrayLike,
    outputs: ArrayLike,
    undesirable: ArrayLike | None = None,
    *,
    orientation: SbmOrientation = "none",
    returns: Returns = "crs",
    group: ArrayLike | None = None,
    super_efficiency: bool = False,
    method: Method = "simplex",
    progress: Progress | None = None,
) -> Efficiency:
    """Slacks-based efficiency of each unit against the frontier of its group.

    Parameters
    ----------
    inputs, outputs, undesirable
        (n, m), (n, s) and (n, b), not negative, in any units; `undesirable` is what there should
        be less of, such as emissions, and may be left out.
    orientation
        "none" counts all slacks, "input" those of inputs, "output" those of outputs and
        undesirable outputs.
    returns, group, method, progress
        As in `radial_efficiency`.
    super_efficiency
        Units with a score of 1 are judged again by the others alone (Tone 2002) and get scores
        of 1 or more; their slacks are then the excesses over their own values (inputs and
        undesirable outputs up, outputs down). "infeasible" where the others can't stand in.

    Every variable needs a true zero, as slacks count relative to it: no scaled scores (see
    `additive_efficiency`). An input or undesirable output of zero is left out of the unit's score, and only
    units without it are comparable. A unit with an output of zero that another has gets status
    "zero_output" and no score where outputs count: its shortfall has no relative size. Left out, as
    Tone (2001) does for an output that a unit can't make, nothing would score higher than little; the
    score for less and less of an output goes to zero, so that scores are monotone in every output. The
    unit stays in the others' frontier.
    """
    require(orientation, ("none", "input", "output"), "orientation")
    require(returns, RETURNS, "returns")
    production = check_production(inputs, outputs, undesirable, group)
    name = "super-" * super_efficiency + f"sbm {orientation} {returns}"
    collector = Collector(name, production, progress)
    for rows in production.frontiers():
        data = scale_data(production, rows, rows)
        start = likely_frontier(data)
        solution = solve(
            sbm_programs(data, orientation, returns),
            method=method,
            working=start,
            progress=collector.count,
        )
        score, slack, weight = _read(data, solution, orientation, above=False)
        status = outcome_status(solution.status)
        if orientation != "input":
            made = production.outputs[rows]
            without = ((made == 0) & (made.max(axis=0) > 0)).any(axis=1)
            status = np.where((status == "ok") & without, "zero_output", status)
        collector.put(rows, rows, solution, score, status, slack, weight)
        best = np.flatnonzero((status == "ok") & (score >= 1 - EFFICIENT))
        if super_efficiency and best.size:
            judged = rows[best]
            above = scale_data(production, judged, rows)
            solution = solve(
                super_sbm_programs(above, best, orientation, returns), method=method, working=start
            )
            score, slack, weight = _read(above, solution, orientation, above=True)
            status = outcome_status(solution.status)
            status = np.where((status == "ok") & np.isnan(score), "infeasible", status)
            collector.put(judged, rows, solution, score, status, slack, weight)
    return collector.result()
