"""The report: one self-contained HTML page from frames.

Belongs here: what turns frames into the page: typesetting of numbers and tables, figures, the
Chinese font, the template. Does not belong here: where the frames come from (no SQL), and any
estimation.

>>> from analysis.report import ReportData, render_report          # doctest: +SKIP
>>> render_report(ReportData(title=..., data_kind="simulated", ...), Path("report"))
"""

from analysis.report.data import ReportData
from analysis.report.page import render_report

__all__ = ["ReportData", "render_report"]
