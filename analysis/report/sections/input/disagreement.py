"""Where two sources disagree on a figure: the largest first, as a figure and as rows.

Belongs here: their order and their drawing. Does not belong here: which source a release carries
(seeds), from which difference on it counts (dbt).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis.report.data import dated, records
from analysis.report.section import Context, Frame, Section, Values
from analysis.typeset.drawing import BLUE, INK, VERMILLION, Pen, shown_name
from analysis.typeset.texts import N_, _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DISAGREEMENT: Final = Frame(
    "disagreement",
    ("city_name", "year", "indicator", "source_a", "value_a", "source_b", "value_b", "ratio"),
    ("city_code", "unit"),
    rows="two sources for one figure; ratio is value_a over value_b",
)
COUNTS: Final = Frame(
    "disagreement_counts",
    ("differing", "compared", "tolerance"),
    rows="one: figures in disagreement (the other frame may hold only some of them), figures that two "
    "sources have, and the relative difference from which on it counts",
)
LARGEST_ROWS: Final = 15
"""Disagreements in the figure and in the table under it."""


def _build(context: Context) -> Values:
    frame = context["disagreement"]
    counts = records(context["disagreement_counts"])
    about = counts[0] if counts else {"differing": len(frame), "compared": None, "tolerance": None}
    values: Values = {
        "rows": [],
        "total": int(about["differing"]),
        "compared": about["compared"],
        "tolerance": about["tolerance"],
        "figure": None,
        "years": [],
        "units": False,
        "largest_rows": LARGEST_ROWS,
    }
    if frame.empty:
        return values
    ratio = pd.to_numeric(frame["ratio"])
    # Far from 1 on either side comes first; a ratio that isn't positive can't be compared.
    distance = ratio.where(ratio <= 1, 1 / ratio.where(ratio > 1))
    distance = distance.where(ratio > 0)
    frame = frame.assign(ratio=ratio).loc[distance.sort_values(kind="stable").index]
    drawable = frame[(frame["ratio"] > 0) & (frame["ratio"] < float("inf"))].head(LARGEST_ROWS)
    if len(drawable):
        label = _(
            "Ratio of the two sources for the {n} city-years that disagree most; "
            "the numbers are in the table below."
        ).format(n=len(drawable))
        values["figure"] = ratio_figure(
            context.pen, "fig-disagreement", label, drawable, context.latin
        )
    years = frame.groupby("year").size().sort_values(ascending=False, kind="stable").head(3)
    return values | {
        "rows": dated(frame),
        "units": bool(frame["unit"].notna().any()),
        "years": [(str(year), int(n)) for year, n in years.items()],
    }


def ratio_figure(
    pen: Pen, key: str, label: str, frame: pd.DataFrame, latin_names: Mapping[str, str]
) -> Markup:
    """Ratio of two sources per city-year, on a log axis around 1.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        frame: city_name, year, indicator, ratio.
        latin_names: Stands in for a name that the font lacks.
    """

    def fill(axes: "Axes") -> None:
        at = np.arange(len(frame))[::-1]
        # Distance in log units, so that twice and half stand equally far from agreement.
        place = np.log(frame["ratio"].to_numpy(dtype=float))
        above = place >= 0
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.hlines(at, 0, place, color="#b5b5b5", linewidth=1.1)
        axes.plot(place[above], at[above], "o", color=BLUE)
        axes.plot(place[~above], at[~above], "s", color=VERMILLION, markerfacecolor="white")
        labels = [
            f"{shown_name(r.city_name, latin_names)} {r.year}, {shown_name(r.indicator)}"
            for r in frame.itertuples()
        ]
        axes.set_yticks(at, labels)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        reach = 1.12 * max(float(np.nanmax(np.abs(place))), 0.02)
        axes.set_xlim(-reach, reach)
        axes.set_ylim(-0.7, len(frame) - 0.3)
        ticks = _ratio_ticks(reach)
        axes.set_xticks(np.log(ticks), [f"{tick:g}" for tick in ticks])
        axes.set_xlabel(_("Value of source A as a multiple of source B (log scale)"))

    return pen.draw(key, label, 0.7 + 0.215 * len(frame), fill)


def _ratio_ticks(reach: float) -> list[float]:
    """Round ratios within exp(-reach) and exp(reach), two or three on each side of 1."""
    ladder_above = (1.01, 1.02, 1.05, 1.1, 1.2, 1.3, 1.5, 2, 3, 5, 10, 20, 50, 100, 1000)
    ladder_below = (0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001)

    def thinned(ladder: Sequence[float]) -> list[float]:
        chosen: list[float] = []
        for step in reversed(ladder):  # from the edge inwards, a quarter of the axis apart
            place = abs(float(np.log(step)))
            inside = 0.12 * reach <= place <= reach
            if inside and (not chosen or abs(np.log(chosen[-1] / step)) >= 0.25 * reach):
                chosen.append(step)
        return chosen

    return sorted([*thinned(ladder_below), 1.0, *thinned(ladder_above)])


SECTION: Final = Section(
    id="disagreement",
    title=N_("Where sources disagree"),
    frames=(DISAGREEMENT, COUNTS),
    build=_build,
    template=Path(__file__).with_name("disagreement.html.j2"),
)
