"""The figures of a matching: standardised differences of the covariates, and densities of the score.

Belongs here: matplotlib. Does not belong here: differences and densities themselves, which are stored.
"""

from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from analysis.methods.matching.numbers.bounds import LARGEST_DIFFERENCE
from analysis.typeset.drawing import BLUE, GREY, INK, VERMILLION, Pen, legend_above, shown_name
from analysis.typeset.texts import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def balance_figure(pen: Pen, key: str, label: str, balance: pd.DataFrame) -> Markup:
    """Each covariate's standardised difference before matching (hollow) and after (filled).

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        balance: label, difference_before, difference_after; in the order shown, from above.
    """

    def fill(axes: "Axes") -> None:
        names = [shown_name(name, longest=44) for name in balance["label"]]
        places = list(range(len(names), 0, -1))
        before = balance["difference_before"].to_numpy(dtype=float)
        after = balance["difference_after"].to_numpy(dtype=float)
        for place, low, high in zip(places, before, after, strict=True):
            axes.plot([low, high], [place, place], color=GREY, linewidth=0.7, zorder=1)
        axes.plot(
            before, places, "s", color=VERMILLION, markerfacecolor="white", linestyle="none",
            markersize=5.2, label=_("Before matching"),
        )  # fmt: skip
        axes.plot(
            after, places, "o", color=BLUE, markerfacecolor=BLUE, linestyle="none",
            markersize=5.2, label=_("After matching"),
        )  # fmt: skip
        axes.axvline(0, color=INK, linewidth=0.6, zorder=0)
        for at in (-LARGEST_DIFFERENCE, LARGEST_DIFFERENCE):
            axes.axvline(at, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
        axes.set_yticks(places, names)
        axes.set_ylim(0.4, len(names) + 0.6)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel(_("Standardised difference, treated less control"))
        legend_above(axes)

    return pen.draw(key, label, 1.1 + 0.28 * len(balance), fill)


def density_figure(pen: Pen, key: str, label: str, density: pd.DataFrame) -> Markup:
    """Densities of the score of treated (solid) and controls (dashed), before and after side by side.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        density: group_name (treated, control), stage (before, after), score, density; ascending.
    """
    groups = (
        ("treated", _("Treated"), BLUE, "-", ""),
        ("control", _("Control"), VERMILLION, (0, (5, 1.6)), "////"),
    )
    top = 1.08 * float(density["density"].max())

    def panel(stage: str, title: str) -> "Fill":
        def fill(axes: "Axes") -> None:
            for name, said, colour, line, hatch in groups:
                rows = density[(density["group_name"] == name) & (density["stage"] == stage)]
                at = rows["score"].to_numpy(dtype=float)
                height = rows["density"].to_numpy(dtype=float)
                axes.plot(at, height, color=colour, linestyle=line, label=said)
                axes.fill_between(
                    at, height, facecolor=colour if not hatch else "none", edgecolor=colour,
                    alpha=0.13 if not hatch else 0.35, hatch=hatch or None, linewidth=0,
                )  # fmt: skip
            axes.set_title(title, fontsize=8.5, loc="left", pad=18)
            axes.set_ylim(0, top)
            axes.set_xlabel(_("Propensity score"))
            if stage == "before":
                axes.set_ylabel(_("Density"))
            legend_above(axes)

        return fill

    panels = (panel("before", _("Before matching")), panel("after", _("After matching")))
    return pen.draw_beside(key, label, 2.7, panels)


if TYPE_CHECKING:
    from collections.abc import Callable

    Fill = Callable[[Axes], None]

__all__ = ["balance_figure", "density_figure"]
