"""The one access to the database: what a `Warehouse` answers, writes, compares with and copies."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration.engine.duck import RELEASED_BLOCK, DuckDBWarehouse
from orchestration.engine.protocol import UnknownName, Warehouse, WarehouseError
from orchestration.engine.warehouse import (
    dataset_version,
    open_release,
    open_warehouse,
)
from orchestration.errors import NotFound

CITIES = pd.DataFrame({"city": ["石家庄市", "唐山市"], "gdp": [2.0, 1.0]})


@pytest.fixture
def warehouse() -> Iterator[DuckDBWarehouse]:
    with duckdb.connect() as connection:
        yield DuckDBWarehouse(connection)


def test_duckdb_can_all_that_a_warehouse_can() -> None:
    asked = {name for name, value in vars(Warehouse).items() if inspect.isfunction(value)}
    asked -= {name for name in asked if name.startswith("_")}
    assert len(asked) > 10
    for name in asked:
        protocol, made = (
            [*inspect.signature(getattr(one, name)).parameters]
            for one in (Warehouse, DuckDBWarehouse)
        )
        assert made == protocol, name


def test_answers_in_four_forms(warehouse: DuckDBWarehouse) -> None:
    query = "select city, gdp from (values ('a', 1), ('b', 2)) as t (city, gdp) where gdp >= ? order by all"
    assert warehouse.rows(query, 1) == [("a", 1), ("b", 2)]
    assert warehouse.row(query, 2) == ("b", 2)
    assert warehouse.row(query, 3) is None
    assert [of.city for of in warehouse.records(query, 1)] == ["a", "b"]
    assert warehouse.frame(query, 1)["gdp"].tolist() == [1, 2]
    assert warehouse.rows("select $2, $1", 1, 2) == [(2, 1)]


def test_a_name_that_is_not_there_is_said_in_the_words_of_the_database(
    warehouse: DuckDBWarehouse,
) -> None:
    with pytest.raises(UnknownName, match="nowhere"):
        warehouse.rows("select * from nowhere")
    with pytest.raises(UnknownName, match="height"):
        warehouse.rows("select height from (select 1 as width)")


def test_a_frame_becomes_a_table_in_its_order_with_comments(warehouse: DuckDBWarehouse) -> None:
    warehouse.write("estimates", "city", CITIES, {"city": "the city's name", "gdp": "in '000"})
    warehouse.write("estimates", "city", CITIES, {"city": "the city's name", "gdp": "in '000"})
    assert warehouse.rows("select city from estimates.city") == [("石家庄市",), ("唐山市",)]
    comments = "select comment from duckdb_columns() where table_name = 'city' order by column_name"
    assert warehouse.rows(comments) == [("the city's name",), ("in '000",)]


def test_rows_are_appended_and_stored_cells_taken_again_under_another_key(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    warehouse.create("raw", "part", (("file_key", "varchar"), ("number", "integer")))
    warehouse.append("raw", "part", [])
    warehouse.append("raw", "part", [("a", 1), ("b", None)])
    assert warehouse.rows("select * from raw.part order by file_key") == [("a", 1), ("b", None)]
    stored = tmp_path / "a.parquet"
    warehouse.run(f"copy (select 'a' as file_key, 7::integer as number) to '{stored}'")
    warehouse.create("raw", "cell", (("file_key", "varchar"), ("number", "integer")))
    warehouse.load_cells("raw.cell", [stored], 1, again=[("z", stored)])
    assert warehouse.rows("select * from raw.cell order by file_key") == [("a", 7), ("z", 7)]


def test_tables_are_those_of_the_schemas_without_views(warehouse: DuckDBWarehouse) -> None:
    warehouse.write("estimates", "b", CITIES, {})
    warehouse.write("marts", "a", CITIES.head(1), {})
    warehouse.write("staging", "c", CITIES, {})
    warehouse.run("create view marts.shown as select * from marts.a")
    assert warehouse.tables() == [("estimates", "b"), ("marts", "a")]
    assert warehouse.row_counts() == {"estimates.b": 2, "marts.a": 1}
    assert warehouse.row_counts(("staging",)) == {"staging.c": 2}


def test_descriptions_say_the_kind_of_data_of_tables_and_views(warehouse: DuckDBWarehouse) -> None:
    warehouse.write("marts", "a", CITIES, {})
    warehouse.run("create view marts.shown as select * from marts.a")
    warehouse.describe({"marts.a": ("Cities' output. ", {"gdp": "yuan's"})}, "simulated")
    assert warehouse.rows("select comment from duckdb_tables() where table_name = 'a'") == [
        ("Cities' output. [data_kind: simulated]",)
    ]
    assert warehouse.rows("select comment from duckdb_views() where view_name = 'shown'") == [
        ("[data_kind: simulated]",)
    ]


# ---- other files


def file_of(path: Path, kind: str) -> Path:
    """A warehouse whose only input file is of a kind."""
    with open_warehouse(path) as warehouse:
        warehouse.create("raw", "yearbook_file", (("data_kind", "varchar"),))
        warehouse.run("insert into raw.yearbook_file values (?)", kind)
    return path


@pytest.mark.parametrize(
    ("mine", "released", "compared"),
    [
        ("simulated", "simulated", True),
        ("published", "published", True),
        ("published", "simulated", False),
        ("simulated", None, False),
    ],
)
def test_the_last_release_can_be_asked_where_it_is_of_the_same_kind(
    mine: str, released: str | None, compared: bool, tmp_path: Path
) -> None:
    last = tmp_path / "last.duckdb"
    if released:
        file_of(last, released)
    with open_warehouse(file_of(tmp_path / "building.duckdb", mine)) as warehouse:
        with warehouse.beside(last) as attached:
            assert attached == compared
            if attached:
                assert warehouse.row("select count(*) from last_release.raw.yearbook_file") == (1,)
        assert (
            warehouse.rows("select 1 from duckdb_databases() where database_name = 'last_release'")
            == []
        )


def test_an_older_release_that_lacks_tables_is_no_reason_to_stop(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("citypanel"), "propagate", True)
    with open_warehouse(tmp_path / "last.duckdb") as older:
        older.write("marts", "a", CITIES, {})
    with (
        open_warehouse(file_of(tmp_path / "building.duckdb", "published")) as warehouse,
        warehouse.beside(tmp_path / "last.duckdb") as attached,
    ):
        assert not attached
    assert "the last release can't be compared with" in caplog.text


def test_a_copy_has_what_was_not_left_out_and_is_read_only(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "building.duckdb") as warehouse:
        for schema in ("marts", "staging"):
            warehouse.write(schema, "a", CITIES, {})
        warehouse.copy_out(tmp_path / "it's.duckdb", ("staging.a", "staging.never_made"))
    with open_release(tmp_path / "it's.duckdb") as released:
        assert released.tables(("marts", "staging")) == [("marts", "a")]
        assert released.row("select block_size from pragma_database_size()") == (RELEASED_BLOCK,)
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            released.run("delete from marts.a")


def test_a_file_that_is_no_warehouse_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "warehouse.duckdb"
    broken.write_bytes(b"no database" * 1000)
    with (
        pytest.raises(WarehouseError, match=r"warehouse\.duckdb can't be opened: .* move .* away"),
        open_release(broken),
    ):
        pass


# ---- reads that several rooms share


def test_a_warehouse_without_marts_says_what_is_missing(warehouse: DuckDBWarehouse) -> None:
    warehouse.write("marts", "dataset_version", pd.DataFrame({"vintage": [], "data_kind": []}), {})
    with pytest.raises(NotFound, match="build the marts first"):
        dataset_version(warehouse)
