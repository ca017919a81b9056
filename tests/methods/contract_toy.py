"""The toy of the contract: one panel and one study that any method can be asked on.

Here: the panel, the study without designs, and each method's design and breaks from its folder
(`tests/methods/<key>/contract.yml`). Not here: what is asked (`test_every_method`).
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from analysis.methods.registry import METHODS
from analysis.methods.studies import StudyEstimates, estimate_study
from analysis.studies import parse_study
from analysis.study import Study
from analysis.study.facts import Batch, Facts

HERE = Path(__file__).parent
FIRST, LAST = 2010, 2019
CITIES = 48
THRESHOLDS = (0.85, 1.15)
"""Where the policy's effect changes with `structure`: a method of thresholds has something to find."""

TOY_FACTS = Facts({"pilot": (Batch(1, 30, 30), Batch(2, 25, 21))})
"""The policy's second batch lacks four entries: every method's tables must say so."""

MARKED: dict[str, dict[tuple[int, int], str]] = {
    "suspect_columns": {(0, 2012): "wealth", (1, 2013): "structure, wealth"},
    "imputed_columns": {(1, 2013): "density"},
}
"""By place, what the panel says of its figures: every method's tables must say so."""

STUDY = f"""\
id: toy
title: A toy study
outcome: {{column: index, label: Index, unit: points, scale: 10}}
policies:
  pilot: {{policy_id: pilot, label: Pilot, coverage: whole, timing: pilot_year}}
  other: {{policy_id: other, label: Other policy, coverage: whole, timing: pilot_year, role: control}}
panel: {{unit: city_code, time: year, years: [{FIRST}, {LAST}], balanced: allow}}
variables:
  density: {{column: density, label: Density, unit: ratio}}
  wealth: {{column: wealth, label: Wealth, unit: ratio}}
  structure: {{column: structure, label: Structure, unit: ratio}}
  skill: {{column: skill, label: Skill, unit: ratio}}
  science: {{column: science, label: Science, unit: ratio}}
controls: [density, wealth]
cluster: city_code
"""


def toy_panel(seed: int = 4) -> pd.DataFrame:
    """Cities by year, staggered treatment, an effect that grows with the years since and by structure."""
    rng = np.random.default_rng(seed)
    years = np.arange(FIRST - 1, LAST + 2)  # a year more than the study at both ends
    city, year = np.repeat(np.arange(CITIES), len(years)), np.tile(years, CITIES)
    n = len(city)
    starts, others = (2013.0, 2015.0, 2016.0, np.nan), (2012.0, 2014.0, np.nan)
    first = np.array(starts)[rng.permutation(CITIES) % len(starts)][city]
    second = np.array(others)[rng.permutation(CITIES) % len(others)][city]
    pilot, other = year >= first, year >= second
    level = rng.normal(size=CITIES)[city]
    structure = 1 + 0.3 * rng.normal(size=CITIES)[city] + 0.1 * rng.normal(size=n)
    skill = 0.6 * pilot + level + 0.3 * rng.normal(size=n)
    science = 0.3 * pilot - 0.5 * level + 0.3 * rng.normal(size=n)
    density = level + rng.normal(size=n)
    wealth = rng.uniform(1, 2, n)
    by_regime = np.array([-0.4, 0.3, 1.0])[np.searchsorted(THRESHOLDS, structure)]
    points = (
        level + 0.1 * (year - FIRST) + pilot * (0.5 + by_regime) + 0.2 * other + 0.5 * skill
        + 0.3 * science + 0.3 * density + 0.2 * wealth + 0.4 * rng.normal(size=n)
    )  # fmt: skip
    return pd.DataFrame(
        {
            "city_code": [f"{110000 + c}" for c in city],
            "year": year,
            "pilot": pilot.astype(int),
            "pilot_first_year": first,
            "pilot_listed": np.isfinite(first),
            "pilot_unsure": np.isnan(first) & (city % 3 == 0),
            "other": other.astype(int),
            "other_first_year": second,
            "index": points / 10,
            "density": density,
            "wealth": wealth,
            "structure": structure,
            "skill": skill,
            "science": science,
            "region": np.array(["east", "west", "central"])[city % 3],
            "province_code": np.array([f"{11 + p}0000" for p in range(12)])[city % 12],
            "longitude": 100 + city % 12 + 0.1 * (city // 12),
            "latitude": 30 + city // 12,
            **{mark: _marks(city, year, mark) for mark in MARKED},
        }
    )


def _marks(city: Any, year: Any, mark: str) -> list[str | None]:
    return [MARKED[mark].get((int(c), int(y))) for c, y in zip(city, year, strict=True)]


@cache
def contract(key: str) -> dict[str, Any]:
    """`design` of a method on the toy study, and `breaks`: by rule the SQL that breaks it."""
    return yaml.safe_load((HERE / key / "contract.yml").read_text(encoding="utf-8"))


def toy_study(key: str) -> Study:
    """The toy study with one design of one method, and those that it refers to (`beside`)."""
    beside = contract(key).get("beside") or {}
    designs = yaml.safe_dump({**beside, key: [contract(key)["design"]]}, sort_keys=False)
    return parse_study(STUDY + designs, f"{key}/contract.yml")


def toy_estimates(key: str, panel: pd.DataFrame) -> StudyEstimates:
    """The toy study of a method on some panel; its own design alone is run."""
    return estimate_study(toy_study(key), panel, METHODS, only={key}, facts=TOY_FACTS)
