"""Labels of units and periods: text that is whole numbers sorts as numbers, each label looked at once."""

import numpy as np
import pandas as pd
import pytest

from analysis.regression.rows import PanelRegressionError, sortable


def test_whole_numbers_as_text_become_numbers_with_gaps():
    made = sortable(np.array(["10", "9", None, "10", " 2 "], dtype=object), "period")
    np.testing.assert_array_equal(made, [10, 9, np.nan, 10, 2])
    assert sortable(["10", "9"], "period").dtype.kind == "i"


def test_codes_with_leading_zeros_and_names_stay_text():
    for labels in (["007", "7", "8"], ["110100", "110200x", "110100"]):
        assert sortable(np.array(labels, dtype=object), "unit").tolist() == labels
    numbers = np.array([3.0, 1.0])
    assert sortable(numbers, "unit") is numbers


def test_kinds_without_an_order_are_told():
    with pytest.raises(PanelRegressionError, match=r"unit: labels of several kinds \(int, str\)"):
        sortable(np.array(["a", 1, pd.NA], dtype=object), "unit")
    mixed = np.array([1, 2.5, None], dtype=object)
    assert sortable(mixed, "unit").tolist()[:2] == [1, 2.5]
