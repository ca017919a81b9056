"""Suite files: what they hold, and what a malformed one is told."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from expectations import GATES, SuiteError, load_suite, rule_names

GOOD = """
gate: panel
table: marts.city_year
key: [city_code, year]
rules:
  - id: share_is_a_share
    severity: critical
    reason: A share lies between nothing and everything.
    expectation: expect_column_values_to_be_between
    kwargs: {column: urbanisation, min_value: 0, max_value: 1}
  - id: no_negative_rows
    severity: warn
    reason: Amounts below zero do not exist.
    unexpected_rows_query: select year from {batch} where gdp < 0 order by year
"""


def suite_folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "panel.yml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("gate", GATES)
def test_shipped_suites_are_well_formed(gate: str) -> None:
    suite = load_suite(gate)
    assert {rule.severity for rule in suite.rules} == {"critical", "warn"}
    assert [name for name, _, _ in rule_names(gate)] == [rule.id for rule in suite.rules]


def test_a_good_suite_is_read(tmp_path: Path) -> None:
    suite = load_suite("panel", suite_folder(tmp_path, GOOD))
    assert [rule.table for rule in suite.rules] == ["marts.city_year"] * 2
    assert suite.rules[0].key == ("city_code", "year")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("severity: critical", "severity: fatal", "rules[0] (share_is_a_share).severity"),
        ("    severity: critical\n", "", "rules[0] (share_is_a_share).severity: Field required"),
        ("reason: Amounts below zero do not exist.", "reason: no", "(no_negative_rows).reason"),
        ("table: marts.city_year", "table: city_year", "rules[0] (share_is_a_share).table"),
        ("min_value: 0,", "min_value: 0", "not readable as YAML"),
        ("gate: panel", "gate: estimates", "gate: expected 'panel', found 'estimates'"),
        ("id: no_negative_rows", "id: share_is_a_share", "rules[1].id: 'share_is_a_share' is used"),
        ("id: no_negative_rows", "id: No Rows", "rules[1] (No Rows).id"),
        ("    kwargs:", "    arguments:", "(share_is_a_share).arguments"),
        (
            "expect_column_values_to_be_between",
            "expect_column_values_to_match_regex",
            "expect_column_values_to_match_regex' is not one of",
        ),
        ("column: urbanisation, ", "", "rules[0] (share_is_a_share): `kwargs.column` is missing"),
        ("{batch}", "marts.city_year", "rules[1] (no_negative_rows): `unexpected_rows_query` must"),
        (" order by year", "", "order by"),
        (
            "    unexpected_rows_query: select year",
            "    expectation: expect_table_row_count_to_be_between\n"
            "    unexpected_rows_query: select year",
            "exactly one of `expectation` and `unexpected_rows_query`",
        ),
        (
            "    reason: Amounts",
            "    applies_when: select false\n    reason: Amounts",
            "`applies_when` needs `otherwise`",
        ),
    ],
)
def test_a_malformed_suite_names_file_and_key(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in GOOD
    folder = suite_folder(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(SuiteError) as error:
        load_suite("panel", folder)
    assert str(folder / "panel.yml") in str(error.value)
    assert told in str(error.value)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "gate: panel\nrules: 3\n", "gate: panel\n"])
def test_a_file_that_is_no_suite_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SuiteError, match=r"panel\.yml"):
        load_suite("panel", suite_folder(tmp_path, text))


def test_an_unknown_gate_is_told_the_gates() -> None:
    with pytest.raises(SuiteError, match=re.escape(", ".join(GATES))):
        load_suite("harvest")


def test_names_of_rules_need_no_great_expectations() -> None:
    code = """
        import sys, expectations
        assert sum(len(expectations.rule_names(gate)) for gate in expectations.GATES) > 30
        heavy = {"great_expectations", "sqlalchemy", "pandas", "duckdb"} & set(sys.modules)
        assert not heavy, heavy
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)
