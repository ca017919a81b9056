"""Running dbt inside this process, so that its imports and its parsing are paid once per refresh.

Belongs here: one call of dbt, its environment, its results and its errors. Does not belong here:
which models belong to which stage (`stages`), or what a model computes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from orchestration.errors import FAILED, CitypanelError
from orchestration.fingerprint import code_version, combine, file_sha256
from orchestration.interrupt import never_lost
from orchestration.progress import log
from orchestration.settings import DBT_PROJECT, REPO

ENDINGS = {".sql", ".yml", ".csv"}
BUILT_FILE = "building.duckdb"  # its name is the catalog's: a parse holds for this name alone
PARSED = "partial_parse.msgpack"


class DbtFailure(CitypanelError):
    """dbt stopped; the message names each node that failed and what dbt said of it."""

    exit_code = FAILED


@dataclass(frozen=True)
class NodeResult:
    """How one node ended: status is success, pass, warn, fail, error or skipped."""

    unique_id: str
    resource_type: str
    status: str
    message: str
    failures: int
    seconds: float
    rows: int | None


def project_hash() -> str:
    """Hash of all that dbt parses, seeds included."""
    files = [
        path
        for folder in (DBT_PROJECT, REPO / "seeds")
        for path in folder.rglob("*")
        if path.suffix in ENDINGS and "target" not in path.parts
    ]
    return combine((path.relative_to(REPO).as_posix(), file_sha256(path)) for path in files)[:12]


def target_folder(state: Path) -> Path:
    """dbt's target folder for exactly this project: another project never sees its parse."""
    return state / "dbt" / project_hash()


def _arguments(target: Path) -> list[str]:
    # Absolute, or a partial parse from another working directory loses the seeds.
    return [
        "--project-dir", str(DBT_PROJECT),
        "--profiles-dir", str(DBT_PROJECT),
        "--target-path", str(target),
        "--log-path", str(target / "logs"),
        "--log-level", "none",
        "--log-level-file", "info",
        "--log-file-max-bytes", "0",  # or each line asks for the size of the file
        "--no-use-colors",
        "--quiet",
    ]  # fmt: skip


def ensure_manifest(state: Path) -> Path:
    """The manifest of this very project; parses when there is none yet, and clears older ones.

    The parse appears whole, by one rename, and no build writes to it: a killed one leaves it usable.
    """
    target = target_folder(state)
    manifest = target / "manifest.json"
    if not _is_whole(target):
        for older in (state / "dbt").glob("*"):
            if not older.name.startswith("."):  # another process may be parsing there
                shutil.rmtree(older, ignore_errors=True)
        private = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.rmtree(private, ignore_errors=True)
        # The parse holds the name of the catalog, which is that of the file being built.
        os.environ["CITYPANEL_WAREHOUSE"] = str(private / BUILT_FILE)
        _invoke(["parse"], private)
        try:
            private.rename(target)
        except OSError:  # another process was first
            shutil.rmtree(private, ignore_errors=True)
    return manifest


def _is_whole(target: Path) -> bool:
    """Whether a folder holds a parse that can be read."""
    try:
        json.loads((target / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return False
    return (target / PARSED).is_file()


def descriptions(state: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """Description of every model, keyed `schema.table`, with those of its columns."""
    nodes = json.loads(ensure_manifest(state).read_bytes())["nodes"].values()
    return {
        f"{node['schema']}.{node['name']}": (
            node["description"],
            {name: column["description"] for name, column in node["columns"].items()},
        )
        for node in nodes
        if node["resource_type"] == "model"
    }


@cache
def _parsed_project(target: Path) -> Any:
    """The parsed project in memory; dbt would parse anew for each path of a warehouse."""
    from dbt.contracts.graph.manifest import Manifest

    with never_lost():
        project = Manifest.from_msgpack((target / PARSED).read_bytes())
        project.build_flat_graph()
        project.build_parent_and_child_maps()
    return project


def _invoke(command: Sequence[str], target: Path, project: Any = None) -> Any:
    from dbt.cli.main import dbtRunner
    from dbt_common.events.event_manager_client import cleanup_event_logger

    target.mkdir(parents=True, exist_ok=True)
    # The logger that dbt begins with prints a traceback of what stops it before it has read that it is
    # to be quiet.
    cleanup_event_logger()
    try:
        with never_lost():
            result = dbtRunner(manifest=project).invoke([*command, *_arguments(target)])
    finally:
        _release_warehouse()
    if result.exception is not None:
        raise DbtFailure(f"dbt {command[0]}: {result.exception}") from result.exception
    return result


def _release_warehouse() -> None:
    """Close the connection that dbt-duckdb keeps for the whole process: the file has one writer at a time."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def run_dbt(
    command: Sequence[str],
    *,
    warehouse: Path,
    state: Path,
    fingerprint: str,
) -> list[NodeResult]:
    """Run a dbt command on a warehouse; raises DbtFailure when a node errs or a test of severity error fails."""
    target = ensure_manifest(state).parent
    os.environ["CITYPANEL_WAREHOUSE"] = str(warehouse)
    os.environ["CITYPANEL_FINGERPRINT"] = fingerprint
    os.environ["CITYPANEL_CODE_VERSION"] = code_version()
    outcome = _invoke([*command, "--no-write-json"], target, _parsed_project(target))
    results = [_node_result(result) for result in outcome.result.results]
    broken = [result for result in results if result.status in ("error", "fail")]
    for result in results:
        if result.status == "warn":
            log.warning("! %s: %s", result.unique_id, result.message)
    if broken:
        lines = [f"{result.unique_id}: {result.message.strip()}" for result in broken]
        lines += [
            f"rows that failed:\n{rows}"
            for rows in _failing_rows(outcome.result.results, warehouse)
        ]
        raise DbtFailure("dbt " + " ".join(command) + " stopped:\n  " + "\n  ".join(lines))
    if not outcome.success:
        raise DbtFailure(
            f"dbt {' '.join(command)} did not succeed; see {target / 'logs' / 'dbt.log'}"
        )
    return results


def _node_result(result: Any) -> NodeResult:
    rows = result.adapter_response.get("rows_affected") if result.adapter_response else None
    return NodeResult(
        unique_id=result.node.unique_id,
        resource_type=str(result.node.resource_type),
        status=str(result.status),
        message=str(result.message or ""),
        failures=int(result.failures or 0),
        seconds=float(result.execution_time or 0.0),
        rows=int(rows) if isinstance(rows, int) and rows >= 0 else None,
    )


def _failing_rows(results: Any, warehouse: Path) -> list[str]:
    """The first rows of every failed test, as text."""
    from orchestration.engine.warehouse import open_warehouse

    shown = []
    for result in results:
        if str(result.status) != "fail" or not getattr(result.node, "compiled_code", None):
            continue
        with open_warehouse(warehouse) as connection:
            rows = connection.frame(
                f"select * from ({result.node.compiled_code}) as failing limit 10"
            )
        shown.append(rows.to_string(index=False))
    return shown


def run_docs(warehouse: Path, target: Path) -> Path:
    """Write dbt's documentation of a warehouse as one page into a folder; its path."""
    os.environ["CITYPANEL_WAREHOUSE"] = str(warehouse)
    _invoke(["docs", "generate", "--static"], target)
    return target / "static_index.html"


if __name__ == "__main__":
    from orchestration.settings import Settings

    # Parses the project as it is now, for tools that read its manifest.
    Path("dbt_project/target").mkdir(exist_ok=True)
    shutil.copyfile(
        ensure_manifest(Settings.from_environment().state), "dbt_project/target/manifest.json"
    )
