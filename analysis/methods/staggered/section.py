"""Staggered designs in the report: estimators side by side, and what the two-way effect is made of.

Belongs here: what is shown of them. Does not belong here: drawing (`figure`), estimation.
"""

from pathlib import Path
from typing import Final

import pandas as pd

from analysis.methods.staggered.figure import comparisons_figure, estimators_figure
from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.table.model import ESTIMATED, anchor
from analysis.typeset.texts import N_, _

METHOD: Final = "staggered"
EFFECTS: Final = Frame(
    "staggered_effect",
    ("study", "design", "column_id", "label", "title", "status", "detail", "estimate", "std_error",
     "p_value", "stars", "ci_low", "ci_high", "averages", "assumes", "convention", "n_obs",
     "n_treated", "n_cohorts", "leads_p"),
    rows="one per staggered design and estimator, in the order of the study file",
)  # fmt: skip
TIMES: Final = Frame(
    "staggered_time",
    ("study", "design", "column_id", "event_time", "is_base", "n_units", "estimate", "std_error",
     "stars", "ci_low", "ci_high"),
    rows="one per estimator and event time, ascending",
)  # fmt: skip
COHORTS: Final = Frame(
    "staggered_cohort",
    ("study", "design", "cohort", "n_units", "estimate", "std_error", "stars", "ci_low", "ci_high"),
    rows="one per staggered design and cohort",
)  # fmt: skip
COMPARISONS: Final = Frame(
    "two_way_comparison",
    ("study", "design", "cohort", "compared_with", "kind", "estimate", "weight", "n_units",
     "n_left_out"),
    rows="one per comparison of two groups of cities",
)  # fmt: skip
STATUS: Final = Frame(
    "design_status",
    ("study", "method", "design", "title", "status", "detail"),
    rows="one per design of every method: estimated, or why not",
)
KINDS: Final = {
    "never treated": N_("With the never treated"),
    "later, not yet": N_("With the not yet treated"),
    "earlier, already": N_("With the already treated"),
}


def _build(context: Context) -> Values:
    study = str(context.study["study"])

    def mine(name: str, design: str | None = None) -> pd.DataFrame:
        frame = context[name]
        frame = frame[frame["study"].astype(str) == study]
        return frame if design is None else frame[frame["design"].astype(str) == design]

    status = mine("design_status")
    status = status[status["method"] == METHOD]
    items = []
    for about in dated(status[status["status"] == ESTIMATED]):
        design = str(about["design"])
        effects, times = mine("staggered_effect", design), mine("staggered_time", design)
        parts = mine("two_way_comparison", design)
        series = {
            str(row["label"]): own[~own["is_base"].astype(bool)]
            for row in dated(effects)
            if len(own := times[times["column_id"].astype(str) == row["column_id"]])
        }
        kinds = {_(text): parts[parts["kind"] == kind] for kind, text in KINDS.items()}
        axis = str(context.study["axis"])
        items.append(
            {
                "about": about,
                "effects": dated(effects),
                "cohorts": dated(mine("staggered_cohort", design)),
                "kinds": [_kind(text, rows) for text, rows in kinds.items() if len(rows)],
                "parts": dated(parts)[:1],
                "svg": estimators_figure(
                    context.pen, anchor("fig-staggered", study, design),
                    _("{title}: effect by years since the policy began, by estimator").format(
                        title=about["title"]
                    ),
                    series, axis,
                ),
                "parts_svg": comparisons_figure(
                    context.pen, anchor("fig-two-way", study, design),
                    _("{title}: comparisons that the two-way effect is made of").format(
                        title=about["title"]
                    ),
                    {text: rows for text, rows in kinds.items() if len(rows)}, axis,
                ) if len(parts) else None,
            }
        )  # fmt: skip
    skipped = status[status["status"] != ESTIMATED]
    return {"items": items, "skipped": dated(skipped)} if items or len(skipped) else {}


def _kind(text: str, rows: pd.DataFrame) -> dict[str, object]:
    """One kind of comparison: how many, their weight, and their mean."""
    weight, estimate = rows["weight"].astype(float), rows["estimate"].astype(float)
    return {
        "text": text,
        "n": len(rows),
        "weight": float(weight.sum()),
        "estimate": float((weight * estimate).sum() / weight.sum()) if weight.sum() else None,
    }


SECTION: Final = Section(
    id=METHOD,
    title=N_("Staggered adoption"),
    frames=(EFFECTS, TIMES, COHORTS, COMPARISONS, STATUS),
    build=_build,
    template=Path(__file__).with_name("section.html.j2"),
    explained=Path(__file__).with_name("explained.html.j2"),
)
