select * from estimates.threshold_test
where vintage = (select version.vintage from marts.dataset_version as version)
