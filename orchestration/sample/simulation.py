"""The two simulated worlds, with and without the smart-city policy, and the true effect.

Belongs here: the order in which noise, slopes and effects enter, and the truth as the difference of
the two worlds' indices. Does not belong here: parameters, single figures, pages.
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
    ceilings,
    iterate_to,
    move_index,
    regime_of,
    target_effects,
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


@dataclass(frozen=True)
class SampleWorld:
    """Everything that one world prints.

    `values` holds units x years per (indicator code, scope), rounded as printed and in the unit of
    the indicator seed; `gaps` marks the cells printed as missing. The first `places.n_panel` units
    are the panel's cities.
    """

    places: Places
    values: Figures
    gaps: dict[Key, NDArray[np.bool_]]
    policy: bool

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


def large_cities(values: Figures, places: Places, p: Parameters) -> NDArray[np.bool_]:
    """Panel cities with as many residents in their districts as a large city has, in the first year."""
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

    def world(values: Figures, with_policy: bool) -> SampleWorld:
        return SampleWorld(places, values, gaps, with_policy)

    def measure(now: Figures, moving: frozenset[str], fixed: Figures) -> EntropyIndex:
        return entropy_index(
            component_matrix({**fixed, **as_printed(now, only=moving)}, gaps, n)
        )

    # 1. Background: balanced noise, stated slopes, and the Broadband China effect.
    printed = as_printed(figures)
    first = world(printed, with_policy=False)
    regressors = first.regressors()
    structure = regressors.pop("structure")
    regime = regime_of(structure, p.effects.thresholds)
    large = large_cities(printed, places, p)
    groups = [(regime == r).astype(float) for r in (1, 2)]
    groups += [
        np.repeat((places.region[:n] == r)[:, None], len(YEARS), axis=1).astype(float)
        for r in ("central", "west")
    ]
    groups.append(np.repeat(large[:, None], len(YEARS), axis=1).astype(float))
    ceiling = ceilings(figures, n, sorted({*p.background_shares, *p.policy_shares}))
    moving = frozenset(p.background_shares)
    original, index = figures, first.index()
    for _ in range(p.passes):
        shift = background_target(
            100 * index.score.reshape(n, len(YEARS)), regressors, p, (smart, broad), groups
        )
        moved = move_index(
            figures, index, shift, p.background_shares, ceiling, p.largest_cut, original
        )
        figures = {**figures, **moved}
        index = measure(figures, moving, printed)
    printed = {**printed, **as_printed(figures, only=moving)}
    if not policy:
        return world(printed, with_policy=False)

    # 2. The policy: mediators first, then the rest of the effect through other figures.
    without = world(printed, with_policy=False)
    target = target_effects(smart.did, structure, places.region[:n], large, p.effects)
    treated = smart.did.astype(bool)
    people = figures["population_registered", "total"][:n] * 10_000
    spread = np.exp(0.3 * Draws(seed, places.n).city("human capital effect")[:n, None])
    spread = spread / (smart.did * spread).sum() * smart.did.sum()
    after = dict(figures)
    for code, per, size in (
        ("college_students", people, p.effects.human_capital),
        ("science_expenditure", figures["fiscal_expenditure", "total"][:n], p.effects.science_share),
    ):
        raised = figures[code, "total"].copy()
        raised[:n] += smart.did * spread * size * per
        after[code, "total"] = raised
    moving = frozenset({*p.policy_shares, "college_students", "science_expenditure"})
    measure_after = partial(measure, moving=moving, fixed=printed)
    start = 100 * measure_after(after).score.reshape(target.shape)
    remaining = np.where(treated, without.outcome() + target - start, np.nan)
    after = iterate_to(
        measure_after, after, remaining, p.policy_shares, ceiling, p.largest_cut
    )
    return world({**printed, **as_printed(after, only=moving)}, with_policy=True)


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


__all__ = ["INDEX_CODES", "SampleWorld", "large_cities", "simulate", "truth"]
