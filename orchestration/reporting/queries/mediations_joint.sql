select * from estimates.mediation_joint
where vintage = (select version.vintage from marts.dataset_version as version)
