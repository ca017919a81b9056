with described as (
    select
        sheet.file_key,
        min(sheet.publisher) as publisher,
        min(sheet.edition) as edition,
        min(rule.citation) as citation,
        string_agg(distinct sheet.source_id, ', ' order by sheet.source_id) as source_id
    from staging.stg_yearbook__sheet as sheet
    left join seed.source_rule as rule on sheet.source_id = rule.source_id
    group by sheet.file_key
)

select
    file.relative_path as file_name,
    coalesce(file.declared_publisher, described.publisher) as publisher,
    coalesce(file.declared_edition, described.edition) as edition,
    file.licence,
    coalesce(file.citation, described.citation) as citation,
    file.sha256,
    file.cell_count as cells_read,
    file.status,
    file.reason,
    described.source_id
from raw.yearbook_file as file
left join described on file.file_key = described.file_key
order by file.relative_path
