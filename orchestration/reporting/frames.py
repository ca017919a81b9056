"""What the report shows, asked of a warehouse alone, so that an old release can be shown again.

Belongs here: which query answers for which frame. Does not belong here: the queries (`queries`, a file
per frame), how they are shown (`analysis.report`), how numbers are made.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from orchestration.engine.protocol import Warehouse
from orchestration.errors import NotFound

if TYPE_CHECKING:
    from analysis.report import ReportData
    from analysis.report.section import Section

QUERIES = Path(__file__).parent / "queries"

OF_ESTIMATES = """
select own.*
from estimates.{table} as own
inner join marts.dataset_version as version on own.vintage = version.vintage
order by own.rowid
"""
"""A table of the schema `estimates` that a section takes as it is, in the order of the study file."""


def sections() -> tuple[Section, ...]:
    """The sections of the report, those of the methods among them."""
    from analysis.methods.registry import METHODS
    from analysis.report.sections import contents

    return contents([method.section() for method in METHODS.values() if method.section])


def report_data(warehouse: Warehouse) -> ReportData:
    """All frames of the report, from a finished warehouse or a released one.

    Raises NotFound for a frame that neither a query nor a table of the estimates answers for.
    """
    from analysis.report import ReportData
    from analysis.report.page import needed_frames

    version = warehouse.frame(_query("dataset_version")).iloc[0]
    frames = {name: frame_of(warehouse, name) for name in needed_frames(sections())}
    return ReportData(
        data_kind=version["data_kind"],
        vintage=version["vintage"],
        code_version=version["code_version"],
        created_from=version["fingerprint"],
        frames=frames,
    )


def _query(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def frame_of(warehouse: Warehouse, name: str) -> pd.DataFrame:
    """A frame of the report; raises NotFound where neither a query nor a table answers for it."""
    if name == "row_counts":  # of tables that no query can name beforehand
        counts = warehouse.row_counts()
        return pd.DataFrame({"mart": list(counts), "rows": list(counts.values())})
    if (QUERIES / f"{name}.sql").is_file():
        return warehouse.frame(_query(name))
    if ("estimates", name) in warehouse.tables(("estimates",)):
        return warehouse.frame(OF_ESTIMATES.format(table=name))
    raise NotFound(
        f"the report needs a frame {name!r}: expected orchestration/reporting/queries/{name}.sql or a"
        f" table estimates.{name}"
    )
