"""What the report shows, asked of the warehouse: one query of `queries/` per frame.

Belongs here: which file answers for which frame. Does not belong here: the queries (`queries`), how
they are shown (`analysis.report`), how numbers are made.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from orchestration.engine.protocol import Warehouse

if TYPE_CHECKING:
    from analysis.report import ReportData
    from analysis.report.section import Section

QUERIES = Path(__file__).parent / "queries"


def check_frame(results: Path) -> pd.DataFrame:
    """Rules of all gates that have run, as the report lists them."""
    from expectations.data_docs import read_summaries

    columns = [
        "gate", "rule_id", "severity", "success", "applicable", "observed", "expected",
        "reason", "of_study",
    ]  # fmt: skip
    rows = [
        {"gate": summary["gate"], **{name: rule[name] for name in columns[1:]}}
        for summary in read_summaries(results)
        for rule in summary["rules"]
    ]
    return pd.DataFrame(rows, columns=columns)


def sections() -> tuple[Section, ...]:
    """The sections of the report, those of the methods among them."""
    from analysis.methods.registry import METHODS
    from analysis.report.sections import contents

    return contents([method.section() for method in METHODS.values() if method.section])


def report_data(connection: Warehouse, checks: pd.DataFrame) -> ReportData:
    """All frames of the report, from a finished warehouse."""
    from analysis.report import ReportData
    from analysis.report.page import LATIN_NAMES
    from analysis.report.section import needed

    def ask(query: str, *parameters: object) -> pd.DataFrame:
        return connection.frame(query, *parameters)

    version = ask("select * from marts.dataset_version").iloc[0]
    names = [*needed(sections()), LATIN_NAMES.name]
    frames = {
        name: ask(path.read_text(encoding="utf-8"))
        for name in names
        if (path := QUERIES / f"{name}.sql").is_file()
    }
    counts = connection.row_counts()
    frames["checks"] = checks
    frames["row_counts"] = pd.DataFrame({"mart": list(counts), "rows": list(counts.values())})
    return ReportData(
        title="City statistics and policy estimates",
        data_kind=version["data_kind"],
        vintage=version["vintage"],
        code_version=version["code_version"],
        created_from=version["fingerprint"],
        frames=frames,
    )
