"""Keys of moderated effects in a study file.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`).
"""

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from analysis.study.errors import Errors
from analysis.study.keys import Identifier, Name, OneEquation, Text, Years, at_least

MOST_BINS = 10


def _trim(value: float) -> float:
    if not 0 <= value < 0.25:
        raise PydanticCustomError("expected", "a share from 0 to below 0.25")
    return value


def _bins(value: int) -> int:
    if not 2 <= value <= MOST_BINS:
        raise PydanticCustomError("expected", f"2 to {MOST_BINS} bins")
    return value


class Moderation(OneEquation):
    """The policy's effect over a variable that moves it: a line, and bins that check it.

    `moderator` is a variable of the study, `over` the years whose mean a city keeps (before the policy, so that
    it moves nobody); without them each year has its own value. `year_slopes` gives each year a slope on the
    moderator, as groups have year effects of their own; false: the moderator's own part is the same in all
    years. `bins` have as many rows each. Effects are shown at `points` values, from the quantile `trim` of the
    treated rows' moderator to that of 1 - trim. `draws` are those of the test that the bins lie on a line;
    `seed` is theirs and that of the simulated critical value of the band. `errors` are further ones of the effect
    at the mean, the slope, and the effects of the bins.
    """

    id: Identifier
    title: Text
    moderator: Name
    over: Years | None = None
    year_slopes: bool = True
    bins: Annotated[int, AfterValidator(_bins)] = 3
    points: Annotated[int, at_least(5)] = 41
    trim: Annotated[float, AfterValidator(_trim)] = 0.01
    draws: Annotated[int, at_least(99)] = 999
    seed: Annotated[int, at_least(0)]
    errors: Errors | None = None


__all__ = ["Moderation"]
