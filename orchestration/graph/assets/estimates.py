"""Assets of `estimates`: a group of assets per method, the tables that all fill, and inequality.

Belongs here: keys, dependencies, groups and metadata of assets. Does not belong here: any work
(`refresh.steps`).

One op makes all of a study's tables, as its data are prepared once. It can do a part: select the group of
one method, and only its designs are run, on the warehouse of the run or, where that holds none, on a copy
of the release in place.
"""

from collections.abc import Iterator

import dagster as dg

from analysis.methods.registry import METHODS
from analysis.methods.tables import TABLES as COMMON
from orchestration.estimating.tables import OF_COMPARISON, OF_INEQUALITY, SCHEMA
from orchestration.graph.assets.dbt import stage_keys
from orchestration.graph.workspace import Workspace
from orchestration.refresh import steps

DESIGNS = {key: dg.AssetKey(["method", key]) for key in METHODS}
"""What stands for the designs of a method: its rows in the common tables."""

OWN = {
    key: [dg.AssetKey([SCHEMA, table.name]) for table in method.tables]
    for key, method in METHODS.items()
}
"""Tables of each method alone."""

SHARED = [dg.AssetKey([SCHEMA, name]) for name in (*COMMON, *OF_COMPARISON)]
INEQUALITY = [dg.AssetKey([SCHEMA, name]) for name in OF_INEQUALITY]
ESTIMATES = [*SHARED, *(key for keys in OWN.values() for key in keys), *INEQUALITY]


def _specs() -> list[dg.AssetSpec]:
    panel = stage_keys("panel")
    specs = [
        dg.AssetSpec(asset, deps=panel, group_name=key, skippable=True)
        for key in METHODS
        for asset in (DESIGNS[key], *OWN[key])
    ]
    return specs + [
        dg.AssetSpec(
            asset, deps=[*panel, *DESIGNS.values()], group_name="estimates", skippable=True
        )
        for asset in SHARED
    ]


@dg.multi_asset(specs=_specs(), name="estimate_studies", can_subset=True)
def estimate_studies(
    context: dg.AssetExecutionContext, workspace: Workspace
) -> Iterator[dg.MaterializeResult]:
    """Every study on the panel, or the designs of some methods."""
    asked = context.selected_asset_keys
    only = {key for key in METHODS if asked & {DESIGNS[key], *OWN[key]}}
    if asked & set(SHARED):
        only = set(METHODS)
    made = steps.estimate(workspace.build(context), None if only == set(METHODS) else only)
    for key in METHODS:
        if DESIGNS[key] in asked:
            yield dg.MaterializeResult(DESIGNS[key], metadata={"designs": made.designs.get(key, 0)})
    for asset in (*SHARED, *(asset for assets in OWN.values() for asset in assets)):
        if asset in asked:
            yield dg.MaterializeResult(asset, metadata={"rows": made.rows[".".join(asset.path)]})


@dg.multi_asset(
    specs=[
        dg.AssetSpec(key, deps=stage_keys("panel"), group_name="inequality") for key in INEQUALITY
    ],
    name="measure_inequality",
)
def measure_inequality(
    context: dg.AssetExecutionContext, workspace: Workspace
) -> Iterator[dg.MaterializeResult]:
    """Inequality of every subject."""
    rows = steps.measure_inequality(workspace.build(context))
    for key in INEQUALITY:
        yield dg.MaterializeResult(key, metadata={"rows": rows[".".join(key.path)]})
