"""Keys of tables of regressions in a study file.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`), the
equations that they spell out (`equations`).
"""

from typing import Annotated

from pydantic import Field

from analysis.study.errors import Errors
from analysis.study.keys import (
    Controls,
    Effects,
    Filters,
    Identifier,
    Name,
    Published,
    Split,
    Strict,
    Text,
    at_least,
)


class DrawnTests(Strict):
    """Tests of differences between groups by drawing: labels permuted over cities, cities resampled in them."""

    draws: Annotated[int, at_least(99)] = 999
    seed: Annotated[int, at_least(0)]


class RegressionColumn(Strict):
    """One equation of a table, or one per group of a split.

    `outcome` is a variable that is explained instead of the table's outcome. `errors` stand under its
    coefficients beside that of the study, instead of those of the table. `drawn_tests` are of a split alone.
    """

    id: Identifier
    published_column: int | None = None
    label: Text
    outcome: Name | None = None
    regressors: Annotated[tuple[Name, ...], Field(strict=False, min_length=1)]
    controls: Controls
    effects: Effects
    sample: Filters = ()
    split: Split | None = None
    drawn_tests: DrawnTests | None = None
    errors: Errors | None = None


class RegressionTable(Strict):
    """A table of regressions.

    `outcome` is a variable that its columns explain instead of the study's outcome. `errors` are further ones
    of all its columns that have none of their own.
    """

    id: Identifier
    title: Text
    outcome: Name | None = None
    published: Published | None = None
    errors: Errors | None = None
    columns: Annotated[tuple[RegressionColumn, ...], Field(strict=False, min_length=1)]
