"""Facts about a panel that its rows don't show: rosters of policies, and what figures are made of.

Belongs here: their shape, empty where nobody knows. Does not belong here: where they come from, the
sentences that are made of them (`analysis.methods.notes`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.study.lineage import Lineage


@dataclass(frozen=True)
class Batch:
    """A batch of a policy: entries that its notice announced (None: not known) and that are listed.

    `unconfirmed` of the listed ones were not checked against the notice.
    """

    number: int
    announced: int | None
    listed: int
    unconfirmed: int = 0

    @property
    def missing(self) -> int:
        """Entries announced and not listed; 0 where the announced number isn't known."""
        return 0 if self.announced is None else max(self.announced - self.listed, 0)


@dataclass(frozen=True)
class Facts:
    """What is known beside the panel.

    `rosters` by policy (seed policy), batches in their order; `lineage` of the panel's columns.
    """

    rosters: Mapping[str, tuple[Batch, ...]] = field(default_factory=dict)
    lineage: Lineage = field(default_factory=Lineage)


NO_FACTS = Facts()
"""Nothing is known beside the panel: no note is made of it."""

__all__ = ["NO_FACTS", "Batch", "Facts"]
