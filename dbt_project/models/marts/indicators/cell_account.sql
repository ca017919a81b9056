-- One row per file, sheet and kind of cell: all cells that were read, each counted once.
with staged as (
    select * from {{ ref('stg_yearbook__cell_account') }}
),

-- Figures that staging could read and for which no city was found move over here.
unplaced as (
    select
        file_key,
        sheet_index,
        case when reason = 'aggregate' then 'aggregate' else 'quarantined' end as cell_class,
        count(*) as cells
    from {{ ref('int_city_year__quarantine') }}
    group by all
),

moved as (
    select
        file_key,
        sheet_index,
        cell_class,
        cells
    from staged
    union all
    select
        file_key,
        sheet_index,
        cell_class,
        cells
    from unplaced
    union all
    select
        file_key,
        sheet_index,
        'value' as cell_class,
        -cells as cells
    from unplaced
)

select
    moved.file_key,
    sheet.relative_path,
    moved.sheet_index::integer as sheet_index,
    sheet.sheet_name,
    sheet.source_id,
    moved.cell_class,
    sum(moved.cells)::bigint as cells
from moved
inner join {{ ref('stg_yearbook__sheet') }} as sheet
    on moved.file_key = sheet.file_key and moved.sheet_index = sheet.sheet_index
group by all
having sum(moved.cells) <> 0
