-- One row per sheet of a loaded file: which source it is, and its edition. Of all that say an edition the part of the
-- first rank counts (seed page_part); parts of one rank that contradict each other leave none.
with said as (
    select
        file_key,
        sheet_index,
        'declaration' as part,
        0 as part_order,
        declared_edition as edition
    from {{ ref('stg_yearbook__sheet_source') }}
    where declared_edition is not null
    union all
    select
        file_key,
        sheet_index,
        'rule' as part,
        0 as part_order,
        rule_edition as edition
    from {{ ref('stg_yearbook__sheet_source') }}
    where rule_edition is not null
    union all
    select
        file_key,
        sheet_index,
        part,
        part_order,
        year as edition
    from {{ ref('stg_yearbook__page_year') }}
    where kind = 'edition'
),

ranked as (
    select
        said.*,
        page_part.edition_rank,
        min(page_part.edition_rank) over (partition by said.file_key, said.sheet_index) as first_rank,
        min(said.part_order) over (partition by said.file_key, said.sheet_index, said.part) as nearest
    from said
    inner join {{ ref('page_part') }} as page_part
        on said.part = page_part.part and page_part.edition_rank is not null
),

editions as (
    select
        file_key,
        sheet_index,
        min(edition) as edition,
        max(edition) as last_edition
    from ranked
    where
        edition_rank = first_rank
        -- Of folders within each other the innermost counts.
        and (part <> 'folder' or part_order = nearest)
    group by file_key, sheet_index
)

select
    sheet.file_key,
    sheet.sheet_index,
    sheet.sheet_name,
    sheet.relative_path,
    sheet.source_id,
    sheet.vocabulary,
    sheet.decision,
    sheet.reason,
    sheet.publisher,
    sheet.priority,
    sheet.indicator_code as sheet_indicator_code,
    sheet.unit as sheet_unit,
    case when editions.edition = editions.last_edition then editions.edition end as edition,
    coalesce(editions.edition <> editions.last_edition, false) as has_two_editions,
    sheet.declared_statistic_year,
    sheet.default_scope,
    sheet.year_lag,
    -- Whether its names and levels are those of the year, not of today.
    coalesce(sheet.names_as_of = 'year', false) as has_names_of_year,
    sheet.cells
from {{ ref('stg_yearbook__sheet_source') }} as sheet
left join editions
    on sheet.file_key = editions.file_key and sheet.sheet_index = editions.sheet_index
