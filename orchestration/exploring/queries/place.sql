create or replace temp table explorer_place as
with place as (
    select distinct
        relative_path,
        sheet_name,
        heading_printed,
        unit_printed,
        unit_factor,
        source_id,
        edition
    from marts.number_lineage
    where relative_path is not null
)

select
    *,
    row_number() over (
        order by relative_path, sheet_name, heading_printed, unit_printed, unit_factor, source_id, edition
    ) - 1 as place_no
from place
