-- Files whose cells don't add up to the number that was read.
with counted as (
    select
        file_key,
        sum(cells) as cells
    from {{ ref('cell_account') }}
    group by file_key
)

select
    file.file_key,
    file.relative_path,
    file.cell_count,
    counted.cells
from {{ source('raw', 'yearbook_file') }} as file
left join counted on file.file_key = counted.file_key
where file.status = 'loaded' and file.cell_count <> coalesce(counted.cells, 0)
