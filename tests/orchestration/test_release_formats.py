"""A release goes out in formats: each is written, and asked what is wrong before the release is placed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.engine.protocol import Warehouse
from orchestration.engine.warehouse import open_release, open_warehouse
from orchestration.releases import validate as validation
from orchestration.releases.formats import FORMATS, Format
from orchestration.releases.manifest import MANIFEST, ReleaseError
from orchestration.releases.validate import validate

TABLES = """
create schema marts;
create schema estimates;
create table marts.indicator_value as
    select 'gdp' as indicator_code, '420100' as city_code, unnest([3.0, 1.0, 2.0]) as value;
create table estimates.estimate as select 1 as estimate;
"""


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A build with two public tables in every format."""
    folder = tmp_path / "release"
    (folder / "report").mkdir(parents=True)
    (folder / "report" / "index.html").write_text("page")
    (folder / "explorer" / "data" / "city").mkdir(parents=True)
    for name in (
        "index.html",
        "data/base.js",
        "data/places.js",
        "data/recipes.js",
        "data/city/420100.js",
    ):
        (folder / "explorer" / name).write_text("part")
    (folder / MANIFEST).write_text("{}")
    with open_warehouse(folder / "warehouse.duckdb") as warehouse:
        warehouse.run(TABLES)
        for one in FORMATS:
            assert one.write(warehouse, folder / one.name, "simulated") == 2
    return folder


def test_a_finished_build_is_valid(finished: Path) -> None:
    validate(finished)


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_the_same_tables_give_the_same_bytes(one: Format, finished: Path, tmp_path: Path) -> None:
    with open_warehouse(finished / "warehouse.duckdb") as warehouse:
        warehouse.run("create or replace table marts.indicator_value as"
                      " select * from marts.indicator_value order by value desc")  # fmt: skip
        one.write(warehouse, tmp_path / "again", "simulated")
    first, again = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (finished / one.name, tmp_path / "again")
    )
    assert first and first == again


def drop_file(folder: Path) -> None:
    (folder / "parquet" / "estimates" / "estimate.parquet").unlink()


def lose_a_row(folder: Path) -> None:
    path = folder / "parquet" / "marts" / "indicator_value.parquet"
    duckdb.sql(
        "select 'gdp' as indicator_code, '420100' as city_code, unnest([3.0, 1.0]) as value"
    ).write_parquet(str(path))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (drop_file, r"is not released: it lacks parquet/estimates/estimate\.parquet"),
        (
            lose_a_row,
            r"parquet/marts/indicator_value\.parquet holds 2 rows, marts\.indicator_value 3",
        ),
        (
            lambda folder: (folder / "explorer" / "data" / "city" / "420100.js").unlink(),
            r"is not released: the explorer lacks city/420100",
        ),
        (lambda folder: (folder / MANIFEST).unlink(), r"lacks MANIFEST\.json: it is not released"),
    ],
)
def test_what_is_wrong_is_named(harm: Callable[[Path], object], words: str, finished: Path) -> None:
    harm(finished)
    with pytest.raises(ReleaseError, match=words):
        validate(finished)


def test_a_release_without_figures_is_none(finished: Path) -> None:
    with open_warehouse(finished / "warehouse.duckdb") as warehouse:
        warehouse.run("delete from marts.indicator_value")
        for one in FORMATS:
            one.write(warehouse, finished / one.name, "simulated")
    with pytest.raises(
        ReleaseError, match=r"marts\.indicator_value is empty: nothing of the input"
    ):
        validate(finished)


def test_every_format_is_asked(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A format that is added to the list is checked without a word elsewhere."""

    def check(warehouse: Warehouse, folder: Path) -> Iterator[str]:
        yield f"{folder.name} lacks {len(warehouse.tables())} tables"

    toy = Format("toy", "Toy", lambda *_: 0, check)
    monkeypatch.setattr(validation, "FORMATS", (*FORMATS, toy))
    with pytest.raises(ReleaseError, match="not released: toy lacks 2 tables"):
        validate(finished)


def test_each_file_says_what_kind_of_data_it_holds(finished: Path) -> None:
    with open_release(finished / "warehouse.duckdb") as warehouse:
        said = warehouse.rows(
            "select distinct decode(key), decode(value) from parquet_kv_metadata(?)"
            " where decode(key) = 'data_kind'",
            str(finished / "parquet" / "*" / "*.parquet"),
        )
    assert said == [("data_kind", "simulated")]
