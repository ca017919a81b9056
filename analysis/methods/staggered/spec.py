"""Keys of designs that set estimators for staggered adoption side by side.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`).
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from analysis.study.keys import Identifier, OneEquation, Text, at_least

Estimator = Literal[
    "two_way", "group_time", "sun_abraham", "imputation", "local_projections", "stacked"
]
ALL: tuple[Estimator, ...] = (
    "two_way", "group_time", "sun_abraham", "imputation", "local_projections", "stacked",
)  # fmt: skip


def _window(value: object) -> object:
    ends = tuple(value) if isinstance(value, list | tuple) else ()
    whole = [end for end in ends if isinstance(end, int) and not isinstance(end, bool)]
    if len(ends) != 2 or len(whole) != 2 or not whole[0] < 0 <= whole[1]:
        raise PydanticCustomError(
            "expected", "the first event time, below 0, and the last, 0 or more, such as [-5, 8]"
        )
    return ends


class Staggered(OneEquation):
    """The policy's effect by estimators that stay right where effects differ between cohorts and years.

    `window` has the first and last event time that is told; the stacked estimator compares within
    `stacked_window`, which must fit into the panel. `compare_with` says whether the group-time estimator
    compares with cities never treated or not yet treated. `seed` is of the simulated band that
    covers all event times at once.
    """

    id: Identifier
    title: Text
    estimators: Annotated[tuple[Estimator, ...], Field(strict=False, min_length=1)] = ALL
    window: Annotated[tuple[int, int], BeforeValidator(_window)]
    stacked_window: Annotated[tuple[int, int], BeforeValidator(_window)] = (-3, 3)
    compare_with: Literal["never", "not_yet"] = "not_yet"
    seed: Annotated[int, at_least(0)]
