"""What Dagster loads: assets, checks, jobs and schedules.

Belongs here: putting definitions together. Does not belong here: any of them.
"""

from __future__ import annotations

import dagster as dg

from orchestration.graph.assets import ASSETS
from orchestration.graph.checks import GATE_CHECKS
from orchestration.graph.jobs import JOBS
from orchestration.graph.schedules import SCHEDULES
from orchestration.graph.workspace import Workspace

defs = dg.Definitions(
    assets=ASSETS,
    asset_checks=GATE_CHECKS,
    jobs=JOBS,
    schedules=SCHEDULES,
    resources={"workspace": Workspace()},
)
