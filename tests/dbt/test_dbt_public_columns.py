"""Every public column says what it is, and every measure in which unit.

Here: the contracts of `dbt_project/models/marts` as files, and the dictionary that the panel's columns
come from. Not here: types and keys, which dbt enforces, and tables that Python writes.
"""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

REPO = Path(__file__).resolve().parents[2]
MARTS = REPO / "dbt_project" / "models" / "marts"
SAYS_UNIT = re.compile(
    r"\[[^\]]+\]|\bunit\b|\b0 (to|and) 1\b|\badd(ing|s)? up to 1\b|\b([Ww]eight|[Ff]actor|[Ss]hare)\b"
)
"""A unit in brackets, a pointer to the column that has it, or a word for a number without one."""
SHORTEST = 3


def columns() -> list[Any]:
    """Table and column of every contract."""
    found = []
    for path in sorted(MARTS.rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or []:
            found += [
                pytest.param(column, id=f"{model['name']}.{column['name']}")
                for column in model["columns"]
            ]
    return found


def dictionary() -> dict[str, dict[str, str]]:
    with (REPO / "seeds" / "indicator.csv").open(encoding="utf-8", newline="") as file:
        return {row["indicator_code"]: row for row in csv.DictReader(file)}


INDICATORS = dictionary()


@pytest.mark.parametrize("column", columns())
def test_column_is_described_with_its_unit(column: dict[str, Any]) -> None:
    text = column.get("description", "")
    assert len(text) >= SHORTEST
    meta = column.get("config", {}).get("meta", {})
    if "indicator_code" in meta:
        own = INDICATORS[meta["indicator_code"]]
        assert f"[{own['unit']}]" in text
        assert own["definition"] in text
        assert own["formula"] in text
    elif column["data_type"] == "double":
        assert SAYS_UNIT.search(text), f"in which unit? {text}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Area [km2]", True),
        ("Its figure in the unit of the indicator", True),
        ("Score between 0 and 1", True),
        ("Weight of the component", True),
        ("Largest over smallest figure", False),
        ("United", False),
    ],
)
def test_what_counts_as_a_unit(text: str, says: bool) -> None:
    assert bool(SAYS_UNIT.search(text)) == says


def test_the_dictionary_table_has_a_column_for_each_thing_asked_of_it() -> None:
    model = next(
        one
        for one in yaml.safe_load(
            (MARTS / "indicators" / "_indicators.yml").read_text(encoding="utf-8")
        )["models"]
        if one["name"] == "dim_indicator"
    )
    assert [column["name"] for column in model["columns"]] == [
        "indicator_code", "name_zh", "name_en", "dimension", "direction", "unit", "price_basis",
        "price_base_year", "kind", "definition", "formula", "inputs", "table_no", "sources",
        "first_year", "last_year", "figures",
    ]  # fmt: skip
