select * from estimates.estimate
where vintage = (select version.vintage from marts.dataset_version as version)
