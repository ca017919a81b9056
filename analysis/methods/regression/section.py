"""Regression tables in the report: tables with their effects, and tests between groups of cities.

Belongs here: which tests stand under which table. Does not belong here: the tables themselves
(`analysis.report.table`), estimation.
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.table.build import FRAMES, of_design
from analysis.report.table.shown import shown_tables
from analysis.typeset.texts import N_

SPLIT_TESTS: Final = Frame(
    "split_test",
    ("study", "design", "split_id", "split_rule", "term", "column_a", "label_a", "column_b",
     "label_b", "estimate_a", "estimate_b", "difference", "std_error", "t_value", "p_value",
     "ci_low", "ci_high", "stars", "n_obs", "n_clusters"),
    ("split_cut", "term_label", "cluster", "p_holm", "p_stepdown"),
    rows="one per split, term and pair of groups; p_holm and p_stepdown are corrected for their number",
)  # fmt: skip
JOINT_TESTS: Final = Frame(
    "split_joint_test",
    ("study", "design", "split_id", "term", "n_groups", "labels", "f_statistic", "df_test",
     "df_resid", "p_value"),
    ("term_label", "cluster"),
    rows="one per split and term: the test that it is the same in all groups",
)  # fmt: skip
DRAWN_TESTS: Final = Frame(
    "split_drawn_test",
    ("study", "design", "split_id", "term", "column_a", "column_b", "kind", "status", "detail",
     "difference", "std_error", "p_value", "mc_error", "p_one_sided", "n_draws", "ci_low",
     "ci_high"),
    rows="three per split, term and pair of groups where the study asks for draws",
)  # fmt: skip


def _build(context: Context) -> Values:
    study = str(context.study["study"])
    items = [
        {
            "shown": shown,
            "tests": _rows(context["split_test"], study, shown.table.design),
            "drawn": _drawn(context, study, shown.table.design),
            "joint": [
                r
                for r in _rows(context["split_joint_test"], study, shown.table.design)
                if r["n_groups"] > 2  # with two it is the test above
            ],
        }
        for shown in shown_tables(context, "regression")
    ]
    return {"items": items, "study": context.study} if items else {}


def _rows(frame: pd.DataFrame, study: str, design: str) -> list[dict[str, Any]]:
    return dated(of_design(frame, study, design))


def _drawn(context: Context, study: str, design: str) -> list[dict[str, Any]]:
    """Drawn tests by pair of groups and term: the row of `split_test`, and those of each kind of draw."""
    tests = _rows(context["split_drawn_test"], study, design)
    keys = ("split_id", "term", "column_a", "column_b")
    by_pair: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in tests:
        by_pair.setdefault(tuple(row[key] for key in keys), {})[row["kind"]] = row
    return [
        {"pair": pair, **by_pair[at]}
        for pair in _rows(context["split_test"], study, design)
        if (at := tuple(pair[key] for key in keys)) in by_pair
    ]


SECTION: Final = Section(
    id="regression",
    title=N_("Regressions"),
    frames=(*FRAMES, SPLIT_TESTS, JOINT_TESTS, DRAWN_TESTS),
    build=_build,
    template=Path(__file__).with_name("section.html.j2"),
    explained=Path(__file__).with_name("explained.html.j2"),
    shows_notes=True,
)
