"""Public services: what cities make of spending and staff, and how the policy changes that.

Belongs here: the production relation of the service figures, each city-year's true efficiency, and
the policy's effect on it. Does not belong here: the inputs (spending, staff, residents: `world.py`),
which no policy moves, and anything that the index of the first study is made of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.sample.draws import Array, Draws, Figures, growth_path, logistic, logit
from orchestration.sample.parameters import Parameters
from orchestration.sample.places import YEARS, Places
from orchestration.sample.policy import two_way_slopes, within

STAFF = ("employees_public_administration", "employees_education", "employees_health")
# Figures per resident of the city districts; the others are per resident of the whole city.
DISTRICTS = ("buses", "road_area", "green_coverage")
# Persons behind one unit of a service as parameters state it; staff where it is a share of staff.
PER = {"library_books": 1000.0, "buses": 10_000.0, "road_area": 10_000.0}
OPEN_DATA = ("open_data_sets", "total")
MEDIATORS = ("open_data", "internet")


@dataclass(frozen=True)
class ServiceInputs:
    """What services are made with; logs are units x years.

    `budget` (spending at constant prices) and `staff` are logs per resident less their mean over
    the panel's cities in the year; `lasting` is the part of the budget that services follow.
    """

    budget: Array
    lasting: Array
    staff: Array
    size: Array
    wealth: Array
    capital: Array
    n_panel: int


@dataclass(frozen=True)
class ServiceEfficiency:
    """True log efficiency of the panel's cities and what the policy does to it; cities x years.

    `log_efficiency` is that of the world at hand; its zero has no meaning. The three parts of the
    effect are zero where not treated, and in a world without the policy. `decentralised` marks the
    cities with a high own revenue in the first year (n).
    """

    log_efficiency: Array
    direct: Array
    through_open_data: Array
    through_internet: Array
    decentralised: NDArray[np.bool_]

    @property
    def effect(self) -> Array:
        """The whole effect of the policy on log efficiency."""
        return self.direct + self.through_open_data + self.through_internet


def service_inputs(figures: Figures, places: Places, p: Parameters) -> ServiceInputs:
    """Inputs from the figures of spending, prices, staff and residents."""
    n = places.n_panel
    people = figures["population_resident", "total"] * 10_000
    gdp, growth = figures["gdp", "total"], figures["gdp_growth_rate", "total"]
    steps = np.log(gdp[:, 1:] / gdp[:, :-1]) - np.log1p(growth[:, 1:] / 100)
    prices = np.concatenate([np.zeros((places.n, 1)), steps.cumsum(axis=1)], axis=1)
    spending = figures["fiscal_expenditure", "total"] * 10_000

    def relative(x: Array) -> Array:
        return x - x[:n].mean(axis=0)

    budget = relative(np.log(spending / people) - prices)
    lasting = np.empty_like(budget)
    level = budget.mean(axis=1)
    for t in range(len(YEARS)):
        level = level + p.services.budget_speed * (budget[:, t] - level)
        lasting[:, t] = level
    staff = figures[STAFF[0], "total"] + figures[STAFF[1], "total"] + figures[STAFF[2], "total"]
    size = np.log(places.resident_2010)
    return ServiceInputs(
        budget=budget,
        lasting=lasting,
        staff=relative(np.log(staff / people)),
        size=size - size[:n].mean(),
        wealth=relative(np.log(gdp / people)),
        capital=(places.capital | places.municipality).astype(float),
        n_panel=n,
    )


def service_levels(made: Array, at: ServiceInputs, p: Parameters, draws: Draws) -> dict[str, Array]:
    """Each service per resident, or as a share, units x years.

    ln y = level(t) + response (inputs + made) + size u + wealth w + capital c + spread e + noise a,
    where `made` is log efficiency and whatever else moves all services of a city-year, and the
    inputs are the lasting budget and the staff, weighted. A share takes the same in logits of its
    part of the ceiling, over one less the average city's part: it answers by the same percentage
    there and never reaches the ceiling. A share of staff has the staff as its inputs already.
    """
    out = {}
    for code, service in p.services.outputs.items():
        inputs = service.budget * at.lasting + (1 - service.budget) * at.staff
        lift = (
            service.response * (made if service.of in STAFF else inputs + made)
            + service.size * at.size[:, None]
            + service.wealth * at.wealth
            + service.capital * at.capital[:, None]
            + service.spread * draws.city(code)[:, None]
            + service.noise * draws.years(code, service.rho)
        )
        path = growth_path(service.start, service.end)[None, :]
        if np.isfinite(service.ceiling):
            part = path / service.ceiling
            out[code] = service.ceiling * logistic(logit(part) + lift / (1 - part))
        else:
            out[code] = path * np.exp(lift)
    return out


def service_figures(levels: dict[str, Array], figures: Figures, p: Parameters) -> Figures:
    """Service figures in their own units from services per resident, per staff or in percent."""
    out: Figures = {}
    for code, level in levels.items():
        scope = "districts" if code in DISTRICTS else "total"
        of = p.services.outputs[code].of
        if of == "area":  # printed in percent
            out[code, scope] = 100 * level
        elif of in STAFF:
            out[code, scope] = level * figures[of, "total"]
        else:
            people = figures["population_resident", scope] * 10_000
            out[code, scope] = level * people / PER.get(code, 1.0)
    return out


def productivity(
    levels: dict[str, Array], figures: Figures, at: ServiceInputs, p: Parameters
) -> Array:
    """Mean log of all services less the mean log of both inputs; units x years.

    What a measure of efficiency sees: true efficiency, the services' own noise, and the budget's
    passing movements, which services don't follow.
    """
    people = figures["population_resident", "total"] * 10_000
    total = np.zeros_like(at.budget)
    for code, level in levels.items():
        of = p.services.outputs[code].of
        made = np.log(level * figures[of, "total"] / people if of in STAFF else level)
        total += np.sign(p.services.outputs[code].response) * made
    return total / len(levels) - (at.budget + at.staff) / 2


def unrelated(series: Array, design: Array) -> Array:
    """A series of the panel without what chance gave the treated; cities x years.

    The fitted part of a two-way regression on the design of policy studies is taken out: parallel
    trends hold by construction.
    """
    found = two_way_slopes(series, design)
    return np.asarray(series - np.tensordot(found, within(design), axes=1))


def true_efficiency(
    at: ServiceInputs,
    mediators: dict[str, Array],
    design: Array,
    p: Parameters,
    draws: Draws,
) -> Array:
    """Log efficiency of the world without the policy; units x years.

    Cities differ for good, and from year to year. Within cities and years the stated slopes on the
    mediators hold, and nothing is left on the design of policy studies. Units outside the panel
    only have their own level and noise.
    """
    s = p.services
    own = s.noise * draws.years("service efficiency", s.rho)
    panel = slice(0, at.n_panel)
    slopes = np.array([s.per_open_data_set, s.per_internet_user])
    movement = np.tensordot(slopes, within(np.stack([mediators[k] for k in MEDIATORS])), axes=1)
    # What chance gives the mediators of the treated is no effect, and neither is that of the noise.
    own[panel] = unrelated(own[panel], design)
    own[panel] += unrelated(movement, design)
    return s.spread * draws.city("service efficiency")[:, None] + own


def direct_effect(
    did: NDArray[np.int64],
    region: NDArray[np.str_],
    large: NDArray[np.bool_],
    decentralised: NDArray[np.bool_],
    p: Parameters,
) -> Array:
    """Effect of the policy on log efficiency that comes through no mediator; cities x years."""
    e = p.service_effects
    city = (
        np.array([e.region[str(r)] for r in region])
        + e.large * large
        + e.decentralised * decentralised
    )
    return did * city[:, None]


def open_data_without_policy(figures: Figures, design: Array, p: Parameters) -> Array:
    """Open data sets, units x years, that owe nothing to the design of policy studies."""
    n = design.shape[1]
    sets = figures[OPEN_DATA].copy()
    per = figures["population_resident", "total"][:n] / 10
    rate = sets[:n] / per
    sets[:n] = per * np.maximum(unrelated(rate, design), (1 - p.largest_cut) * rate)
    return sets


def open_data_with_policy(
    figures: Figures, did: NDArray[np.int64], p: Parameters, draws: Draws
) -> Array:
    """Open data sets, units x years, with what the pilots add."""
    n = len(did)
    sets = figures[OPEN_DATA].copy()
    city = np.exp(0.3 * draws.city("open data effect")[:n, None])
    city = city / (did * city).sum() * did.sum()
    per = figures["population_resident", "total"][:n] / 10
    sets[:n] += did * city * p.service_effects.open_data_sets * per
    return sets


def make_services(
    without: Figures,
    with_policy: Figures | None,
    *,
    places: Places,
    did: NDArray[np.int64],
    design: Array,
    large: NDArray[np.bool_],
    p: Parameters,
    draws: Draws,
) -> tuple[Figures, ServiceEfficiency]:
    """Service figures, units x years, and the efficiency behind them.

    `without` holds the other figures of the world without the policy, `with_policy` those of the
    world with it; without the latter the services are those of the world without.
    """
    n = places.n_panel
    at = service_inputs(without, places, p)
    before = _mediators(without, n)
    base = true_efficiency(at, before, design, p, draws)
    own_revenue = (without["fiscal_revenue", "total"] / without["fiscal_expenditure", "total"])[
        :n, 0
    ]
    decentralised = own_revenue > np.median(own_revenue)
    none = np.zeros(did.shape)
    direct, open_data, internet = none, none, none
    if with_policy is not None:
        after = _mediators(with_policy, n)
        direct = direct_effect(did, places.region[:n], large, decentralised, p)
        open_data = p.services.per_open_data_set * (after["open_data"] - before["open_data"])
        internet = p.services.per_internet_user * (after["internet"] - before["internet"])
    # Noise of the services, and budgets that they don't follow, favour no pilot either.
    levels = service_levels(base, at, p, draws)
    noise = (productivity(levels, without, at, p) - base)[:n]
    made = base.copy()
    made[:n] += unrelated(noise, design) - noise
    made[:n] += direct + open_data + internet
    efficiency = ServiceEfficiency(
        log_efficiency=base[:n] + direct + open_data + internet,
        direct=direct,
        through_open_data=open_data,
        through_internet=internet,
        decentralised=decentralised,
    )
    return service_figures(service_levels(made, at, p, draws), without, p), efficiency


def _mediators(figures: Figures, n: int) -> dict[str, Array]:
    """Open data sets per 100,000 residents and internet users per 100 persons; cities x years."""
    return {
        "open_data": 10 * (figures[OPEN_DATA] / figures["population_resident", "total"])[:n],
        "internet": 100
        * (figures["internet_users", "total"] / figures["population_registered", "total"])[:n],
    }
