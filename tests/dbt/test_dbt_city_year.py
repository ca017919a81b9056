"""The wide panel: each column of its contract holds its own indicator and scope, and no other."""

import csv
import math
from pathlib import Path

import pandas as pd

EFFICIENCY = {"orientation": "input", "frontier": "pooled", "status": "ok"}
SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def _classes() -> list[dict[str, str]]:
    """Size classes, the smallest first."""
    with (SEEDS / "city_size_class.csv").open(encoding="utf-8", newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: int(row["residents_from"]))


def test_each_column_holds_what_its_contract_says(bench):
    columns = bench.nodes["city_year"]["columns"]
    meta = {name: column["config"]["meta"] for name, column in columns.items()}
    figures = {name: m for name, m in meta.items() if "indicator_code" in m}
    scores = {name: m for name, m in meta.items() if "index_id" in m}
    assert figures, "the contract of city_year names no indicator"
    assert scores, "the contract of city_year names no index"
    efficiency = {name: m for name, m in meta.items() if "efficiency_variant" in m}
    productivity = {name: m for name, m in meta.items() if "productivity_variant" in m}
    assert efficiency, "the contract of city_year names no efficiency"
    assert productivity, "the contract of city_year names no productivity"
    all_names = [*figures, *scores, *efficiency, *productivity]
    # A number of its own for every column; the second city-year has none at all but one.
    expected = {name: float(number) for number, name in enumerate(all_names, start=1)}
    row = {"city_code": "130100", "year": 2015, "is_imputed": False}
    kept = {"unit": "u", "value_kind": "observed", "is_corrected": False, "values_published": 1}
    bench.fill(
        "marts.indicator_value",
        [
            row
            | kept
            | {key: m[key] for key in ("indicator_code", "scope")}
            | {"value": expected[name]}
            for name, m in figures.items()
        ]
        + [
            row | kept | {"year": 2016, "indicator_code": "gdp", "scope": "total", "value": 0.5},
            # What the contract doesn't name goes nowhere.
            row | kept | {"indicator_code": "unnamed", "scope": "total", "value": -1.0},
        ],
    )
    bench.fill(
        "marts.index_score",
        [
            row
            | {
                "index_id": m["index_id"],
                "score": expected[name],
                "components": 1,
                "components_present": 1,
            }
            for name, m in scores.items()
        ],
    )
    bench.fill(
        "marts.efficiency_score",
        [
            row | EFFICIENCY | {"units_compared": 1, "method": "radial", "score": expected[name]}
            | {"model_id": m["efficiency_model"], "variant": m["efficiency_variant"]}
            for name, m in efficiency.items()
        ],
    )  # fmt: skip
    bench.fill(
        "marts.productivity",
        [
            row | EFFICIENCY | {m["productivity_measure"]: expected[name]}
            | {"model_id": m["productivity_model"], "variant": m["productivity_variant"]}
            for name, m in productivity.items()
        ],
    )  # fmt: skip
    bench.fill(
        "raw.yearbook_file",
        [{"file_key": "f", "status": "loaded", "data_kind": "published", "cell_count": 1}],
    )
    bench.build("dim_city")
    bench.build("city_size")
    bench.build("dataset_version")
    found = bench.query("city_year").sort_values("year")
    assert list(found.columns) == list(columns)
    first, second = found.to_dict("records")
    assert {name: first[name] for name in expected} == expected
    filled = {name for name in expected if not math.isnan(second[name])}
    assert filled == {"gdp"}
    assert second["gdp"] == 0.5
    assert first["city_name"] == "石家庄市"
    assert (first["longitude"], first["latitude"]) == (114.52, 38.05)
    residents = 10_000 * expected["population_resident_districts"]
    below = [row["residents_below"] for row in _classes() if row["residents_below"]]
    passed = sum(residents >= int(bound) for bound in below)
    assert first["city_size_class"] == _classes()[passed]["size_class"]
    assert first["is_large_city"] == (residents >= 1_000_000)
    assert second["city_size_class"] is None or pd.isna(second["city_size_class"])
    assert pd.isna(second["is_large_city"])
    assert first["data_kind"] == "published"
