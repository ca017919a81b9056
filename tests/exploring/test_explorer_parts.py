"""What lies in the explorer's folder: the warehouse's numbers, whole, and words in every language."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from orchestration.engine.protocol import Warehouse
from orchestration.exploring import missing_parts, write_explorer
from orchestration.exploring.write import PAGE, WORDS

HASHES = {
    "d3.min.js": "912111098ea99503a6f4967361d2bbdc9dbf58cf9c678c8e27e5b02d1a07f0c1",
    "plot.min.js": "4358086467740777dd788d6b27a95cebdbaefdd50c730a3060117073bd7134cb",
}
"""Of the libraries as their registry has them; versions stand in docs/dependencies.md."""


def part(folder: Path, name: str) -> Any:
    text = (folder / "data" / f"{name}.js").read_text(encoding="utf-8")
    found = re.fullmatch(r'citypanel\.part\("([^"]+)",(.*)\);\n', text, flags=re.DOTALL)
    assert found and found[1] == name
    return json.loads(found[2])


def subjects(folder: Path) -> dict[str, Any]:
    return {
        path.stem: part(folder, f"subject/{path.stem}")
        for path in sorted((folder / "data" / "subject").glob("*.js"))
    }


def test_every_number_of_the_warehouse_is_in_its_subject(
    explorer: Path, demo_warehouse: Warehouse
) -> None:
    expected = {
        (indicator, city, year): value
        for indicator, city, year, value in demo_warehouse.rows(
            "select indicator_code, city_code, year, value from marts.indicator_value"
            " union all select 'index_' || index_id, city_code, year, score from marts.index_score"
            " union all select index_id || '.' || dimension, city_code, year, score"
            " from marts.index_dimension_score"
            " union all select 'efficiency_' || model_id || '_' || variant, city_code, year, score"
            " from marts.efficiency_score"
        )
    }
    written = {
        (subject, city, year): value
        for subject, cities in subjects(explorer).items()
        for city, series in cities.items()
        for year, value in zip(series["y"], series["v"], strict=True)
    }
    assert len(expected) == 72
    assert written == expected


def test_every_figure_of_a_city_has_its_cell(explorer: Path, demo_warehouse: Warehouse) -> None:
    places = part(explorer, "places")
    written = {}
    for code in ("110000", "420100", "999900"):
        for series in part(explorer, f"city/{code}")["figures"]:
            for i, year in enumerate(series["y"]):
                place = None if series["p"][i] is None else places[series["p"][i]]
                written[code, series["s"], year] = (
                    series["v"][i], series["k"][i], place and place["path"], place and place["sheet"],
                    place and place["heading"], place and place["unit"], series["a"][i], series["t"][i],
                )  # fmt: skip
    expected = {
        (row[0], row[1], row[2]): tuple(row[3:])
        for row in demo_warehouse.rows(
            "select city_code, indicator_code, year, value, left(value_kind, 1), relative_path, sheet_name,"
            " heading_printed, unit_printed, cell_address, cell_text from marts.number_lineage"
        )
    }
    assert len(expected) == 36
    assert written == expected


def test_a_filled_number_names_its_neighbours_and_a_doubtful_one_its_flag(
    explorer: Path,
) -> None:
    figures = {series["s"]: series for series in part(explorer, "city/420100")["figures"]}
    (remark,) = figures["gdp"]["x"]
    assert (remark["year"], remark["fill"], remark["before"], remark["after"]) == (
        2021, "linear", 2020, 2022,
    )  # fmt: skip
    (suspect,) = {s["s"]: s for s in part(explorer, "city/110000")["figures"]}["gdp"]["x"]
    assert (suspect["year"], suspect["flags"]) == (2022, "outside_range")
    assert subjects(explorer)["gdp"]["110000"]["k"] == "ooO"  # capital: suspect


def test_what_else_a_city_shows(explorer: Path) -> None:
    city = part(explorer, "city/420100")
    assert set(city) == {
        "figures", "deflators", "scores", "obstacles", "standing", "neighbours", "policies", "regimes", "events",
    }  # fmt: skip
    assert city["policies"][0]["rules"] == [
        {"coverage": "whole", "timing": "pilot_year", "year": 2021}
    ]
    assert [one["y"] for one in city["regimes"]] == [[2020, 2021, 2022]]  # of this vintage alone
    assert {one["s"] for one in city["scores"]} == {
        "index_nqpf", "nqpf.laborers", "nqpf.means_of_labor", "efficiency_m_bcc",
    }  # fmt: skip


def test_base_knows_cities_without_figures_and_only_subjects_with_numbers(explorer: Path) -> None:
    base = part(explorer, "base")
    assert {city["code"]: city["has"] for city in base["cities"]} == {
        "110000": True, "141100": False, "420100": True, "999900": True,
    }  # fmt: skip
    assert {subject["id"] for subject in base["subjects"]} == set(subjects(explorer))


def test_same_warehouse_same_bytes_and_nothing_left_in_it(
    explorer: Path, demo_warehouse: Warehouse, tmp_path: Path
) -> None:
    write_explorer(demo_warehouse, tmp_path / "again")
    first, again = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (explorer, tmp_path / "again")
    )
    assert first == again
    assert demo_warehouse.rows("select table_name from duckdb_tables() where temporary") == []


def test_a_lost_part_is_named(explorer: Path, demo_warehouse: Warehouse, tmp_path: Path) -> None:
    assert missing_parts(demo_warehouse, explorer) == []
    write_explorer(demo_warehouse, tmp_path / "explorer")
    (tmp_path / "explorer" / "data" / "city" / "420100.js").unlink()
    assert missing_parts(demo_warehouse, tmp_path / "explorer") == [
        "the explorer lacks city/420100"
    ]


def words(language: str) -> dict[str, str]:
    return json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))


def test_languages_have_the_same_texts_with_the_same_fields() -> None:
    english = words("en")
    for path in WORDS.glob("*.json"):
        other = words(path.stem)
        assert set(other) == set(english), path.name
        for key, text in english.items():
            fields = re.findall(r"\{\w+\}", text)
            assert sorted(fields) == sorted(re.findall(r"\{\w+\}", other[key])), key


def test_nothing_is_left_in_english() -> None:
    same = {key for key, text in words("zh").items() if not re.search(r"[\u4e00-\u9fff]", text)}
    assert same == {"unit.percent", "unit.per_mille", "comma", "joined"}  # signs


def test_the_page_says_only_what_the_catalogue_has() -> None:
    known = set(words("en"))
    code = "".join(path.read_text(encoding="utf-8") for path in (PAGE / "code").glob("*.js"))
    said = set(re.findall(r'\bsay\("(\w+)"(?! \+)', code))
    assert len(said) > 80
    assert said <= known
    texts = {key for key in known if "." not in key}
    unused = {key for key in texts if not re.search(rf'"{key}"', code)}
    assert unused == {"kind_index", "kind_dimension", "kind_efficiency"}  # said by their beginning


@pytest.mark.parametrize(
    ("kind", "seed", "column"),
    [
        ("unit", "indicator.csv", "unit"),
        ("dimension", "indicator.csv", "dimension"),
        ("dimension", "index_component.csv", "dimension"),
        ("variant", "efficiency_variant.csv", "variant"),
        ("region", "city.csv", "region"),
        ("level", "city.csv", "level"),
        ("size", "city_size_class.csv", "size_class"),
        ("event", "city_event.csv", "kind"),
        ("decision", "city_event.csv", "decision"),
    ],
)
def test_every_code_of_the_seeds_has_words(
    repo_dir: Path, kind: str, seed: str, column: str
) -> None:
    import pandas as pd

    table = pd.read_csv(repo_dir / "seeds" / seed, dtype=str)
    if seed == "efficiency_variant.csv":
        table = table[table["method"] != "malmquist"]
    codes = set(table[column].dropna())
    assert codes
    assert {code for code in codes if f"{kind}.{code}" not in words("zh")} == set()


def test_libraries_are_those_declared_and_their_licences_lie_beside() -> None:
    vendor = PAGE / "vendor"
    assert {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in vendor.glob("*.js")
    } == HASHES
    for name in HASHES:
        licence = (vendor / f"{name.split('.')[0]}.LICENSE.txt").read_text(encoding="utf-8")
        assert "Permission to use, copy, modify" in licence


def test_page_makes_no_markup_of_text_and_asks_nothing_of_a_network() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (PAGE / "code").glob("*.js"))
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch(",
                 "XMLHttpRequest", "DOMParser"):  # fmt: skip
        assert word not in code
    page = (PAGE / "index.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy and "default-src 'none'" in policy[1] and "connect-src 'none'" in policy[1]
    assert "script-src 'self' file:;" in policy[1]
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
