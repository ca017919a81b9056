"""Estimates: every study, and inequality, on the warehouse's panel, one vintage after the other.

Belongs here: which studies this input can answer, running them, and the tables of the `estimates`
schema. Does not belong here: the estimators (`analysis`), SQL (`warehouse`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.methods.mediation.run import estimate_mediation
from analysis.methods.threshold.run import estimate_thresholds
from orchestration.engine import warehouse
from orchestration.engine.protocol import Warehouse
from orchestration.estimating.tables import OF_STUDIES, STUDY_STATUS
from orchestration.estimating.vintages import stamped, store
from orchestration.fingerprint import code_version
from orchestration.settings import STUDIES


@dataclass(frozen=True)
class EstimatesWritten:
    """What was estimated: rows per table, and the studies with their status."""

    rows: dict[str, int]
    status: pd.DataFrame


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
    frames: dict[str, list[pd.DataFrame]] = {name: [] for name in OF_STUDIES}
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
            "sample_account": results.sample_account,
            "sample_missing": results.sample_missing,
            "dropped_term": results.dropped_term,
            "column_status": results.column_status,
            "split_test": results.split_test,
            "split_joint_test": results.split_joint_test,
            **estimate_mediation(study, panel),
            **estimate_thresholds(study, panel),
        }
        made["reference_check"] = pd.concat([results.reference_check, made["reference_check"]])
        for name, rows in made.items():
            frames[name].append(stamped(rows, provenance))
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
    stated = STUDY_STATUS.frame(status)
    frames["study_status"] = [stated]
    return EstimatesWritten(store(connection, previous, vintage, data_kind, frames), stated)
