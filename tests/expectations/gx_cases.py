"""A small warehouse in which every rule of every gate holds, and one way to break each rule.

Belongs here: data for the tests of the gates. The break is SQL run on the healthy warehouse.
"""

from pathlib import Path

import duckdb

SEEDS = Path(__file__).parents[2] / "seeds"
CITIES = 12
YEARS = range(2010, 2020)

HEALTHY = f"""
create schema staging; create schema intermediate; create schema marts; create schema estimates;
create schema seed; create schema raw;

create table raw.yearbook_file as
select 'f' as file_key, 'book.xlsx' as relative_path, 'published' as data_kind;
create table raw.yearbook_cell as
select 'f' as file_key, 0 as sheet_index, '2-1' as sheet_name, '资料来源：国家统计局' as text;

create table marts.indicator_value as
with city as (select 100 + i as city, cast(110000 + 100 * i as varchar) as city_code
              from range({CITIES}) t(i)),
     year as (select y as year from range({YEARS.start}, {YEARS.stop}) t(y)),
     base as (select *, 1000000.0 * (1 + 0.1 * (city - 100)) * power(1.05, year - 2010) as gdp
              from city, year),
     long as (
        select city_code, year, 'gdp' as indicator_code, 'total' as scope, gdp as value,
            '10_000_yuan' as unit from base
        union all select city_code, year, 'gdp', 'districts', 0.4 * gdp, '10_000_yuan' from base
        union all select city_code, year, 'gdp_primary', 'total', 0.1 * gdp, '10_000_yuan' from base
        union all select city_code, year, 'gdp_secondary', 'total', 0.5 * gdp, '10_000_yuan'
            from base
        union all select city_code, year, 'gdp_tertiary', 'total', 0.4 * gdp, '10_000_yuan'
            from base
        union all select city_code, year, 'green_coverage', 'districts',
            30 + (city - 100) / 3.0 + (year - 2010) / 100.0, 'percent' from base
        union all select city_code, year, 'gdp_growth_rate', 'total', 5 - (year - 2010), 'percent'
            from base)
select *, 'f!0!D' || row_number() over (order by indicator_code, scope, city_code, year) as cell_id,
    city_code = '110000' and year = 2011 and indicator_code = 'gdp_growth_rate' as is_imputed,
    false as is_corrected, '2-4' as source_table_id, 'yearbook' as source_id,
    case when indicator_code = 'gdp' then 3 else 1 end as values_published
from long order by indicator_code, scope, city_code, year;

create table intermediate.int_city_year__derived as
select city_code, year, indicator_code, 'total' as scope, share + year / 1e5 as value
from (select city_code, year from marts.indicator_value
      where indicator_code = 'gdp' and scope = 'total'),
    (values ('pension_coverage', 0.2::double), ('medical_coverage', 0.4)) shares(indicator_code, share)
order by indicator_code, city_code, year;

create table intermediate.int_city_year__relative as
select city_code, year, 'fiscal_decentralisation_per_capita' as indicator_code, 'total' as scope,
    value / avg(value) over (partition by year) as value
from marts.indicator_value where indicator_code = 'gdp' and scope = 'total'
order by city_code, year;

create table intermediate.int_city_year__deflator as
select city_code, year, 'gdp_growth_rate' as method,
    case when year > {YEARS.start} then 1.02::double end as step
from marts.indicator_value where indicator_code = 'gdp' and scope = 'total'
order by city_code, year;

create table intermediate.int_city_year__deflated as
select city_code, year, 'gdp_per_resident_real' as indicator_code, value as nominal_value,
    power(1.02, year - 2012) as deflator, value / power(1.02, year - 2012) as value,
    2012 as base_year
from marts.indicator_value where indicator_code = 'gdp' and scope = 'total'
order by city_code, year;

create table marts.policy_roster_coverage as
select 'smart_city' as policy_id, batch, 2011 + batch as pilot_year, announced as entries_announced,
    announced as entries_listed, 0 as entries_unconfirmed
from (values (1, 90), (2, 103), (3, 84)) batches(batch, announced)
order by batch;

create table staging.stg_yearbook__observation as
select 'f' as file_sha256, 0 as sheet_index, row_number() over (order by cell_id) as row_number,
    3 as column_number, cell_id, 'City ' || city_code as city_name_printed, year as statistic_year,
    year + 1 as edition, indicator_code, scope, unit as unit_printed, value,
    cast(value as varchar) as value_text, 'NBS' as publisher, 'yearbook' as source_id,
    indicator_code as heading_key
from marts.indicator_value order by cell_id;

create table staging.stg_yearbook__quarantine as
select file_sha256, sheet_index, row_number, column_number, cell_id, city_name_printed,
    statistic_year, edition, indicator_code, scope, unit_printed, value_text,
    cast('x' as varchar) as reason, source_id, heading_key
from staging.stg_yearbook__observation where false;

create table staging.stg_yearbook__sheet as
select 'f' as file_key, 0 as sheet_index, 'book.xlsx' as relative_path, '2-1' as sheet_name;

create table staging.stg_yearbook__cell_account as
select 'f' as file_key, 0 as sheet_index, 'value' as cell_class, 100 as cells;

create table marts.quarantine as
select cell_id, 'book.xlsx' as relative_path, 'yearbook' as source_id, edition, city_name_printed,
    statistic_year, indicator_code, scope, value_text, reason
from staging.stg_yearbook__quarantine;

create table marts.observation_revision as
select city_code, year, indicator_code, scope, 'yearbook' as source_id, year + 1 as first_edition,
    value as first_value, 'f!0!D1' as first_cell_id, year + 2 as last_edition,
    1.04 * value as last_value, 'f!0!E1' as last_cell_id, 0.04 as relative_change,
    true as is_revised
from marts.indicator_value where indicator_code = 'gdp' and year = 2015;

create table marts.city_year as
select city_code, year, gdp, 0.1 * gdp as gdp_primary, 0.5 * gdp as gdp_secondary,
    0.4 * gdp as gdp_tertiary, gdp / 50000 as population_resident, 12000.0 as land_area,
    50000::double as gdp_per_capita, 0.55::double as urbanisation,
    0.2::double as government_intervention, 0.4::double as industrialisation,
    0.8::double as tertiary_to_secondary, 0.05 + gdp / 1e8 as index_nqpf
from (select city_code, year, value as gdp from marts.indicator_value
      where indicator_code = 'gdp' and scope = 'total')
order by city_code, year;

create table seed.derived_term as
select 'government_intervention' as indicator_code, 'denominator' as position,
    'gdp' as input_indicator_code;

create table seed.city as from read_csv('{SEEDS}/city.csv', all_varchar = true);
create table seed.acknowledged_warning (rule_id varchar, cause varchar, fingerprint varchar);
create table seed.unit as from read_csv('{SEEDS}/unit.csv');
create table seed.city_event as from read_csv('{SEEDS}/city_event.csv', all_varchar = true);
create table seed.plausible_bound as from read_csv('{SEEDS}/plausible_bound.csv', types = {{'scope': 'varchar'}});
create table seed.census_population as
select cast(110000 + 100 * i as varchar) as city_code, census_year,
    cast(500000 * (1 + 0.1 * i) as integer) as residents
from range({CITIES}) t(i), (values (2010), (2020)) census(census_year);
create table seed.city_absence (city_code varchar, year_from integer, year_to integer);
create table seed.typical_city_bound as from read_csv('{SEEDS}/typical_city_bound.csv');
create table seed.typical_city_explanation as
from read_csv('{SEEDS}/typical_city_explanation.csv');

create table marts.source_disagreement as
select city_code, year, indicator_code, scope, 'yearbook' as kept_source_id, value as kept_value,
    cell_id as kept_cell_id, 'panel' as other_source_id, 1.1 * value as other_value,
    'f!0!F1' as other_cell_id, 1.1::double as ratio
from marts.indicator_value where indicator_code = 'gdp' and scope = 'total' and year = 2015;

-- What was explained fails no rule.
create table marts.figure_check as
select city_code, year, indicator_code, scope, checked.check_id, value, cell_id, '1 to 2' as expected,
    'panel 3' as other_figures, 4.0::double as ratio, true as is_explained
from marts.indicator_value, (values ('outside_range'), ('outvoted')) as checked(check_id)
where indicator_code = 'gdp' and scope = 'total' and year = 2015 and city_code = '110300';

create table seed.index_definition as
select * from (values
    ('nqpf', null, 'min_max', 'pooled', 'weighted_sum'),
    ('nqpf_zscore', 'nqpf', 'z_score', 'pooled', 'weighted_sum'),
    ('nqpf_fixed_base', 'nqpf', 'min_max', 'base', 'weighted_sum')
) t(index_id, components_of, scaling, period, aggregation);

create table marts.index_score as
select index_id, city_code, year,
    case when scaling = 'z_score' then (index_nqpf - avg(index_nqpf) over whole) / stddev(index_nqpf) over whole
        else index_nqpf end as score,
    row_number() over (partition by index_id, year order by index_nqpf desc) as rank,
    0 as rank_change
from marts.city_year cross join seed.index_definition
window whole as (partition by index_id)
order by index_id, city_code, year;

create table marts.index_weight as
select 'nqpf' as index_id, 'i' || i as indicator_code, 'pooled' as period, i / 15 as weight
from range(1, 6) t(i);

create table marts.dataset_version as select 'v' as vintage;

create table estimates.study_status as
select 'v' as vintage, 'smart_city' as study, 'did' as treatment, 'estimated' as status, '' as detail;

create table estimates.design_status as
select 'v' as vintage, 'smart_city' as study, method, design, 'estimated' as status, '' as detail
from (values ('regression', 'table_2'), ('threshold', 'industry')) t(method, design);

create table estimates.estimate as
select 'v' as vintage, 'smart_city' as study, 'regression' as method, 'table_2' as design,
    'column_' || c as column_id, term, null::varchar as at_point,
    0.18::double as estimate, 0.02::double as std_error, 9::double as statistic,
    0.001::double as p_value
from range(1, 6) t(c), (values ('did'), ('const')) terms(term);

insert into estimates.estimate
select 'v', 'smart_city', 'threshold', 'industry', n::varchar, 'did', r::varchar, 0.1 * r, 0.02, 5 * r,
    0.001
from range(3) t(n), range(1, 4) u(r) where r <= n + 1;

-- A column may ask for the policy times a share instead.
insert into estimates.estimate
select 'v', 'smart_city', 'regression', 'table_2', 'intensity', 'did_by_share', null, 0.2, 0.02, 10, 0.001;

create table estimates.study_term as
select 'v' as vintage, 'smart_city' as study, term, role
from (values
    ('did', 'treatment'), ('did_by_share', 'treatment interaction'), ('const', 'constant')
) t(term, role);

create table estimates.model_fit as
select distinct vintage, study, method, design, column_id, 'estimated' as status, '' as detail
from estimates.estimate;

create table estimates.sample_mark as
select distinct vintage, study, method, design, column_id, 'gdp' as variable, mark,
    20 as n_rows, 0.01::double as share
from estimates.estimate, (values ('suspect'), ('imputed')) t(mark);

create table estimates.reference_check as
select vintage, study, method, design, column_id, term, at_point,
    case method when 'regression' then 'first_table' else 'threshold' end as part,
    'linearmodels 7.1' as library, estimate, estimate + 1e-13 as reference_estimate, std_error,
    std_error - 1e-13 as reference_std_error, 1e-13 / (std_error - 1e-13) as difference,
    7::double as ssr, 7 + 1e-13::double as reference_ssr, true as agrees, '' as detail
from estimates.estimate
where method = 'regression' or column_id = '2';

create table marts.published_coefficient as
select 'paper' as paper_id, 2 as table_no, c::integer as column_no, term
from range(1, 6) t(c), (values ('did'), ('const')) terms(term);

create table estimates.published_comparison as
select 'v' as vintage, 'smart_city' as study, paper_id, table_no::varchar as table_no,
    column_no::varchar as column_no, term, 'estimated' as status, '' as detail
from marts.published_coefficient;

create table marts.efficiency_score as
select 'service' as model_id, variant, 'radial' as method, 'input' as orientation, returns,
    'pooled' as frontier, city_code, year, least(1, top * share) as score,
    top * share >= 1 as is_on_frontier, 'ok' as status, cast(null as varchar) as reason
from (select city_code, year, 0.4 + 0.6 * percent_rank() over (order by gdp, city_code) as share
      from marts.city_year),
    (values ('ccr', 'crs', 1.0::double), ('bcc', 'vrs', 1.05)) variants(variant, returns, top)
order by variant, city_code, year;

create table marts.productivity as
select 'service' as model_id, 'malmquist' as variant, city_code, year,
    case when year > {YEARS.start} then 1.02 * 0.99 * 1.01::double end as productivity,
    1.02 * 0.99::double as efficiency_change, 1.01::double as technical_change,
    1.02::double as pure_change, 0.99::double as scale_change
from marts.city_year order by city_code, year;

create table marts.city_benchmark as
select 'nqpf' as subject_id, city_code, year, index_nqpf as value,
    count(*) over (partition by year) as group_cities,
    percent_rank() over (partition by year order by index_nqpf) as percentile
from marts.city_year order by city_code, year;

create table estimates.inequality as
select 'v' as vintage, 'nqpf' as subject_id, 'region' as group_column, year, measure, component,
    'all' as group_name, value, value as share, 12 as n_units
from range(2010, 2013) t(year), (values
    ('gini', 'total', 0.3::double), ('gini', 'within', 0.1), ('gini', 'between', 0.15),
    ('gini', 'transvariation', 0.05),
    ('theil_t', 'total', 0.2), ('theil_t', 'within', 0.15), ('theil_t', 'between', 0.05)
) parts(measure, component, value);
"""

LAST_RELEASE = """
attach ':memory:' as last_release;
create schema last_release.marts;
create table last_release.marts.indicator_value as from marts.indicator_value;
create table last_release.marts.index_score as from marts.index_score;
"""

_OBSERVATION = "staging.stg_yearbook__observation"
_QUARANTINE = "staging.stg_yearbook__quarantine"


def _quarantined(count: int, reason: str) -> str:
    return (
        f"insert into {_QUARANTINE} select file_sha256, sheet_index, row_number, column_number, "
        f"cell_id, city_name_printed, statistic_year, edition, indicator_code, scope, "
        f"unit_printed, 'n.a.', '{reason}', source_id, heading_key from {_OBSERVATION} "
        f"order by indicator_code, scope, statistic_year, cell_id limit {count}"
    )


def _set_aside(count: int, reason: str) -> str:
    return (
        "insert into marts.quarantine by name select cell_id, 'book.xlsx' as relative_path, "
        "'yearbook' as source_id, edition, city_name_printed, statistic_year, indicator_code, scope, "
        f"value_text, '{reason}' as reason from {_OBSERVATION} order by cell_id limit {count}"
    )


def _imputed(share: float, indicator: str = "%") -> str:
    return (
        "update marts.indicator_value set is_imputed = true "
        f"where indicator_code like '{indicator}' "
        f"and hash(cell_id) % 1000 < {round(1000 * share)}"
    )


BREAKS = {
    ("observations", "observations_present"): f"delete from {_OBSERVATION}",
    ("observations", "simulated_pages_declared"): (
        "update raw.yearbook_cell set text = '资料来源：模拟数据，非官方统计 Simulated data'"
    ),
    ("observations", "unreadable_share_low"): _quarantined(20, "text_in_number_cell"),
    ("observations", "unreadable_share_bearable"): _quarantined(100, "text_in_number_cell"),
    ("observations", "columns_set_aside"): _quarantined(12, "unknown_heading"),
    ("observations", "pages_without_a_table"): (
        "update staging.stg_yearbook__cell_account set cell_class = 'no_table'"
    ),
    ("observations", "unit_slip_between_years"): (
        f"update {_OBSERVATION} set value = value * 10000 "
        "where indicator_code = 'gdp' and edition >= 2015"
    ),
    ("observations", "figure_far_from_its_like"): (
        f"update {_OBSERVATION} set value = value * 1e6 "
        "where indicator_code = 'gdp' and edition = 2015 and city_name_printed like '%110200'"
    ),
    ("observations", "indicator_year_thin"): (
        f"delete from {_OBSERVATION} where indicator_code = 'gdp_primary' "
        f"and statistic_year = (select max(statistic_year) from {_OBSERVATION})"
    ),
    ("observations", "year_collapsed"): (
        f"delete from {_OBSERVATION} where statistic_year = 2014 "
        "and city_name_printed > 'City 110100'"
    ),
    ("indicators", "indicators_present"): "delete from marts.indicator_value",
    ("indicators", "unplaced_city_names"): _set_aside(3, "unknown_city"),
    ("indicators", "editions_without_contradiction"): _set_aside(2, "conflict_in_edition"),
    ("indicators", "unplaced_share_bearable"): _set_aside(100, "unknown_city"),
    ("indicators", "imputed_share_low"): _imputed(0.12),
    ("indicators", "imputed_share_bearable"): _imputed(0.40),
    ("indicators", "imputed_share_by_indicator"): _imputed(0.50, "green_coverage"),
    ("indicators", "figures_revised"): (
        "update marts.observation_revision set last_value = 2 * first_value, relative_change = 1 "
        "where scope = 'total' and city_code = '110300'"
    ),
    ("indicators", "jump_in_one_city"): (
        "update marts.indicator_value set value = value * 7 where indicator_code = 'gdp' "
        "and scope = 'total' and year = 2015 and city_code = '110300'"
    ),
    ("indicators", "denominator_misprinted"): (
        "update marts.indicator_value set value = 1e5 * value where indicator_code = 'gdp' "
        "and scope = 'total' and city_code = '110300' and year = 2019"
    ),
    ("indicators", "unit_slip_after_conversion"): (
        "update marts.indicator_value set value = value / 10 where indicator_code = 'gdp_primary' "
        "and year >= 2015"
    ),
    ("indicators", "percentages_within_bounds"): (
        "update marts.indicator_value set value = 100.5 where indicator_code = 'green_coverage' "
        "and year = 2015 and city_code = '110300'"
    ),
    ("indicators", "sectors_add_up"): (
        "update marts.indicator_value set value = 1.1 * value "
        "where indicator_code = 'gdp_secondary' and year = 2015 and city_code = '110300'"
    ),
    ("indicators", "sectors_mostly_add_up"): (
        "update marts.indicator_value set value = 1.1 * value "
        "where indicator_code = 'gdp_secondary' and year = 2015"
    ),
    ("indicators", "total_not_below_districts"): (
        "update marts.indicator_value set value = 3 * value where scope = 'districts' "
        "and indicator_code = 'gdp' and year = 2015 and city_code = '110300'"
    ),
    ("indicators", "total_mostly_not_below_districts"): (
        "update marts.indicator_value set value = 3 * value where scope = 'districts' "
        "and indicator_code = 'gdp' and year = 2015"
    ),
    ("indicators", "insured_are_a_share"): (
        "update intermediate.int_city_year__derived set value = 10000 * value "
        "where indicator_code = 'pension_coverage' and year = 2015"
    ),
    ("indicators", "all_cities_lie_among_their_own"): (
        "update intermediate.int_city_year__relative set value = 10 * value where year = 2015"
    ),
    ("indicators", "plausible_for_its_residents"): (
        "update marts.indicator_value set value = 1e4 * value where indicator_code = 'gdp' "
        "and scope = 'total' and year = 2015 and city_code = '110300'"
    ),
    ("indicators", "typical_city_plausible"): (
        "update marts.indicator_value set value = value / 1e4 where indicator_code = 'gdp' "
        "and scope = 'total' and year = 2015"
    ),
    ("indicators", "deflator_jump_in_one_city"): (
        "update intermediate.int_city_year__deflator set step = 0.5 "
        "where year = 2015 and city_code = '110300'"
    ),
    ("indicators", "deflator_of_the_typical_city"): (
        "update intermediate.int_city_year__deflator set step = 1.25 where year = 2015"
    ),
    ("indicators", "real_is_nominal_in_the_base_year"): (
        "update intermediate.int_city_year__deflated set value = value * 1.02"
    ),
    ("indicators", "plausible_range"): (
        "update marts.figure_check set is_explained = false where check_id = 'outside_range'"
    ),
    ("indicators", "figures_outvoted"): (
        "update marts.figure_check set is_explained = false where check_id = 'outvoted'"
    ),
    ("indicators", "coverage_kept"): (
        "delete from marts.indicator_value where indicator_code = 'gdp' and scope = 'total' "
        "and year = 2015 and city_code in ('110300', '110400')"
    ),
    ("indicators", "level_kept"): (
        "update marts.indicator_value set value = 1.2 * value "
        "where indicator_code = 'green_coverage'"
    ),
    ("indicators", "typical_city_against_the_year_before"): (
        "update marts.indicator_value set value = value / 3.6 where indicator_code = 'gdp' "
        "and scope = 'total' and year = 2015"
    ),
    ("indicators", "typical_city_against_the_last_release"): (
        "update marts.indicator_value set value = value / 1.4 where indicator_code = 'gdp' "
        "and scope = 'total' and year = 2015"
    ),
    ("indicators", "typical_city_against_other_sources"): (
        "update marts.source_disagreement set other_value = 2 * kept_value, ratio = 2"
    ),
    ("indicators", "figures_of_another_year"): (
        "update marts.indicator_value as now set value = before.value "
        "from marts.indicator_value as before where now.indicator_code = 'gdp' "
        "and now.scope = 'total' and now.year = 2018 and before.year = 2015 "
        "and now.city_code = before.city_code and before.indicator_code = 'gdp' "
        "and before.scope = 'total'"
    ),
    ("indicators", "city_lost_since_the_last_release"): (
        "delete from marts.indicator_value where city_code = '110300' and year = 2015"
    ),
    ("indicators", "city_goes_alone"): (
        "insert into marts.indicator_value by name select * replace (city_code || 'x' as city_code, "
        "cell_id || 'x' as cell_id) from marts.indicator_value; "
        "delete from marts.indicator_value where city_code = '110300' and year = 2019"
    ),
    ("indicators", "city_comes_or_goes"): (
        "delete from marts.indicator_value where city_code = '110300' and year = 2019"
    ),
    ("indices", "score_within_bounds"): (
        "update marts.index_score set score = 1.2 where year = 2015 and city_code = '110300'"
    ),
    ("indices", "ranks_run_from_one"): (
        "update marts.index_score set rank = rank + 1 where index_id = 'nqpf' and year = 2015"
    ),
    ("indices", "scores_of_every_year"): (
        "update marts.index_score set score = null, rank = null where index_id = 'nqpf'"
        " and year = (select max(year) from marts.index_score)"
    ),
    ("indices", "rank_jump"): (
        "update marts.index_score set rank_change = 9 where year = 2015 and city_code = '110300'"
    ),
    ("indices", "score_beyond_its_base"): (
        "update marts.index_score set score = 2.1 where index_id = 'nqpf_fixed_base' "
        "and year = 2015 and city_code = '110300'"
    ),
    ("indices", "variant_agrees_with_its_index"): (
        "update marts.index_score set rank = 13 - rank where index_id = 'nqpf_zscore'"
    ),
    ("indices", "z_scores_centre_on_zero"): (
        "update marts.index_score set score = score + 0.5 where index_id = 'nqpf_zscore'"
    ),
    ("indices", "score_median_plausible"): "update marts.index_score set score = score + 0.8",
    ("indices", "score_spread"): (
        "update marts.index_score set score = 0.06 where index_id = 'nqpf'"
    ),
    ("indices", "score_mean_steady"): (
        "update marts.index_score set score = 2 * score where year >= 2015"
    ),
    ("indices", "scores_agree_with_last_release"): (
        "update marts.index_score set score = 0.05 + (hash(city_code || year) % 100) / 1000.0"
    ),
    ("indices", "score_median_kept"): "update marts.index_score set score = 1.5 * score",
    ("indices", "weight_within_bounds"): (
        "update marts.index_weight set weight = 1.1 where indicator_code = 'i5'"
    ),
    ("indices", "no_indicator_rules_the_index"): (
        "update marts.index_weight set weight = 0.8 where indicator_code = 'i5'"
    ),
    ("panel", "panel_present"): "delete from marts.city_year",
    ("panel", "cities_per_year_steady"): (
        "delete from marts.city_year where year = 2015 and city_code = '110300'"
    ),
    ("panel", "industrialisation_is_a_share"): (
        "update marts.city_year set industrialisation = 40 where year = 2015"
    ),
    ("panel", "urbanisation_is_a_share"): (
        "update marts.city_year set urbanisation = 55 where year = 2015"
    ),
    ("panel", "government_intervention_plausible"): (
        "update marts.city_year set government_intervention = 2000 where year = 2015"
    ),
    ("panel", "tertiary_to_secondary_plausible"): (
        "update marts.city_year set tertiary_to_secondary = 80 "
        "where year = 2015 and city_code = '110300'"
    ),
    ("panel", "gdp_per_capita_agrees"): "update marts.city_year set gdp = gdp * 10000",
    ("panel", "outcome_mostly_known"): (
        "update marts.city_year set index_nqpf = null where year < 2013"
    ),
    ("panel", "roster_complete"): (
        "update marts.policy_roster_coverage set entries_listed = 41 where batch = 2"
    ),
    ("panel", "roster_confirmed"): (
        "update marts.policy_roster_coverage set entries_unconfirmed = 41 where batch = 2"
    ),
    ("panel", "efficiency_within_bounds"): (
        "update marts.efficiency_score set score = 1.2 where city_code = '110300' and year = 2015"
    ),
    ("panel", "pure_not_below_technical_efficiency"): (
        "update marts.efficiency_score set score = 0.1 where variant = 'bcc' and year = 2015"
    ),
    ("panel", "frontier_neither_empty_nor_everybody"): (
        "update marts.efficiency_score set is_on_frontier = true where year > 2012"
    ),
    ("panel", "efficiency_mostly_known"): (
        "update marts.efficiency_score set score = null, is_on_frontier = null, status = 'missing',"
        " reason = 'no finite value of staff' where year < 2012"
    ),
    ("panel", "productivity_is_the_product_of_its_parts"): (
        "update marts.productivity set technical_change = 1.1 where year = 2015"
    ),
    ("panel", "productivity_plausible"): (
        "update marts.productivity set efficiency_change = 5 * efficiency_change,"
        " pure_change = 5 * pure_change, productivity = 5 * productivity"
        " where year = 2015 and city_code = '110300'"
    ),
    ("panel", "percentile_is_a_share"): (
        "update marts.city_benchmark set percentile = 58 where year = 2015"
    ),
    ("panel", "peers_enough"): "update marts.city_benchmark set group_cities = 1 where year < 2013",
    ("estimates", "gini_between_nought_and_one"): (
        "update estimates.inequality set value = 31.4 where measure = 'gini' and year = 2011"
        " and component = 'within'"
    ),
    ("estimates", "dagum_parts_add_up"): (
        "delete from estimates.inequality where component = 'transvariation' and year = 2011"
    ),
    ("estimates", "theil_parts_add_up"): (
        "update estimates.inequality set value = 0.04 where measure = 'theil_t'"
        " and component = 'between' and year = 2011"
    ),
    ("estimates", "inequality_of_the_same_cities"): (
        "update estimates.inequality set n_units = 30 where year = 2012"
    ),
    ("estimates", "estimates_present"): "delete from estimates.estimate",
    ("estimates", "estimate_complete"): (
        "update estimates.estimate set estimate = null where term = 'const'"
    ),
    ("estimates", "treatment_in_every_column"): (
        "delete from estimates.estimate where column_id = 'column_3' and term = 'did'"
    ),
    ("estimates", "engine_agrees_with_reference"): (
        "update estimates.reference_check set reference_std_error = std_error * 1.00001"
        " where column_id = 'column_3' and term = 'did'"
    ),
    ("estimates", "every_design_has_its_reference"): (
        "delete from estimates.reference_check where column_id = 'column_3' and term = 'did'"
    ),
    ("estimates", "every_printed_coefficient_is_compared"): (
        "delete from estimates.published_comparison where column_no = '3' and term = 'did'"
    ),
    ("estimates", "design_not_failed"): (
        "update estimates.design_status set status = 'failed', detail = 'did does not vary'"
        " where design = 'industry'"
    ),
    ("estimates", "design_estimated"): (
        "update estimates.design_status set status = 'skipped', detail = 'no value'"
        " where design = 'industry'"
    ),
    ("estimates", "study_not_failed"): (
        "update estimates.study_status set status = 'failed', detail = 'no such policy'"
    ),
    ("estimates", "column_estimated"): (
        "update estimates.model_fit set status = 'skipped', detail = 'no city in the group'"
        " where column_id = 'column_3'"
    ),
    ("estimates", "interpolated_values_few"): (
        "update estimates.sample_mark set share = 0.3 where mark = 'imputed'"
        " and column_id = 'column_3'"
    ),
    ("estimates", "treatment_t_value_plausible"): (
        "update estimates.estimate set statistic = 90 where column_id = 'column_3' and term = 'did'"
    ),
}


def healthy(path: str = ":memory:", last_release: bool = True) -> duckdb.DuckDBPyConnection:
    """A warehouse in which every rule holds, with a last release attached or not."""
    connection = duckdb.connect(path)
    connection.execute(HEALTHY)
    if last_release:
        connection.execute(LAST_RELEASE)
    return connection
