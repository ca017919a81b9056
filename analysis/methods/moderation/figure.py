"""The figure of a moderated effect: line, band and bins, and under them where cities are.

Belongs here: matplotlib. Does not belong here: effects and counts, which are stored.
"""

from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from analysis.typeset.drawing import (
    BLUE,
    GREY,
    INK,
    VERMILLION,
    Pen,
    axis_label,
    draw_interval,
    legend_above,
)
from analysis.typeset.texts import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FOOT = 0.22
"""Share of the axes' height that the histogram takes, below all effects."""


def moderation_figure(
    pen: Pen,
    key: str,
    label: str,
    line: pd.DataFrame,
    bins: pd.DataFrame,
    counts: pd.DataFrame,
    names: tuple[str, str],
) -> Markup:
    """The line with interval and band, the bins' effects at their medians, rows by the moderator below.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        line: at_value, estimate, ci_low, ci_high, band_low, band_high; ascending.
        bins: The same columns; may be empty.
        counts: value_low, value_high, n_treated, n_others; ascending.
        names: Of the moderator with its unit, and of the outcome's unit.
    """

    def fill(axes: "Axes") -> None:
        at = line["at_value"].to_numpy(dtype=float)
        low, high = (line[name].to_numpy(dtype=float) for name in ("band_low", "band_high"))
        axes.fill_between(
            at, low, high, color=BLUE, alpha=0.13, linewidth=0, label=_("Simultaneous 95 % band")
        )
        for name in ("ci_low", "ci_high"):
            axes.plot(
                at, line[name].to_numpy(dtype=float), color=BLUE, linewidth=0.7,
                linestyle=(0, (5, 1.6)), label=_("95 % interval") if name == "ci_low" else "_",
            )  # fmt: skip
        axes.plot(at, line["estimate"].to_numpy(dtype=float), color=BLUE, label=_("Line"))
        if len(bins):
            draw_interval(
                axes, bins["at_value"].to_numpy(dtype=float), bins,
                ("estimate", "ci_low", "ci_high"), label=_("Bins, at their medians"),
                color=VERMILLION, fmt="s", markerfacecolor="white",
            )  # fmt: skip
        axes.axhline(0, color=INK, linewidth=0.7)
        _rows_below(axes, counts)
        axes.set_xlabel(axis_label(names[0], 80))
        axes.set_ylabel(axis_label(names[1]))
        legend_above(axes)

    return pen.draw(key, label, 3.4, fill)


def _rows_below(axes: "Axes", counts: pd.DataFrame) -> None:
    """Columns of rows, those under the policy on top of the others, in a strip below the effects."""
    low, high = axes.get_ylim()
    floor = low - (high - low) * FOOT / (1 - FOOT)
    under = counts["n_treated"].to_numpy(dtype=float)
    others = counts["n_others"].to_numpy(dtype=float)
    unit = 0.9 * (low - floor) / max(float((under + others).max()), 1.0)
    left = counts["value_low"].to_numpy(dtype=float)
    width = counts["value_high"].to_numpy(dtype=float) - left
    style: dict[str, Any] = {"align": "edge", "linewidth": 0.5}
    axes.bar(
        left, others * unit, width, bottom=floor, facecolor="#e3e3e3", edgecolor=GREY,
        label=_("City-years without the policy"), **style,
    )  # fmt: skip
    axes.bar(
        left, under * unit, width, bottom=floor + others * unit, facecolor=VERMILLION,
        edgecolor=VERMILLION, alpha=0.55, label=_("City-years under the policy"), **style,
    )  # fmt: skip
    axes.set_ylim(floor, high)
    axes.set_xlim(float(left[0]), float(left[-1] + width[-1]))
    shown = [tick for tick in axes.get_yticks() if low <= tick <= high]
    axes.set_yticks(shown)


__all__ = ["moderation_figure"]
