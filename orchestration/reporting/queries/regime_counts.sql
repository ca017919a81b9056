select * from estimates.regime_count
where vintage = (select version.vintage from marts.dataset_version as version)
