"""What a table, a column and a heading of the simulated yearbook are.

Belongs here: the records and the printed units. Does not belong here: any table (`tables`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FIRST_EDITION, LAST_EDITION = 2010, 2023
# From this edition on, units stand in full-width brackets without a space before them.
FULL_WIDTH_FROM = 2019
SCOPES = {"total": "全市\nTotal City", "districts": "市辖区\nDistricts\nunder City"}

Style = Literal["number", "text", "thousands"]

# printed unit: (Chinese, English, unit code, size of one printed unit in the indicator's own unit)
_UNITS: dict[str, tuple[str, str, str, float]] = {
    "wan_persons": ("万人", "10 000 persons", "10_000_persons", 1),
    "permille": ("‰", "‰", "per_mille", 1),
    "km2": ("平方公里", "sq. km", "km2", 1),
    "wan_yuan": ("万元", "10 000 yuan", "10_000_yuan", 1),
    "yi_yuan": ("亿元", "100 million yuan", "100_million_yuan", 10_000),
    "yuan": ("元", "yuan", "yuan", 1),
    "percent": ("%", "%", "percent", 1),
    "persons": ("人", "person", "persons", 1),
    "qian_books": ("千册", "1 000 copies", "1000_copies", 1),
    "beds": ("张", "bed", "beds", 1),
    "wan_hh": ("万户", "10 000 households", "10_000_households", 1),
    "hh": ("户", "household", "households", 0.0001),
    "vehicles": ("辆", "unit", "vehicles", 1),
    "wan_m2": ("万平方米", "10 000 sq. m", "10_000_m2", 1),
    "items": ("件", "item", "items", 1),
    "robots": ("台/万人", "units per 10 000 persons", "units_per_10_000_persons", 1),
    "firms": ("个", "unit", "firms", 1),
    "points": ("点", "point", "index_points", 1),
    "sets": ("项", "item", "items", 1),
}


@dataclass(frozen=True)
class Heading:
    """How a column is headed from one edition on; `unit` is a key of the unit table."""

    zh: str
    en: str
    unit: str
    decimals: int
    edition_from: int = FIRST_EDITION

    @property
    def unit_zh(self) -> str:
        """Unit as printed, Chinese."""
        return _UNITS[self.unit][0]

    @property
    def unit_code(self) -> str:
        """Code of the printed unit."""
        return _UNITS[self.unit][2]

    @property
    def factor(self) -> float:
        """Value in the indicator's own unit = printed value x factor."""
        return _UNITS[self.unit][3]

    def text(self, edition: int) -> str:
        """The heading cell as it stands on the page."""
        zh, en, *_ = _UNITS[self.unit]
        if edition >= FULL_WIDTH_FROM:
            return f"{self.zh}（{zh}）\n{self.en}\n（{en}）"
        return f"{self.zh} ({zh})\n{self.en}\n({en})"


@dataclass(frozen=True)
class Column:
    """One indicator on a page, its scopes and its headings in order of edition."""

    code: str
    scopes: tuple[str, ...]
    headings: tuple[Heading, ...]

    def heading(self, edition: int) -> Heading:
        """The heading in force in an edition."""
        return [h for h in self.headings if h.edition_from <= edition][-1]


@dataclass(frozen=True)
class Table:
    """One table of the yearbook, printed as one workbook per edition."""

    number: str
    title_zh: str
    title_en: str
    chapter_zh: str
    chapter_en: str
    columns: tuple[Column, ...]
    style: Style = "number"
    notes: tuple[str, ...] = field(default=())
