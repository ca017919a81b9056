"""What can be told wrong before the work begins: the project's own files of seeds, rules and studies.

Belongs here: reading every suite and study, and holding the columns and policies that studies name
against the panel's contract and the seeds. Does not belong here: whether data answer a study
(`analysis.methods.studies`), what a slip in a seed is (`seed_files`), the inbox (`inbox`).

A refresh takes a minute or more before it comes to its first study; a misspelt key shows at once.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import CitypanelError
from orchestration.lineage import lineage
from orchestration.refresh.seed_files import check_seeds
from orchestration.settings import DBT_PROJECT, REPO, STUDIES

if TYPE_CHECKING:
    from analysis.study import Study
    from analysis.study.lineage import Lineage

CONTRACT = DBT_PROJECT / "models" / "marts" / "panel" / "_city_year.yml"
POLICIES = REPO / "seeds" / "policy.csv"
ACKNOWLEDGED = REPO / "seeds" / "acknowledged_warning.csv"
NUMERIC = ("double", "integer", "bigint", "boolean")
"""Types of the contract whose columns a variable can be made of."""


class PreflightError(CitypanelError):
    """A suite or a study can't be used; the message names file and key, and what to do."""


def check_project_files(studies_folder: Path = STUDIES) -> None:
    """Read all seeds, suites and studies.

    Raises SeedError with everything wrong in the seeds, else PreflightError with everything wrong in the
    first bad file of rules or studies.
    """
    from analysis.studies import load_studies
    from analysis.study import StudyError
    from expectations.suite import GATES, SuiteError, load_suite
    from orchestration.estimating.rules import further_rules

    check_seeds()
    try:
        rules = [
            rule for gate in GATES for rule in load_suite(gate, further=further_rules(gate)).rules
        ]
        studies = load_studies(studies_folder).values()
    except (StudyError, SuiteError) as error:
        raise PreflightError(str(error)) from error
    _check_acknowledged({rule.id: rule.severity for rule in rules})
    columns, policies, figures = _panel_columns(), _policies(), lineage()
    for study in studies:
        _refuse(study, studies_folder / f"{study.id}.yml", columns, policies, figures)


def check_study_file(file: Path) -> Study:
    """The study of one file, held against the panel's contract and the seeds like those of the folder.

    Raises PreflightError with everything wrong in it.
    """
    from analysis.studies import load_study
    from analysis.study import StudyError

    if not file.is_file():
        raise PreflightError(f"{file} isn't there: give a study file, as analysis/studies/*.yml")
    try:
        study = load_study(file)
    except StudyError as error:
        raise PreflightError(str(error)) from error
    _refuse(study, file, _panel_columns(), _policies(), lineage())
    return study


def _refuse(
    study: Study,
    file: Path,
    columns: dict[str, str],
    policies: tuple[str, ...],
    figures: Lineage,
) -> None:
    """Raise PreflightError with all columns and policies of a study that can't be used."""
    wrong = [*_unknown(study, columns, policies), *_not_numbers(study, columns)]
    wrong += _explained_by_itself(study, figures)
    if wrong:
        listed = "\n".join(f"  {problem}" for problem in wrong)
        raise PreflightError(f"study file {file}:\n{listed}")


def _check_acknowledged(severity: dict[str, str], file: Path = ACKNOWLEDGED) -> None:
    """Raise PreflightError where the seed acknowledges a rule that isn't there, or one that is no warning."""
    from analysis.study.hints import did_you_mean

    with file.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened)
        found = [(reader.line_num, row["rule_id"]) for row in reader]
    wrong = []
    for line, rule in found:
        if rule not in severity:
            wrong.append(
                f"line {line}: rule_id: no rule {rule!r}{did_you_mean(rule, tuple(severity))}"
            )
        elif severity[rule] != "warn":
            wrong.append(
                f"line {line}: rule_id: {rule!r} is critical: it stops the refresh, and isn't acknowledged;"
                " its message says what to do"
            )
    if wrong:
        raise PreflightError(f"seed file {file}:\n" + "\n".join(f"  {one}" for one in wrong))


def _unknown(study: Study, columns: dict[str, str], policies: tuple[str, ...]) -> Iterator[str]:
    """Columns and policies that nothing provides, each with its key and what may be meant."""
    from analysis.study.hints import did_you_mean

    for name, policy in study.policies.items():
        if policy.policy_id not in policies:
            found = policy.policy_id
            yield (
                f"policies.{name}.policy_id: no policy {found!r}{did_you_mean(found, policies)}; there"
                f" are {', '.join(policies)}; another one needs rows in seeds/policy.csv,"
                " policy_batch.csv and policy_roster.csv"
            )
        if name in columns:
            yield (
                f"policies.{name}: marts.city_year has a column of that name; give the policy another,"
                " as did"
            )
    for key, column in named_columns(study):
        if column not in columns:
            yield (
                f"{key}: marts.city_year has no column {column!r}{did_you_mean(column, tuple(columns))};"
                " correct it, or add the indicator or index to the seeds and run"
                " scripts/write_panel_contract.py"
            )


def _not_numbers(study: Study, columns: dict[str, str]) -> Iterator[str]:
    """Columns of text where numbers are asked for."""
    for key, column in numeric_columns(study):
        kind = columns.get(column, NUMERIC[0])
        if kind not in NUMERIC:
            yield (
                f"{key}: {column!r} holds text ({kind} in marts.city_year), and an equation needs numbers;"
                " name another column, or part the cities by it (split)"
            )


def _explained_by_itself(study: Study, figures: Lineage) -> list[str]:
    """Terms that are the outcome under another name: made of the same numerators and denominators."""
    from analysis.methods.registry import METHODS

    found: dict[str, None] = {}
    for key in study.methods:
        for place, design in enumerate(study.designs_of(key)):
            for equation in METHODS[key].equations(study, design):
                explained = study.columns_of(equation.outcome)
                for term in equation.terms:
                    if term not in study.variables:
                        continue
                    variable = study.variables[term]
                    if variable.lag is not None or variable.as_of is not None:
                        continue
                    columns = variable.columns
                    if figures.same(columns, explained):
                        found[
                            f"{key}[{place}]: {term!r} ({'/'.join(columns)}) is what"
                            f" {'/'.join(explained)} is, made of the same figures: an equation that"
                            " explains a figure by itself; take another control, mediator or outcome"
                        ] = None
    return list(found)


def numeric_columns(study: Study) -> Iterator[tuple[str, str]]:
    """Every key of a study that names a column of numbers, with the column."""
    from analysis.study import Split

    yield "outcome.column", study.outcome.column
    for name, variable in study.variables.items():
        if variable.column is not None:
            yield f"variables.{name}.column", variable.column
        for number, part in enumerate(variable.ratio or ()):
            yield f"variables.{name}.ratio[{number}]", part
    for path, block in _blocks_of_designs(study):
        if isinstance(block, Split) and block.at is not None:
            yield f"{path}.by", block.by


def named_columns(study: Study) -> Iterator[tuple[str, str]]:
    """Every key of a study that names a column of its panel, with the column; policies' own left out."""
    yield "panel.unit", study.panel.unit
    yield "panel.time", study.panel.time
    yield "cluster", study.cluster
    numeric = dict(numeric_columns(study))
    yield from numeric.items()
    own = _columns_of_policies(study)
    for key, column in _columns_of_rows(study):
        if key not in numeric and column not in own:
            yield key, column


def _columns_of_policies(study: Study) -> frozenset[str]:
    """Columns that the study's policies add to its panel."""
    from analysis.study.references import exposures_of
    from analysis.study.spec import own_columns

    return frozenset(name for policy in exposures_of(study) for name in own_columns(policy))


def _columns_of_rows(study: Study) -> Iterator[tuple[str, str]]:
    """Columns that choose or part rows: of filters and splits, and what a design reads beside its variables."""
    from analysis.methods.registry import METHODS
    from analysis.study import Filter, Split

    for number, kept in enumerate(study.panel.restrict):
        yield f"panel.restrict[{number}].column", kept.column
    for path, block in _blocks_of_designs(study):
        if isinstance(block, Filter):
            yield f"{path}.column", block.column
        elif isinstance(block, Split):
            yield f"{path}.by", block.by
    for key in study.methods:
        for place, design in enumerate(study.designs_of(key)):
            for column in METHODS[key].needs(study, design).columns:
                yield f"{key}[{place}]", column


def _blocks_of_designs(study: Study) -> Iterator[tuple[str, object]]:
    """Every block of keys in the designs of a study, whatever the method, with its path."""
    for method in study.methods:
        for place, design in enumerate(study.designs_of(method)):
            yield from _blocks(f"{method}[{place}]", design)


def _blocks(path: str, block: object) -> Iterator[tuple[str, object]]:
    from pydantic import BaseModel

    if isinstance(block, BaseModel):
        yield path, block
        for name in type(block).model_fields:
            yield from _blocks(f"{path}.{name}", getattr(block, name))
    elif isinstance(block, tuple):
        for number, each in enumerate(block):
            yield from _blocks(f"{path}[{number}]", each)


def _panel_columns() -> dict[str, str]:
    """Type of each column of the panel's contract."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    contract = yaml.load(CONTRACT.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    (model,) = contract["models"]
    return {column["name"]: column["data_type"] for column in model["columns"]}


def _policies() -> tuple[str, ...]:
    with POLICIES.open(encoding="utf-8", newline="") as file:
        return tuple(row["policy_id"] for row in csv.DictReader(file))
