"""Keys of sensitivity analyses in a study file.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`).
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from analysis.study.keys import EventWindow, Identifier, OneEquation, Text

EventStudyEstimator = Literal["two_way", "group_time", "sun_abraham"]
ALL: tuple[EventStudyEstimator, ...] = ("two_way", "group_time", "sun_abraham")


def _bounds(values: tuple[float, ...]) -> tuple[float, ...]:
    if any(not value >= 0 for value in values) or list(values) != sorted(set(values)):
        raise PydanticCustomError("expected", "bounds of 0 or more, ascending, each once")
    return values


Bounds = Annotated[tuple[float, ...], Field(strict=False, min_length=1), AfterValidator(_bounds)]


class Sensitivity(OneEquation):
    """How far trends may differ after the policy before its effect can't be told from 0.

    Event times of `window` are used; those beyond have effects of their own in the two-way regression, or no
    part in the other estimators. `relative` has bounds on changes of the difference in trends after the
    policy, as multiples of the largest one before it; `smoothness` bounds on how much its slope changes from
    one year to the next, in units of the outcome. Without it there are six steps up to the largest change of
    slope that the years before allow. `estimators` are those of the room of staggered adoption that tell
    effects before the policy.
    """

    id: Identifier
    title: Text
    estimators: Annotated[tuple[EventStudyEstimator, ...], Field(strict=False, min_length=1)] = ALL
    window: EventWindow
    relative: Bounds = (0.0, 0.5, 1.0, 1.5, 2.0)
    smoothness: Bounds | None = None
