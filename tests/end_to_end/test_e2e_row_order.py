"""The sample's tables are the same bytes whatever the threads and the order in which rows arrive.

Here: the layers of dbt, built thrice of one set of raw cells, and the long version: whole refreshes under other
kernels, hash seeds and threads. Not here: one small inbox refreshed twice (`test_e2e_determinism`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from e2e_inbox import tree
from e2e_process import Refreshed

LAYERS = ("staging", "intermediate", "marts")
FINGERPRINT = "0123456789abcdef"

BUILD = f"""
import sys
from pathlib import Path
from orchestration.engine.warehouse import open_warehouse
from orchestration.estimating.measures import declare_measures, write_measures
from orchestration.refresh.stages import DBT_STAGES
from orchestration.refresh.dbt_runner import run_dbt

warehouse, state, threads, measured = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
for stage in DBT_STAGES:
    if stage.name == "panel" and measured == "made":
        with open_warehouse(warehouse) as connection:
            write_measures(connection)
    command = ["build", "--select", *stage.select.split(), "--threads", threads]
    command += ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    run_dbt(command, warehouse=warehouse, state=state, fingerprint="{FINGERPRINT}")
"""

MEASURES = (
    "efficiency_status",
    "efficiency_score",
    "efficiency_peer",
    "efficiency_target",
    "productivity",
)


def prepared(source: Path, target: Path, order: str, measures: Path | None) -> None:
    """A warehouse with the raw tables of `source`, rows in another order, and the measures of another build."""
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach '{source}' as source (read_only)")
        connection.execute("create schema raw")
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'source' and schema_name = 'raw'"
        ).fetchall():
            connection.execute(
                f"create table raw.{name} as select * from source.raw.{name} as rows {order}"
            )
        if measures is not None:
            connection.execute(f"attach '{measures}' as measured (read_only)")
            connection.execute("create schema measures")
            for name in MEASURES:
                connection.execute(
                    f"create table measures.{name} as"
                    f" select * from measured.measures.{name} as rows {order}"
                )


def table_hashes(warehouse: Path, folder: Path) -> dict[str, str]:
    """Hash of every table as Parquet, rows in the order of all columns."""
    found = {}
    folder.mkdir()
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for schema, name in connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where list_contains(?, schema_name) order by all",
            [list(LAYERS)],
        ).fetchall():
            path = folder / f"{schema}.{name}.parquet"
            connection.execute(
                f"copy (select * from {schema}.{name} order by all) to '{path}' (format parquet)"
            )
            found[f"{schema}.{name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
            path.unlink()
    return found


def test_no_table_follows_threads_or_the_order_of_rows(
    sample: Refreshed, new_state: Callable[[Path], Path], tmp_path: Path
) -> None:
    state = new_state(tmp_path / "state")
    first: Path | None = None
    expected: dict[str, str] = {}
    for threads, order in (
        (1, ""),
        (2, "order by hash(rows) desc"),
        (4, "order by hash(rows, 20261)"),
    ):
        warehouse = tmp_path / f"threads_{threads}" / "building.duckdb"
        warehouse.parent.mkdir()
        prepared(sample.warehouse, warehouse, order, first)
        done = subprocess.run(
            [
                *(sys.executable, "-c", BUILD, str(warehouse), str(state), str(threads)),
                "there" if first else "made",
            ],
            env={
                **os.environ,
                "CITYPANEL_QUERY_THREADS": str(threads),
                # Threads of a query hold a part of the memory each.
                "CITYPANEL_MEMORY": f"{350 * threads}MB",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        hashes = table_hashes(warehouse, tmp_path / f"parquet_{threads}")
        if first is None:
            first, expected = warehouse, hashes
            assert len(expected) >= 50
        else:
            differ = sorted(name for name in expected if hashes[name] != expected[name])
            assert differ == [], f"{threads} threads, rows {order}"
            warehouse.unlink()


@pytest.mark.verify
def test_five_whole_refreshes_of_the_sample_give_the_same_bytes(tmp_path: Path) -> None:
    # The first four settings are what a processor or a user might set; the refresh overrules them.
    settings = (
        {},
        {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL"},
        {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "2"},
        {"PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "2"},
        # The C library as on a processor without fused multiply-add.
        {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX"},
    )
    expected: dict[str, str] = {}
    for number, environment in enumerate(settings):
        release, state = tmp_path / f"release_{number}", tmp_path / f"state_{number}"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "orchestration.commands.main", "refresh"),
                *("--release", str(release)),
            ],
            env={
                **os.environ,
                "CITYPANEL_STATE": str(state),
                "CITYPANEL_INBOX": "",
                "PYTHONHASHSEED": str(number),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        hashes = {name: facts[0] for name, facts in tree(release / "current" / "parquet").items()}
        if not expected:
            expected = hashes
            assert len(expected) >= 40
        differ = sorted(name for name in expected if hashes.get(name) != expected[name])
        assert differ == [], environment
        shutil.rmtree(release)
        shutil.rmtree(state)
