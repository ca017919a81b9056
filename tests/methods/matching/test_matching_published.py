"""What the printed columns 3 and 4 of Table 3 say of themselves, as docs/matching.md tells it."""

import csv
from pathlib import Path

import pytest

SEEDS = Path(__file__).parents[3] / "seeds"
YEARS = 14
REGRESSORS = 1 + 5 + YEARS - 1
"""The policy, five controls and the years but one."""
R2_ROUNDED = 0.0005


def printed(column: int) -> dict[str, float]:
    with (SEEDS / "published_fit.csv").open(encoding="utf-8") as file:
        return {
            r["statistic"]: float(r["value"])
            for r in csv.DictReader(file)
            if (r["table_no"], r["column_no"]) == ("3", str(column))
        }


def cities(r2: float, f: float, n: float) -> float:
    """Cities that F = (R2/k) / ((1 - R2)/(n - cities - k)) asks for."""
    return n - REGRESSORS - f * REGRESSORS * (1 - r2) / r2


@pytest.mark.parametrize(("column", "few", "many"), [(3, 273, 288), (4, 281, 288)])
def test_r2_is_within_cities_and_f_takes_errors_as_independent(column, few, many):
    told = printed(column)
    ends = [cities(told["r2"] + by, told["f"], told["n"]) for by in (-R2_ROUNDED, R2_ROUNDED)]
    assert round(ends[0]) == few and round(ends[1]) == many
    assert few <= 285 <= many


def test_city_years_were_matched_in_pairs():
    support, pairs = (int(printed(column)["n"]) for column in (3, 4))
    assert support % YEARS and pairs % YEARS
    assert pairs == 2 * 993 and 285 * YEARS - support == 27
