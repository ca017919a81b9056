"""Keys of specification curves in a study file.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`), the
specifications that they spell out (`equations`).
"""

from typing import Annotated, Literal

from pydantic import Field

from analysis.study.keys import (
    Effects,
    Filters,
    Identifier,
    Name,
    OneEquation,
    Strict,
    Text,
    at_least,
)


class SampleChoice(Strict):
    """Rows that a specification may take: `sample` has conditions beside those of the column."""

    id: Identifier
    label: Text
    sample: Filters


class RuleChoice(Strict):
    """Another rule of the policy that a specification may take."""

    id: Identifier
    label: Text
    coverage: Literal["whole", "any_part"] | None = None
    timing: Literal["pilot_year", "announcement_year"] | None = None


class SpecificationCurve(OneEquation):
    """The policy's effect in every combination of choices, beside the column's own.

    `outcomes` are explained instead of the column's; `control_sets` are all subsets of its controls (each), all,
    none and all but one (leave_one_out), or its own alone (declared); `effect_sets`, `samples`, `rules` and
    `clusters` stand beside its own. All sets of controls take the same rows. More than `most` combinations are
    refused. `draws` and `seed` are of the permutations of first treated years over cities.
    """

    id: Identifier
    title: Text
    outcomes: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    control_sets: Literal["each", "leave_one_out", "declared"] = "each"
    effect_sets: Annotated[tuple[Effects, ...], Field(strict=False)] = ()
    samples: Annotated[tuple[SampleChoice, ...], Field(strict=False)] = ()
    rules: Annotated[tuple[RuleChoice, ...], Field(strict=False)] = ()
    clusters: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    most: Annotated[int, at_least(1)] = 2000
    draws: Annotated[int, at_least(99)] = 499
    seed: Annotated[int, at_least(0)]
