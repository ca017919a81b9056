"""Assets, a module per layer, in the order of the data's way; thin definitions over `refresh.build`.

Belongs here: the list of them, which `definitions` hands to Dagster.
"""

from orchestration.graph.assets.dbt import STAGE_ASSETS
from orchestration.graph.assets.estimates import estimate_studies
from orchestration.graph.assets.landing import land_inbox
from orchestration.graph.assets.measures import measure_efficiency
from orchestration.graph.assets.release import release, report

ASSETS = [land_inbox, *STAGE_ASSETS, measure_efficiency, estimate_studies, report, release]
