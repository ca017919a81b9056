"""Inputs and outputs of producing units: checked, grouped and scaled.

Here belongs what every efficiency model does before and after its linear programs: which units
can be judged, which frontier judges them, and the scaling that makes the programs well behaved.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.measures.efficiency.simplex import (
    FAILED,
    FEASIBLE,
    INFEASIBLE,
    Floats,
    Ints,
    Solution,
)

Returns = Literal["crs", "vrs", "nirs", "ndrs"]
RETURNS: tuple[Returns, ...] = ("crs", "vrs", "nirs", "ndrs")
Progress = Callable[[int, int], None]
# A slack, or a peer's part of the point on the frontier, up to this share of the judged unit's own
# size is rounding of zero: a finished program may violate a constraint by as much.
NEGLIGIBLE = FEASIBLE
EFFICIENT = 1e-9  # a score this close to 1 is 1
# What stands in `status`: a unit other than "ok" has a NaN score and is in nobody's frontier
# ("zero_output", "infeasible" and "unsolved" units stay in the frontiers of the others).
STATUSES = (
    "ok",
    "missing",
    "negative",
    "no_input",
    "no_output",
    "zero_output",
    "infeasible",
    "unsolved",
)


class EfficiencyError(ValueError):
    """Data or settings that no unit can be judged by, with what was expected."""


@dataclass(frozen=True)
class Production:
    """Checked data: inputs (n, m), outputs (n, s), undesirable (n, b), status (n,), group (n,).

    `status` is "ok", "missing" (a value that is not finite), "negative" (a value below zero),
    "no_input" or "no_output" (all of them zero); the first that applies.
    """

    inputs: Floats
    outputs: Floats
    undesirable: Floats
    status: NDArray[np.str_]
    group: Ints

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Units that can be judged and be part of a frontier (n,)."""
        return self.status == "ok"

    def frontiers(self) -> Iterator[Ints]:
        """The valid units of each group, as row numbers; groups in sorted order."""
        for code in range(int(self.group.max(initial=-1)) + 1):
            rows = np.flatnonzero(self.valid & (self.group == code))
            if rows.size:
                yield rows


@dataclass(frozen=True)
class Scaled:
    """Units judged (e) and their frontier (r), scaled; rows are inputs, outputs, undesirable.

    Every variable is divided by its mean over the frontier and every unit by the mean of its
    variables (`size`), so that all numbers are near one. A frontier weight in scaled programs is
    weight x size_r / size_e; the convexity row has 1/size.
    """

    judged: Floats  # (e, m + s + b)
    frontier: Floats  # (m + s + b, r)
    judged_size: Floats
    frontier_size: Floats
    unit: Floats  # mean of each variable over the frontier (m + s + b,)
    m: int
    s: int


def _matrix(values: ArrayLike, what: str) -> Floats:
    array = np.asarray(values, dtype=float)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or not array.shape[1]:
        raise EfficiencyError(
            f"{what}: expected units x variables with at least one variable, got {array.shape}"
        )
    return array


def check_production(
    inputs: ArrayLike,
    outputs: ArrayLike,
    undesirable: ArrayLike | None = None,
    group: ArrayLike | None = None,
    *,
    amounts: bool = True,
) -> Production:
    """Arrays of one row per unit, checked; raises EfficiencyError where shapes don't fit.

    Without `amounts` values have no true zero: none is negative or nothing, only missing.
    """
    x, y = _matrix(inputs, "inputs"), _matrix(outputs, "outputs")
    b = np.empty((len(x), 0)) if undesirable is None else _matrix(undesirable, "undesirable")
    if not len(x) == len(y) == len(b):
        raise EfficiencyError(
            "inputs, outputs and undesirable outputs differ in units: "
            f"{len(x)}, {len(y)}, {len(b)} rows"
        )
    if group is None:
        codes = np.zeros(len(x), dtype=np.intp)
    else:
        labels = np.asarray(group)
        if labels.shape != (len(x),):
            raise EfficiencyError(f"group: expected {len(x)} labels, got shape {labels.shape}")
        codes = np.unique(labels, return_inverse=True)[1].astype(np.intp)
    everything = np.concatenate([x, y, b], axis=1)
    status = np.select(
        [
            ~np.isfinite(everything).all(axis=1),
            amounts & (everything < 0).any(axis=1),
            amounts & (x == 0).all(axis=1),
            amounts & (y == 0).all(axis=1),
        ],
        ["missing", "negative", "no_input", "no_output"],
        "ok",
    )
    return Production(x, y, b, status, codes)


def scale_data(production: Production, judged: Ints, frontier: Ints) -> Scaled:
    """The rows `judged` and `frontier` of the data, scaled; `frontier` must not be empty."""
    x, y, b = production.inputs, production.outputs, production.undesirable
    everything = np.concatenate([x, y, b], axis=1)
    # An absent or tiny total must not become a scale: 1e-300 in a column of zeros.
    mean = everything[frontier].mean(axis=0)
    both = np.maximum(mean, everything[judged].mean(axis=0) if judged.size else 0.0)
    unit = np.where(mean > 0, mean, np.where(both > 0, both, 1.0))
    r, e = everything[frontier] / unit, everything[judged] / unit
    size_r, size_e = r.mean(axis=1), e.mean(axis=1)
    return Scaled(
        judged=e / size_e[:, None],
        frontier=np.ascontiguousarray((r / size_r[:, None]).T),
        judged_size=size_e,
        frontier_size=size_r,
        unit=unit,
        m=x.shape[1],
        s=y.shape[1],
    )


def data_units(
    data: Scaled, solution: Solution, first_slack: int, divisor: Floats
) -> tuple[Floats, Floats]:
    """Slacks (e, m + s + b) in the units of the data and weights (e, P) of peers from solved programs.

    Own columns from `first_slack` on are the slacks; `divisor` (e,) takes the programs' own scale
    off. What is negligible beside the unit is zero: which it is would follow the processor.
    """
    slack = solution.own[:, first_slack : first_slack + data.judged.shape[1]] / divisor[:, None]
    weight = solution.weight / divisor[:, None]
    slack = np.where(slack < NEGLIGIBLE, 0.0, slack) * data.unit * data.judged_size[:, None]
    sizes = data.frontier_size[np.maximum(solution.peer, 0)]
    weight = np.where(weight < NEGLIGIBLE, 0.0, weight) * data.judged_size[:, None] / sizes
    return slack, weight


def likely_frontier(data: Scaled) -> Ints:
    """Frontier columns that many units are likely to be measured by: where pricing starts.

    For a fan of positive weights (seeded, so that results don't change from run to run) the unit
    of best weighted output per weighted input. Only speed depends on it.
    """
    good = data.frontier[data.m : data.m + data.s]
    bad = np.delete(data.frontier, np.s_[data.m : data.m + data.s], axis=0)
    rng = np.random.default_rng(20011)
    fan = 32
    v = rng.dirichlet(np.full(len(bad), 0.5), size=fan)
    u = rng.dirichlet(np.full(len(good), 0.5), size=fan)
    cost = v @ bad
    with np.errstate(divide="ignore"):
        ratio = np.where(cost > 0, (u @ good) / cost, 0.0)
    return np.unique(ratio.argmax(axis=1))


def outcome_status(codes: NDArray[np.int8]) -> NDArray[np.str_]:
    """Names of the solver's codes."""
    return np.select([codes == INFEASIBLE, codes == FAILED], ["infeasible", "unsolved"], "ok")


def require(value: str, allowed: tuple[str, ...], what: str) -> None:
    """Raise EfficiencyError if `value` is none of `allowed`."""
    if value not in allowed:
        raise EfficiencyError(f"{what} {value!r}: choose one of {', '.join(allowed)}")
