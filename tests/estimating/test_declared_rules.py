"""Rules that follow from declarations: each holds on good rows and breaks on a bad one."""

from collections.abc import Iterator

import duckdb
import pandas as pd
import pytest

from analysis.tables import Column, Table
from expectations import load_suite
from orchestration.estimating.rules import declared_rule, declared_rules, further_rules
from orchestration.estimating.tables import TABLES

TABLE = Table(
    name="effect",
    grain="One row per study and term.",
    columns=(
        Column("study", "string", "Study", role="key"),
        Column("term", "string", "Term", role="key"),
        Column("estimate", "Float64", "Effect", role="estimate"),
        Column("std_error", "Float64", "Its error", role="std_error"),
        Column("t_value", "Float64", "Their ratio", role="statistic"),
        Column("p_value", "Float64", "p value", role="probability"),
        Column("ci_low", "Float64", "Lower end", role="low"),
        Column("ci_high", "Float64", "Upper end", role="high"),
        Column("status", "string", "estimated or skipped", role="status"),
        Column("detail", "string", "Why", role="detail"),
        Column("n_obs", "Int64", "City-years", role="count"),
    ),
)
GOOD = {
    "study": "toy", "estimate": 0.5, "std_error": 0.1, "t_value": 5.0, "p_value": 0.01,
    "ci_low": 0.3, "ci_high": 0.7, "status": "estimated", "detail": None, "n_obs": 20,
}  # fmt: skip
SKIPPED = {"study": "toy", "status": "skipped", "detail": "no city in the group"}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def problems(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, object]]) -> list[str]:
    frame = TABLE.frame({"term": str(k), **row} for k, row in enumerate(rows))
    connection.register("rows", frame)
    query = declared_rule("estimates", TABLE)["unexpected_rows_query"].format(batch="rows")
    return [problem for problem, *_ in connection.execute(query).fetchall()]


def test_good_rows_break_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    assert problems(connection, [GOOD, GOOD, SKIPPED]) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"estimate": float("inf")}, "estimate is not finite"),
        ({"std_error": 0.0}, "std_error is not a positive number"),
        ({"std_error": -0.1}, "std_error is not a positive number"),
        ({"std_error": float("inf")}, "std_error is not a positive number"),
        ({"std_error": None}, "estimate has no std_error"),
        ({"t_value": float("-inf")}, "t_value is not finite"),
        ({"p_value": 9.0}, "p_value is no probability"),
        ({"ci_low": 0.6}, "estimate is not inside ci_low to ci_high"),
        ({"ci_high": None}, "estimate is not inside ci_low to ci_high"),
        ({"ci_low": 0.8}, "ci_low is above ci_high"),
        ({"n_obs": -1}, "n_obs is negative"),
        ({"status": None}, "status is missing"),
        ({"status": "skipped"}, "status has no reason in detail"),
        ({"term": "0"}, "rows with the same key"),
    ],
)
def test_a_bad_row_is_found(
    connection: duckdb.DuckDBPyConnection, change: dict[str, object], told: str
) -> None:
    assert told in problems(connection, [GOOD, {**GOOD, **change}])


def test_every_table_has_a_rule_that_the_suite_takes_and_that_can_be_asked(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    suite = load_suite("estimates", further=further_rules("estimates"))
    assert {f"{name}_as_declared" for name in TABLES} <= {rule.id for rule in suite.rules}
    assert further_rules("panel") == []
    for rule, table in zip(declared_rules(), TABLES.values(), strict=True):
        connection.register("rows", table.frame())
        query = rule["unexpected_rows_query"].format(batch="rows")
        assert connection.execute(query).fetchall() == [], table.name
        assert isinstance(connection.execute(query).df(), pd.DataFrame)
