"""The rules on the typical city: what moves it is told once, by source, until a seed explains it."""

import duckdb
import pytest
from gx_cases import healthy

from expectations import load_suite

RULES = {rule.id: rule for rule in load_suite("indicators").rules}
YEAR_BEFORE = "typical_city_against_the_year_before"
LAST_RELEASE = "typical_city_against_the_last_release"
OTHER_SOURCES = "typical_city_against_other_sources"
OTHER_YEAR = "figures_of_another_year"
COMES_OR_GOES = "city_comes_or_goes"
GOES_ALONE = "city_goes_alone"
LOST = "city_lost_since_the_last_release"
PLAUSIBLE = "typical_city_plausible"
GDP_2015 = "indicator_code = 'gdp' and scope = 'total' and year = 2015"
DISTRICTS_FOR_THE_CITY = 94.8 / 341.6
"""Median population of districts over that of whole cities, when eight pages of them were read as whole cities."""


def found(connection: duckdb.DuckDBPyConnection, rule: str) -> list[dict[str, object]]:
    """The rows that a rule shows."""
    query = RULES[rule].unexpected_rows_query
    assert query is not None
    answer = connection.execute(query.format(batch=RULES[rule].table))
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


@pytest.fixture
def many() -> duckdb.DuckDBPyConnection:
    """The healthy warehouse with sixty cities more, of another source."""
    connection = healthy()
    connection.execute(
        "insert into marts.indicator_value by name select city_code || n as city_code, year, "
        "indicator_code, scope, value * (1 + n / 10) as value, unit, cell_id || n as cell_id, "
        "is_imputed, is_corrected, source_table_id, 'panel' as source_id, 1 as values_published "
        "from marts.indicator_value, range(5) t(n) where indicator_code = 'gdp'"
    )
    connection.execute(
        "create or replace table last_release.marts.indicator_value as from marts.indicator_value"
    )
    return connection


def explain(
    connection: duckdb.DuckDBPyConnection, comparison: str, up_to: float, source: str | None
) -> None:
    connection.execute(
        "insert into seed.typical_city_explanation by name select ? as comparison, 'gdp' as "
        "indicator_code, 'total' as scope, ? as source_id, 2015 as year_from, 2016 as year_to, "
        "? as up_to, 'borders' as reason, 'somebody' as decided_by",
        [comparison, source, up_to],
    )


def test_a_year_of_districts_is_told_with_its_median_and_quartiles() -> None:
    connection = healthy()
    connection.execute(
        f"update marts.indicator_value set value = value * {DISTRICTS_FOR_THE_CITY} where {GDP_2015}"
    )
    rows = found(connection, YEAR_BEFORE)
    assert [(row["year"], row["what"]) for row in rows] == [
        (year, what)
        for year in (2015, 2016)
        for what in ("lower quartile", "median", "upper quartile")
    ]
    assert {row["source_id"] for row in rows} == {"yearbook"}  # once, though it is all sources too
    assert rows[1]["ratio"] == pytest.approx(1.05 * DISTRICTS_FOR_THE_CITY)
    assert {row["what"] for row in found(connection, LAST_RELEASE)} == {
        "lower quartile",
        "median",
        "upper quartile",
    }


def test_one_source_among_others_is_told_though_the_typical_city_stands(
    many: duckdb.DuckDBPyConnection,
) -> None:
    many.execute(
        "update marts.indicator_value set source_id = 'third' where source_id = 'panel' "
        "and substr(city_code, 7) in ('0', '1', '2')"
    )
    many.execute(
        f"update marts.indicator_value set value = value / 3.6 where {GDP_2015} "
        "and source_id = 'third'"
    )
    rows = [row for row in found(many, YEAR_BEFORE) if row["year"] == 2015]
    assert ("third", "median") in {(row["source_id"], row["what"]) for row in rows}
    assert {"yearbook", "panel"}.isdisjoint({row["source_id"] for row in rows})


def test_an_explanation_holds_for_its_source_and_up_to_what_was_seen() -> None:
    connection = healthy()
    connection.execute(f"update marts.indicator_value set value = value / 3.6 where {GDP_2015}")
    explain(connection, "year_before", 4, "panel")
    assert len(found(connection, YEAR_BEFORE)) == 6
    explain(connection, "year_before", 3, "yearbook")
    assert len(found(connection, YEAR_BEFORE)) == 6
    explain(connection, "year_before", 4, "yearbook")
    assert not found(connection, YEAR_BEFORE)
    assert found(connection, LAST_RELEASE)
    explain(connection, "last_release", 4, None)
    assert not found(connection, LAST_RELEASE)


@pytest.mark.parametrize(("kept", "told"), [(7, False), (5, True), (0, True)])
def test_a_year_that_loses_half_of_its_cities_is_told(kept: int, told: bool) -> None:
    connection = healthy()
    connection.execute(
        f"delete from marts.indicator_value where {GDP_2015} and city_code not in "
        "(select distinct city_code from last_release.marts.indicator_value order by 1 "
        f"limit {kept})"
    )
    counts = [row for row in found(connection, YEAR_BEFORE) if row["what"] == "number of cities"]
    # A year without any city has no figures to stand beside the year before; the release does.
    assert bool(counts) == (told and kept > 0)
    (lost,) = found(connection, LAST_RELEASE)
    assert (lost["what"], lost["before"], lost["now"]) == ("number of cities", 12, kept)


def test_more_cities_than_in_the_last_release_are_no_fault() -> None:
    connection = healthy()
    connection.execute(
        f"delete from last_release.{RULES[LAST_RELEASE].table} where year > 2012 and hash(city_code) % 2 = 0"
    )
    assert not found(connection, LAST_RELEASE)


def test_cities_that_are_new_do_not_move_the_typical_one(many: duckdb.DuckDBPyConnection) -> None:
    """Small cities that one year adds lower the median of all, not that of the cities of both years."""
    many.execute("update marts.indicator_value set value = value / 9 where source_id = 'panel'")
    many.execute(
        "delete from marts.indicator_value where source_id = 'panel' and year < 2015 "
        "and substr(city_code, 7) <> '0'"
    )
    assert {row["what"] for row in found(many, YEAR_BEFORE)} == {"number of cities"}


def test_the_bound_of_the_indicator_counts_before_that_of_its_dimension() -> None:
    connection = healthy()
    connection.execute(f"update marts.indicator_value set value = value / 1.4 where {GDP_2015}")
    assert not found(connection, YEAR_BEFORE)
    connection.execute(
        "insert into seed.typical_city_bound by name select 'year_before' as comparison, "
        "'median' as statistic, 'gdp' as indicator_code, 1.3 as bound"
    )
    assert {row["what"] for row in found(connection, YEAR_BEFORE)} == {"median"}
    connection.execute(
        "update seed.typical_city_bound set bound = null where indicator_code = 'gdp'"
    )
    assert not found(connection, YEAR_BEFORE)


def test_other_sources_count_where_most_cities_are_apart() -> None:
    connection = healthy()
    connection.execute("update marts.source_disagreement set ratio = 2.9")
    (row,) = found(connection, OTHER_SOURCES)
    assert (row["cities_of_both"], row["cities_apart"], row["ratio"]) == (12, 12, 2.9)
    explain(connection, "other_source", 3, "panel")
    assert not found(connection, OTHER_SOURCES)
    connection.execute("update marts.source_disagreement set ratio = 3.1")
    assert found(connection, OTHER_SOURCES)


@pytest.mark.parametrize(
    ("cities", "told", "rounding"), [(6, False, 1), (7, True, 1), (7, True, 1 + 1e-9)]
)
def test_a_year_that_repeats_another_is_told(cities: int, told: bool, rounding: float) -> None:
    """As wages of 2020 that stood under 2023, or a page copied in another unit."""
    connection = healthy()
    connection.execute(
        f"update marts.indicator_value as now set value = {rounding} * before.value "
        "from marts.indicator_value as before where now.indicator_code = 'gdp' "
        "and now.scope = 'total' and now.year = 2018 and before.year = 2015 "
        "and before.city_code = now.city_code and before.indicator_code = 'gdp' "
        "and before.scope = 'total' and now.city_code in (select distinct city_code "
        f"from last_release.marts.indicator_value order by 1 limit {cities})"
    )
    rows = found(connection, OTHER_YEAR)
    assert [(row["year"], row["other_year"]) for row in rows] == ([(2018, 2015)] if told else [])


@pytest.mark.parametrize(
    ("years", "told"),
    [
        ("year = 2019", [("goes", 2018)]),
        ("year = 2010", [("comes", 2011)]),
        ("year = 2015", [("goes", 2014), ("comes", 2016)]),
    ],
)
def test_a_city_that_goes_or_comes_is_told_unless_an_event_says_why(
    years: str, told: list[tuple[str, int]]
) -> None:
    connection = healthy()
    connection.execute(f"delete from marts.indicator_value where city_code = '110300' and {years}")
    rows = found(connection, COMES_OR_GOES)
    assert [(row["what"], row["year"]) for row in rows] == told
    connection.execute(
        "insert into seed.city_event by name select cast(year as varchar) as year, "
        "'110300' as from_code from range(2010, 2021) t(year)"
    )
    assert not found(connection, COMES_OR_GOES)


def test_a_city_that_goes_alone_stops_until_a_decision_stands(
    many: duckdb.DuckDBPyConnection,
) -> None:
    """As Jiayuguan, from 88 figures to none."""
    many.execute(
        "insert into marts.indicator_value by name select * replace (city_code || 'y' as city_code) "
        "from marts.indicator_value where source_id = 'yearbook'"
    )
    many.execute("delete from marts.indicator_value where city_code = '110300' and year >= 2015")
    (row,) = found(many, GOES_ALONE)
    assert (row["city_code"], row["year"], row["year_without"]) == ("110300", 2014, 2015)
    assert not [one for one in found(many, COMES_OR_GOES) if one["city_code"] == "110300"]
    (lost,) = found(many, LOST)
    assert (lost["city_code"], lost["years"], lost["first_year"]) == ("110300", 5, 2015)
    many.execute("insert into seed.city_absence values ('110300', 2015, 2019)")
    assert not found(many, GOES_ALONE)
    assert not found(many, LOST)


def test_many_cities_that_go_together_are_a_warning(many: duckdb.DuckDBPyConnection) -> None:
    many.execute(
        "insert into marts.indicator_value by name select figure.* replace (city_code || n as city_code) "
        "from marts.indicator_value as figure, (values ('a'), ('b')) t(n) where source_id = 'yearbook'"
    )
    many.execute(
        "delete from marts.indicator_value where length(city_code) = 6 and year = 2019 "
        "and city_code < '110500'"
    )
    assert not found(many, GOES_ALONE)
    assert len(found(many, COMES_OR_GOES)) == 5


@pytest.mark.parametrize(
    ("factor", "told"), [(1, False), (DISTRICTS_FOR_THE_CITY, True), (0.9, False), (10, True)]
)
def test_one_page_of_ten_cities_is_judged_by_their_residents(factor: float, told: bool) -> None:
    """Nothing else is there: no other year, no other source, no last release."""
    connection = healthy(last_release=False)
    connection.execute("delete from marts.indicator_value where year <> 2015 or scope <> 'total'")
    connection.execute("delete from marts.indicator_value where indicator_code <> 'gdp'")
    connection.execute(
        "update marts.indicator_value set indicator_code = 'population_resident', "
        "unit = '10_000_persons', value = ? * (select any_value(residents) / 10000 "
        "from seed.census_population as census where census.city_code = indicator_value.city_code)",
        [factor],
    )
    rows = found(connection, PLAUSIBLE)
    assert bool(rows) == told
    if told:
        assert rows[0]["typical_measure"] == pytest.approx(factor, rel=0.01)
        assert rows[0]["cell_id"]
    connection.execute("delete from marts.indicator_value where city_code >= '110400'")
    assert not found(connection, PLAUSIBLE)  # four cities are no typical one


def test_bounds_of_a_city_are_for_its_own_residents() -> None:
    """A city of fifty thousand can't have the output of one of five million, though both are cities."""
    connection = healthy()
    connection.execute(
        "update seed.census_population set residents = 100 where city_code = '110300'"
    )
    rows = found(connection, "plausible_for_its_residents")
    assert {row["city_code"] for row in rows} == {"110300"}


def test_the_typical_ranges_lie_inside_those_of_a_city() -> None:
    connection = healthy()
    assert (
        connection.execute(
            "select indicator_code, scope from seed.plausible_bound where not (low < high) "
            "or typical_low <= low or typical_high >= high or typical_low >= typical_high "
            "or (least_cities is null) <> (typical_low is null)"
        ).fetchall()
        == []
    )


def test_a_city_that_goes_is_told_where_there_is_but_one_indicator(
    many: duckdb.DuckDBPyConnection,
) -> None:
    many.execute(
        "delete from marts.indicator_value where indicator_code <> 'gdp' or scope <> 'total'"
    )
    many.execute(
        "delete from last_release.marts.indicator_value where indicator_code <> 'gdp' or scope <> 'total'"
    )
    assert not found(many, GOES_ALONE)
    many.execute("delete from marts.indicator_value where city_code = '110300' and year >= 2018")
    assert [row["city_code"] for row in found(many, GOES_ALONE)] == ["110300"]
    assert [row["city_code"] for row in found(many, LOST)] == ["110300"]
