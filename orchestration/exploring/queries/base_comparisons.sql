select
    to_json(list({
        'id': subject_id,
        's': case kind when 'index' then 'index_' || code
            else code || case when coalesce(scope, 'total') = 'total' then '' else '_' || scope end
        end
    } order by subject_id))::varchar as body
from seed.comparison_subject
