"""Keys of event studies in a study file.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`).
"""

from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from analysis.study.errors import Errors
from analysis.study.keys import EventWindow, Identifier, OneEquation, Text, at_least


class EventStudy(OneEquation):
    """The policy's effect by years since its first treated year, leads and lags in one regression.

    `window` has the first and last event time; `ends` says whether those beyond count as its ends
    ("bin") or their rows are left out ("leave_out"). The effect in the event times `base` is 0 by
    definition. `seed` is of the simulated critical value of the band that covers all at once. `errors` are further
    ones of each event time.
    """

    id: Identifier
    title: Text
    window: EventWindow
    base: Annotated[tuple[int, ...], Field(strict=False, min_length=1)] = (-1,)
    ends: Literal["bin", "leave_out"] = "bin"
    seed: Annotated[int, at_least(0)]
    errors: Errors | None = None

    def model_post_init(self, _context: object) -> None:
        """Refuse a base beyond the window."""
        super().model_post_init(_context)
        first, last = self.window
        if not all(first <= k <= last for k in self.base):
            raise PydanticCustomError(
                "expected", f"base: event times within the window, {first} to {last}"
            )
