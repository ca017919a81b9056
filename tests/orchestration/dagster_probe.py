"""What Dagster loads, and one run of its job, told as JSON by a process of its own.

    python tests/orchestration/dagster_probe.py            # the definitions
    python tests/orchestration/dagster_probe.py --write    # renew the snapshots beside this file
    python tests/orchestration/dagster_probe.py --run      # also execute the job (paths: environment)

Belongs here: asking Dagster. Does not belong here: what is expected (the snapshots).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SNAPSHOTS = Path(__file__).parent / "snapshots"
MARK = "PROBE "


DECLARED = ("estimates", "method")
"""Assets that follow from what methods and measures declare; a test holds them against it."""


def named(key: Any) -> str:
    """An asset as a dependency; those that are declared elsewhere are one."""
    return f"{key.path[0]}/*" if key.path[0] in DECLARED else key.to_user_string()


def checks_of(graph: Any, *, declared: bool) -> dict[str, str]:
    """Checks of assets that are declared elsewhere, or of the others; whether they block."""
    return {
        f"{key.asset_key.to_user_string()}: {key.name}": (
            "blocking" if graph.get_check_spec(key).blocking else "shown"
        )
        for key in sorted(graph.asset_check_keys, key=lambda one: (one.asset_key.path, one.name))
        if (key.asset_key.path[0] in DECLARED) == declared
    }


def definitions() -> dict[str, Any]:
    """Names and dependencies of everything that the code location holds, sorted."""
    import dagster as dg

    from orchestration.graph.definitions import defs

    dg.Definitions.validate_loadable(defs)
    graph = defs.resolve_asset_graph()
    jobs = [job for job in defs.resolve_all_job_defs() if not job.name.startswith("__")]
    return {
        "asset_keys": {
            key.to_user_string(): f"[{graph.get(key).group_name}] after "
            + (", ".join(sorted({named(p) for p in graph.get(key).parent_keys})) or "nothing")
            for key in sorted(graph.get_all_asset_keys(), key=lambda one: one.path)
            if key.path[0] not in DECLARED
        },
        "declared": {
            key.to_user_string(): graph.get(key).group_name
            for key in sorted(graph.get_all_asset_keys(), key=lambda one: one.path)
            if key.path[0] in DECLARED
        },
        "asset_checks": checks_of(graph, declared=False),
        "declared_checks": checks_of(graph, declared=True),
        "jobs": {
            job.name: {
                "executor": job.executor_def.name,
                "steps": [node.name for node in job.nodes_in_topological_order],
            }
            for job in jobs
        },
        "schedules": {
            schedule.name: {
                "cron": schedule.cron_schedule,
                "timezone": schedule.execution_timezone,
                "job": schedule.job_name,
                "default": schedule.default_status.value,
            }
            for schedule in defs.schedules or []
        },
        "sensors": [sensor.name for sensor in defs.sensors or []],
    }


def run() -> dict[str, Any]:
    """Execute the job with an instance that keeps nothing."""
    import dagster as dg

    from orchestration.graph.definitions import defs

    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("refresh").execute_in_process(
            instance=instance, raise_on_error=False
        )
        checks = [
            event.asset_check_evaluation_data
            for event in result.all_events
            if event.event_type_value == "ASSET_CHECK_EVALUATION"
        ]
        return {
            "success": result.success,
            "materialized": sorted(
                event.asset_key.to_user_string()
                for event in result.get_asset_materialization_events()
                if event.asset_key
            ),
            "checks": {
                f"{one.asset_key.to_user_string()}: {one.check_name}": one.passed for one in checks
            },
            "metadata": {
                name: str(value.value)
                for event in result.get_asset_materialization_events()
                if event.asset_key and event.asset_key.path == ["release", "current"]
                for name, value in event.materialization.metadata.items()
            },
        }


def write_snapshots() -> None:
    """Renew the snapshots; review them as a diff."""
    SNAPSHOTS.mkdir(exist_ok=True)
    for name, content in definitions().items():
        if name.startswith("declared"):
            continue
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        (SNAPSHOTS / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if "--write" in sys.argv:
        write_snapshots()
    else:
        told = {"definitions": definitions()}
        if "--run" in sys.argv:
            told["run"] = run()
        print(MARK + json.dumps(told, ensure_ascii=False))
