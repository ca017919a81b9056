"""Printed coefficients beside those of a release: `published_comparison`, one vintage after the other.

Belongs here: reading what was printed and what was estimated, and storing the comparison. Does not belong
here: the comparison (`analysis.published`), estimation (`studies`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.engine import warehouse
from orchestration.engine.protocol import Warehouse
from orchestration.estimating.tables import OF_COMPARISON
from orchestration.estimating.vintages import stamped, store
from orchestration.settings import STUDIES

if TYPE_CHECKING:
    from analysis.published.compare import Estimated

PRINTED = """
select paper_id, table_no::varchar as table_no, column_no::varchar as column_no, term, label, estimate,
  std_error, statistic, stars
from marts.published_coefficient
where list_contains(?, paper_id)
order by marts.published_coefficient.paper_id, marts.published_coefficient.table_no,
  marts.published_coefficient.column_no, term
"""
STUDY = "select * from estimates.study_status where vintage = ? and study = ?"
COLUMNS = """
select told.method, told.design, told.column_id, told.paper_id, told.table_no, told.published_column,
  fit.status, fit.detail
from estimates.study_column as told
left join estimates.model_fit as fit using (vintage, study, method, design, column_id)
where vintage = ? and study = ?
order by told.position
"""
ESTIMATES = """
select answer.*
from estimates.estimate as answer
inner join estimates.study_column as told using (vintage, study, method, design, column_id)
where vintage = ? and study = ?
order by told.position, answer.rowid
"""
DROPPED = "select * from estimates.dropped_term where vintage = ? and study = ? order by all"


def write_comparison(
    connection: Warehouse, previous: Path | None, studies_folder: Path = STUDIES
) -> dict[str, int]:
    """Compare the estimates of the warehouse with what was printed; rows by `schema.table`.

    Vintages of the release in place are kept. A study that stands against no paper has no rows.
    """
    from analysis.published.compare import compare, papers_of
    from analysis.studies import load_studies

    vintage, data_kind = warehouse.dataset_version(connection)
    (name,) = OF_COMPARISON
    parts = []
    for study in load_studies(studies_folder).values():
        papers = papers_of(design for _, design in study.designs())
        about = connection.frame(STUDY, vintage, study.id)
        if not papers or about.empty:
            continue
        status = about.iloc[0]
        found = compare(
            study.id,
            connection.frame(PRINTED, list(papers)),
            _estimated(connection, vintage, study.id, status["status"], status["detail"]),
        )
        provenance = ("vintage", "data_kind", "data_fingerprint", "code_version")
        parts.append(stamped(found, {column: status[column] for column in provenance}))
    return store(connection, previous, vintage, data_kind, {name: parts})


def _estimated(
    connection: Warehouse, vintage: str, study: str, status: str, detail: str
) -> Estimated:
    from analysis.published.compare import Estimated

    columns, estimates, dropped = (
        connection.frame(query, vintage, study) for query in (COLUMNS, ESTIMATES, DROPPED)
    )
    return Estimated(columns, estimates, dropped, status, detail)


__all__ = ["write_comparison"]
