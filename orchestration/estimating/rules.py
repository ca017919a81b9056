"""Rules of the last gate beside its suite: those that follow from declarations, and those of methods.

Belongs here: what each role of a column asks, as SQL, and the form of the suites. Does not belong here:
rules that only some table has (the suites in `expectations`, the rooms of the methods).

Each table has one rule. Its failing rows say in `problem` which column breaks what its role promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.methods.base import GateRule
from analysis.methods.registry import METHODS
from analysis.tables import WELL, Column, Table
from orchestration.estimating.tables import SCHEMA, TABLES

GATE = "estimates"
RULE = "{table}_as_declared"
FINITE = "1e300"
"""Beyond it stands an infinity or no number: DuckDB sorts NaN above all numbers."""

REASON = (
    "The declaration of the table promises it of every column: errors positive, estimates and statistics"
    " finite, probabilities between 0 and 1, counts not negative, an estimate between its bounds, keys"
    " that tell rows apart, and a reason where the status isn't good. What breaks it is another column's"
    " number, or a regression that was none."
)


def further_rules(gate: str) -> list[dict[str, Any]]:
    """Rules of a gate beside those of its suite: of the declarations, and of the methods."""
    return [*declared_rules(), *method_rules()] if gate == GATE else []


def method_rules() -> list[dict[str, Any]]:
    """Rules that the methods bring with them."""
    return [_as_data(rule) for method in METHODS.values() for rule in method.rules]


def _as_data(rule: GateRule) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": rule.id,
        "severity": rule.severity,
        "table": f"{SCHEMA}.{rule.table}",
        "key": list(rule.key),
        "reason": rule.reason,
        "unexpected_rows_query": rule.query.strip(),
    }
    if rule.advice:
        found["advice"] = rule.advice
    if rule.applies_when:
        found |= {"applies_when": rule.applies_when, "otherwise": rule.otherwise}
    return found


def declared_rules() -> list[dict[str, Any]]:
    """One rule for each table of the schema `estimates`."""
    return [declared_rule(SCHEMA, table) for table in TABLES.values()]


def declared_rule(schema: str, table: Table) -> dict[str, Any]:
    """The rule of a table."""
    keys = ", ".join(table.keys)
    branches = [
        f"select '{problem}' as problem, {keys}\nfrom {{batch}}\nwhere {condition}"
        for problem, condition in broken_promises(table)
    ]
    branches.append(
        f"select 'rows with the same key' as problem, {keys}\nfrom {{batch}}\n"
        f"group by {keys}\nhaving count(*) > 1"
    )
    return {
        "id": RULE.format(table=table.name),
        "severity": "critical",
        "table": f"{schema}.{table.name}",
        "key": list(table.keys),
        "reason": REASON,
        "unexpected_rows_query": "\nunion all\n".join(branches) + f"\norder by problem, {keys}",
    }


def broken_promises(table: Table) -> Iterator[tuple[str, str]]:
    """Each promise of a column's role in words, and the SQL condition of a row that breaks it."""
    for column in table.columns:
        name = column.name
        if column.role in ("estimate", "statistic"):
            yield f"{name} is not finite", f"not (abs({name}) < {FINITE})"
        elif column.role == "std_error":
            yield f"{name} is not a positive number", f"not ({name} > 0 and {name} < {FINITE})"
            owner = table.estimate_of(column)
            if owner is not None and column == table.of_role("std_error")[0]:
                yield f"{owner.name} has no {name}", f"{owner.name} is not null and {name} is null"
        elif column.role == "probability":
            yield f"{name} is no probability", f"not ({name} between 0 and 1)"
        elif column.role == "count":
            yield f"{name} is negative", f"{name} < 0"
        elif column.role == "low":
            yield from _interval(table, column)
        elif column.role == "status":
            yield from _reason(table, column)


def _interval(table: Table, low: Column) -> Iterator[tuple[str, str]]:
    high = next(
        (each for each in table.of_role("high") if each.of == low.of),
        None,
    )
    if high is None:
        return
    yield f"{low.name} is above {high.name}", f"not ({low.name} <= {high.name})"
    owner = table.estimate_of(low)
    if owner is not None:
        inside = f"{low.name} <= {owner.name} and {owner.name} <= {high.name}"
        yield (
            f"{owner.name} is not inside {low.name} to {high.name}",
            f"{owner.name} is not null and not coalesce({inside}, false)",
        )


def _reason(table: Table, status: Column) -> Iterator[tuple[str, str]]:
    details = table.of_role("detail")
    good = ", ".join(f"'{word}'" for word in WELL)
    if details:
        yield (
            f"{status.name} has no reason in {details[0].name}",
            f"{status.name} not in ({good}) and coalesce({details[0].name}, '') = ''",
        )


__all__ = [
    "RULE",
    "broken_promises",
    "declared_rule",
    "declared_rules",
    "further_rules",
    "method_rules",
]
