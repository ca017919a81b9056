"""Write the contract of the wide panel from the seeds of indicators, indices and efficiency.

The contract decides the columns of `marts.city_year`: run this after a change of
`seeds/indicator.csv`, `seeds/index_definition.csv` or `seeds/efficiency_variant.csv` and review the
difference.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
CONTRACT = REPO / "dbt_project" / "models" / "marts" / "panel" / "_city_year.yml"

LEADING = [
    ("city_code", "varchar", "Six-digit code of the city (latest official code)", True),
    ("year", "integer", "Statistic year, not edition", True),
    ("city_name", "varchar", "Official name in Chinese", True),
    ("city_name_en", "varchar", "Name in pinyin", True),
    ("province_code", "varchar", "Six-digit code of the province", True),
    ("province_name", "varchar", "Province in Chinese", True),
    ("region", "varchar", "East, central or west", True),
    ("region_four", "varchar", "East, central, west or northeast", True),
    ("level", "varchar", "Administrative level at the end of the year", False),
    ("is_municipality", "boolean", "Directly under the central government", True),
    ("is_provincial_capital", "boolean", "Capital of its province", True),
    ("is_subprovincial", "boolean", "Of sub-provincial rank", True),
    (
        "longitude",
        "double",
        "Longitude of a point of the city [degrees east], for distances",
        False,
    ),
    ("latitude", "double", "Latitude of the same point [degrees north]", False),
    ("has_district_change", "boolean", "District borders inside the city moved in the year", True),
    (
        "city_size_class",
        "varchar",
        "Size class of the year by residents of the city districts (State Council 2014): small_2 (below 200,000), "
        "small_1 (below 500,000), medium (below 1 million), large_2 (below 3 million), large_1 (below 5 million), "
        "very_large (below 10 million) or super; the notice counts residents of the urban area (城区), yearbooks "
        "print the districts (市辖区), which hold more. Unknown without residents of the districts",
        False,
    ),
    (
        "is_large_city",
        "boolean",
        "Large city or above: a million residents or more in the city districts; null where city_size_class is",
        False,
    ),
]
TRAILING = [
    ("has_imputed_figure", "boolean", "A figure of the row is interpolated", True),
    (
        "imputed_columns",
        "varchar",
        "Columns of the row that are interpolated or made of such figures, parted by commas; null when none",
        False,
    ),
    (
        "has_suspect_figure",
        "boolean",
        "A figure of the row fails a check, or is made of one that does",
        True,
    ),
    (
        "suspect_columns",
        "varchar",
        "Columns of the row that do, parted by commas; null when none",
        False,
    ),
    ("data_kind", "varchar", "published or simulated", True),
]


def efficiency_columns() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, description and coordinates of the columns that hold efficiency and productivity."""
    with (REPO / "seeds" / "efficiency_model.csv").open(encoding="utf-8") as file:
        models = {row["model_id"]: row for row in csv.DictReader(file)}
    with (REPO / "seeds" / "efficiency_variant.csv").open(encoding="utf-8") as file:
        variants = [row for row in csv.DictReader(file) if row["in_panel"] == "true"]
    # In the order in which city_year.sql has them: levels, then changes.
    for row in sorted(variants, key=lambda row: row["method"] == "malmquist"):
        model = models[row["model_id"]]
        title = f"{model['name_en']} ({model['name_zh']})"
        if row["method"] != "malmquist":
            yield (
                f"efficiency_{row['model_id']}_{row['variant']}",
                f"{title} [ratio]: {row['note']}",
                {"efficiency_model": row["model_id"], "efficiency_variant": row["variant"]},
            )
            continue
        # The plain name is that of the index between adjacent years.
        name = f"productivity_{row['model_id']}{row['variant'].removeprefix('malmquist')}"
        where = {"productivity_model": row["model_id"], "productivity_variant": row["variant"]}
        yield (
            name,
            f"Productivity: {title} [ratio]: Malmquist index, {row['note']}; above 1 is better",
            {**where, "productivity_measure": "productivity"},
        )
        yield (
            f"{name}_cumulated",
            f"Productivity: {title} [ratio]: product of {name} since the first year, which is 1",
            {**where, "productivity_measure": "cumulated"},
        )


def index_range(definition: dict[str, str]) -> str:
    """Where the scores of an index lie."""
    if definition["aggregation"] == "topsis":
        return "0 to 1"
    if definition["scaling"] == "z_score":
        return "weighted mean of z-scores"
    return "about 0 to 1" if definition["period"] == "base" else "0 to 1"


def contract_text() -> str:
    """The YAML of the contract."""
    lines = [
        "# Written by scripts/write_panel_contract.py from the seeds; edit those.",
        "version: 2",
        "",
        "models:",
        "  - name: city_year",
        "    description: One row per city and year - the wide panel that studies read.",
        "    columns:",
    ]

    def column(name: str, kind: str, text: str, required: bool, meta: dict[str, str]) -> None:
        lines.append(f"      - name: {name}")
        lines.append(f"        data_type: {kind}")
        lines.append(f"        description: {json.dumps(text, ensure_ascii=False)}")
        if required:
            lines.append("        constraints: [{type: not_null}]")
        if meta:
            lines.append(f"        config: {{meta: {json.dumps(meta)}}}")

    for name, kind, text, required in LEADING:
        column(name, kind, text, required, {})
    with (REPO / "seeds" / "indicator.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for scope in row["scopes"].split("|"):
                suffix = "" if scope == "total" else f"_{scope}"
                where = "" if scope == "total" else ", city districts"
                made = f"; {row['formula']}" if row["formula"] else ""
                column(
                    row["indicator_code"] + suffix,
                    "double",
                    f"{row['name_en']}{where} ({row['name_zh']}) [{row['unit']}]: "
                    f"{row['definition']}{made}",
                    False,
                    {"indicator_code": row["indicator_code"], "scope": scope},
                )
    with (REPO / "seeds" / "index_definition.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            column(
                f"index_{row['index_id']}",
                "double",
                f"{row['name_en']} ({row['name_zh']}) [{index_range(row)}]: {row['note']}",
                False,
                {"index_id": row["index_id"]},
            )
    for name, text, meta in efficiency_columns():
        column(name, "double", text, False, meta)
    for name, kind, text, required in TRAILING:
        column(name, kind, text, required, {})
    lines += [
        "    data_tests:",
        "      - unique_combination: {arguments: {columns: [city_code, year]}}",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        if CONTRACT.read_text(encoding="utf-8") != contract_text():
            sys.exit(f"{CONTRACT.name} is out of date: run python scripts/write_panel_contract.py")
    else:
        CONTRACT.write_text(contract_text(), encoding="utf-8")
        print(f"wrote {CONTRACT.relative_to(REPO)}")
