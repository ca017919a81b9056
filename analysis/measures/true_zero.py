"""Which figures have a true zero: a measure that divides one by another, or takes a logarithm, needs it.

Belongs here: the scale of measurement of indicators and scores (Stevens 1946: ratio or interval), found by
their lineage in the seeds. Does not belong here: what is done about it (`efficiency.declared`,
`inequality_study`).

An amount, a count, a price and a share are zero where there is nothing: twice as much means something. A score
made by scaling to a range is zero for the lowest city that happened to be there; shift the zero and every ratio
is another.
"""

from collections.abc import Mapping

import pandas as pd

SCORE_UNITS = frozenset({"score", "index_points"})
"""Units of indicators that somebody scaled: their zero is a choice."""

SCALED = "scaled scores: zero is the lowest city-year that happened to be there"
"""What is said of indices and their dimensions."""


def without_true_zero(
    indicators: pd.DataFrame,
    derived: pd.DataFrame,
    relative: pd.DataFrame,
    deflated: pd.DataFrame,
) -> dict[str, str]:
    """Codes of the indicators whose zero doesn't mean none, each with the reason in words.

    The frames are the seeds `indicator`, `derived_term`, `relative_indicator` and `deflated_indicator`. A printed
    indicator has no true zero if its unit is a score's, or if it may be negative (`valid_min` below zero or not
    said); a made one if any of its terms has none, or if terms are subtracted.
    """
    found: dict[str, str] = {}
    for row in indicators.to_dict("records"):
        code = str(row["indicator_code"])
        if row["kind"] != "printed":
            continue
        if row["unit"] in SCORE_UNITS:
            found[code] = f"its unit is {row['unit']}, whose zero is a choice"
        elif pd.isna(row["valid_min"]) or float(row["valid_min"]) < 0:
            found[code] = "it may be negative"
    for row in derived.to_dict("records"):
        if float(row["coefficient"]) < 0:
            found.setdefault(str(row["indicator_code"]), "it is a difference")
    made_of = [
        *_pairs(derived, "input_indicator_code"),
        *_pairs(relative, "base_indicator_code"),
        *_pairs(deflated, "nominal_indicator_code"),
    ]
    while True:
        more = {
            code: f"it is made of {of}, which has none"
            for code, of in made_of
            if of in found and code not in found
        }
        if not more:
            return found
        found |= more


def _pairs(seed: pd.DataFrame, column: str) -> list[tuple[str, str]]:
    return [(str(r["indicator_code"]), str(r[column])) for r in seed.to_dict("records")]


def why_no_zero(kind: str, code: str, reasons: Mapping[str, str]) -> str | None:
    """Why an `indicator`, `index` or `dimension` has no true zero, or None where it has one."""
    return SCALED if kind in ("index", "dimension") else reasons.get(code)
