"""The figures: frames in, inline SVG out.

Belongs here: matplotlib. Does not belong here: captions and the numbers under a figure (the
template), the choice of the Chinese font (`fonts`), how little of an SVG the page needs (`svg`).

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
from analysis.typeset.numbers import is_missing
from analysis.typeset.svg import Shared, inline_svg

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

PROFILE_HEIGHT: Final = 8
"""Critical values up to which a likelihood ratio is drawn: the set must stay readable below."""

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
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.subplots()
        # The page's own white shows through.
        figure.patch.set_visible(False)
        axes.patch.set_visible(False)
        fill(axes)
        if self.simulated:
            figure.suptitle(
                "Simulated data", x=0.995, ha="right", fontsize=8, color="#8a3b00", weight="normal"
            )
        return inline_svg(figure, key, label, self.shared)


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
        _interval(
            axes, at + shift, effects, ("estimate", "ci_low", "ci_high"),
            label="Estimated", color=BLUE, fmt="o", markerfacecolor=BLUE,
        )  # fmt: skip
        if has_printed:
            _interval(
                axes, at - shift, effects, ("published", "published_low", "published_high"),
                label="Published", color=VERMILLION, fmt="D", markerfacecolor="white",
            )  # fmt: skip
            _legend_above(axes)
        axes.axhline(0, color=INK, linewidth=0.7)
        axes.spines["bottom"].set_visible(False)
        axes.set_xticks(at, [f"({_name(c, longest=12)})" for c in effects["column_id"]])
        axes.set_xlim(-0.6, len(effects) - 0.4)
        axes.tick_params(axis="x", length=0)
        axes.set_ylabel(_axis_label(unit))

    return pen.draw(key, label, 2.7, fill, width=max(3.6, min(WIDTH, 1.6 + 0.95 * len(effects))))


def forest_figure(pen: Pen, key: str, label: str, effects: pd.DataFrame, unit: str) -> Markup:
    """Policy effect by group of cities, a line each: estimate with interval, the printed beside it.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        effects: column_id, label, estimate, ci_low, ci_high, published, published_low,
            published_high; drawn from top to bottom.
        unit: Unit of the outcome.
    """

    def fill(axes: "Axes") -> None:
        has_printed = bool(effects["published"].notna().any())
        shift = 0.16 if has_printed else 0.0
        at = np.arange(len(effects))[::-1]
        _interval(
            axes, at + shift, effects, ("estimate", "ci_low", "ci_high"), across=True,
            label="Estimated", color=BLUE, fmt="o", markerfacecolor=BLUE,
        )  # fmt: skip
        if has_printed:
            _interval(
                axes, at - shift, effects, ("published", "published_low", "published_high"),
                across=True, label="Published", color=VERMILLION, fmt="D", markerfacecolor="white",
            )  # fmt: skip
            _legend_above(axes)
        axes.axvline(0, color=INK, linewidth=0.7)
        axes.spines["left"].set_visible(False)
        axes.set_yticks(
            at,
            [f"{_name(r.label)} ({_name(r.column_id, longest=12)})" for r in effects.itertuples()],
        )
        axes.set_ylim(-0.6, len(effects) - 0.4)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel(_axis_label(unit))

    return pen.draw(key, label, 0.9 + 0.3 * len(effects), fill, width=5.4)


def _legend_above(axes: "Axes") -> None:
    """Put the legend over the axes, where it can't cover a point."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, handletextpad=0.3, borderaxespad=0.2
    )


def _axis_label(text: str, longest: int = 36) -> str:
    """Break a long label; 36 characters fit the height of a figure, 80 its width."""
    return "\n".join(textwrap.wrap(fonts.readable(text), longest)[:3])


def _name(
    text: object, latin_names: Mapping[str, str] | None = None, *, longest: int = LONGEST_NAME
) -> str:
    """A name as a figure can carry it: drawable, on one line, not longer than it has room for."""
    shown = " ".join(fonts.readable(str(text), latin_names).split())
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _interval(
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
        axes.set_ylabel(_axis_label(unit))
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
            _name(name), (year, place), xytext=(8, 0), textcoords="offset points",
            va="center", color=color if color not in {ORANGE, PURPLE} else INK,
            annotation_clip=False,
        )  # fmt: skip


def profile_figure(
    pen: Pen, key: str, label: str, profile: pd.DataFrame, threshold: Mapping[str, Any], name: str
) -> Markup:
    """Likelihood ratio over the candidates of one threshold, with the line that bounds its set.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        profile: gamma, lr.
        threshold: estimate and critical_value.
        name: Label of the threshold variable.
    """

    def fill(axes: "Axes") -> None:
        gamma, lr = (profile[c].to_numpy(dtype=float) for c in ("gamma", "lr"))
        critical = float(threshold["critical_value"])
        inside = lr <= critical
        axes.plot(gamma, lr, color=BLUE, linewidth=1.1)
        axes.plot(gamma[inside], lr[inside], "o", color=BLUE, markersize=3)
        axes.axhline(critical, color=VERMILLION, linewidth=1.1, linestyle=(0, (5, 1.6)))
        axes.annotate(
            f"95 %: {critical:.2f}", (1, critical), xycoords=("axes fraction", "data"),
            xytext=(4, 0), textcoords="offset points", va="center", color=VERMILLION,
            annotation_clip=False,
        )  # fmt: skip
        axes.axvline(
            float(threshold["estimate"]), color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0
        )
        # The line of the set stays in view where no candidate comes near it.
        top = min(1.05 * float(lr.max()), PROFILE_HEIGHT * critical)
        axes.set_ylim(0, max(top, 1.3 * critical))
        axes.margins(x=0.01)
        axes.set_xlabel(_axis_label(name, 80))
        axes.set_ylabel("Likelihood ratio")

    return pen.draw(key, label, 2.1, fill)


def weights_figure(pen: Pen, key: str, label: str, weights: pd.DataFrame) -> Markup:
    """Weights of an index, computed beside published, one indicator per row.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        weights: name, weight, published_weight (missing: none).
    """

    def fill(axes: "Axes") -> None:
        at = np.arange(len(weights))[::-1]
        computed = weights["weight"].to_numpy(dtype=float)
        printed = weights["published_weight"].to_numpy(dtype=float)
        axes.hlines(at, np.fmin(computed, printed), np.fmax(computed, printed), color="#b5b5b5")
        axes.plot(computed, at, "o", color=BLUE, label="Computed", zorder=3)
        if np.isfinite(printed).any():
            axes.plot(
                printed, at, "D", color=VERMILLION, markerfacecolor="white", label="Published",
                zorder=2,
            )  # fmt: skip
            _legend_above(axes)
        axes.set_yticks(at, [_name(name) for name in weights["name"]])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="y", color="#e6e6e6", linewidth=0.5)
        axes.set_axisbelow(True)
        axes.set_xlim(left=0)
        axes.set_ylim(-0.7, len(weights) - 0.3)
        axes.set_xlabel("Weight")

    return pen.draw(key, label, 0.7 + 0.215 * len(weights), fill)


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
            f"{_name(r.city_name, latin_names)} {r.year}, {_name(r.indicator)}"
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
        axes.set_xlabel("Value of source A as a multiple of source B (log scale)")

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


def mark_years(roster: pd.DataFrame, policy: Any) -> list[int]:
    """First treated years of a policy's batches."""
    if is_missing(policy):
        return []
    mine = roster[roster["policy"] == policy]
    return sorted({int(year) for year in mine["year"] if not is_missing(year)})
