select * from estimates.threshold_profile
where vintage = (select version.vintage from marts.dataset_version as version)
