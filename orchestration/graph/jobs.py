"""Jobs: which assets are made together, and by what executor.

Belongs here: selections. Does not belong here: when they run (`schedules`).
"""

import dagster as dg

# In one process: DuckDB has one writer at a time, and imports are paid once.
refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Inbox to release: the same steps as `make refresh`.",
)

JOBS = [refresh]
