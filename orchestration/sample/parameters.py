"""Every parameter of the sample's data-generating process, with the published figure it resembles.

Belongs here: numbers. Does not belong here: how they are used. "Published" means Zhu and Chen
(2025), Global Academic Frontiers 3(4), 60-80, doi 10.5281/zenodo.17836466, unless said otherwise.
The typical levels and growth of the other figures are rounded national magnitudes from general
knowledge; no city's real figure is in here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SEED = 20251113


@dataclass(frozen=True)
class Component:
    """A figure that varies over cities and years around a typical level.

    ln x (or logit x / 100) = level(t) + size u + wealth w + capital c + spread e_i + noise a_it,
    with u the log resident population and w the log GDP per head, both relative to the average city
    of the year, c = 1 for provincial capitals and municipalities, e_i standard normal by city and
    a_it a stationary AR(1) with coefficient `rho` and standard deviation `noise`.
    """

    start: float  # level of the average city in 2009
    end: float  # and in 2022
    size: float = 0.0
    wealth: float = 0.0
    capital: float = 0.0
    spread: float = 0.0
    noise: float = 0.0
    rho: float = 0.7
    link: Literal["log", "logit"] = "log"
    cap: float = float("inf")


@dataclass(frozen=True)
class Effects:
    """The policy's effect in index points (score x 100)."""

    thresholds: tuple[float, float] = (
        0.5337,
        1.3028,
    )  # table 5: of tertiary / secondary value added
    regimes: tuple[float, float, float] = (
        -0.696,
        0.254,
        0.780,
    )  # table 6: did in the three regimes
    region: dict[str, float] = field(  # table 7, columns 1-3
        default_factory=lambda: {"east": 0.203, "west": 0.534, "central": -0.129}
    )
    size: dict[str, float] = field(  # table 7, columns 4-5
        default_factory=lambda: {"large": -0.111, "small_medium": 0.343}
    )
    # State Council classes of 2014: a large city has a million residents or more in its districts.
    large_from: float = 100.0
    human_capital: float = 0.001  # table 4 column 2: did on students per registered person
    science_share: float = 0.001  # table 4 column 4: did on science / fiscal expenditure
    broadband: float = -0.111  # table 3 column 2: Broadband China beside did


@dataclass(frozen=True)
class Slopes:
    """Slopes of the outcome (points) on within-city, within-year movements of the regressors.

    Those of the controls are what column 5 of table 2 shows with the policy in the regression.
    """

    ln_density: float = 0.031  # table 2 column 5
    ln_gdp_per_capita: float = 0.096  # table 2 column 5
    urbanisation: float = 0.305  # table 2 column 5
    government_intervention: float = 0.472  # table 2 column 5
    industrialisation: float = 0.0  # table 2 column 5 prints 0.000
    human_capital: float = 22.65  # table 4 column 3, per student per registered person
    science_share: float = 22.65  # table 4 column 5, as printed


# Weight of each figure in an adjustment, times what it contributes to the index of the city-year.
# The figures named in the first are moved where noise is balanced and slopes are set; those in the
# second by the policy. The heavy components of table 1 (firms, their employees, sewage) are not
# among the latter: moving them changes the pooled weights, and with these the index of others.
BACKGROUND_SHARES = {
    "average_wage": 1.0,
    "internet_users": 1.0,
    "robot_installation_density": 1.0,
    "rd_expenditure": 1.0,
    "harmless_waste_treatment_rate": 0.5,
    "sewage_central_treatment_rate": 1.0,
    "data_element_utilisation": 0.5,
    "patent_applications": 1.0,
}
POLICY_SHARES = {
    "internet_users": 1.0,
    "robot_installation_density": 1.0,
    "harmless_waste_treatment_rate": 0.5,
    "rd_expenditure": 1.0,
    "patent_applications": 1.0,
    "mobile_phone_users": 1.0,
}

# Components of the index: start, end, size, wealth, capital, spread, noise, rho. Spreads are set so
# that each pooled entropy weight (w: published, table 1) is met where a plausible figure allows it.
# A weight of .182 forces a sewage rate that is near zero in most cities, which no real rate is.
INDEX_COMPONENTS: dict[str, Component] = {
    "emerging_industry_employees": Component(
        1_200, 1_450, 1.0, 0.5, 1.0, 1.71, 0.30, 0.1
    ),  # w .184
    "average_wage": Component(30_000, 86_000, 0.03, 0.30, 0.06, 0.13, 0.03),  # w .018
    "college_students": Component(30_000, 36_000, 0.9, 0.05, 1.7, 0.65, 0.12, 0.3),  # w .101
    "mobile_phone_users": Component(
        0.66, 1.0, 0.12, 0.30, 0.25, 0.25, 0.04
    ),  # per resident; w .047
    "internet_users": Component(
        12.0, 17.0, 0.0, 0.35, 0.0, 1.0, 0.08, 0.3
    ),  # per 100 residents; w .079
    "robot_installation_density": Component(2.0, 3.2, 0.0, 0.3, 0.0, 0.93, 0.08, 0.3),  # w .046
    "patent_applications": Component(1_500, 2_400, 0.9, 0.7, 0.4, 0.25, 0.15, 0.3),  # w .048
    "rd_expenditure": Component(
        0.040, 0.055, 0.0, 0.15, 0.1, 0.62, 0.12, 0.3, cap=0.9
    ),  # share; w .025
    "harmless_waste_treatment_rate": Component(
        40, 75, 0.0, 0.2, 0.0, 1.6, 0.30, link="logit"
    ),  # w .024
    "sewage_central_treatment_rate": Component(
        0.35, 0.39, 0.0, 0.1, 0.0, 1.92, 0.30, 0.0, cap=99.0
    ),  # w .182
    "solid_waste_utilisation_rate": Component(
        80, 86, 0.0, 0.0, 0.0, 0.8, 0.30, link="logit"
    ),  # w .002
    "telecom_business_volume": Component(0.090, 0.125, -0.35, 0.2, 0.05, 0.10, 0.06),  # w .002
    "ai_enterprises": Component(14, 16, 1.1, 0.8, 1.5, 1.21, 0.25, 0.1),  # w .222
    "data_element_utilisation": Component(20, 31, 0.05, 0.1, 0.05, 0.12, 0.08),  # w .006
}

# Figures outside the index; per head or as shares of what `world.py` says.
OTHER_COMPONENTS: dict[str, Component] = {
    "fiscal_expenditure": Component(0.165, 0.215, -0.05, -0.35, 0.0, 0.24, 0.24, 0.4, cap=1.6),
    "fiscal_self_sufficiency": Component(48, 44, 0.1, 0.9, 0.3, 0.30, 0.10, link="logit"),
    "science_share": Component(1.3, 2.6, 0.05, 0.5, 0.2, 0.35, 0.22, 0.6, link="logit"),
    "education_share": Component(18, 17.5, 0.0, 0.0, 0.0, 0.10, 0.05, link="logit"),
    "deposit_ratio": Component(1.25, 1.75, 0.10, 0.10, 0.35, 0.20, 0.04),
    "loan_ratio": Component(58, 78, 0.05, 0.1, 0.2, 0.35, 0.10, link="logit"),
    "built_up_area": Component(0.95, 1.15, 0.0, 0.1, 0.0, 0.18, 0.01, 0.9),
    "industry_in_secondary": Component(87, 82, 0.0, 0.0, 0.0, 0.45, 0.12, link="logit"),
    # Staff per resident, and open data sets per 100,000 residents.
    "employees_public_administration": Component(0.0115, 0.0145, -0.08, 0.0, 0.05, 0.14, 0.015),
    "employees_education": Component(0.0142, 0.0150, -0.05, 0.0, 0.05, 0.12, 0.012),
    "employees_health": Component(0.0043, 0.0085, 0.0, 0.05, 0.08, 0.13, 0.015),
    "open_data_sets": Component(1.5, 14.0, 0.0, 0.0, 0.0, 0.20, 0.10),
}


@dataclass(frozen=True)
class Service:
    """A public service per resident, as a share of its staff, or as a share of an area.

    `start` and `end` are the average city's levels in 2009 and 2022 (rounded national magnitudes).
    Its inputs are the lasting budget, with weight `budget`, and the staff with the rest of the
    weight. `response` is the percentage by which it moves with one percent of inputs or efficiency;
    the rest is as in `Component`. `services.py` says how it all comes together.
    """

    start: float
    end: float
    budget: float = 0.5
    response: float = 1.0
    size: float = 0.0
    wealth: float = 0.0
    capital: float = 0.0
    spread: float = 0.0
    noise: float = 0.0
    rho: float = 0.7
    ceiling: float = float("inf")
    of: str = "people"  # what it is a share of: "people", "area", or the code of a staff


SERVICES: dict[str, Service] = {
    "unemployed": Service(0.0085, 0.0068, 0.5, -1.0, spread=0.10, noise=0.06),
    "primary_teachers": Service(
        0.295, 0.305, spread=0.05, noise=0.015, ceiling=0.5, of="employees_education"
    ),
    "secondary_teachers": Service(
        0.290, 0.285, spread=0.05, noise=0.015, ceiling=0.5, of="employees_education"
    ),
    "library_books": Service(0.28, 0.80, 0.8, spread=0.20, capital=0.2, noise=0.05),
    "hospital_beds": Service(0.0031, 0.0066, 0.4, spread=0.08, noise=0.025),
    "doctors": Service(0.372, 0.365, spread=0.06, noise=0.02, ceiling=0.8, of="employees_health"),
    "pension_insured": Service(0.15, 0.28, 0.6, wealth=0.2, spread=0.12, noise=0.03, ceiling=0.85),
    "medical_insured": Service(0.20, 0.62, 0.5, spread=0.12, noise=0.04, ceiling=0.99),
    "buses": Service(7.0, 10.0, 0.6, size=0.10, spread=0.15, noise=0.04),
    "road_area": Service(11.5, 16.5, 0.6, spread=0.12, noise=0.025),
    "green_coverage": Service(
        0.37, 0.42, 0.5, 0.5, spread=0.08, noise=0.03, ceiling=0.75, of="area"
    ),
}


@dataclass(frozen=True)
class ServiceWorld:
    """Efficiency of the cities without the policy, and the services that come of it."""

    outputs: dict[str, Service] = field(default_factory=lambda: dict(SERVICES))
    spread: float = 0.16  # of cities' log efficiency
    noise: float = 0.05  # from year to year
    rho: float = 0.75
    # Services follow the budget slowly: part of the distance made up in a year.
    budget_speed: float = 0.15
    # Log efficiency per open data set per 100,000 residents, per internet user per 100 persons.
    per_open_data_set: float = 0.015
    per_internet_user: float = 0.0025


@dataclass(frozen=True)
class ServiceEffects:
    """The smart-city policy's effect on log efficiency. Invented: no publication stands behind it.

    Direct effect: the region's, and what is added in large cities and in those whose budget revenue
    over expenditure lay above the median in the first year. The rest comes through open data and
    internet users.
    """

    region: dict[str, float] = field(
        default_factory=lambda: {"east": 0.045, "central": 0.010, "west": 0.0}
    )
    large: float = 0.045
    decentralised: float = 0.03
    open_data_sets: float = 1.2  # per 100,000 residents, in the average pilot city


# Provinces: GDP per head in 2009 (1,000 yuan), tertiary / secondary value added, area of a
# prefecture (1,000 square kilometres). Rounded magnitudes.
PROVINCES: dict[str, tuple[float, float, float]] = {
    "110000": (67, 2.6, 16.4), "120000": (62, 0.9, 11.9), "130000": (24, 0.7, 17),
    "140000": (21, 0.8, 14), "150000": (40, 0.7, 60), "210000": (35, 0.8, 10.5),
    "220000": (27, 0.8, 18), "230000": (22, 0.9, 30), "310000": (69, 1.6, 6.3),
    "320000": (44, 0.8, 8), "330000": (44, 0.9, 9.5), "340000": (16, 0.8, 8.5),
    "350000": (34, 0.9, 13.5), "360000": (17, 0.7, 15), "370000": (36, 0.7, 9.5),
    "410000": (20, 0.6, 9.8), "420000": (23, 0.9, 13.5), "430000": (20, 1.0, 15.5),
    "440000": (39, 1.0, 8.5), "450000": (16, 0.9, 17), "460000": (19, 1.8, 2.3),
    "500000": (23, 0.8, 82.4), "510000": (17, 0.8, 14), "520000": (11, 1.2, 24),
    "530000": (14, 1.0, 24), "540000": (15, 1.7, 60), "610000": (22, 0.8, 20),
    "620000": (13, 0.9, 30), "630000": (19, 0.8, 10), "640000": (22, 0.8, 13),
    "650000": (20, 0.9, 30),
}  # fmt: skip

# Growth of nominal GDP per head (index) and of real GDP (percent), national magnitudes 2009-2022.
NOMINAL_PATH = (1.0, 1.18, 1.40, 1.53, 1.66, 1.78, 1.89, 2.03, 2.25, 2.47, 2.62, 2.68, 3.03, 3.20)
REAL_GROWTH = (12.4, 13.4, 12.3, 11.0, 10.0, 8.8, 8.1, 7.8, 7.6, 7.0, 6.4, 2.9, 8.0, 3.4)


@dataclass(frozen=True)
class Parameters:
    """The whole of the data-generating process."""

    effects: Effects = field(default_factory=Effects)
    slopes: Slopes = field(default_factory=Slopes)
    components: dict[str, Component] = field(default_factory=lambda: dict(INDEX_COMPONENTS))
    others: dict[str, Component] = field(default_factory=lambda: dict(OTHER_COMPONENTS))
    services: ServiceWorld = field(default_factory=ServiceWorld)
    service_effects: ServiceEffects = field(default_factory=ServiceEffects)
    background_shares: dict[str, float] = field(default_factory=lambda: dict(BACKGROUND_SHARES))
    policy_shares: dict[str, float] = field(default_factory=lambda: dict(POLICY_SHARES))
    # ln(tertiary / secondary): average city 2009, growth to 2022, weight of the province, spread
    # of cities and of years. About a fifth of the treated city-years lie below the lower threshold
    # and a quarter above the upper one.
    structure_start: float = -0.43
    structure_growth: float = 0.50
    structure_province: float = 0.45
    structure_city: float = 0.56
    structure_year: float = 0.13
    structure_rho: float = 0.75
    # Borders of the classes of that ratio within which noise is balanced against the treatment.
    structure_classes: tuple[float, ...] = (
        0.42, 0.48, 0.5337, 0.6, 0.68, 0.78, 0.9, 1.0, 1.1, 1.2, 1.3028, 1.42, 1.6, 1.9,
    )  # fmt: skip
    # ln GDP per head: urban share within the province, city, AR(1) by year, convergence per year
    wealth_urban: float = 1.1
    wealth_city: float = 0.22
    wealth_year: float = 0.05
    wealth_rho: float = 0.8
    convergence: float = 0.008
    # registered / resident population: richer cities draw residents in
    registered_wealth: float = -0.28
    registered_city: float = 0.07
    # Pilots were not drawn at random: lift of the pilot cities' own level of every component, in
    # standard deviations of that level (table 2 columns 1 and 4: the raw difference of .758 against
    # .187 within cities). In both worlds.
    pilot_level: float = 0.25
    # Noise that lasts: share taken out of each city's own difference between the years with and
    # without the policy, in index and mediators. With what is left, and the spread of the effects
    # themselves, clustered standard errors come near the published ones (table 2: .063).
    lasting_noise_cut: float = 0.65
    # Most that one adjustment may take from a figure, as a share of it.
    largest_cut: float = 0.6
    # Repetitions of an adjustment, each with the weights that the one before has left.
    passes: int = 6
    # Share of the printed values that are missing, and of these gaps the share two years long.
    gap_share: float = 0.003
    gap_two_years: float = 0.2


DEFAULT = Parameters()
