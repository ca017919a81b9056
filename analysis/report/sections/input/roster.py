"""How far the lists of pilot places are from their announced totals.

Belongs here: what of a roster is shown. Does not belong here: the rosters (seeds), which city a
policy treats (dbt).
"""

from pathlib import Path
from typing import Final

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.typeset.texts import N_

ROSTER: Final = Frame(
    "roster",
    ("policy", "batch", "announced", "listed", "whole_prefecture", "in_panel", "note"),
    ("year", "policy_label"),
    rows="one per policy and batch, all counts; year is the first treated one",
)


def _build(context: Context) -> Values:
    return {"rows": dated(context["roster"])}


SECTION: Final = Section(
    id="roster",
    title=N_("Policy rosters"),
    frames=(ROSTER,),
    build=_build,
    template=Path(__file__).with_name("roster.html.j2"),
)
