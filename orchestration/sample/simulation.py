"""The two simulated worlds, with and without the smart-city policy.

Belongs here: the order in which noise, slopes and effects enter. Does not belong here: parameters,
single figures, pages, the true effects (`truth`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from orchestration.sample.draws import Array, Draws, Figures
from orchestration.sample.entropy import EntropyIndex, entropy_index
from orchestration.sample.parameters import DEFAULT, SEED, Parameters
from orchestration.sample.places import YEARS, Exposure, Places, broadband, load_places, smart_city
from orchestration.sample.policy import (
    background_target,
    balanced,
    ceilings,
    iterate_to,
    move_index,
    study_design,
    target_effects,
    two_way_slopes,
    within,
)
from orchestration.sample.printing import as_printed, component_matrix, fill_gaps, missing_cells
from orchestration.sample.services import (
    OPEN_DATA,
    ServiceEfficiency,
    make_services,
    open_data_with_policy,
    open_data_without_policy,
)
from orchestration.sample.world import base_figures

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


@dataclass(frozen=True)
class _Background:
    """The world before the policy, and what the policy's effects are measured by.

    `printed` are its figures as pages print them; `target` is the effect that the parameters ask for.
    """

    places: Places
    p: Parameters
    draws: Draws
    smart: Exposure
    gaps: dict[Key, NDArray[np.bool_]]
    figures: Figures
    printed: Figures
    design: Array
    large: NDArray[np.bool_]
    target: Array
    ceiling: dict[str, Array]

    def pages(self, values: Figures) -> PrintedFigures:
        return PrintedFigures(self.places, values, self.gaps)

    def measure(self, now: Figures, moving: frozenset[str], fixed: Figures) -> EntropyIndex:
        """The index of figures of which those in `moving` are printed anew."""
        values = {**fixed, **as_printed(now, only=moving)}
        return entropy_index(component_matrix(values, self.gaps, self.places.n_panel))

    def services(self, after: Figures | None) -> tuple[Figures, ServiceEfficiency]:
        """Figures of public services, in the world with the figures `after` the policy or without."""
        return make_services(
            self.figures,
            after,
            places=self.places,
            did=self.smart.did,
            design=self.design,
            large=self.large,
            p=self.p,
            draws=self.draws,
        )


def simulate(
    seed: int = SEED, *, policy: bool = True, parameters: Parameters = DEFAULT
) -> SampleWorld:
    """Simulate the world with the smart-city policy, or the same world without it.

    Both have the same noise, the same gaps and the same Broadband China effect. Deterministic.
    """
    world = _background(seed, parameters)
    codes = frozenset(parameters.services.outputs)
    if policy:
        after, moving = _with_policy(world)
        made, efficiency = world.services(after)
        moving = moving | codes | {OPEN_DATA[0]}
        values = {**world.printed, **as_printed({**after, **made}, only=moving)}
    else:
        made, efficiency = world.services(None)
        values = {**world.printed, **as_printed(made, only=codes)}
    return SampleWorld(world.places, values, world.gaps, policy=policy, efficiency=efficiency)


def _background(seed: int, p: Parameters) -> _Background:
    """Balanced noise, stated slopes, and the Broadband China effect."""
    places = load_places()
    n = places.n_panel
    smart, broad = smart_city(), broadband()
    gaps = missing_cells(places, p, seed)
    figures = _balance_structure(base_figures(places, p, seed), smart.did)
    printed = as_printed(figures)
    regressors = PrintedFigures(places, printed, gaps).regressors()
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
    regressors = PrintedFigures(places, printed, gaps).regressors()
    structure = regressors.pop("structure")
    start = _Background(
        places,
        p,
        Draws(seed, places.n),
        smart,
        gaps,
        figures,
        printed,
        design,
        large,
        target=target_effects(smart.did, structure, places.region[:n], large, p.effects),
        ceiling=ceilings(figures, n, sorted({*p.background_shares, *p.policy_shares})),
    )
    return _at_stated_slopes(start, regressors)


def _at_stated_slopes(start: _Background, regressors: dict[str, Array]) -> _Background:
    """Move the index until a regression finds the stated slopes and the Broadband China effect."""
    p, figures, printed = start.p, start.figures, start.printed
    wanted = _wanted_slopes(start.target, start.smart.did, regressors, p)
    moving = frozenset(p.background_shares)
    index = start.pages(printed).index()
    for k in range(p.passes):
        shift = background_target(
            100 * index.score.reshape(start.places.n_panel, len(YEARS)),
            did=start.smart.did,
            design=start.design,
            regressors=regressors,
            wanted=wanted,
            broadband=p.effects.broadband,
            # The cut comes once; later passes make up for changes of the weights.
            cut=p.lasting_noise_cut if k == 0 else 0.0,
        )
        moved = move_index(
            figures,
            index,
            shift,
            shares=p.background_shares,
            ceiling=start.ceiling,
            largest_cut=p.largest_cut,
            reference=start.figures,
        )
        figures = {**figures, **moved}
        index = start.measure(figures, moving, printed)
    printed = {**printed, **as_printed(figures, only=moving)}
    return replace(start, figures=figures, printed=printed)


def _with_policy(world: _Background) -> tuple[Figures, frozenset[str]]:
    """Figures with the policy, and the indicators that it moved.

    Mediators first, then the rest of the effect through other figures; last more open data, which
    the efficiency of services follows.
    """
    p, places, figures, did = world.p, world.places, world.figures, world.smart.did
    n = places.n_panel
    without = world.pages(world.printed)
    people = figures["population_registered", "total"][:n] * 10_000
    spread = np.exp(0.3 * world.draws.city("human capital effect")[:n, None])
    spread = spread / (did * spread).sum() * did.sum()
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
        raised[:n] += did * spread * size * per
        after[code, "total"] = raised
    moving = frozenset({*p.policy_shares, "college_students", "science_expenditure"})
    measure_after = partial(world.measure, moving=moving, fixed=world.printed)
    start = 100 * measure_after(after).score.reshape(world.target.shape)
    remaining = np.where(did.astype(bool), without.outcome() + world.target - start, np.nan)
    after = iterate_to(
        measure_after,
        after,
        remaining,
        shares=p.policy_shares,
        ceiling=world.ceiling,
        largest_cut=p.largest_cut,
    )
    after[OPEN_DATA] = open_data_with_policy(after, did, p, world.draws)
    return after, moving


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


__all__ = ["SampleWorld", "large_cities", "simulate"]
