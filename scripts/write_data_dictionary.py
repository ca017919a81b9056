"""Write docs/data-dictionary.md from the dbt contracts, the seeds and the tables of estimates.

Tables of one method alone go into a page of its room, `analysis/methods/<key>/tables.md`.

Run it after a change of a contract (`dbt_project/models/**/*.yml`), of a seed that defines an
indicator, index or unit, or of a table of estimates (`tables.py` beside what fills it), and review the difference.
With `--check` it writes nothing and fails when the file is out of date.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path
from typing import Any

from dictionary_markdown import REPO, SEEDS, code, one_line, read_seed, read_yaml, table
from dictionary_measures import index_lines, indicator_lines

from analysis.methods.registry import METHODS
from analysis.tables import Table
from orchestration.estimating.tables import SCHEMA, TABLES
from orchestration.refresh.stages import NOT_RELEASED

DICTIONARY = REPO / "docs" / "data-dictionary.md"
ROOMS = REPO / "analysis" / "methods"
MODELS = REPO / "dbt_project" / "models"

DECLARED_TYPES = {"Int64": "bigint", "Float64": "double", "boolean": "boolean", "string": "varchar"}

HEAD = """\
# Data dictionary

Written by `scripts/write_data_dictionary.py` from the dbt contracts and the seeds; edit those.

- [Indicators](#indicators): what is measured, in which unit
- [Indices](#indices) and their components
- [Public tables](#public-tables): schema `marts`, kept by contract
- [Estimates](#estimates): schema `estimates`
- [Seeds](#seeds): schema `seed`, the reference data
- [Working tables](#working-tables): schemas `staging` and `intermediate`, not for analysts
- [Units](#units)

"Required" means that the column is never null. A value that does not exist is null, never 0.
A *scope* is `total` (the whole city) or `districts` (its city districts, 市辖区).
"""


def is_required(column: dict[str, Any]) -> bool:
    """Whether the contract of a column forbids nulls."""
    return any(constraint.get("type") == "not_null" for constraint in column.get("constraints", []))


def panel_unit(column: dict[str, Any], units: dict[str, str]) -> str:
    """The unit of a column of the panel: its indicator's, else what its contract has in brackets."""
    meta = column.get("config", {}).get("meta", {})
    if "indicator_code" in meta:
        return units[meta["indicator_code"]]
    measured = meta or column["data_type"] == "double"
    bracket = re.search(r"\[([^\]]+)\]", column["description"]) if measured else None
    return bracket.group(1) if bracket else ""


def mart_lines() -> list[str]:
    """The tables under contract, the wide panel with units."""
    units = {row["indicator_code"]: row["unit"] for row in read_seed("indicator")}
    lines = [
        "## Public tables",
        "",
        "Types and required columns are enforced at every build; each table is also a Parquet file,",
        "`parquet/marts/<table>.parquet`.",
        "",
    ]
    for name, model in sorted(read_yaml(MODELS / "marts", "models").items()):
        lines += [f"### marts.{name}", "", one_line(model["description"]), ""]
        rows = []
        for column in model["columns"]:
            unit = panel_unit(column, units)
            rows.append(
                [
                    code(column["name"]),
                    column["data_type"],
                    "yes" if is_required(column) else "",
                    unit,
                    column["description"],
                ]
            )
        if not any(row[3] for row in rows):
            lines += table(
                ["Column", "Type", "Required", "Description"], ([*r[:3], r[4]] for r in rows)
            )
        else:
            lines += table(["Column", "Type", "Required", "Unit", "Description"], rows)
    return lines


def estimate_lines() -> list[str]:
    """The tables that estimation writes."""
    lines = [
        "## Estimates",
        "",
        "Made by Python, one vintage after the other; the same descriptions stand as comments on the columns.",
        "These are filled by all methods, and the measures of inequality. Tables of one method alone stand in its",
        "room: `analysis/methods/<method>/tables.md`.",
        "",
    ]
    own = {declared.name for method in METHODS.values() for declared in method.tables}
    for name, declared in TABLES.items():
        if name not in own:
            lines += table_lines(declared)
    return lines


def room_text(key: str) -> str:
    """The page of a method's own tables."""
    method = METHODS[key]
    lines = [
        f"# {method.title}: tables",
        "",
        "Written by `scripts/write_data_dictionary.py` from `tables.py`; edit that. What all methods fill is in",
        "`docs/data-dictionary.md`.",
        "",
    ]
    for declared in method.tables:
        lines += table_lines(TABLES[declared.name])
    if not method.tables:
        lines.append("None: all that it finds is in the tables that all methods fill.")
    return "\n".join(lines).rstrip("\n") + "\n"


def table_lines(declared: Table) -> list[str]:
    """A table of the schema `estimates`, as declared."""
    lines = [f"### {SCHEMA}.{declared.name}", "", declared.grain, ""]
    return lines + table(
        ["Column", "Type", "Description"],
        (
            [code(column.name), DECLARED_TYPES[column.type], column.comment]
            for column in declared.columns
        ),
    )


def seed_lines() -> list[str]:
    """Every seed with its columns."""
    lines = [
        "## Seeds",
        "",
        "Reference data in `seeds/`, changed by hand and reviewed as a diff.",
        "",
    ]
    described = read_yaml(SEEDS, "seeds")
    for path in sorted(SEEDS.glob("*.csv")):
        if path.stem not in described:
            sys.exit(f"seeds/{path.name} has no description: add it to seeds/*.yml")
        entry = described[path.stem]
        texts = {
            column["name"]: column.get("description", "") for column in entry.get("columns", [])
        }
        types = entry.get("config", {}).get("column_types", {})
        with path.open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        lines += [f"### seed.{path.stem}", "", one_line(entry["description"]), ""]
        if any(texts.values()):
            lines += table(
                ["Column", "Type", "Description"],
                ([code(name), types.get(name, ""), texts.get(name, "")] for name in header),
            )
        else:
            lines += ["Columns: " + ", ".join(code(name) for name in header) + ".", ""]
    return lines


def working_lines() -> list[str]:
    """Staging and intermediate tables, by name only."""
    lines = [
        "## Working tables",
        "",
        "They are in the release to follow a figure back to its cell, and may change with any version.",
        "Those marked * only repeat what others hold and exist during a refresh alone.",
        "",
    ]
    rows = [
        [
            code(f"{layer}.{name}") + (" *" if f"{layer}.{name}" in NOT_RELEASED else ""),
            model["description"],
        ]
        for layer in ("staging", "intermediate")
        for name, model in sorted(read_yaml(MODELS / layer, "models").items())
    ]
    sources = read_yaml(MODELS / "staging", "sources")
    rows = [
        *(
            [code(f"raw.{entry['name']}"), entry["description"]]
            for entry in sources["raw"]["tables"]
        ),
        *rows,
    ]
    return lines + table(["Table", "Holds"], rows)


def unit_lines() -> list[str]:
    """The units that indicators are held in and the printed ones that convert into them."""
    units = read_seed("unit")
    held = sorted({row["unit"] for row in read_seed("indicator")})
    by_key = {row["unit_key"]: row for row in units}
    lines = [
        "## Units",
        "",
        "Units that indicators are held in, and how they may be printed (`seeds/unit.csv`). A printed unit",
        "converts only within its dimension.",
        "",
    ]
    rows = []
    for unit in held:
        if unit not in by_key:
            sys.exit(f"seeds/indicator.csv: unit {unit!r} is not in seeds/unit.csv; add it there")
        own = by_key[unit]
        printed = (
            f"{row['unit_key']} (× {float(row['factor']) / float(own['factor']):,.10g})"
            for row in units
            if row["dimension"] == own["dimension"] and row["unit_key"] != row["unit_code"]
        )
        rows.append([code(unit), own["dimension"], "; ".join(printed)])
    return lines + table(["Unit", "Dimension", "Printed as (factor)"], rows)


def dictionary_text() -> str:
    """The whole page."""
    lines = [
        HEAD,
        *indicator_lines(),
        *index_lines(),
        *mart_lines(),
        *estimate_lines(),
        *seed_lines(),
        *working_lines(),
        *unit_lines(),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def pages() -> dict[Path, str]:
    """What should stand in each page."""
    return {DICTIONARY: dictionary_text()} | {
        ROOMS / key / "tables.md": room_text(key) for key in METHODS
    }


if __name__ == "__main__":
    for page, text in pages().items():
        name = page.relative_to(REPO)
        if "--check" not in sys.argv:
            page.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
        elif not page.is_file() or page.read_text(encoding="utf-8") != text:
            sys.exit(f"{name} is out of date: run python scripts/write_data_dictionary.py")
