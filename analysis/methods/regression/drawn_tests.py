"""Drawn tests between the groups of a split: labels permuted over cities, cities resampled within groups.

Belongs here: which groups and terms, and rows of `split_drawn_test`. Does not belong here: the draws
(`analysis.regression.randomised`), the tests by clustered errors (`split_tests`).
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from analysis.methods.base import ESTIMATED, SKIPPED, Job, Row
from analysis.methods.linear import FittedColumn
from analysis.methods.regression.spec import DrawnTests
from analysis.regression.panel import PanelRegressionError
from analysis.regression.randomised import GroupDraws, RandomisationTest, draw_groups

NO_SPREAD = (
    "no draw has such a statistic: nobody of a group is treated, or scores cancel in every city"
)
KINDS = ("permutation", "permutation_t", "bootstrap")


def drawn_test_rows(
    job: Job, split_id: str, columns: Sequence[FittedColumn], asked: DrawnTests | None
) -> list[Row]:
    """Each regressor between each two groups that were estimated; none where nothing is asked."""
    if asked is None:
        return []
    return [
        row
        for first, second in combinations(columns, 2)
        for term in first.equation.regressors
        for row in _pair(job, split_id, first, second, term, asked)
    ]


def _pair(
    job: Job, split_id: str, first: FittedColumn, second: FittedColumn, term: str, asked: DrawnTests
) -> list[Row]:
    key = {
        "study": job.study.id,
        "design": job.design.id,
        "split_id": split_id,
        "term": term,
        "column_a": first.equation.column_id,
        "column_b": second.equation.column_id,
    }
    one, other = first.sample, second.sample
    try:
        found = draw_groups(
            np.concatenate([one.y, other.y]),
            np.concatenate([one.x, other.x]),
            one.names.index(term),
            np.concatenate([one.unit, other.unit]),
            np.concatenate([one.time, other.time]),
            np.repeat([True, False], [len(one.y), len(other.y)]),
            n_draws=asked.draws,
            seed=asked.seed,
            effects=first.arrays["effects"],
            cluster=np.concatenate([one.cluster, other.cluster]),
        )
    except PanelRegressionError as error:
        return [
            {**key, "kind": kind, "status": SKIPPED, "detail": str(error), "seed": asked.seed}
            for kind in KINDS
        ]
    about = {
        **key,
        "status": ESTIMATED,
        "detail": "",
        "difference": found.difference,
        "n_units_a": found.n_units[0],
        "n_units_b": found.n_units[1],
        "seed": asked.seed,
    }
    return [
        {**about, "kind": kind, **numbers}
        if np.isfinite(numbers["p_value"])
        else {
            **key, "kind": kind, "status": SKIPPED, "detail": NO_SPREAD, "seed": asked.seed,
        }
        for kind, numbers in _numbers(found, asked).items()
    ]  # fmt: skip


def _numbers(found: GroupDraws, asked: DrawnTests) -> dict[str, Row]:
    by_difference = found.by_difference
    return {
        "permutation": {
            **_permuted(by_difference, asked),
            "p_one_sided": (found.n_greater + 1) / (by_difference.n_draws + 1),
        },
        "permutation_t": _permuted(found.by_t, asked),
        "bootstrap": {
            "std_error": found.boot_std_error,
            "p_value": found.boot_p,
            "ci_low": found.boot_low,
            "ci_high": found.boot_high,
            "n_draws": found.boot_n,
            "n_absorbed": asked.draws - found.boot_n,
        },
    }


def _permuted(test: RandomisationTest, asked: DrawnTests) -> Row:
    return {
        "statistic": test.statistic,
        "p_value": test.p_value,
        "mc_error": test.mc_error,
        "n_as_large": test.n_as_large,
        "n_draws": test.n_draws,
        "n_absorbed": asked.draws - test.n_draws,
    }


__all__ = ["KINDS", "drawn_test_rows"]
