-- One row: what this warehouse was made from. `data_kind` is simulated as soon as one file is.
select
    '{{ env_var("CITYPANEL_VINTAGE", "development") }}' as vintage,
    '{{ env_var("CITYPANEL_FINGERPRINT", "development") }}' as fingerprint,
    '{{ env_var("CITYPANEL_CODE_VERSION", "development") }}' as code_version,
    case when bool_or(data_kind = 'simulated') then 'simulated' else 'published' end as data_kind,
    count(*) filter (where status = 'loaded')::bigint as files_loaded,
    count(*) filter (where status <> 'loaded')::bigint as files_refused,
    sum(cell_count)::bigint as cells_read
from {{ source('raw', 'yearbook_file') }}
