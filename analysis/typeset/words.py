"""Codes of the warehouse in words: units, reasons, conventions, columns.

Belongs here: how a code that a reader meets in the page is said. Does not belong here: numbers
(`numbers`), sentences about a table (its own module), names that the warehouse itself has.
A code without words here is shown with spaces for its underscores, never left out.
"""

from collections.abc import Mapping
from typing import Any, Final

from analysis.typeset.numbers import MISSING, is_missing
from analysis.typeset.texts import N_, _

UNITS: Final[Mapping[str, str]] = {
    "10_000_yuan": N_("10,000 yuan"),
    "100_million_yuan": N_("100 million yuan"),
    "10_000_persons": N_("10,000 persons"),
    "10_000_households": N_("10,000 households"),
    "1000_copies": N_("1,000 copies"),
    "10_000_m2": N_("10,000 m²"),
    "km2": N_("km²"),
    "m2_per_person": N_("m² per person"),
    "persons_per_km2": N_("persons per km²"),
    "per_1000_persons": N_("per 1,000 persons"),
    "per_10_000_persons": N_("per 10,000 persons"),
    "per_100_000_persons": N_("per 100,000 persons"),
    "units_per_10_000_persons": N_("units per 10,000 persons"),
    "percent": N_("per cent"),
    "per_mille": N_("per mille"),
    "million_usd": N_("million US dollars"),
    "previous_year_100": N_("year before = 100"),
    "base_year_1": N_("base year = 1"),
}

REASONS: Final[Mapping[str, str]] = {
    "unknown_heading": N_("no mapping knows the column"),
    "no_unit": N_("no unit in the heading, above the table or in the mapping"),
    "no_city": N_("a figure in a row that names no city"),
    "unknown_unit": N_("a unit that is unknown, or measures something else"),
    "text_in_number_cell": N_("neither a number nor a missing mark"),
    "ragged_row": N_("a row with more fields than its heading"),
    "withdrawn": N_("struck through or hidden on the page"),
    "no_statistic_year": N_("nothing says which year it is"),
    "part_of_a_year": N_("some months of a year"),
    "year_contradicted": N_("the page says different years"),
    "edition_contradicted": N_("the path says different editions"),
    "scope_contradicted": N_("the page says different scopes"),
    "unit_contradicted": N_("the page says different units"),
    "no_scope": N_("nothing says which scope it is"),
    "unknown_scope": N_("a scope that no word knows"),
    "open_heading": N_("an upper heading that may or may not hold for it"),
    "other_measure": N_("a share, growth, a value per head or at other prices"),
    "unknown_key": N_("a key that no mapping knows stands beside it"),
    "two_names": N_("the name of a part of the city stands beside it"),
    "not_yet_a_city": N_("the name was a county-level city's in that year"),
    "impossible_value": N_("outside the bounds of the indicator"),
    "conflict_in_sheet": N_("the same city and year twice in a sheet, with other figures"),
    "city_twice_in_sheet": N_("the same city under two names in a sheet, with other figures"),
    "conflict_in_edition": N_("two pages of an edition contradict each other"),
    "outvoted": N_("other sources outvote it"),
    "unknown_city": N_("a name that is no city's"),
    "ambiguous_city": N_("a name that fits two places"),
    "code_and_name_disagree": N_("code and name belong to different places"),
    "name_and_province_disagree": N_("the place is not in the province beside it"),
    "city_not_in_existence": N_("no city of that name in that year"),
}

CONVENTIONS: Final[Mapping[str, str]] = {
    "fixest": N_("small-sample factor of R's fixest, G/(G−1) · (N−1)/(N−K)"),
    "reghdfe": N_("small-sample factor of Stata's reghdfe, G/(G−1) · (N−1)/(N−K)"),
    "stata_areg": N_("small-sample factor of Stata's areg, G/(G−1) · (N−1)/(N−K)"),
    "linearmodels": N_("small-sample factor of linearmodels, N/(N−K)"),
    "uncorrected": N_("no small-sample factor"),
}
"""G clusters, N observations, K parameters counted: docs/decisions/0003-degrees-of-freedom.md."""

COLUMNS: Final[Mapping[str, str]] = {
    "city_code": N_("city"),
    "province_code": N_("province"),
    "is_large_city": N_("size (large: a million residents of the city districts or more)"),
    "is_municipality": N_("being a municipality"),
    "is_provincial_capital": N_("being a provincial capital"),
    "population_resident": N_("residents"),
}
"""Columns of the panel that a note names and that have no label of their own."""


SIZES: Final[Mapping[str, str]] = {
    "small_2": N_("small city II"),
    "small_1": N_("small city I"),
    "medium": N_("medium city"),
    "large_2": N_("large city II"),
    "large_1": N_("large city I"),
    "very_large": N_("very large city"),
    "super": N_("super city"),
}
"""Size classes of the State Council (2014)."""


REGIONS: Final[Mapping[str, str]] = {
    "east": N_("east"),
    "central": N_("central"),
    "west": N_("west"),
    "northeast": N_("northeast"),
}


def spaced(code: Any) -> str:
    """A code with spaces for its underscores; a dash where missing."""
    return MISSING if is_missing(code) else str(code).replace("_", " ")


def listed(codes: Any) -> str:
    """Codes joined by + as a list: 'health_staff+hospital_beds' is 'health staff, hospital beds'."""
    return spaced(codes).replace("+", ", ")


def unit(code: Any) -> str:
    """A unit as it is written: '10_000_yuan' is '10,000 yuan'."""
    return _(UNITS.get(str(code), "")) or spaced(code)


def reason(code: Any) -> str:
    """Why a cell is in quarantine."""
    return _(REASONS.get(str(code), "")) or spaced(code)


def convention(code: Any) -> str:
    """The small-sample convention of standard errors; a description is left as it is."""
    return _(CONVENTIONS.get(str(code), "")) or str(code)


def peers(group: Any) -> str:
    """A peer group: 'east, large_2' is 'East, large city II'."""
    known = {**SIZES, **REGIONS}
    parts = [_(known.get(part, "")) or spaced(part) for part in str(group).split(", ")]
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def column(code: Any) -> str:
    """A column of the panel."""
    return _(COLUMNS.get(str(code), "")) or spaced(code)
