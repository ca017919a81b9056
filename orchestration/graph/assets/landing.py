"""Assets of `raw`: the inbox, cell by cell.

Belongs here: keys, dependencies and metadata of assets. Does not belong here: any work
(`refresh.steps`).
"""

from collections.abc import Iterator

import dagster as dg

from orchestration.graph.workspace import Workspace
from orchestration.landing.store import TABLES
from orchestration.refresh import steps

RAW = [dg.AssetKey(["raw", name]) for name in TABLES]


@dg.multi_asset(specs=[dg.AssetSpec(key, group_name="raw") for key in RAW], name="land_inbox")
def land_inbox(
    context: dg.AssetExecutionContext, workspace: Workspace
) -> Iterator[dg.MaterializeResult]:
    """Files of the inbox, cell by cell as printed."""
    counted = steps.land_inbox(workspace.build(context))
    for key in RAW:
        yield dg.MaterializeResult(key, metadata=counted)
