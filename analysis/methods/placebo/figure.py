"""The placebo's figure: density of the drawn estimates with the true one, and their p values.

Belongs here: matplotlib. Does not belong here: the density itself, which is stored with the draws.
"""

from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from analysis.typeset.drawing import BLUE, GREY, INK, VERMILLION, Pen, axis_label
from analysis.typeset.texts import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_DOTS = 1000
"""Draws whose p value is drawn: more are a blot."""
LEVEL = 0.1
"""Level that the p values are read against, as in the applied literature."""


def placebo_figure(
    pen: Pen,
    key: str,
    label: str,
    density: pd.DataFrame,
    draws: pd.DataFrame,
    true: float,
    unit: str,
) -> Markup:
    """Density of the drawn estimates (line), each draw's p value (circles), the true estimate.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        density: bin_middle, density; ascending.
        draws: estimate, p_value, in the order drawn.
        true: The estimate of the true assignment.
        unit: Unit of the outcome.
    """

    def fill(axes: "Axes") -> None:
        shown = draws.dropna(subset=["estimate", "p_value"]).head(MOST_DOTS)
        axes.plot(
            shown["estimate"].to_numpy(dtype=float), shown["p_value"].to_numpy(dtype=float), "o",
            color=GREY, markersize=2.2, markerfacecolor="none", markeredgewidth=0.5,
            label=_("p value of a draw (left)"),
        )  # fmt: skip
        axes.axhline(LEVEL, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)))
        axes.set_ylim(0, 1.02)
        axes.set_ylabel(_("p value"))
        axes.set_xlabel(axis_label(unit, 80))
        curve = axes.twinx()
        curve.spines["right"].set_visible(True)
        place = density["bin_middle"].to_numpy(dtype=float)
        height = density["density"].to_numpy(dtype=float)
        curve.plot(place, height, color=BLUE, label=_("Density of the estimates (right)"))
        curve.fill_between(place, height, color=BLUE, alpha=0.1, linewidth=0)
        curve.set_ylim(0, 1.12 * float(height.max()))
        curve.set_ylabel(_("Density"))
        curve.axvline(
            true, color=VERMILLION, linewidth=1.5, linestyle=(0, (5, 1.6)),
            label=_("True treatment: {value}").format(value=f"{true:.3f}"),
        )  # fmt: skip
        seen = density.loc[density["density"] > height.max() / 200, "bin_middle"]
        low, high = min(float(seen.min()), true), max(float(seen.max()), true)
        axes.set_xlim(low - 0.06 * (high - low), high + 0.06 * (high - low))
        curve.axvline(0, color=INK, linewidth=0.5, zorder=0)
        lines = [*curve.get_lines()[:2], *axes.get_lines()[:1]]
        axes.legend(
            lines, [str(line.get_label()) for line in lines], loc="lower left",
            bbox_to_anchor=(0, 1.0), ncols=3, handletextpad=0.4, borderaxespad=0.2,
            columnspacing=1.4,
        )  # fmt: skip

    return pen.draw(key, label, 3.0, fill)


__all__ = ["placebo_figure"]
