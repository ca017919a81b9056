"""The likelihood ratio over the candidates of a threshold, as a figure.

Belongs here: its drawing. Does not belong here: the ratios (the method's tables).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from markupsafe import Markup

from analysis.typeset.drawing import BLUE, GREY, VERMILLION, Pen, axis_label
from analysis.typeset.texts import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PROFILE_HEIGHT: Final = 8
"""Critical values up to which a likelihood ratio is drawn: the set must stay readable below."""


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
        axes.set_xlabel(axis_label(name, 80))
        axes.set_ylabel(_("Likelihood ratio"))

    return pen.draw(key, label, 2.1, fill)
