"""The cities that the sample prints, year by year, and what is known of their size.

Belongs here: which unit stands on the pages of which statistic year and under which name (from the
reference seeds), and the rounded census figures that make big cities big. Does not belong here:
any invented figure.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
SEED_FILES = ("city.csv", "city_status.csv", "province.csv", "policy_roster.csv")
SIZE_FILE = Path(__file__).with_name("size.csv")
CITY_LEVELS = ("prefecture_city", "municipality")
FIRST_YEAR, LAST_YEAR = 2009, 2022
YEARS = np.arange(FIRST_YEAR, LAST_YEAR + 1)
# Names that differ from today's on the English side of old pages.
OLD_NAMES_EN = {"襄樊市": "Xiangfan"}


@dataclass(frozen=True)
class Places:
    """Units in order: the panel's cities by code, then cities that exist in part of the years.

    Arrays have one entry per unit; `exists` and the names are units x years.
    """

    code: tuple[str, ...]
    name_zh: tuple[tuple[str, ...], ...]
    name_en: tuple[tuple[str, ...], ...]
    province_code: tuple[str, ...]
    region: NDArray[np.str_]
    municipality: NDArray[np.bool_]
    capital: NDArray[np.bool_]
    exists: NDArray[np.bool_]
    n_panel: int
    resident_2010: NDArray[np.float64]
    resident_2020: NDArray[np.float64]
    urban_2010: NDArray[np.float64]
    urban_2020: NDArray[np.float64]
    provinces: dict[str, tuple[str, str]]

    @property
    def n(self) -> int:
        """Number of units, panel cities and others."""
        return len(self.code)


@dataclass(frozen=True)
class Exposure:
    """Treatment of the panel's cities, units x years, and the first treated year (0: never)."""

    did: NDArray[np.int64]
    start: NDArray[np.int64]


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        raise FileNotFoundError(
            f"the sample needs {path.name} in {path.parent}: restore it from the repository"
        )
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


@lru_cache(maxsize=1)
def load_places() -> Places:
    """Read the seeds and put the units in order.

    A unit is printed in every statistic year in which it was a prefecture-level city or a
    municipality at year-end. The panel holds the units of all years 2009-2022.
    """
    cities = {row["city_code"]: row for row in _rows(SEEDS / "city.csv")}
    size = {row["city_code"]: row for row in _rows(SIZE_FILE)}
    names: dict[str, dict[int, str]] = {}
    for row in _rows(SEEDS / "city_status.csv"):
        if row["level"] not in CITY_LEVELS or row["city_code"] not in size:
            continue
        last = int(row["year_to"]) if row["year_to"] else LAST_YEAR
        for year in range(max(int(row["year_from"]), FIRST_YEAR), min(last, LAST_YEAR) + 1):
            names.setdefault(row["city_code"], {})[year] = row["official_name"]
    whole = sorted(code for code, spans in names.items() if len(spans) == len(YEARS))
    part = sorted(code for code, spans in names.items() if 0 < len(spans) < len(YEARS))
    codes = (*whole, *part)

    def english(code: str, year: int) -> str:
        return OLD_NAMES_EN.get(names[code].get(year, ""), cities[code]["name_en"])

    def column(field: str) -> NDArray[np.float64]:
        return np.array([float(size[code][field]) for code in codes])

    return Places(
        code=codes,
        name_zh=tuple(
            tuple(names[code].get(int(y), cities[code]["name_zh"]) for y in YEARS) for code in codes
        ),
        name_en=tuple(tuple(english(code, int(y)) for y in YEARS) for code in codes),
        province_code=tuple(cities[code]["province_code"] for code in codes),
        region=np.array([cities[code]["region"] for code in codes]),
        municipality=np.array([cities[code]["is_municipality"] == "true" for code in codes]),
        capital=np.array([cities[code]["is_provincial_capital"] == "true" for code in codes]),
        exists=np.array([[int(y) in names[code] for y in YEARS] for code in codes]),
        n_panel=len(whole),
        resident_2010=column("resident_2010"),
        resident_2020=column("resident_2020"),
        urban_2010=column("urban_2010") / 100,
        urban_2020=column("urban_2020") / 100,
        provinces={
            row["province_code"]: (row["name_zh"], row["name_en"])
            for row in _rows(SEEDS / "province.csv")
        },
    )


def load_exposure(policy_id: str, entity_types: tuple[str, ...]) -> Exposure:
    """Exposure of the panel's cities to one policy of the roster seed, whole-city entries only.

    A city counts as treated from the pilot year of its first entry on.
    """
    places = load_places()
    start = np.zeros(places.n_panel, dtype=np.int64)
    position = {code: i for i, code in enumerate(places.code[: places.n_panel])}
    for row in _rows(SEEDS / "policy_roster.csv"):
        if row["policy_id"] != policy_id or row["entity_type"] not in entity_types:
            continue
        i = position.get(row["city_code"])
        if i is not None:
            year = int(row["pilot_year"])
            start[i] = year if start[i] == 0 else min(int(start[i]), year)
    did = ((start[:, None] > 0) & (start[:, None] <= YEARS[None, :])).astype(np.int64)
    return Exposure(did=did, start=start)


def smart_city() -> Exposure:
    """The national smart-city pilots: prefecture-level cities named as a whole."""
    return load_exposure("smart_city", ("prefecture_city",))


def broadband() -> Exposure:
    """The Broadband China cities: prefecture-level cities and municipalities named as a whole."""
    return load_exposure("broadband_china", ("prefecture_city", "municipality"))
