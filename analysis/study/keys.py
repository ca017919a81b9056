"""Kinds of keys that a study and the methods share: names, numbers, filters, groups of cities.

Belongs here: types of keys with their messages, and the small blocks that designs of several methods
have. Does not belong here: the study (`spec`), the keys of one method (its room's `spec`).
"""

import math
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Balance = Literal["require", "drop_incomplete_units", "allow"]


def _finite_nonzero(value: float) -> float:
    if value == 0 or not math.isfinite(value):
        raise PydanticCustomError("expected", "a finite number other than 0")
    return value


def _controls(value: object) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise PydanticCustomError(
        "expected", "true (all controls of the study), false, or a list of variable names"
    )


def _years(value: object) -> object:
    years = tuple(value) if isinstance(value, list | tuple) else ()
    whole = [year for year in years if isinstance(year, int) and not isinstance(year, bool)]
    if len(years) != 2 or len(whole) != 2 or whole[0] > whole[1]:
        raise PydanticCustomError("expected", "the first and the last year, such as [2009, 2022]")
    return years


def _share(value: float) -> float:
    if not 0 < value < 0.5:
        raise PydanticCustomError("expected", "a share between 0 and 0.5")
    return value


def at_least(least: int, why: str = "") -> AfterValidator:
    """A whole number of at least `least`; `why` follows in the message."""

    def check(value: int) -> int:
        if value < least:
            raise PydanticCustomError("expected", f"{least} or more{why}")
        return value

    return AfterValidator(check)


def _scalar(value: object) -> object:
    if isinstance(value, bool | int | float | str):
        return value
    raise PydanticCustomError("expected", "text, a number, true or false")


def _ratio(value: object) -> object:
    if isinstance(value, list | tuple) and len(value) == 2:
        return tuple(value)
    raise PydanticCustomError("expected", "two columns: [numerator, denominator]")


def _product(value: object) -> object:
    if isinstance(value, list | tuple) and len(value) == 2 and value[0] != value[1]:
        return tuple(value)
    raise PydanticCustomError("expected", "two names of the study: [policy or variable, variable]")


Controls = Annotated[bool | tuple[Name, ...], BeforeValidator(_controls)]
"""All controls of the study, none, or some."""
Effects = Annotated[tuple[Literal["city", "year"], ...], Field(strict=False)]
Ratio = Annotated[tuple[Text, Text], BeforeValidator(_ratio)]
Product = Annotated[tuple[Name, Name], BeforeValidator(_product)]
Years = Annotated[tuple[int, int], BeforeValidator(_years)]
Share = Annotated[float, AfterValidator(_share)]
Scale = Annotated[float, AfterValidator(_finite_nonzero)]
Scalar = Annotated[bool | int | float | str, BeforeValidator(_scalar)]


class Strict(BaseModel):
    """Unknown keys and wrong types are errors; nothing is converted or changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Filter(Strict):
    """Keeps the rows whose `column` meets one condition; a missing value meets none."""

    column: Text
    equals: Scalar | None = None
    one_of: Annotated[tuple[Scalar, ...], Field(strict=False)] | None = None
    none_of: Annotated[tuple[Scalar, ...], Field(strict=False)] | None = None
    at_least: float | None = None
    at_most: float | None = None

    def model_post_init(self, _context: object) -> None:
        """Refuse a filter with no condition, or several."""
        if len(self._given()) != 1:
            raise PydanticCustomError(
                "expected",
                "one condition: equals, one_of, none_of, at_least or at_most (write two filters "
                "for two conditions)",
            )

    def _given(self) -> list[str]:
        keys = ("equals", "one_of", "none_of", "at_least", "at_most")
        return [key for key in keys if getattr(self, key) is not None]

    @property
    def condition(self) -> tuple[str, Scalar | tuple[Scalar, ...]]:
        """The condition's key and its value."""
        key = self._given()[0]
        return key, getattr(self, key)


Filters = Annotated[tuple[Filter, ...], Field(strict=False)]


class Published(Strict):
    """The printed table that a table stands against."""

    paper_id: Name
    table_no: int


class SplitLevel(Strict):
    """A group of cities, and the column of the table that is estimated in it."""

    id: Identifier
    value: Scalar
    label: Text
    published_column: int | None = None


class Split(Strict):
    """Parts the cities into groups; the equation is estimated in each.

    Text and truth values part by `levels`, row by row, or all years of a city by its value in the
    year `as_of`. Numbers part `at` the median of the cities' means over the years `over`: the value
    "low" is a mean up to the median, "high" one above it. `over` and `as_of` keep the policy from
    moving cities between groups, if they name years before the first treatment.
    """

    by: Text
    as_of: int | None = None
    at: Literal["median"] | None = None
    over: Years | None = None
    levels: Annotated[tuple[SplitLevel, ...], Field(strict=False)]

    def model_post_init(self, _context: object) -> None:
        """Refuse fewer than two groups, a group that stands twice, and half a rule."""
        values = [level.value for level in self.levels]
        if len(values) < 2 or len(set(values)) < len(values):
            raise PydanticCustomError("expected", "two levels or more, each value once")
        if (self.at is None) != (self.over is None):
            raise PydanticCustomError(
                "expected", "at and over together: at: median, over: [first year, last year]"
            )
        if self.at is not None and (self.as_of is not None or set(values) != {"low", "high"}):
            raise PydanticCustomError(
                "expected", "the levels 'low' and 'high' where at is given, and no as_of"
            )


def _window(value: object) -> object:
    ends = tuple(value) if isinstance(value, list | tuple) else ()
    whole = [end for end in ends if isinstance(end, int) and not isinstance(end, bool)]
    if len(ends) != 2 or len(whole) != 2 or not whole[0] < 0 <= whole[1]:
        raise PydanticCustomError(
            "expected", "the first event time, below 0, and the last, 0 or more, such as [-5, 8]"
        )
    return ends


EventWindow = Annotated[tuple[int, int], BeforeValidator(_window)]
"""First event time, below 0, and the last, 0 or more."""


class OneEquation(Strict):
    """A design with one equation: spelt out, or a column of the study that it takes up by its name.

    `column` is `design.column` of a table of regressions or a variation. Without it `controls` and
    `effects` spell the equation out, and `outcome` is a variable that is explained instead of the
    study's outcome.
    """

    column: Text | None = None
    outcome: Name | None = None
    controls: Controls | None = None
    effects: Effects | None = None
    sample: Filters = ()

    def model_post_init(self, _context: object) -> None:
        """Refuse half an equation, and one beside a column."""
        own = [self.outcome, self.controls, self.effects, self.sample or None]
        if self.column is not None and any(each is not None for each in own):
            raise PydanticCustomError(
                "expected",
                "either column: design.column, which has them all, or outcome, controls, effects and"
                " sample",
            )
        if self.column is None and (self.controls is None or self.effects is None):
            raise PydanticCustomError(
                "expected", "controls and effects, or column: design.column that has both"
            )
