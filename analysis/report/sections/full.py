"""All estimates of the release, each the target of the number that a table shows.

Belongs here: their order. Does not belong here: any choice of estimates.
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from analysis.report.data import dated
from analysis.report.section import Context, Section, Values
from analysis.report.table.build import ESTIMATES, FITS
from analysis.typeset.texts import N_

Record = dict[str, Any]


def _build(context: Context) -> Values:
    fits = {_key(r): r for r in dated(context["fits"])}
    rows = context["estimates"]
    return {"columns": _by_column(rows), "total": len(rows), "fit_of": lambda r: fits.get(_key(r))}


def _key(r: Record) -> tuple[str, str, str]:
    return str(r["study"]), str(r["table_id"]), str(r["column_id"])


def _by_column(estimates: pd.DataFrame) -> list[list[Record]]:
    """Rows of each column of each table, in the order in which columns first appear."""
    groups: dict[tuple[str, str, str], list[Record]] = {}
    for r in dated(estimates):
        groups.setdefault(_key(r), []).append(r)
    return list(groups.values())


SECTION: Final = Section(
    id="full",
    title=N_("Estimates in full"),
    frames=(ESTIMATES, FITS),
    build=_build,
    template=Path(__file__).with_name("full.html.j2"),
)
