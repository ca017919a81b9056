"""Relative and deflated indicators of the SQL models against independent calculations in numpy.

Here: random panels with gaps through the compiled SQL, and what must hold for any panel. Not here:
the examples worked by hand (`_unit_tests.yml` beside the models).
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# A level is exp of a sum of at most eight logarithms, the check is a running product: some tens of
# units in the last place.
TOLERANCE = 1e-12
CITIES, YEARS, FIRST = 4, 8, 2010
WITHIN_A_TEST = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CODES = ("gdp", "gdp_index", "gdp_growth_rate", "gdp_deflator", "average_wage")
MEASURED = {"gdp_index": (80, 130), "gdp_growth_rate": (-20, 30), "gdp_deflator": (0.5, 3)}


def panel(seed: int, missing: float) -> dict[str, np.ndarray]:
    """Figures by indicator, cities x years; NaN where there is none."""
    draw = np.random.default_rng(seed)
    figures = {}
    for code in CODES:
        low, high = MEASURED.get(code, (1, 1000))
        values = draw.uniform(low, high, (CITIES, YEARS))
        # Rarer sources leave more to the next in line.
        rare = 0.7 if code == "gdp_deflator" else 0.4 if code == "gdp_index" else missing
        figures[code] = np.where(draw.random((CITIES, YEARS)) < rare, np.nan, values)
    return figures


def base_rows(figures: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """Rows of int_city_year__base."""
    return [
        {
            "city_code": f"city{city}",
            "year": FIRST + year,
            "indicator_code": code,
            "scope": "total",
            "value": float(value),
            "is_imputed": False,
            "is_corrected": False,
        }
        for code, values in figures.items()
        for (city, year), value in np.ndenumerate(values)
        if not np.isnan(value)
    ]


def step(figures: dict[str, np.ndarray], city: int, year: int) -> float:
    """The price step from the year before, NaN where nothing gives one."""
    at = {code: values[city, year] for code, values in figures.items()}
    before = {code: values[city, year - 1] for code, values in figures.items()}
    printed = at["gdp_deflator"] / before["gdp_deflator"]
    nominal = at["gdp"] / before["gdp"]
    options = (
        printed,
        nominal / (at["gdp_index"] / 100),
        nominal / (1 + at["gdp_growth_rate"] / 100),
    )
    return next((option for option in options if not np.isnan(option)), np.nan)


def real(figures: dict[str, np.ndarray], city: int, year: int, base: int) -> float:
    """The wage of a year at prices of the base year, walking from one to the other."""
    known = [
        any(not np.isnan(figures[code][city, one]) for code in ("gdp", "gdp_deflator"))
        for one in (year, base)
    ]
    if not all(known):
        return np.nan
    low, high = min(year, base), max(year, base)
    level = np.prod([step(figures, city, one) for one in range(low + 1, high + 1)])
    return figures["average_wage"][city, year] / (level if year > base else 1 / level)


def deflated(bench: Any, figures: dict[str, np.ndarray]) -> dict[tuple[str, int], float]:
    """Real wages by city and year, as the models compute them."""
    bench.fill("intermediate.int_city_year__base", base_rows(figures))
    bench.fill("intermediate.int_city_year__derived", [])
    bench.build("int_city_year__deflator")
    found = bench.query("int_city_year__deflated")
    found = found[found["indicator_code"] == "average_wage_real"]
    return {(row.city_code, row.year): row.value for row in found.itertuples()}


@pytest.fixture
def with_base_year(bench: Any) -> Any:
    """A warehouse whose dictionary is that of the project: the wage is real at prices of 2010."""
    (year,) = bench.connection.execute(
        "select price_base_year from seed.indicator where indicator_code = 'average_wage_real'"
    ).fetchone()
    assert year == FIRST
    return bench


@WITHIN_A_TEST
@given(
    seed=st.integers(0, 2**32 - 1),
    missing=st.sampled_from([0.0, 0.1, 0.4]),
    base=st.integers(0, YEARS - 1),
)
def test_deflated_is_the_walk_from_year_to_base(
    with_base_year: Any, seed: int, missing: float, base: int
) -> None:
    with_base_year.connection.execute(
        "update seed.indicator set price_base_year = ? where kind = 'deflated'", [FIRST + base]
    )
    figures = panel(seed, missing)
    expected = {
        (f"city{city}", FIRST + year): value
        for city in range(CITIES)
        for year in range(YEARS)
        if not np.isnan(value := real(figures, city, year, base))
    }
    found = deflated(with_base_year, figures)
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=TOLERANCE)


@WITHIN_A_TEST
@given(seed=st.integers(0, 2**32 - 1), factor=st.sampled_from([1e-4, 7.0, 1e4]))
def test_unit_of_gdp_does_not_matter(with_base_year: Any, seed: int, factor: float) -> None:
    figures = panel(seed, 0.1)
    found = deflated(with_base_year, figures)
    again = deflated(with_base_year, figures | {"gdp": factor * figures["gdp"]})
    assert again.keys() == found.keys()
    for key, value in found.items():
        assert again[key] == pytest.approx(value, rel=TOLERANCE)


@WITHIN_A_TEST
@given(seed=st.integers(0, 2**32 - 1))
def test_relative_ratios_average_to_one_by_their_denominators(bench: Any, seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = [
        {
            "city_code": f"city{city}",
            "year": FIRST + year,
            "indicator_code": "fiscal_expenditure_per_resident",
            "scope": "total",
            "value": top / below,
            "unit": "yuan",
            "numerator": top,
            "denominator": below,
            "is_imputed": False,
            "is_corrected": False,
        }
        for city in range(CITIES)
        for year in range(YEARS)
        if draw.random() < 0.8
        for top, below in [draw.uniform(1, 1000, 2).tolist()]
    ]
    bench.fill("intermediate.int_city_year__derived", rows)
    found = bench.query("int_city_year__relative")
    assert len(found) == len(rows)
    weight = {(row["city_code"], row["year"]): row["denominator"] for row in rows}
    for _, year in found.groupby("year"):
        by = np.array([weight[key] for key in zip(year["city_code"], year["year"], strict=True)])
        assert np.average(year["value"], weights=by) == pytest.approx(1, rel=TOLERANCE)
        # In proportion to the ratios themselves, whatever they are divided by.
        own = {(row["city_code"], row["year"]): row["value"] for row in rows}
        quotient = [
            value / own[key]
            for key, value in zip(
                zip(year["city_code"], year["year"], strict=True), year["value"], strict=True
            )
        ]
        assert quotient == pytest.approx([quotient[0]] * len(quotient), rel=TOLERANCE)
