with picked as (
    select
        value.*,
        row_number() over (
            partition by value.indicator_code order by value.year desc, value.city_code asc
        ) as position
    from marts.indicator_value as value
    where value.value_kind = 'observed'
)

select
    city.name_zh as city_name,
    picked.year,
    picked.indicator_code,
    picked.scope,
    picked.value,
    picked.unit,
    file.relative_path as file_name,
    cell.sheet_name as sheet,
    split_part(picked.cell_id, '!', 3) as cell,
    observation.value_text as text,
    file.sha256
from picked
inner join marts.dim_city as city on picked.city_code = city.city_code
inner join staging.stg_yearbook__observation as observation on picked.cell_id = observation.cell_id
inner join raw.yearbook_file as file
    on observation.file_key = file.file_key and file.status = 'loaded'
inner join staging.stg_yearbook__sheet as cell
    on observation.file_key = cell.file_key and observation.sheet_index = cell.sheet_index
where picked.position = 1
order by picked.indicator_code, picked.scope
limit 12
