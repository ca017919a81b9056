"""The view of lineage in a release: one row per value, each leading to the number in its cell."""

from collections import Counter

import duckdb
import pytest
from e2e_process import Refreshed

from orchestration.engine.duck import DuckDBWarehouse
from orchestration.trace import Key, Made, made
from orchestration.trace.number import Part

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


# ---- what the views say is what `citypanel trace` says

PLACES = {
    "plain": "select '420600', 2015",
    "most interpolated figures": "select city_code, year from marts.indicator_value group by all"
    " order by count(*) filter (where is_imputed) desc, city_code, year limit 1",
}


def parts(number: Made) -> list[Key]:
    return [step.key for step in number.steps if isinstance(step, Part)]


@pytest.mark.parametrize("place", PLACES)
def test_the_view_of_inputs_names_what_a_trace_shows(
    sample_db: duckdb.DuckDBPyConnection, place: str
) -> None:
    """Every made figure of a city-year; a trace counts the other cities of a relative one, no more."""
    code, year = sample_db.execute(PLACES[place]).fetchone()
    inputs: dict[Key, set[Key]] = {}
    for name, scope, *given in sample_db.execute(
        "select indicator_code, scope, input_city_code, input_year, input_indicator_code, input_scope"
        " from marts.number_input where city_code = ? and year = ? and role <> 'other_city'",
        [code, year],
    ).fetchall():
        made_figure = Key(code, year, "figure", name, scope)
        inputs.setdefault(made_figure, set()).add(Key(given[0], given[1], "figure", *given[2:]))
    assert len(inputs) > 30
    warehouse = DuckDBWarehouse(sample_db)
    for made_figure, keys in inputs.items():
        shown: set[Key] = set()
        for key in parts(made(warehouse, made_figure)):
            # The view names the figures of a deflator's steps at once.
            shown |= set(parts(made(warehouse, key))) if key.kind == "deflator" else {key}
        assert shown == keys, made_figure


@pytest.mark.parametrize("place", PLACES)
def test_the_view_of_lineage_names_the_cell_that_a_trace_shows(
    sample_db: duckdb.DuckDBPyConnection, place: str
) -> None:
    code, year = sample_db.execute(PLACES[place]).fetchone()
    warehouse = DuckDBWarehouse(sample_db)
    kinds = Counter()
    for row in warehouse.records(
        "select * from marts.number_lineage where city_code = ? and year = ?", code, year
    ):
        told = made(warehouse, Key(code, year, "figure", row.indicator_code, row.scope))
        assert told.value == row.value
        words = "\n".join(step for step in told.steps if isinstance(step, str))
        expected = {
            "observed": (
                f"file:   {row.relative_path} (sha256 {(row.sha256 or '')[:12]}…)",
                f"sheet {row.sheet_name!r}, {row.cell_address}: {row.cell_text!r}",
                f"under {' '.join((row.heading_printed or '').split())!r}",
            ),
            "derived": (f"formula: {row.formula}",),
        }.get(row.value_kind, ())
        assert [each for each in expected if each not in words] == [], row.indicator_code
        if row.value_kind == "interpolated":
            neighbours = [row.neighbour_year_before, row.neighbour_year_after]
            assert [key.year for key in parts(told)] == neighbours, row.indicator_code
        kinds[row.value_kind] += 1
    assert kinds["observed"] > 30 and kinds["derived"] > 20
