-- One row per block and text of an indicator column: long pages that name the indicator in each row.
with printed as (
    select distinct
        page_row.file_key,
        page_row.sheet_index,
        page_row.block_row,
        page_row.indicator_printed
    from {{ ref('stg_yearbook__row') }} as page_row
    where page_row.indicator_printed is not null
),

texts as (
    select distinct indicator_printed as text from printed
),

ends as (
    {{ end_units('texts') }}
),

worded as (
    select
        printed.*,
        end_unit.unit_key as end_unit,
        coalesce(end_unit.words_key, {{ heading_key('printed.indicator_printed') }}) as part_key
    from printed
    left join ends as end_unit on printed.indicator_printed = end_unit.text
),

measured as (
    select
        worded.*,
        coalesce(unit.unit_key, worded.end_unit) as unit_key,
        case
            when unit.unit_key is not null then {{ without_match('worded.part_key', '\\([^()]*\\)$') }}
            else worded.part_key
        end as heading_key
    from worded
    left join {{ ref('unit') }} as unit
        on {{ first_match('worded.part_key', '\\(([^()]*)\\)$') }} = unit.unit_key
),

ranked as (
    select
        measured.file_key,
        measured.sheet_index,
        measured.block_row,
        measured.indicator_printed,
        measured.heading_key,
        measured.unit_key,
        heading.indicator_code,
        heading.scope,
        heading.unit,
        row_number() over (
            partition by measured.file_key, measured.sheet_index, measured.block_row, measured.indicator_printed
            order by {{ mapping_rank() }}
        ) as match_rank
    from measured
    inner join {{ ref('stg_yearbook__sheet') }} as sheet
        on measured.file_key = sheet.file_key and measured.sheet_index = sheet.sheet_index
    inner join {{ ref('stg_yearbook__block') }} as block
        on
            measured.file_key = block.file_key
            and measured.sheet_index = block.sheet_index
            and measured.block_row = block.block_row
    left join {{ ref('heading') }} as heading
        on
            measured.heading_key = heading.heading_key
            and heading.role = 'value'
            and {{ mapping_fits() }}
),

answers_of as (
    select distinct heading_key as text
    from ranked
    where match_rank = 1 and indicator_code is not null
),

answers as (
    {{ answered_measures('answers_of') }}
),

-- The first measure that the page names and the row doesn't.
other_measures as (
    select
        ranked.file_key,
        ranked.sheet_index,
        ranked.block_row,
        ranked.indicator_printed,
        min(block_measure.measure) as other_measure
    from ranked
    inner join {{ ref('stg_yearbook__block_measure') }} as block_measure
        on
            ranked.file_key = block_measure.file_key
            and ranked.sheet_index = block_measure.sheet_index
            and ranked.block_row = block_measure.block_row
    inner join {{ ref('measure') }} as measure on block_measure.measure = measure.measure and not measure.is_computed
    inner join {{ ref('indicator') }} as indicator on ranked.indicator_code = indicator.indicator_code
    inner join {{ ref('unit') }} as indicator_unit on indicator.unit = indicator_unit.unit_key
    left join answers on ranked.heading_key = answers.text
    where
        ranked.match_rank = 1
        and coalesce(measure.dimension, indicator_unit.dimension) = indicator_unit.dimension
        and not contains(coalesce(answers.answered, ''), '|' || block_measure.measure || '|')
    group by ranked.file_key, ranked.sheet_index, ranked.block_row, ranked.indicator_printed
),

-- A heading of figures that prints its unit says more than a line that lists several.
measured_blocks as (
    select distinct
        file_key,
        sheet_index,
        block_row
    from {{ ref('stg_yearbook__heading') }}
    where role = 'figure' and unit_printed is not null
)

select
    ranked.file_key,
    ranked.sheet_index,
    ranked.block_row,
    ranked.indicator_printed,
    ranked.heading_key,
    ranked.indicator_code,
    ranked.scope,
    coalesce(
        ranked.unit,
        ranked.unit_key,
        case when measured_blocks.block_row is null then listed_units.unit_key end
    ) as unit_printed,
    answers.answered,
    other_measures.other_measure
from ranked
left join {{ ref('indicator') }} as indicator on ranked.indicator_code = indicator.indicator_code
left join {{ ref('unit') }} as indicator_unit on indicator.unit = indicator_unit.unit_key
left join {{ ref('stg_yearbook__listed_unit') }} as listed_units
    on
        ranked.file_key = listed_units.file_key
        and ranked.sheet_index = listed_units.sheet_index
        and ranked.block_row = listed_units.block_row
        and indicator_unit.dimension = listed_units.dimension
left join measured_blocks
    on
        ranked.file_key = measured_blocks.file_key
        and ranked.sheet_index = measured_blocks.sheet_index
        and ranked.block_row = measured_blocks.block_row
left join answers on ranked.heading_key = answers.text
left join other_measures
    on
        ranked.file_key = other_measures.file_key
        and ranked.sheet_index = other_measures.sheet_index
        and ranked.block_row = other_measures.block_row
        and ranked.indicator_printed = other_measures.indicator_printed
where ranked.match_rank = 1
