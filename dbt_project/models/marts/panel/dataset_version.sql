-- One row: what this warehouse was made from. `data_kind` is simulated as soon as one file is.
-- The vintage is the last statistic year and the fingerprint of inputs and code.
with files as (
    select
        case when bool_or(data_kind = 'simulated') then 'simulated' else 'published' end as data_kind,
        count(*) filter (where status = 'loaded') as files_loaded,
        count(*) filter (where status = 'refused') as files_refused,
        sum(cell_count) as cells_read
    from {{ source('raw', 'yearbook_file') }}
),

years as (
    select max(year) as last_year
    from {{ ref('indicator_value') }}
)

select
    coalesce(years.last_year, 0)::varchar
    || '-'
    || left('{{ env_var("CITYPANEL_FINGERPRINT", "development") }}', 8) as vintage,
    '{{ env_var("CITYPANEL_FINGERPRINT", "development") }}' as fingerprint,
    '{{ env_var("CITYPANEL_CODE_VERSION", "development") }}' as code_version,
    files.data_kind,
    files.files_loaded::bigint as files_loaded,
    files.files_refused::bigint as files_refused,
    files.cells_read::bigint as cells_read
from files
cross join years
