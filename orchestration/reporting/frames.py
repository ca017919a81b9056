"""What the report shows, asked of the warehouse: one query per frame.

Belongs here: queries that give `analysis.report.ReportData` its frames. Does not belong here: how
they are shown (`analysis.report`), how numbers are made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from orchestration.engine import warehouse
from orchestration.engine.protocol import Warehouse
from orchestration.fingerprint import code_version
from orchestration.settings import STUDIES

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.report import ReportData

SHOWN_ROWS = 25

INPUT_FILES = """
with described as (
    select
        sheet.file_key,
        min(sheet.publisher) as publisher,
        min(sheet.edition) as edition,
        min(rule.citation) as citation,
        string_agg(distinct sheet.source_id, ', ' order by sheet.source_id) as source_id
    from staging.stg_yearbook__sheet as sheet
    left join seed.source_rule as rule on sheet.source_id = rule.source_id
    group by sheet.file_key
)
select
    file.relative_path as file_name,
    coalesce(file.declared_publisher, described.publisher) as publisher,
    coalesce(file.declared_edition, described.edition) as edition,
    file.licence,
    coalesce(file.citation, described.citation) as citation,
    file.sha256,
    file.cell_count as cells_read,
    file.status,
    file.reason,
    described.source_id
from raw.yearbook_file as file
left join described on file.file_key = described.file_key
order by file.relative_path
"""

CELL_ACCOUNT = """
select
    case cell_class
        when 'value' then 'value_resolved'
        when 'quarantined' then 'value_quarantined'
        else cell_class
    end as class,
    sum(cells)::bigint as cells
from marts.cell_account
group by class
order by cells desc
"""

QUARANTINE = """
select
    reason,
    count(*) as cells,
    arg_min(relative_path, cell_id) as example_file,
    arg_min(sheet_name, cell_id) as example_sheet,
    split_part(min(cell_id), '!', 3) as example_cell,
    arg_min(concat_ws(' · ', city_name_printed, heading_printed, value_text), cell_id) as example_text
from marts.quarantine
where reason <> 'aggregate'
group by reason
order by cells desc, reason
"""

IMPUTED = """
select
    value.indicator_code,
    indicator.name_en as indicator_name,
    count(*) as values,
    count(*) filter (where value.is_imputed) as imputed,
    count(*) filter (where value.value_kind = 'interpolated') as interpolated,
    count(*) filter (where value.is_imputed) / count(*) as share
from marts.indicator_value as value
inner join marts.dim_indicator as indicator using (indicator_code)
group by all
order by imputed desc, value.indicator_code
"""

DISAGREEMENT = f"""
select
    city.name_zh as city_name,
    difference.city_code,
    difference.year,
    indicator.name_en as indicator,
    indicator.unit,
    difference.kept_source_id as source_a,
    difference.kept_value as value_a,
    difference.other_source_id as source_b,
    difference.other_value as value_b,
    difference.ratio
from marts.source_disagreement as difference
inner join marts.dim_city as city using (city_code)
inner join marts.dim_indicator as indicator using (indicator_code)
order by difference.ratio desc, city_code, year
limit {SHOWN_ROWS}
"""

INPUT_HEALTH = """
select measure, detail, value, total
from marts.input_health
order by position, detail
"""

CITY_EVENTS = """
select
    event_id,
    year,
    kind,
    from_name,
    to_name,
    decision,
    reason,
    figures_from,
    figures_to,
    figures_added,
    figures_left_out,
    figures_without_partner
from marts.city_event_decision
where touches_panel and kind in ('merge', 'split', 'abolish')
order by year, event_id
"""

ESTIMATES = "select * from estimates.estimate where vintage = ?"
FITS = "select * from estimates.model_fit where vintage = ?"
REFERENCE_CHECK = """
select
    library,
    count(*) as terms,
    count(distinct concat_ws('/', study, part, table_id, column_id)) as columns,
    max(difference) as difference
from estimates.reference_check
where vintage = ? and difference is not null
group by all order by all
"""

EFFICIENCY_STATUS = """
select
    model_id,
    name_en as title,
    status,
    reason,
    city_years,
    city_years_complete,
    inputs,
    outputs,
    undesirable
from marts.efficiency_status
order by model_id
"""

SHOWN_VARIANTS = """
select model_id, variant, method as shown_method, returns as shown_returns
from seed.efficiency_variant
where
    in_panel
    and frontier = 'pooled'
    and orientation <> 'output'
    and method in ('radial', 'sbm', 'super_sbm')
"""
"""The levels of each model that the report shows; the rest is in the marts."""

EFFICIENCY_YEARS = f"""
with shown as ({SHOWN_VARIANTS}),
level as (
    select
        model_id,
        variant,
        year,
        avg(score) as mean,
        median(score) as median,
        count(*) filter (where is_on_frontier) as on_frontier,
        count(score) as scored,
        count(*) as city_years
    from marts.efficiency_score
    inner join shown using (model_id, variant)
    group by all
),
change as (
    select model_id, year, exp(avg(ln(productivity))) as productivity
    from marts.productivity
    where variant = 'malmquist'
    group by all
)
select level.*, change.productivity
from level
inner join shown using (model_id, variant)
left join change using (model_id, year)
order by
    level.model_id,
    list_position(['radial', 'sbm', 'super_sbm'], shown.shown_method),
    list_position(['crs', 'vrs'], shown.shown_returns),
    level.variant,
    level.year
"""

SHOWN_CITIES = 10
"""Cities ahead that the report shows."""

EFFICIENCY_TOP = f"""
with shown as ({SHOWN_VARIANTS}),
ranking as (
    select
        model_id,
        arg_max(variant, (list_position(['radial', 'sbm', 'super_sbm'], shown_method), variant))
            as variant
    from shown
    group by model_id
),
placed as (
    select
        score.*,
        lag(score.rank) over (
            partition by score.model_id, score.variant, score.city_code order by score.year
        ) as rank_before,
        max(score.year) over (partition by score.model_id, score.variant) as last_year
    from marts.efficiency_score as score
    inner join ranking using (model_id, variant)
)
select placed.*, city.name_zh as city_name
from placed
inner join marts.dim_city as city using (city_code)
where placed.year = placed.last_year and placed.rank <= {SHOWN_CITIES}
order by placed.model_id, placed.rank, placed.city_code
"""

INEQUALITY_STATUS = """
select
    status.subject_id,
    coalesce(indicator.name_en, definition.name_en, status.subject_id) as title,
    status.status,
    status.detail,
    status.weight_column,
    case subject.kind when 'index' then 'score, 0 to 1' else indicator.unit end as unit
from estimates.inequality_status as status
inner join seed.comparison_subject as subject using (subject_id)
left join marts.dim_indicator as indicator
    on subject.kind = 'indicator' and subject.code = indicator.indicator_code
left join seed.index_definition as definition
    on subject.kind = 'index' and subject.code = definition.index_id
where status.vintage = ?
order by subject.kind, status.subject_id
"""

INEQUALITY = """
select
    unequal.subject_id,
    unequal.group_column,
    unequal.year,
    max(value) filter (where measure = 'gini' and component = 'total') as gini,
    max(value) filter (where measure = 'gini' and component = 'within') as within,
    max(value) filter (where measure = 'gini' and component = 'between') as between,
    max(value) filter (where measure = 'gini' and component = 'transvariation') as transvariation,
    max(value) filter (where measure = 'theil_t' and component = 'total') as theil_t,
    max(value) filter (where measure = 'sd_log' and component = 'total') as sd_log,
    max(n_units) filter (where measure = 'gini' and component = 'total') as n_units
from estimates.inequality as unequal
inner join seed.comparison_subject as subject
    on
        unequal.subject_id = subject.subject_id
        and unequal.group_column = split_part(subject.group_columns, '|', 1)
where unequal.vintage = ?
group by all
order by all
"""

CONVERGENCE = """
select *
from estimates.convergence
where vintage = ? and group_name = 'all'
order by
    subject_id,
    list_position(['sigma', 'beta_absolute', 'beta_conditional', 'beta_panel'], kind)
"""

SHOWN_MOVERS = 5
"""Movers at each end that the report shows; the mart flags ten."""

MOVERS = f"""
with placed as (
    select
        mover.*,
        city.name_zh as city_name,
        max(mover.year) over (partition by mover.subject_id) as last_year,
        row_number() over (
            partition by mover.subject_id, mover.year order by mover.change_rank, mover.city_code
        ) as from_top,
        row_number() over (
            partition by mover.subject_id, mover.year
            order by mover.change_rank desc, mover.city_code desc
        ) as from_bottom
    from marts.benchmark_mover as mover
    inner join marts.dim_city as city using (city_code)
)
select *
from placed
where
    year = last_year
    and (
        (is_top_mover and from_top <= {SHOWN_MOVERS})
        or (is_bottom_mover and from_bottom <= {SHOWN_MOVERS})
    )
order by subject_id, from_top
"""

PEER_GROUPS = """
with placed as (
    select
        standing.*,
        city.name_zh as city_name,
        max(standing.year) over (partition by standing.subject_id) as last_year
    from marts.city_benchmark as standing
    inner join marts.dim_city as city using (city_code)
)
select
    subject_id,
    year,
    peer_group,
    count(*) as cities,
    any_value(group_median) as median,
    arg_min(city_name, (group_rank, city_code)) as best_city,
    arg_min(value, (group_rank, city_code)) as best_value
from placed
where year = last_year
group by subject_id, year, peer_group
order by subject_id, peer_group
"""

REGIME_CHANGES = """
select member.*, city.name_zh as city_name
from estimates.city_regime as member
inner join marts.dim_city as city using (city_code)
where member.changed and member.vintage = ?
order by member.study, member.model_id, member.n_thresholds, member.year desc, member.city_code
"""

PUBLISHED_COLUMNS = (
    "paper_id, cast(table_no as varchar) as table_no, cast(column_no as varchar) as column_no"
)

INDEX_BY_REGION = """
select score.index_id, city.region, score.year, avg(score.score) as mean, count(score.score) as n
from marts.index_score as score
inner join marts.dim_city as city using (city_code)
inner join seed.index_definition as definition using (index_id)
where
    score.score is not null
    and definition.period = 'pooled'
    -- Variants of an index are compared by studies, not shown one by one.
    and definition.components_of is null
group by all order by all
"""

INDEX_WEIGHT = """
select
    weight.index_id,
    weight.indicator_code,
    indicator.name_en as indicator_name,
    indicator.name_zh as indicator_name_zh,
    weight.dimension,
    weight.weight,
    weight.published_weight,
    definition.name_en as index_title
from marts.index_weight as weight
inner join marts.dim_indicator as indicator using (indicator_code)
inner join seed.index_definition as definition using (index_id)
where weight.period = 'pooled' and definition.components_of is null
order by
    -- An index with published weights first.
    max(weight.published_weight is not null) over (partition by weight.index_id) desc,
    weight.index_id,
    weight.weight desc,
    weight.indicator_code
"""

INDEX_VARIANTS = """
with ranked as (
    select
        definition.components_of as index_id,
        variant.index_id as variant_id,
        variant.year,
        corr(variant.rank, main.rank) as rank_correlation,
        max(abs(variant.rank - main.rank)) as largest_rank_change
    from marts.index_score as variant
    inner join seed.index_definition as definition using (index_id)
    inner join marts.index_score as main
        on definition.components_of = main.index_id
        and variant.city_code = main.city_code
        and variant.year = main.year
    where variant.rank is not null and main.rank is not null
    group by all
)
select
    ranked.index_id,
    ranked.variant_id,
    any_value(definition.name_en) as title,
    avg(ranked.rank_correlation order by ranked.year) as rank_correlation,
    max(ranked.largest_rank_change) as largest_rank_change
from ranked
inner join seed.index_definition as definition on ranked.variant_id = definition.index_id
group by ranked.index_id, ranked.variant_id
order by all
"""

INDEX_VARIANT_WEIGHT = """
select
    weight.index_id as variant_id,
    weight.indicator_code,
    avg(weight.weight order by weight.period) as weight
from marts.index_weight as weight
inner join seed.index_definition as definition using (index_id)
where definition.components_of is not null
group by weight.index_id, weight.indicator_code
order by all
"""

ROSTER = """
with in_panel as (
    select policy_id, first_treated_year, count(distinct city_code) as cities
    from marts.policy_exposure
    where coverage = 'whole' and timing = 'pilot_year' and first_treated_year is not null
    group by all
)
select
    coverage.policy_id as policy,
    policy.name_en as policy_label,
    coverage.batch,
    coverage.pilot_year as year,
    coverage.entries_announced as announced,
    coverage.entries_listed as listed,
    coverage.whole_cities as whole_prefecture,
    coalesce(in_panel.cities, 0) as in_panel,
    concat_ws(
        '; ',
        case when not coverage.is_complete then 'INCOMPLETE: fewer entries listed than announced' end,
        case when coverage.entries_unconfirmed > 0
            then coverage.entries_unconfirmed || ' entries not checked against the notice' end,
        coverage.note
    ) as note
from marts.policy_roster_coverage as coverage
inner join seed.policy as policy using (policy_id)
left join in_panel
    on coverage.policy_id = in_panel.policy_id and coverage.pilot_year = in_panel.first_treated_year
order by coverage.policy_id, coverage.batch
"""

TRACE_EXAMPLES = """
with picked as (
    select value.*, row_number() over (
        partition by value.indicator_code order by value.year desc, value.city_code
    ) as position
    from marts.indicator_value as value
    where value.value_kind = 'observed'
)
select
    city.name_zh as city_name,
    picked.year,
    picked.indicator_code,
    picked.scope,
    picked.value,
    picked.unit,
    file.relative_path as file_name,
    cell.sheet_name as sheet,
    split_part(picked.cell_id, '!', 3) as cell,
    observation.value_text as text,
    file.sha256
from picked
inner join marts.dim_city as city using (city_code)
inner join staging.stg_yearbook__observation as observation using (cell_id)
inner join raw.yearbook_file as file
    on observation.file_key = file.file_key and file.status = 'loaded'
inner join staging.stg_yearbook__sheet as cell
    on observation.file_key = cell.file_key and observation.sheet_index = cell.sheet_index
where picked.position = 1
order by picked.indicator_code, picked.scope
limit 12
"""

TRACE_QUERY = """select value.*, observation.value_text, sheet.relative_path, sheet.sheet_name
from marts.indicator_value as value
left join staging.stg_yearbook__observation as observation using (cell_id)
left join staging.stg_yearbook__sheet as sheet using (file_key, sheet_index)
where value.city_code = '420600' and value.year = 2015 and value.indicator_code = 'gdp';"""


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


def report_data(connection: Warehouse, checks: pd.DataFrame) -> ReportData:
    """All frames of the report, from a finished warehouse."""
    from analysis.report import ReportData
    from analysis.study import load_studies, printed_tables

    def ask(query: str, *parameters: object) -> pd.DataFrame:
        return warehouse.frame(connection, query, list(parameters))

    def of_vintage(table: str) -> pd.DataFrame:
        return ask(f"select * from estimates.{table} where vintage = ?", version["vintage"])

    version = ask("select * from marts.dataset_version").iloc[0]
    estimated = set(
        ask(
            "select study from estimates.study_status where vintage = ? and status = 'estimated'",
            version["vintage"],
        )["study"]
    )
    studies = [study for study in load_studies(STUDIES).values() if study.id in estimated]
    skipped = ask(
        "select study, title, detail from estimates.study_status"
        " where vintage = ? and status <> 'estimated' order by study",
        version["vintage"],
    )
    compared = ask(
        "select count(*) as n from intermediate.int_city_year__reconciled where values_published > 1"
    )
    total = ask("select count(*) as n from marts.source_disagreement")
    trends = [_trend(connection, study) for study in studies]
    counts = warehouse.row_counts(connection)
    fits = ask(FITS, version["vintage"])
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
    return ReportData(
        title="City statistics and policy estimates",
        data_kind=version["data_kind"],
        vintage=version["vintage"],
        code_version=code_version(),
        created_from=version["fingerprint"],
        input_files=ask(INPUT_FILES),
        input_health=ask(INPUT_HEALTH),
        cell_account=ask(CELL_ACCOUNT),
        quarantine=ask(QUARANTINE),
        imputed=ask(IMPUTED),
        disagreement=ask(DISAGREEMENT),
        disagreement_total=int(total["n"].iloc[0]),
        disagreement_compared=int(compared["n"].iloc[0]),
        row_counts=pd.DataFrame({"mart": list(counts), "rows": list(counts.values())}),
        checks=checks,
        estimates=ask(ESTIMATES, version["vintage"]),
        fits=fits,
        published=ask(
            f"select {PUBLISHED_COLUMNS}, label, term, estimate, t_value, std_error_printed, stars"
            " from seed.published_estimate order by all"
        ),
        published_fit=pd.concat(
            [
                ask(
                    f"select {PUBLISHED_COLUMNS}, statistic, value from seed.{seed} order by all"
                ).astype({"value": object})
                for seed in ("published_fit", "published_design")
            ],
            ignore_index=True,
        ),
        published_notes=ask(
            f"select {PUBLISHED_COLUMNS}, note from seed.published_note order by all"
        ),
        papers=ask(
            "select paper_id, citation from seed.paper where list_contains(?, paper_id) order by all",
            [
                table.published.paper_id
                for study in studies
                for table in printed_tables(study)
                if table.published
            ],
        ),
        studies=pd.DataFrame(
            [
                {
                    "study": study.id,
                    "title": study.title,
                    "outcome_label": study.outcome.label,
                    "outcome_unit": study.outcome.unit,
                    "policy": study.policy.policy_id,
                    "policy_label": study.policy.label,
                    "panel": f"Cities by year, {study.panel.years[0]} to {study.panel.years[1]}",
                }
                for study in studies
            ]
        ),
        studies_skipped=skipped,
        study_tables=pd.DataFrame(
            [
                {
                    "study": study.id,
                    "table_id": table.id,
                    "title": table.title,
                    "paper_id": table.published.paper_id if table.published else None,
                    "table_no": str(table.published.table_no) if table.published else None,
                }
                for study in studies
                for table in printed_tables(study)
            ]
        ),
        column_status=of_vintage("column_status"),
        split_tests=of_vintage("split_test"),
        split_joint_tests=of_vintage("split_joint_test"),
        mediations=of_vintage("mediation"),
        mediations_joint=of_vintage("mediation_joint"),
        threshold_models=_threshold_models(of_vintage("threshold_model"), studies),
        threshold_tests=of_vintage("threshold_test"),
        threshold_search=of_vintage("threshold_search"),
        threshold_profile=of_vintage("threshold_profile"),
        threshold_slopes=of_vintage("threshold_slope"),
        threshold_diagnostics=of_vintage("threshold_diagnostic"),
        regime_counts=of_vintage("regime_count"),
        regime_changes=ask(REGIME_CHANGES, version["vintage"]),
        published_thresholds=ask("select * from seed.published_threshold_test order by all"),
        trend=pd.concat(trends, ignore_index=True) if trends else pd.DataFrame(),
        index_by_region=ask(INDEX_BY_REGION),
        index_weight=ask(INDEX_WEIGHT),
        index_variants=ask(INDEX_VARIANTS),
        index_variant_weight=ask(INDEX_VARIANT_WEIGHT),
        efficiency_status=ask(EFFICIENCY_STATUS),
        efficiency_years=ask(EFFICIENCY_YEARS),
        efficiency_top=ask(EFFICIENCY_TOP),
        inequality_status=ask(INEQUALITY_STATUS, version["vintage"]),
        inequality=ask(INEQUALITY, version["vintage"]),
        convergence=ask(CONVERGENCE, version["vintage"]),
        movers=ask(MOVERS),
        peer_groups=ask(PEER_GROUPS),
        city_events=ask(CITY_EVENTS),
        roster=ask(ROSTER),
        trace_examples=ask(TRACE_EXAMPLES),
        trace_queries=pd.DataFrame(
            [
                {
                    "question": "Where does the GDP of Xiangyang in 2015 come from?",
                    "query": TRACE_QUERY,
                }
            ]
        ),
        method_notes=pd.DataFrame(
            [
                {
                    "topic": "Second opinion",
                    "text": f"{row.terms} coefficients of {row.columns} columns were re-estimated by"
                    f" {row.library}: all columns of each study's first table, one of every other,"
                    " three of a mediation, the slopes of every double threshold. The largest"
                    f" difference, of a coefficient or its standard error, is {row.difference:.0e} of"
                    " the standard error.",
                }
                for row in ask(REFERENCE_CHECK, version["vintage"]).itertuples()
            ]
        ),
        latin_names=ask(
            "select name_zh as name, name_en as latin from marts.dim_city order by all"
        ),
    )
