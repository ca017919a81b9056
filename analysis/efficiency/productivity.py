"""Malmquist index of productivity change between periods, and what it is made of.

Sources: Färe, Grosskopf, Norris and Zhang (1994) for the index between adjacent periods and its
parts; Pastor and Lovell (2005) for the one against a single pooled frontier.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.efficiency.data import Progress, check_production, require
from analysis.efficiency.radial import EfficiencyError, Orientation, radial_scores
from analysis.efficiency.simplex import Floats, Ints, Method

Frontier = Literal["adjacent", "global"]


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
            f"unit {units[unit_code[again]]!r} has period {periods[period_code[again]]!r} twice: "
            "expected one row each"
        )

    def scores(judged: Ints, by: Ints, returns: Literal["crs", "vrs"]) -> Floats:
        """Scores as an array over all rows, NaN where not judged."""
        found = np.full(n, np.nan)
        judged = judged[production.valid[judged]]
        if judged.size and by.size:
            score, status = radial_scores(
                production, judged, by, orientation, returns, method=method
            )
            found[judged] = score
            failed[judged] = np.where(failed[judged] == "ok", status, failed[judged])
        return found

    failed = production.status.astype("U10")
    valid_rows = [np.flatnonzero(production.valid & (period_code == t)) for t in range(len(periods))]
    crs, vrs = np.full(n, np.nan), np.full(n, np.nan)
    everyone = np.flatnonzero(production.valid)
    pooled = scores(everyone, everyone, "crs") if frontier == "global" else crs
    parts = []
    for t, period_rows in enumerate(valid_rows):
        crs[period_rows] = scores(period_rows, period_rows, "crs")[period_rows]
        vrs[period_rows] = scores(period_rows, period_rows, "vrs")[period_rows]
        if t > 0:
            both = np.flatnonzero((row_of[t - 1] >= 0) & (row_of[t] >= 0))
            before, after = row_of[t - 1, both], row_of[t, both]
            failed = production.status.astype("U10")
            if frontier == "adjacent":
                after_by_old = scores(after, valid_rows[t - 1], "crs")[after]
                before_by_new = scores(before, period_rows, "crs")[before]
                shift = (after_by_old / crs[after]) * (crs[before] / before_by_new)
                technical = np.sqrt(shift)
            else:
                technical = (pooled[after] / crs[after]) / (pooled[before] / crs[before])
            efficiency, pure = crs[after] / crs[before], vrs[after] / vrs[before]
            status = np.where(failed[before] == "ok", failed[after], failed[before])
            parts.append((both, t, efficiency, technical, pure, status))
        if progress is not None:
            progress(t + 1, len(periods))

    def joined(index: int, empty: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.concatenate([part[index] for part in parts]) if parts else empty

    nothing = np.empty(0)
    which = np.concatenate([p[0] for p in parts]) if parts else np.empty(0, dtype=np.intp)
    when = np.concatenate([np.full(len(p[0]), p[1]) for p in parts]) if parts else which
    efficiency, technical, pure = (np.asarray(joined(i, nothing), float) for i in (2, 3, 4))
    return Malmquist(
        unit=units[which],
        period_from=periods[when - 1] if parts else periods[:0],
        period_to=periods[when],
        malmquist=efficiency * technical,
        efficiency_change=efficiency,
        technical_change=technical,
        pure_change=pure,
        scale_change=efficiency / pure,
        status=np.asarray(joined(5, np.empty(0, dtype="U10")), dtype=np.str_),
    )
