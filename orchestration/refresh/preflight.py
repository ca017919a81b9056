"""What can be told wrong before the work begins: the project's own files of rules and studies.

Belongs here: reading every suite and study, and holding the columns and policies that studies name
against the panel's contract and the seeds. Does not belong here: whether data answer a study
(`analysis.methods.regression.run`), seeds (dbt tests them), the inbox (`inbox`).

A refresh takes a minute or more before it comes to its first study; a misspelt key shows at once.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import CitypanelError
from orchestration.settings import DBT_PROJECT, REPO, STUDIES

if TYPE_CHECKING:
    from analysis.study import Study

CONTRACT = DBT_PROJECT / "models" / "marts" / "panel" / "_city_year.yml"
POLICIES = REPO / "seeds" / "policy.csv"
EXPOSURE_COLUMNS = ("did", "first_treated_year")
"""Columns that a study's panel has beside those of marts.city_year."""


class PreflightError(CitypanelError):
    """A suite or a study can't be used; the message names file and key, and what to do."""


def check_project_files(studies_folder: Path = STUDIES) -> None:
    """Read all suites and studies; raises PreflightError with everything wrong in the first bad file."""
    from analysis.study import StudyError, load_studies
    from expectations.suite import GATES, SuiteError, load_suite

    try:
        for gate in GATES:
            load_suite(gate)
        studies = load_studies(studies_folder).values()
    except (StudyError, SuiteError) as error:
        raise PreflightError(str(error)) from error
    columns, policies = _panel_columns(), _policies()
    for study in studies:
        wrong = list(_unknown(study, columns, policies))
        if wrong:
            raise PreflightError(
                f"study file {studies_folder / study.id}.yml:\n"
                + "\n".join(f"  {problem}" for problem in wrong)
            )


def _unknown(study: Study, columns: tuple[str, ...], policies: tuple[str, ...]) -> Iterator[str]:
    """Columns and the policy that nothing provides, each with its key and what may be meant."""
    from analysis.study.rules import did_you_mean

    if study.policy.policy_id not in policies:
        found = study.policy.policy_id
        yield (
            f"policy.policy_id: no policy {found!r}{did_you_mean(found, policies)}; there are"
            f" {', '.join(policies)}; another one needs rows in seeds/policy.csv, policy_batch.csv"
            " and policy_roster.csv"
        )
    for key, column in named_columns(study):
        if column not in columns:
            yield (
                f"{key}: marts.city_year has no column {column!r}{did_you_mean(column, columns)};"
                " correct it, or add the indicator or index to the seeds and run"
                " scripts/write_panel_contract.py"
            )


def named_columns(study: Study) -> Iterator[tuple[str, str]]:
    """Every key of a study that names a column of its panel, with the column."""
    yield "panel.unit", study.panel.unit
    yield "panel.time", study.panel.time
    yield "cluster", study.cluster
    yield "outcome.column", study.outcome.column
    for number, kept in enumerate(study.panel.restrict):
        yield f"panel.restrict[{number}].column", kept.column
    for name, variable in study.variables.items():
        if variable.ratio is None:
            yield f"variables.{name}.column", variable.columns[0]
        else:
            for number, part in enumerate(variable.ratio):
                yield f"variables.{name}.ratio[{number}]", part
    for place, table in enumerate(study.tables):
        for number, column in enumerate(table.columns):
            at = f"tables[{place}].columns[{number}]"
            for position, kept in enumerate(column.sample):
                yield f"{at}.sample[{position}].column", kept.column
            if column.split is not None:
                yield f"{at}.split.by", column.split.by


def _panel_columns() -> tuple[str, ...]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    contract = yaml.load(CONTRACT.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    (model,) = contract["models"]
    return (*(column["name"] for column in model["columns"]), *EXPOSURE_COLUMNS)


def _policies() -> tuple[str, ...]:
    with POLICIES.open(encoding="utf-8", newline="") as file:
        return tuple(row["policy_id"] for row in csv.DictReader(file))
