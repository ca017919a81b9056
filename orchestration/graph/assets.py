"""Dagster assets: thin definitions over the steps of `build`.

Belongs here: keys, dependencies and metadata of assets. Does not belong here: any work.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from orchestration.estimating.measures import SCHEMA, TABLES
from orchestration.landing.store import TABLES as RAW_TABLES
from orchestration.refresh import build as steps
from orchestration.refresh.build import Build
from orchestration.refresh.dbt_runner import NodeResult, ensure_manifest
from orchestration.settings import DBT_PROJECT, Settings


class Workspace(dg.ConfigurableResource):
    """The private build of a run; paths come from the environment (`settings`)."""

    def build(
        self,
        context: dg.OpExecutionContext | dg.AssetExecutionContext | dg.AssetCheckExecutionContext,
    ) -> Build:
        """The build of the run that is going on."""
        return Build.of_run(Settings.from_environment(), context.run.run_id)


RAW = [dg.AssetKey(["raw", name]) for name in RAW_TABLES]
ESTIMATES = [
    dg.AssetKey(["estimates", name])
    for name in (
        "estimate",
        "model_fit",
        "study_status",
        "sample_account",
        "column_status",
        "split_test",
        "split_joint_test",
        "reference_check",
        "mediation",
        "mediation_joint",
        "threshold_model",
        "threshold_test",
        "threshold_search",
        "threshold_profile",
        "threshold_slope",
        "threshold_diagnostic",
        "regime_count",
        "city_regime",
        "inequality_status",
        "inequality",
        "dagum_pair",
        "convergence",
    )
]
MEASURES = [dg.AssetKey([SCHEMA, name]) for name in TABLES]
REPORT = dg.AssetKey(["release", "report"])
RELEASE = dg.AssetKey(["release", "current"])


@dg.multi_asset(specs=[dg.AssetSpec(key, group_name="raw") for key in RAW], name="land_inbox")
def land_inbox(
    context: dg.AssetExecutionContext, workspace: Workspace
) -> Iterator[dg.MaterializeResult]:
    """Files of the inbox, cell by cell as printed."""
    counted = steps.land_inbox(workspace.build(context))
    for key in RAW:
        yield dg.MaterializeResult(key, metadata=counted)


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


def make_dbt_stage(stage: str) -> dg.AssetsDefinition:
    """The assets of one stage of the dbt project, run by one call of dbt."""

    @dbt_assets(
        manifest=manifest_path(),
        select=steps.STAGES[stage],
        exclude="resource_type:unit_test",
        name=f"build_{stage}",
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


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            key, deps=stage_keys("indices", ("marts", "intermediate")), group_name="measures"
        )
        for key in MEASURES
    ],
    name="measure_efficiency",
)
def measure_efficiency(
    context: dg.AssetExecutionContext, workspace: Workspace
) -> Iterator[dg.MaterializeResult]:
    """Efficiency of cities by the indices, before the panel is made."""
    rows = steps.measure(workspace.build(context))
    for key in MEASURES:
        yield dg.MaterializeResult(key, metadata={"rows": rows[".".join(key.path)]})


@dg.multi_asset(
    specs=[
        dg.AssetSpec(key, deps=stage_keys("panel"), group_name="estimates") for key in ESTIMATES
    ],
    name="estimate_studies",
)
def estimate_studies(
    context: dg.AssetExecutionContext, workspace: Workspace
) -> Iterator[dg.MaterializeResult]:
    """Every study on the panel."""
    rows = steps.estimate(workspace.build(context))
    for key in ESTIMATES:
        yield dg.MaterializeResult(key, metadata={"rows": rows[".".join(key.path)]})


@dg.asset(key=REPORT, deps=ESTIMATES, group_name="release")
def report(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """The report and the Data Docs."""
    page = steps.write_report(workspace.build(context))
    return dg.MaterializeResult(metadata={"bytes": page.stat().st_size})


@dg.asset(key=RELEASE, deps=[REPORT, *ESTIMATES], group_name="release")
def release(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """The release in place."""
    made = steps.publish(workspace.build(context))
    return dg.MaterializeResult(
        metadata={"folder": str(made.folder), "vintage": made.manifest["vintage"]}
    )
