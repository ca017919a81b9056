"""Figures of staggered designs: estimators side by side by event time, and what two-way effects are made of.

Belongs here: matplotlib. Does not belong here: estimates.
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

MARKERS = ("o", "s", "^", "D", "v", "x", "P", "<", ">", "*", "h", "d")
"""One per estimator: colours alone come back after six."""
WIDTH = 0.7
"""Years that the points of all estimators at one event time take."""


def estimators_figure(
    pen: Pen, key: str, label: str, series: Mapping[str, pd.DataFrame], unit: str
) -> Markup:
    """Effects by event time with 95 % intervals, a marker per estimator.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        series: By estimator: event_time, estimate, ci_low, ci_high, ascending, without the base.
        unit: Unit of the outcome.
    """

    def fill(axes: "Axes") -> None:
        step = WIDTH / max(len(series) - 1, 1)
        middle = (len(series) - 1) / 2
        times: set[int] = set()
        for position, (name, frame) in enumerate(series.items()):
            style = SERIES[position % len(SERIES)]
            marker = MARKERS[position % len(MARKERS)]
            times |= {int(k) for k in frame["event_time"]}
            at = frame["event_time"].to_numpy(dtype=float) + step * (position - middle)
            draw_interval(
                axes, at, frame, ("estimate", "ci_low", "ci_high"), label=shown_name(name),
                color=style["color"], fmt=marker,
                markerfacecolor=style["markerfacecolor"],
            )  # fmt: skip
        axes.axhline(0, color=INK, linewidth=0.7)
        axes.axvline(-0.5, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
        axes.set_xticks(sorted(times | {-1}))
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(axis="x", length=0)
        axes.set_xlabel(_("Years since the policy began"))
        axes.set_ylabel(axis_label(unit))
        legend_above(axes)

    return pen.draw(key, label, 3.6, fill)


def comparisons_figure(
    pen: Pen, key: str, label: str, kinds: Mapping[str, pd.DataFrame], unit: str
) -> Markup:
    """Each comparison of two groups: its weight across, its estimate up, a marker per kind."""

    def fill(axes: "Axes") -> None:
        for position, (name, frame) in enumerate(kinds.items()):
            style = SERIES[position % len(SERIES)]
            axes.plot(
                frame["weight"].to_numpy(dtype=float), frame["estimate"].to_numpy(dtype=float),
                style["marker"], color=style["color"], markerfacecolor=style["markerfacecolor"],
                linestyle="none", label=shown_name(name),
            )  # fmt: skip
        whole = pd.concat(list(kinds.values()))
        axes.axhline(
            float(np.average(whole["estimate"].astype(float), weights=whole["weight"].astype(float))),
            color=GREY, linewidth=0.8, linestyle=(0, (5, 2)),
        )  # fmt: skip
        axes.axhline(0, color=INK, linewidth=0.7)
        axes.set_xlabel(_("Weight in the two-way effect"))
        axes.set_ylabel(axis_label(unit))
        legend_above(axes)

    return pen.draw(key, label, 3.0, fill)


__all__ = ["comparisons_figure", "estimators_figure"]
