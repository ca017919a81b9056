"""Which designs have which further errors, and why one has none: the one place that knows.

Belongs here: methods by kind of error, refusals in words, and what is told of a study file. Does not belong here:
the keys (`analysis.study.errors`), from a fitted column to rows (`errors`), the errors (`analysis.regression`).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from analysis.study.errors import error_problems
from analysis.study.rules import Path, Problem
from analysis.study.spec import Study

KINDS: Final = ("cluster", "cr2", "cr3", "wild", "driscoll_kraay", "conley", "randomisation")

REFUSED: Final[Mapping[str, Mapping[str, str]]] = {
    "regression": {},
    "robustness": {},
    "event_study": {
        "randomisation": (
            "a drawn policy has event times of its own, so that no draw is of one coefficient of the event"
            " study; the placebo draws the policy of the column that the event study takes up"
        ),
    },
    "moderation": {
        "randomisation": (
            "a drawn policy meets other values of the moderator, so that no draw is of one point of the line;"
            " ask it of the column without the moderator"
        ),
    },
    "matching": {
        "randomisation": (
            "who is matched follows from who is treated: every draw would take a matching of its own, and"
            " drawing over the matched cities holds fixed what the policy decided"
        ),
    },
    "mediation": {
        "randomisation": (
            "a mediator answers to the policy and can't be held while the policy is drawn; ask it of the total"
            " effect as a column of a table of regressions"
        ),
    },
}
"""Methods that have further errors, and by kind why they lack one."""

WITHOUT: Final[Mapping[str, str]] = {
    "roster_bounds": (
        "no errors here: bounds are of what the roster may lack; further errors are of the column that they"
        " are about"
    ),
    "staggered": (
        "no errors here: each estimator has one of its own, made of what each cluster contributes to it"
        " (docs/staggered.md); choose the clusters by the study's key cluster"
    ),
    "placebo": (
        "no errors here: the placebo's p value is that of its draws; further errors are of the column that it"
        " draws"
    ),
    "threshold": (
        "no errors here: slopes are taken at thresholds that were searched for, which errors given the regimes"
        " don't know; tests and sets of the threshold are by bootstrap (schemes)"
    ),
}
"""Methods that have none, and why."""


def refusals(method: str, errors: Iterable[Any]) -> dict[int, str]:
    """Place of each error that a method lacks, and why."""
    refused = REFUSED[method]
    return {k: refused[each.kind] for k, each in enumerate(errors) if each.kind in refused}


def problems_of_errors(
    study: Study,
    method: str,
    errors: Iterable[Any] | None,
    regressors: tuple[str, ...],
    at: Path = ("errors",),
) -> list[Problem]:
    """What is wrong with the errors of a design: those it lacks, and what is wrong between them."""
    listed = tuple(errors or ())
    refused = [
        ((*at, k), f"another error than {listed[k].kind!r}: {why}")
        for k, why in refusals(method, listed).items()
    ]
    return refused or error_problems(study, at, listed, regressors)


__all__ = ["KINDS", "REFUSED", "WITHOUT", "problems_of_errors", "refusals"]
