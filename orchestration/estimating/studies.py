"""Estimates: every study, and inequality, on the warehouse's panel, one vintage after the other.

Belongs here: which studies this input can answer, running them, and the tables of the `estimates`
schema. Does not belong here: the estimators (`analysis`), SQL (`warehouse`).
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.measures.inequality_study import TABLES as INEQUALITY_TABLES
from analysis.methods.mediation.run import TABLES as MEDIATION_TABLES
from analysis.methods.mediation.run import estimate_mediation
from analysis.methods.regression.run import TABLES as SPLIT_TABLES
from analysis.methods.threshold.run import TABLES as THRESHOLD_TABLES
from analysis.methods.threshold.run import estimate_thresholds
from orchestration.engine import warehouse
from orchestration.engine.protocol import Warehouse
from orchestration.fingerprint import code_version
from orchestration.settings import STUDIES

PROVENANCE = {
    "vintage": "Release that made the estimate: last statistic year and fingerprint",
    "data_kind": "published or simulated",
    "data_fingerprint": "SHA-256 of the columns of the panel that the study or subject used",
    "code_version": "SHA-256 of the code (first 12 digits)",
}

TYPED_TABLES = {**SPLIT_TABLES, **MEDIATION_TABLES, **THRESHOLD_TABLES, **INEQUALITY_TABLES}

COMMENTS: dict[str, dict[str, str]] = {
    "estimate": {
        "study": "Study (file in analysis/studies)",
        "table_id": "Table of the study",
        "column_id": "Column of the table",
        "column_label": "What the column is",
        "term": "Regressor",
        "term_label": "Regressor in words",
        "estimate": "Coefficient, in units of the outcome",
        "std_error": "Standard error, clustered; its convention is in model_fit",
        "t_value": "Coefficient over standard error",
        "p_value": "Two-sided p value",
        "ci_low": "Lower end of the 95 % interval",
        "ci_high": "Upper end of the 95 % interval",
        "stars": "*** p < 0.01, ** p < 0.05, * p < 0.1",
    },
    "model_fit": {
        "study": "Study (file in analysis/studies)",
        "table_id": "Table of the study",
        "column_id": "Column of the table",
        "outcome": "What is explained: a column of marts.city_year, or a variable of the study",
        "effects": "Fixed effects, joined by +",
        "controls": "Controls, joined by +",
        "n_obs": "Observations",
        "n_units": "Cities",
        "n_periods": "Years",
        "n_clusters": "Clusters of the standard errors",
        "n_dropped_missing": "City-years left out for a missing value",
        "r2": "R-squared, fixed effects counted in",
        "r2_within": "R-squared after fixed effects",
        "r2_adjusted": "R-squared adjusted for all parameters",
        "f_statistic": "F test of all regressors, with the clustered covariance",
        "df_resid": "Degrees of freedom of t and F",
        "se_convention": "Small-sample convention of the standard errors",
        "cluster": "Column that clusters are made of",
        "spec_hash": "SHA-256 of the validated study",
    },
    "study_status": {
        "study": "Study (file in analysis/studies)",
        "title": "Title of the study",
        "status": "estimated, or why this input can't answer it",
        "detail": "In words",
    },
    "sample_account": {
        "study": "Study",
        "table_id": "Table",
        "column_id": "Column",
        "step": "What happened to the rows",
        "n_rows": "City-years",
    },
    **{
        table: {column: meaning for column, (_, meaning) in columns.items()}
        for table, columns in TYPED_TABLES.items()
    },
}

TYPES: dict[str, dict[str, str]] = {
    table: {column: kind for column, (kind, _) in columns.items()}
    for table, columns in TYPED_TABLES.items()
}
"""Types of columns that may be empty: without a value DuckDB couldn't tell them."""


@dataclass(frozen=True)
class EstimatesWritten:
    """What was estimated: rows per table, and the studies with their status."""

    rows: dict[str, int]
    status: pd.DataFrame


def _with_provenance(rows: pd.DataFrame, provenance: dict[str, str]) -> pd.DataFrame:
    stamped = rows.copy()
    for position, (name, value) in enumerate(provenance.items()):
        stamped.insert(position, name, value)
    return stamped


def _earlier(released: Warehouse, name: str, vintage: str, data_kind: str) -> pd.DataFrame:
    """Rows of earlier vintages of the same kind of data, from the release in place."""
    return warehouse.frame(
        released,
        f"select * from estimates.{name} where vintage <> ? and data_kind = ?",
        [vintage, data_kind],
    )


def _thresholds_in_words(made: dict[str, pd.DataFrame]) -> str:
    """The threshold models in a word each, for the progress line."""
    return "".join(
        f", {row.n_supported} thresholds by {row.threshold_variable}"
        if row.status == "estimated"
        else f", thresholds by {row.threshold_variable} not estimated: {row.detail}"
        for row in made["threshold_model"].itertuples()
    )


def _skipped_in_words(made: dict[str, pd.DataFrame]) -> str:
    """How many columns these data couldn't answer, for the progress line."""
    n = int((made["column_status"]["status"] == "skipped").sum())
    return f", {n} columns skipped" if n else ""


def write_estimates(
    connection: Warehouse, previous: Path | None, studies_folder: Path = STUDIES
) -> EstimatesWritten:
    """Run all studies and write their tables; vintages of the release in place are kept.

    Raises StudyError for a study file that can't be used and EstimationError for a study that this
    input has an outcome for and that fails all the same.
    """
    from analysis.methods.regression.run import estimate_study
    from analysis.study import load_studies

    vintage, data_kind = warehouse.dataset_version(connection)
    frames: dict[str, list[pd.DataFrame]] = {
        name: [] for name in COMMENTS if name not in INEQUALITY_TABLES
    }
    status = []
    for study in load_studies(studies_folder).values():
        try:
            panel = warehouse.study_panel(
                connection, study.policy.policy_id, study.policy.coverage, study.policy.timing
            )
        except LookupError as error:
            raise LookupError(
                f"study {study.id}, key policy: {error}. A policy has timing announcement_year when"
                " every batch in seeds/policy_batch.csv has its day"
            ) from error
        base = {"vintage": vintage, "data_kind": data_kind}
        outcome = study.outcome.column
        if outcome in panel and not panel[outcome].notna().any():
            status.append(
                {
                    **base,
                    "data_fingerprint": "",
                    "code_version": code_version(),
                    "study": study.id,
                    "title": study.title,
                    "status": "no outcome",
                    "detail": f"{outcome} has no value in this input",
                }
            )
            continue
        results = estimate_study(study, panel)
        provenance = {
            **base,
            "data_fingerprint": results.data_fingerprint,
            "code_version": code_version(),
        }
        made = {
            "estimate": results.estimate,
            "model_fit": results.model_fit,
            "sample_account": results.sample,
            "column_status": results.column_status,
            "split_test": results.split_test,
            "split_joint_test": results.split_joint_test,
            **estimate_mediation(study, panel),
            **estimate_thresholds(study, panel),
        }
        made["reference_check"] = pd.concat([results.reference_check, made["reference_check"]])
        for name, rows in made.items():
            frames[name].append(_with_provenance(rows, provenance))
        status.append(
            {
                **provenance,
                "study": study.id,
                "title": study.title,
                "status": "estimated" if len(results.model_fit) else "no values",
                "detail": f"{len(results.model_fit)} models{_skipped_in_words(made)}"
                f"{_thresholds_in_words(made)}",
            }
        )
    frames["study_status"] = [pd.DataFrame(status)]
    return EstimatesWritten(
        _store(connection, previous, vintage, data_kind, frames), pd.DataFrame(status)
    )


def write_inequality(connection: Warehouse, previous: Path | None) -> EstimatesWritten:
    """Measure the inequality of every subject of the seed and write its tables.

    Vintages of the release in place are kept. Raises ValueError for a subject that can't be read.
    """
    from analysis.measures.inequality_study import measure_inequality, subjects_of
    from analysis.study.data import data_fingerprint

    vintage, data_kind = warehouse.dataset_version(connection)
    frames: dict[str, list[pd.DataFrame]] = {name: [] for name in INEQUALITY_TABLES}
    panel = warehouse.panel(connection)
    for subject in subjects_of(warehouse.comparison_subjects(connection)):
        provenance = {
            "vintage": vintage,
            "data_kind": data_kind,
            "data_fingerprint": data_fingerprint(panel, [c for c in subject.columns if c in panel]),
            "code_version": code_version(),
        }
        for name, rows in measure_inequality(subject, panel).items():
            frames[name].append(_with_provenance(rows, provenance))
    status = frames["inequality_status"] or [pd.DataFrame(columns=[*COMMENTS["inequality_status"]])]
    return EstimatesWritten(
        _store(connection, previous, vintage, data_kind, frames),
        pd.concat(status, ignore_index=True),
    )


def _store(
    connection: Warehouse,
    previous: Path | None,
    vintage: str,
    data_kind: str,
    frames: dict[str, list[pd.DataFrame]],
) -> dict[str, int]:
    """Write tables of the `estimates` schema, earlier vintages first; rows by `schema.table`."""
    written = {}
    with (
        warehouse.open_release(previous) if previous and previous.is_file() else nullcontext()
    ) as released:
        kept = warehouse.tables(released, ("estimates",)) if released else []
        for name, parts in frames.items():
            columns = [*PROVENANCE, *COMMENTS[name]]
            rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
            rows = rows.reindex(columns=columns)
            if released and ("estimates", name) in kept:
                earlier = _earlier(released, name, vintage, data_kind).reindex(columns=columns)
                if len(earlier):
                    rows = pd.concat([earlier, rows], ignore_index=True)
            if len(rows) == 0:
                rows = rows.astype("string")
            rows = rows.astype(TYPES.get(name, {}))
            comments = {**PROVENANCE, **COMMENTS[name]}
            warehouse.write_table(connection, "estimates", name, rows, comments)
            written[f"estimates.{name}"] = len(rows)
    return written
