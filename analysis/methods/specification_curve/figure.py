"""The figure of a specification curve: effects by size, and below them the choices of each.

Belongs here: matplotlib. Does not belong here: estimates.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis.typeset.drawing import BLUE, GREY, INK, VERMILLION, Pen, axis_label, shown_name
from analysis.typeset.texts import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIGNIFICANT = 0.05
TICK = 0.38
"""Half the height of a mark, in rows."""
ROW, ABOVE = 0.17, 2.4
"""Inches of a row of choices, and of the curve."""


def curve_figure(
    pen: Pen, key: str, label: str, rows: pd.DataFrame, terms: Mapping[str, str]
) -> Markup:
    """Effects by size with intervals, and a row of marks for every choice that differs.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        rows: Estimated specifications by position: effect, effect_low, effect_high, p_value, specification,
            and their choices.
        terms: Labels of controls.
    """
    marks = _marks(rows, terms)

    def fill(axes: "Axes") -> None:
        at = np.arange(1, len(rows) + 1)
        low, effect, high = (
            rows[n].to_numpy(dtype=float) for n in ("effect_low", "effect", "effect_high")
        )
        told = rows["p_value"].to_numpy(dtype=float) < SIGNIFICANT
        share = ABOVE / (ABOVE + ROW * len(marks))
        upper = axes.inset_axes((0, 1 - share, 1, share - 0.02))
        upper.fill_between(at, low, high, color=GREY, alpha=0.25, linewidth=0)
        for chosen, face, name in (
            (told, BLUE, _("p < 0.05")),
            (~told, "white", _("p of 0.05 or more")),
        ):
            upper.plot(
                at[chosen], effect[chosen], "o", color=BLUE, markersize=2.6, markeredgewidth=0.5,
                markerfacecolor=face, label=name,
            )  # fmt: skip
        own = rows["specification"].to_numpy() == "s1"
        upper.plot(
            at[own], effect[own], "D", color=VERMILLION, markersize=5, label=_("the column itself")
        )
        upper.axhline(0, color=INK, linewidth=0.7)
        upper.set_xticks([])
        upper.set_xlim(0, len(rows) + 1)
        upper.set_ylabel(axis_label(_("Standard deviations")))
        upper.legend(
            loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, handletextpad=0.3, borderaxespad=0.2
        )
        lower = axes.inset_axes((0, 0, 1, 1 - share - 0.02))
        for place, chosen in enumerate(marks.values()):
            lower.vlines(at[chosen], place - TICK, place + TICK, color=INK, linewidth=0.5)
        lower.set_yticks(range(len(marks)), [shown_name(name) for name in marks])
        lower.set_ylim(len(marks) - 0.5, -0.5)
        lower.set_xlim(0, len(rows) + 1)
        lower.tick_params(axis="y", length=0, labelsize="x-small")
        lower.set_xlabel(_("Specifications by size of the effect"))
        axes.axis("off")

    return pen.draw(key, label, ABOVE + ROW * len(marks) + 0.5, fill)


def _marks(rows: pd.DataFrame, terms: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Masks over specifications by choice in words, of what isn't the same for all."""
    found: dict[str, np.ndarray] = {}
    kinds = {
        "outcome_label": "{}",
        "effects": _("effects: {}"),
        "sample": _("rows: {}"),
        "rule": _("policy: {}"),
        "cluster": _("clusters: {}"),
    }
    for column, words in kinds.items():
        values = rows[column].fillna("").astype(str).replace("", _("none"))
        for value in sorted(values.unique()) if values.nunique() > 1 else ():
            found[words.format(value)] = (values == value).to_numpy()
    held = [set(str(each).split("+")) if each else set() for each in rows["controls"].fillna("")]
    for name in sorted(set().union(*held)):
        own = np.array([name in each for each in held])
        if not own.all():
            found[_("control: {}").format(terms.get(name, name))] = own
    return found


__all__ = ["curve_figure"]
