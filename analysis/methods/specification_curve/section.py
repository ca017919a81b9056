"""Specification curves in the report: what all say together, and the curve with its choices below.

Belongs here: what is shown. Does not belong here: drawing (`figure`), estimation.
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from analysis.methods.specification_curve.figure import curve_figure
from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.table.model import ESTIMATED, anchor
from analysis.typeset.texts import N_, _

METHOD: Final = "specification_curve"
CURVES: Final = Frame(
    "specification_curve",
    ("study", "design", "title", "n_specifications", "n_estimated", "median_effect", "share_positive",
     "share_negative", "mean_z", "p_median", "p_share", "p_z", "draws"),
    rows="one per specification curve",
)  # fmt: skip
SPECIFICATIONS: Final = Frame(
    "specification",
    ("study", "design", "specification", "position", "status", "detail", "outcome_label", "controls",
     "effects", "sample", "rule", "cluster", "p_value", "effect", "effect_low", "effect_high"),
    rows="one per specification, by place among those declared",
)  # fmt: skip
TERMS: Final = Frame("study_term", ("study", "term", "label"), rows="one per study and term")
STATUS: Final = Frame(
    "design_status",
    ("study", "method", "design", "title", "status", "detail"),
    rows="one per design of every method: estimated, or why not",
)


def _build(context: Context) -> Values:
    status = _mine(context, "design_status")
    status = status[status["method"] == METHOD]
    curves = dated(_mine(context, "specification_curve"))
    items = [_item(context, about) for about in curves]
    skipped = status[status["status"] != ESTIMATED]
    return {"items": items, "skipped": dated(skipped)} if items or len(skipped) else {}


def _mine(context: Context, name: str) -> pd.DataFrame:
    frame = context[name]
    return frame[frame["study"].astype(str) == str(context.study["study"])]


def _item(context: Context, about: dict[str, Any]) -> dict[str, Any]:
    rows = _mine(context, "specification")
    rows = rows[rows["design"].astype(str) == str(about["design"])]
    told = rows[rows["status"] == ESTIMATED].sort_values("position")
    lacking = rows[rows["status"] != ESTIMATED].drop_duplicates("detail")
    return {
        "about": about,
        "own": next((r for r in dated(told) if r["specification"] == "s1"), None),
        "lacking": dated(lacking),
        "svg": curve_figure(
            context.pen,
            anchor("fig-curve", str(about["study"]), str(about["design"])),
            _("{title}: effects of all specifications by size, with the choices of each").format(
                title=about["title"]
            ),
            told,
            {str(r["term"]): str(r["label"]) for r in dated(_mine(context, "study_term"))},
        ),
    }


SECTION: Final = Section(
    id=METHOD,
    title=N_("Specification curve"),
    frames=(CURVES, SPECIFICATIONS, STATUS, TERMS),
    build=_build,
    template=Path(__file__).with_name("section.html.j2"),
)
