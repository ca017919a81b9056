"""The true effects of the sample: what an estimate of it should find.

Belongs here: the difference of the two worlds by city and year, and the planted effect on services.
Does not belong here: simulating (`simulation`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orchestration.sample.parameters import DEFAULT, SEED, Parameters
from orchestration.sample.places import YEARS, smart_city
from orchestration.sample.policy import SIZE_CLASSES, regime_of, target_effects
from orchestration.sample.simulation import large_cities, simulate

if TYPE_CHECKING:
    import pandas as pd


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
