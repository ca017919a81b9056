"""Running a gate: a suite against an open DuckDB connection, as one Great Expectations checkpoint.

Belongs here: which rules apply, the checkpoint, and turning its results into plain data. Does not
belong here: rules, the datasource, Data Docs. Great Expectations is imported when a gate runs.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from expectations.context import (
    RESULTS_FOLDER,
    SUITES_FOLDER,
    SUMMARIES_FOLDER,
    make_context,
)
from expectations.findings import WHOLE_RULE, Finding, findings_of, read_names
from expectations.result import MAX_FAILING_ROWS, GateResult, RuleResult
from expectations.suite import (
    COLUMN_EXPECTATIONS,
    QUERY_VALUE_EXPECTATION,
    Rule,
    Suite,
    load_suite,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb
    import pandas as pd


class GateError(RuntimeError):
    """Rules that could not be evaluated; the message names each and says why."""


def run_gate(
    gate: str,
    connection: duckdb.DuckDBPyConnection,
    *,
    docs_store: Path | None = None,
    folder: Path | None = None,
    further: Sequence[Mapping[str, Any]] = (),
) -> GateResult:
    """Validate the tables of one gate.

    Args:
        gate: one of `expectations.GATES`.
        connection: open connection, read-only or not; it stays open. Rules that compare with the
            last release apply where it is attached under the name `last_release`.
        docs_store: folder that keeps results for `build_data_docs`; earlier ones of this gate go.
        folder: where the suite files are, if not in the package.
        further: rules beside those of the file, in its form (`load_suite`).

    Raises:
        SuiteError: the suite file can't be used.
        GateError: a rule could not be evaluated (a table or column that isn't there, a query that
            is no SQL); a rule that can't be asked is never counted as passed.
    """
    suite = load_suite(gate, folder, further)
    absent = _not_applicable(suite, connection)
    asked = [rule for rule in suite.rules if rule.id not in absent]
    if docs_store is not None:
        _forget(docs_store, gate)
    found = _validate(suite, asked, connection, docs_store) if asked else {}
    results = tuple(
        found[rule.id] if rule.id in found else _absent_result(suite, rule, absent[rule.id])
        for rule in suite.rules
    )
    result = GateResult(gate=gate, rules=results)
    if docs_store is not None:
        _keep_summary(docs_store, result)
    return result


def _not_applicable(suite: Suite, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Ids of the rules that don't apply, with the reason."""
    absent, broken = {}, []
    for rule in suite.rules:
        condition, why = rule.applies_when, rule.otherwise
        if condition is None:
            condition = f"select exists (select 1 from {rule.table})"
            why = f"{rule.table} has no row"
            if rule.column is not None:
                condition = (
                    f'select exists (select 1 from {rule.table} where "{rule.column}" is not null)'
                )
                why = f"{rule.table}.{rule.column} has no value"
        try:
            answer = connection.execute(condition).fetchone()
        except Exception as error:
            broken.append(f"{rule.id} (is it applicable?): {error}")
            continue
        if answer is None or answer[0] is not True:
            absent[rule.id] = why
    if broken:
        raise GateError(_broken_message(suite.gate, broken))
    return absent


def _broken_message(gate: str, broken: list[str]) -> str:
    return (
        f"gate {gate}: {len(broken)} rule(s) could not be evaluated; correct the suite "
        f"suites/{gate}.yml or the tables it reads:\n- " + "\n- ".join(broken)
    )


def _validate(
    suite: Suite,
    rules: list[Rule],
    connection: duckdb.DuckDBPyConnection,
    docs_store: Path | None,
) -> dict[str, RuleResult]:
    """Results of the rules by id, from one checkpoint over one validation per table."""
    context = make_context(docs_store)
    import great_expectations as gx
    from great_expectations.core.run_identifier import RunIdentifier

    from expectations.warehouse import datasource

    schemas = dict.fromkeys(rule.table.split(".")[0] for rule in rules)
    sources = {schema: datasource(context, connection, schema) for schema in schemas}
    run_id = RunIdentifier(run_name=suite.gate, run_time=datetime.now(tz=UTC))
    found, broken = {}, []
    for table in dict.fromkeys(rule.table for rule in rules):
        own = {rule.id: rule for rule in rules if rule.table == table}
        schema, name = table.split(".")
        asset = sources[schema].add_table_asset(name=table, table_name=name)
        batch = asset.add_batch_definition_whole_table(table)
        gx_suite = context.suites.add(
            gx.ExpectationSuite(
                name=suite.name_of(table),
                expectations=[_expectation(suite, rule) for rule in own.values()],
            )
        )
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(name=gx_suite.name, data=batch, suite=gx_suite)
        )
        # The key differs between tables and a checkpoint has one result format, hence one each.
        key = next((rule.key for rule in own.values() if rule.key), ())
        checkpoint = context.checkpoints.add(
            gx.Checkpoint(
                name=gx_suite.name,
                validation_definitions=[definition],
                result_format={
                    "result_format": "COMPLETE",
                    "partial_unexpected_count": MAX_FAILING_ROWS,
                    **({"unexpected_index_column_names": list(key)} if key else {}),
                },
            )
        )
        (validation,) = checkpoint.run(run_id=run_id).run_results.values()
        for one in validation.results:
            rule = own[one.expectation_config.meta["rule"]]
            problem = _exception_message(one.exception_info)
            if problem:
                broken.append(f"{rule.id}: {problem}")
            else:
                found[rule.id] = _result(suite, rule, one, connection)
    if broken:
        raise GateError(_broken_message(suite.gate, broken))
    missing = [rule.id for rule in rules if rule.id not in found]
    if missing:
        raise GateError(_broken_message(suite.gate, [f"{one}: no result" for one in missing]))
    return found


def _expectation(suite: Suite, rule: Rule) -> Any:
    """The rule as an object of Great Expectations."""
    import great_expectations as gx

    from expectations.query_expectations import (
        ExpectQueryToReturnNoRows,
        ExpectQueryValueToBeBetween,
    )

    common: dict[str, Any] = {
        "description": f"{rule.id} ({rule.severity}): {rule.reason}",
        "notes": f"Expected: {_expected(rule)}\n\n```sql\n{rule.query}\n```"
        if rule.query
        else f"Expected: {_expected(rule)}",
        "severity": "critical" if rule.severity == "critical" else "warning",
        "meta": {"rule": rule.id},
    }
    try:
        if rule.unexpected_rows_query is not None:
            return ExpectQueryToReturnNoRows(
                unexpected_rows_query=rule.unexpected_rows_query, **common
            )
        if rule.expectation == QUERY_VALUE_EXPECTATION:
            return ExpectQueryValueToBeBetween(**rule.kwargs, **common)
        name = "".join(part.title() for part in str(rule.expectation).split("_"))
        return getattr(gx.expectations, name)(**rule.kwargs, **common)
    except ValueError as error:  # pydantic's validation errors are ValueErrors
        raise GateError(
            f"gate {suite.gate}: rule {rule.id}: kwargs: {rule.expectation} does not take "
            f"{rule.kwargs}: {error}"
        ) from error


def _exception_message(info: dict[str, Any]) -> str:
    """Messages of the exceptions behind a result; empty where there was none."""
    parts = [info] if "raised_exception" in info else list(info.values())
    return "; ".join(
        str(part["exception_message"])
        for part in parts
        if isinstance(part, dict) and part.get("raised_exception")
    )


def _result(
    suite: Suite, rule: Rule, one: Any, connection: duckdb.DuckDBPyConnection
) -> RuleResult:
    """One result of Great Expectations as plain data."""
    import pandas as pd

    from expectations.query_expectations import figure_text

    details = one.result
    rows = pd.DataFrame()
    if rule.unexpected_rows_query is not None:
        count = int(details["observed_value"])
        observed = f"{count} row{'' if count == 1 else 's'}"
        rows = pd.DataFrame(details["details"]["unexpected_rows"])
    elif "unexpected_count" in details:
        count = int(details["unexpected_count"])
        observed = f"{count} of {details['element_count']} values outside"
        if not one.success:
            listed = details.get("unexpected_index_list") or [
                {rule.column or rule.kwargs["column"]: value}
                for value in details.get("unexpected_list") or []
            ]
            rows = pd.DataFrame(listed)
            # Great Expectations asks for these rows without an order.
            rows = rows.sort_values(list(rows.columns), ignore_index=True)
    else:
        value = details.get("observed_value")
        count = 0 if one.success else 1
        observed = "no value" if value is None else figure_text(value)
        if not one.success:
            rows = pd.DataFrame((details.get("details") or {}).get("rows") or [])
    return RuleResult(
        gate=suite.gate,
        suite=suite.name_of(rule.table),
        rule_id=rule.id,
        severity=rule.severity,
        table=rule.table,
        success=bool(one.success),
        applicable=True,
        observed=observed,
        expected=_expected(rule),
        reason=rule.reason,
        failing_count=0 if one.success else count,
        failing_rows=pd.DataFrame() if one.success else rows.head(MAX_FAILING_ROWS),
        of_study=rule.of_study,
        advice=rule.advice,
        findings=() if one.success else _findings(rule, rows, observed, connection),
    )


def _findings(
    rule: Rule, rows: pd.DataFrame, observed: str, connection: duckdb.DuckDBPyConnection
) -> tuple[Finding, ...]:
    """All findings of a broken rule; of one over a figure of the whole table, that figure."""
    if rule.unexpected_rows_query is not None:
        # Great Expectations hands on the first two hundred rows alone.
        answer = connection.execute(rule.unexpected_rows_query.format(batch=rule.table))
        names = [column[0] for column in answer.description or ()]
        found = [dict(zip(names, values, strict=True)) for values in answer.fetchall()]
    elif len(rows) and (
        rule.expectation in COLUMN_EXPECTATIONS or rule.expectation == QUERY_VALUE_EXPECTATION
    ):
        found = [
            {str(name): value for name, value in row.items()} for row in rows.to_dict("records")
        ]
    else:
        return (Finding(cause=WHOLE_RULE, subject="", says=f"observed {observed}"),)
    return findings_of(rule, found, read_names(connection))


def _expected(rule: Rule) -> str:
    """What a rule asks for, in words."""
    if rule.unexpected_rows_query is not None:
        return "no row"
    bounds = rule.kwargs
    low, high = bounds.get("min_value"), bounds.get("max_value")
    if low is not None and high is not None:
        words = f"between {low} and {high}"
    elif low is not None:
        words = f"{'more than' if bounds.get('strict_min') else 'at least'} {low}"
    elif high is not None:
        words = f"{'less than' if bounds.get('strict_max') else 'at most'} {high}"
    elif "value_set" in bounds:
        words = "one of " + ", ".join(str(value) for value in bounds["value_set"])
    else:
        words = "a value in every row"
    what = str(rule.expectation).removeprefix("expect_").removeprefix("column_")
    subject = what.split("_to_")[0].replace("_", " ")
    if rule.expectation == QUERY_VALUE_EXPECTATION:
        subject = "figure"
    elif "column" in bounds:
        subject = f"{bounds['column']} ({subject})"
    share = f", in at least {bounds['mostly']:.1%} of rows" if "mostly" in bounds else ""
    return f"{subject} {words}{share}"


def _absent_result(suite: Suite, rule: Rule, why: str) -> RuleResult:
    """The result of a rule that does not apply."""
    import pandas as pd

    return RuleResult(
        gate=suite.gate,
        suite=suite.name_of(rule.table),
        rule_id=rule.id,
        severity=rule.severity,
        table=rule.table,
        success=True,
        applicable=False,
        observed=why,
        expected=_expected(rule),
        reason=rule.reason,
        failing_count=0,
        failing_rows=pd.DataFrame(),
        of_study=rule.of_study,
        advice=rule.advice,
    )


def _forget(docs_store: Path, gate: str) -> None:
    """Remove what an earlier run of this gate left in the folder."""
    for place in (RESULTS_FOLDER, SUITES_FOLDER):
        for entry in (docs_store / place).glob(f"{gate}__*"):
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    (docs_store / SUMMARIES_FOLDER / f"{gate}.json").unlink(missing_ok=True)


def _keep_summary(docs_store: Path, result: GateResult) -> None:
    """Write the gate's results for the front page of the Data Docs, which has no other source
    for rules that did not apply.
    """
    target = docs_store / SUMMARIES_FOLDER / f"{result.gate}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    rules = [
        {"status": rule.status}
        | {
            key: value
            for key, value in vars(rule).items()
            if key not in ("failing_rows", "findings")
        }
        for rule in result.rules
    ]
    target.write_text(json.dumps(rules, ensure_ascii=False, indent=1), encoding="utf-8")
