select
    reason,
    count(*) as cells,
    arg_min(relative_path, cell_id) as example_file,
    arg_min(sheet_name, cell_id) as example_sheet,
    split_part(min(cell_id), '!', 3) as example_cell,
    arg_min(concat_ws(' · ', city_name_printed, heading_printed, value_text), cell_id) as example_text
from marts.quarantine
where reason <> 'aggregate'
group by reason
order by cells desc, reason asc
