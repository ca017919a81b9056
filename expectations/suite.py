"""Suites as data: reading and checking the YAML files in `suites/`, one per gate.

Belongs here: the shape of a rule and of a suite, and errors that name file and key. Does not belong
here: anything that needs Great Expectations or DuckDB; the names of all rules are read at start-up
by whoever declares checks, so this module stays quick to import.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

GATES = ("observations", "indicators", "indices", "panel", "estimates")
"""The gates in the order of the data's way."""

SUITE_FOLDER = Path(__file__).with_name("suites")

# Rules over a column pass on a column without a value, so such a column makes them not applicable,
# unless the rule is about missing values itself.
COLUMN_EXPECTATIONS = frozenset(
    {
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
        "expect_column_min_to_be_between",
        "expect_column_max_to_be_between",
        "expect_column_mean_to_be_between",
        "expect_column_median_to_be_between",
        "expect_column_stdev_to_be_between",
        "expect_column_sum_to_be_between",
        "expect_column_unique_value_count_to_be_between",
    }
)
MISSING_VALUE_EXPECTATIONS = frozenset(
    {
        "expect_column_values_to_not_be_null",
        "expect_column_proportion_of_non_null_values_to_be_between",
    }
)
TABLE_EXPECTATIONS = frozenset({"expect_table_row_count_to_be_between"})
QUERY_VALUE_EXPECTATION = "expect_query_value_to_be_between"
UNEXPECTED_ROWS = "unexpected_rows_query"
SUPPORTED_EXPECTATIONS = (
    COLUMN_EXPECTATIONS
    | MISSING_VALUE_EXPECTATIONS
    | TABLE_EXPECTATIONS
    | {QUERY_VALUE_EXPECTATION}
)
"""Expectations known to work over DuckDB; each has a passing and a failing test."""

ALWAYS = "select true"
"""`applies_when` of a rule that is about there being rows at all."""

IDENTIFIER = r"^[a-z][a-z0-9_]*$"
TABLE_NAME = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"

Severity = Literal["critical", "warn"]


class SuiteError(ValueError):
    """A suite file can't be used; the message names the file, the key and what was expected."""


class Rule(BaseModel):
    """One rule of a gate.

    Exactly one of `expectation` (with `kwargs`) and `unexpected_rows_query` says what must hold. In
    SQL, `{batch}` stands for the rule's table and a literal brace is written twice. `applies_when`
    is a query that answers true or false; `otherwise` says in words what is missing where it is
    false. Without it a rule applies where its table has a row and its column a value. `of_study`
    says that what fails is one study's alone: whether the rest is released is the release's policy.

    `subject` are the columns of its rows that say what each is about, without its figures; `cause`
    those that rows share which are mended together. `advice` is what to do, in a line.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=IDENTIFIER)
    severity: Severity
    reason: str = Field(min_length=15)
    table: str = Field(pattern=TABLE_NAME)
    key: tuple[str, ...] = ()
    expectation: str | None = None
    kwargs: dict[str, Any] = Field(default_factory=dict)
    unexpected_rows_query: str | None = None
    applies_when: str | None = None
    otherwise: str = ""
    of_study: bool = False
    advice: str = ""
    subject: tuple[str, ...] = ()
    cause: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_when(self) -> "Rule":
        if self.applies_when is None and self.otherwise:
            raise ValueError("`otherwise` goes with `applies_when` only")
        if self.applies_when not in (None, ALWAYS) and not self.otherwise:
            raise ValueError("`applies_when` needs `otherwise`: what is missing where it is false")
        return self

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Rule":
        if (self.expectation is None) == (self.unexpected_rows_query is None):
            raise ValueError("give exactly one of `expectation` and `unexpected_rows_query`")
        if self.unexpected_rows_query is not None:
            _check_query("unexpected_rows_query", self.unexpected_rows_query)
            if "order by" not in self.unexpected_rows_query.lower():
                raise ValueError(
                    "`unexpected_rows_query` must end in an `order by`, so that the rows shown are "
                    "the same every time"
                )
            if self.kwargs:
                raise ValueError("`kwargs` goes with `expectation` only")
        elif self.expectation not in SUPPORTED_EXPECTATIONS:
            raise ValueError(
                f"`expectation` {self.expectation!r} is not one of "
                + ", ".join(sorted(SUPPORTED_EXPECTATIONS))
                + "; for anything else write an `unexpected_rows_query`"
            )
        elif self.expectation == QUERY_VALUE_EXPECTATION:
            _check_query("kwargs.query", str(self.kwargs.get("query", "")))
        elif self.expectation not in TABLE_EXPECTATIONS and not isinstance(
            self.kwargs.get("column"), str
        ):
            raise ValueError(f"`kwargs.column` is missing; {self.expectation} needs it")
        return self

    @property
    def query(self) -> str | None:
        """The rule's SQL, if it has any."""
        return self.unexpected_rows_query or self.kwargs.get("query")

    @property
    def column(self) -> str | None:
        """The column whose absence of values makes the rule not applicable, if there is one."""
        return self.kwargs["column"] if self.expectation in COLUMN_EXPECTATIONS else None


class Suite(BaseModel):
    """The rules of one gate, in the order of the file.

    `table` and `key` are what a rule uses that names none of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    gate: str
    table: str = Field(pattern=TABLE_NAME)
    key: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = Field(min_length=1)

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables validated by the gate, in order of first use."""
        return tuple(dict.fromkeys(rule.table for rule in self.rules))

    def name_of(self, table: str) -> str:
        """Name of the Great Expectations suite that holds the gate's rules over one table."""
        return f"{self.gate}__{table.replace('.', '__')}"


def _check_query(key: str, query: str) -> None:
    if "{batch}" not in query:
        raise ValueError(f"`{key}` must read the rule's table as `{{batch}}`")


def _path_of(error_location: tuple[int | str, ...], content: dict[str, Any]) -> str:
    """The key of an error as the file shows it, with the rule's id where it has one."""
    path = ""
    for part in error_location:
        if isinstance(part, int):
            path += f"[{part}]"
            rules = content.get("rules")
            if path == f"rules[{part}]" and isinstance(rules, list):
                path += f" ({rules[part].get('id', 'no id')})"
        else:
            path += f".{part}" if path else str(part)
    return path or "(the whole file)"


def load_suite(
    gate: str, folder: Path | None = None, further: Sequence[Mapping[str, Any]] = ()
) -> Suite:
    """Read and check the suite of one gate.

    `further` are rules in the form of the file that come behind its own: those that follow from how
    tables are declared, which whoever runs the gate knows.

    Raises:
        SuiteError: naming file and key, where the file is absent, is no YAML or breaks a rule.
    """
    file = (folder or SUITE_FOLDER) / f"{gate}.yml"
    if not file.is_file():
        raise SuiteError(f"{file}: no such suite; the gates are {', '.join(GATES)}")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as quick where it is there
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    except yaml.YAMLError as error:
        raise SuiteError(f"{file}: not readable as YAML: {error}") from error
    if not isinstance(content, dict):
        raise SuiteError(f"{file}: expected keys gate, table and rules at the top level")
    if content.get("gate") != gate:
        raise SuiteError(f"{file}: gate: expected {gate!r}, found {content.get('gate')!r}")
    rules = content.get("rules")
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise SuiteError(f"{file}: rules: expected a list of rules, each with keys of its own")
    for rule in rules:
        own_table = "table" in rule
        rule.setdefault("table", content.get("table"))
        # The file's key belongs to the file's table; another table has columns of its own.
        rule.setdefault("key", [] if own_table else content.get("key", []))
    rules += [dict(rule) for rule in further]
    try:
        suite = Suite.model_validate(content)
    except ValidationError as error:
        found = "; ".join(
            f"{_path_of(one['loc'], content)}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors()
        )
        raise SuiteError(f"{file}: {found}") from error
    seen: set[str] = set()
    for place, one in enumerate(suite.rules):
        if one.id in seen:
            raise SuiteError(f"{file}: rules[{place}].id: {one.id!r} is used twice")
        seen.add(one.id)
    return suite


def blocking_rules(gate: str, further: Sequence[Mapping[str, Any]] = ()) -> set[str]:
    """Ids of the rules that stop what is downstream: critical ones that aren't of one study alone."""
    rules = load_suite(gate, further=further).rules
    return {rule.id for rule in rules if rule.severity == "critical" and not rule.of_study}


def rule_names(
    gate: str, further: Sequence[Mapping[str, Any]] = ()
) -> list[tuple[str, Severity, str]]:
    """Rule id, severity and table of each rule of a gate, in the order of the file, then `further`."""
    rules = load_suite(gate, further=further).rules
    return [(rule.id, rule.severity, rule.table) for rule in rules]
