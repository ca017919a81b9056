"""Codes of the warehouse in words: units, reasons, conventions, columns.

Belongs here: how a code that a reader meets in the page is said. Does not belong here: numbers
(`numbers`), sentences about a table (its own module), names that the warehouse itself has.
A code without words here is shown with spaces for its underscores, never left out.
"""

from collections.abc import Mapping
from typing import Any, Final

from analysis.typeset.numbers import MISSING, is_missing

UNITS: Final[Mapping[str, str]] = {
    "10_000_yuan": "10,000 yuan",
    "100_million_yuan": "100 million yuan",
    "10_000_persons": "10,000 persons",
    "10_000_households": "10,000 households",
    "1000_copies": "1,000 copies",
    "10_000_m2": "10,000 m²",
    "km2": "km²",
    "m2_per_person": "m² per person",
    "persons_per_km2": "persons per km²",
    "per_1000_persons": "per 1,000 persons",
    "per_10_000_persons": "per 10,000 persons",
    "per_100_000_persons": "per 100,000 persons",
    "units_per_10_000_persons": "units per 10,000 persons",
    "percent": "per cent",
    "per_mille": "per mille",
    "million_usd": "million US dollars",
    "previous_year_100": "year before = 100",
    "base_year_1": "base year = 1",
}

REASONS: Final[Mapping[str, str]] = {
    "unknown_heading": "no mapping knows the column",
    "no_unit": "no unit in the heading, above the table or in the mapping",
    "no_city": "a figure in a row that names no city",
    "unknown_unit": "a unit that is unknown, or measures something else",
    "text_in_number_cell": "neither a number nor a missing mark",
    "ragged_row": "a row with more fields than its heading",
    "withdrawn": "struck through or hidden on the page",
    "no_statistic_year": "nothing says which year it is",
    "impossible_value": "outside the bounds of the indicator",
    "conflict_in_sheet": "the same city and year twice in a sheet, with other figures",
    "city_twice_in_sheet": "the same city under two names in a sheet, with other figures",
    "conflict_in_edition": "two pages of an edition contradict each other",
    "unknown_city": "a name that is no city's",
    "ambiguous_city": "a name that fits two places",
    "code_and_name_disagree": "code and name belong to different places",
    "name_and_province_disagree": "the place is not in the province beside it",
    "city_not_in_existence": "no city of that name in that year",
}

CONVENTIONS: Final[Mapping[str, str]] = {
    "fixest": "small-sample factor of R's fixest, G/(G−1) · (N−1)/(N−K)",
    "reghdfe": "small-sample factor of Stata's reghdfe, G/(G−1) · (N−1)/(N−K)",
    "stata_areg": "small-sample factor of Stata's areg, G/(G−1) · (N−1)/(N−K)",
    "linearmodels": "small-sample factor of linearmodels, N/(N−K)",
    "uncorrected": "no small-sample factor",
}
"""G clusters, N observations, K parameters counted: docs/decisions/0003-degrees-of-freedom.md."""

COLUMNS: Final[Mapping[str, str]] = {
    "city_code": "city",
    "province_code": "province",
    "is_large_city": "size (large: a million residents of the city districts or more)",
    "is_municipality": "being a municipality",
    "is_provincial_capital": "being a provincial capital",
    "population_resident": "residents",
}
"""Columns of the panel that a note names and that have no label of their own."""


SIZES: Final[Mapping[str, str]] = {
    "small_2": "small city II",
    "small_1": "small city I",
    "medium": "medium city",
    "large_2": "large city II",
    "large_1": "large city I",
    "very_large": "very large city",
    "super": "super city",
}
"""Size classes of the State Council (2014)."""


def spaced(code: Any) -> str:
    """A code with spaces for its underscores; a dash where missing."""
    return MISSING if is_missing(code) else str(code).replace("_", " ")


def unit(code: Any) -> str:
    """A unit as it is written: '10_000_yuan' is '10,000 yuan'."""
    return UNITS.get(str(code), spaced(code))


def reason(code: Any) -> str:
    """Why a cell is in quarantine."""
    return REASONS.get(str(code), spaced(code))


def convention(code: Any) -> str:
    """The small-sample convention of standard errors; a description is left as it is."""
    return CONVENTIONS.get(str(code), str(code))


def peers(group: Any) -> str:
    """A peer group: 'east, large_2' is 'East, large city II'."""
    parts = [SIZES.get(part, spaced(part)) for part in str(group).split(", ")]
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def column(code: Any) -> str:
    """A column of the panel."""
    return COLUMNS.get(str(code), spaced(code))
