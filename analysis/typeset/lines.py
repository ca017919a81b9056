"""Lines over the years: means by series, labelled at their ends, with bands where there are any.

Belongs here: the one figure that several sections draw. Does not belong here: what the series are.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis.typeset.drawing import (
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SERIES,
    Pen,
    axis_label,
    shown_name,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def lines_figure(
    pen: Pen,
    key: str,
    label: str,
    series: Mapping[str, pd.DataFrame],
    unit: str,
    *,
    marks: Sequence[int] = (),
    from_zero: bool = False,
) -> Markup:
    """Means over the years, one line per series, labelled at its end, with a band where given.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        series: By name: year, mean and, if there are bands, ci_low, ci_high.
        unit: Unit of the mean.
        marks: Years to mark with a dotted line.
        from_zero: Whether the axis starts at 0, as for parts of a whole.
    """
    from matplotlib.ticker import MaxNLocator

    def fill(axes: "Axes") -> None:
        ends: list[tuple[float, str, str]] = []
        last = 0
        for position, (name, frame) in enumerate(series.items()):
            style = SERIES[position % len(SERIES)]
            years = frame["year"].to_numpy(dtype=float)
            mean = frame["mean"].to_numpy(dtype=float)
            if "ci_low" in frame and frame["ci_low"].notna().any():
                axes.fill_between(
                    years,
                    frame["ci_low"].to_numpy(dtype=float),
                    frame["ci_high"].to_numpy(dtype=float),
                    color=style["color"], alpha=0.14, linewidth=0,
                )  # fmt: skip
            axes.plot(years, mean, **style)
            finite = np.isfinite(mean)
            if finite.any():
                ends.append((float(mean[finite][-1]), name, style["color"]))
                last = max(last, int(years[finite][-1]))
        for year in marks:
            axes.axvline(year, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True))
        axes.set_ylabel(axis_label(unit))
        axes.margins(x=0.02)
        if from_zero:
            axes.set_ylim(bottom=0)
        _end_labels(axes, ends, last)

    return pen.draw(key, label, 3.1, fill)


def _end_labels(axes: "Axes", ends: list[tuple[float, str, str]], year: int) -> None:
    """Write each series' name right of its last point, moved apart where two would overlap."""
    if not ends:
        return
    low, high = axes.get_ylim()
    gap = 0.066 * (high - low)
    ends = sorted(ends)
    places = [value for value, _, _ in ends]
    for _ in range(60):  # push neighbours apart by halves; settles fast for a handful of series
        for i in range(1, len(places)):
            overlap = gap - (places[i] - places[i - 1])
            if overlap > 0:
                places[i - 1] -= overlap / 2
                places[i] += overlap / 2
    for place, (_, name, color) in zip(places, ends, strict=True):
        axes.annotate(
            shown_name(name), (year, place), xytext=(8, 0), textcoords="offset points",
            va="center", color=color if color not in {ORANGE, PURPLE} else INK,
            annotation_clip=False,
        )  # fmt: skip
