"""Radial efficiency: CCR and BCC, both orientations, and super-efficiency.

Sources: Charnes, Cooper and Rhodes (1978); Banker, Charnes and Cooper (1984); Andersen and
Petersen (1993) for super-efficiency. Slacks come from the usual second stage: with the score
held, the sum of slacks is made as large as it gets.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.measures.efficiency.data import (
    RETURNS,
    Production,
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

Orientation = Literal["input", "output"]
SlackWeights = Literal["mean", "raw"]
# An expansion or a reciprocal contraction below this means that the frontier can't reach the
# unit at any scale; scaled scores of reachable units are far above it.
REACHABLE = 1e-12


def radial_programs(
    data: Scaled,
    excluded: Ints,
    orientation: Orientation,
    returns: Returns,
    slack_costs: Floats | None,
) -> Programs:
    """The programs of all judged units: maximise t, then the slacks weighted by `slack_costs`.

    Output-oriented, t is the expansion of the outputs. Input-oriented, weights and slacks are
    multiplied by t = 1/score, which makes the slacks a feasible start in every case:

        inputs  @ w + s = x        -outputs @ w + s + t y = 0      sum of weights = t (VRS)
    """
    e, n_data = data.judged.shape
    m, n_rows = data.m, n_data + (returns != "crs")
    input_like = np.r_[np.ones(m, bool), np.zeros(n_data - m, bool)]
    sign = np.where(input_like, 1.0, -1.0)
    frontier = data.frontier * sign[:, None]
    # Own columns: t, one slack per data row, then at need the slack and the artificial column of
    # the convexity row.
    convex = n_data
    has_slack, needs_artificial = returns in ("nirs", "ndrs"), False
    k = 1 + n_data + has_slack
    own = np.zeros((e, n_rows, k + 1))
    own[:, np.arange(n_data), 1 + np.arange(n_data)] = 1.0
    own[:, m:n_data, 0] = data.judged[:, m:]
    rhs = np.zeros((e, n_rows))
    rhs[:, :m] = data.judged[:, :m]
    basis = np.tile(1 + np.arange(n_rows), (e, 1))
    if returns != "crs":
        ours, theirs = 1.0 / data.judged_size, 1.0 / data.frontier_size
        row_sign = 1.0 if returns == "nirs" else -1.0
        if orientation == "input":
            # sum of weights =, <=, >= t; t itself is the start of the equality, at zero.
            frontier = np.vstack([frontier, row_sign * theirs])
            own[:, convex, 0] = -row_sign * ours
            if has_slack:
                own[:, convex, k - 1] = 1.0
            else:
                basis[:, convex] = 0
        else:
            frontier = np.vstack([frontier, theirs])
            rhs[:, convex] = ours
            if has_slack:
                own[:, convex, k - 1] = row_sign
            if returns != "nirs":
                needs_artificial = True
                own[:, convex, k] = 1.0
                basis[:, convex] = k
    if not needs_artificial:
        own = own[:, :, :k]
    width = own.shape[2]
    stages: list[Floats] = []
    if needs_artificial:
        stages.append(np.zeros((e, width)))
        stages[0][:, k] = 1.0
    grow = np.zeros((e, width))
    grow[:, 0] = -1.0
    stages.append(grow)
    if slack_costs is not None:
        fill = np.zeros((e, width))
        fill[:, 1 : 1 + n_data] = -slack_costs
        stages.append(fill)
    # Frontier columns come after all own ones.
    return Programs(frontier, own, rhs, tuple(stages), basis, excluded, needs_artificial)


def read_radial(
    data: Scaled, solution: Solution, orientation: Orientation
) -> tuple[Floats, NDArray[np.str_], Floats, Floats]:
    """Score, status, slacks in data units and weights from solved programs."""
    t = solution.own[:, 0]
    status = outcome_status(solution.status)
    reached = t > REACHABLE
    # t = 0: whatever the scale, the frontier can't make these outputs from these inputs.
    status = np.where((status == "ok") & ~reached, "infeasible", status)
    divisor = np.where(reached, t, 1.0) if orientation == "input" else np.ones(len(t))
    with np.errstate(divide="ignore"):
        score = 1.0 / np.where(reached, t, np.nan)
    slack, weight = data_units(data, solution, 1, divisor)
    return score, status, slack, weight


def radial_scores(
    production: Production,
    judged: Ints,
    frontier: Ints,
    orientation: Orientation,
    returns: Returns,
    *,
    method: Method = "simplex",
) -> tuple[Floats, NDArray[np.str_]]:
    """Score and status of the rows `judged` against the rows `frontier`, without slacks.

    The judged units need not be on the frontier's side: scores may exceed 1.
    """
    data = scale_data(production, judged, frontier)
    excluded = np.full(judged.size, -1, dtype=np.intp)
    programs = radial_programs(data, excluded, orientation, returns, None)
    solution = solve(programs, method=method, working=likely_frontier(data))
    score, status, _, _ = read_radial(data, solution, orientation)
    return score, status


def radial_efficiency(
    inputs: ArrayLike,
    outputs: ArrayLike,
    *,
    orientation: Orientation = "input",
    returns: Returns = "crs",
    group: ArrayLike | None = None,
    super_efficiency: bool = False,
    slacks: bool = True,
    slack_weights: SlackWeights = "mean",
    method: Method = "simplex",
    progress: Progress | None = None,
) -> Efficiency:
    """Radial efficiency of each unit against the frontier of its group.

    Parameters
    ----------
    inputs, outputs
        (n, m) and (n, s), not negative, in any units.
    orientation
        "input": the smallest share of its inputs that would do; "output": 1 / the largest
        multiple of its outputs that were possible.
    returns
        "crs" (CCR), "vrs" (BCC), "nirs" (sum of weights at most 1) or "ndrs" (at least 1).
    group
        Label of each unit (n,), such as its year: each group has a frontier of its own. One
        pooled frontier where left out.
    super_efficiency
        Leave the unit itself out of its frontier: efficient units get scores above 1, others
        keep theirs. Where no other unit can stand in, the status is "infeasible".
    slacks
        Do the second stage. Without it slacks are NaN, and a score of 1 may hide slacks.
    slack_weights
        What the second stage adds up: slacks divided by the mean of their variable ("mean", so
        that units of measurement don't matter), or as they are ("raw", as most programs do).
    method
        "highs" solves each program with HiGHS: slow, for checks.
    progress
        Called with (units done, units in all).

    A unit with a missing or negative value, without any input or without any output is judged
    by nobody, see `STATUSES`. Single zeros are allowed. A unit alone in its group scores 1.
    """
    require(orientation, ("input", "output"), "orientation")
    require(returns, RETURNS, "returns")
    require(slack_weights, ("mean", "raw"), "slack_weights")
    production = check_production(inputs, outputs, group=group)
    name = "super-" * super_efficiency + f"radial {orientation} {returns}"
    collector = Collector(name, production, progress)
    for rows in production.frontiers():
        data = scale_data(production, rows, rows)
        own = np.arange(rows.size) if super_efficiency else np.full(rows.size, -1)
        costs = None
        if slacks:
            weights = np.ones_like(data.unit) if slack_weights == "mean" else data.unit
            costs = weights / weights.max()
        programs = radial_programs(data, own.astype(np.intp), orientation, returns, costs)
        solution = solve(
            programs, method=method, working=likely_frontier(data), progress=collector.count
        )
        score, status, slack, weight = read_radial(data, solution, orientation)
        if not slacks:
            slack = np.full_like(slack, np.nan)
        collector.put(rows, rows, solution, score, status, slack, weight)
    return collector.result()
