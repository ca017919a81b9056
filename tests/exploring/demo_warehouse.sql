-- A warehouse of three cities and three years: one city has names that would run as markup, script or formula.
create schema marts;
create schema seed;
create schema estimates;

create table marts.dataset_version as
select '2022-demo' as vintage, 'feed' as fingerprint, 'c0de' as code_version, 'simulated' as data_kind,
    2::bigint as files_loaded, 0::bigint as files_refused, 18::bigint as cells_read;

create table marts.dim_city as
select * from (values
    ('110000', '北京市', 'Beijing', '110000', '北京市', 'east', 'east', 'municipality', 116.42, 39.93, 1995, null::integer),
    ('420100', '武汉市', 'Wuhan', '420000', '湖北省', 'central', 'central', 'prefecture_city', 114.3, 30.6, 1995, null),
    ('999900', '<img src=x onerror="window.hurt=1">市', '=HYPERLINK("x")</script><script>window.hurt=1</script>', '420000',
        '湖北省', 'central', 'central', 'prefecture_city', null, null, 1995, null),
    ('141100', '吕梁市', 'Lüliang', '140000', '山西省', 'central', 'central', 'prefecture_city', 111.1, 37.5, 1995, null)
) as city(city_code, name_zh, name_en, province_code, province_zh, region, region_four, level, longitude, latitude,
    first_year, last_year);
create table seed.province as
select * from (values ('110000', 'Beijing'), ('420000', 'Hubei')) as province(province_code, name_en);
create table seed.city_alias as
select * from (values ('420100', '汉口特别市', 'former_name'), ('110000', '北京', 'short')) as a(city_code, alias, kind);

create table marts.dim_indicator as
select * from (values
    ('gdp', '地区生产总值', 'Gross regional product', '10_000_yuan', 'economy', 'printed', 'Product at current prices', null),
    ('population_resident', '常住人口', 'Residents', '10_000_persons', 'population', 'printed', 'Residents', null),
    ('gdp_per_resident', '人均地区生产总值', 'Product per resident', 'yuan', 'economy', 'derived', 'Product per resident',
        'gdp * 10000 / (population_resident * 10000)'),
    ('gdp_per_resident_real', '实际人均地区生产总值', 'Real product per resident', 'yuan', 'economy', 'deflated', 'Of 2020', null)
) as indicator(indicator_code, name_zh, name_en, unit, dimension, kind, definition, formula);
alter table marts.dim_indicator add column price_base_year integer;
update marts.dim_indicator set price_base_year = 2020 where kind = 'deflated';

create table marts.number_lineage as
with city as (
    select city_code, row_number() over (order by city_code) as n
    from marts.dim_city
    where city_code <> '141100'
),
printed as (
    select city_code, n, year::integer as year, unnest(['gdp', 'population_resident']) as indicator_code
    from city
    cross join range(2020, 2023) as years(year)
)
select
    city_code, year, indicator_code, 'total' as scope,
    (case when indicator_code = 'gdp' then 1000.0 else 10.0 end * n + year - 2020 + 0.1)::double as value,
    case when indicator_code = 'gdp' then '10_000_yuan' else '10_000_persons' end as unit,
    case when year = 2021 and n = 2 then 'interpolated' else 'observed' end as value_kind,
    case when year = 2021 and n = 2 then null else 'cn_city_yearbook' end as source_id,
    case when year = 2021 and n = 2 then null else year + 1 end as edition,
    case when year = 2021 and n = 2 then null else '年鉴' || (year + 1) || '/<b>2-1.xlsx' end as relative_path,
    case when year = 2021 and n = 2 then null else '2-1' end as sheet_name,
    case when year = 2021 and n = 2 then null else 'C' || (10 + n) end as cell_address,
    case when year = 2021 and n = 2 then null
        else (case when indicator_code = 'gdp' then 1000.0 else 10.0 end * n + year - 2020 + 0.1)::varchar end as cell_text,
    case when year = 2021 and n = 2 then null else indicator_code || ' <i>heading</i>' end as heading_printed,
    case when year = 2021 and n = 2 then null else '万元' end as unit_printed,
    case when year = 2021 and n = 2 then null else 1.0 end as unit_factor,
    null::double as published_value, null::varchar as correction_id, null::varchar as correction_reason,
    null::varchar as correction_source,
    case when year = 2021 and n = 2 then 'linear' end as fill_method,
    case when year = 2021 and n = 2 then 2020 end as neighbour_year_before,
    case when year = 2021 and n = 2 then 2022 end as neighbour_year_after,
    null::varchar as merged_cells
from printed;
insert into marts.number_lineage by name
select g.city_code, g.year, 'gdp_per_resident' as indicator_code, 'total' as scope, g.value / p.value as value, 'yuan' as unit,
    'derived' as value_kind
from marts.number_lineage as g
inner join marts.number_lineage as p on g.city_code = p.city_code and g.year = p.year
    and p.indicator_code = 'population_resident'
where g.indicator_code = 'gdp';

insert into marts.number_lineage by name
select city_code, year, 'gdp_per_resident_real' as indicator_code, scope, value / 2 as value, 'yuan' as unit, 'derived' as value_kind
from marts.number_lineage
where indicator_code = 'gdp_per_resident';

create table marts.indicator_value as
select city_code, year, indicator_code, scope, value, unit, value_kind, false as is_corrected,
    city_code = '110000' and year = 2022 and indicator_code = 'gdp' as has_suspect_figure,
    case when city_code = '110000' and year = 2022 and indicator_code = 'gdp' then 'outside_range' end as check_flags,
    null::varchar as suspect_figures
from marts.number_lineage;

create table seed.derived_term as
select 'gdp_per_resident' as indicator_code, unnest(['numerator', 'denominator']) as position,
    unnest(['gdp', 'population_resident']) as input_indicator_code, 'total' as input_scope, 10000.0::double as coefficient;
create table seed.relative_indicator as select 'none' as indicator_code, 'gdp' as base_indicator_code;
create table seed.deflated_indicator as
select 'gdp_per_resident_real' as indicator_code, 'gdp_per_resident' as nominal_indicator_code;
create schema intermediate;
create table intermediate.int_city_year__deflator as
select city_code, year, case when year > 2020 then 'gdp_growth_rate' end as method
from marts.number_lineage
where indicator_code = 'gdp';

create table marts.index_score as
select 'nqpf' as index_id, city_code, year, value / 10000 as score,
    rank() over (partition by year order by value desc)::integer as rank, false as is_imputed, false as has_suspect_figure
from marts.indicator_value
where indicator_code = 'gdp';
create table marts.index_dimension_score as
select 'nqpf' as index_id, unnest(['laborers', 'means_of_labor']) as dimension, city_code, year,
    unnest([score / 4, score * 3 / 4]) as score, false as has_suspect_figure
from marts.index_score;
create table seed.index_definition as
select 'nqpf' as index_id, null::varchar as components_of, 'New quality productive forces' as name_en, '新质生产力' as name_zh,
    true as has_obstacles, 'as published' as note;
create table seed.index_component as
select * from (values ('nqpf', 'gdp', 'total', 'laborers', '+'), ('nqpf', 'population_resident', 'total', 'means_of_labor', '+'))
    as c(index_id, indicator_code, scope, dimension, direction);
create table marts.obstacle_degree as
select 'nqpf' as index_id, city_code, year, unnest(['gdp', 'population_resident']) as indicator_code,
    unnest(['laborers', 'means_of_labor']) as dimension, unnest([0.75, 0.25]) as obstacle_degree, unnest([1, 2]) as obstacle_rank
from marts.index_score;
create table seed.efficiency_model as select 'm' as model_id, 'Efficiency' as name_en, '效率' as name_zh;
create table seed.efficiency_variant as select 'm' as model_id, 'bcc' as variant, 'radial' as method, 'variable returns' as note;
create table marts.efficiency_score as
select 'm' as model_id, 'bcc' as variant, city_code, year, 0.5 as score, 1 as rank, 'ok' as status, true as is_imputed,
    false as has_suspect_figure
from marts.index_score;

create table seed.comparison_subject as select 'nqpf' as subject_id, 'index' as kind, 'nqpf' as code, null::varchar as scope;
create table marts.city_benchmark as
select 'nqpf' as subject_id, city_code, year, score as value, 'score' as unit, 'central, medium' as peer_group,
    3::bigint as group_cities, rank::bigint as group_rank, 0.2 as group_median, rank::bigint as national_rank, 3::bigint as national_cities
from marts.index_score;
create table marts.benchmark_neighbour as
select 'nqpf' as subject_id, city_code, year, 1 as position, '999900' as better_city_code, 0.3 as better_value
from marts.index_score
where city_code <> '999900';

create table seed.policy as select 'smart_city' as policy_id, 'Smart-city pilots' as name_en, '智慧城市试点' as name_zh;
create table marts.policy_city as
select 'smart_city' as policy_id, city_code, city_code = '420100' as is_listed_whole, false as is_listed_in_part,
    false as is_possibly_missing
from marts.dim_city;
create table marts.policy_exposure as
select 'smart_city' as policy_id, 'whole' as coverage, 'pilot_year' as timing, city_code, year,
    case when city_code = '420100' then 2021 end as first_treated_year
from marts.index_score;
create table estimates.city_regime as
select vintage, 'smart_city_nqpf' as study, 'industry' as design, 1::bigint as n_thresholds, city_code, year::bigint as year,
    score as threshold_value, case when score > 0.2 then 2 else 1 end::bigint as regime
from marts.index_score
cross join (select unnest(['2022-demo', '2021-before']) as vintage) as vintages;
create table marts.city_event_decision as
select 'e1' as event_id, 2011 as year, 'rename' as kind, '420100' as from_code, '旧名' as from_name, '420100' as to_code, '武汉市' as to_name,
    'same_city' as decision, 'renamed' as reason, 'gazette' as source;
