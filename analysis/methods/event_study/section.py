"""The event study in the report: its figure and its table.

Belongs here: what is shown of an event study. Does not belong here: drawing (`figure`), estimation.
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from analysis.methods.event_study.figure import event_study_figure
from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.table.build import of_design
from analysis.report.table.errors import ERRORS, point_errors
from analysis.report.table.model import ESTIMATED, anchor
from analysis.typeset.texts import N_, _

METHOD: Final = "event_study"
STUDIES: Final = Frame(
    "event_study",
    ("study", "design", "column_id", "title", "ends", "first_time", "last_time", "n_left_out",
     "n_never", "leads_f", "leads_df", "leads_p", "lags_f", "lags_df", "lags_p", "before",
     "before_std_error", "after", "after_std_error", "critical", "critical_pointwise", "df_resid"),
    rows="one per event study that was estimated, in the order of the study file",
)  # fmt: skip
TIMES: Final = Frame(
    "event_time",
    ("study", "design", "column_id", "event_time", "is_base", "is_binned", "n_units", "n_rows",
     "estimate", "std_error", "p_value", "stars", "ci_low", "ci_high", "band_low", "band_high"),
    rows="one per event study and event time of its window, ascending",
)  # fmt: skip
STATUS: Final = Frame(
    "design_status",
    ("study", "method", "design", "title", "status", "detail"),
    rows="one per design of every method: estimated, or why not",
)
MINUS: Final = "−"


def _build(context: Context) -> Values:
    study = str(context.study["study"])

    def mine(name: str) -> pd.DataFrame:
        frame = context[name]
        return frame[frame["study"].astype(str) == study]

    items = []
    for about in dated(mine("event_study")):
        times = mine("event_time")
        times = times[
            (times["design"].astype(str) == about["design"])
            & (times["column_id"].astype(str) == about["column_id"])
        ]
        times = times.assign(mark=[_mark(row, about) for row in dated(times)])
        items.append(
            {
                "about": about,
                "times": dated(times),
                "errors": point_errors(
                    of_design(context["estimate_error"], study, str(about["design"]), METHOD),
                    {
                        (str(about["column_id"]), str(row["event_time"])): row["mark"]
                        for row in dated(times)
                    },
                ),
                "svg": event_study_figure(
                    context.pen,
                    anchor("fig-event-study", about["study"], about["design"]),
                    _("{title}: effect by years since the policy began").format(
                        title=about["title"]
                    ),
                    # The base period has no estimate, and its place in the figure: 0 by definition.
                    {
                        _("Two-way effects"): times[
                            times["estimate"].notna() | times["is_base"].astype(bool)
                        ]
                    },
                    str(context.study["axis"]),
                ),
            }
        )
    status = mine("design_status")
    skipped = status[(status["method"] == METHOD) & (status["status"] != ESTIMATED)]
    return {"items": items, "skipped": dated(skipped)} if items or len(skipped) else {}


def _mark(row: dict[str, Any], about: dict[str, Any]) -> str:
    """An event time as printed: an end of the window that stands for all beyond says so."""
    k = int(row["event_time"])
    text = str(k).replace("-", MINUS)
    if not row["is_binned"]:
        return text
    return f"≤ {text}" if k == int(about["first_time"]) else f"≥ {text}"


SECTION: Final = Section(
    id=METHOD,
    title=N_("Event study"),
    frames=(STUDIES, TIMES, STATUS, ERRORS),
    build=_build,
    template=Path(__file__).with_name("section.html.j2"),
    words={
        "bin": N_("Event times beyond the window count as its ends."),
        "leave_out": N_("City-years beyond the window are left out."),
    },
    explained=Path(__file__).with_name("explained.html.j2"),
)
