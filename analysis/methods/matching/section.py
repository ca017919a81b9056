"""Matching in the report: the regressions on matched rows, who was matched, balance, densities of the score.

Belongs here: what is shown of a matching. Does not belong here: drawing (`figure`), estimation.

Of all columns the table has the regression and the counts; balance and densities are drawn for the first
column of each kind of cases (cities, city-years of a year, all city-years) that matches any.
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from analysis.methods.matching.figure import balance_figure, density_figure
from analysis.report.data import dated, records
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.table.build import FRAMES, of_design
from analysis.report.table.model import anchor
from analysis.report.table.shown import shown_tables
from analysis.typeset.texts import N_, _

METHOD: Final = "matching"
MATCHINGS: Final = Frame(
    "matching",
    ("study", "design", "column_id", "matched_on", "treated_are", "matched_by", "rule", "first_year",
     "last_year", "n_treated", "n_control", "n_off_support", "n_unmatched", "n_matched",
     "n_controls_used", "most_uses", "mean_uses", "effective_controls", "n_tied",
     "n_cities_matched", "mean_difference_before", "mean_difference_after",
     "largest_difference_before", "largest_difference_after", "rubin_b_before", "rubin_b_after",
     "rubin_r_before", "rubin_r_after"),
    rows="one per column that was matched, in the order of the study file",
)  # fmt: skip
BALANCES: Final = Frame(
    "balance",
    ("study", "design", "column_id", "term", "mean_treated_before", "mean_control_before",
     "difference_before", "variance_ratio_before", "mean_treated_after", "mean_control_after",
     "difference_after", "variance_ratio_after"),
    rows="one per column and covariate",
)  # fmt: skip
DENSITIES: Final = Frame(
    "propensity_density",
    ("study", "design", "column_id", "group_name", "stage", "score", "density"),
    rows="one per column, group, stage and place, ascending",
)
PROPENSITIES: Final = Frame(
    "propensity",
    ("study", "design", "matched_on", "treated_are", "year", "term", "estimate", "std_error",
     "p_value", "n_obs", "n_treated", "pseudo_r2"),
    rows="one per logit and term",
)  # fmt: skip
TERMS: Final = Frame("study_term", ("study", "term", "label"), rows="one per study and term")


def _build(context: Context) -> Values:
    items = [
        {"shown": shown, **_item(context, shown.table.design, shown.table.title)}
        for shown in shown_tables(context, METHOD)
    ]
    return {"items": items, "study": context.study} if items else {}


def _item(context: Context, design: str, title: str) -> dict[str, Any]:
    study = str(context.study["study"])
    rows = records(of_design(context["matching"], study, design))
    pools: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for r in rows:
        pools.setdefault((r["matched_on"], r["treated_are"]), []).append(r)
    # Where there are others, not the column that drops cases off the support and matches none.
    firsts = [min(each, key=lambda r: r["matched_by"] == "support") for each in pools.values()]
    return {
        "pools": [{"about": each[0], "rows": each} for each in pools.values()],
        "rows": rows,
        "details": [_detail(context, study, design, title, about) for about in firsts],
        "logits": _logits(context, study, design),
    }


def _detail(
    context: Context, study: str, design: str, title: str, about: dict[str, Any]
) -> dict[str, Any]:
    """Balance and densities of one column."""

    def of_column(name: str) -> pd.DataFrame:
        frame = of_design(context[name], study, design)
        return frame[frame["column_id"].astype(str) == about["column_id"]]

    labels = _labels(context, study)
    balance = of_column("balance")
    balance = balance.assign(label=[labels.get(str(t), str(t)) for t in balance["term"]])
    density = of_column("propensity_density").dropna(subset=["density"])
    place = _("column ({column})").format(column=about["column_id"])
    drawn: Markup | None = None
    if len(density):
        drawn = density_figure(
            context.pen,
            anchor("fig-density", study, design, about["column_id"]),
            _("{title}, {column}: densities of the propensity score before and after").format(
                title=title, column=place
            ),
            density,
        )
    return {
        "about": about,
        "balance": dated(balance),
        "loves": balance_figure(
            context.pen,
            anchor("fig-balance", study, design, about["column_id"]),
            _("{title}, {column}: standardised differences before and after").format(
                title=title, column=place
            ),
            balance,
        ),
        "density": drawn,
    }


def _logits(context: Context, study: str, design: str) -> list[dict[str, Any]]:
    """Logits that stand for all years, their covariates in rows; those of single years are in the table."""
    labels = _labels(context, study)
    frame = of_design(context["propensity"], study, design)
    whole = frame[frame["year"].isna()]
    found = []
    for (on, treated_are), rows in whole.groupby(["matched_on", "treated_are"], sort=False):
        listed = records(rows.assign(label=[labels.get(str(t), str(t)) for t in rows["term"]]))
        found.append({"matched_on": on, "treated_are": treated_are, "rows": listed})
    return found


def _labels(context: Context, study: str) -> dict[str, str]:
    terms = context["study_term"]
    mine = terms[terms["study"].astype(str) == study]
    return {str(r["term"]): str(r["label"]) for r in records(mine)} | {"constant": _("Constant")}


SECTION: Final = Section(
    id=METHOD,
    title=N_("Matching (PSM-DID)"),
    frames=(*FRAMES, MATCHINGS, BALANCES, DENSITIES, PROPENSITIES, TERMS),
    build=_build,
    template=Path(__file__).with_name("section.html.j2"),
    words={
        "means_before": N_("cities by their means before the policy"),
        "each_year": N_("city-years within each year"),
        "pooled": N_("all city-years together"),
        "ever": N_("cities treated at any time"),
        "now": N_("city-years under treatment"),
    },
    explained=Path(__file__).with_name("explained.html.j2"),
)
