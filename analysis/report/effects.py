"""The policy effect as a figure: by column of a table, or by group of cities.

Belongs here: drawing estimates with their intervals, the printed ones beside them. Does not belong
here: which columns a table has (`table`), captions (the templates).
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis.typeset.drawing import (
    BLUE,
    INK,
    VERMILLION,
    WIDTH,
    Pen,
    axis_label,
    draw_interval,
    legend_above,
    shown_name,
)
from analysis.typeset.texts import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def effect_figure(pen: Pen, key: str, label: str, effects: pd.DataFrame, unit: str) -> Markup:
    """Policy effect by column: estimate with its 95 % interval, the printed one beside it.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        effects: column_id, estimate, ci_low, ci_high, published, published_low, published_high.
        unit: Unit of the outcome.
    """

    def fill(axes: "Axes") -> None:
        has_printed = bool(effects["published"].notna().any())
        shift = 0.13 if has_printed else 0.0
        at = np.arange(len(effects))
        draw_interval(
            axes, at + shift, effects, ("estimate", "ci_low", "ci_high"),
            label=_("Estimated"), color=BLUE, fmt="o", markerfacecolor=BLUE,
        )  # fmt: skip
        if has_printed:
            draw_interval(
                axes, at - shift, effects, ("published", "published_low", "published_high"),
                label=_("Published"), color=VERMILLION, fmt="D", markerfacecolor="white",
            )  # fmt: skip
            legend_above(axes)
        axes.axhline(0, color=INK, linewidth=0.7)
        axes.spines["bottom"].set_visible(False)
        axes.set_xticks(at, [f"({shown_name(c, longest=12)})" for c in effects["column_id"]])
        axes.set_xlim(-0.6, len(effects) - 0.4)
        axes.tick_params(axis="x", length=0)
        axes.set_ylabel(axis_label(unit))

    return pen.draw(key, label, 2.7, fill, width=max(3.6, min(WIDTH, 1.6 + 0.95 * len(effects))))


def forest_figure(pen: Pen, key: str, label: str, effects: pd.DataFrame, unit: str) -> Markup:
    """Policy effect by group of cities, a line each: estimate with interval, the printed beside it.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        effects: column_id ('' where the label says it all), label, estimate, ci_low, ci_high,
            published, published_low, published_high; drawn from top to bottom.
        unit: Unit of the outcome.
    """

    def fill(axes: "Axes") -> None:
        has_printed = bool(effects["published"].notna().any())
        shift = 0.16 if has_printed else 0.0
        at = np.arange(len(effects))[::-1]
        draw_interval(
            axes, at + shift, effects, ("estimate", "ci_low", "ci_high"), across=True,
            label=_("Estimated"), color=BLUE, fmt="o", markerfacecolor=BLUE,
        )  # fmt: skip
        if has_printed:
            draw_interval(
                axes, at - shift, effects, ("published", "published_low", "published_high"),
                across=True, label=_("Published"), color=VERMILLION, fmt="D", markerfacecolor="white",
            )  # fmt: skip
            legend_above(axes)
        axes.axvline(0, color=INK, linewidth=0.7)
        axes.spines["left"].set_visible(False)
        axes.set_yticks(
            at,
            [
                f"{shown_name(r.label)} ({shown_name(r.column_id, longest=12)})"
                if r.column_id
                else shown_name(r.label)
                for r in effects.itertuples()
            ],
        )
        axes.set_ylim(-0.6, len(effects) - 0.4)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel(axis_label(unit))

    return pen.draw(key, label, 0.9 + 0.3 * len(effects), fill, width=5.4)
