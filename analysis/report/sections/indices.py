"""Indices: weights computed beside published, means by region, and other ways to make each.

Belongs here: which rows and figures an index shows. Does not belong here: weights and scores (dbt).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.table.model import anchor
from analysis.typeset import numbers
from analysis.typeset.drawing import BLUE, VERMILLION, Pen, legend_above, shown_name
from analysis.typeset.lines import lines_figure
from analysis.typeset.texts import N_, _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WEIGHT: Final = Frame(
    "index_weight",
    ("index_id", "indicator_code", "indicator_name", "dimension", "weight", "published_weight",
     "difference"),
    ("indicator_name_zh", "index_title"),
    rows="one per index and indicator, in the order of the rows",
)  # fmt: skip
BY_REGION: Final = Frame(
    "index_by_region",
    ("index_id", "region", "year", "mean", "n"),
    rows="one per index, region and year; n is cities",
)
VARIANTS: Final = Frame(
    "index_variants",
    ("index_id", "variant_id", "title", "rank_correlation", "largest_rank_change"),
    rows="one per variant of an index, in the order of the columns: rank correlation (Spearman's "
    "within a year, mean of the years), largest change of rank (places, any city in any year)",
)
VARIANT_WEIGHT: Final = Frame(
    "index_variant_weight",
    ("variant_id", "indicator_code", "weight"),
    rows="one per variant and indicator; weight is the mean over periods",
)
REGIONS: Final = {
    "east": N_("East"),
    "central": N_("Central"),
    "west": N_("West"),
    "northeast": N_("Northeast"),
}
"""Regions as they are usually listed."""


def _build(context: Context) -> Values:
    ids = dict.fromkeys(
        map(str, [*context["index_weight"]["index_id"], *context["index_by_region"]["index_id"]])
    )
    indices = [_index(context, index_id) for index_id in ids]
    return {"indices": indices, "parts": [(index["id"], index["title"]) for index in indices]}


def _index(context: Context, index_id: str) -> dict[str, Any]:
    """One index: weights computed beside published, and its mean by region."""
    weights = context["index_weight"]
    weights = weights[weights["index_id"] == index_id]
    weights = weights.assign(
        weight=pd.to_numeric(weights["weight"]),
        published_weight=pd.to_numeric(weights["published_weight"]),
    )
    regions = context["index_by_region"]
    regions = regions[regions["index_id"] == index_id]
    titles = [t for t in weights["index_title"] if not numbers.is_missing(t)]
    title = str(titles[0]) if titles else _("Index {id}").format(id=index_id)
    printed = bool(weights["published_weight"].notna().any())
    weight_figure = region_figure = None
    if printed:  # the table alone shows one series as well
        label = _("{title}: weights by indicator; the numbers are in the table.")
        weight_figure = _weights_figure(
            context.pen, anchor("fig-weights", index_id), label.format(title=title), weights
        )
    listed = _regions(regions)
    if len(regions):
        label = _("{title}: mean by region and year; the numbers are listed below.")
        series = {
            name: regions[regions["region"] == region].sort_values("year", kind="stable")
            for region, name in listed
        }
        region_figure = lines_figure(
            context.pen, anchor("fig-regions", index_id), label.format(title=title), series,
            _("Mean score"),
        )  # fmt: skip
    return {
        "index_id": index_id,
        "title": title,
        "id": anchor("index", index_id),
        "weights": dated(weights),
        "weight_sum": float(weights["weight"].sum()) if len(weights) else None,
        "published_sum": float(weights["published_weight"].sum()) if printed else None,
        "has_zh": bool(weights["indicator_name_zh"].notna().any()),
        "weight_figure": weight_figure,
        "region_figure": region_figure,
        "regions": listed,
        "by_year": _by_year(regions),
        "variants": _variants(context, index_id, title) if len(weights) else [],
    }


def _variants(context: Context, index_id: str, title: str) -> list[dict[str, Any]]:
    """Other ways to make the index, each with its weights by indicator."""
    mine = context["index_variants"]
    weights = context["index_variant_weight"]
    return [
        r
        | {
            "index_id": r["variant_id"],
            "title": str(r["title"]).removeprefix(f"{title}, "),
            "weight": {
                str(w["indicator_code"]): w["weight"]
                for w in dated(weights[weights["variant_id"] == r["variant_id"]])
            },
        }
        for r in dated(mine[mine["index_id"].astype(str) == index_id])
    ]


def _regions(regions: pd.DataFrame) -> list[tuple[str, str]]:
    """Regions and their names as they are usually listed; others follow as they come."""
    found = list(dict.fromkeys(map(str, regions["region"])))
    known = [region for region in REGIONS if region in found]
    others = [region for region in found if region not in known]
    return [(region, _(REGIONS[region])) for region in known] + [
        (region, region[:1].upper() + region[1:]) for region in others
    ]


def _by_year(regions: pd.DataFrame) -> list[dict[str, Any]]:
    """Means by year, regions as a dict: the numbers under the figure."""
    rows = []
    for year in sorted(set(regions["year"])):
        mine = dated(regions[regions["year"] == year])
        rows.append(
            {
                "year": int(year),
                "mean": {str(r["region"]): r["mean"] for r in mine},
                "n": {str(r["region"]): r["n"] for r in mine},
            }
        )
    return rows


def _weights_figure(pen: Pen, key: str, label: str, weights: pd.DataFrame) -> Markup:
    """Weights of an index, computed beside published, one indicator per row.

    Args:
        pen: From `drawing`.
        key: Id.
        label: Text for those who can't see it.
        weights: indicator_name, weight, published_weight (missing: none).
    """

    def fill(axes: "Axes") -> None:
        at = np.arange(len(weights))[::-1]
        computed = weights["weight"].to_numpy(dtype=float)
        printed = weights["published_weight"].to_numpy(dtype=float)
        axes.hlines(at, np.fmin(computed, printed), np.fmax(computed, printed), color="#b5b5b5")
        axes.plot(computed, at, "o", color=BLUE, label=_("Computed"), zorder=3)
        if np.isfinite(printed).any():
            axes.plot(
                printed, at, "D", color=VERMILLION, markerfacecolor="white", label=_("Published"),
                zorder=2,
            )  # fmt: skip
            legend_above(axes)
        axes.set_yticks(at, [shown_name(name) for name in weights["indicator_name"]])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="y", color="#e6e6e6", linewidth=0.5)
        axes.set_axisbelow(True)
        axes.set_xlim(left=0)
        axes.set_ylim(-0.7, len(weights) - 0.3)
        axes.set_xlabel(_("Weight"))

    return pen.draw(key, label, 0.7 + 0.215 * len(weights), fill)


SECTION: Final = Section(
    id="indices",
    title=N_("Indices"),
    frames=(WEIGHT, BY_REGION, VARIANTS, VARIANT_WEIGHT),
    build=_build,
    template=Path(__file__).with_name("indices.html.j2"),
    explained=Path(__file__).with_name("indices_explained.html.j2"),
)
