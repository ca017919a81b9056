-- One row per file, sheet and kind of cell: every cell that was read is counted once.
with first_block as (
    select
        file_key,
        sheet_index,
        min(block_row) as first_row
    from {{ ref('stg_yearbook__block') }}
    group by file_key, sheet_index
),

classed as (
    select
        cell.file_key,
        cell.sheet_index,
        case
            when first_block.first_row is null then 'no_table'
            when cell.row_number < first_block.first_row then 'title'
            when cell.row_number <= block.heading_end_row then 'heading'
            when value_cell.is_missing_mark then 'missing_mark'
            when value_cell.quarantine_reason is not null then 'quarantined'
            when value_cell.cell_id is not null then 'value'
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
    left join {{ ref('stg_yearbook__value_cell') }} as value_cell
        on
            cell.file_key = value_cell.file_key
            and cell.sheet_index = value_cell.sheet_index
            and cell.row_number = value_cell.row_number
            and cell.column_number = value_cell.column_number
)

select
    file_key,
    sheet_index,
    cell_class,
    count(*) as cells
from classed
group by file_key, sheet_index, cell_class
union all
select
    file_key,
    sheet_index,
    'sheet_declared_unused' as cell_class,
    cells
from {{ ref('stg_yearbook__sheet') }}
where decision = 'ignore'
