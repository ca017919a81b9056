"""Write docs/data-dictionary.md from the dbt contracts, the seeds and the tables of estimates.

Run it after a change of a contract (`dbt_project/models/**/*.yml`), of a seed that defines an
indicator, index or unit, or of a table of estimates (`tables.py` beside what fills it), and review the difference.
With `--check` it writes nothing and fails when the file is out of date.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from orchestration.estimating.tables import TABLES
from orchestration.refresh.build import NOT_RELEASED

REPO = Path(__file__).resolve().parents[1]
DICTIONARY = REPO / "docs" / "data-dictionary.md"
MODELS = REPO / "dbt_project" / "models"
SEEDS = REPO / "seeds"

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


def read_seed(name: str) -> list[dict[str, str]]:
    """The rows of a seed."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_yaml(folder: Path, key: str) -> dict[str, dict[str, Any]]:
    """The entries under `key` (models, seeds) of all YAML files below a folder, by name."""
    entries = {}
    for path in sorted(folder.rglob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")).get(key) or []:
            if entry["name"] in entries:
                sys.exit(f"{path.relative_to(REPO)}: {entry['name']} is described twice; keep one")
            entries[entry["name"]] = entry
    return entries


def one_line(text: object) -> str:
    """Text for a cell of a Markdown table."""
    return " ".join(str(text or "").split()).replace("|", "\\|")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(one_line(cell) for cell in row) + " |" for row in rows]
    return [*lines, ""]


def code(text: str) -> str:
    """A name as code; nothing for nothing."""
    return f"`{text}`" if text else ""


def columns_of(row: dict[str, str]) -> str:
    """The columns of marts.city_year that hold an indicator."""
    return ", ".join(
        code(row["indicator_code"] + ("" if scope == "total" else f"_{scope}"))
        for scope in row["scopes"].split("|")
    )


def indicator_lines() -> list[str]:
    """Printed and derived indicators with their units, bounds and formulas."""
    rows = read_seed("indicator")
    lines = [
        "## Indicators",
        "",
        "From `seeds/indicator.csv`; in a release `marts.dim_indicator`, which adds the years with figures.",
        "Prices are those of amounts of money: current, or constant with their year. `+` says that more is",
        "better, `-` that less is.",
        "",
        "### Printed",
        "",
        "Read from a source. A figure outside the bounds is set aside in `marts.quarantine`. The page is the",
        "table of the simulated yearbook; indicators without one come from other sources.",
        "",
    ]
    lines += table(
        [
            "Indicator",
            "中文",
            "English",
            "Unit",
            "Dimension",
            "Direction",
            "Prices",
            "Bounds",
            "Page",
            "Definition",
            "Columns of `marts.city_year`",
        ],
        (
            [
                code(row["indicator_code"]),
                row["name_zh"],
                row["name_en"],
                code(row["unit"]),
                row["dimension"],
                row["direction"],
                prices(row),
                bounds(row),
                row["table_no"],
                row["definition"],
                columns_of(row),
            ]
            for row in rows
            if row["kind"] == "printed"
        ),
    )
    lines += [
        "### Derived",
        "",
        "Ratios of weighted sums of printed indicators (`seeds/derived_term.csv`). Absent where a term is",
        "missing or the denominator is 0.",
        "",
    ]
    terms = read_seed("derived_term")
    lines += table(
        [*MADE_HEADER, "Terms"],
        (
            [*made(row), formula(row["indicator_code"], terms)]
            for row in rows
            if row["kind"] == "derived"
        ),
    )
    lines += [
        "### Relative and deflated",
        "",
        "Made of derived and printed ones (`seeds/relative_indicator.csv`, `seeds/deflated_indicator.csv`).",
        "`all_cities(x)` is x of all cities of the warehouse taken together; `deflator` is the city's price",
        "level of output, 1 in the base year. Absent where no unbroken run of deflators reaches the base year.",
        "",
    ]
    lines += table(
        [*MADE_HEADER, "Formula"],
        (
            [*made(row), code(row["formula"])]
            for row in rows
            if row["kind"] in ("relative", "deflated")
        ),
    )
    return lines


MADE_HEADER = (
    "Indicator",
    "中文",
    "English",
    "Unit",
    "Dimension",
    "Direction",
    "Prices",
    "Definition",
)


def made(row: dict[str, str]) -> list[str]:
    """The cells of an indicator that is not printed, under `MADE_HEADER`."""
    return [
        code(row["indicator_code"]),
        row["name_zh"],
        row["name_en"],
        code(row["unit"]),
        row["dimension"],
        row["direction"],
        prices(row),
        row["definition"],
    ]


def prices(row: dict[str, str]) -> str:
    """The price basis of an indicator in words; nothing for what is no money."""
    return " ".join(part for part in (row["price_basis"], row["price_base_year"]) if part)


def bounds(row: dict[str, str]) -> str:
    """The plausible range of a printed indicator in words."""
    low, high = row["valid_min"], row["valid_max"]
    if low and high:
        return f"{low} to {high}"
    return f"at least {low}" if low else (f"at most {high}" if high else "")


def formula(indicator_code: str, terms: list[dict[str, str]]) -> str:
    """The terms of a derived indicator as a formula."""

    def side(position: str) -> str:
        parts = []
        for term in terms:
            if term["indicator_code"] == indicator_code and term["position"] == position:
                name = term["input_indicator_code"]
                name += "" if term["input_scope"] == "total" else f" ({term['input_scope']})"
                weight = float(term["coefficient"])
                parts.append(code(name) if weight == 1 else f"{weight:,.10g} × {code(name)}")
        joined = " + ".join(parts)
        return f"({joined})" if " " in joined and has_ratio else joined

    has_ratio = any(
        term["indicator_code"] == indicator_code and term["position"] == "denominator"
        for term in terms
    )

    below = side("denominator")
    return side("numerator") + (f" / {below}" if below else "")


def index_lines() -> list[str]:
    """Indices and their components."""
    lines = [
        "## Indices",
        "",
        "From `seeds/index_definition.csv` and `seeds/index_component.csv`. Scores lie between 0 and 1; those",
        "on a fixed base may pass these bounds, and z-scores have 0 as their mean.",
        "",
    ]
    definitions = read_seed("index_definition")
    lines += table(
        [
            "Index",
            "中文",
            "English",
            "Weighting",
            "Scaled and weighted over",
            "Scaling",
            "Aggregation",
            "Population",
            "Years",
            "Column",
            "Remark",
        ],
        (
            [
                code(row["index_id"]),
                row["name_zh"],
                row["name_en"],
                row["weighting"],
                row["period"]
                + (
                    f" {row['base_year_from']}-{row['base_year_to']}"
                    if row["base_year_from"]
                    else ""
                ),
                row["scaling"],
                row["aggregation"],
                row["population"],
                f"{row['year_from'] or 'first'} to {row['year_to'] or 'last'}",
                code(f"index_{row['index_id']}"),
                row["note"],
            ]
            for row in definitions
        ),
    )
    indicators = {row["indicator_code"]: row for row in read_seed("indicator")}
    components = read_seed("index_component")
    for definition in definitions:
        lines += [f"### Components of {definition['index_id']}", ""]
        if definition["components_of"]:
            lines += [f"Those of {definition['components_of']}.", ""]
            continue
        lines += table(
            ["Component", "中文", "Scope", "Dimension", "Second level", "Direction"],
            (
                [
                    code(row["indicator_code"]),
                    indicators[row["indicator_code"]]["name_zh"],
                    row["scope"],
                    row["dimension"],
                    row["second_level"],
                    row["direction"],
                ]
                for row in components
                if row["index_id"] == definition["index_id"]
            ),
        )
    return lines


def is_required(column: dict[str, Any]) -> bool:
    """Whether the contract of a column forbids nulls."""
    return any(constraint.get("type") == "not_null" for constraint in column.get("constraints", []))


def panel_unit(column: dict[str, Any], units: dict[str, str]) -> str:
    """The unit of a column of the panel: its indicator's, else what its contract has in brackets."""
    meta = column.get("config", {}).get("meta", {})
    if "indicator_code" in meta:
        return units[meta["indicator_code"]]
    bracket = re.search(r"\[([^\]]+)\]", column["description"]) if meta else None
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
        "",
    ]
    for name, declared in TABLES.items():
        lines += [f"### estimates.{name}", "", declared.grain, ""]
        lines += table(
            ["Column", "Type", "Description"],
            (
                [code(column.name), DECLARED_TYPES[column.type], column.comment]
                for column in declared.columns
            ),
        )
    return lines


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


if __name__ == "__main__":
    if "--check" in sys.argv:
        if not DICTIONARY.is_file() or DICTIONARY.read_text(encoding="utf-8") != dictionary_text():
            sys.exit(
                f"{DICTIONARY.name} is out of date: run python scripts/write_data_dictionary.py"
            )
    else:
        DICTIONARY.write_text(dictionary_text(), encoding="utf-8")
        print(f"wrote {DICTIONARY.relative_to(REPO)}")
