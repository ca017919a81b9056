"""Figures of a sensitivity analysis: intervals by bound, and the trends that the test of leads would miss.

Belongs here: matplotlib. Does not belong here: estimates.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis.typeset.drawing import (
    BLUE,
    GREY,
    INK,
    PURPLE,
    SERIES,
    VERMILLION,
    Pen,
    axis_label,
    draw_interval,
    legend_above,
    legend_over_all,
    shown_name,
)
from analysis.typeset.texts import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SPREAD = 0.6
"""Share of the distance between two bounds that the intervals at one of them take."""
LINES = ((VERMILLION, (0, (5, 1.6))), (PURPLE, (0, (1.2, 1.4))))


def bounds_figure(
    pen: Pen,
    key: str,
    label: str,
    panels: Mapping[str, Mapping[str, pd.DataFrame]],
    unit: str,
) -> Markup:
    """Intervals of an effect by bound, a panel per restriction and a marker per event study.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        panels: By the label of the bounds, by event study: position (0 for parallel trends), mark (as printed
            under the axis), middle, ci_low, ci_high.
        unit: Unit of the outcome.
    """

    def filled(name: str, series: Mapping[str, pd.DataFrame], first: bool):  # type: ignore[no-untyped-def]
        def fill(axes: "Axes") -> None:
            step = SPREAD / max(len(series), 1)
            marks: dict[float, str] = {}
            for place, (who, frame) in enumerate(series.items()):
                style = SERIES[place % len(SERIES)]
                shift = step * (place - (len(series) - 1) / 2)
                at = frame["position"].to_numpy(dtype=float)
                marks |= dict(zip(at, frame["mark"], strict=True))
                draw_interval(
                    axes, at + shift, frame, ("middle", "ci_low", "ci_high"), label=shown_name(who),
                    color=style["color"], fmt=style["marker"],
                    markerfacecolor=style["markerfacecolor"],
                )  # fmt: skip
            axes.axhline(0, color=INK, linewidth=0.7)
            axes.axvline(0.5, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
            order = sorted(marks)
            axes.set_xticks(order, [marks[k] for k in order])
            axes.tick_params(axis="x", length=0)
            axes.spines["bottom"].set_visible(False)
            axes.set_xlabel(axis_label(name, 44))
            if first:
                axes.set_ylabel(axis_label(unit))
                legend_over_all(axes)

        return fill

    fills = [filled(name, series, j == 0) for j, (name, series) in enumerate(panels.items())]
    return pen.draw_beside(key, label, 3.4, fills)


def trends_figure(
    pen: Pen,
    key: str,
    label: str,
    times: pd.DataFrame,
    slopes: Mapping[str, float],
    unit: str,
) -> Markup:
    """An event study with the linear trends that its leads would have missed, through the base.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        times: event_time, estimate, ci_low, ci_high; ascending, without the base.
        slopes: Difference in trends a year, by its label.
        unit: Unit of the outcome.
    """

    def fill(axes: "Axes") -> None:
        at = times["event_time"].to_numpy(dtype=float)
        draw_interval(
            axes, at, times, ("estimate", "ci_low", "ci_high"), label=_("Effect, 95 % interval"),
            color=BLUE, fmt="o", markerfacecolor=BLUE,
        )  # fmt: skip
        ends = np.array([at.min(), at.max()])
        for (name, slope), (color, dashes) in zip(slopes.items(), LINES, strict=False):
            axes.plot(ends, slope * (ends + 1), color=color, linestyle=dashes, label=name)
        axes.plot([-1], [0], "D", color=INK, markerfacecolor="white")
        axes.axhline(0, color=INK, linewidth=0.7)
        axes.axvline(-0.5, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
        axes.set_xticks(sorted({*at.tolist(), -1.0}))
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(axis="x", length=0)
        axes.set_xlabel(_("Years since the policy began"))
        axes.set_ylabel(axis_label(unit))
        legend_above(axes)

    return pen.draw(key, label, 3.0, fill)


__all__ = ["bounds_figure", "trends_figure"]
