select * from estimates.split_test
where vintage = (select version.vintage from marts.dataset_version as version)
