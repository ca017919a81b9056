"""Keys of designs that set estimators for staggered adoption side by side.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`).
"""

from typing import Annotated, Literal

from pydantic import Field

from analysis.study.keys import EventWindow, Identifier, OneEquation, Text, at_least

Estimator = Literal[
    "two_way", "group_time", "sun_abraham", "imputation", "local_projections", "stacked"
]
ALL: tuple[Estimator, ...] = (
    "two_way", "group_time", "sun_abraham", "imputation", "local_projections", "stacked",
)  # fmt: skip


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
    window: EventWindow
    stacked_window: EventWindow = (-3, 3)
    compare_with: Literal["never", "not_yet"] = "not_yet"
    seed: Annotated[int, at_least(0)]
