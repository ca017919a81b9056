"""What the report shows, asked of the warehouse: one query of `queries/` per frame.

Belongs here: which file answers for which frame. Does not belong here: the queries (`queries`), how
they are shown (`analysis.report`), how numbers are made.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from orchestration.engine import warehouse
from orchestration.engine.protocol import Warehouse
from orchestration.settings import STUDIES

if TYPE_CHECKING:
    from analysis.report import ReportData
    from analysis.report.section import Section

QUERIES = Path(__file__).parent / "queries"


def check_frame(results: Path) -> pd.DataFrame:
    """Rules of all gates that have run, as the report lists them."""
    from expectations.data_docs import read_summaries

    columns = [
        "gate", "rule_id", "severity", "success", "applicable", "observed", "expected",
        "reason",
    ]  # fmt: skip
    rows = [
        {"gate": summary["gate"], **{name: rule[name] for name in columns[1:]}}
        for summary in read_summaries(results)
        for rule in summary["rules"]
    ]
    return pd.DataFrame(rows, columns=columns)


def _trend(connection: Warehouse, study: Any) -> pd.DataFrame:
    """Mean outcome of cities that are ever treated and of those that never are, with 95 % intervals."""
    from analysis.study.data import values_of

    panel = warehouse.study_panel(
        connection, study.policy.policy_id, study.policy.coverage, study.policy.timing
    )
    first, last = study.panel.years
    panel = panel[panel["year"].between(first, last)].reset_index(drop=True)
    values, _ = values_of(study, (study.outcome.column,), panel, f"study {study.id}, its trend")
    panel["outcome"] = values[study.outcome.column]
    panel = panel[panel["outcome"].notna()]
    if panel.empty:
        return pd.DataFrame()
    outcome = panel["outcome"]
    ever = panel["first_treated_year"].notna().map({True: "treated", False: "control"})
    grouped = outcome.groupby([panel["year"], ever.rename("group")])
    rows = grouped.agg(["mean", "sem", "count"]).reset_index()
    half = 1.96 * rows["sem"]
    return pd.DataFrame(
        {
            "study": study.id,
            "year": rows["year"],
            "group": rows["group"],
            "mean": rows["mean"],
            "ci_low": rows["mean"] - half,
            "ci_high": rows["mean"] + half,
            "n": rows["count"],
        }
    )


def _threshold_models(found: pd.DataFrame, studies: list[Any]) -> pd.DataFrame:
    """Threshold models with what only the study says: labels, and the tables they stand against."""
    said = pd.DataFrame(
        [
            {
                "study": study.id,
                "model_id": design.id,
                "variable_label": study.label_of(design.variable),
                "regressor_label": study.label_of(design.regressor),
                "paper_id": design.published.paper_id if design.published else None,
                "tests_table": str(design.published.tests_table) if design.published else None,
                "slopes_table": str(design.published.slopes_table) if design.published else None,
            }
            for study in studies
            for design in study.thresholds or ()
        ],
        columns=[
            "study", "model_id", "variable_label", "regressor_label", "paper_id", "tests_table",
            "slopes_table",
        ],
    )  # fmt: skip
    return found.merge(said, on=["study", "model_id"])


def sections() -> tuple[Section, ...]:
    """The sections of the report, those of the methods among them."""
    from analysis.methods.mediation.section import SECTION as MEDIATION
    from analysis.methods.regression.section import SECTION as REGRESSION
    from analysis.methods.threshold.section import SECTION as THRESHOLD
    from analysis.report.sections import contents

    return contents((REGRESSION, MEDIATION, THRESHOLD))


def report_data(connection: Warehouse, checks: pd.DataFrame) -> ReportData:
    """All frames of the report, from a finished warehouse."""
    from analysis.report import ReportData
    from analysis.report.page import LATIN_NAMES
    from analysis.report.section import needed
    from analysis.study import load_studies, printed_tables

    def ask(query: str, *parameters: object) -> pd.DataFrame:
        return connection.frame(query, *parameters)

    version = ask("select * from marts.dataset_version").iloc[0]
    names = [*needed(sections()), LATIN_NAMES.name]
    frames = {
        name: ask(path.read_text(encoding="utf-8"))
        for name in names
        if (path := QUERIES / f"{name}.sql").is_file()
    }
    estimated = set(
        ask(
            "select study from estimates.study_status where vintage = ? and status = 'estimated'",
            version["vintage"],
        )["study"]
    )
    studies = [study for study in load_studies(STUDIES).values() if study.id in estimated]
    frames["studies_skipped"] = ask(
        "select study, title, detail from estimates.study_status"
        " where vintage = ? and status <> 'estimated' order by study",
        version["vintage"],
    )
    counts = connection.row_counts()
    fits = ask("select * from estimates.model_fit where vintage = ?", version["vintage"])
    # The page names the outcome in words.
    outcomes = {
        (study.id, equation.outcome): study.outcome_label(equation.outcome)
        for study in studies
        for table in printed_tables(study)
        for equation in table.equations
    }
    fits["outcome"] = [
        outcomes.get(key) for key in zip(fits["study"], fits["outcome"], strict=True)
    ]
    frames["fits"] = fits
    frames["checks"] = checks
    frames["row_counts"] = pd.DataFrame({"mart": list(counts), "rows": list(counts.values())})
    trends = [_trend(connection, study) for study in studies]
    frames["trend"] = pd.concat(trends, ignore_index=True) if trends else pd.DataFrame()
    frames["papers"] = ask(
        "select paper_id, citation from seed.paper where list_contains(?, paper_id) order by all",
        [
            table.published.paper_id
            for study in studies
            for table in printed_tables(study)
            if table.published
        ],
    )
    frames["studies"] = pd.DataFrame(
        [
            {
                "study": study.id,
                "title": study.title,
                "outcome_label": study.outcome.label,
                "outcome_unit": study.outcome.unit,
                "policy": study.policy.policy_id,
                "policy_label": study.policy.label,
                "first_year": study.panel.years[0],
                "last_year": study.panel.years[1],
            }
            for study in studies
        ]
    )
    frames["study_tables"] = pd.DataFrame(
        [
            {
                "study": study.id,
                "method": "mediation"
                if any(table.id == m.id for m in study.mediation or ())
                else "regression",
                "table_id": table.id,
                "title": table.title,
                "paper_id": table.published.paper_id if table.published else None,
                "table_no": str(table.published.table_no) if table.published else None,
            }
            for study in studies
            for table in printed_tables(study)
        ]
    )
    heads = []
    for study in studies:
        table = next(iter(printed_tables(study)))
        mine = frames["estimates"]
        mine = mine[
            (mine["study"] == study.id) & (mine["table_id"] == table.id) & (mine["term"] == "did")
        ]
        if len(mine):
            last = mine.iloc[-1:]
            heads.append(last.merge(fits[["study", "table_id", "column_id", "n_obs", "n_units"]]))
    frames["headlines"] = pd.concat(heads, ignore_index=True) if heads else pd.DataFrame()
    models = ask("select * from estimates.threshold_model where vintage = ?", version["vintage"])
    frames["threshold_models"] = _threshold_models(models, studies)
    return ReportData(
        title="City statistics and policy estimates",
        data_kind=version["data_kind"],
        vintage=version["vintage"],
        code_version=version["code_version"],
        created_from=version["fingerprint"],
        frames=frames,
    )
