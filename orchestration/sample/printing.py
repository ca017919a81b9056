"""From figures to print and back: rounding, missing cells, and what a reader makes of them.

Belongs here: how figures lose precision and cells on a page, gaps filled and components formed as the
pipeline does. Does not belong here: figures (`world`), pages (`pages`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from orchestration.sample.draws import Array, Draws, Figures
from orchestration.sample.parameters import Parameters
from orchestration.sample.places import YEARS, Places
from orchestration.sample.tables import columns

INDEX_CODES = (
    "emerging_industry_employees",
    "average_wage",
    "college_students",
    "mobile_phone_users",
    "internet_users_per_100",
    "robot_installation_density",
    "patent_applications",
    "rd_expenditure_share",
    "harmless_waste_treatment_rate",
    "sewage_central_treatment_rate",
    "solid_waste_utilisation_rate",
    "telecom_business_volume",
    "industrial_value_added_share",
    "ai_enterprises",
    "data_element_utilisation",
)
# Components that are ratios of two printed figures: numerator, denominator, factor.
RATIOS = {
    "internet_users_per_100": ("internet_users", "population_registered", 100.0),
    "rd_expenditure_share": ("rd_expenditure", "fiscal_expenditure", 1.0),
    "industrial_value_added_share": ("industrial_value_added", "gdp", 1.0),
}

_T = len(YEARS)


def as_printed(figures: Figures, only: frozenset[str] | None = None) -> Figures:
    """Round figures as their pages print them; returned in the indicator's own unit.

    GDP per head and the tertiary sector follow from the rounded figures, so that a reader who adds
    the parts finds the total. `only` names the indicators to round where not all are wanted.
    """
    printed: Figures = {}
    editions = YEARS + 1
    for column in columns():
        if only is not None and column.code not in only:
            continue
        for scope in column.scopes:
            key = (column.code, scope)
            if key not in figures:
                continue
            values = figures[key]
            out = np.empty_like(values)
            for t, edition in enumerate(editions):
                heading = column.heading(int(edition))
                out[:, t] = (
                    np.round(values[:, t] / heading.factor, heading.decimals) * heading.factor
                )
            printed[key] = out
    if only is not None:
        return printed
    printed["gdp_tertiary", "total"] = (
        printed["gdp", "total"]
        - printed["gdp_primary", "total"]
        - printed["gdp_secondary", "total"]
    )
    printed["gdp_per_capita", "total"] = np.round(
        printed["gdp", "total"] / printed["population_resident", "total"]
    )
    return printed


def missing_cells(
    places: Places, p: Parameters, seed: int
) -> dict[tuple[str, str], NDArray[np.bool_]]:
    """Cells printed as missing: n x years per figure, the same in every world.

    Inside a city's series only, never its first or last year, one or two years long. Figures of
    city districts have gaps where they are not printed for the whole city.
    """
    draws = Draws(seed, places.n)
    gaps: dict[tuple[str, str], NDArray[np.bool_]] = {}
    # A gap of two years counts twice; the first and the last two years start none.
    rate = p.gap_share / (1 + p.gap_two_years) * _T / (_T - 3)
    for column in columns():
        scope = column.scopes[0]
        start = draws.uniform(f"gap/{column.code}", (places.n_panel, _T)) < rate
        start[:, 0] = False
        start[:, -2:] = False
        two = draws.uniform(f"gap two/{column.code}", (places.n_panel, _T)) < p.gap_two_years
        mask = np.zeros((places.n, _T), dtype=bool)
        for i, t in zip(*np.nonzero(start), strict=True):
            if mask[i, max(t - 2, 0) : t + 1].any():
                continue  # keeps runs apart, so that none grows beyond two years
            mask[i, t] = True
            mask[i, t + 1] |= bool(two[i, t])
        gaps[column.code, scope] = mask
    return gaps


def fill_gaps(values: Array, gap: NDArray[np.bool_]) -> Array:
    """Linear interpolation over years inside each unit's series, as the pipeline does it."""
    out = values.copy()
    for i in np.flatnonzero(gap.any(axis=1)):
        keep = ~gap[i]
        out[i, ~keep] = np.interp(YEARS[~keep], YEARS[keep], values[i, keep])
    return out


def component_matrix(
    printed: Figures, gaps: dict[tuple[str, str], NDArray[np.bool_]], n_panel: int
) -> Array:
    """The 15 components as the pipeline sees them: printed, gaps filled, ratios formed afterwards.

    Returns (city-years of the panel, city by city) x 15 in the order of INDEX_CODES.
    """

    def series(code: str) -> Array:
        return fill_gaps(printed[code, "total"][:n_panel], gaps[code, "total"][:n_panel])

    x = []
    for code in INDEX_CODES:
        if code in RATIOS:
            numerator, denominator, factor = RATIOS[code]
            x.append(series(numerator) / series(denominator) * factor)
        else:
            x.append(series(code))
    return np.stack([a.reshape(-1) for a in x], axis=1)
