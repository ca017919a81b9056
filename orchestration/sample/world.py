"""The simulated figures: what every city would print without any policy.

Belongs here: the figures of a world, their coherence (parts and totals) and the marks of missing
cells. Does not belong here: policy effects (`policy.py`), pages (`pages.py`).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from orchestration.sample.parameters import (
    NOMINAL_PATH,
    PROVINCES,
    REAL_GROWTH,
    Component,
    Parameters,
)
from orchestration.sample.places import YEARS, Places, smart_city
from orchestration.sample.tables import columns

Array = NDArray[np.float64]
Figures = dict[tuple[str, str], Array]

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
_TAU = np.linspace(0.0, 1.0, _T)
# Growth is fastest in the middle years.
_RAMP = 3 * _TAU**2 - 2 * _TAU**3


@dataclass(frozen=True)
class Draws:
    """Random numbers, one stream per name: no figure depends on another's draws."""

    seed: int
    n: int

    def _rng(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])

    def city(self, name: str) -> Array:
        """Normal scores in random order, one per unit; n.

        The same set of scores for every seed keeps tails, and with them entropy weights, steady.
        """
        return self._rng(name).permutation(_normal_scores(self.n))

    def uniform(self, name: str, size: tuple[int, ...]) -> Array:
        """Uniform numbers in [0, 1)."""
        return self._rng(name).random(size)

    def years(self, name: str, rho: float) -> Array:
        """Stationary AR(1) with unit variance; n x years."""
        shock = self._rng(name + "/years").standard_normal((self.n, _T)).clip(-3, 3)
        out = np.empty_like(shock)
        out[:, 0] = shock[:, 0]
        for t in range(1, _T):
            out[:, t] = rho * out[:, t - 1] + np.sqrt(1 - rho**2) * shock[:, t]
        return out


@lru_cache(maxsize=4)
def _normal_scores(n: int) -> Array:
    normal = NormalDist()
    return np.array([normal.inv_cdf((k + 0.5) / n) for k in range(n)])


def logit(p: Array | float) -> Array:
    """Log odds."""
    return np.log(np.asarray(p) / (1 - np.asarray(p)))


def logistic(x: Array) -> Array:
    """Inverse of `logit`."""
    return 1 / (1 + np.exp(-x))


def growth_path(start: float, end: float) -> Array:
    """Level of the average city in every year: the log runs from `start` to `end`, years."""
    return np.exp(np.log(start) + _RAMP * np.log(end / start))


@dataclass(frozen=True)
class Setting:
    """What components depend on: relative size (n) and wealth (n x years), capital (n)."""

    size: Array
    wealth: Array
    capital: Array
    draws: Draws
    pilot_lift: Array

    def draw(self, name: str, c: Component) -> Array:
        """Simulate one component; n x years in its own unit."""
        lift = (
            c.size * self.size[:, None]
            + c.wealth * self.wealth
            + c.capital * self.capital[:, None]
            + c.spread * (self.draws.city(name) + self.pilot_lift)[:, None]
            + c.noise * self.draws.years(name, c.rho)
        )
        if c.link == "logit":
            low, high = logit(c.start / 100), logit(c.end / 100)
            return 100 * logistic(low + _RAMP * (high - low) + lift)
        level = np.log(c.start) + _RAMP * np.log(c.end / c.start)
        return np.minimum(np.exp(level + lift), c.cap)


def base_figures(places: Places, p: Parameters, seed: int) -> Figures:
    """Figures of the world without any policy, before rounding, n x years each.

    Units are those of the indicator seed. Parts add up to totals: three sectors to GDP, industry
    within the secondary sector, districts within the city, urban within resident population.
    """
    draws = Draws(seed, places.n)
    step = (YEARS - 2010)[None, :] / 10.0
    drift = np.exp(0.02 * draws.city("resident"))[:, None]
    resident = (
        places.resident_2010[:, None]
        * drift
        * (places.resident_2020 / places.resident_2010)[:, None] ** step
        * np.exp(0.002 * draws.years("resident", 0.8))
    )
    urban_from, urban_to = (
        logit(np.clip(u + 0.012 * draws.city("urban"), 0.12, 0.985))
        for u in (places.urban_2010, places.urban_2020)
    )
    urban_share = logistic(
        urban_from[:, None]
        + (urban_to - urban_from)[:, None] * step
        + 0.03 * draws.years("urban", 0.7)
    )
    urban_2010 = logistic(urban_from)
    panel = slice(0, places.n_panel)
    size = np.log(places.resident_2010)
    size -= size[panel].mean()

    provinces = np.array([PROVINCES[code] for code in places.province_code])
    province_mean = {
        code: urban_2010[[c == code for c in places.province_code]].mean()
        for code in set(places.province_code)
    }
    urban_gap = urban_2010 - np.array([province_mean[c] for c in places.province_code])
    level = (
        np.log(provinces[:, 0] * 1000)
        + p.wealth_urban * urban_gap
        + p.wealth_city * draws.city("wealth")
    )
    relative = level - level[panel].mean()
    ln_wealth = (
        level[:, None]
        + np.log(np.array(NOMINAL_PATH))[None, :]
        - p.convergence * relative[:, None] * np.arange(_T)[None, :]
        + p.wealth_year * draws.years("wealth", p.wealth_rho)
    )
    wealth = ln_wealth - ln_wealth[panel].mean(axis=0)
    common = {"size": size, "wealth": wealth, "draws": draws}
    capital = (places.capital | places.municipality).astype(float)
    at = Setting(**common, capital=capital, pilot_lift=np.zeros(places.n))
    lift = np.zeros(places.n)
    lift[panel] = p.pilot_level * (smart_city().start > 0)
    of_index = Setting(**common, capital=capital, pilot_lift=lift)
    figures: Figures = {}

    # Population and land. Districts hold most of the urban residents.
    registered = resident * np.exp(
        np.minimum(
            p.registered_wealth * wealth + p.registered_city * draws.city("registered")[:, None],
            0.25,
        )
    )
    district_share = np.clip(
        urban_share * (0.26 + 0.28 * logistic(1.1 * draws.city("districts") + 0.8 * size))[:, None]
        + 0.05,
        0.08,
        0.98,
    )
    district_share[places.municipality] = 1.0
    district_resident = _keep_class(resident * district_share, p.effects.large_from)
    district_share = np.minimum(district_resident / resident, 1.0)
    registered_districts = registered * np.minimum(district_share * 0.95, 1.0)
    registered_districts[places.municipality] = registered[places.municipality]
    for scope, people in (("total", registered), ("districts", registered_districts)):
        before = np.concatenate([people[:, :1] ** 2 / people[:, 1:2], people[:, :-1]], axis=1)
        figures["population_registered", scope] = people
        figures["population_average", scope] = (people + before) / 2
    growth = (
        np.interp(YEARS, [2009, 2016, 2018, 2022], [5.6, 6.4, 4.2, -0.4])[None, :]
        + 2.3 * draws.city("natural growth")[:, None]
        + 0.9 * draws.years("natural growth", 0.4)
    )
    figures["natural_growth_rate", "total"] = growth
    figures["natural_growth_rate", "districts"] = np.where(
        places.municipality[:, None], growth, growth + 0.8 * draws.years("natural districts", 0.3)
    )
    figures["population_resident", "total"] = resident
    figures["population_resident", "districts"] = np.minimum(district_resident, resident)
    figures["population_urban", "total"] = resident * urban_share
    area = provinces[:, 2] * 1000 * np.exp(0.45 * draws.city("area"))
    area = np.where(places.municipality, provinces[:, 2] * 1000, area)
    area = np.maximum(area, places.resident_2020 / 0.75)
    area_districts = area * np.clip(
        0.9 * district_share[:, 0] ** 1.1 * np.exp(0.3 * draws.city("area districts")), 0.03, 0.9
    )
    area_districts = np.where(places.municipality, area, area_districts)
    figures["land_area", "total"] = np.repeat(area[:, None], _T, axis=1)
    figures["land_area", "districts"] = np.repeat(area_districts[:, None], _T, axis=1)
    figures["built_up_area", "districts"] = np.minimum(
        district_resident * at.draw("built_up_area", p.others["built_up_area"]),
        0.8 * area_districts[:, None],
    )

    # Output. Tertiary / secondary is the threshold variable; no policy ever moves it.
    gdp = np.exp(ln_wealth) * resident
    primary_share = logistic(
        -2.1
        - 1.0 * wealth
        - 2.2 * (urban_share - 0.5)
        + 0.30 * draws.city("primary")[:, None]
        - 0.03 * np.arange(_T)[None, :]
        + 0.03 * draws.years("primary", 0.7)
    )
    structure = np.exp(
        p.structure_start
        + p.structure_growth * _RAMP[None, :]
        + p.structure_province * np.log(provinces[:, 1:2] / 0.85)
        + p.structure_city * draws.city("structure")[:, None]
        + p.structure_year * draws.years("structure", p.structure_rho)
    )
    primary = gdp * primary_share
    secondary = (gdp - primary) / (1 + structure)
    figures["gdp", "total"] = gdp
    figures["gdp", "districts"] = gdp * np.minimum(
        district_share * np.exp(0.12 + 0.08 * draws.city("gdp districts")[:, None]), 0.97
    )
    figures["gdp", "districts"][places.municipality] = gdp[places.municipality]
    figures["gdp_growth_rate", "total"] = (
        np.array(REAL_GROWTH)[None, :]
        + 1.1 * draws.city("real growth")[:, None]
        + 1.2 * draws.years("real growth", 0.3)
    )
    figures["gdp_primary", "total"] = primary
    figures["gdp_secondary", "total"] = secondary
    figures["industrial_value_added", "total"] = (
        secondary * at.draw("industry_in_secondary", p.others["industry_in_secondary"]) / 100
    )

    # Public finance and banks.
    expenditure = gdp * at.draw("fiscal_expenditure", p.others["fiscal_expenditure"])
    figures["fiscal_expenditure", "total"] = expenditure
    for code, source in (
        ("fiscal_revenue", "fiscal_self_sufficiency"),
        ("science_expenditure", "science_share"),
        ("education_expenditure", "education_share"),
    ):
        figures[code, "total"] = expenditure * at.draw(source, p.others[source]) / 100
    deposits = gdp * at.draw("deposit_ratio", p.others["deposit_ratio"])
    figures["deposits", "total"] = deposits
    figures["loans", "total"] = deposits * at.draw("loan_ratio", p.others["loan_ratio"]) / 100

    # Staff of public services and open data; the services themselves stand in `services.py`.
    persons = resident * 10_000
    for code in ("employees_public_administration", "employees_education", "employees_health"):
        figures[code, "total"] = persons * at.draw(code, p.others[code])
    figures["open_data_sets", "total"] = (
        resident / 10 * at.draw("open_data_sets", p.others["open_data_sets"])
    )

    # Components of the index.
    per = {
        "mobile_phone_users": resident,
        "internet_users": resident / 100,
        "rd_expenditure": expenditure,
        "telecom_business_volume": resident * 10_000 * 0.1,
    }
    for code, component in p.components.items():
        figures[code, "total"] = of_index.draw(code, component) * per.get(code, np.float64(1.0))
    return figures


def _keep_class(people: Array, border: float) -> Array:
    """Move a city's series off the border between two size classes, so that it stays in one."""
    low, high = people.min(axis=1), people.max(axis=1)
    crosses = (low < border * 1.02) & (high > border * 0.98)
    down = crosses & (border - low > high - border)
    factor = np.where(down, border * 0.97 / high, np.where(crosses, border * 1.03 / low, 1.0))
    return people * factor[:, None]


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
