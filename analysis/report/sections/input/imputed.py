"""Imputed values by indicator.

Belongs here: their order, and which stand open. Does not belong here: how a value is imputed (dbt).
"""

from pathlib import Path
from typing import Final

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.typeset.texts import N_

IMPUTED: Final = Frame(
    "imputed",
    ("indicator_code", "indicator_name", "values", "imputed", "share"),
    ("interpolated",),
    rows="one per indicator, also without imputed values: values released, imputed of these, their "
    "share (0 to 1), and how many of them aren't computed from another",
)


def _build(context: Context) -> Values:
    frame = context["imputed"]
    if len(frame):
        some = frame[frame["imputed"].fillna(0) > 0]
        frame = some.sort_values("share", ascending=False, kind="stable")
    return {"rows": dated(frame)}


SECTION: Final = Section(
    id="imputed",
    title=N_("Imputed values"),
    frames=(IMPUTED,),
    build=_build,
    template=Path(__file__).with_name("imputed.html.j2"),
)
