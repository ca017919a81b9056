"""Keys of placebos in a study file.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`).
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from analysis.study.keys import Identifier, OneEquation, Text, at_least


def _earlier(value: tuple[int, ...]) -> tuple[int, ...]:
    if any(years < 1 for years in value) or len(set(value)) < len(value):
        raise PydanticCustomError("expected", "numbers of years, 1 or more, each once")
    return value


class Placebo(OneEquation):
    """The policy's treatment drawn at random over cities, and the equation estimated each time.

    `scheme`: "cities" permutes the first treated years over all cities, "timing" over the treated
    ones; `within` names a column of the panel (province, region) within whose values it is done, by
    the city's value in the study's first year with one. `moved` lists by how many years the policy
    is said to have begun earlier, on rows that it hadn't reached. `draws` and `seed` are of the
    permutations.
    """

    id: Identifier
    title: Text
    scheme: Literal["cities", "timing"] = "cities"
    within: Text | None = None
    moved: Annotated[tuple[int, ...], Field(strict=False), AfterValidator(_earlier)] = ()
    draws: Annotated[int, at_least(100, ": a p value of 0.01 needs them")]
    seed: Annotated[int, at_least(0)]
