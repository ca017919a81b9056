"""Facts beside the panel, from which the notes on studies are made.

Belongs here: the queries, and their shape as `analysis.study.facts` has it. Does not belong here: the
notes (`analysis.methods.notes`), panels (`panels`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.lineage import lineage

if TYPE_CHECKING:
    from analysis.study.facts import Facts
    from orchestration.engine.protocol import Warehouse

ROSTERS = """
select policy_id, batch, entries_announced, entries_listed, entries_unconfirmed
from marts.policy_roster_coverage
order by policy_id, batch
"""


def facts(warehouse: Warehouse) -> Facts:
    """How much of each policy's roster is held, and what the panel's columns are made of."""
    from analysis.study.facts import Batch, Facts

    rosters: dict[str, list[Batch]] = {}
    for policy, batch, announced, listed, unconfirmed in warehouse.rows(ROSTERS):
        rosters.setdefault(policy, []).append(Batch(batch, announced, listed, unconfirmed))
    held = {policy: tuple(batches) for policy, batches in rosters.items()}
    return Facts(held, lineage())


__all__ = ["facts"]
