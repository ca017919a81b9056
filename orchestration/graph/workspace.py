"""Where a run works: the resource that hands every asset and check its private build.

Belongs here: this resource. Does not belong here: assets.
"""

import dagster as dg

from orchestration.refresh.build import Build
from orchestration.settings import Settings


class Workspace(dg.ConfigurableResource):
    """The private build of a run; paths come from the environment (`settings`)."""

    def build(
        self,
        context: dg.OpExecutionContext | dg.AssetExecutionContext | dg.AssetCheckExecutionContext,
    ) -> Build:
        """The build of the run that is going on."""
        return Build.of_run(Settings.from_environment(), context.run.run_id)
