"""Findings of warnings: what each is about, where it is printed, and which are new since the last release."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest
from gx_cases import BREAKS, healthy

from expectations import GATES, Finding, load_suite, run_gate
from expectations.findings import Names, findings_of, place_of, text_of
from expectations.suite import Rule
from orchestration.engine.duck import DuckDBWarehouse
from orchestration.estimating.rules import further_rules
from orchestration.refresh.preflight import PreflightError, _check_acknowledged
from orchestration.reporting.warned import NAME, Cause, fingerprint_of, note_warnings, read_causes
from orchestration.reporting.warning_lines import counts_line, idle_lines, warning_lines

WARNINGS = [
    (gate, rule)
    for gate in GATES
    for rule in load_suite(gate, further=further_rules(gate)).rules
    if rule.severity == "warn"
]
JUMP = BREAKS["indicators", "jump_in_one_city"]
JUMPED = "indicator_code gdp, scope total, city_code 110300, year"


@pytest.mark.parametrize(("gate", "rule"), WARNINGS, ids=[rule.id for _, rule in WARNINGS])
def test_every_warning_says_what_to_do_and_what_each_finding_is_about(
    gate: str, rule: Rule
) -> None:
    assert len(rule.advice) > 15
    if rule.unexpected_rows_query is None:
        return
    subject = rule.subject or rule.key
    assert subject
    if (gate, rule.id) not in BREAKS:
        return  # a method's: its tables are made by its own tests
    asked = healthy().execute(rule.unexpected_rows_query.format(batch=rule.table)).description
    columns = {column[0] for column in asked}
    assert {*subject, *rule.cause} <= columns
    connection = healthy()
    connection.execute(BREAKS[gate, rule.id])
    found = connection.execute(rule.unexpected_rows_query.format(batch=rule.table)).df()
    assert not found.duplicated(list(subject)).any(), "two findings with one subject"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (1 / 3, "0.333333"),
        (7, "7"),
        (True, "True"),
        ("济南", "济南"),
    ],
)
def test_values_are_what_people_read(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_a_cell_is_told_by_file_sheet_and_address() -> None:
    names = Names({("abc", "1"): ("2023/2-4.xlsx", "续表")}, {"370100": "济南市"})
    assert str(place_of("abc!1!D7", names)) == "2023/2-4.xlsx, sheet '续表', D7"
    assert place_of("other!1!D7", names) is None
    assert place_of("derived", names) is None
    rule = next(rule for _, rule in WARNINGS if rule.id == "figures_revised")
    row = {
        "city_code": "370100", "year": 2015, "indicator_code": "gdp", "scope": "total",
        "source_id": "book", "last_value": 2.0, "first_cell_id": "abc!1!C7", "last_cell_id": "abc!1!D7",
    }  # fmt: skip
    (found,) = findings_of(rule, [row], names)
    assert found.subject == (
        "city_code 370100 济南市, year 2015, indicator_code gdp, scope total, source_id book"
    )
    assert found.says == "last_value 2"
    assert found.cause == "source_id book, indicator_code gdp"
    assert [place.address for place in found.places] == ["C7", "D7"]


def test_all_findings_are_kept_not_only_those_that_are_shown() -> None:
    connection = healthy()
    connection.execute(
        "update marts.indicator_value set value = value * case when year % 2 = 0 then 7 else 1 end "
        "where indicator_code like 'gdp%' and scope = 'total'"
    )
    (jump,) = [
        one
        for one in run_gate("indicators", connection).warnings
        if one.rule_id == "jump_in_one_city"
    ]
    assert len(jump.findings) == jump.failing_count == 432
    assert all(one.places for one in jump.findings)


# ---- new, changed, known, acknowledged, gone


def noted(connection: duckdb.DuckDBPyConnection, comparable: bool = True) -> list[Cause]:
    """The causes of the gate's warnings, after they are put into the table."""
    warehouse = DuckDBWarehouse(connection)
    note_warnings(warehouse, run_gate("indicators", connection), comparable)
    return read_causes(warehouse, "indicators")


def released(connection: duckdb.DuckDBPyConnection) -> None:
    """Let what the warehouse was warned of be the last release's."""
    connection.execute("create schema if not exists last_release.release")
    connection.execute(f"create or replace table last_release.{NAME} as from {NAME}")


def statuses(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute(
        f"select subject, status from {NAME} where rule_id = 'jump_in_one_city' order by position"
    ).fetchall()


def test_without_a_release_that_kept_warnings_all_are_new() -> None:
    connection = healthy()
    connection.execute(JUMP)
    assert not note_warnings(DuckDBWarehouse(connection), run_gate("indicators", connection), True)
    (cause,) = [one for one in noted(connection) if one.rule_id == "jump_in_one_city"]
    assert (cause.status, cause.findings, cause.new) == ("new", 2, 2)
    assert cause.place.startswith("book.xlsx, sheet '2-1', D")


def test_findings_are_told_from_those_of_the_last_release() -> None:
    connection = healthy()
    connection.execute(JUMP)
    noted(connection)
    released(connection)
    assert {one.status for one in noted(connection)} == {"known"}
    # The same jump with another figure, and one of another city; the way back of the first is gone.
    connection.execute(
        "update marts.indicator_value set value = 6.5 / 7 * value where indicator_code = 'gdp' "
        "and scope = 'total' and year = 2015 and city_code = '110300'"
    )
    connection.execute(
        "update marts.indicator_value set value = 9 * value where indicator_code = 'gdp' "
        "and scope = 'total' and year >= 2018 and city_code = '110500'"
    )
    connection.execute(
        "delete from marts.indicator_value where indicator_code = 'gdp' "
        "and scope = 'total' and year = 2016 and city_code = '110300'"
    )
    causes = noted(connection)
    told = dict(statuses(connection))
    names = {row[0]: row[1] for row in connection.execute("from seed.city").fetchall()}
    assert told == {
        JUMPED + " 2015": "changed",
        JUMPED + " 2016": "gone",
        "indicator_code gdp, scope total, city_code 110500, year 2018": "new",
    }, names
    assert causes[0].status == "new"
    jump = next(one for one in causes if one.rule_id == "jump_in_one_city")
    assert "110500" in jump.subject  # the new one is the example
    assert counts_line([jump]) == "1 new, 1 changed, 1 of the last release gone"


def acknowledge(connection: duckdb.DuckDBPyConnection, cause: Cause) -> None:
    connection.execute(
        "insert into seed.acknowledged_warning values (?, ?, ?)",
        [cause.rule_id, cause.cause, cause.fingerprint],
    )


def test_an_acknowledged_cause_is_quiet_until_its_findings_change() -> None:
    connection = healthy()
    connection.execute(JUMP)
    for cause in noted(connection):
        acknowledge(connection, cause)
    released(connection)
    causes = noted(connection)
    assert {one.status for one in causes} == {"acknowledged"}
    assert not [*warning_lines(causes)]
    released(connection)
    connection.execute(
        "update marts.indicator_value set value = 8 / 7.0 * value where indicator_code = 'gdp' "
        "and scope = 'total' and year = 2015 and city_code = '110300'"
    )
    causes = noted(connection)
    jump = next(one for one in causes if one.rule_id == "jump_in_one_city")
    assert (jump.status, jump.acknowledgement, jump.changed) == ("changed", "outdated", 2)
    released(connection)  # nobody looked: it stays in sight, as known
    causes = noted(connection)
    jump = next(one for one in causes if one.rule_id == "jump_in_one_city")
    assert (jump.status, jump.acknowledgement) == ("known", "outdated")
    assert "acknowledged ones have changed" in "\n".join(warning_lines(causes))


def test_the_fingerprint_is_of_the_findings_whatever_their_order() -> None:
    one, two = Finding("c", "a", "1"), Finding("c", "b", "2")
    assert fingerprint_of([one, two]) == fingerprint_of([two, one])
    assert fingerprint_of([one]) != fingerprint_of([one, two])
    assert fingerprint_of([one]) != fingerprint_of([Finding("c", "a", "1.5")])
    assert fingerprint_of([one]) == fingerprint_of([Finding("d", "a", "1")])


def test_lines_name_the_rule_the_figure_its_cell_and_what_to_do() -> None:
    connection = healthy()
    connection.execute(JUMP)
    text = "\n".join(warning_lines(noted(connection)))
    assert "NEW indicators.jump_in_one_city: 2 new" in text
    assert JUMPED in text
    assert "in book.xlsx, sheet '2-1', D" in text
    assert "do: compare both cells" in text


def test_rules_that_do_not_apply_are_named_with_the_reason() -> None:
    lines = [*idle_lines(run_gate("indicators", healthy(last_release=False)))]
    assert lines == [
        "not applicable, no last release is attached to compare with: coverage_kept, level_kept,"
        " typical_city_against_the_last_release, city_lost_since_the_last_release"
    ]
    empty = healthy()
    empty.execute("delete from marts.index_score; delete from marts.index_weight")
    lines = [*idle_lines(run_gate("indices", empty))]
    assert any(
        line.startswith(
            "not applicable, no row in marts.index_score, marts.index_weight: score_within"
        )
        for line in lines
    ), lines


# ---- the seed


def write_seed(path: Path, *rules: str) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["rule_id", "cause", "fingerprint"])
        writer.writerows([rule, "all", "0"] for rule in rules)
    return path


def test_slips_in_acknowledgements_are_told_before_the_work(tmp_path: Path) -> None:
    known = {"jump_in_one_city": "warn", "coverage_kept": "critical"}
    _check_acknowledged(known, write_seed(tmp_path / "a.csv", "jump_in_one_city"))
    with pytest.raises(PreflightError) as told:
        _check_acknowledged(
            known, write_seed(tmp_path / "a.csv", "jump_in_on_city", "coverage_kept")
        )
    assert "line 2: rule_id: no rule 'jump_in_on_city' (did you mean 'jump_in_one_city'?)" in str(
        told.value
    )
    assert "line 3: rule_id: 'coverage_kept' is critical" in str(told.value)


def test_the_mark_of_the_sample_is_the_one_that_the_rule_looks_for() -> None:
    from orchestration.sample.pages import SIMULATED_LINE

    connection = healthy()
    connection.execute("update raw.yearbook_cell set text = ?", [f"资料来源：{SIMULATED_LINE}"])
    (failed,) = run_gate("observations", connection).failures
    assert failed.rule_id == "simulated_pages_declared"
    assert "printed in\n    book.xlsx, sheet '2-1'" in failed.describe()
    connection.execute("update raw.yearbook_file set data_kind = 'simulated'")
    assert run_gate("observations", connection).passed
