"""What the warehouse's seeds say of where an indicator comes from.

Belongs here: reading the seeds of indicators and what they are made of, for the measures. Does not belong
here: what follows from it (`analysis.measures.true_zero`).
"""

from __future__ import annotations

from analysis.measures.true_zero import without_true_zero
from orchestration.engine.protocol import Warehouse

LINEAGE = (
    "select * from seed.indicator order by indicator_code",
    "select * from seed.derived_term order by all",
    "select * from seed.relative_indicator order by all",
    "select * from seed.deflated_indicator order by all",
)
"""The seeds as `without_true_zero` takes them."""


def no_zero(connection: Warehouse) -> dict[str, str]:
    """Codes of the indicators whose zero doesn't mean none, with the reason."""
    return without_true_zero(*(connection.frame(query) for query in LINEAGE))
