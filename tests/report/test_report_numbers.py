"""Numbers as text: alignment, sign, scientific notation, shares."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.typeset import numbers

SMALLEST_PRINTED = 0.5 * 10**-numbers.DECIMALS


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (0.184, {}, "0.184"),
        (-3.542, {}, "−3.542"),
        (-0.0, {}, "−0.000"),  # printed so in the published table
        (0.0, {}, "0.000"),
        (2.93e-5, {}, "2.9×10^−5"),
        (-2.93e-5, {"stars": "***"}, "−2.9×10^−5***"),
        (10.365, {"brackets": "()"}, "(10.365)"),
        (0.0861, {"brackets": "[]", "stars": "*"}, "[0.086]*"),
        (12345.678, {}, "12,345.678"),
        (3990, {"decimals": 0}, "3,990"),
        (math.inf, {}, "∞"),
        (0.675, {"stars": "***"}, "0.675***"),
        (0.675, {"stars": math.nan}, "0.675"),
    ],
)
def test_aligned_number_reads_as_expected(value, options, text):
    assert numbers.aligned(value, **options).text == text


@pytest.mark.parametrize("value", [None, math.nan])
def test_missing_number_has_no_parts(value):
    assert numbers.aligned(value) is None
    assert numbers.count(value) == numbers.fixed(value) == numbers.percent(value) == "–"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.0, 3, "0.000"),
        (0.0005, 3, "0.001"),
        (0.0004, 3, "0.00040"),
        (-2.93e-5, 4, "−0.000029"),
        (2.93e-5, 3, "0.000029"),
        (4.2e-10, 4, "4.2e−10"),
        (3e-17, 3, "0.000"),
        (1234.5678, 2, "1,234.57"),
    ],
)
def test_a_small_number_keeps_two_digits(value, decimals, text):
    assert numbers.fixed(value, decimals) == text


@given(st.floats(-1e9, 1e9).filter(lambda x: x == 0 or abs(x) >= SMALLEST_PRINTED))
def test_cut_is_at_the_decimal_point_and_nothing_is_lost(value):
    number = numbers.aligned(value)
    assert number.part.startswith(".") and len(number.part) == numbers.DECIMALS + 1
    read = float(number.text.replace("−", "-").replace(",", ""))
    assert read == float(f"{value:.3f}")


@given(st.floats(-SMALLEST_PRINTED, SMALLEST_PRINTED).filter(lambda x: abs(x) > 1e-300))
def test_small_number_never_reads_as_zero(value):
    number = numbers.aligned(value)
    if not number.power:
        assert abs(value) >= SMALLEST_PRINTED
        return
    mantissa = float((number.whole + number.part).replace("−", "-"))
    read = mantissa * 10.0 ** int(number.power.replace("−", "-"))
    assert read == pytest.approx(value, rel=0.051)  # two digits are kept


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_share_reads_as_nothing_or_all_only_if_it_is(part, rest):
    text = numbers.percent(part / (part + rest))
    assert (text == "0.0\u00a0%") == (part == 0)
    assert text != "100.0\u00a0%"
    assert numbers.percent(1.0) == "100.0\u00a0%"


@given(st.floats(-1e14, 1e14).filter(lambda x: x == 0 or abs(x) > 1e-5))
def test_quantity_keeps_six_digits(value):
    read = float(numbers.quantity(value).replace("−", "-").replace(",", ""))
    assert read == pytest.approx(value, rel=5e-6)


@pytest.mark.parametrize(
    ("p", "draws", "text"),
    [
        (0.0, 300, "<\u00a00.0033"),  # 300 draws can't tell less than one in 300
        (1 / 300, 300, "0.0033"),
        (0.42, 300, "0.4200"),
        (1e-9, None, "<\u00a00.0001"),
        (0.0137, None, "0.0137"),
        (0.0, math.nan, "<\u00a00.0001"),
        (math.nan, 300, "–"),
    ],
)
def test_a_probability_never_reads_as_nothing(p, draws, text):
    assert numbers.p_value(p, draws) == text


def test_only_stars_stand_as_stars():
    assert numbers.aligned(1.0, stars="<b>**\x00").stars == "**"
    assert numbers.aligned(1.0, stars=None).html == (
        '<span class="w">1</span><span class="p">.000</span>'
    )
