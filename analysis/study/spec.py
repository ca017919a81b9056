"""The shape of a study: outcome, policy, panel, variables, tables and models, frozen.

Belongs here: keys, their types and meaning, the hash of a study. Does not belong here: rules
between keys (`rules`), YAML and messages for people (`loading`), the equations that keys spell out
(`equations`), columns that a panel has (`analysis.study.data`). A key is added when an estimator uses it,
not before, and has no value where it is left out: so old studies keep their hash.
"""

import hashlib
import json
import math
from collections.abc import Iterator
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

TREATMENT = "did"  # the exposure column that the policy adds to the panel: 1 once treated, else 0
CONSTANT = "constant"

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


def _at_least(least: int, why: str = "") -> AfterValidator:
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


Scale = Annotated[float, AfterValidator(_finite_nonzero)]
Scalar = Annotated[bool | int | float | str, BeforeValidator(_scalar)]


class _Strict(BaseModel):
    """Unknown keys and wrong types are errors; nothing is converted or changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Outcome(_Strict):
    """The variable to explain: a column of the panel, transformed, times `scale`."""

    column: Text
    transform: Literal["log", "log1p"] | None = None
    label: Text
    unit: Text
    scale: Scale = 1.0

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that it reads."""
        return (self.column,)


class Policy(_Strict):
    """Which policy treats a city, and from when.

    `coverage`: a city is treated if the roster names the whole of it, or any part of it.
    `timing`: from the pilot year as studies code it, or from the year of the announcement.
    """

    policy_id: Name
    label: Text
    coverage: Literal["whole", "any_part"]
    timing: Literal["pilot_year", "announcement_year"]


class Filter(_Strict):
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


class Panel(_Strict):
    """Rows of the study: units, periods, years and which units with gaps may stay.

    `balanced`: "require" stops at a unit that lacks a year or a value, "drop_incomplete_units"
    leaves such units out, "allow" leaves out single rows.
    """

    unit: Text
    time: Text
    years: Annotated[tuple[int, int], BeforeValidator(_years)]
    balanced: Balance
    restrict: Filters = ()


class Variable(_Strict):
    """A regressor, mediator or other outcome: a column or the ratio of two.

    It is transformed, times `scale`, then taken from `lag` years before.
    """

    column: Text | None = None
    ratio: Annotated[tuple[Text, Text], BeforeValidator(_ratio)] | None = None
    transform: Literal["none", "log", "log1p"] = "none"
    scale: Scale = 1.0
    lag: Annotated[int, _at_least(1)] | None = None
    label: Text
    unit: Text

    def model_post_init(self, _context: object) -> None:
        """Refuse a variable without a source or with two."""
        if (self.column is None) == (self.ratio is None):
            raise PydanticCustomError(
                "expected", "either column: name, or ratio: [numerator, denominator]"
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that it reads."""
        return self.ratio if self.ratio is not None else (str(self.column),)


class Published(_Strict):
    """The printed table that a table stands against."""

    paper_id: Name
    table_no: int


class SplitLevel(_Strict):
    """A group of cities, and the column of the table that is estimated in it."""

    id: Identifier
    value: Scalar
    label: Text
    published_column: int | None = None


class Split(_Strict):
    """Parts the cities into groups; the equation is estimated in each.

    Text and truth values part by `levels`, row by row, or all years of a city by its value in the
    year `as_of`. Numbers part `at` the median of the cities' means over the years `over`: the value
    "low" is a mean up to the median, "high" one above it. `over` and `as_of` keep the policy from
    moving cities between groups, if they name years before the first treatment.
    """

    by: Text
    as_of: int | None = None
    at: Literal["median"] | None = None
    over: Annotated[tuple[int, int], BeforeValidator(_years)] | None = None
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


class Column(_Strict):
    """One equation of a table, or one per group of a split.

    `outcome` is a variable that is explained instead of the table's outcome.
    """

    id: Identifier
    published_column: int | None = None
    label: Text
    outcome: Name | None = None
    regressors: Annotated[tuple[Name, ...], Field(strict=False, min_length=1)]
    controls: Annotated[bool | tuple[Name, ...], BeforeValidator(_controls)]
    effects: Annotated[tuple[Literal["city", "year"], ...], Field(strict=False)]
    sample: Filters = ()
    split: Split | None = None


class Table(_Strict):
    """A table of regressions.

    `outcome` is a variable that its columns explain instead of the study's outcome.
    """

    id: Identifier
    title: Text
    outcome: Name | None = None
    published: Published | None = None
    columns: Annotated[tuple[Column, ...], Field(strict=False, min_length=1)]


class Mediation(_Strict):
    """How much of the policy's effect runs through each mediator, by two regressions.

    It is printed as a table: (1) the outcome on did, then for each mediator the mediator on did and
    the outcome on did and the mediator, controls and effects in all. The mediators in `joint` are
    taken together as well, in one equation of the outcome. `draws` and `seed` are of the bootstrap
    over clusters of the indirect effects.
    """

    id: Identifier
    title: Text
    mediators: Annotated[tuple[Name, ...], Field(strict=False, min_length=1)]
    joint: Annotated[tuple[Name, ...], Field(strict=False, min_length=2)] | None = None
    controls: Annotated[bool | tuple[Name, ...], BeforeValidator(_controls)]
    effects: Annotated[tuple[Literal["city", "year"], ...], Field(strict=False)]
    draws: Annotated[int, _at_least(100, ": the ends of a 95 % interval need them")]
    seed: Annotated[int, _at_least(0)]
    published: Published | None = None


class CandidateGrid(_Strict):
    """Which values of the threshold variable a search may choose; `analysis.methods.threshold.numbers.Grid`.

    `trim` is the smallest share of rows in a regime, `min_active` the smallest number of rows in
    it where the regressor isn't 0.
    """

    rule: Literal["all", "quantile", "hansen", "xthreg"]
    points: Annotated[int, _at_least(2)]
    trim: Annotated[float, AfterValidator(_share)]
    min_active: Annotated[int, _at_least(1)] = 10


class BootstrapScheme(_Strict):
    """One bootstrap of the tests; the threshold method says what the words mean (`bootstrap_tests`)."""

    scheme: Literal["hansen", "xthreg"]
    resample: Literal["unit", "wild"]


class PublishedThresholds(_Strict):
    """The printed tables of tests and of slopes that a threshold model stands against."""

    paper_id: Name
    tests_table: int
    slopes_table: int


class ThresholdDesign(_Strict):
    """A panel threshold model: the slope of `regressor` changes with the regime of `variable`.

    `convention` says which rows and degrees of freedom (`analysis.methods.threshold.numbers.prepare_panel`).
    """

    id: Identifier
    title: Text
    variable: Name
    regressor: Name = TREATMENT
    controls: Annotated[bool | tuple[Name, ...], BeforeValidator(_controls)]
    year_effects: bool
    at_most: Annotated[int, _at_least(1)]
    convention: Literal["hansen", "xthreg"]
    grid: CandidateGrid
    schemes: Annotated[tuple[BootstrapScheme, ...], Field(strict=False, min_length=1)]
    draws: Annotated[int, _at_least(100, ": the 1 % critical value needs them")]
    seed: Annotated[int, _at_least(0)]
    published: PublishedThresholds | None = None

    @property
    def effects(self) -> tuple[Literal["city", "year"], ...]:
        """Fixed effects of the model."""
        return ("city", "year") if self.year_effects else ("city",)

    def as_table(self) -> Table:
        """The linear equation of the model, so that its rows are found as any table's are."""
        column = Column(
            id=self.id,
            label=self.title,
            regressors=(self.regressor, self.variable),
            controls=self.controls,
            effects=self.effects,
        )
        return Table(id=self.id, title=self.title, columns=(column,))


class Study(_Strict):
    """A study as data: validated, immutable, hashed."""

    id: Name
    title: Text
    outcome: Outcome
    policy: Policy
    panel: Panel
    variables: dict[Name, Variable]
    controls: Annotated[tuple[Name, ...], Field(strict=False)]
    cluster: Text
    tables: Annotated[tuple[Table, ...], Field(strict=False, min_length=1)]
    mediation: Annotated[tuple[Mediation, ...], Field(strict=False, min_length=1)] | None = None
    thresholds: Annotated[tuple[ThresholdDesign, ...], Field(strict=False, min_length=1)] | None = (
        None
    )

    @property
    def spec_hash(self) -> str:
        """SHA-256 of the study as canonical JSON.

        Keys are sorted and keys without a value left out, so that neither the order and comments
        of the file nor a later optional key changes the hash; any other change does.
        """
        spec = self.model_dump(mode="json", exclude_none=True)
        text = json.dumps(spec, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def controls_of(self, column: Column | Mediation | ThresholdDesign) -> tuple[str, ...]:
        """Names of the controls that a column or a model uses."""
        if isinstance(column.controls, bool):
            return self.controls if column.controls else ()
        return column.controls

    def label_of(self, term: str) -> str:
        """How to print a term: the treatment, a variable or the constant."""
        if term == TREATMENT:
            return self.policy.label
        return "Constant" if term == CONSTANT else self.variables[term].label

    def outcome_of(self, table: Table, column: Column) -> str:
        """Name of what a column explains: a variable, or the study's outcome by its column."""
        return column.outcome or table.outcome or self.outcome.column

    def outcome_label(self, name: str) -> str:
        """How to print what a column explains."""
        if name == self.outcome.column:
            return self.outcome.label
        return self.variables[name].label

    def columns_used(self) -> tuple[str, ...]:
        """Columns of the panel that the study reads, sorted."""
        used = {self.panel.unit, self.panel.time, self.cluster, self.outcome.column}
        used |= {item.column for item in self.panel.restrict}
        for table, column in self.columns():
            used |= {item.column for item in column.sample}
            used |= {column.split.by} if column.split is not None else set()
            outcome = self.outcome_of(table, column)
            others = (outcome,) if outcome in self.variables else ()
            for name in (*others, *column.regressors, *self.controls_of(column)):
                used |= self._columns_of(name)
        for design in self.mediation or ():
            for name in (TREATMENT, *design.mediators, *self.controls_of(design)):
                used |= self._columns_of(name)
        for model in self.thresholds or ():
            # did even where another regressor is studied: the threshold variable may respond to it.
            for name in (TREATMENT, model.regressor, model.variable, *self.controls_of(model)):
                used |= self._columns_of(name)
        return tuple(sorted(used))

    def _columns_of(self, name: str) -> set[str]:
        return {TREATMENT} if name == TREATMENT else set(self.variables[name].columns)

    def columns(self) -> Iterator[tuple[Table, Column]]:
        """Each column of each table, in the order of the file."""
        for table in self.tables:
            for column in table.columns:
                yield table, column
