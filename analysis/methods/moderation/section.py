"""Moderated effects in the report: the figure, and the effects of the bins under it.

Belongs here: what is shown of a moderated effect. Does not belong here: drawing (`figure`), estimation.
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from analysis.methods.moderation.figure import moderation_figure
from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.table.build import of_design
from analysis.report.table.errors import ERRORS, point_errors
from analysis.report.table.model import ESTIMATED, anchor
from analysis.typeset.texts import N_, _

METHOD: Final = "moderation"
DESIGNS: Final = Frame(
    "moderation",
    ("study", "design", "title", "moderator_label", "moderator_unit", "over_first", "over_last",
     "has_year_slopes", "centre", "at_mean", "at_mean_std_error", "slope", "slope_std_error",
     "slope_p", "bins_detail", "linear_f", "linear_df", "linear_p", "linear_draws",
     "support_low", "support_high",
     "n_treated", "n_beyond", "critical", "critical_pointwise", "df_resid"),
    rows="one per moderated effect that was estimated, in the order of the study file",
)  # fmt: skip
EFFECTS: Final = Frame(
    "marginal_effect",
    ("study", "design", "column_id", "position", "at_value", "bin_low", "bin_high", "n_treated",
     "n_others", "estimate", "std_error", "p_value", "stars", "ci_low", "ci_high", "band_low",
     "band_high"),
    rows="one per moderated effect, estimator and value of the moderator, ascending",
)  # fmt: skip
COUNTS: Final = Frame(
    "moderator_count",
    ("study", "design", "position", "value_low", "value_high", "n_treated", "n_others"),
    rows="one per moderated effect and column of the moderator's histogram, ascending",
)
STATUS: Final = Frame(
    "design_status",
    ("study", "method", "design", "title", "status", "detail"),
    rows="one per design of every method: estimated, or why not",
)


def _build(context: Context) -> Values:
    study = str(context.study["study"])

    def mine(name: str) -> pd.DataFrame:
        frame = context[name]
        return frame[frame["study"].astype(str) == study]

    items = []
    for about in dated(mine("moderation")):
        effects, counts = (
            frame[frame["design"].astype(str) == about["design"]].sort_values("position")
            for frame in (mine("marginal_effect"), mine("moderator_count"))
        )
        lines = effects[effects["column_id"] == "linear"]
        bins = effects[effects["column_id"] == "binned"]
        items.append(
            {
                "about": about,
                "bins": dated(bins),
                "ends": dated(lines.iloc[[0, -1]]),
                "errors": point_errors(
                    of_design(context["estimate_error"], study, str(about["design"]), METHOD),
                    _points(dated(bins)),
                ),
                "svg": moderation_figure(
                    context.pen,
                    anchor("fig-moderation", about["study"], about["design"]),
                    _("{title}: effect by {moderator}").format(
                        title=about["title"], moderator=about["moderator_label"]
                    ),
                    lines,
                    bins,
                    counts,
                    (_axis(about), str(context.study["axis"])),
                ),
            }
        )
    status = mine("design_status")
    skipped = status[(status["method"] == METHOD) & (status["status"] != ESTIMATED)]
    return {"items": items, "skipped": dated(skipped)} if items or len(skipped) else {}


def _points(bins: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """Columns and points that may have further errors, in words."""
    said = {("linear", "mean"): _("Line, at the mean"), ("linear", ""): _("Slope of the line")}
    return said | {
        ("binned", f"bin {row['position']}"): _("Bin {n}, at {value}").format(
            n=row["position"], value=f"{row['at_value']:.3g}"
        )
        for row in bins
    }


def _axis(about: dict[str, Any]) -> str:
    name = f"{about['moderator_label']} ({about['moderator_unit']})"
    if about["over_first"] is None:
        return name
    return _("{name}, mean of {first} to {last}").format(
        name=name, first=about["over_first"], last=about["over_last"]
    )


SECTION: Final = Section(
    id=METHOD,
    title=N_("Moderation"),
    frames=(DESIGNS, EFFECTS, COUNTS, STATUS, ERRORS),
    build=_build,
    template=Path(__file__).with_name("section.html.j2"),
    explained=Path(__file__).with_name("explained.html.j2"),
)
