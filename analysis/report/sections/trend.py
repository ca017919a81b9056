"""The mean outcome of a study by year, of cities ever treated and never treated.

Belongs here: the figure and the numbers under it. Does not belong here: the means (an estimates table).
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.sections.input.roster import ROSTER
from analysis.report.table.model import anchor
from analysis.typeset.lines import lines_figure
from analysis.typeset.numbers import is_missing
from analysis.typeset.texts import N_, _

TREND: Final = Frame(
    "trend",
    ("study", "year", "group", "mean", "ci_low", "ci_high", "n"),
    rows="one per study, year and group ('treated' or 'control'); n is cities",
)
GROUPS: Final = {"treated": N_("Treated cities"), "control": N_("Control cities")}


def _build(context: Context) -> Values:
    study = context.study
    trend = context["trend"]
    trend = trend[trend["study"] == study["study"]].sort_values("year", kind="stable")
    groups = {
        _(name): trend[trend["group"] == group]
        for group, name in GROUPS.items()
        if (trend["group"] == group).any()
    }
    marks = _first_years(context["roster"], study["policy"])
    figure = None
    if groups:
        label = _(
            "Mean of {outcome} by year, treated and control cities; the numbers are listed below."
        ).format(outcome=study["outcome_with_unit"])
        figure = lines_figure(
            context.pen, anchor("fig-trend", study["study"]), label, groups,
            _("Mean, {unit}").format(unit=study["axis"]), marks=marks,
        )  # fmt: skip
    return {
        "study": study,
        "figure": figure,
        "marked": bool(marks),
        "groups": list(dict.fromkeys(str(group) for group in trend["group"])),
        "years": _by_year(trend),
    }


def _first_years(roster: pd.DataFrame, policy: Any) -> list[int]:
    """First treated years of a policy's batches."""
    if is_missing(policy):
        return []
    mine = roster[roster["policy"] == policy]
    return sorted({int(year) for year in mine["year"] if not is_missing(year)})


def _by_year(trend: pd.DataFrame) -> list[tuple[Any, dict[str, dict[str, Any]]]]:
    """Rows of a trend by year, each a dict by group."""
    years: dict[Any, dict[str, dict[str, Any]]] = {}
    for r in dated(trend):
        years.setdefault(r["year"], {})[str(r["group"])] = r
    return list(years.items())


SECTION: Final = Section(
    id="trend",
    title="",
    frames=(TREND, ROSTER),
    build=_build,
    template=Path(__file__).with_name("trend.html.j2"),
    words=GROUPS,
)
