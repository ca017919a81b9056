"""Efficiency models, their variants and terms, as the seeds declare them.

Belongs here: reading the seeds efficiency_variant and efficiency_term, and refusing what doesn't fit
together. Does not belong here: values (`units`), measuring (`analysis.measures.efficiency_study`).
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.measures.efficiency.data import RETURNS, EfficiencyError, require

METHODS = ("radial", "super_radial", "scale", "sbm", "super_sbm", "malmquist")
ROLES = ("input", "output", "undesirable")


@dataclass(frozen=True)
class Variant:
    """One row of the seed efficiency_variant, checked."""

    variant: str
    method: str
    orientation: str
    returns: str
    frontier: str
    keeps_detail: bool


def roles_of(model: str, terms: pd.DataFrame) -> dict[str, list[str]]:
    """Terms of a model by role, in the order of the seed."""
    mine = terms[terms["model_id"] == model]
    stray = sorted(set(mine["role"]) - set(ROLES))
    if stray:
        raise EfficiencyError(
            f"seed efficiency_term: model {model}: role {stray[0]!r}: choose one of"
            f" {', '.join(ROLES)}"
        )
    twice = mine.loc[mine["term"].duplicated(), "term"]
    if len(twice):
        raise EfficiencyError(
            f"seed efficiency_term: model {model}: term {twice.iloc[0]!r} is there twice; give"
            " each its own name"
        )
    found = {role: [str(term) for term in mine.loc[mine["role"] == role, "term"]] for role in ROLES}
    for role in ("input", "output"):
        if not found[role]:
            raise EfficiencyError(
                f"seed efficiency_term: model {model} has no {role}; a frontier needs inputs and"
                " outputs"
            )
    return found


def variants_of(
    model: str, variants: pd.DataFrame, declared: dict[str, list[str]]
) -> list[Variant]:
    """Variants of a model, in the order of the seed; `declared` are its terms by role."""
    found = []
    for row in variants[variants["model_id"] == model].to_dict("records"):
        where = f"seed efficiency_variant: model {model}, variant {row['variant']}: "

        def ask(column: str, allowed: tuple[str, ...], row: Any = row, where: str = where) -> str:
            value = "" if pd.isna(row[column]) else str(row[column])
            require(value, allowed, where + column)
            return value

        method = ask("method", METHODS)
        has_returns = method not in ("scale", "malmquist")
        sbm = method in ("sbm", "super_sbm")
        if declared["undesirable"] and not sbm:
            raise EfficiencyError(
                f"{where}method {method!r} takes no undesirable outputs; use sbm or super_sbm, or"
                " make them inputs in efficiency_term"
            )
        found.append(
            Variant(
                variant=str(row["variant"]),
                method=method,
                orientation=ask(
                    "orientation", ("none", "input", "output") if sbm else ("input", "output")
                ),
                returns=ask("returns", RETURNS if has_returns else ("",)),
                frontier=ask("frontier", ("pooled", "per_year")),
                keeps_detail=bool(row["keeps_detail"]),
            )
        )
        if found[-1].keeps_detail and not has_returns:
            raise EfficiencyError(
                f"{where}method {method!r} has no peers and targets of its own: keeps_detail must"
                " be false"
            )
    names = [variant.variant for variant in found]
    for name in names:
        if names.count(name) > 1:
            raise EfficiencyError(
                f"seed efficiency_variant: model {model} has variant {name!r} twice; rename one"
            )
    return found


def absent_terms(model: str, terms: pd.DataFrame, values: pd.DataFrame) -> list[str]:
    """Terms of a model without a value anywhere, with what they are made of."""
    present = set(values.loc[values["value"].notna(), "term"])
    return [
        f"{row['term']} ({' '.join(str(row[c]) for c in ('code', 'dimension') if pd.notna(row[c]))})"
        for row in terms[terms["model_id"] == model].to_dict("records")
        if row["term"] not in present
    ]
