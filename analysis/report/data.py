"""What the report is made from: one frozen container of frames, with their columns checked.

Belongs here: the names of the frames and columns that the page reads, and their meaning. Does not
belong here: how they are queried (the caller does that) or shown (`page`, `tables`, `figures`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

import pandas as pd

DATA_KINDS: Final = ("simulated", "published")

COLUMNS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    # frame: (columns that must be there, columns that may be)
    "input_files": (
        ("file_name", "publisher", "edition", "licence", "citation", "sha256", "cells_read",
         "status", "reason"),
        ("source_id",),
    ),
    "input_health": (("measure", "detail", "value", "total"), ()),
    "cell_account": (("class", "cells"), ()),
    "quarantine": (
        ("reason", "cells", "example_file", "example_sheet", "example_cell", "example_text"),
        (),
    ),
    "imputed": (("indicator_code", "indicator_name", "values", "imputed", "share"), ("interpolated",)),
    "disagreement": (
        ("city_name", "year", "indicator", "source_a", "value_a", "source_b", "value_b", "ratio"),
        ("city_code", "unit"),
    ),
    "row_counts": (("mart", "rows"), ()),
    "checks": (
        ("gate", "rule_id", "severity", "success", "applicable", "observed", "expected"),
        ("reason",),
    ),
    "estimates": (
        ("study", "table_id", "column_id", "column_label", "term", "term_label", "estimate",
         "std_error", "t_value", "p_value", "ci_low", "ci_high", "stars"),
        (),
    ),
    "fits": (
        ("study", "table_id", "column_id", "outcome", "effects", "controls", "n_obs", "n_units",
         "n_periods", "n_clusters", "r2", "r2_within", "f_statistic", "df_resid",
         "se_convention", "cluster", "spec_hash"),
        (),
    ),
    "published": (
        ("paper_id", "table_no", "column_no", "label", "term", "estimate", "t_value",
         "std_error_printed", "stars"),
        (),
    ),
    "published_fit": (("paper_id", "table_no", "column_no", "statistic", "value"), ()),
    "published_notes": (("paper_id", "table_no", "column_no", "note"), ()),
    "papers": (("paper_id", "citation"), ()),
    "studies": (
        ("study", "title", "outcome_label", "outcome_unit", "policy", "panel"),
        ("effect_term", "policy_label", "note"),
    ),
    "studies_skipped": (("study", "title", "detail"), ()),
    "study_tables": (("study", "table_id", "title", "paper_id", "table_no"), ()),
    "column_status": (
        ("study", "table_id", "column_id", "column_label", "status", "detail"),
        ("outcome", "split_by", "split_value", "split_rule"),
    ),
    "split_tests": (
        ("study", "table_id", "split_id", "split_rule", "term", "column_a", "label_a", "column_b",
         "label_b", "estimate_a", "estimate_b", "difference", "std_error", "t_value", "p_value",
         "ci_low", "ci_high", "stars", "n_obs", "n_clusters"),
        ("split_cut", "term_label"),
    ),
    "split_joint_tests": (
        ("study", "table_id", "split_id", "term", "n_groups", "labels", "f_statistic", "df_test",
         "df_resid", "p_value"),
        ("term_label",),
    ),
    "mediations_joint": (
        ("study", "table_id", "path", "path_label", "status", "detail", "a", "a_std_error", "b",
         "b_std_error", "direct", "direct_std_error", "indirect", "ci_low", "ci_high", "sobel_z",
         "stars", "total", "share_mediated", "n_obs", "draws"),
        (),
    ),
    "mediations": (
        ("study", "table_id", "title", "mediator", "mediator_label", "status", "detail", "a",
         "a_std_error", "b", "b_std_error", "direct", "direct_std_error", "indirect", "ci_low",
         "ci_high", "sobel_z", "sobel_p", "stars", "total", "share_mediated", "n_obs",
         "n_clusters", "draws", "draws_used"),
        (),
    ),
    "threshold_models": (
        ("study", "model_id", "title", "status", "detail", "outcome", "variable_label",
         "regressor", "regressor_label", "effects", "lower_regime", "n_obs", "n_units",
         "n_periods", "n_dropped_missing", "n_dropped_incomplete", "n_units_incomplete",
         "n_supported", "responds", "warning"),
        ("controls", "paper_id", "tests_table", "slopes_table"),
    ),
    "threshold_tests": (
        ("study", "model_id", "scheme", "resample", "n_thresholds", "f_statistic", "p_value",
         "critical_10", "critical_5", "critical_1", "draws"),
        (),
    ),
    "threshold_search": (
        ("study", "model_id", "n_thresholds", "threshold_no", "estimate", "ci_low", "ci_high",
         "is_interval", "critical_value"),
        (),
    ),
    "threshold_profile": (
        ("study", "model_id", "n_thresholds", "threshold_no", "gamma", "lr"),
        (),
    ),
    "threshold_slopes": (
        ("study", "model_id", "n_thresholds", "regime", "lower_bound", "upper_bound", "term",
         "term_label", "estimate", "se_conventional", "se_robust", "se_cluster", "t_value",
         "p_value", "ci_low", "ci_high", "stars", "n_obs", "n_active", "n_units"),
        (),
    ),
    "threshold_diagnostics": (
        ("study", "model_id", "diagnostic", "item", "statistic", "std_error", "p_value"),
        (),
    ),
    "regime_counts": (
        ("study", "model_id", "n_thresholds", "regime", "year", "n_units", "n_entered",
         "n_active"),
        (),
    ),
    "regime_changes": (
        ("study", "model_id", "n_thresholds", "city_name", "city_code", "year", "regime",
         "previous_regime", "threshold_value"),
        (),
    ),
    "published_thresholds": (
        ("paper_id", "thresholds", "f_statistic", "p_value", "bootstrap_draws",
         "threshold_estimates"),
        (),
    ),
    "trend": (("study", "year", "group", "mean", "ci_low", "ci_high", "n"), ()),
    "index_by_region": (("index_id", "region", "year", "mean", "n"), ()),
    "index_weight": (
        ("index_id", "indicator_code", "indicator_name", "dimension", "weight",
         "published_weight"),
        ("indicator_name_zh", "index_title"),
    ),
    "index_variants": (
        ("index_id", "variant_id", "title", "rank_correlation", "largest_rank_change"),
        (),
    ),
    "index_variant_weight": (("variant_id", "indicator_code", "weight"), ()),
    "efficiency_status": (
        ("model_id", "title", "status", "reason", "city_years", "city_years_complete", "inputs",
         "outputs", "undesirable"),
        (),
    ),
    "efficiency_years": (
        ("model_id", "variant", "year", "mean", "median", "on_frontier", "scored", "city_years",
         "productivity"),
        (),
    ),
    "efficiency_top": (
        ("model_id", "variant", "year", "rank", "city_name", "score", "rank_before"),
        ("city_code",),
    ),
    "inequality_status": (
        ("subject_id", "title", "status", "detail"),
        ("unit", "weight_column"),
    ),
    "inequality": (
        ("subject_id", "group_column", "year", "gini", "within", "between", "transvariation",
         "theil_t", "sd_log", "n_units"),
        (),
    ),
    "convergence": (
        ("subject_id", "kind", "first_year", "last_year", "coefficient", "std_error", "p_value",
         "speed", "half_life", "n_obs"),
        ("n_units",),
    ),
    "movers": (
        ("subject_id", "year", "city_name", "value", "value_before", "change", "national_rank",
         "national_rank_before", "is_top_mover"),
        ("city_code",),
    ),
    "peer_groups": (
        ("subject_id", "year", "peer_group", "cities", "median", "best_city", "best_value"),
        (),
    ),
    "city_events": (
        ("year", "kind", "from_name", "to_name", "decision", "reason"),
        ("event_id", "figures_from", "figures_to", "figures_added", "figures_left_out",
         "figures_without_partner"),
    ),
    "roster": (
        ("policy", "batch", "announced", "listed", "whole_prefecture", "in_panel", "note"),
        ("year", "policy_label"),
    ),
    "trace_examples": (
        ("city_name", "year", "indicator_code", "value", "unit", "file_name", "sheet", "cell",
         "text"),
        ("scope", "sha256"),
    ),
    "trace_queries": (("question", "query"), ()),
    "method_notes": (("topic", "text"), ()),
    "latin_names": (("name", "latin"), ()),
}  # fmt: skip


def _frame() -> pd.DataFrame:
    return pd.DataFrame()


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts, missing values as None."""
    columns = [
        [
            None if gone else value
            for value, gone in zip(column.tolist(), column.isna(), strict=True)
        ]
        for _, column in frame.items()
    ]
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


@dataclass(frozen=True)
class ReportData:
    """Everything the page shows. Every frame may be empty; its section then says so.

    Numbers stay numbers (the page formats them); missing is NaN or None. Row order is kept.
    Optional columns stand in brackets.

    Attributes:
        title: Heading of the page.
        data_kind: 'simulated' (banner, and a mark on every table and figure) or 'published'.
        vintage: Name of this release.
        code_version: Version of the code that made it.
        created_from: Fingerprint of the data it was made from.
        input_files: One row per yearbook file: file_name, publisher, edition (year), licence,
            citation, sha256, cells_read, status ('loaded' | 'refused' | ...), reason, [source_id].
        input_health: Counts of the input and of what became of it: measure, detail ('all' for the
            whole measure), value, total (of the measure). Order of the measures is kept.
        cell_account: Cells by what became of them: class (heading | key | value_resolved |
            value_quarantined | aggregate | note | ignored | ...), cells. The classes are
            disjoint; they add up to the cells read.
        quarantine: Cells set aside: reason, cells, example_file, example_sheet, example_cell
            ('D17'), example_text (as printed).
        imputed: One row per indicator, also without imputed values: indicator_code,
            indicator_name, values (released), imputed (of these), share (imputed / values, 0 to
            1), [interpolated (of the imputed: not computed from another)].
        disagreement: Two sources for one figure: city_name, year, indicator, source_a,
            value_a, source_b, value_b, ratio (value_a / value_b), [city_code, unit].
        disagreement_total: Figures in disagreement, if the frame holds only some of them.
        disagreement_compared: Figures that two sources have.
        disagreement_tolerance: Relative difference from which on it counts (0.05 is 5 %).
        row_counts: mart, rows.
        checks: gate, rule_id, severity ('critical' | 'warn'), success, applicable (False: the
            rule had nothing to look at), observed, expected (both as text), [reason (what the rule
            is for)].
        estimates: Columns of the mart `estimate`, one row per study x table x column x term.
            ci_low and ci_high bound the 95 % interval.
        fits: Columns of `model_fit`, one row per study x table x column. `effects` names the
            fixed effects ('city+year', 'city', ''); `controls` is empty where there are none.
        published: Printed coefficients: paper_id, table_no, column_no, label, term, estimate,
            t_value, std_error_printed, stars. column_no and term match `estimates`' column_id
            and term.
        published_fit: paper_id, table_no, column_no, statistic ('n' | 'r2' | 'f' | 'units' |
            'periods' | 'r2_within' | 'city_effects' | 'year_effects' | 'controls'), value
            (a number; 'yes' or 'no' for the last three).
        published_notes: Footnotes on what was printed: paper_id, table_no, column_no (missing:
            the whole table), note.
        papers: paper_id, citation.
        studies: study, title, outcome_label, outcome_unit, policy, panel (a sentence),
            [effect_term (default 'did'), policy_label, note]. `policy` matches the roster's.
        studies_skipped: Studies that this input can't answer: study, title, detail (why).
        study_tables: Which tables a study has and which printed table each stands against:
            study, table_id, title, paper_id, table_no (both missing: nothing printed). A table
            of `estimates` without a row here is shown under its id.
        column_status: One row per column of a study's tables: study, table_id, column_id,
            column_label, status ('estimated' or 'skipped'), detail (why skipped), [outcome,
            split_by, split_value, split_rule: which cities it is for].
        split_tests: Columns of `split_test`: one row per split, term and pair of groups.
        mediations: Columns of `mediation`: one row per mediation and mediator; `table_id` is that
            of the table with its regressions.
        split_joint_tests: Columns of `split_joint_test`: one row per split and term, the test that
            it is the same in all groups.
        mediations_joint: Columns of `mediation_joint`: one row per path through mediators that are
            held together, and one for all of them.
        threshold_models: One row per threshold model, columns of the mart `threshold_model`, with
            the labels of variable and regressor, [controls, and the printed tables it stands
            against: paper_id, tests_table, slopes_table]. status is 'estimated' or not.
        threshold_tests: Columns of `threshold_test`: one row per scheme and number of thresholds.
        threshold_search: Columns of `threshold_search`: one row per number of thresholds and
            threshold.
        threshold_profile: Columns of `threshold_profile`: likelihood ratios over candidates.
        threshold_slopes: Columns of `threshold_slope`: one row per number of thresholds, regime
            (missing for a control) and term.
        threshold_diagnostics: Columns of `threshold_diagnostic`.
        regime_counts: Columns of `regime_count`; the models that it has are shown.
        regime_changes: City-years in another regime than the year before, in the order in which
            they are to be shown.
        published_thresholds: Printed tests: paper_id, thresholds (how many), f_statistic, p_value,
            bootstrap_draws, threshold_estimates (parted by semicolons).
        trend: study, year, group ('treated' | 'control'), mean, ci_low, ci_high, n (cities).
        index_by_region: index_id, region, year, mean, n (cities).
        index_weight: index_id, indicator_code, indicator_name, dimension, weight,
            published_weight, [indicator_name_zh, index_title].
        index_variants: One row per variant of an index, in the order of the columns: index_id (of
            the index), variant_id, title, rank_correlation (Spearman's within a year, mean of the
            years), largest_rank_change (places, any city in any year).
        index_variant_weight: variant_id, indicator_code, weight (mean over periods).
        efficiency_status: One row per efficiency model: model_id, title, status ('measured' or
            'left_out'), reason, city_years, city_years_complete, inputs, outputs, undesirable
            (names joined by +).
        efficiency_years: One row per model, variant and year, in the order of the columns: mean,
            median, on_frontier, scored and city_years (counts), productivity (geometric mean of
            the model's Malmquist index; the same in all variants).
        efficiency_top: The cities ahead in the last year: model_id, variant, year, rank,
            city_name, score, rank_before (missing in the first year), [city_code].
        inequality_status: One row per subject whose inequality is measured, in the order in which
            they are shown: subject_id, title, status ('estimated' or why not), detail, [unit,
            weight_column].
        inequality: One row per subject and year: subject_id, group_column (what Dagum's parts are
            by), year, gini, within, between, transvariation (these three add up to it), theil_t,
            sd_log, n_units (cities).
        convergence: Of all cities: subject_id, kind, first_year, last_year, coefficient,
            std_error, p_value, speed (per year), half_life (years), n_obs, [n_units (cities)].
        movers: The cities that improved most and least in the last year: subject_id, year,
            city_name, value, value_before, change, national_rank, national_rank_before,
            is_top_mover, [city_code].
        peer_groups: The last year's: subject_id, year, peer_group, cities, median, best_city,
            best_value.
        city_events: Mergers, splits and abolitions that touch the panel: year (first year-end of
            the new state), kind, from_name, to_name, decision ('keep_apart' | 'drop' | ...),
            reason, [event_id; figures of the two places, and what the decision did to them:
            figures_from, figures_to, figures_added, figures_left_out, figures_without_partner].
        roster: How far the list of a policy is from its announced total: policy, batch,
            announced, listed, whole_prefecture, in_panel (all counts), note, [year (first year
            treated; marked in the trend figure), policy_label].
        trace_examples: Released values with the cell they came from: city_name, year,
            indicator_code, value, unit, file_name, sheet, cell, text (as printed), [scope,
            sha256].
        trace_queries: question (a sentence), query (SQL to print).
        method_notes: Further notes: topic, text.
        latin_names: Latin spelling of names: name, latin; stands beside the name of a city, and
            in its place where the font lacks a character.

    Raises:
        ValueError: a frame lacks a column (the message names both), or data_kind is unknown.
    """

    title: str
    data_kind: str
    vintage: str
    code_version: str
    created_from: str
    input_files: pd.DataFrame = field(default_factory=_frame)
    input_health: pd.DataFrame = field(default_factory=_frame)
    cell_account: pd.DataFrame = field(default_factory=_frame)
    quarantine: pd.DataFrame = field(default_factory=_frame)
    imputed: pd.DataFrame = field(default_factory=_frame)
    disagreement: pd.DataFrame = field(default_factory=_frame)
    disagreement_total: int | None = None
    disagreement_compared: int | None = None
    disagreement_tolerance: float = 0.05
    row_counts: pd.DataFrame = field(default_factory=_frame)
    checks: pd.DataFrame = field(default_factory=_frame)
    estimates: pd.DataFrame = field(default_factory=_frame)
    fits: pd.DataFrame = field(default_factory=_frame)
    published: pd.DataFrame = field(default_factory=_frame)
    published_fit: pd.DataFrame = field(default_factory=_frame)
    published_notes: pd.DataFrame = field(default_factory=_frame)
    papers: pd.DataFrame = field(default_factory=_frame)
    studies: pd.DataFrame = field(default_factory=_frame)
    studies_skipped: pd.DataFrame = field(default_factory=_frame)
    study_tables: pd.DataFrame = field(default_factory=_frame)
    column_status: pd.DataFrame = field(default_factory=_frame)
    split_tests: pd.DataFrame = field(default_factory=_frame)
    split_joint_tests: pd.DataFrame = field(default_factory=_frame)
    mediations: pd.DataFrame = field(default_factory=_frame)
    mediations_joint: pd.DataFrame = field(default_factory=_frame)
    threshold_models: pd.DataFrame = field(default_factory=_frame)
    threshold_tests: pd.DataFrame = field(default_factory=_frame)
    threshold_search: pd.DataFrame = field(default_factory=_frame)
    threshold_profile: pd.DataFrame = field(default_factory=_frame)
    threshold_slopes: pd.DataFrame = field(default_factory=_frame)
    threshold_diagnostics: pd.DataFrame = field(default_factory=_frame)
    regime_counts: pd.DataFrame = field(default_factory=_frame)
    regime_changes: pd.DataFrame = field(default_factory=_frame)
    published_thresholds: pd.DataFrame = field(default_factory=_frame)
    trend: pd.DataFrame = field(default_factory=_frame)
    index_by_region: pd.DataFrame = field(default_factory=_frame)
    index_weight: pd.DataFrame = field(default_factory=_frame)
    index_variants: pd.DataFrame = field(default_factory=_frame)
    index_variant_weight: pd.DataFrame = field(default_factory=_frame)
    efficiency_status: pd.DataFrame = field(default_factory=_frame)
    efficiency_years: pd.DataFrame = field(default_factory=_frame)
    efficiency_top: pd.DataFrame = field(default_factory=_frame)
    inequality_status: pd.DataFrame = field(default_factory=_frame)
    inequality: pd.DataFrame = field(default_factory=_frame)
    convergence: pd.DataFrame = field(default_factory=_frame)
    movers: pd.DataFrame = field(default_factory=_frame)
    peer_groups: pd.DataFrame = field(default_factory=_frame)
    city_events: pd.DataFrame = field(default_factory=_frame)
    roster: pd.DataFrame = field(default_factory=_frame)
    trace_examples: pd.DataFrame = field(default_factory=_frame)
    trace_queries: pd.DataFrame = field(default_factory=_frame)
    method_notes: pd.DataFrame = field(default_factory=_frame)
    latin_names: pd.DataFrame = field(default_factory=_frame)

    def __post_init__(self) -> None:
        if self.data_kind not in DATA_KINDS:
            raise ValueError(f"data_kind is {self.data_kind!r}; expected one of {DATA_KINDS}")
        for item in fields(self):
            if item.name in COLUMNS:
                frame = _checked(item.name, getattr(self, item.name))
                object.__setattr__(self, item.name, frame)

    @property
    def simulated(self) -> bool:
        """Whether the figures are invented."""
        return self.data_kind == "simulated"


def _checked(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its known columns, optional ones filled with None."""
    required, optional = COLUMNS[name]
    if frame.empty and not len(frame.columns):
        return pd.DataFrame({column: pd.Series(dtype=object) for column in required + optional})
    missing = [column for column in required if column not in frame.columns]
    if missing:
        raise ValueError(
            f"report frame {name!r} lacks column(s) {missing}; it has {list(frame.columns)}"
        )
    frame = frame.reset_index(drop=True)
    for column in optional:
        if column not in frame.columns:
            frame = frame.assign(**{column: None})
    return frame[list(required + optional)]
