"""Rows of the common tables that columns of any method have: what a column is, its rows, its terms.

Belongs here: from an equation, a sample and numbers to tidy rows. Does not belong here: the numbers.
"""

from collections.abc import Iterable
from typing import Any

from analysis.methods.base import SKIPPED, Job, Row
from analysis.regression.significance import significance_stars
from analysis.study.equations import Block, Equation, cluster_of
from analysis.study.sample import Sample


def column_row(job: Job, block: Block, equation: Equation, split_rule: str | None) -> Row:
    """`study_column`: what a column is. Its place and whether it is the headline tells the study."""
    study, published = job.study, block.published
    return {
        **job.key,
        "column_id": equation.column_id,
        "column_label": equation.label,
        "design_title": block.title,
        "outcome": equation.outcome,
        "outcome_label": study.outcome_label(equation.outcome),
        "unit": study.unit_of(equation.outcome),
        "policy": study.policy.policy_id,
        "split_id": equation.split_id,
        "split_by": equation.split.by if equation.split else None,
        "split_value": str(equation.level.value) if equation.level else None,
        "split_rule": split_rule,
        "paper_id": published.paper_id if published else None,
        "table_no": str(published.table_no) if published else None,
        "published_column": text_of(equation.published_column),
    }


def term_rows(job: Job, terms: Iterable[str], roles: dict[str, str] | None = None) -> list[Row]:
    """`study_term`: what terms are; `roles` says it of those that the method has a use of its own for."""
    study = job.study
    return [
        {
            "study": study.id,
            "term": term,
            "label": study.label_of(term),
            "unit": study.unit_of(term) or None,
            "role": (roles or {}).get(term) or study.role_of(term),
        }
        for term in dict.fromkeys(terms)
    ]


def account_rows(job: Job, column_id: str, sample: Sample) -> dict[str, list[Row]]:
    """`sample_account`, `sample_missing` and `sample_mark` of a column."""
    key = {**job.key, "column_id": column_id}
    return {
        "sample_account": [
            {**key, "step": step, "n_rows": n} for step, n in sample.account.items()
        ],
        "sample_missing": [
            {**key, "variable": variable, "reason": reason, "n_rows": n}
            for variable, reason, n in sample.missing
        ],
        "sample_mark": [
            {
                **key,
                "variable": variable,
                "mark": mark,
                "n_rows": int(mask.sum()),
                "n_units": len(set(sample.unit[mask].tolist())),
                "share": float(mask.mean()),
            }
            for (mark, variable), mask in sample.marks.items()
        ],
    }


def estimate_row(
    job: Job,
    column_id: str,
    term: str,
    numbers: dict[str, Any],
    *,
    published_column: int | None = None,
    at_point: object = None,
    weaknesses: tuple[str, ...] = (),
) -> Row:
    """`estimate`: one coefficient; `numbers` has the columns from estimate to df.

    `weaknesses` say why its error isn't to be believed: it has no stars then.
    """
    return {
        **job.key,
        "column_id": column_id,
        "term": term,
        "at_point": text_of(at_point),
        **numbers,
        "stars": significance_stars(numbers["p_value"], weaknesses),
        "published_column": text_of(published_column),
    }


def skipped_fit(job: Job, equation: Equation, reason: str) -> Row:
    """`model_fit` of a column that these data can't answer."""
    return {
        **job.key,
        "column_id": equation.column_id,
        "status": SKIPPED,
        "detail": reason,
        "outcome": equation.outcome,
        "effects": equation.effect_words,
        "controls": "+".join(equation.controls),
        "cluster": cluster_of(job.study, equation),
        "spec_hash": job.study.spec_hash,
    }


def text_of(value: object) -> str | None:
    """A number or word as text, nothing as nothing."""
    return None if value is None else str(value)


__all__ = ["account_rows", "column_row", "estimate_row", "skipped_fit", "term_rows", "text_of"]
