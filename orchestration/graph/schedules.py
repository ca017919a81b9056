"""Schedules: when jobs run by themselves.

Belongs here: times. Does not belong here: what runs (`jobs`).
"""

import dagster as dg

from orchestration.graph.jobs import refresh

# City yearbooks of a year come out until its end; January finds them all.
annual_reestimation = dg.ScheduleDefinition(
    name="annual_reestimation",
    job=refresh,
    cron_schedule="0 3 15 1 *",
    execution_timezone="Asia/Shanghai",
    description="Every 15 January: re-estimate every study on the inbox as it then is.",
)

SCHEDULES = [annual_reestimation]
