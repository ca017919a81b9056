"""Assets of the dbt project: one definition per stage, and what Dagster is told of dbt's results.

Belongs here: keys, groups and events of dbt's nodes. Does not belong here: running dbt
(`refresh.dbt_runner`), which models a stage has (`refresh.stages`).
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from orchestration.graph.workspace import Workspace
from orchestration.refresh import build as steps
from orchestration.refresh.dbt_runner import NodeResult, ensure_manifest
from orchestration.refresh.stages import DBT_STAGES, Stage
from orchestration.settings import DBT_PROJECT, Settings


@cache
def manifest_path() -> Path:
    """The manifest of the dbt project as it is now."""
    return ensure_manifest(Settings.from_environment().state)


@cache
def manifest() -> dict[str, Any]:
    """Its content."""
    return json.loads(manifest_path().read_text(encoding="utf-8"))


class LayerTranslator(DagsterDbtTranslator):
    """Groups tables by their layer, which is their schema."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The schema of the node."""
        return str(dbt_resource_props["schema"])


TRANSLATOR = LayerTranslator()


def dbt_events(results: list[NodeResult], selected_checks: set[dg.AssetCheckKey]) -> Iterator[Any]:
    """What Dagster is told of dbt's results: a materialization per table, a check result per test."""
    for result in results:
        node = manifest()["nodes"].get(result.unique_id)
        if node is None:
            continue
        if result.resource_type in ("model", "seed"):
            spec = TRANSLATOR.get_asset_spec(manifest(), result.unique_id, None)
            yield dg.MaterializeResult(
                spec.key, metadata={"seconds": result.seconds, "status": result.message}
            )
        elif result.resource_type == "test":
            key = get_asset_check_key_for_test(manifest(), TRANSLATOR, result.unique_id, None)
            if key in selected_checks:
                yield dg.AssetCheckResult(
                    asset_key=key.asset_key,
                    check_name=key.name,
                    passed=result.status == "pass",
                    severity=dg.AssetCheckSeverity.WARN
                    if result.status == "warn"
                    else dg.AssetCheckSeverity.ERROR,
                    metadata={"failures": result.failures, "message": result.message},
                )


def make_dbt_stage(stage: Stage) -> dg.AssetsDefinition:
    """The assets of one stage of the dbt project, run by one call of dbt."""

    @dbt_assets(
        manifest=manifest_path(),
        select=stage.select or "",
        exclude="resource_type:unit_test",
        name=f"build_{stage.name}",
        dagster_dbt_translator=TRANSLATOR,
        project=DbtProject(DBT_PROJECT, target_path=manifest_path().parent),
    )
    def build_stage(context: dg.AssetExecutionContext, workspace: Workspace) -> Iterator[Any]:
        results = steps.build_stage(workspace.build(context), stage)
        yield from dbt_events(results, set(context.selected_asset_check_keys))

    return build_stage


def stage_keys(stage: str, schemas: tuple[str, ...] = ("marts",)) -> list[dg.AssetKey]:
    """Keys of the tables of a stage: what reads them waits for the gates on all of them."""
    return [
        TRANSLATOR.get_asset_spec(manifest(), unique_id, None).key
        for unique_id, node in sorted(manifest()["nodes"].items())
        if node["resource_type"] == "model"
        and node["schema"] in schemas
        and f"stage_{stage}" in node["tags"]
    ]


STAGE_ASSETS = [make_dbt_stage(stage) for stage in DBT_STAGES]
