"""Estimates: every study on the warehouse's panel, one vintage after the other.

Belongs here: which studies there are, handing each its panel, and storing what comes of it. Does not
belong here: what is done with a study (`analysis.methods.studies`), panels (`panels`), vintages
(`vintages`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from orchestration.engine import warehouse
from orchestration.engine.protocol import Warehouse
from orchestration.errors import NotFound
from orchestration.estimating import panels
from orchestration.estimating.facts import facts
from orchestration.estimating.tables import OF_STUDIES, STUDY_STATUS
from orchestration.estimating.vintages import replace_methods, stamped, store
from orchestration.fingerprint import code_version
from orchestration.progress import log
from orchestration.settings import STUDIES


@dataclass(frozen=True)
class EstimatesWritten:
    """What was estimated: rows per table, studies or subjects with their status, designs per method."""

    rows: dict[str, int]
    status: pd.DataFrame
    designs: dict[str, int] = field(default_factory=dict)


def write_estimates(
    connection: Warehouse,
    previous: Path | None,
    studies_folder: Path = STUDIES,
    *,
    only: Collection[str] | None = None,
) -> EstimatesWritten:
    """Run the studies and write their tables; vintages of the release in place are kept.

    `only` are keys of methods whose designs are run; all without it. Then their rows take the place of
    those that the warehouse has of them, and all else stays. A study or design that fails has a
    row that says so, and takes none with it. Raises StudyError for a study file that can't be used.
    """
    from analysis.methods.registry import METHODS
    from analysis.methods.studies import estimate_study, failed_study
    from analysis.studies import load_studies

    vintage, data_kind = warehouse.dataset_version(connection)
    wide = panels.panel(connection)
    known = facts(connection)
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in OF_STUDIES}
    for study in load_studies(studies_folder).values():
        try:
            panel = panels.study_panel(connection, study, wide)
        except NotFound as error:
            made = failed_study(study, str(error), METHODS)
        else:
            made = estimate_study(study, panel, METHODS, only=only, facts=known)
        for trace in made.traces:
            log.debug("%s", trace)
        provenance = {
            "vintage": vintage,
            "data_kind": data_kind,
            "data_fingerprint": made.fingerprint,
            "code_version": code_version(),
        }
        for name, rows in made.frames.items():
            parts[name].append(stamped(rows, provenance))
    designs = pd.concat([rows["method"] for rows in parts["design_status"]])
    return EstimatesWritten(
        store(connection, previous, vintage, data_kind, parts)
        if only is None
        else replace_methods(connection, vintage, only, parts),
        STUDY_STATUS.joined(parts["study_status"]),
        {str(key): int(n) for key, n in designs.value_counts().items()},
    )


__all__ = ["EstimatesWritten", "write_estimates"]
