select * from estimates.mediation
where vintage = (select version.vintage from marts.dataset_version as version)
