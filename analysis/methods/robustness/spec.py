"""Keys of robustness tables in a study file: a column of the study, and what is done otherwise.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`), the
equations that they spell out (`equations`).
"""

from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from analysis.study.errors import Errors
from analysis.study.keys import (
    Controls,
    Effects,
    Filters,
    Identifier,
    Name,
    Published,
    Share,
    Strict,
    Text,
    at_least,
)

ABOUT = ("id", "label", "published_column")
"""Keys of a variation that change nothing of the equation."""


class Variation(Strict):
    """One thing done otherwise than in the column that is varied; all else stays as it is there.

    `sample` adds conditions on rows. `add` puts variables or policies beside the controls, `controls`
    takes others, `outcome` explains another variable, `effects` has other effects, `year_by` is a column
    whose values have year effects of their own, `city_trends` gives each city a linear trend, `cluster` is
    another column of clusters. `winsorise` sets the outcome and the controls beyond the quantiles of
    this share at either end to the quantile, of all rows of the column's sample together;
    `lag_controls` takes controls from so many years before. `coverage` and `timing` are another rule of
    the policy; `leave_out` has years since the first treated year (0 is that year) whose rows are left
    out. `without_suspect` leaves out rows of which a value rests on a figure that fails a check.
    """

    id: Identifier
    label: Text
    published_column: int | None = None
    sample: Filters = ()
    add: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    controls: Controls | None = None
    outcome: Name | None = None
    effects: Effects | None = None
    year_by: Text | None = None
    city_trends: bool = False
    cluster: Text | None = None
    winsorise: Share | None = None
    lag_controls: Annotated[int, at_least(1)] | None = None
    coverage: Literal["whole", "any_part"] | None = None
    timing: Literal["pilot_year", "announcement_year"] | None = None
    leave_out: Annotated[tuple[int, ...], Field(strict=False)] = ()
    without_suspect: bool = False

    @property
    def changes(self) -> tuple[str, ...]:
        """Keys that say what is done otherwise."""
        fields = type(self).model_fields
        return tuple(
            name
            for name in fields
            if name not in ABOUT and getattr(self, name) != fields[name].default
        )

    def model_post_init(self, _context: object) -> None:
        """Refuse a variation that does nothing otherwise."""
        if not self.changes:
            keys = ", ".join(name for name in type(self).model_fields if name not in ABOUT)
            raise PydanticCustomError("expected", f"what is done otherwise: one of {keys}")


class Robustness(Strict):
    """A column of the study, `column: design.column`, estimated again in each variation.

    `errors` are further ones of the policy in each.
    """

    id: Identifier
    title: Text
    column: Text
    published: Published | None = None
    errors: Errors | None = None
    variations: Annotated[tuple[Variation, ...], Field(strict=False, min_length=1)]
