"""Write the contract of the wide panel from the seeds of indicators and indices.

The contract decides the columns of `marts.city_year`: run this after a change of
`seeds/indicator.csv` or `seeds/index_definition.csv` and review the difference.
"""

from __future__ import annotations

import csv
import json
import sys
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
    ("has_district_change", "boolean", "District borders inside the city moved in the year", True),
]
TRAILING = [
    ("has_imputed_figure", "boolean", "A figure of the row is interpolated", True),
    ("data_kind", "varchar", "published or simulated", True),
]


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
                f"{row['name_en']} ({row['name_zh']}) [0 to 1]: {row['note']}",
                False,
                {"index_id": row["index_id"]},
            )
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
