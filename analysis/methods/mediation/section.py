"""Mediation in the report: its regressions as a table, then direct and indirect effects.

Belongs here: which effects stand under which table. Does not belong here: the regression table
(`analysis.report.table`), estimation.
"""

from pathlib import Path
from typing import Final

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.table.build import FRAMES, of_design
from analysis.report.table.shown import shown_tables
from analysis.typeset.texts import N_

EFFECTS: Final = Frame(
    "mediation",
    ("study", "design", "title", "mediator", "mediator_label", "status", "detail", "a",
     "a_std_error", "b", "b_std_error", "direct", "direct_std_error", "indirect", "ci_low",
     "ci_high", "bc_low", "bc_high", "sobel_z", "sobel_p", "stars", "total", "share_mediated", "rho_zero",
     "rho_zero_low", "rho_zero_high", "r2_zero", "n_obs", "n_clusters", "draws", "draws_used"),
    ("cluster",),
    rows="one per mediation and mediator; `design` is that of the table with its regressions",
)  # fmt: skip
JOINT: Final = Frame(
    "mediation_joint",
    ("study", "design", "path", "path_label", "status", "detail", "a", "a_std_error", "b",
     "b_std_error", "direct", "direct_std_error", "indirect", "ci_low", "ci_high", "bc_low",
     "bc_high", "sobel_z", "stars", "total", "share_mediated", "n_obs", "draws"),
    rows="one per path through mediators that are held together, and one for 'all' of them",
)  # fmt: skip


def _build(context: Context) -> Values:
    study = str(context.study["study"])
    items = []
    for shown in shown_tables(context, "mediation"):
        key = (study, shown.table.design)
        items.append(
            {
                "shown": shown,
                "effects": dated(of_design(context["mediation"], *key)),
                "joint": dated(of_design(context["mediation_joint"], *key)),
            }
        )
    return {"items": items, "study": context.study} if items else {}


SECTION: Final = Section(
    id="mediation",
    title=N_("Mediation"),
    frames=(*FRAMES, EFFECTS, JOINT),
    build=_build,
    template=Path(__file__).with_name("section.html.j2"),
    explained=Path(__file__).with_name("explained.html.j2"),
    shows_notes=True,
)
