"""The view of lineage in a release: one row per value, each leading to the number in its cell."""

import duckdb
import pytest
from e2e_process import Refreshed

CONVERSION_TOLERANCE = 1e-15  # relative; one multiplication in double precision


def test_every_value_has_one_row_of_lineage(sample_db: duckdb.DuckDBPyConnection) -> None:
    assert sample_db.execute(
        "select count(*) - (select count(*) from marts.indicator_value),"
        " count(*) filter (where value_kind in ('observed', 'corrected')"
        "     and (relative_path is null or sheet_name is null or cell_address is null"
        "         or heading_printed is null)),"
        " count(*) filter (where value_kind = 'interpolated' and (fill_method is null"
        "     or neighbour_cell_before is null or neighbour_cell_after is null)),"
        " count(*) filter (where value_kind = 'derived' and formula is null)"
        " from marts.number_lineage"
    ).fetchone() == (0, 0, 0, 0)


def test_an_observed_value_is_its_text_times_the_factor(
    sample_db: duckdb.DuckDBPyConnection,
) -> None:
    compared, apart = sample_db.execute(
        "select count(*), count(*) filter (where abs(value - number * unit_factor) > ? * abs(value)) from"
        " (select value, unit_factor, try_cast(cell_text as double) as number from marts.number_lineage"
        " where value_kind = 'observed') where number is not null",
        [CONVERSION_TOLERANCE],
    ).fetchone()
    assert compared > 100_000
    assert apart == 0


def test_the_view_works_under_any_name(sample: Refreshed) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{sample.warehouse}' as somebodys (read_only)")
        (rows,) = connection.execute(
            "select count(*) from somebodys.marts.number_lineage where city_code = '420600' and year = 2015"
        ).fetchone()
    assert rows > 50


def test_every_made_value_has_its_inputs(sample_db: duckdb.DuckDBPyConnection) -> None:
    # One city and three years: the view is for few values at a time.
    made, without, roles = sample_db.execute(
        "with made as (select city_code, year, indicator_code, scope from marts.indicator_value"
        "     where value_kind = 'derived' and city_code = '420600' and year between 2009 and 2011),"
        " inputs as (select city_code, year, indicator_code, scope, role from marts.number_input"
        "     where city_code = '420600' and year between 2009 and 2011)"
        " select (select count(*) from made), (select count(*) from made anti join inputs using"
        "     (city_code, year, indicator_code, scope)), (select list(distinct role order by role) from inputs)"
    ).fetchone()
    assert made > 80
    assert without == 0
    assert roles == ["city", "deflator", "denominator", "nominal", "numerator", "other_city"]


def test_a_relative_value_is_its_inputs(sample_db: duckdb.DuckDBPyConnection) -> None:
    value, own, cities = sample_db.execute(
        "select any_value(value), max(input_value) filter (where role = 'city'), count(*)"
        " from marts.number_input where city_code = '420600' and year = 2015"
        " and indicator_code = 'fiscal_decentralisation_per_capita'"
    ).fetchone()
    spent, residents, expected_cities = sample_db.execute(
        "select sum(fiscal_expenditure), sum(population_resident), count(*) from marts.city_year"
        " where year = 2015 and fiscal_expenditure is not null and population_resident is not null"
    ).fetchone()
    assert cities == expected_cities
    # Sums of some hundred numbers, taken in another order.
    assert value == pytest.approx(own / (spent / residents), rel=1e-12)


def test_a_deflated_value_is_its_inputs(sample_db: duckdb.DuckDBPyConnection) -> None:
    rows = sample_db.execute(
        "select value, role, input_year, input_indicator_code, input_value from marts.number_input"
        " where city_code = '420600' and year = 2014 and indicator_code = 'average_wage_real'"
    ).fetchall()
    given = {(year, code): value for _, _, year, code, value in rows}
    nominal = next(value for _, role, _, _, value in rows if role == "nominal")
    level = 1.0
    for year in range(2011, 2015):
        growth = 1 + given[year, "gdp_growth_rate"] / 100
        level *= given[year, "gdp"] / given[year - 1, "gdp"] / growth
    (value,) = {value for value, *_ in rows}
    assert value == pytest.approx(nominal / level, rel=1e-12)
    assert len(rows) == 1 + 5 + 4
