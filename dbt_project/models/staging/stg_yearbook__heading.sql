-- One row per column of a block: the heading path as printed and what the mapping seed makes of it.
with header_cells as (
    select
        block.file_key,
        block.sheet_index,
        block.block_row,
        block.heading_end_row,
        cell.row_number,
        cell.text,
        cell.kind,
        unnest(generate_series(cell.column_number, cell.column_number + cell.column_span - 1)) as column_number
    from {{ ref('stg_yearbook__block') }} as block
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            block.file_key = cell.file_key
            and block.sheet_index = cell.sheet_index
            and cell.row_number between block.block_row and block.heading_end_row
),

block_columns as (
    select
        block.file_key,
        block.sheet_index,
        block.block_row,
        block.heading_end_row,
        unnest(generate_series(1, max(cell.column_number + cell.column_span - 1))) as column_number
    from {{ ref('stg_yearbook__block') }} as block
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            block.file_key = cell.file_key
            and block.sheet_index = cell.sheet_index
            and cell.row_number between block.block_row and block.end_row
    group by block.file_key, block.sheet_index, block.block_row, block.heading_end_row
),

grid as (
    select
        block_columns.file_key,
        block_columns.sheet_index,
        block_columns.block_row,
        block_columns.heading_end_row,
        block_columns.column_number,
        unnest(generate_series(block_columns.block_row, block_columns.heading_end_row)) as row_number
    from block_columns
),

-- An upper heading that was not merged stands over the columns to its right as well.
filled as (
    select
        grid.file_key,
        grid.sheet_index,
        grid.block_row,
        grid.column_number,
        grid.row_number,
        case
            when grid.row_number < grid.heading_end_row
                then last_value(header_cells.text ignore nulls) over (
                    partition by grid.file_key, grid.sheet_index, grid.block_row, grid.row_number
                    order by grid.column_number
                )
            else header_cells.text
        end as text
    from grid
    left join header_cells
        on
            grid.file_key = header_cells.file_key
            and grid.sheet_index = header_cells.sheet_index
            and grid.block_row = header_cells.block_row
            and grid.row_number = header_cells.row_number
            and grid.column_number = header_cells.column_number
),

parts as (
    select
        file_key,
        sheet_index,
        block_row,
        column_number,
        row_number,
        text,
        {{ text_key(heading_words('text')) }} as part_key
    from filled
    where text is not null
),

-- A part is a scope label, or words with or without a unit in brackets at their end.
read_parts as (
    select
        parts.file_key,
        parts.sheet_index,
        parts.block_row,
        parts.column_number,
        parts.row_number,
        parts.text,
        scope_label.scope,
        unit.unit_key,
        case
            when scope_label.scope is not null then null
            when unit.unit_key is not null then regexp_replace(parts.part_key, '\([^()]*\)$', '')
            else parts.part_key
        end as words
    from parts
    left join {{ ref('scope_label') }} as scope_label on parts.part_key = scope_label.label_key
    left join {{ ref('unit') }} as unit
        on {{ first_match('parts.part_key', '\\(([^()]*)\\)$') }} = unit.unit_key
),

paths as (
    select
        file_key,
        sheet_index,
        block_row,
        column_number,
        string_agg(text, ' / ' order by row_number) as heading_printed,
        coalesce(string_agg(words, '/' order by row_number) filter (where words <> ''), '') as heading_key,
        max(scope) as printed_scope,
        max(unit_key) as printed_unit
    from read_parts
    group by file_key, sheet_index, block_row, column_number
),

resolved as (
    select
        paths.file_key,
        paths.sheet_index,
        paths.block_row,
        paths.column_number,
        paths.heading_printed,
        paths.heading_key,
        paths.printed_scope,
        paths.printed_unit,
        sheet.source_id,
        sheet.edition,
        sheet.sheet_indicator_code,
        sheet.sheet_unit,
        heading.role,
        heading.indicator_code,
        heading.scope as mapped_scope,
        heading.unit as mapped_unit,
        heading.note,
        row_number() over (
            partition by paths.file_key, paths.sheet_index, paths.block_row, paths.column_number
            order by (heading.source_id = '*')::integer, heading.edition_from desc nulls last
        ) as match_rank
    from paths
    inner join {{ ref('stg_yearbook__sheet') }} as sheet
        on paths.file_key = sheet.file_key and paths.sheet_index = sheet.sheet_index
    left join {{ ref('heading') }} as heading
        on
            paths.heading_key = heading.heading_key
            and heading.source_id in (sheet.source_id, '*')
            and coalesce(sheet.edition, 9999) >= coalesce(heading.edition_from, 0)
            and coalesce(sheet.edition, 0) <= coalesce(heading.edition_to, 9999)
)

select
    file_key,
    sheet_index,
    block_row,
    column_number,
    heading_printed,
    heading_key,
    -- A heading that is a year makes a column of the sheet's one indicator.
    case
        when role is not null then role
        when sheet_indicator_code is not null and {{ matches('heading_key', "'^(19|20)[0-9]{2}年?$'") }} then 'value'
        else 'unknown'
    end as role,
    case
        when role = 'value' then indicator_code
        when role is null and {{ matches('heading_key', "'^(19|20)[0-9]{2}年?$'") }} then sheet_indicator_code
    end as indicator_code,
    case
        when role is null and {{ matches('heading_key', "'^(19|20)[0-9]{2}年?$'") }}
            then try_cast(substr(heading_key, 1, 4) as integer)
    end as heading_year,
    coalesce(mapped_scope, printed_scope, 'total') as scope,
    -- The mapping gives a unit only where the page prints none, or a wrong one.
    coalesce(mapped_unit, printed_unit, sheet_unit) as unit_printed,
    note
from resolved
where match_rank = 1
