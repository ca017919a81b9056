"""Gates over small warehouses: every rule can pass and can fail, and names the rows at fault."""

import math
from pathlib import Path

import duckdb
import pytest
import yaml
from gx_cases import BREAKS, healthy

from expectations import GATES, GateError, RuleResult, load_suite, rule_names, run_gate
from expectations.result import MAX_FAILING_ROWS
from expectations.suite import ALWAYS, SUPPORTED_EXPECTATIONS

ALL_RULES = [(gate, rule) for gate in GATES for rule, _, _ in rule_names(gate)]


def one_rule(gate: str, rule: str, folder: Path) -> Path:
    """A folder with the gate's suite cut down to one rule, which is quicker to run."""
    suite = load_suite(gate).model_dump(mode="json", exclude_defaults=True)
    suite["rules"] = [one for one in suite["rules"] if one["id"] == rule]
    (folder / f"{gate}.yml").write_text(yaml.safe_dump(suite), encoding="utf-8")
    return folder


def result_of(gate: str, rule: str, connection: duckdb.DuckDBPyConnection) -> RuleResult:
    return next(one for one in run_gate(gate, connection).rules if one.rule_id == rule)


def test_every_rule_has_a_case_in_which_it_fails() -> None:
    assert set(BREAKS) == set(ALL_RULES)


@pytest.mark.parametrize("gate", GATES)
def test_every_rule_applies_and_passes_on_the_healthy_warehouse(gate: str) -> None:
    result = run_gate(gate, healthy())
    assert {one.rule_id: one.status for one in result.rules} == dict.fromkeys(
        (name for name, _, _ in rule_names(gate)), "passed"
    )
    assert result.passed
    assert not result.warnings


@pytest.mark.parametrize(("gate", "rule"), ALL_RULES)
def test_every_rule_fails_on_its_case(gate: str, rule: str, tmp_path: Path) -> None:
    connection = healthy()
    connection.execute(BREAKS[gate, rule])
    result = run_gate(gate, connection, folder=one_rule(gate, rule, tmp_path))
    (found,) = result.rules
    assert found.applicable
    assert not found.success
    assert found.failing_count >= 1
    if found.severity == "critical":
        assert not result.passed
        assert found in result.failures
    else:
        assert found in result.warnings
    assert f"{gate}.{rule}: {found.status}" in found.describe()


@pytest.mark.parametrize("gate", GATES)
def test_warnings_alone_do_not_stop_a_gate(gate: str) -> None:
    alone = {
        "observations": "columns_set_aside",
        "indicators": "imputed_share_low",
        "indices": "score_spread",
        "panel": "gdp_per_capita_agrees",
        "estimates": "treatment_t_value_plausible",
    }[gate]
    connection = healthy()
    connection.execute(BREAKS[gate, alone])
    result = run_gate(gate, connection)
    assert [one.rule_id for one in result.warnings] == [alone]
    assert result.passed


@pytest.mark.parametrize("gate", GATES)
def test_nothing_passes_on_empty_tables(gate: str) -> None:
    """No rule may be content with nothing: it fails, warns or says that it doesn't apply."""
    connection = healthy(last_release=False)
    for schema, table in connection.execute(
        "select table_schema, table_name from information_schema.tables order by all"
    ).fetchall():
        connection.execute(f"delete from {schema}.{table}")
    result = run_gate(gate, connection)
    demanding = {rule.id for rule in load_suite(gate).rules if rule.applies_when == ALWAYS}
    # Input without a single index is no fault: real panels hold too few indicators for one.
    assert bool(demanding) == (gate != "indices")
    assert {one.rule_id for one in result.rules if one.status in ("failed", "warning")} == demanding
    assert {one.rule_id for one in result.not_applicable} == {
        name for name, _, _ in rule_names(gate)
    } - demanding
    assert all(one.observed for one in result.not_applicable)


def test_columns_without_a_value_are_not_applicable() -> None:
    """As on real input, where a panel has neither the index nor some controls."""
    connection = healthy()
    connection.execute(
        "update marts.city_year set urbanisation = null, index_nqpf = null, gdp_per_capita = null"
    )
    connection.execute("delete from marts.index_score")
    results = [run_gate(gate, connection) for gate in ("indices", "panel")]
    absent = [one for result in results for one in result.not_applicable]
    told = {one.rule_id: one.observed for one in absent}
    assert told["urbanisation_is_a_share"] == "marts.city_year.urbanisation has no value"
    assert told["outcome_mostly_known"] == "the panel has no index_nqpf"
    assert told["score_mean_steady"] == "marts.index_score has no row"
    assert "gdp_per_capita_agrees" in told
    assert all(result.passed for result in results)
    assert all(one.success and not one.applicable for one in absent)


def test_without_a_last_release_its_rules_do_not_apply() -> None:
    connection = healthy(last_release=False)
    absent = {one.rule_id for gate in GATES for one in run_gate(gate, connection).not_applicable}
    assert absent == {
        "coverage_kept",
        "level_kept",
        "typical_city_against_the_last_release",
        "city_lost_since_the_last_release",
        "scores_agree_with_last_release",
        "score_median_kept",
    }


def test_coverage_may_fall_by_one_percent_and_no_more() -> None:
    connection = healthy()
    # 120 city-years of GDP: 1 lost is 0.8 %, 2 lost are 1.7 %.
    one_city_year = (
        "delete from marts.indicator_value where indicator_code = 'gdp' and scope = 'total' "
        "and city_code = '110300' and year = {}"
    )
    connection.execute(one_city_year.format(2010))
    assert result_of("indicators", "coverage_kept", connection).success
    connection.execute(one_city_year.format(2019))
    found = result_of("indicators", "coverage_kept", connection)
    assert found.failing_rows.to_dict("records") == [
        {
            "indicator_code": "gdp",
            "scope": "total",
            "city_years_before": 120,
            "city_years": 118,
        }
    ]


@pytest.mark.parametrize(("decision", "fits"), [("add_into", True), ("keep_apart", False)])
def test_coverage_counts_without_places_that_a_decision_takes_away(
    decision: str, fits: bool
) -> None:
    connection = healthy()
    connection.execute("delete from marts.indicator_value where city_code = '110300'")
    connection.execute(
        "insert into seed.city_event by name select '2020-merge' as event_id, '110300' as from_code, "
        f"'110400' as to_code, 'merge' as kind, '2020' as year, '{decision}' as decision"
    )
    assert result_of("indicators", "coverage_kept", connection).success == fits


def test_a_slip_of_units_is_named_with_its_edition() -> None:
    connection = healthy()
    connection.execute(BREAKS["observations", "unit_slip_between_years"])
    (row, *more) = result_of(
        "observations", "unit_slip_between_years", connection
    ).failing_rows.to_dict("records")
    assert {one["scope"] for one in [row, *more]} == {"total", "districts"}
    assert (row["edition_before"], row["edition"], row["cities"]) == (2014, 2015, 12)
    assert math.isclose(row["typical_ratio"], 10500, rel_tol=1e-9)  # 10,000 x 5 % growth


@pytest.mark.parametrize("factor", [10, 100, 1000, 10000, 0.1, 0.01, 0.001, 0.0001])
def test_slips_of_every_power_are_found(factor: float) -> None:
    connection = healthy()
    connection.execute(
        "update staging.stg_yearbook__observation set value = value * ? "
        "where indicator_code = 'gdp' and edition = 2020",
        [factor],
    )
    assert not result_of("observations", "unit_slip_between_years", connection).success


@pytest.mark.parametrize("factor", [1.05, 2, 5])
def test_growth_is_no_slip(factor: float) -> None:
    connection = healthy()
    connection.execute(
        "update staging.stg_yearbook__observation set value = value * ? "
        "where indicator_code = 'gdp' and edition >= 2015",
        [factor],
    )
    assert result_of("observations", "unit_slip_between_years", connection).success


def test_a_declared_change_of_unit_is_no_slip() -> None:
    connection = healthy()
    connection.execute(
        "update staging.stg_yearbook__observation set value = value / 10000, "
        "unit_printed = '100_million_yuan' where indicator_code = 'gdp' and edition >= 2015"
    )
    assert result_of("observations", "unit_slip_between_years", connection).success


def test_failing_rows_are_the_rows_and_always_the_same() -> None:
    connection = healthy()
    connection.execute("update marts.index_score set score = 1 + year / 1000.0 where year < 2013")
    first = result_of("indices", "score_within_bounds", connection)
    again = result_of("indices", "score_within_bounds", connection)
    assert first.failing_count == 36
    assert first.observed == "36 rows"
    assert len(first.failing_rows) == MAX_FAILING_ROWS
    assert set(first.failing_rows.columns) == {"index_id", "city_code", "year", "score"}
    assert first.failing_rows.equals(again.failing_rows)
    assert "20 of 36 failing" in first.describe()


def test_a_query_may_fail_with_more_rows_than_are_shown() -> None:
    connection = healthy()
    connection.execute("update marts.indicator_value set is_imputed = true")
    connection.execute(
        "insert into marts.indicator_value select city_code, year, indicator_code || k, scope, "
        "value, unit, cell_id || k, true, false, null, source_id, values_published "
        "from marts.indicator_value, range(300) r(k)"
    )
    found = result_of("indicators", "imputed_share_by_indicator", connection)
    assert found.failing_count == 7 * 301
    assert len(found.failing_rows) == MAX_FAILING_ROWS
    assert list(found.failing_rows.columns)[:2] == ["indicator_code", "scope"]


def test_sectors_are_judged_by_their_sum() -> None:
    connection = healthy()
    connection.execute(BREAKS["indicators", "sectors_add_up"])
    result = run_gate("indicators", connection)
    (row,) = next(
        one for one in result.rules if one.rule_id == "sectors_add_up"
    ).failing_rows.to_dict("records")
    assert (row["city_code"], row["year"]) == ("110300", 2015)
    assert math.isclose(row["relative_gap"], 0.05)
    assert result.passed


@pytest.mark.parametrize("gate", GATES)
def test_a_read_only_file_will_do_and_the_connection_stays_open(gate: str, tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    healthy(str(file), last_release=False).close()
    before = file.read_bytes()
    connection = duckdb.connect(str(file), read_only=True)
    assert run_gate(gate, connection).passed
    assert connection.execute("select count(*) from marts.city_year").fetchone() == (120,)
    connection.close()
    assert file.read_bytes() == before


def test_a_missing_table_is_an_error_that_names_the_rules() -> None:
    connection = healthy()
    connection.execute("drop table marts.index_weight")
    with pytest.raises(GateError, match=r"weight_within_bounds[\s\S]*index_weight"):
        run_gate("indices", connection)


def rule_file(tmp_path: Path, rule: str) -> Path:
    (tmp_path / "panel.yml").write_text(
        "gate: panel\ntable: marts.city_year\nkey: [city_code, year]\nrules:\n"
        "  - id: tried\n    severity: critical\n    reason: Tried here and nowhere else.\n"
        + "".join(f"    {line}\n" for line in rule.splitlines()),
        encoding="utf-8",
    )
    return tmp_path


@pytest.mark.parametrize(
    "rule",
    [
        "unexpected_rows_query: select no_such_column from {batch} order by 1",
        "unexpected_rows_query: select from where {batch} order by",
        "expectation: expect_column_values_to_be_between\nkwargs: {column: urbanisation, low: 3}",
        "expectation: expect_column_values_to_be_between\nkwargs: {column: nowhere, min_value: 3}",
        "expectation: expect_column_values_to_not_be_null\nkwargs: {column: nowhere}",
        "applies_when: select nothing\notherwise: nothing\n"
        "expectation: expect_column_values_to_not_be_null\nkwargs: {column: year}",
    ],
)
def test_a_rule_that_cannot_be_asked_is_an_error_and_no_pass(tmp_path: Path, rule: str) -> None:
    with pytest.raises(GateError, match="tried"):
        run_gate("panel", healthy(), folder=rule_file(tmp_path, rule))


WAYS = {
    "expect_column_values_to_be_between": ("{column: gdp, min_value: 0}", "gdp = -1"),
    "expect_column_values_to_be_in_set": (
        "{column: urbanisation, value_set: [0.55]}",
        "urbanisation = 2",
    ),
    "expect_column_min_to_be_between": ("{column: gdp, min_value: 0}", "gdp = -1"),
    "expect_column_max_to_be_between": ("{column: gdp, max_value: 1.0e+8}", "gdp = 1e9"),
    "expect_column_mean_to_be_between": (
        "{column: urbanisation, max_value: 0.6}",
        "urbanisation = 9",
    ),
    "expect_column_median_to_be_between": (
        "{column: urbanisation, max_value: 0.6}",
        "urbanisation = 9",
    ),
    "expect_column_stdev_to_be_between": (
        "{column: urbanisation, max_value: 0.1}",
        "urbanisation = year",
    ),
    "expect_column_sum_to_be_between": (
        "{column: urbanisation, max_value: 67}",
        "urbanisation = 9",
    ),
    "expect_column_unique_value_count_to_be_between": (
        "{column: urbanisation, max_value: 1}",
        "urbanisation = year",
    ),
    "expect_column_values_to_not_be_null": (
        "{column: gdp}",
        "gdp = case when year > 2012 then 1 end",
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": (
        "{column: gdp, min_value: 0.9}",
        "gdp = case when year > 2012 then 1 end",
    ),
    "expect_table_row_count_to_be_between": (
        "{min_value: 120, max_value: 120}",
        None,
    ),
    "expect_query_value_to_be_between": (
        "{query: 'select max(gdp) as value from {batch}', max_value: 1.0e+8}",
        "gdp = 1e9",
    ),
}


def test_every_supported_expectation_is_tried() -> None:
    assert set(WAYS) == SUPPORTED_EXPECTATIONS


@pytest.mark.parametrize("expectation", sorted(WAYS))
def test_a_supported_expectation_passes_and_fails(tmp_path: Path, expectation: str) -> None:
    kwargs, broken = WAYS[expectation]
    folder = rule_file(tmp_path, f"expectation: {expectation}\nkwargs: {kwargs}")
    connection = healthy()
    assert run_gate("panel", connection, folder=folder).rules[0].status == "passed"
    connection.execute(
        f"update marts.city_year set {broken}"
        if broken
        else "delete from marts.city_year where year = 2011"
    )
    found = run_gate("panel", connection, folder=folder).rules[0]
    assert found.status == "failed"
    assert found.expected


@pytest.mark.parametrize(
    "query",
    [
        "select gdp as value from {batch}",
        "select gdp as value from {batch} where year = 1900",
        "select cast(null as double) as value from {batch} limit 1",
        "select max(gdp) as highest from {batch}",
    ],
)
def test_a_query_value_must_be_one_figure(tmp_path: Path, query: str) -> None:
    folder = rule_file(
        tmp_path,
        "expectation: expect_query_value_to_be_between\n"
        f"kwargs: {{query: '{query}', min_value: 0}}",
    )
    found = run_gate("panel", healthy(), folder=folder).rules[0]
    assert found.status == "failed"
    assert found.observed == "no value"


def test_all_types_of_the_warehouse_can_be_shown(tmp_path: Path) -> None:
    connection = healthy()
    connection.execute(
        "alter table marts.city_year add column d decimal(18, 3) default 1.5; "
        "alter table marts.city_year add column s timestamp default timestamp '2020-01-01'; "
        "alter table marts.city_year add column h hugeint default 7; "
        "alter table marts.city_year add column y date default date '2020-01-01'; "
        "alter table marts.city_year add column b boolean default true; "
        "alter table marts.city_year add column n double default 'nan'; "
        "alter table marts.city_year add column l integer[] default [1]"
    )
    folder = rule_file(
        tmp_path,
        "unexpected_rows_query: select city_code, d, s, h, y, b, n, l, null as nothing "
        "from {batch} order by city_code",
    )
    found = run_gate("panel", connection, docs_store=tmp_path / "store", folder=folder).rules[0]
    assert found.failing_count == 120
    (shown, *_) = found.failing_rows.to_dict("records")
    assert (shown["d"], shown["h"], shown["b"], shown["l"]) == (1.5, 7, True, [1])
    assert str(shown["y"]) == "2020-01-01"
    assert math.isnan(shown["n"])
    assert shown["nothing"] is None
