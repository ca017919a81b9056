"""The event study's figure: effects by years since the policy began, with intervals and bands.

Belongs here: matplotlib. Does not belong here: estimates; which estimators stand side by side.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis.typeset.drawing import (
    GREY,
    INK,
    SERIES,
    Pen,
    axis_label,
    draw_interval,
    legend_above,
    shown_name,
)
from analysis.typeset.texts import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

APART = 0.16
"""Years between the points of two estimators at one event time."""


def event_study_figure(
    pen: Pen, key: str, label: str, series: Mapping[str, pd.DataFrame], unit: str
) -> Markup:
    """Effects by event time: points with their intervals, a band that covers all at once.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        series: By estimator: event_time, mark (as printed under the axis), estimate, ci_low,
            ci_high, band_low, band_high, is_base; ascending, without event times that have no
            estimate.
        unit: Unit of the outcome.
    """

    def fill(axes: "Axes") -> None:
        marks: dict[float, str] = {}
        middle = (len(series) - 1) / 2
        for position, (name, frame) in enumerate(series.items()):
            style = SERIES[position % len(SERIES)]
            told = frame[~frame["is_base"].astype(bool)]
            base = frame[frame["is_base"].astype(bool)]
            at = told["event_time"].to_numpy(dtype=float) + APART * (position - middle)
            marks |= dict(zip(frame["event_time"].astype(float), frame["mark"], strict=True))
            if len(series) == 1:
                _band(axes, frame, style["color"])
            draw_interval(
                axes, at, told, ("estimate", "ci_low", "ci_high"), label=shown_name(name),
                color=style["color"], fmt=style["marker"],
                markerfacecolor=style["markerfacecolor"],
            )  # fmt: skip
            axes.plot(
                base["event_time"].to_numpy(dtype=float), np.zeros(len(base)), "D", color=INK,
                markerfacecolor="white", label=_("Base period") if position == 0 else "_",
            )  # fmt: skip
        axes.axhline(0, color=INK, linewidth=0.7)
        axes.axvline(-0.5, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
        order = sorted(marks)
        axes.set_xticks(order, [marks[k] for k in order])
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(axis="x", length=0)
        axes.set_xlabel(_("Years since the policy began"))
        axes.set_ylabel(axis_label(unit))
        legend_above(axes)

    return pen.draw(key, label, 3.0, fill)


def _band(axes: "Axes", frame: pd.DataFrame, color: str) -> None:
    """The simultaneous band, through the base period, where it has no width."""
    low, high = (
        frame[column].astype(float).where(~frame["is_base"].astype(bool), 0.0).to_numpy(dtype=float)
        for column in ("band_low", "band_high")
    )
    at = frame["event_time"].to_numpy(dtype=float)
    axes.fill_between(
        at, low, high, color=color, alpha=0.13, linewidth=0, label=_("Simultaneous 95 % band")
    )
    for edge in (low, high):
        axes.plot(at, edge, color=color, linewidth=0.6, linestyle=(0, (5, 1.6)))


__all__ = ["event_study_figure"]
