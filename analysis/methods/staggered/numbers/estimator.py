"""What an estimator is given, and what a reader should know of it.

Belongs here: these two shapes. Does not belong here: any estimator, which ends its module with one `ESTIMATOR`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from analysis.methods.staggered.numbers.effects import PanelRows, StaggeredEffects, Wide
from analysis.regression.conventions import Convention

if TYPE_CHECKING:
    from analysis.methods.staggered.spec import Staggered

INFLUENCE = "influence by cluster, no small-sample factor"


@dataclass(frozen=True)
class Asked:
    """What an estimator is given: the sample, its panel with a row per unit, and the design.

    `shared` keeps what one makes and others use, by name.
    """

    rows: PanelRows
    wide: Wide
    design: Staggered
    convention: Convention
    shared: dict[str, Any] = field(default_factory=dict)

    @property
    def has_controls(self) -> bool:
        """Whether anything is controlled for."""
        return bool(self.rows.names)


@dataclass(frozen=True)
class Estimator:
    """How an estimator is called, and what a reader should know of it.

    `convention` is the words of its error, or None for those of the regression. `leads` says whether it tells
    effects before the policy, measured against one year; `anticipates` whether it can leave out years in which
    cities act on a policy to come.
    """

    run: Callable[[Asked], StaggeredEffects]
    averages: str
    assumes: str
    convention: str | None = None
    leads: bool = True
    anticipates: bool = False


__all__ = ["INFLUENCE", "Asked", "Estimator"]
