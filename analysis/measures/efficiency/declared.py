"""Efficiency models, their variants and terms, as the seeds declare them.

Belongs here: reading the seeds efficiency_variant and efficiency_term, and refusing what doesn't fit
together. Does not belong here: values (`units`), measuring (`analysis.measures.efficiency_study`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.measures.efficiency.additive import RANGES
from analysis.measures.efficiency.data import RETURNS, EfficiencyError, require
from analysis.measures.true_zero import why_no_zero

METHODS = ("radial", "super_radial", "scale", "sbm", "super_sbm", *RANGES, "malmquist")
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


def roles_with_ratios(method: str, orientation: str, returns: str) -> tuple[str, ...]:
    """Roles whose terms a method divides or multiplies, so that they need a true zero.

    Under variable returns the weights sum to one, and a shift of a variable shifts both sides of its constraint
    (Ali and Seiford 1990): only what the score divides by matters. Under every other returns all do.
    """
    if method in RANGES:
        return ()
    if returns == "vrs" and orientation == "input":
        return ("input",)
    if returns == "vrs" and orientation == "output":
        return ("output", "undesirable")
    return ROLES


def terms_without_zero(
    model: str, terms: pd.DataFrame, reasons: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Terms of a model that have no true zero: role, and why in words; see `true_zero`."""
    found = {}
    for row in terms[terms["model_id"] == model].to_dict("records"):
        why = why_no_zero(str(row.get("kind", "indicator")), str(row["code"]), reasons)
        if why is not None:
            part = "" if pd.isna(row["dimension"]) else f" {row['dimension']}"
            found[str(row["term"])] = (str(row["role"]), f"{row['code']}{part}: {why}")
    return found


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
    model: str,
    variants: pd.DataFrame,
    declared: dict[str, list[str]],
    no_zero: Mapping[str, tuple[str, str]],
) -> list[Variant]:
    """Variants of a model, in the order of the seed; `declared` are its terms by role.

    `no_zero` are the terms without a true zero (`terms_without_zero`): a variant that would take ratios of one
    is refused.
    """
    found: list[Variant] = []
    for row in variants[variants["model_id"] == model].to_dict("records"):
        where = f"seed efficiency_variant: model {model}, variant {row['variant']}: "

        def ask(column: str, allowed: tuple[str, ...], row: Any = row, where: str = where) -> str:
            value = "" if pd.isna(row[column]) else str(row[column])
            require(value, allowed, where + column)
            return value

        method = ask("method", METHODS)
        has_returns = method not in ("scale", "malmquist")
        free = method in ("sbm", "super_sbm", *RANGES)
        if declared["undesirable"] and not free:
            raise EfficiencyError(
                f"{where}method {method!r} takes no undesirable outputs; use sbm or super_sbm, or"
                " make them inputs in efficiency_term"
            )
        found.append(
            Variant(
                variant=str(row["variant"]),
                method=method,
                orientation=ask("orientation", _orientations(method)),
                returns=ask(
                    "returns", ("vrs",) if method in RANGES else RETURNS if has_returns else ("",)
                ),
                frontier=ask("frontier", ("pooled", "per_year")),
                keeps_detail=bool(row["keeps_detail"]),
            )
        )
        _require_zeros(where, found[-1], no_zero)
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


def _orientations(method: str) -> tuple[str, ...]:
    if method in RANGES:
        return ("none",)
    return ("none", "input", "output") if method.endswith("sbm") else ("input", "output")


def _require_zeros(where: str, variant: Variant, no_zero: Mapping[str, tuple[str, str]]) -> None:
    """Raise EfficiencyError if the variant takes ratios of a term without a true zero."""
    needed = roles_with_ratios(variant.method, variant.orientation, variant.returns)
    at_fault = {term: why for term, (role, why) in no_zero.items() if role in needed}
    if at_fault:
        term, why = next(iter(at_fault.items()))
        more = f" (and {len(at_fault) - 1} terms more)" if len(at_fault) > 1 else ""
        raise EfficiencyError(
            f"{where}method {variant.method!r} takes ratios of each {' and '.join(needed)}, and term"
            f" {term!r} has no true zero{more}: {why}. Give the term an indicator in natural units in"
            " efficiency_term, or the variant a method that no shift changes: ram or bam, or radial"
            " with variable returns, seen from the side whose terms have a zero"
        )


def absent_terms(model: str, terms: pd.DataFrame, values: pd.DataFrame) -> list[str]:
    """Terms of a model without a value anywhere, with what they are made of."""
    present = set(values.loc[values["value"].notna(), "term"])
    return [
        f"{row['term']} ({' '.join(str(row[c]) for c in ('code', 'dimension') if pd.notna(row[c]))})"
        for row in terms[terms["model_id"] == model].to_dict("records")
        if row["term"] not in present
    ]
