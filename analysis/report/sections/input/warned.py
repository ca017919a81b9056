"""What the gates warned of, the new causes first, each with a cell and what to do.

Belongs here: how causes are shown. Does not belong here: what is new (the warehouse), counts of rules
(`checks`).
"""

from pathlib import Path
from typing import Any, Final

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.typeset.texts import N_, _

WARNED: Final = Frame(
    "gate_warnings",
    ("gate", "rule_id", "cause", "status", "findings", "new", "changed", "subject", "says", "place",
     "advice"),
    rows="one per cause of a warning, new ones first: status new, changed, known, acknowledged or gone; "
    "the first of its findings with the cell where it is printed, and what to do",
)  # fmt: skip
FRESH: Final = ("new", "changed")

STATUSES: Final = {
    "new": N_("new"),
    "changed": N_("changed"),
    "known": N_("as in the last release"),
    "acknowledged": N_("acknowledged"),
    "gone": N_("gone since the last release"),
}


def _build(context: Context) -> Values:
    rows = dated(context["gate_warnings"])
    return {
        "fresh": [_shown(row) for row in rows if row["status"] in FRESH],
        "others": [_shown(row) for row in rows if row["status"] not in FRESH],
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    said = ": ".join(part for part in (row["subject"], row["says"]) if part)
    return {
        **row,
        "status": _(STATUSES.get(str(row["status"]), "")) or row["status"],
        "cause": "" if row["cause"] == "all" else row["cause"],
        "said": said,
    }


SECTION: Final = Section(
    id="gate_warnings",
    title=N_("What the gates warned of"),
    frames=(WARNED,),
    build=_build,
    template=Path(__file__).with_name("warned.html.j2"),
)
