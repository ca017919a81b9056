"""All designs of a study, one after the other: rows of every table, and a status of each design.

Belongs here: the order of designs, columns and terms, the headline, what becomes of a study whose data
can't be prepared. Does not belong here: methods, storing the tables.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis.methods.base import (
    ESTIMATED,
    FAILED,
    SKIPPED,
    Failed,
    Job,
    Made,
    Method,
    Row,
    Skipped,
    estimate,
)
from analysis.methods.notes import figure_notes, note_rows
from analysis.methods.tables import TABLES as COMMON
from analysis.regression.conventions import DEFAULT_CONVENTION, Convention
from analysis.study.data import EstimationError, StudyData, prepare
from analysis.study.facts import NO_FACTS, Facts
from analysis.study.spec import Study
from analysis.study.trend import outcome_trend
from analysis.tables import Table, by_name

NO_OUTCOME, NO_VALUES = "no outcome", "no values"

Progress = Callable[[str, str], None]


@dataclass
class StudyEstimates:
    """Frames by table, in the order of the study file; `fingerprint` is that of the data used."""

    study: Study
    fingerprint: str = ""
    traces: list[str] = field(default_factory=list)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def status(self) -> Row:
        """The row of `study_status`."""
        return {str(k): v for k, v in self.frames["study_status"].iloc[0].to_dict().items()}


def tables_of(methods: Mapping[str, Method]) -> dict[str, Table]:
    """The common tables and those of some methods."""
    return by_name(*COMMON.values(), *(t for each in methods.values() for t in each.tables))


def estimate_study(
    study: Study,
    panel: pd.DataFrame,
    methods: Mapping[str, Method],
    *,
    only: Collection[str] | None = None,
    convention: Convention = DEFAULT_CONVENTION,
    facts: Facts = NO_FACTS,
) -> StudyEstimates:
    """Run the designs of `study` on `panel`; never raises for one that can't be estimated.

    Parameters
    ----------
    panel
        One row per unit and period with the columns that the study names, and for each policy 0 or 1
        under its name, and its first year (missing for units never treated) under `<name>_first_year`.
    methods
        By key; those that the study was read with.
    only
        Keys of methods whose designs are run; all without it.
    convention
        Small-sample convention of clustered standard errors.
    facts
        What is known beside the panel; notes are made of it.
    """
    needs = [methods[key].needs(study, design) for key, design in study.designs()]
    try:
        data = prepare(study, panel, needs)
    except EstimationError as error:
        return failed_study(study, str(error).removeprefix(f"study {study.id}: "), methods)
    parts: dict[str, list[Any]] = {name: [] for name in tables_of(methods)}
    traces = []
    for position, (key, design) in enumerate(study.designs()):
        if only is not None and key not in only:
            continue
        job = Job(study, methods[key], design, data, position, facts, convention)
        outcome = estimate(job)
        if isinstance(outcome, Failed):
            traces.append(f"{job.where}: {outcome.trace}")
        else:
            for name, rows in outcome.tables.items():
                parts[name].append(rows)
        parts["design_status"].append([_design_row(job, outcome)])
        parts["study_note"].append(note_rows(study, methods[key], design, facts, figure_notes(job)))
    parts["outcome_trend"].append(outcome_trend(data))
    parts["study_status"] = [[_status_row(study, data, parts)]]
    frames = {name: _frame(table, parts[name]) for name, table in tables_of(methods).items()}
    frames["study_column"] = _placed_columns(study, frames["study_column"])
    frames["study_term"] = _placed_terms(frames["study_term"])
    return StudyEstimates(study, data.fingerprint, traces, frames)


def failed_study(study: Study, reason: str, methods: Mapping[str, Method]) -> StudyEstimates:
    """A study none of whose designs can be tried."""
    rows: dict[str, list[Row]] = {name: [] for name in tables_of(methods)}
    rows["study_status"] = [{**_about(study), "status": FAILED, "detail": reason}]
    rows["design_status"] = [
        {
            "study": study.id,
            "method": key,
            "design": design.id,
            "position": position + 1,
            "title": design.title,
            "status": FAILED,
            "detail": reason,
        }
        for position, (key, design) in enumerate(study.designs())
    ]
    frames = {name: table.frame(rows[name]) for name, table in tables_of(methods).items()}
    return StudyEstimates(study, "", [], frames)


def _frame(table: Table, parts: list[Any]) -> pd.DataFrame:
    """Parts of a table, rows and frames, in their order."""
    frames: list[pd.DataFrame] = []
    rows: list[Row] = []
    for part in parts:
        if isinstance(part, pd.DataFrame):
            if rows:
                frames.append(table.frame(rows))
            frames.append(part)
            rows = []
        else:
            rows += part
    if rows:
        frames.append(table.frame(rows))
    return table.joined(frames)


def _about(study: Study) -> Row:
    first, last = study.panel.years
    return {
        "study": study.id,
        "title": study.title,
        "outcome": study.outcome.column,
        "outcome_label": study.outcome.label,
        "outcome_unit": study.outcome.unit,
        "policy": study.policy.policy_id,
        "policy_label": study.policy.label,
        "treatment": study.treatment,
        "first_year": first,
        "last_year": last,
    }


def _design_row(job: Job, outcome: Made | Skipped | Failed) -> Row:
    status = {Made: ESTIMATED, Skipped: SKIPPED, Failed: FAILED}[type(outcome)]
    return {
        **job.key,
        "position": job.position + 1,
        "title": job.design.title,
        "status": status,
        "detail": "" if isinstance(outcome, Made) else outcome.reason,
    }


def _status_row(study: Study, data: StudyData, parts: dict[str, list[Any]]) -> Row:
    """Estimated where any design was; else what these data lack, or that all failed."""
    designs = [row for rows in parts["design_status"] for row in rows]
    n = {
        each: sum(row["status"] == each for row in designs) for each in (ESTIMATED, SKIPPED, FAILED)
    }
    fits = [row["status"] for rows in parts["model_fit"] for row in _records(rows)]
    words = [f"{fits.count(ESTIMATED)} models"]
    if fits.count(SKIPPED):
        words.append(f"{fits.count(SKIPPED)} columns skipped")
    words += [
        f"{row['method']} {row['design']} {row['status']}: {row['detail']}"
        for row in designs
        if row["status"] != ESTIMATED
    ]
    if n[ESTIMATED]:
        status, detail = ESTIMATED, ", ".join(words)
    elif n[FAILED]:
        status, detail = FAILED, ", ".join(words[1:])
    elif len(data.rows) and not data.has(study.outcome.column):
        status, detail = NO_OUTCOME, f"{study.outcome.column} has no value in this input"
    else:
        status, detail = NO_VALUES, ", ".join(words[1:]) or "no design was asked for"
    return {**_about(study), "status": status, "detail": detail}


def _records(rows: Any) -> list[dict[Any, Any]]:
    return list(rows.to_dict("records")) if isinstance(rows, pd.DataFrame) else rows


def _placed_columns(study: Study, columns: pd.DataFrame) -> pd.DataFrame:
    """Columns with their place, and the one that stands for the study.

    That is the one that the study names, else the last column of its first design.
    """
    columns["position"] = pd.array(range(1, len(columns) + 1), dtype="Int64")
    if study.headline is not None:
        design, column = study.headline.design, study.headline.column
    else:
        _, first = next(study.designs())
        design = first.id
        own = columns.loc[columns["design"] == design, "column_id"]
        column = own.iloc[-1] if len(own) else ""
    columns["is_headline"] = (
        (columns["design"] == design) & (columns["column_id"] == column)
    ).astype("boolean")
    return columns


_ROLES = (
    "treatment",
    "treatment interaction",
    "control policy",
    "mediator",
    "threshold",
    "regressor",
    "control",
    "constant",
)


def _placed_terms(terms: pd.DataFrame) -> pd.DataFrame:
    """Each term once, in the order in which equations have them, the constant last.

    A term that has a use of its own in some design (a mediator, a threshold variable) is that.
    """
    rank = {role: place for place, role in enumerate(_ROLES)}
    terms = terms.assign(
        first=terms.groupby("term", sort=False).ngroup().to_numpy(),
        rank=terms["role"].map(rank).to_numpy(),
        last=(terms["role"] == "constant").to_numpy(),
    )
    terms = terms.sort_values(["last", "first", "rank"], kind="stable").drop_duplicates("term")
    terms["position"] = pd.array(range(1, len(terms) + 1), dtype="Int64")
    return terms.drop(columns=["first", "rank", "last"]).reset_index(drop=True)


__all__ = [
    "NO_OUTCOME",
    "NO_VALUES",
    "StudyEstimates",
    "estimate_study",
    "failed_study",
    "tables_of",
]
