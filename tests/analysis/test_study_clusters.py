"""Words for what errors are clustered by."""

import pytest

from analysis.study.clusters import cluster_word


@pytest.mark.parametrize(
    ("column", "word"),
    [
        ("city_code", "city"),
        ("province_code", "province"),
        ("region", "region"),
        ("urban_agglomeration", "urban agglomeration"),
        ("district_id", "district"),
    ],
)
def test_the_word_is_the_column_s_without_its_key(column, word):
    assert cluster_word(column) == word
