-- One row per block and dimension that its unit line lists (万人、亿元、%): the unit, or null if there are several.
-- A line that is one unit as it stands (千册、件) is no list. Blanks separate units where nothing else makes known
-- units of the line: 万元 万人, but not 万 元、亿 元.
{%- set between = '[、,;；和及]' %}
with line as (
    select
        file_key,
        sheet_index,
        block_row,
        unit_line,
        1 as reading,
        unit_line as words
    from {{ ref('stg_yearbook__block') }}
    union all
    select
        file_key,
        sheet_index,
        block_row,
        unit_line,
        2 as reading,
        unit_list as words
    from {{ ref('stg_yearbook__block') }}
),

part as (
    select
        line.file_key,
        line.sheet_index,
        line.block_row,
        line.reading,
        {{ unnest_split('line.words', between) }} as words
    from line
    left join {{ ref('unit') }} as whole on line.unit_line = whole.unit_key
    where
        whole.unit_key is null
        and {{ matches('line.words', "'" ~ between ~ "'") }}
),

known as (
    select
        part.*,
        unit.unit_key,
        unit.unit_code,
        unit.dimension,
        bool_and(unit.unit_key is not null) over (
            partition by part.file_key, part.sheet_index, part.block_row, part.reading
        ) as are_all_known
    from part
    left join {{ ref('unit') }} as unit
        on {{ without_match('part.words', '\\(.*$|\\)$') }} = unit.unit_key
),

listed as (
    select
        *,
        min(reading) over (partition by file_key, sheet_index, block_row) as first_reading
    from known
    where are_all_known
)

select
    file_key,
    sheet_index,
    block_row,
    dimension,
    case when count(distinct unit_code) = 1 then min(unit_key) end as unit_key
from listed
where reading = first_reading
group by file_key, sheet_index, block_row, dimension
