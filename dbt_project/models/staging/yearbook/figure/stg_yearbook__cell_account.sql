{{ config(pre_hook="{{ use_threads(2) }}", post_hook="{{ use_threads(1) }}") }}
-- One row per file, sheet and kind of cell: every cell that was read is counted once.
with first_block as (
    select
        file_key,
        sheet_index,
        min(block_row) as first_row
    from {{ ref('stg_yearbook__block') }}
    group by file_key, sheet_index
),

-- Cells that should hold a figure are classed already.
figures as (
    select
        file_key,
        sheet_index,
        case
            when is_missing_mark then 'missing_mark'
            when quarantine_reason is not null then 'quarantined'
            else 'value'
        end as cell_class,
        count(*) as cells
    from {{ ref('stg_yearbook__value_cell') }}
    group by all
),

contradicted as (
    select
        file_key,
        sheet_index,
        count(*) as cells
    from {{ ref('stg_yearbook__contradicted_cell') }}
    group by file_key, sheet_index
),

-- Figures beside no city are counted as figures when they are numbers, and as notes when they are not.
beside_no_city as (
    select
        file_key,
        sheet_index,
        row_number,
        column_number
    from {{ ref('stg_yearbook__value_cell') }}
    where not is_data
),

other_cells as (
    select
        cell.file_key,
        cell.sheet_index,
        case
            when first_block.first_row is null then 'no_table'
            when cell.row_number < first_block.first_row then 'title'
            when cell.row_number <= block.heading_end_row then 'heading'
            when heading.role = 'ignore' then 'declared_unused'
            when page_row.is_data or page_row.names_province or page_row.row_year is not null then 'key'
            else 'label_or_note'
        end as cell_class
    from {{ ref('stg_yearbook__cell') }} as cell
    left join first_block
        on cell.file_key = first_block.file_key and cell.sheet_index = first_block.sheet_index
    left join {{ ref('stg_yearbook__block') }} as block
        on
            cell.file_key = block.file_key
            and cell.sheet_index = block.sheet_index
            and cell.row_number between block.block_row and block.end_row
    left join {{ ref('stg_yearbook__row') }} as page_row
        on
            cell.file_key = page_row.file_key
            and cell.sheet_index = page_row.sheet_index
            and cell.row_number = page_row.row_number
    left join {{ ref('stg_yearbook__heading') }} as heading
        on
            cell.file_key = heading.file_key
            and cell.sheet_index = heading.sheet_index
            and block.block_row = heading.block_row
            and cell.column_number = heading.column_number
    left join beside_no_city
        on
            cell.file_key = beside_no_city.file_key
            and cell.sheet_index = beside_no_city.sheet_index
            and cell.row_number = beside_no_city.row_number
            and cell.column_number = beside_no_city.column_number
    where
        not coalesce(page_row.is_data and heading.role in ('value', 'unknown', 'figure'), false)
        and beside_no_city.file_key is null
),

counted as (
    select
        file_key,
        sheet_index,
        cell_class,
        cells
    from figures
    union all
    select
        file_key,
        sheet_index,
        'value' as cell_class,
        -cells as cells
    from contradicted
    union all
    select
        file_key,
        sheet_index,
        'quarantined' as cell_class,
        cells
    from contradicted
    union all
    select
        file_key,
        sheet_index,
        cell_class,
        count(*) as cells
    from other_cells
    group by file_key, sheet_index, cell_class
    union all
    select
        file_key,
        sheet_index,
        'sheet_declared_unused' as cell_class,
        cells
    from {{ ref('stg_yearbook__sheet') }}
    where decision = 'ignore'
)

select
    file_key,
    sheet_index,
    cell_class,
    sum(cells)::bigint as cells
from counted
group by file_key, sheet_index, cell_class
having sum(cells) <> 0
