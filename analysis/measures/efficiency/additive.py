"""Weighted additive efficiency under variable returns: the measure for data without a true zero.

Sources: Cooper, Park and Pastor (1999) for the range-adjusted measure (RAM), Cooper, Pastor, Borras, Aparicio
and Pastor (2011) for the bounded adjusted measure (BAM). Both count slacks relative to ranges,

    score = 1 - mean over all variables of slack / range,

so neither the unit nor the zero of a variable matters: shifting a column changes nothing (Ali and Seiford 1990).
The ranges are those of the frontier's units for RAM; for BAM the way from the unit to the best value there, which
tells units apart that RAM scores near 1.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from analysis.measures.efficiency.data import (
    NEGLIGIBLE,
    Progress,
    check_production,
    outcome_status,
    require,
)
from analysis.measures.efficiency.result import Collector, Efficiency
from analysis.measures.efficiency.simplex import Floats, Ints, Method, Programs, solve

Ranges = Literal["ram", "bam"]
RANGES = ("ram", "bam")


def additive_efficiency(
    inputs: ArrayLike,
    outputs: ArrayLike,
    undesirable: ArrayLike | None = None,
    *,
    ranges: Ranges = "ram",
    group: ArrayLike | None = None,
    method: Method = "simplex",
    progress: Progress | None = None,
) -> Efficiency:
    """Efficiency of each unit against the frontier of its group, under variable returns.

    Parameters
    ----------
    inputs, outputs, undesirable
        (n, m), (n, s) and (n, b), in any units and from any zero: negative values are allowed.
        `undesirable` is what there should be less of; it counts as inputs do.
    ranges
        "ram" divides a slack by the variable's range in the group, "bam" by the way from the unit's own
        value to the group's best. A variable that is the same everywhere has no slack.
    group, method, progress
        As in `radial_efficiency`.

    A unit with a value that is not finite has status "missing". Scores are in [0, 1], 1 on the frontier.
    """
    require(ranges, RANGES, "ranges")
    production = check_production(inputs, outputs, undesirable, group, amounts=False)
    collector = Collector(ranges, production, progress)
    # Inputs and undesirable outputs count downwards, outputs upwards.
    down = [production.inputs, production.undesirable]
    sign = np.repeat([1.0, -1.0, 1.0], [d.shape[1] for d in (down[0], production.outputs, down[1])])
    everything = np.concatenate([down[0], production.outputs, down[1]], axis=1)
    for rows in production.frontiers():
        values = everything[rows]
        low, wide = values.min(axis=0), np.ptp(values, axis=0)
        unit = np.where(wide > 0, wide, 1.0)
        share = (values - low) / unit
        programs = additive_programs(share, sign, ranges)
        solution = solve(
            programs, method=method, working=_likely(share * sign), progress=collector.count
        )
        slack = np.where(solution.own < NEGLIGIBLE, 0.0, solution.own) * unit
        weight = np.where(solution.weight < NEGLIGIBLE, 0.0, solution.weight)
        score = 1.0 + solution.objective[:, 0]
        collector.put(rows, rows, solution, score, outcome_status(solution.status), slack, weight)
    return collector.result()


def additive_programs(share: Floats, sign: Floats, ranges: Ranges) -> Programs:
    """Programs of all units; `share` (n, v) is each value's place in its range, `sign` (v,) 1 or -1.

    Rows: weighted sum + slack = own value (outputs with the sign turned), then the weights' sum of one. A unit
    itself, without slack, is the start.
    """
    n, width = share.shape
    signed = share * sign
    frontier = np.concatenate([signed.T, np.ones((1, n))])
    own = np.zeros((n, width + 1, width))
    own[:, np.arange(width), np.arange(width)] = 1.0
    rhs = np.concatenate([signed, np.ones((n, 1))], axis=1)
    if ranges == "ram":
        weight = np.full((n, width), 1.0)
    else:
        way = np.where(sign > 0, share, 1.0 - share)
        # At the best value already there is no slack to weigh.
        weight = np.divide(1.0, way, out=np.zeros_like(way), where=way > NEGLIGIBLE)
    basis = np.zeros((n, width + 1), dtype=np.intp)
    basis[:, :width] = np.arange(width)
    basis[:, width] = width + np.arange(n)
    nobody = np.full(n, -1, dtype=np.intp)
    return Programs(frontier, own, rhs, (-weight / width,), basis, nobody, False)


def _likely(signed: Floats) -> Ints:
    """Units that many others are likely to be measured by; only speed depends on it."""
    fan = np.random.default_rng(20011).dirichlet(np.full(signed.shape[1], 0.5), size=32)
    return np.unique((fan @ signed.T).argmin(axis=1))
