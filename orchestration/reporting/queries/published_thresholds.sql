select * from seed.published_threshold_test
order by all
