-- One row per figure that was read well and has no place, or that another figure or other sources contradict.
select
    observation.file_key,
    observation.sheet_index,
    observation.row_number,
    observation.column_number,
    observation.cell_id,
    sheet.relative_path,
    sheet.sheet_name,
    observation.source_id,
    observation.edition,
    observation.city_name_printed,
    observation.city_code_printed,
    observation.statistic_year,
    observation.heading_printed,
    observation.indicator_code,
    observation.scope,
    observation.unit_printed,
    observation.value_text,
    coalesce(place.reason, contradicted.reason, 'outvoted') as reason
from {{ ref('stg_yearbook__observation') }} as observation
inner join {{ ref('int_place__row') }} as place
    on
        observation.file_key = place.file_key
        and observation.sheet_index = place.sheet_index
        and observation.row_number = place.row_number
        and observation.statistic_year = place.statistic_year
inner join {{ ref('stg_yearbook__sheet') }} as sheet
    on observation.file_key = sheet.file_key and observation.sheet_index = sheet.sheet_index
left join {{ ref('int_city_year__contradicted') }} as contradicted
    on
        observation.file_key = contradicted.file_key
        and observation.sheet_index = contradicted.sheet_index
        and observation.row_number = contradicted.row_number
        and observation.column_number = contradicted.column_number
left join {{ ref('int_city_year__vote') }} as vote
    on observation.cell_id = vote.first_cell_id and vote.is_outvoted and vote.decision = 'leave_out'
where place.reason is not null or contradicted.reason is not null or vote.first_cell_id is not null
