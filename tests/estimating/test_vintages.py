"""Vintages: nothing that an earlier release holds is lost when declarations change."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analysis.tables import Column, Table
from orchestration.engine.duck import DuckDBWarehouse
from orchestration.estimating import vintages
from orchestration.estimating.tables import PROVENANCE, SCHEMA

STAMP = {"vintage": "v2", "data_kind": "published", "data_fingerprint": "f", "code_version": "c"}
NOW = Table(
    name="effect",
    grain="One row per vintage and study.",
    columns=(
        Column("study", "string", "Study", role="key"),
        Column("estimate", "Float64", "Effect", role="estimate"),
    ),
    was={"coefficient": "estimate"},
).with_columns(*PROVENANCE)


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A release whose table had another name for a column, a column more, and a table more."""
    path = tmp_path / "released.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"""
            create schema {SCHEMA};
            create table {SCHEMA}.effect as
            select vintage, kind as data_kind, 'f' as data_fingerprint, 'c' as code_version,
                'toy' as study, value as coefficient, 'as printed' as note
            from (values ('v0', 'published', 0.25), ('v1', 'published', 0.5),
                ('v2', 'published', 0.75), ('s', 'simulated', 9.0)) t(vintage, kind, value);
            create table {SCHEMA}.abandoned as
            select 'v1' as vintage, 'published' as data_kind, 3 as figure
        """)
    return path


def rows_of(connection: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    return connection.execute(f"select * from {SCHEMA}.{name}").df()


def test_earlier_rows_keep_their_values_through_a_rename(
    released: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(vintages, "TABLES", {"effect": NOW})
    made = vintages.stamped(pd.DataFrame({"study": ["toy"], "estimate": [0.8]}), STAMP)
    with duckdb.connect() as connection:
        written = vintages.store(
            DuckDBWarehouse(connection), released, "v2", "published", {"effect": [made]}
        )
        rows = rows_of(connection, "effect")
    assert written == {"estimates.effect": 3}
    assert rows["vintage"].tolist() == ["v0", "v1", "v2"]  # its own again, and no simulated one
    assert rows["estimate"].tolist() == [0.25, 0.5, 0.8]
    assert rows["note"].fillna("").tolist() == ["as printed", "as printed", ""]


def test_a_table_that_is_no_longer_declared_is_carried_over_whole(
    released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vintages, "TABLES", {"effect": NOW})
    with duckdb.connect() as connection:
        written = vintages.carry_over(DuckDBWarehouse(connection), released, "v2", "published")
        assert rows_of(connection, "abandoned")["figure"].tolist() == [3]
        comments = connection.execute("select distinct comment from duckdb_columns()").fetchall()
        assert (vintages.NO_LONGER,) in comments
    assert written == {"estimates.abandoned": 1}


def test_without_a_release_there_is_nothing_earlier(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        assert (
            vintages.carry_over(
                DuckDBWarehouse(connection), tmp_path / "none.duckdb", "v", "published"
            )
            == {}
        )
        written = vintages.store(
            DuckDBWarehouse(connection), None, "v2", "published", {"inequality": []}
        )
        assert written == {"estimates.inequality": 0}
        assert DuckDBWarehouse(connection).tables((SCHEMA,)) == [(SCHEMA, "inequality")]
