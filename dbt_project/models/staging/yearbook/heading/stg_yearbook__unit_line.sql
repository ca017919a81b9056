-- One row per block with a unit line: the unit that it says for all columns. A list of units is none of them by itself.
select
    block.file_key,
    block.sheet_index,
    block.block_row,
    coalesce(
        min_by(unit.unit_key, -length(unit.unit_key)),
        case when min(listed.block_row) is null then min(block.unit_line) end
    ) as unit_key
from {{ ref('stg_yearbook__block') }} as block
left join {{ ref('unit') }} as unit
    on
        block.unit_line = unit.unit_key
        or {{ without_match('block.unit_line', '\\)$') }} = unit.unit_key
        or {{ without_match('block.unit_line', '\\(.*$') }} = unit.unit_key
left join {{ ref('stg_yearbook__listed_unit') }} as listed
    on
        block.file_key = listed.file_key
        and block.sheet_index = listed.sheet_index
        and block.block_row = listed.block_row
where block.unit_line is not null
group by block.file_key, block.sheet_index, block.block_row
