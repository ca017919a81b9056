"""A study tried on a release: its estimates in memory, and what the release lacks for it.

Belongs here: asking a released warehouse, which is only read. Does not belong here: studies of a refresh
(`studies`), slips in the file (`refresh.preflight`), how the tables are shown (`reporting`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.errors import NotFound
from orchestration.estimating import panels
from orchestration.estimating.facts import facts

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from analysis.methods.studies import StudyEstimates
    from analysis.study import Study
    from orchestration.engine.protocol import Warehouse


def panel_for(warehouse: Warehouse, study: Study) -> pd.DataFrame:
    """The release's panel for a study; raises NotFound for a rule of a policy that it doesn't have."""
    return panels.study_panel(warehouse, study, panels.panel(warehouse))


def lacking(study: Study, panel: pd.DataFrame) -> list[str]:
    """What a release lacks for a study, a line each: columns that it doesn't have, or without a value."""
    from analysis.studies import needs_of
    from analysis.study.data import columns_used

    first, last = study.panel.years
    found = []
    rows = (
        panel[panel[study.panel.time].between(first, last)] if study.panel.time in panel else panel
    )
    for column in columns_used(study, needs_of(study)):
        if column not in panel:
            found.append(
                f"{column}: the release has no such column: it was made before the column was declared;"
                " refresh first"
            )
        elif not rows[column].notna().any():
            found.append(f"{column}: no value in {first} to {last} in this release")
    return found


def try_study(
    warehouse: Warehouse, study: Study, panel: pd.DataFrame, only: Collection[str] = ()
) -> StudyEstimates:
    """Designs of a study on the panel of a release, as a refresh estimates them; nothing is stored.

    `only` are keys of methods; all of the study's without any. Raises NotFound for one that it doesn't use.
    """
    from analysis.methods.registry import METHODS
    from analysis.methods.studies import estimate_study

    strange = [key for key in only if key not in study.methods]
    if strange:
        raise NotFound(
            f"study {study.id} has no design of {', '.join(strange)}; it has {', '.join(study.methods)}"
        )
    return estimate_study(study, panel, METHODS, only=only or None, facts=facts(warehouse))


__all__ = ["lacking", "panel_for", "try_study"]
