"""The simulated figures: what every city would print without any policy.

Belongs here: the figures of a world and their coherence (parts and totals). Does not belong here:
random numbers (`draws`), rounding and missing cells (`printing`), policy effects (`policy`), pages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.sample.draws import RAMP, Array, Draws, Figures, logistic, logit
from orchestration.sample.parameters import (
    NOMINAL_PATH,
    PROVINCES,
    REAL_GROWTH,
    Component,
    Parameters,
)
from orchestration.sample.places import YEARS, Places, smart_city

_T = len(YEARS)


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
            return 100 * logistic(low + RAMP * (high - low) + lift)
        level = np.log(c.start) + RAMP * np.log(c.end / c.start)
        return np.minimum(np.exp(level + lift), c.cap)


@dataclass(frozen=True)
class _Ground:
    """What all figures of a world stand on: people, towns, size and wealth of the units.

    `at` is for figures outside the index, `of_index` for its components, in which pilots start ahead.
    """

    places: Places
    p: Parameters
    draws: Draws
    provinces: Array
    resident: Array
    urban_share: Array
    size: Array
    ln_wealth: Array
    wealth: Array
    at: Setting
    of_index: Setting


def base_figures(places: Places, p: Parameters, seed: int) -> Figures:
    """Figures of the world without any policy, before rounding, n x years each.

    Units are those of the indicator seed. Parts add up to totals: three sectors to GDP, industry
    within the secondary sector, districts within the city, urban within resident population.
    """
    ground = _ground(places, p, Draws(seed, places.n))
    people, district_share = _people_and_land(ground)
    output = _output(ground, district_share)
    finance = _public_finance(ground, output["gdp", "total"])
    return {
        **people,
        **output,
        **finance,
        **_staff_and_data(ground),
        **_components(ground, finance["fiscal_expenditure", "total"]),
    }


def _ground(places: Places, p: Parameters, draws: Draws) -> _Ground:
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
    return _Ground(
        places, p, draws, provinces, resident, urban_share, size, ln_wealth, wealth, at, of_index
    )


def _people_and_land(ground: _Ground) -> tuple[Figures, Array]:
    """Population and land, and the share of residents in the districts, which hold most townspeople."""
    places, p, draws = ground.places, ground.p, ground.draws
    resident, urban_share, size, wealth = (
        ground.resident, ground.urban_share, ground.size, ground.wealth,
    )  # fmt: skip
    figures: Figures = {}
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
    area = ground.provinces[:, 2] * 1000 * np.exp(0.45 * draws.city("area"))
    area = np.where(places.municipality, ground.provinces[:, 2] * 1000, area)
    area = np.maximum(area, places.resident_2020 / 0.75)
    area_districts = area * np.clip(
        0.9 * district_share[:, 0] ** 1.1 * np.exp(0.3 * draws.city("area districts")), 0.03, 0.9
    )
    area_districts = np.where(places.municipality, area, area_districts)
    figures["land_area", "total"] = np.repeat(area[:, None], _T, axis=1)
    figures["land_area", "districts"] = np.repeat(area_districts[:, None], _T, axis=1)
    figures["built_up_area", "districts"] = np.minimum(
        district_resident * ground.at.draw("built_up_area", p.others["built_up_area"]),
        0.8 * area_districts[:, None],
    )
    return figures, district_share


def _output(ground: _Ground, district_share: Array) -> Figures:
    """Output. Tertiary / secondary is the threshold variable; no policy ever moves it."""
    places, p, draws = ground.places, ground.p, ground.draws
    figures: Figures = {}
    gdp = np.exp(ground.ln_wealth) * ground.resident
    primary_share = logistic(
        -2.1
        - 1.0 * ground.wealth
        - 2.2 * (ground.urban_share - 0.5)
        + 0.30 * draws.city("primary")[:, None]
        - 0.03 * np.arange(_T)[None, :]
        + 0.03 * draws.years("primary", 0.7)
    )
    structure = np.exp(
        p.structure_start
        + p.structure_growth * RAMP[None, :]
        + p.structure_province * np.log(ground.provinces[:, 1:2] / 0.85)
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
        secondary * ground.at.draw("industry_in_secondary", p.others["industry_in_secondary"]) / 100
    )
    return figures


def _public_finance(ground: _Ground, gdp: Array) -> Figures:
    """Public finance and banks."""
    p, at = ground.p, ground.at
    figures: Figures = {}
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
    return figures


def _staff_and_data(ground: _Ground) -> Figures:
    """Staff of public services and open data; the services themselves stand in `services.py`."""
    p, at = ground.p, ground.at
    figures: Figures = {}
    persons = ground.resident * 10_000
    for code in ("employees_public_administration", "employees_education", "employees_health"):
        figures[code, "total"] = persons * at.draw(code, p.others[code])
    figures["open_data_sets", "total"] = (
        ground.resident / 10 * at.draw("open_data_sets", p.others["open_data_sets"])
    )
    return figures


def _components(ground: _Ground, expenditure: Array) -> Figures:
    """Components of the index."""
    resident = ground.resident
    figures: Figures = {}
    per = {
        "mobile_phone_users": resident,
        "internet_users": resident / 100,
        "rd_expenditure": expenditure,
        "telecom_business_volume": resident * 10_000 * 0.1,
    }
    for code, component in ground.p.components.items():
        figures[code, "total"] = ground.of_index.draw(code, component) * per.get(
            code, np.float64(1.0)
        )
    return figures


def _keep_class(people: Array, border: float) -> Array:
    """Move a city's series off the border between two size classes, so that it stays in one."""
    low, high = people.min(axis=1), people.max(axis=1)
    crosses = (low < border * 1.02) & (high > border * 0.98)
    down = crosses & (border - low > high - border)
    factor = np.where(down, border * 0.97 / high, np.where(crosses, border * 1.03 / low, 1.0))
    return people * factor[:, None]
