"""The placebo in the report: its figure, the true estimate among random ones, moved policies.

Belongs here: what is shown of a placebo. Does not belong here: drawing (`figure`), estimation.
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from analysis.methods.placebo.equations import MOVED
from analysis.methods.placebo.figure import placebo_figure
from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.table.model import ESTIMATED, anchor
from analysis.typeset.texts import N_, _

METHOD: Final = "placebo"
PREFIX: Final = MOVED.format(years="")
PLACEBOS: Final = Frame(
    "placebo",
    ("study", "design", "title", "scheme", "within", "estimate", "std_error", "p_value", "draws",
     "draws_absorbed", "n_as_large", "p_randomisation", "p_randomisation_error",
     "p_randomisation_t", "draws_mean", "draws_sd", "share_p_below_10", "share_p_below_5",
     "share_p_below_1", "n_treated", "cohorts", "n_movable"),
    rows="one per placebo that was estimated, in the order of the study file",
)  # fmt: skip
DRAWS: Final = Frame(
    "placebo_draw",
    ("study", "design", "draw", "estimate", "p_value"),
    rows="one per draw that is kept, in the order drawn",
)
DENSITY: Final = Frame(
    "placebo_density",
    ("study", "design", "bin_middle", "density"),
    rows="one per bin, ascending: kernel density of the draws at its middle, missing where it is open",
)
ESTIMATES: Final = Frame(
    "estimate",
    ("study", "method", "design", "column_id", "term", "estimate", "std_error", "p_value", "stars"),
    rows="one per coefficient of every method; those of the moved policy stand in columns moved_1, ...",
)
STATUS: Final = Frame(
    "design_status",
    ("study", "method", "design", "title", "status", "detail"),
    rows="one per design of every method: estimated, or why not",
)


def _build(context: Context) -> Values:
    items = [_item(context, about) for about in dated(_mine(context, "placebo"))]
    status = _mine(context, "design_status")
    skipped = status[(status["method"] == METHOD) & (status["status"] != ESTIMATED)]
    return {"items": items, "skipped": dated(skipped)} if items or len(skipped) else {}


def _mine(context: Context, name: str) -> pd.DataFrame:
    """The rows of a frame that are of the context's study."""
    frame = context[name]
    return frame[frame["study"].astype(str) == context.study["study"]]


def _item(context: Context, about: dict[str, Any]) -> dict[str, Any]:
    def of_design(name: str) -> pd.DataFrame:
        frame = _mine(context, name)
        return frame[frame["design"].astype(str) == about["design"]]

    density = of_design("placebo_density").dropna(subset=["density"])
    svg = placebo_figure(
        context.pen,
        anchor("fig-placebo", about["study"], about["design"]),
        _("{title}: estimates of {n} random treatments and the true one, {value}").format(
            title=about["title"], n=about["draws"], value=f"{about['estimate']:.3f}"
        ),
        density,
        of_design("placebo_draw"),
        float(about["estimate"]),
        str(context.study["outcome_with_unit"]),
    )
    return {"about": about, "svg": svg, "moved": _moved(context, of_design("estimate"))}


def _moved(context: Context, estimates: pd.DataFrame) -> list[dict[str, Any]]:
    """Estimates of the policy moved to earlier years, with the number of years."""
    columns = estimates["column_id"].astype(str)
    mine = estimates[
        (estimates["method"] == METHOD)
        & columns.str.startswith(PREFIX)
        & (estimates["term"] == context.study["effect_term"])
    ]
    return [row | {"years": int(str(row["column_id"]).removeprefix(PREFIX))} for row in dated(mine)]


SECTION: Final = Section(
    id=METHOD,
    title=N_("Placebo"),
    frames=(PLACEBOS, DRAWS, DENSITY, ESTIMATES, STATUS),
    build=_build,
    template=Path(__file__).with_name("section.html.j2"),
    words={
        "cities": N_("First treated years are permuted over all cities."),
        "timing": N_("First treated years are permuted over the treated cities alone."),
    },
    explained=Path(__file__).with_name("explained.html.j2"),
)
