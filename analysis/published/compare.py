"""Each coefficient of a paper beside its counterpart in a study: sign, significance, size.

Belongs here: pairing and the measures of agreement. Does not belong here: reading the tables, storing.

A counterpart is found by what the study itself says: the paper and table that a design stands against
(`study_column`) and the printed column of an estimate (`published_column`), then by the term.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.published.tables import PUBLISHED_COMPARISON

NO_COUNTERPART = "no counterpart"
SIGNIFICANT = 0.05
NORMAL = 1.959964
"""Normal quantile of 97.5 %: papers print no degrees of freedom."""

Row = dict[str, Any]
Key = tuple[str, str, str, str]
_OWN = ("method", "design", "column_id")


@dataclass(frozen=True)
class Estimated:
    """What a release has of one study.

    `columns`: study_column with status and detail of model_fit, in the order of the study.
    `estimates`: rows of estimate. `dropped`: rows of dropped_term. `status`, `detail`: of the study.
    """

    columns: pd.DataFrame
    estimates: pd.DataFrame
    dropped: pd.DataFrame
    status: str
    detail: str


def compare(study: str, printed: pd.DataFrame, own: Estimated) -> pd.DataFrame:
    """`published_comparison` of a study: a row per printed coefficient, in the order given.

    `printed` has the coefficients of the papers that the study stands against: paper_id, table_no,
    column_no, term, label, estimate, std_error, statistic and stars, the numbers of tables and columns as text.
    """
    counterparts = _counterparts(own)
    rows = []
    for coefficient in _records(printed):
        key = (
            coefficient["paper_id"],
            coefficient["table_no"],
            coefficient["column_no"],
            coefficient["term"],
        )
        found = counterparts.get(key)
        row = {"study": study, **_as_printed(coefficient)}
        if found is None:
            row |= {"status": NO_COUNTERPART, "detail": _reason(key, own)}
        else:
            row |= {"status": "estimated", "detail": "", **found, **_agreement(row, found)}
        rows.append(row)
    return PUBLISHED_COMPARISON.frame(rows)


def _records(frame: pd.DataFrame) -> list[Row]:
    return [
        {str(k): None if pd.isna(v) else v for k, v in row.items()}
        for row in frame.to_dict("records")
    ]


def _counterparts(own: Estimated) -> dict[Key, Row]:
    """Estimates by paper, printed table, printed column and term; the study's first where there are two."""
    about = {tuple(r[k] for k in _OWN): r for r in _records(own.columns)}
    found: dict[Key, Row] = {}
    for row in _records(own.estimates):
        column = about.get(tuple(row[k] for k in _OWN), {})
        if row["published_column"] is None or column.get("paper_id") is None:
            continue
        key = (column["paper_id"], column["table_no"], row["published_column"], row["term"])
        names = (*_OWN, "at_point", "estimate", "std_error", "statistic", "p_value", "stars")
        found.setdefault(key, {name: row[name] for name in names})
    return found


def _as_printed(coefficient: Mapping[str, Any]) -> Row:
    error = coefficient["std_error"]
    return {
        **{name: coefficient[name] for name in ("paper_id", "table_no", "column_no", "term")},
        "published_label": coefficient["label"],
        "published_estimate": coefficient["estimate"],
        "published_std_error": error if error else None,  # 0.000 over its t value says nothing
        "published_statistic": coefficient["statistic"],
        "published_stars": coefficient["stars"],
    }


def _agreement(printed: Mapping[str, Any], found: Mapping[str, Any]) -> Row:
    difference = found["estimate"] - printed["published_estimate"]
    error, t = printed["published_std_error"], printed["published_statistic"]
    sign = np.sign(printed["published_estimate"] or t or 0.0)
    in_errors = difference / error if error else None
    return {
        "difference": difference,
        "difference_in_errors": in_errors,
        "same_sign": bool(np.sign(found["estimate"]) == sign),
        "same_significance": (
            None
            if t is None or found["p_value"] is None
            else bool((abs(t) > NORMAL) == (found["p_value"] < SIGNIFICANT))
        ),
        "same_size": None if in_errors is None else bool(abs(in_errors) <= NORMAL),
    }


def _reason(key: Key, own: Estimated) -> str:
    """Why a printed coefficient has no counterpart."""
    paper, table, number, term = key
    if own.status != "estimated":
        return f"the study isn't estimated ({own.status}): {own.detail}"
    against = [r for r in _records(own.columns) if (r["paper_id"], r["table_no"]) == (paper, table)]
    if not against:
        return f"no design of the study stands against table {table}"
    designs = ", ".join(dict.fromkeys(f"{r['method']} {r['design']}" for r in against))
    beside = [r for r in against if r["published_column"] == number]
    for column in beside:
        name = f"column {column['column_id']} of {column['method']} {column['design']}"
        if column["status"] != "estimated":
            return f"{name} is not estimated: {column['detail']}"
        for dropped in _records(own.dropped):
            if dropped["term"] == term and all(dropped[k] == column[k] for k in _OWN):
                return f"{name} leaves the term out: {dropped['reason']}"
    if beside:
        columns = ", ".join(str(r["column_id"]) for r in beside)
        return f"{designs}, column {columns}: the equation has no such term"
    return f"{designs}: no such coefficient stands against printed column {number}"


def papers_of(designs: Iterable[Any]) -> tuple[str, ...]:
    """The papers that designs of a study stand against, each once."""
    found = (getattr(design, "published", None) for design in designs)
    return tuple(dict.fromkeys(each.paper_id for each in found if each is not None))


__all__ = ["NO_COUNTERPART", "Estimated", "compare", "papers_of"]
