select * from estimates.threshold_search
where vintage = (select version.vintage from marts.dataset_version as version)
