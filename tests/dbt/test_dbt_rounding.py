"""Rounding is no information: what differs beyond the tenth digit is the same figure.

Here: components, ratios, price levels and ranks on figures that differ in their last bits, and figures that are
infinite. Not here: the formulas (`_unit_tests.yml`, `test_dbt_index_numpy`).
"""

from typing import Any

import pandas as pd
import pytest

CITIES = [f"{code:06d}" for code in range(130100, 130110)]
LAST_BIT = 0.1 + 0.2  # 0.30000000000000004, where 0.3 is meant
EXACT = 1e-15  # the same calculation on the same numbers
INDEX_MODELS = (
    "int_index__component",
    "int_index__figure",
    "int_index__member",
    "int_index__statistic",
    "int_index__scaled",
    "int_index__entropy",
    "int_index__principal",
    "index_weight",
    "int_index__part",
    "index_score",
)
SCALINGS = ("min_max", "z_score", "vector")


def figure(city: str, code: str, value: float, year: int = 2015) -> dict[str, Any]:
    return {
        "city_code": city, "year": year, "indicator_code": code, "scope": "total", "unit": "u",
        "value_kind": "observed", "is_imputed": False, "is_corrected": False,
        "values_published": 1, "value": value,
    }  # fmt: skip


def indices(bench: Any, second: list[float]) -> dict[str, dict[str, Any]]:
    """Weights and scores of indices of two components, the first of which varies."""
    first = [1.0, 2.0, 4.0, 3.0, 8.0, 5.0, 7.0, 6.0, 2.5, 4.5]
    bench.fill(
        "marts.indicator_value",
        [figure(city, "x", value) for city, value in zip(CITIES, first, strict=True)]
        + [figure(city, "y", value) for city, value in zip(CITIES, second, strict=True)],
    )
    definitions = [
        (f"{weighting}_{scaling}_{how}", weighting, scaling, how)
        for weighting in ("entropy", "equal", "principal_component")
        for scaling in SCALINGS
        for how in ("weighted_sum", "topsis")
    ]
    bench.fill(
        "seed.index_definition",
        [
            {
                "index_id": name, "weighting": weighting, "period": "pooled", "scaling": scaling,
                "aggregation": how, "population": "all", "has_dimensions": False,
                "has_obstacles": False,
            }
            for name, weighting, scaling, how in definitions
        ],
    )  # fmt: skip
    bench.fill(
        "seed.index_component",
        [
            {"index_id": name, "indicator_code": code, "scope": "total", "direction": "+"}
            for name, *_ in definitions
            for code in "xy"
        ],
    )
    for model in INDEX_MODELS:
        bench.build(model)
    found: dict[str, dict[str, Any]] = {name: {} for name, *_ in definitions}
    for name, *row in bench.connection.execute(
        "select index_id, indicator_code, weight from marts.index_weight"
        " union all select index_id, city_code, score from marts.index_score"
    ).fetchall():
        found[name][row[0]] = row[1]
    return found


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e9])
def test_a_component_constant_but_for_its_last_bit_says_nothing(bench: Any, scale: float) -> None:
    constant = indices(bench, [0.3 * scale] * 10)
    rounded = indices(bench, [0.3 * scale, LAST_BIT * scale] * 5)
    for name, told in constant.items():
        assert rounded[name] == pytest.approx(told, rel=0, abs=EXACT), name
    assert rounded["entropy_z_score_weighted_sum"]["y"] == 0
    assert rounded["principal_component_z_score_weighted_sum"]["y"] == 0


def test_a_component_that_varies_a_little_still_counts(bench: Any) -> None:
    # Nine digits are more than any yearbook prints.
    told = indices(bench, [300_000_000.0, 300_000_001.0] * 5)
    assert told["entropy_z_score_weighted_sum"]["y"] > 0.1


def test_figures_of_the_same_value_share_a_rank(bench: Any) -> None:
    bench.fill(
        "measures.efficiency_score",
        [
            {"model_id": "m", "variant": "v", "city_code": city, "year": 2015, "score": score}
            for city, score in zip("abcd", (1.0, 1 - 1e-15, 0.3, LAST_BIT), strict=True)
        ]
        + [{"model_id": "m", "variant": "v", "city_code": "e", "year": 2015, "score": None}],
    )
    ranks = bench.query("efficiency_score").set_index("city_code")["rank"]
    assert ranks[list("abcd")].tolist() == [1, 1, 3, 3]
    assert pd.isna(ranks["e"])


def derived(bench: Any, *values: float) -> list[tuple[float, float, float]]:
    """The ratio y / (a - b - c) of figures y, a, b, c: value, numerator, denominator."""
    bench.fill(
        "seed.derived_term",
        [
            {"indicator_code": "d", "input_indicator_code": code, "input_scope": "total",
             "position": "numerator" if code == "y" else "denominator", "coefficient": sign}
            for code, sign in (("y", 1.0), ("a", 1.0), ("b", -1.0), ("c", -1.0))
        ],
    )  # fmt: skip
    bench.fill("seed.indicator", [{"indicator_code": "d", "unit": "percent"}])
    bench.fill(
        "intermediate.int_city_year__base",
        [figure("130100", code, value) for code, value in zip("yabc", values, strict=True)],
    )
    found = bench.query("int_city_year__derived")
    return list(found[["value", "numerator", "denominator"]].itertuples(index=False, name=None))


def test_a_ratio_of_what_a_difference_leaves_is_none(bench: Any) -> None:
    assert LAST_BIT - 0.1 - 0.2 != 0
    assert derived(bench, 5.0, LAST_BIT, 0.1, 0.2) == []
    assert derived(bench, 5.0, 0.0, 0.0, 0.0) == []
    assert derived(bench, 5.0, 4.0, 1.0, 0.5) == [(2.0, 5.0, 2.5)]


def test_a_ratio_beyond_all_numbers_is_none(bench: Any) -> None:
    assert derived(bench, 1e300, 1e-300, 0.0, 0.0) == []
    assert derived(bench, 1e300, 1e3, 0.0, 0.0) == [(1e297, 1e300, 1e3)]


def test_the_price_level_is_the_product_of_its_steps(bench: Any) -> None:
    deflators = [1.0, 1.1, 1.21, 0.7, 1e-3, 5.0]
    bench.fill(
        "intermediate.int_city_year__base",
        [figure("130100", "gdp_deflator", v, 2000 + i) for i, v in enumerate(deflators)],
    )
    shown = bench.query("int_city_year__deflator").sort_values("year")
    level, expected = 1.0, []
    for before, now in zip([1.0, *deflators], deflators, strict=False):
        level *= now / before
        expected.append(level)
    assert shown["price_level"].tolist() == expected


def test_an_infinite_figure_is_in_quarantine(bench: Any) -> None:
    """Infinite as read or by its unit, or beyond any print, of an indicator that has no bounds."""
    cells = {
        "1e999": ("text", "万元", "impossible_value"),
        "inf": ("number", "万元", "impossible_value"),
        "-1e400": ("text", "万元", "impossible_value"),
        "9e307": ("number", "亿元", "impossible_value"),
        "9e306": ("number", "万元", "impossible_value"),
        "9e14": ("number", "万元", None),
    }
    page = {"file_key": "f", "sheet_index": 1}
    bench.fill(
        "staging.stg_yearbook__row",
        [
            {**page, "block_row": 0, "row_number": row, "name_key": f"c{row}", "is_data": True,
             "row_unit": unit}
            for row, (_, unit, _) in enumerate(cells.values(), 1)
        ],
    )  # fmt: skip
    bench.fill(
        "staging.stg_yearbook__cell",
        [
            {**page, "row_number": row, "column_number": 1, "kind": kind, "text": text,
             "text_key": text}
            for row, (text, (kind, _, _)) in enumerate(cells.items(), 1)
        ],
    )  # fmt: skip
    bench.fill(
        "staging.stg_yearbook__heading",
        [
            {**page, "block_row": 0, "column_number": 1, "role": "value", "indicator_code": "gdp",
             "scope": "total", "unit_printed": "万元"}
        ],
    )  # fmt: skip
    bench.fill(
        "staging.stg_yearbook__block_year", [{**page, "block_row": 0, "statistic_year": 2015}]
    )
    bench.fill("seed.indicator", [{"indicator_code": "gdp", "unit": "万元"}])
    bench.fill(
        "seed.unit",
        [
            {"unit_key": "万元", "dimension": "money", "factor": 1e4},
            {"unit_key": "亿元", "dimension": "money", "factor": 1e8},
        ],
    )
    found = bench.query("stg_yearbook__value_cell").set_index("value_text")["quarantine_reason"]
    shown = {text: None if pd.isna(reason) else reason for text, reason in found.items()}
    assert shown == {text: reason for text, (_, _, reason) in cells.items()}
