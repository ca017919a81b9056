"""The mean outcome of a study by year, of cities that the policy ever reaches and of the others.

Belongs here: those means and their intervals. Does not belong here: effects (the methods), figures.
"""

import pandas as pd

from analysis.study.data import StudyData
from analysis.study.spec import FIRST_YEAR

TREATED, CONTROL = "treated", "control"
REACH = 1.96
"""Standard errors of the mean on either side of it: a 95 % interval, cities being many."""


def outcome_trend(data: StudyData) -> list[dict[str, object]]:
    """Rows of `outcome_trend`; none without a value of the outcome, or without first years."""
    study = data.study
    first_year = FIRST_YEAR.format(policy=study.treatment)
    if first_year not in data.rows or not data.has(study.outcome.column):
        return []
    outcome = pd.Series(data.value(study.outcome.column)[0]).dropna()
    rows = data.rows.loc[outcome.index]
    ever = rows[first_year].notna().map({True: TREATED, False: CONTROL})
    grouped = outcome.groupby([rows[study.panel.time], ever.rename("group")])
    found = grouped.agg(["mean", "sem", "count"]).reset_index()
    return [
        {
            "study": study.id,
            "year": row[study.panel.time],
            "group_name": row["group"],
            "mean": row["mean"],
            "ci_low": row["mean"] - REACH * row["sem"],
            "ci_high": row["mean"] + REACH * row["sem"],
            "n_units": row["count"],
        }
        for row in found.to_dict("records")
    ]


__all__ = ["outcome_trend"]
