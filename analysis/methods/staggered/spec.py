"""Keys of designs that set estimators for staggered adoption side by side.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`).
"""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from analysis.methods.staggered.registry import LABELS
from analysis.study.keys import EventWindow, Identifier, OneEquation, Text, at_least

if TYPE_CHECKING:
    Estimator = str
else:
    Estimator = Literal[tuple(LABELS)]
ALL: tuple[Estimator, ...] = tuple(LABELS)


class Staggered(OneEquation):
    """The policy's effect by estimators that stay right where effects differ between cohorts and years.

    `window` has the first and last event time that is told; the stacked estimator compares within
    `stacked_window`, which must fit into the panel.

    Of the group-time estimator: `compare_with` says whether it compares with cities never treated or not yet
    treated, `adjust` how controls make them alike, `base` whether years before the policy are measured against
    the last of them or each against the one before it. `anticipation` says how many years ahead cities act on the
    policy: group-time, Sun-Abraham, imputation and two-stage effects leave these out, others stand aside.
    `draws` and `multiplier` are of the bootstrap, `seed` of whatever is simulated: the bands that cover all event
    times at once.

    `cohort_slopes` gives controls of the extended two-way effects slopes by cohort, as Wooldridge (2021) has them;
    without, by year and in treated cells alone.
    """

    id: Identifier
    title: Text
    estimators: Annotated[tuple[Estimator, ...], Field(strict=False, min_length=1)] = ALL
    window: EventWindow
    stacked_window: EventWindow = (-3, 3)
    compare_with: Literal["never", "not_yet"] = "not_yet"
    adjust: Literal["regression", "weighting", "doubly_robust"] = "regression"
    base: Literal["universal", "varying"] = "universal"
    anticipation: Annotated[int, at_least(0)] = 0
    draws: Annotated[int, at_least(200)] = 1000
    multiplier: Literal["mammen", "rademacher"] = "mammen"
    cohort_slopes: bool = True
    seed: Annotated[int, at_least(0)]
