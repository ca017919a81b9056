"""The two simulated worlds, with and without the smart-city policy, and the true effect.

Belongs here: the order in which noise, slopes and effects enter, and the truth: the difference of
the two worlds' indices, and the planted effect on the efficiency of services. Does not belong
here: parameters, single figures, pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from orchestration.sample.entropy import EntropyIndex, entropy_index
from orchestration.sample.parameters import DEFAULT, SEED, Parameters
from orchestration.sample.places import YEARS, Places, broadband, load_places, smart_city
from orchestration.sample.policy import (
    SIZE_CLASSES,
    background_target,
    balanced,
    ceilings,
    iterate_to,
    move_index,
    regime_of,
    study_design,
    target_effects,
    two_way_slopes,
    within,
)
from orchestration.sample.services import (
    OPEN_DATA,
    ServiceEfficiency,
    make_services,
    open_data_with_policy,
    open_data_without_policy,
)
from orchestration.sample.world import (
    INDEX_CODES,
    Array,
    Draws,
    Figures,
    as_printed,
    base_figures,
    component_matrix,
    fill_gaps,
    missing_cells,
)

if TYPE_CHECKING:
    import pandas as pd

Key = tuple[str, str]
CONTROLS = (
    "ln_density",
    "ln_gdp_per_capita",
    "urbanisation",
    "government_intervention",
    "industrialisation",
)


@dataclass(frozen=True)
class PrintedFigures:
    """Figures as pages print them.

    `values` holds units x years per (indicator code, scope), rounded as printed and in the unit of
    the indicator seed; `gaps` marks the cells printed as missing. The first `places.n_panel` units
    are the panel's cities.
    """

    places: Places
    values: Figures
    gaps: dict[Key, NDArray[np.bool_]]

    def panel(self, code: str, scope: str = "total") -> Array:
        """A figure of the panel's cities with gaps filled as the pipeline does; cities x years."""
        n = self.places.n_panel
        gap = self.gaps.get((code, scope))
        values = self.values[code, scope][:n]
        return values.copy() if gap is None else fill_gaps(values, gap[:n])

    def components(self) -> Array:
        """The components of the index, city-years x 15 in the order of INDEX_CODES."""
        return component_matrix(self.values, self.gaps, self.places.n_panel)

    def index(self) -> EntropyIndex:
        """The pooled entropy-weight index over the panel."""
        return entropy_index(self.components())

    def outcome(self) -> Array:
        """The study's outcome, score x 100; cities x years."""
        return 100 * self.index().score.reshape(self.places.n_panel, len(YEARS))

    def regressors(self) -> dict[str, Array]:
        """Controls, threshold variable and mediators as the studies define them; cities x years."""
        gdp, people = self.panel("gdp"), self.panel("population_registered")
        spending = self.panel("fiscal_expenditure")
        return {
            "ln_density": np.log(people * 10_000 / self.panel("land_area")),
            "ln_gdp_per_capita": np.log(self.panel("gdp_per_capita")),
            "urbanisation": self.panel("population_urban") / self.panel("population_resident"),
            "government_intervention": spending / gdp,
            "industrialisation": self.panel("industrial_value_added") / gdp,
            "structure": self.panel("gdp_tertiary") / self.panel("gdp_secondary"),
            "human_capital": self.panel("college_students") / (people * 10_000),
            "science_share": self.panel("science_expenditure") / spending,
        }

    def frame(self) -> pd.DataFrame:
        """Long table: city_code, year, indicator_code, scope, value, is_missing, in_panel."""
        import pandas as pd

        parts = []
        code = np.repeat(np.array(self.places.code), len(YEARS))
        year = np.tile(YEARS, self.places.n)
        exists = self.places.exists.reshape(-1)
        in_panel = np.repeat(np.arange(self.places.n) < self.places.n_panel, len(YEARS))
        for (indicator, scope), values in self.values.items():
            gap = self.gaps.get((indicator, scope), np.zeros(values.shape, dtype=bool)).reshape(-1)
            parts.append(
                pd.DataFrame(
                    {
                        "city_code": code[exists],
                        "year": year[exists],
                        "indicator_code": indicator,
                        "scope": scope,
                        "value": values.reshape(-1)[exists],
                        "is_missing": gap[exists],
                        "in_panel": in_panel[exists],
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class SampleWorld(PrintedFigures):
    """Everything that one world prints, and the true efficiency behind its public services."""

    policy: bool
    efficiency: ServiceEfficiency


def large_cities(values: Figures, places: Places, p: Parameters) -> NDArray[np.bool_]:
    """Panel cities whose districts have a large city's residents in the first year."""
    people = values["population_resident", "districts"][: places.n_panel, 0]
    return people >= p.effects.large_from


def simulate(
    seed: int = SEED, *, policy: bool = True, parameters: Parameters = DEFAULT
) -> SampleWorld:
    """Simulate the world with the smart-city policy, or the same world without it.

    Both have the same noise, the same gaps and the same Broadband China effect. Deterministic.
    """
    p, places = parameters, load_places()
    n = places.n_panel
    smart, broad = smart_city(), broadband()
    gaps = missing_cells(places, p, seed)
    figures = base_figures(places, p, seed)

    def pages(values: Figures) -> PrintedFigures:
        return PrintedFigures(places, values, gaps)

    def measure(now: Figures, moving: frozenset[str], fixed: Figures) -> EntropyIndex:
        return entropy_index(component_matrix({**fixed, **as_printed(now, only=moving)}, gaps, n))

    figures = _balance_structure(figures, smart.did)

    # 1. Background: balanced noise, stated slopes, and the Broadband China effect.
    printed = as_printed(figures)
    regressors = pages(printed).regressors()
    structure = regressors.pop("structure")
    large = large_cities(printed, places, p)
    ones = np.ones((n, len(YEARS)))
    # Fine classes of the threshold variable, with the true thresholds among their borders.
    groups = [(structure > border).astype(float) for border in p.structure_classes]
    groups += [(places.region[:n] == r)[:, None] * ones for r in ("central", "west")]
    groups.append(large[:, None] * ones)
    design = study_design((smart, broad), groups)
    figures = _balance_mediators(figures, smart.did, design, regressors, p)
    figures[OPEN_DATA] = open_data_without_policy(figures, design, p)
    printed = as_printed(figures)
    first = pages(printed)
    regressors = first.regressors()
    structure = regressors.pop("structure")
    target = target_effects(smart.did, structure, places.region[:n], large, p.effects)
    wanted = _wanted_slopes(target, smart.did, regressors, p)
    ceiling = ceilings(figures, n, sorted({*p.background_shares, *p.policy_shares}))
    moving = frozenset(p.background_shares)
    original, index = figures, first.index()
    for k in range(p.passes):
        # The cut comes once; later passes make up for changes of the weights.
        cut = p.lasting_noise_cut if k == 0 else 0.0
        y = 100 * index.score.reshape(n, len(YEARS))
        shift = background_target(
            y,
            did=smart.did,
            design=design,
            regressors=regressors,
            wanted=wanted,
            broadband=p.effects.broadband,
            cut=cut,
        )
        moved = move_index(
            figures,
            index,
            shift,
            shares=p.background_shares,
            ceiling=ceiling,
            largest_cut=p.largest_cut,
            reference=original,
        )
        figures = {**figures, **moved}
        index = measure(figures, moving, printed)
    printed = {**printed, **as_printed(figures, only=moving)}
    draws = Draws(seed, places.n)
    services = partial(
        make_services,
        figures,
        places=places,
        did=smart.did,
        design=design,
        large=large,
        p=p,
        draws=draws,
    )
    codes = frozenset(p.services.outputs)
    if not policy:
        made, efficiency = services(None)
        values = {**printed, **as_printed(made, only=codes)}
        return SampleWorld(places, values, gaps, policy=False, efficiency=efficiency)

    # 2. The policy: mediators first, then the rest of the effect through other figures.
    without = pages(printed)
    treated = smart.did.astype(bool)
    people = figures["population_registered", "total"][:n] * 10_000
    spread = np.exp(0.3 * draws.city("human capital effect")[:n, None])
    spread = spread / (smart.did * spread).sum() * smart.did.sum()
    after = dict(figures)
    for code, per, size in (
        ("college_students", people, p.effects.human_capital),
        (
            "science_expenditure",
            figures["fiscal_expenditure", "total"][:n],
            p.effects.science_share,
        ),
    ):
        raised = figures[code, "total"].copy()
        raised[:n] += smart.did * spread * size * per
        after[code, "total"] = raised
    moving = frozenset({*p.policy_shares, "college_students", "science_expenditure"})
    measure_after = partial(measure, moving=moving, fixed=printed)
    start = 100 * measure_after(after).score.reshape(target.shape)
    remaining = np.where(treated, without.outcome() + target - start, np.nan)
    after = iterate_to(
        measure_after,
        after,
        remaining,
        shares=p.policy_shares,
        ceiling=ceiling,
        largest_cut=p.largest_cut,
    )

    # 3. Services: more open data, and efficiency that follows it and the internet users.
    after[OPEN_DATA] = open_data_with_policy(after, smart.did, p, draws)
    made, efficiency = services(after)
    moving = moving | codes | {OPEN_DATA[0]}
    values = {**printed, **as_printed({**after, **made}, only=moving)}
    return SampleWorld(places, values, gaps, policy=True, efficiency=efficiency)


def _balance_structure(figures: Figures, did: NDArray[np.int64]) -> Figures:
    """Sectors whose ratio owes nothing to the treatment: the policy must not seem to move it."""
    n = len(did)
    secondary = figures["gdp_secondary", "total"].copy()
    both = (figures["gdp", "total"] - figures["gdp_primary", "total"])[:n]
    ratio = both / secondary[:n] - 1
    exposed = did.astype(float)[None]
    level = ratio - two_way_slopes(ratio, exposed)[0] * within(exposed[0])
    share = (1 + ratio) / (1 + np.maximum(level, 0.5 * ratio))
    industry = figures["industrial_value_added", "total"].copy()
    industry[:n] *= share
    secondary[:n] *= share
    return {
        **figures,
        ("gdp_secondary", "total"): secondary,
        ("industrial_value_added", "total"): industry,
    }


def _wanted_slopes(
    target: Array, did: NDArray[np.int64], regressors: dict[str, Array], p: Parameters
) -> dict[str, float]:
    """Slopes of the world without the policy that give the stated ones in the world with it.

    Effects differ between city-years, and a regression on did and controls gives part of the
    difference to the controls; that part is taken off in advance.
    """
    stacked = np.stack([did.astype(float), *(regressors[name] for name in CONTROLS)])
    caught = dict(zip(CONTROLS, two_way_slopes(target, stacked)[1:], strict=True))
    return {name: getattr(p.slopes, name) - caught.get(name, 0.0) for name in regressors}


def _balance_mediators(
    figures: Figures,
    did: NDArray[np.int64],
    design: Array,
    regressors: dict[str, Array],
    p: Parameters,
) -> Figures:
    """Students and science expenditure whose shares owe nothing to the design of the studies."""
    n = design.shape[1]
    controls = [regressors[name] for name in CONTROLS]
    out = dict(figures)
    for code, base in (
        ("college_students", "population_registered"),
        ("science_expenditure", "fiscal_expenditure"),
    ):
        per = figures[base, "total"][:n]
        series = out[code, "total"].copy()
        series[:n] = per * balanced(
            series[:n] / per,
            did=did,
            design=design,
            controls=controls,
            cut=p.lasting_noise_cut,
            largest_cut=p.largest_cut,
        )
        out[code, "total"] = series
    return out


def truth(seed: int = SEED, *, parameters: Parameters = DEFAULT) -> pd.DataFrame:
    """The true effect of every city-year of the panel, one row each.

    Columns: city_code, year, did, effect (index points: outcome with the policy less outcome
    without), target (what the parameters ask for), outcome_policy, outcome_no_policy,
    structure (tertiary / secondary value added), regime (1, 2, 3), region, size_class. `effect` is
    not exactly zero where did is 0, because the pooled weights differ a little between the worlds.
    """
    import pandas as pd

    p = parameters
    with_policy = simulate(seed, policy=True, parameters=p)
    without = simulate(seed, policy=False, parameters=p)
    places, smart = with_policy.places, smart_city()
    n, years = places.n_panel, len(YEARS)
    structure = without.regressors()["structure"]
    large = large_cities(without.values, places, p)
    y1, y0 = with_policy.outcome(), without.outcome()
    target = target_effects(smart.did, structure, places.region[:n], large, p.effects)
    return pd.DataFrame(
        {
            "city_code": np.repeat(np.array(places.code[:n]), years),
            "year": np.tile(YEARS, n),
            "did": smart.did.reshape(-1),
            "effect": (y1 - y0).reshape(-1),
            "target": target.reshape(-1),
            "outcome_policy": y1.reshape(-1),
            "outcome_no_policy": y0.reshape(-1),
            "structure": structure.reshape(-1),
            "regime": regime_of(structure, p.effects.thresholds).reshape(-1) + 1,
            "region": np.repeat(places.region[:n], years),
            "size_class": np.repeat(np.where(large, *SIZE_CLASSES), years),
        }
    )


def service_truth(seed: int = SEED, *, parameters: Parameters = DEFAULT) -> pd.DataFrame:
    """The true effect on the efficiency of public services of every city-year, one row each.

    Columns: city_code, year, did, effect (log points of efficiency) and its parts direct,
    through_open_data and through_internet, efficiency_policy and efficiency_no_policy (relative to
    the best city-year of the world with the policy), region, size_class, decentralised. All parts
    are exactly zero where did is 0.
    """
    import pandas as pd

    p = parameters
    world = simulate(seed, policy=True, parameters=p)
    places, known = world.places, world.efficiency
    n, years = places.n_panel, len(YEARS)
    best = known.log_efficiency.max()
    large = large_cities(world.values, places, p)
    return pd.DataFrame(
        {
            "city_code": np.repeat(np.array(places.code[:n]), years),
            "year": np.tile(YEARS, n),
            "did": smart_city().did.reshape(-1),
            "effect": known.effect.reshape(-1),
            "direct": known.direct.reshape(-1),
            "through_open_data": known.through_open_data.reshape(-1),
            "through_internet": known.through_internet.reshape(-1),
            "efficiency_policy": np.exp(known.log_efficiency - best).reshape(-1),
            "efficiency_no_policy": np.exp(known.log_efficiency - known.effect - best).reshape(-1),
            "region": np.repeat(places.region[:n], years),
            "size_class": np.repeat(np.where(large, *SIZE_CLASSES), years),
            "decentralised": np.repeat(known.decentralised, years),
        }
    )


__all__ = ["INDEX_CODES", "SampleWorld", "large_cities", "service_truth", "simulate", "truth"]
