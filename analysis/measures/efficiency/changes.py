"""Rows of the table of productivity: the Malmquist index of each city-year, its parts and its chain.

Belongs here: from an index by pairs of years to a row for every city-year, with a status and a
reason. Does not belong here: the index (`productivity`).
"""

from typing import Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.measures.efficiency.declared import Variant
from analysis.measures.efficiency.productivity import malmquist
from analysis.measures.efficiency.radial import Orientation
from analysis.measures.efficiency.result import Efficiency
from analysis.measures.efficiency.simplex import Ints
from analysis.measures.efficiency.units import Units, reasons_of, status_of


def productivity_rows(
    units: Units,
    variant: Variant,
    of_year: tuple[Efficiency, Efficiency],
    pooled: Efficiency | None,
) -> pd.DataFrame:
    """A row per unit, in their order; `of_year` are the fits by year under constant and variable returns.

    `pooled` is the constant one against all years, for a variant with a pooled frontier.
    """
    n = len(units.year)
    frontier: Literal["adjacent", "global"] = (
        "global" if variant.frontier == "pooled" else "adjacent"
    )
    change = malmquist(
        units.values["input"],
        units.values["output"],
        units.city,
        units.year,
        orientation=cast(Orientation, variant.orientation),
        frontier=frontier,
        by_period=of_year,
        pooled_crs=pooled,
    )
    row_of = {place: i for i, place in enumerate(zip(units.city, units.year, strict=True))}
    at: Ints = np.array(
        [row_of[place] for place in zip(change.unit, change.period_to, strict=True)], dtype=np.intp
    )
    before: Ints = np.full(n, -1, dtype=np.intp)
    before[at] = [row_of[place] for place in zip(change.unit, change.period_from, strict=True)]
    years = np.unique(units.year)
    earlier = np.searchsorted(years, units.year) - 1
    own = status_of(units)
    status = own.astype("U20")
    status[(own == "ok") & (before < 0)] = "no_year_before"
    status[at] = change.status
    rows = pd.DataFrame(
        {
            "orientation": variant.orientation,
            "frontier": variant.frontier,
            "city_code": units.city,
            "year": units.year,
            "year_from": pd.array(
                [int(years[k]) if k >= 0 else None for k in earlier], dtype="Int64"
            ),
            "status": status,
            "reason": _reasons_of_changes(units, status, own, before, years[earlier]),
            "is_imputed": units.imputed | np.where(before >= 0, units.imputed[before], False),
        }
    )
    judged = status[at] == "ok"
    for column, numbers in (
        ("productivity", change.malmquist),
        ("efficiency_change", change.efficiency_change),
        ("technical_change", change.technical_change),
        ("pure_change", change.pure_change),
        ("scale_change", change.scale_change),
    ):
        placed = np.full(n, np.nan)
        placed[at] = np.where(judged, numbers, np.nan)
        rows[column] = placed
    # Units stand by city and year: a chain begins where the data do and ends at the first gap.
    chain = np.where((earlier < 0) & (own == "ok"), 1.0, np.nan)
    step = rows["productivity"].to_numpy()
    for i in np.flatnonzero((before >= 0) & (status == "ok")):
        chain[i] = chain[before[i]] * step[i]
    rows["cumulated"] = chain
    return rows


def _reasons_of_changes(
    units: Units,
    status: NDArray[np.str_],
    own: NDArray[np.str_],
    before: Ints,
    year_before: NDArray[np.int64],
) -> NDArray[np.object_]:
    """Why each city-year has no index (n,): its own fault, or that of the year before."""
    of_level = reasons_of(units, own)
    reasons = of_level.copy()
    first = int(units.year.min())
    for i in np.flatnonzero((status != "ok") & (own == "ok")):
        if units.year[i] == first:
            reasons[i] = f"{first} is the first year of the data"
        elif before[i] < 0:
            reasons[i] = f"no row in {year_before[i]}"
        elif own[before[i]] != "ok":
            reasons[i] = f"{year_before[i]}: {of_level[before[i]]}"
        else:
            reasons[i] = "the frontier of the other year can't reach it"
    return reasons
