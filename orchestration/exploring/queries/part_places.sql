select
    'places' as part,
    to_json(list({
        'path': relative_path, 'sheet': sheet_name, 'heading': heading_printed, 'unit': unit_printed,
        'factor': unit_factor, 'source': source_id, 'edition': edition
    } order by place_no))::varchar as body
from explorer_place
