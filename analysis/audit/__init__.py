"""Table auditor: what in a printed table of regressions can't be.

A printed number stands for an interval, half a unit of its last digit to each side. A rule speaks only
where no numbers in these intervals fit together, so that rounding raises no alarm.

Belongs here: printed numbers, reading them from CSV files, the rules. Does not belong here: where tables
come from (the command line, a release), how findings are shown.
"""

from analysis.audit.findings import CONTRADICTION, QUESTION, Finding
from analysis.audit.reading import AuditInputError, read_tables
from analysis.audit.registry import RULES, audit
from analysis.audit.tables import Cell, PrintedColumn, PrintedTables, PrintedTest, PrintedWeight

__all__ = [
    "CONTRADICTION",
    "QUESTION",
    "RULES",
    "AuditInputError",
    "Cell",
    "Finding",
    "PrintedColumn",
    "PrintedTables",
    "PrintedTest",
    "PrintedWeight",
    "audit",
    "read_tables",
]
