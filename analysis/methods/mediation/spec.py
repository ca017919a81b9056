"""Keys of mediations in a study file.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`), the
equations that they spell out (`equations`).
"""

from typing import Annotated

from pydantic import Field

from analysis.study.errors import Errors
from analysis.study.keys import (
    Controls,
    Effects,
    Identifier,
    Name,
    Published,
    Strict,
    Text,
    at_least,
)


class Mediation(Strict):
    """How much of the policy's effect runs through each mediator, by two regressions.

    It is printed as a table: (1) the outcome on the policy, then for each mediator the
    mediator on the policy and the outcome on both, controls and effects in all. The mediators in `joint` are
    taken together as well, in one equation of the outcome. `draws` and `seed` are of the bootstrap
    over clusters of the indirect effects. `errors` are further ones of the regressions; an indirect effect is a
    product of two coefficients and keeps its bootstrap.
    """

    id: Identifier
    title: Text
    mediators: Annotated[tuple[Name, ...], Field(strict=False, min_length=1)]
    joint: Annotated[tuple[Name, ...], Field(strict=False, min_length=2)] | None = None
    controls: Controls
    effects: Effects
    draws: Annotated[int, at_least(100, ": the ends of a 95 % interval need them")]
    seed: Annotated[int, at_least(0)]
    published: Published | None = None
    errors: Errors | None = None
