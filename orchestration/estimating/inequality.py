"""Inequality: every subject of the seed on the warehouse's panel, one vintage after the other.

Belongs here: reading subjects and panel, running the measures, and their tables of the schema
`estimates`. Does not belong here: the measures (`analysis.measures.inequality_study`), SQL.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from orchestration.engine import warehouse
from orchestration.engine.protocol import Warehouse
from orchestration.estimating import panels
from orchestration.estimating.lineage import no_zero
from orchestration.estimating.studies import EstimatesWritten
from orchestration.estimating.tables import OF_INEQUALITY, TABLES
from orchestration.estimating.vintages import stamped, store
from orchestration.fingerprint import code_version

SUBJECTS = """
select subject.*, indicator.price_basis
from seed.comparison_subject as subject
left join seed.indicator as indicator
    on subject.kind = 'indicator' and subject.code = indicator.indicator_code
order by subject.subject_id
"""


def write_inequality(connection: Warehouse, previous: Path | None) -> EstimatesWritten:
    """Measure the inequality of every subject of the seed and write its tables.

    Vintages of the release in place are kept. Raises ValueError for a subject that can't be read.
    """
    from analysis.measures.inequality.subjects import subjects_of
    from analysis.measures.inequality_study import measure_inequality
    from analysis.study.panel import data_fingerprint

    vintage, data_kind = warehouse.dataset_version(connection)
    frames: dict[str, list[pd.DataFrame]] = {name: [] for name in OF_INEQUALITY}
    panel = panels.panel(connection)
    for subject in subjects_of(connection.frame(SUBJECTS), no_zero(connection)):
        provenance = {
            "vintage": vintage,
            "data_kind": data_kind,
            "data_fingerprint": data_fingerprint(panel, [c for c in subject.columns if c in panel]),
            "code_version": code_version(),
        }
        for name, rows in measure_inequality(subject, panel).items():
            frames[name].append(stamped(rows, provenance))
    return EstimatesWritten(
        store(connection, previous, vintage, data_kind, frames),
        TABLES["inequality_status"].joined(frames["inequality_status"]),
    )
