"""Keys of event studies in a study file.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`).
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from analysis.study.keys import Identifier, OneEquation, Text, at_least


def _window(value: object) -> object:
    ends = tuple(value) if isinstance(value, list | tuple) else ()
    whole = [end for end in ends if isinstance(end, int) and not isinstance(end, bool)]
    if len(ends) != 2 or len(whole) != 2 or not whole[0] < 0 <= whole[1]:
        raise PydanticCustomError(
            "expected", "the first event time, below 0, and the last, 0 or more, such as [-5, 8]"
        )
    return ends


class EventStudy(OneEquation):
    """The policy's effect by years since its first treated year, leads and lags in one regression.

    `window` has the first and last event time; `ends` says whether those beyond count as its ends
    ("bin") or their rows are left out ("leave_out"). The effect in the event times `base` is 0 by
    definition. `seed` is of the simulated critical value of the band that covers all at once.
    """

    id: Identifier
    title: Text
    window: Annotated[tuple[int, int], BeforeValidator(_window)]
    base: Annotated[tuple[int, ...], Field(strict=False, min_length=1)] = (-1,)
    ends: Literal["bin", "leave_out"] = "bin"
    seed: Annotated[int, at_least(0)]

    def model_post_init(self, _context: object) -> None:
        """Refuse a base beyond the window."""
        super().model_post_init(_context)
        first, last = self.window
        if not all(first <= k <= last for k in self.base):
            raise PydanticCustomError(
                "expected", f"base: event times within the window, {first} to {last}"
            )
