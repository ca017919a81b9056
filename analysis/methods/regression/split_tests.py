"""Tests between the groups of a split: is the effect the same everywhere?

Belongs here: which coefficients of which groups are compared, and the tables of it. Does not belong
here: the numerics (`regression.difference`), who is in which group (`splits`), the regressions
(`estimation`).
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from analysis.regression.difference import (
    CoefficientDifference,
    coefficient_difference,
    joint_equality,
    pairwise_contributions,
)
from analysis.regression.multiple import holm, stepdown
from analysis.regression.panel import PanelFit
from analysis.regression.rank import FloatArray
from analysis.regression.significance import significance_stars
from analysis.study.equations import Equation
from analysis.study.groups import Groups
from analysis.study.spec import Study

Rows = list[dict[str, Any]]

SEED = 2005
"""Of the signs of the step-down: the same in every study, so that a number is made again."""


def split_test_rows(
    study: Study,
    design: str,
    split_id: str,
    groups: Groups,
    members: Sequence[tuple[Equation, PanelFit]],
) -> dict[str, Rows]:
    """Each regressor's coefficient between each two groups, and in all of them; by table.

    `members` are the groups that could be estimated. One group alone has nothing to be compared.
    """
    found: dict[str, Rows] = {"split_test": [], "split_joint_test": []}
    if len(members) < 2:
        return found
    terms = members[0][0].regressors
    about = {
        term: {
            "study": study.id,
            "design": design,
            "split_id": split_id,
            "split_rule": groups.rule,
            "split_cut": groups.cut,
            "term": term,
            "term_label": study.label_of(term),
        }
        for term in terms
    }
    pairs = list(combinations(members, 2))
    tests = {
        term: [coefficient_difference(first, second, term) for (_, first), (_, second) in pairs]
        for term in terms
    }
    corrected = {term: _corrected(members, term, tests[term]) for term in terms}
    for k, ((one, first), (other, second)) in enumerate(pairs):
        for term in terms:
            test = tests[term][k]
            p_holm, p_stepdown = corrected[term]
            found["split_test"].append(
                {
                    **about[term],
                    "column_a": one.column_id,
                    "label_a": one.label,
                    "column_b": other.column_id,
                    "label_b": other.label,
                    "estimate_a": first.coefficients[first.position(term)],
                    "estimate_b": second.coefficients[second.position(term)],
                    "difference": test.difference,
                    "std_error": test.std_error,
                    "t_value": test.t_value,
                    "p_value": test.p_value,
                    "p_holm": p_holm[k],
                    "p_stepdown": p_stepdown[k],
                    "ci_low": test.ci_low,
                    "ci_high": test.ci_high,
                    "stars": significance_stars(
                        test.p_value, (*first.weaknesses(term), *second.weaknesses(term))
                    ),
                    "n_obs": test.n_obs,
                    "n_clusters": test.n_clusters,
                    "df_resid": test.df_resid,
                    "cluster": study.cluster,
                }
            )
    found["split_joint_test"] = [
        {**about[term], **_joint(members, term), "cluster": study.cluster} for term in terms
    ]
    return found


def _joint(members: Sequence[tuple[Equation, PanelFit]], term: str) -> dict[str, Any]:
    """The test that a term is the same in all groups."""
    joint = joint_equality([fit for _, fit in members], term)
    weak = [weakness for _, fit in members for weakness in fit.weaknesses(term)]
    return {
        "n_groups": len(members),
        "columns": "+".join(equation.column_id for equation, _ in members),
        "labels": "; ".join(equation.label for equation, _ in members),
        "f_statistic": joint.f_statistic,
        "df_test": joint.df_test,
        "df_resid": joint.df_resid,
        "p_value": joint.p_value,
        "stars": significance_stars(joint.p_value, weak),
        "n_obs": joint.n_obs,
        "n_clusters": joint.n_clusters,
    }


def _corrected(
    members: Sequence[tuple[Equation, PanelFit]],
    term: str,
    tests: Sequence[CoefficientDifference],
) -> tuple[FloatArray, FloatArray]:
    """p values of all pairs of a term, corrected for their number: Holm's and the step-down's."""
    contributions = pairwise_contributions([fit for _, fit in members], term)
    return (
        holm([test.p_value for test in tests]),
        stepdown([test.t_value for test in tests], contributions, seed=SEED),
    )


__all__ = ["split_test_rows"]
