select * from estimates.threshold_slope
where vintage = (select version.vintage from marts.dataset_version as version)
