"""Drawing: the style that all figures share, and what several of them draw alike.

Belongs here: matplotlib's settings, the pen, labels, intervals, legends. Does not belong here: what
a figure shows (the section that has it; lines over years are in `lines`), the choice of the Chinese
font (`fonts`), how little of an SVG the page needs (`svg`).

Every figure is text as paths (no font needed to show it), has no date and no outside reference,
and reads without colour: series differ in marker and line style, and stand labelled at their end.
Colours are Okabe and Ito's (2008), made for colour-blind readers.
"""

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis.typeset import fonts
from analysis.typeset.svg import Shared, inline_svg
from analysis.typeset.texts import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
GREEN: Final = "#009E73"
PURPLE: Final = "#CC79A7"
ORANGE: Final = "#E69F00"
BLACK: Final = "#000000"
INK: Final = "#222222"
GREY: Final = "#6b6b6b"

SERIES: Final[tuple[dict[str, Any], ...]] = (
    {"color": BLUE, "linestyle": "-", "marker": "o", "markerfacecolor": BLUE},
    {"color": VERMILLION, "linestyle": (0, (5, 1.6)), "marker": "s", "markerfacecolor": "white"},
    {"color": GREEN, "linestyle": (0, (1.2, 1.4)), "marker": "^", "markerfacecolor": GREEN},
    {"color": PURPLE, "linestyle": (0, (5, 1.4, 1.2, 1.4)), "marker": "D",
     "markerfacecolor": "white"},
    {"color": ORANGE, "linestyle": "-", "marker": "v", "markerfacecolor": "white"},
    {"color": BLACK, "linestyle": (0, (3, 1.2)), "marker": "x", "markerfacecolor": BLACK},
)  # fmt: skip

STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "citypanel",
    "text.parse_math": False,  # a '$' in a name is a dollar, not mathematics
    "axes.unicode_minus": True,
    "axes.formatter.use_mathtext": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.7,
    "axes.labelcolor": INK,
    "axes.labelsize": 8.5,
    "text.color": INK,
    "font.size": 8.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "lines.linewidth": 1.5,
    "lines.markersize": 4.2,
    "lines.markeredgewidth": 1.0,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
}

LONGEST_NAME: Final = 54
"""Characters of a name in a figure; the table under it has the whole."""

WIDTH: Final = 6.8
"""Inches: the width of a journal's two columns."""


@contextmanager
def drawing(simulated: bool) -> Iterator["Pen"]:
    """Draw with the report's own settings, whatever the user's matplotlibrc says."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        matplotlib.rcParams["font.family"] = fonts.matplotlib_families()
        yield Pen(simulated)


class Pen:
    """Opens a figure and turns it into SVG. Made by `drawing`.

    Attributes:
        shared: What all figures drawn refer to; the page must hold its definitions once.
    """

    def __init__(self, simulated: bool) -> None:
        self.simulated = simulated
        self.shared = Shared()

    def draw(
        self,
        key: str,
        label: str,
        height: float,
        fill: Callable[["Axes"], None],
        *,
        width: float = WIDTH,
    ) -> Markup:
        """Draw on one pair of axes.

        Args:
            key: Id of the figure in the page; prefixes every id inside it.
            label: What the figure shows, for those who can't see it.
            height: Inches.
            fill: Draws on the axes.
            width: Inches.

        Returns:
            An ``<svg>`` element.
        """
        return self.draw_beside(key, label, height, (fill,), width=width)

    def draw_beside(
        self,
        key: str,
        label: str,
        height: float,
        fills: Sequence[Callable[["Axes"], None]],
        *,
        width: float = WIDTH,
    ) -> Markup:
        """Draw on several pairs of axes beside each other; else as `draw`."""
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        # The page's own white shows through.
        figure.patch.set_visible(False)
        for axes, fill in zip(figure.subplots(1, len(fills), squeeze=False)[0], fills, strict=True):
            axes.patch.set_visible(False)
            fill(axes)
        if self.simulated:
            figure.suptitle(
                _("Simulated data"),
                x=0.995,
                ha="right",
                fontsize=8,
                color="#8a3b00",
                weight="normal",
            )
        return inline_svg(figure, key, label, self.shared)


def legend_above(axes: "Axes") -> None:
    """Put the legend over the axes, where it can't cover a point."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, handletextpad=0.3, borderaxespad=0.2
    )


def legend_over_all(axes: "Axes") -> None:
    """Put the legend of one pair of axes over all of the figure: names may be wider than one of several."""
    handles, names = axes.get_legend_handles_labels()
    figure = axes.get_figure(root=True)
    assert figure is not None, "axes of no figure"
    figure.legend(
        handles, names, loc="outside upper left", ncols=2, handletextpad=0.3, borderaxespad=0.2
    )


def axis_label(text: str, longest: int = 36) -> str:
    """Break a long label; 36 characters fit the height of a figure, 80 its width."""
    return "\n".join(textwrap.wrap(fonts.readable(text), longest)[:3])


def shown_name(
    text: object, latin_names: Mapping[str, str] | None = None, *, longest: int = LONGEST_NAME
) -> str:
    """A name as a figure can carry it: drawable, on one line, not longer than it has room for."""
    shown = " ".join(fonts.readable(str(text), latin_names).split())
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def draw_interval(
    axes: "Axes",
    at: Any,
    frame: pd.DataFrame,
    columns: tuple[str, str, str],
    *,
    across: bool = False,
    **style: Any,
) -> None:
    """Points with their intervals, upright at x positions or across at y positions."""
    value, low, high = (frame[c].to_numpy(dtype=float) for c in columns)
    reach = np.abs(np.vstack([value - low, high - value]))
    # An estimate without an interval (no standard error printed) shows as a point.
    x, y = (value, at) if across else (at, value)
    reach = np.nan_to_num(reach)
    axes.errorbar(
        x, y, xerr=reach if across else None, yerr=None if across else reach,
        capsize=2.5, elinewidth=1.1, capthick=1.1, **style,
    )  # fmt: skip
