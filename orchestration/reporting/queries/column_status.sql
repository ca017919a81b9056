select * from estimates.column_status
where vintage = (select version.vintage from marts.dataset_version as version)
