"""Tables of a release as files that other programs open.

Belongs here: the part that is asked for (`part`), names and texts as Stata bears them (`names`), and a
module per form. Does not belong here: what a release itself is made of (`releases`), the command
(`commands.export`).
"""

from __future__ import annotations

from orchestration.exporting.delimited import write_csv, write_csv_bom
from orchestration.exporting.part import Part
from orchestration.exporting.stata import write_stata
from orchestration.exporting.typed import write_arrow, write_parquet
from orchestration.exporting.workbook import write_workbook

FORMS = {
    "stata": (".dta", write_stata),
    "excel": (".xlsx", write_workbook),
    "csv": (".csv", write_csv),
    "csv-excel": (".csv", write_csv_bom),
    "parquet": (".parquet", write_parquet),
    "arrow": (".arrow", write_arrow),
}
"""Ending and writer of each form; a writer takes the part and the file, and returns what it had to alter."""

__all__ = ["FORMS", "Part"]
