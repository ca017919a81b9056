select * from marts.dataset_version
