"""Assets of the release: the report, and the release in place.

Belongs here: keys, dependencies and metadata of assets. Does not belong here: any work
(`refresh.steps`).
"""

import dagster as dg

from orchestration.graph.assets.estimates import ESTIMATES
from orchestration.graph.workspace import Workspace
from orchestration.refresh import publishing, steps

REPORT = dg.AssetKey(["release", "report"])
RELEASE = dg.AssetKey(["release", "current"])


@dg.asset(key=REPORT, deps=ESTIMATES, group_name="release")
def report(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """The report, the Data Docs and the explorer."""
    page = steps.write_report(workspace.build(context))
    return dg.MaterializeResult(metadata={"bytes": page.stat().st_size})


@dg.asset(key=RELEASE, deps=[REPORT, *ESTIMATES], group_name="release")
def release(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """The release in place, or the draft that waits for a decision."""
    made = publishing.publish(workspace.build(context))
    return dg.MaterializeResult(
        metadata={"folder": str(made.folder), "vintage": made.manifest["vintage"]}
    )
