"""Dagster definitions, reading files into raw, the release and the command line.

Belongs here: what moves data between the layers and decides whether it may move. Does not belong
here: how a number is computed (SQL in dbt_project, estimators in analysis).
"""

from orchestration.arithmetic import pin

pin()
