"""Keys of panel threshold models in a study file.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`), what is
estimated (`numbers`).
"""

from typing import Annotated, Literal

from pydantic import Field

from analysis.study.keys import Controls, Identifier, Name, Share, Strict, Text, at_least


class CandidateGrid(Strict):
    """Which values of the threshold variable a search may choose; `analysis.methods.threshold.numbers.Grid`.

    `trim` is the smallest share of rows in a regime, `min_active` the smallest number of cities
    with a row in it where the regressor isn't 0.
    """

    rule: Literal["all", "quantile", "hansen", "xthreg"]
    points: Annotated[int, at_least(2)]
    trim: Share
    min_active: Annotated[int, at_least(1)] = 10


class BootstrapScheme(Strict):
    """One bootstrap of the tests; the threshold method says what the words mean (`bootstrap_tests`)."""

    scheme: Literal["hansen", "xthreg"]
    resample: Literal["unit", "wild"]


class PublishedThresholds(Strict):
    """The printed tables of tests and of slopes that a threshold model stands against."""

    paper_id: Name
    tests_table: int
    slopes_table: int


class ThresholdDesign(Strict):
    """A panel threshold model: the slope of `regressor` changes with the regime of `variable`.

    Without a `regressor` it is the study's treatment. `convention` says which rows and degrees of
    freedom (`analysis.methods.threshold.numbers.prepare_panel`).
    """

    id: Identifier
    title: Text
    variable: Name
    regressor: Name | None = None
    controls: Controls
    year_effects: bool
    at_most: Annotated[int, at_least(1)]
    convention: Literal["hansen", "xthreg"]
    grid: CandidateGrid
    schemes: Annotated[tuple[BootstrapScheme, ...], Field(strict=False, min_length=1)]
    draws: Annotated[int, at_least(100, ": the 1 % critical value needs them")]
    seed: Annotated[int, at_least(0)]
    published: PublishedThresholds | None = None

    @property
    def effects(self) -> tuple[Literal["city", "year"], ...]:
        """Fixed effects of the model."""
        return ("city", "year") if self.year_effects else ("city",)
