"""The view of lineage in a release: one row per value, each leading to the number in its cell."""

import duckdb
import pytest
from e2e_process import Refreshed

pytestmark = pytest.mark.xdist_group("sample")

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
