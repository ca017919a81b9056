"""Malmquist index of productivity change between periods, and what it is made of.

Sources: Färe, Grosskopf, Norris and Zhang (1994) for the index between adjacent periods and its
parts; Pastor and Lovell (2005) for the one against a single pooled frontier.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.measures.efficiency.data import EfficiencyError, Progress, check_production, require
from analysis.measures.efficiency.radial import Orientation, radial_scores
from analysis.measures.efficiency.result import Efficiency
from analysis.measures.efficiency.simplex import Floats, Ints, Method

Frontier = Literal["adjacent", "global"]
_Scores = tuple[Floats, NDArray[np.str_]]  # score and status of every row


class _Pairs(NamedTuple):
    """Units (codes) in a period (code) and the one before: changes and status."""

    unit: Ints
    period: Ints
    efficiency: Floats
    technical: Floats
    pure: Floats
    status: NDArray[np.str_]


@dataclass(frozen=True)
class Malmquist:
    """One row per unit and pair of successive periods in which it has a row; above 1 is better.

    unit, period_from, period_to (p,): labels, sorted by period, then unit.
    malmquist = efficiency_change x technical_change; efficiency_change = pure_change x
    scale_change: the unit's distance to constant-returns frontiers, the frontiers' own shift,
    the distance to variable-returns frontiers, and the rest.
    status (p,): "ok", or why a number is NaN (see `STATUSES`), of the first score that lacks.
    """

    unit: NDArray[np.generic]
    period_from: NDArray[np.generic]
    period_to: NDArray[np.generic]
    malmquist: Floats
    efficiency_change: Floats
    technical_change: Floats
    pure_change: Floats
    scale_change: Floats
    status: NDArray[np.str_]


def malmquist(
    inputs: ArrayLike,
    outputs: ArrayLike,
    unit: ArrayLike,
    period: ArrayLike,
    *,
    orientation: Orientation = "input",
    frontier: Frontier = "adjacent",
    by_period: tuple[Efficiency, Efficiency] | None = None,
    pooled_crs: Efficiency | None = None,
    method: Method = "simplex",
    progress: Progress | None = None,
) -> Malmquist:
    """Productivity change of each unit from one period of the data to the next.

    Parameters
    ----------
    inputs, outputs, unit, period
        One row per unit and period: (n, m), (n, s), (n,), (n,). Units may be absent in some
        periods: each frontier has all units of its period, a pair needs both.
    orientation
        Of the scores; under constant returns the index is the same either way, its pure and
        scale parts are not.
    frontier
        "adjacent": geometric mean of the changes seen from the frontiers of both periods.
        "global": seen from the frontier of all periods pooled; chains to longer spans.
    by_period, pooled_crs
        Where they are there already, to save work: radial fits of the same rows and orientation,
        under CRS and VRS with `group=period`, and under CRS without groups ("global" alone).
    progress
        Called with (periods done, periods in all).

    Raises EfficiencyError where a unit has a period twice.
    """
    require(orientation, ("input", "output"), "orientation")
    require(frontier, ("adjacent", "global"), "frontier")
    production = check_production(inputs, outputs, group=period)
    units, unit_code = np.unique(np.asarray(unit), return_inverse=True)
    periods, period_code = np.unique(np.asarray(period), return_inverse=True)
    n = len(production.status)
    if unit_code.shape != (n,):
        raise EfficiencyError(f"unit: expected {n} labels, got shape {unit_code.shape}")
    row_of: Ints = np.full((len(periods), len(units)), -1, dtype=np.intp)
    row_of[period_code, unit_code] = np.arange(n)
    if (row_of >= 0).sum() < n:
        again = np.flatnonzero(row_of[period_code, unit_code] != np.arange(n))[0]
        raise EfficiencyError(
            f"unit {units[unit_code[again]]} has period {periods[period_code[again]]} twice: "
            "expected one row each"
        )

    def scores(judged: Ints, by: Ints, returns: Literal["crs", "vrs"]) -> _Scores:
        judged = judged[production.valid[judged]]
        found, status = np.full(n, np.nan), production.status.astype("U10")
        if judged.size and by.size:
            found[judged], status[judged] = radial_scores(
                production, judged, by, orientation, returns, method=method
            )
        elif judged.size:
            status[judged] = "infeasible"
        return found, status

    everyone = np.flatnonzero(production.valid)
    pooled: _Scores | None = None
    if frontier == "global":
        known = pooled_crs
        pooled = (known.score, known.status) if known else scores(everyone, everyone, "crs")
    parts: list[_Pairs] = []
    old: tuple[Ints, _Scores, _Scores] | None = None
    for t in range(len(periods)):
        rows = np.flatnonzero(production.valid & (period_code == t))
        if by_period is None:
            crs, vrs = scores(rows, rows, "crs"), scores(rows, rows, "vrs")
        else:
            crs, vrs = ((fit.score, fit.status) for fit in by_period)
        if old is not None:
            old_rows, old_crs, old_vrs = old
            both = np.flatnonzero((row_of[t - 1] >= 0) & (row_of[t] >= 0))
            before, after = row_of[t - 1, both], row_of[t, both]
            efficiency = crs[0][after] / old_crs[0][before]
            if pooled is None:
                from_old, from_new = scores(after, old_rows, "crs"), scores(before, rows, "crs")
                technical = np.sqrt(
                    from_old[0][after] / crs[0][after] * old_crs[0][before] / from_new[0][before]
                )
            else:
                from_old, from_new = pooled, pooled
                technical = pooled[0][after] / pooled[0][before] / efficiency
            told = [from_old[1][after], from_new[1][before], vrs[1][after], old_vrs[1][before]]
            status = np.select([word != "ok" for word in told], told, "ok")
            pure = vrs[0][after] / old_vrs[0][before]
            parts.append(_Pairs(both, np.full(both.size, t), efficiency, technical, pure, status))
        old = rows, crs, vrs
        if progress is not None:
            progress(t + 1, len(periods))
    if not parts:
        nobody, nothing = np.empty(0, dtype=np.intp), np.empty(0)
        parts = [_Pairs(nobody, nobody, nothing, nothing, nothing, np.empty(0, dtype="U10"))]
    pairs = _Pairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    return Malmquist(
        unit=units[pairs.unit],
        period_from=periods[pairs.period - 1],
        period_to=periods[pairs.period],
        malmquist=pairs.efficiency * pairs.technical,
        efficiency_change=pairs.efficiency,
        technical_change=pairs.technical,
        pure_change=pairs.pure,
        scale_change=pairs.efficiency / pairs.pure,
        status=pairs.status,
    )
