"""Assets of `measures`: efficiency, between the indices and the panel.

Belongs here: keys, dependencies and metadata of assets. Does not belong here: any work
(`refresh.build`).
"""

from collections.abc import Iterator

import dagster as dg

from orchestration.estimating.measures import SCHEMA, TABLES
from orchestration.graph.assets.dbt import stage_keys
from orchestration.graph.workspace import Workspace
from orchestration.refresh import build as steps

MEASURES = [dg.AssetKey([SCHEMA, name]) for name in TABLES]


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
