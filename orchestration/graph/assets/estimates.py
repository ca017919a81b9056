"""Assets of `estimates`: every study, and inequality.

Belongs here: keys, dependencies and metadata of assets. Does not belong here: any work
(`refresh.build`).
"""

from collections.abc import Iterator

import dagster as dg

from orchestration.estimating.tables import SCHEMA, TABLES
from orchestration.graph.assets.dbt import stage_keys
from orchestration.graph.workspace import Workspace
from orchestration.refresh import build as steps

ESTIMATES = [dg.AssetKey([SCHEMA, name]) for name in TABLES]


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
