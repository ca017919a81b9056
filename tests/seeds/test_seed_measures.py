"""The seeds of measures fit together: headings, units, indicators, indices, rules."""

import csv
import re
from pathlib import Path

import pytest

from orchestration.headings.likeness import text_key
from orchestration.sample import headings as sample_headings

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


INDICATORS = {row["indicator_code"]: row for row in rows("indicator")}
UNITS = {row["unit_key"]: row for row in rows("unit")}


@pytest.mark.parametrize(
    ("seed", "columns"),
    [
        ("indicator", ["indicator_code"]),
        ("unit", ["unit_key"]),
        ("heading", ["source_id", "heading_key", "edition_from"]),
        ("source_rule", ["match_order"]),
        ("fill_rule", ["indicator_code"]),
        ("index_component", ["index_id", "indicator_code"]),
        ("derived_term", ["indicator_code", "position", "input_indicator_code", "input_scope"]),
        ("relative_indicator", ["indicator_code"]),
        ("deflated_indicator", ["indicator_code"]),
        ("city_size_class", ["size_class"]),
        ("missing_mark", ["mark"]),
        ("scope_label", ["label_key"]),
        ("aggregate_name", ["name_key"]),
    ],
)
def test_keys_are_unique(seed: str, columns: list[str]) -> None:
    keys = [tuple(row[column] for column in columns) for row in rows(seed)]
    assert len(keys) == len(set(keys))


def test_every_indicator_has_a_unit_and_a_definition() -> None:
    for row in INDICATORS.values():
        assert row["unit"] in UNITS, row["indicator_code"]
        assert row["definition"], row["indicator_code"]
        assert (row["kind"] != "printed") == bool(row["formula"]), row["indicator_code"]


def test_headings_name_known_indicators_roles_and_units() -> None:
    roles = {
        "city",
        "city_en",
        "city_code",
        "province",
        "province_code",
        "year",
        "unit",
        "scope",
        "indicator",
        "figure",
        "value",
        "ignore",
    }
    for row in rows("heading"):
        assert row["role"] in roles, row
        assert (row["role"] == "value") == bool(row["indicator_code"]), row
        if row["indicator_code"]:
            assert row["indicator_code"] in INDICATORS, row
        if row["unit"]:
            printed, held = UNITS[row["unit"]], UNITS[INDICATORS[row["indicator_code"]]["unit"]]
            assert printed["dimension"] == held["dimension"], row
        if row["role"] == "ignore":
            assert row["note"], f"a column that is left unused says why: {row}"
        assert row["heading_key"] == text_key(row["heading_key"]), row


def test_every_heading_of_the_sample_is_mapped_to_its_indicator_and_unit() -> None:
    mapped = {
        row["heading_key"]: row["indicator_code"]
        for row in rows("heading")
        if row["source_id"] in ("cn_city_yearbook", "*")
    }
    for heading in sample_headings():
        assert mapped.get(text_key(heading["heading_zh"])) == heading["indicator_code"], heading
        printed = UNITS[text_key(heading["unit_zh"])]
        held = UNITS[INDICATORS[heading["indicator_code"]]["unit"]]
        assert printed["dimension"] == held["dimension"], heading


def test_derived_indicators_have_terms_of_printed_ones() -> None:
    derived = {code for code, row in INDICATORS.items() if row["kind"] == "derived"}
    terms = rows("derived_term")
    assert {term["indicator_code"] for term in terms} == derived
    for term in terms:
        assert INDICATORS[term["input_indicator_code"]]["kind"] == "printed", term
        assert term["position"] in ("numerator", "denominator"), term
        assert float(term["coefficient"]) != 0


def test_index_components_are_indicators_of_defined_indices() -> None:
    definitions = rows("index_definition")
    components = rows("index_component")
    with_own = {row["index_id"] for row in definitions if not row["components_of"]}
    assert {row["index_id"] for row in components} == with_own
    assert {row["components_of"] for row in definitions} - {""} <= with_own
    for row in components:
        assert row["indicator_code"] in INDICATORS
        assert row["direction"] in ("+", "-")
    published = {row["indicator"] for row in rows("published_index_weight")}
    assert {row["indicator_code"] for row in components if row["index_id"] == "nqpf"} == published


def test_every_printed_indicator_has_a_fill_rule() -> None:
    printed = {code for code, row in INDICATORS.items() if row["kind"] == "printed"}
    assert {row["indicator_code"] for row in rows("fill_rule")} == printed


def test_source_rules_compile_and_end_with_a_rule_for_everything() -> None:
    rules = sorted(rows("source_rule"), key=lambda row: int(row["match_order"]))
    for row in rules:
        re.compile(row["file_pattern"])
        re.compile(row["sheet_pattern"])
        assert row["decision"] in ("load", "ignore")
        assert row["decision"] == "load" or row["reason"], f"unused sheets say why: {row}"
    assert (rules[-1]["file_pattern"], rules[-1]["sheet_pattern"], rules[-1]["decision"]) == (
        ".*",
        ".*",
        "load",
    )
