"""The dbt project on an empty warehouse, and its compiled SQL on small tables made by a test.

Here: one parse, one empty build and one compilation for all tests of this folder. Not here: cases.
"""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from orchestration.engine.duck import DuckDBWarehouse
from orchestration.engine.warehouse import open_warehouse
from orchestration.estimating.measures import declare_measures
from orchestration.landing.inbox import list_files
from orchestration.landing.store import land, load_raw
from orchestration.refresh.dbt_runner import (
    BUILT_FILE,
    NodeResult,
    ensure_manifest,
    run_dbt,
    target_folder,
)

FINGERPRINT = "0123456789abcdef"


@dataclass(frozen=True)
class EmptyProject:
    """All tables of the project without rows (seeds have theirs), and the parse they come from."""

    state: Path
    warehouse: Path

    def run(self, *command: str) -> list[NodeResult]:
        """A dbt command on the warehouse; raises DbtFailure."""
        return run_dbt(command, warehouse=self.warehouse, state=self.state, fingerprint=FINGERPRINT)

    def manifest(self) -> dict[str, Any]:
        """What dbt parsed."""
        return json.loads(ensure_manifest(self.state).read_text(encoding="utf-8"))

    def compiled(self, node: dict[str, Any]) -> str:
        """The SQL of a node of the manifest, as `dbt compile` wrote it."""
        folder = target_folder(self.state) / "compiled" / node["package_name"]
        path = folder / node["original_file_path"]
        if not path.is_file():  # a generic test stands in a folder named after its YAML file
            path = path / node["path"]
        return path.resolve().read_text(encoding="utf-8")


def build_and_compile(project: EmptyProject, inbox: Path) -> None:
    """All tables of an inbox whose only file is refused, and the SQL of models and tests written out."""
    inbox.mkdir()
    (inbox / "empty.csv").touch()
    with open_warehouse(project.warehouse) as connection:
        load_raw(connection, land(list_files(inbox), inbox.parent / "cells"), [])
        declare_measures(connection)
    project.run(
        "build",
        "--empty",
        "--exclude-resource-type",
        "test",
        "--exclude-resource-type",
        "unit_test",
    )
    project.run("compile", "--select", "resource_type:model", "resource_type:test")


@pytest.fixture(scope="session")
def empty_project(
    new_state: Callable[[Path], Path], run_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> EmptyProject:
    """The project built on no rows, with its compiled SQL: made once per run, a copy for each worker."""
    made, done = run_dir / "empty_project", run_dir / "empty_project.done"
    with (run_dir / "empty_project.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(made, ignore_errors=True)  # of a worker that failed
            new_state(made / "state")
            build_and_compile(EmptyProject(made / "state", made / BUILT_FILE), made / "inbox")
            done.touch()
    own = tmp_path_factory.mktemp("empty_project")
    shutil.copytree(made, own, dirs_exist_ok=True)
    return EmptyProject(own / "state", own / BUILT_FILE)


@pytest.fixture(scope="session")
def compiled_project(empty_project: EmptyProject) -> EmptyProject:
    """The same, for tests that read the SQL of its models and tests."""
    return empty_project


@dataclass(frozen=True)
class Bench:
    """An in-memory warehouse with the project's tables, on which its SQL can run."""

    connection: duckdb.DuckDBPyConnection
    nodes: dict[str, dict[str, Any]]

    def fill(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Replace the rows of a table (`schema.name`); columns that are not given are null.

        A view becomes a table of its columns. Nothing speaks against a figure unless it is said.
        """
        schema, name = table.split(".")
        described = self.connection.execute(f"describe {table}").fetchall()
        if "has_suspect_figure" in {column[0] for column in described}:
            rows = [{"has_suspect_figure": False} | row for row in rows]
        if self.connection.execute(
            "select 1 from duckdb_views() where database_name = current_database()"
            " and schema_name = ? and view_name = ?",
            [schema, name],
        ).fetchone():
            self.connection.execute(f"create table {table}_filled as select * from {table} limit 0")
            self.connection.execute(f"drop view {table}")
            self.connection.execute(f"alter table {table}_filled rename to {name}")
        self.connection.execute(f"delete from {table}")
        if rows:
            columns = dict.fromkeys(column for row in rows for column in row)
            incoming = pa.table({c: [row.get(c) for row in rows] for c in columns})
            self.connection.register("incoming", incoming)
            self.connection.execute(f"insert into {table} by name select * from incoming")
            self.connection.unregister("incoming")

    @property
    def warehouse(self) -> DuckDBWarehouse:
        """The same for code that asks through the engine."""
        return DuckDBWarehouse(self.connection)

    def query(self, node_name: str) -> pd.DataFrame:
        """The rows that a model or test gives."""
        return self.connection.execute(self.nodes[node_name]["compiled"]).df()

    def build(self, node_name: str) -> None:
        """Fill the table of a model by its SQL."""
        node = self.nodes[node_name]
        self.connection.execute(
            f"create or replace table {node['schema']}.{node['alias']} as {node['compiled']}"
        )


@pytest.fixture(scope="session")
def nodes(compiled_project: EmptyProject) -> dict[str, dict[str, Any]]:
    """Models, seeds and tests of the manifest by name; models and tests with their `compiled` SQL."""
    found = {node["name"]: node for node in compiled_project.manifest()["nodes"].values()}
    for node in found.values():
        if node["resource_type"] in ("model", "test"):
            node["compiled"] = compiled_project.compiled(node)
    return found


@pytest.fixture
def bench(compiled_project: EmptyProject, nodes: dict[str, dict[str, Any]]) -> Iterator[Bench]:
    """A fresh in-memory copy of the empty warehouse under the name that the SQL was compiled for."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(f"attach '{compiled_project.warehouse}' as empty_file (read_only)")
    connection.execute("attach ':memory:' as building")
    connection.execute("copy from database empty_file to building")
    connection.execute("detach empty_file")
    connection.execute("use building")
    yield Bench(connection, nodes)
    connection.close()
