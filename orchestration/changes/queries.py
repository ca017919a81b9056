"""What is asked of two releases: the newer one open, the older one beside it as `last_release`.

Belongs here: the queries, by the name of their frame, each in a stated order. Does not belong here: asking
them (`compare`). `$before` and `$after` are vintages, `$kinds` kinds of figures that stand in a cell.
"""

from __future__ import annotations

from collections.abc import Mapping

SAME = 1e-9
"""Relative difference up to which two computed numbers are one: the last digits of sums are no revision."""

FILES = """
select
    coalesce(new.relative_path, old.relative_path) as relative_path,
    case
        when old.relative_path is null then 'new'
        when new.relative_path is null then 'gone'
        when new.status <> old.status then new.status
        else 'changed'
    end as change,
    old.sha256 as sha256_before,
    new.sha256 as sha256_after,
    new.reason
from raw.yearbook_file as new
full outer join last_release.raw.yearbook_file as old using (relative_path)
where new.sha256 is distinct from old.sha256 or new.status is distinct from old.status
order by relative_path
"""

_BOTH_FIGURES = f"""
select
    coalesce(new.indicator_code, old.indicator_code) as indicator_code,
    coalesce(new.scope, old.scope) as scope,
    coalesce(new.city_code, old.city_code) as city_code,
    coalesce(new.year, old.year) as year,
    old.value as value_before,
    new.value as value_after,
    coalesce(new.unit, old.unit) as unit,
    old.value_kind as kind_before,
    new.value_kind as kind_after,
    old.cell_id as cell_before,
    new.cell_id as cell_after,
    case
        when old.city_code is null then 'new'
        when new.city_code is null then 'gone'
        when old.unit is distinct from new.unit then 'other unit'
        when abs(new.value - old.value) > {SAME} * greatest(abs(new.value), abs(old.value)) then 'revised'
        when old.value_kind <> new.value_kind then 'other kind'
    end as change
from marts.indicator_value as new
full outer join last_release.marts.indicator_value as old using (city_code, year, indicator_code, scope)
"""

FIGURES = f"""
select
    change,
    coalesce(kind_after, kind_before) as value_kind,
    indicator_code,
    count(*) as figures,
    count(distinct city_code) as cities,
    min(year) as first_year,
    max(year) as last_year
from ({_BOTH_FIGURES})
where change is not null
group by all
order by change, value_kind, figures desc, indicator_code
"""

PRINTED = ("observed", "corrected")
"""Kinds of figures that stand in a cell; others move because these do."""

_CELL = """
left join {catalog}raw.yearbook_file as {side}_file
    on split_part(revised.cell_{side}, '!', 1) = {side}_file.file_key
left join (
    select file_key, sheet_index, min(sheet_name) as sheet_name
    from {catalog}raw.yearbook_cell
    group by all
) as {side}_sheet
    on
        {side}_file.file_key = {side}_sheet.file_key
        and split_part(revised.cell_{side}, '!', 2) = {side}_sheet.sheet_index::varchar
"""

REVISED = f"""
with revised as (
    select *, abs(value_after / nullif(value_before, 0) - 1) as relative
    from ({_BOTH_FIGURES})
    where
        change in ('revised', 'other unit')
        and (list_contains($kinds, kind_before) or list_contains($kinds, kind_after))
)

select
    revised.indicator_code,
    revised.scope,
    revised.city_code,
    city.name_zh as city_name,
    revised.year,
    revised.unit,
    revised.value_before,
    revised.value_after,
    revised.kind_before,
    revised.kind_after,
    before_file.relative_path as file_before,
    before_sheet.sheet_name as sheet_before,
    split_part(revised.cell_before, '!', 3) as cell_before,
    after_file.relative_path as file_after,
    after_sheet.sheet_name as sheet_after,
    split_part(revised.cell_after, '!', 3) as cell_after
from revised
left join marts.dim_city as city using (city_code)
{_CELL.format(catalog="last_release.", side="before")}
{_CELL.format(catalog="", side="after")}
order by revised.relative desc nulls last, indicator_code, city_code, year, scope
"""

CITIES = """
with new as (
    select city_code, min(city_name) as city_name, min(year) as first_year, max(year) as last_year
    from marts.city_year
    group by all
),

old as (
    select city_code, min(city_name) as city_name, min(year) as first_year, max(year) as last_year
    from last_release.marts.city_year
    group by all
)

select
    city_code,
    coalesce(new.city_name, old.city_name) as city_name,
    case
        when old.city_code is null then 'new'
        when new.city_code is null then 'gone'
        when old.city_name <> new.city_name then 'other name'
        else 'other years'
    end as change,
    old.first_year as first_year_before,
    old.last_year as last_year_before,
    new.first_year as first_year_after,
    new.last_year as last_year_after
from new
full outer join old using (city_code)
where
    old.city_code is null
    or new.city_code is null
    or old.city_name <> new.city_name
    or old.first_year <> new.first_year
    or old.last_year < new.last_year - 1
    or old.last_year > new.last_year
order by change, city_code
"""

CLASSES = """
select
    'city_size_class' as class,
    city_code,
    new.city_name,
    year,
    old.city_size_class as class_before,
    new.city_size_class as class_after
from marts.city_year as new
inner join last_release.marts.city_year as old using (city_code, year)
where new.city_size_class is distinct from old.city_size_class
order by city_code, year
"""

REGIMES = """
select
    new.study,
    new.design,
    new.n_thresholds,
    new.city_code,
    new.year,
    old.regime as regime_before,
    new.regime as regime_after
from estimates.city_regime as new
inner join last_release.estimates.city_regime as old using (study, design, n_thresholds, city_code, year)
where
    new.vintage = $after
    and old.vintage = $before
    and new.regime is distinct from old.regime
order by all
"""

SCORES = f"""
select
    index_id,
    count(*) as city_years,
    count(*) filter (where abs(new.score - old.score) > {SAME} * greatest(abs(new.score), abs(old.score)))
        as other_score,
    count(*) filter (where new.rank <> old.rank) as other_rank,
    max(abs(new.score - old.score)) as largest_change,
    max(abs(new.rank - old.rank)) as largest_rank_change
from marts.index_score as new
inner join last_release.marts.index_score as old using (index_id, city_code, year)
group by all
order by index_id
"""

MOVERS = """
select index_id, city_code, city.name_zh as city_name, year, old.score as score_before, new.score as score_after,
    old.rank as rank_before, new.rank as rank_after
from marts.index_score as new
inner join last_release.marts.index_score as old using (index_id, city_code, year)
inner join marts.dim_city as city using (city_code)
where new.rank <> old.rank
qualify row_number() over (
    partition by index_id order by abs(new.rank - old.rank) desc, year desc, city_code
) <= 5
order by index_id, abs(new.rank - old.rank) desc, year desc, city_code
"""

QUARANTINE = """
with new as (
    select reason, count(*) as figures
    from marts.quarantine
    group by all
),

old as (
    select reason, count(*) as figures
    from last_release.marts.quarantine
    group by all
)

select reason, coalesce(old.figures, 0) as figures_before, coalesce(new.figures, 0) as figures_after
from new
full outer join old using (reason)
order by reason
"""

ESTIMATES = """
with new as (
    select told.*, answer.estimate, answer.std_error, answer.stars, fit.status, fit.n_obs, study.treatment as term
    from estimates.study_column as told
    inner join estimates.study_status as study using (vintage, study)
    left join estimates.model_fit as fit using (vintage, study, method, design, column_id)
    left join estimates.estimate as answer
        on
            told.vintage = answer.vintage
            and told.study = answer.study
            and told.method = answer.method
            and told.design = answer.design
            and told.column_id = answer.column_id
            and study.treatment = answer.term
            and answer.at_point is null
    where told.vintage = $after
),

old as (
    select told.*, answer.estimate, answer.std_error, answer.stars, fit.status, fit.n_obs, study.treatment as term
    from last_release.estimates.study_column as told
    inner join last_release.estimates.study_status as study using (vintage, study)
    left join last_release.estimates.model_fit as fit using (vintage, study, method, design, column_id)
    left join last_release.estimates.estimate as answer
        on
            told.vintage = answer.vintage
            and told.study = answer.study
            and told.method = answer.method
            and told.design = answer.design
            and told.column_id = answer.column_id
            and study.treatment = answer.term
            and answer.at_point is null
    where told.vintage = $before
)

select
    study,
    method,
    design,
    column_id,
    coalesce(new.column_label, old.column_label) as column_label,
    coalesce(new.is_headline, old.is_headline) as is_headline,
    coalesce(new.term, old.term) as term,
    old.estimate as estimate_before,
    old.std_error as std_error_before,
    old.stars as stars_before,
    old.n_obs as n_before,
    coalesce(old.status, 'not there') as status_before,
    new.estimate as estimate_after,
    new.std_error as std_error_after,
    new.stars as stars_after,
    new.n_obs as n_after,
    coalesce(new.status, 'not there') as status_after
from new
full outer join old using (study, method, design, column_id)
order by study, coalesce(new.position, old.position), method, design, column_id
"""

QUERIES: Mapping[str, str] = {
    "files": FILES,
    "figures": FIGURES,
    "revised": REVISED,
    "cities": CITIES,
    "classes": CLASSES,
    "regimes": REGIMES,
    "scores": SCORES,
    "movers": MOVERS,
    "quarantine": QUARANTINE,
    "estimates": ESTIMATES,
}

__all__ = ["PRINTED", "QUERIES", "SAME"]
