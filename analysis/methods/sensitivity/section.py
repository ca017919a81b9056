"""Sensitivity in the report: what it says in sentences, intervals by bound, power of the test of leads.

Belongs here: what is shown of it. Does not belong here: drawing (`figure`), sentences (`words`), estimation.
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from analysis.methods.sensitivity.figure import bounds_figure, trends_figure
from analysis.methods.sensitivity.words import sentences
from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.table.model import ESTIMATED, anchor
from analysis.typeset.numbers import fixed, percent, quantity
from analysis.typeset.texts import N_, _

METHOD: Final = "sensitivity"
EFFECTS: Final = Frame(
    "sensitivity_effect",
    ("study", "design", "column_id", "effect", "label", "title", "status", "detail", "estimate",
     "std_error", "ci_low", "ci_high", "first_time", "last_time", "largest_step", "largest_kink",
     "breakdown_relative", "breakdown_smoothness", "convention"),
    rows="one per sensitivity design, event study and effect, in the order of the study file",
)  # fmt: skip
INTERVALS: Final = Frame(
    "sensitivity_interval",
    ("study", "design", "column_id", "effect", "restriction", "interval", "step", "bound", "ci_low",
     "ci_high"),
    rows="one per effect, restriction, kind of interval and bound, ascending",
)  # fmt: skip
POWERS: Final = Frame(
    "pretest_power",
    ("study", "design", "column_id", "effect", "power", "slope", "bias", "bias_passed",
     "passes_more", "likelihood_ratio"),
    rows="one per effect and power",
)  # fmt: skip
TIMES: Final = Frame(
    "estimate",
    ("study", "method", "design", "column_id", "term", "at_point", "estimate", "ci_low", "ci_high"),
    rows="one per coefficient of every method; those of an event study have the event time as point",
)
STATUS: Final = Frame(
    "design_status",
    ("study", "method", "design", "title", "status", "detail"),
    rows="one per design of every method: estimated, or why not",
)
SHOWN: Final = {
    "relative_magnitudes": ("c_lf", N_("Largest change after the policy, as a multiple of the largest before")),
    "smoothness": ("flci", N_("Change of slope from one year to the next")),
}  # fmt: skip


def _build(context: Context) -> Values:
    status = _mine(context, "design_status")
    status = status[status["method"] == METHOD]
    items = [_item(context, about) for about in dated(status[status["status"] == ESTIMATED])]
    skipped = status[status["status"] != ESTIMATED]
    return {"items": items, "skipped": dated(skipped)} if items or len(skipped) else {}


def _mine(context: Context, name: str, design: str | None = None) -> pd.DataFrame:
    """The rows of a frame that are of the context's study, and of one design where it is given."""
    frame = context[name]
    frame = frame[frame["study"].astype(str) == str(context.study["study"])]
    return frame if design is None else frame[frame["design"].astype(str) == design]


def _item(context: Context, about: dict[str, Any]) -> dict[str, Any]:
    design = str(about["design"])
    effects = _mine(context, "sensitivity_effect", design)
    told = effects[effects["status"] == ESTIMATED]
    powers, intervals = (
        _mine(context, name, design) for name in ("pretest_power", "sensitivity_interval")
    )
    rows = dated(told)
    average = [row for row in rows if row["effect"] == "average"]

    def of(frame: pd.DataFrame, row: dict[str, Any]) -> pd.DataFrame:
        return frame[(frame["column_id"] == row["column_id"]) & (frame["effect"] == row["effect"])]

    skipped = effects[(effects["status"] != ESTIMATED) & (effects["effect"] == "average")]
    return {
        "about": about,
        "said": [(row, sentences(row, dated(of(powers, row)))) for row in average],
        "rows": rows,
        "powers": [
            {**each, "label": row["label"], "share": _share(each, row)}
            for row in average
            for each in dated(of(powers, row))
        ],
        "notes": [row for row in average if row["detail"]],
        "skipped": dated(skipped),
        "svg": _bounds(context, about, average, intervals),
        "trend_svg": _trends(context, about, average[0], dated(of(powers, average[0]))),
        "trend_of": average[0]["label"],
    }


def _share(power: dict[str, Any], row: dict[str, Any]) -> float | None:
    return abs(power["bias_passed"] / row["estimate"]) if row["estimate"] else None


def _bounds(
    context: Context, about: dict[str, Any], average: list[dict[str, Any]], intervals: pd.DataFrame
) -> Markup:
    """The figure of the mean effect's intervals; parallel trends stand first in each panel."""
    panels: dict[str, dict[str, pd.DataFrame]] = {}
    for restriction, (kind, text) in SHOWN.items():
        own = intervals[
            (intervals["restriction"] == restriction)
            & (intervals["interval"] == kind)
            & (intervals["effect"] == "average")
        ]
        panels[_(text)] = {str(row["label"]): _series(row, own, restriction) for row in average}
    return bounds_figure(
        context.pen,
        anchor("fig-sensitivity", str(about["study"]), str(about["design"])),
        _("{title}: intervals of the mean effect by how far trends may differ").format(
            title=about["title"]
        ),
        panels,
        str(context.study["axis"]),
    )


def _series(row: dict[str, Any], intervals: pd.DataFrame, restriction: str) -> pd.DataFrame:
    own = intervals[(intervals["column_id"] == row["column_id"])].dropna(subset=["ci_low"])
    kept = own if restriction == "smoothness" else own[own["bound"].astype(float) > 0]
    low = [row["ci_low"], *kept["ci_low"].astype(float)]
    high = [row["ci_high"], *kept["ci_high"].astype(float)]
    bounds = kept["bound"].astype(float).tolist()
    names = [
        quantity(float(f"{each:.2g}")) if restriction != "smoothness" else str(step)
        for each, step in zip(bounds, kept["step"].astype(int), strict=True)
    ]
    return pd.DataFrame(
        {
            "position": range(len(low)),
            "mark": [_("parallel"), *names],
            "middle": [
                row["estimate"],
                *((a + b) / 2 for a, b in zip(low[1:], high[1:], strict=True)),
            ],
            "ci_low": low,
            "ci_high": high,
        }
    )


def _trends(
    context: Context, about: dict[str, Any], row: dict[str, Any], powers: list[dict[str, Any]]
) -> Markup:
    """The first event study with the trends that its leads would have missed, on the effect's side."""
    times = _mine(context, "estimate", str(about["design"]))
    times = times[(times["method"] == METHOD) & (times["column_id"] == row["column_id"])]
    times = times.assign(event_time=times["at_point"].astype(int)).sort_values("event_time")
    side = -1.0 if row["estimate"] < 0 else 1.0
    slopes = {
        _("Trend found {chance} of the time: {slope} a year").format(
            chance=percent(each["power"] / 100, 0), slope=fixed(side * each["slope"])
        ): side * float(each["slope"])
        for each in powers
    }
    return trends_figure(
        context.pen,
        anchor("fig-pretest", str(about["study"]), str(about["design"])),
        _("{title}: effects by year and the trends that a test of leads would miss").format(
            title=about["title"]
        ),
        times,
        slopes,
        str(context.study["axis"]),
    )


SECTION: Final = Section(
    id=METHOD,
    title=N_("Sensitivity to other trends"),
    frames=(EFFECTS, INTERVALS, POWERS, TIMES, STATUS),
    build=_build,
    template=Path(__file__).with_name("section.html.j2"),
    words={"average": N_("mean of all years"), "first": N_("first year")},
    explained=Path(__file__).with_name("explained.html.j2"),
)
