"""What Dagster loads: assets, checks, the refresh job and its yearly schedule.

Belongs here: putting definitions together. Does not belong here: any of them.
"""

from __future__ import annotations

import dagster as dg

from orchestration.graph.assets import (
    Workspace,
    estimate_studies,
    land_inbox,
    make_dbt_stage,
    measure_efficiency,
    release,
    report,
)
from orchestration.graph.checks import GATE_CHECKS
from orchestration.refresh.stages import DBT_STAGES

# In one process: DuckDB has one writer at a time, and imports are paid once.
refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Inbox to release: the same steps as `make refresh`.",
)

# City yearbooks of a year come out until its end; January finds them all.
annual_reestimation = dg.ScheduleDefinition(
    name="annual_reestimation",
    job=refresh,
    cron_schedule="0 3 15 1 *",
    execution_timezone="Asia/Shanghai",
    description="Every 15 January: re-estimate every study on the inbox as it then is.",
)

defs = dg.Definitions(
    assets=[
        land_inbox,
        *(make_dbt_stage(stage) for stage in DBT_STAGES),
        measure_efficiency,
        estimate_studies,
        report,
        release,
    ],
    asset_checks=GATE_CHECKS,
    jobs=[refresh],
    schedules=[annual_reestimation],
    resources={"workspace": Workspace()},
)
