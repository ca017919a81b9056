"""Slips in seeds are told before the work, all of a file at once, with line, column and what may be meant."""

import shutil
from pathlib import Path

import pytest
import yaml

from orchestration.commands.main import main
from orchestration.refresh.seed_files import (
    SEEDS,
    TESTS_OF_COLUMNS,
    TESTS_OF_FILES,
    SeedError,
    check_seeds,
    read_descriptions,
)
from orchestration.refresh.seed_rows import asks

DESCRIPTIONS = """
seeds:
  - name: unit
    config: {column_types: {factor: double}}
    columns:
      - {name: unit_key, data_tests: [unique, not_null]}
      - name: factor
        data_tests: [not_null]
  - name: indicator
    config: {column_types: {year_from: integer, is_additive: boolean, seen_on: date}}
    columns:
      - {name: indicator_code, data_tests: [unique, not_null]}
      - name: unit
        data_tests: [{relationships: {arguments: {to: ref('unit'), field: unit_key}}}]
      - name: kind
        data_tests: [{accepted_values: {arguments: {values: [printed, derived]}}}]
      - name: year_from
      - name: is_additive
      - name: seen_on
    data_tests: [{unique_combination: {arguments: {columns: [kind, year_from]}}}]
  - name: heading
    columns:
      - name: source_id
        data_tests:
          - relationships:
              arguments: {to: ref('indicator'), field: indicator_code}
              config: {where: "source_id <> '*'"}
      - name: note
"""
UNIT = "unit_key,factor\nkm2,1000000\nyuan,1\n万元,1e4\n"
INDICATOR = (
    "indicator_code,unit,kind,year_from,is_additive,seen_on\n"
    "gdp,yuan,printed,1996,true,2024-12-31\n"
    "area,km2,printed,,false,\n"
)
HEADING = 'source_id,note\n*,"of every\nsource"\ngdp,\n'


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    files = {"_seeds.yml": DESCRIPTIONS, "unit.csv": UNIT, "indicator.csv": INDICATOR}
    for name, text in (files | {"heading.csv": HEADING}).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def _told(folder: Path) -> str:
    with pytest.raises(SeedError) as refused:
        check_seeds(folder)
    return str(refused.value)


def _change(folder: Path, name: str, old: str, new: str) -> str:
    """What is told when one file has one change."""
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    return _told(folder)


def test_the_seeds_of_the_project_can_be_used() -> None:
    check_seeds()


def test_every_data_test_of_a_seed_is_asked_before_the_work() -> None:
    for file in SEEDS.glob("*.yml"):
        for seed in yaml.safe_load(file.read_text(encoding="utf-8"))["seeds"]:
            for node, known in (
                (seed, TESTS_OF_FILES),
                *((column, TESTS_OF_COLUMNS) for column in seed["columns"]),
            ):
                for test in node.get("data_tests", ()):
                    assert (test if isinstance(test, str) else next(iter(test))) in known
    for described in read_descriptions().values():
        assert all(asks(arguments) for _, _, arguments in described.of_columns)
        assert all(asks(arguments) for _, arguments in described.of_file)


def test_good_seeds_pass(seeds: Path) -> None:
    check_seeds(seeds)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "indicator.csv",
            "area,km2",
            "area,kn2",
            "line 3: unit: unit.csv has no 'kn2' (did you mean 'km2'?)",
        ),
        (
            "indicator.csv",
            "yuan,printed",
            "yuan,printd",
            "line 2: kind: expected one of printed, derived, found 'printd' (did you mean 'printed'?)",
        ),
        ("indicator.csv", "1996", "1996a", "line 2: year_from: expected a whole number, found"),
        ("indicator.csv", "false", "nein", "line 3: is_additive: expected true or false, found"),
        (
            "indicator.csv",
            "2024-12-31",
            "31.12.2024",
            "line 2: seen_on: expected a date as 2024-12-31",
        ),
        (
            "indicator.csv",
            "area,",
            "gdp,",
            "lines 2, 3: indicator_code: 'gdp' stands more than once",
        ),
        (
            "indicator.csv",
            "printed,,",
            "printed,1996,",
            "lines 2, 3: kind, year_from: 'printed', '1996' st",
        ),
        ("indicator.csv", "area,", ",", "line 3: indicator_code: a value is missing"),
        (
            "indicator.csv",
            ",1996",
            ",1996,",
            "line 2: 7 fields, and the heading has 6; put a text that",
        ),
        (
            "indicator.csv",
            ",false,",
            ",",
            "line 3: 5 fields, and the heading has 6; a comma is missing",
        ),
        (
            "unit.csv",
            "km2,1000000",
            'km2,"1,000,000"',
            "line 2: factor: expected a number, found '1,000",
        ),
        ("unit.csv", "km2,1000000", "km2,nan", "line 2: factor: expected a number, found 'nan'"),
        ("unit.csv", "yuan,1\n", "yuan,1\n\n", "line 4: an empty line; take it out"),
        (
            "unit.csv",
            "factor",
            "facter",
            "line 1: no column 'facter' is described (did you mean 'factor'?)",
        ),
        ("unit.csv", "factor", "facter", "line 1: the column 'factor' is missing"),
        ("unit.csv", "unit_key,", "unit_key;", "line 1: no column 'unit_key;factor' is described"),
        (
            "unit.csv",
            "yuan,1\n",
            'yuan,"1\n',
            "line 3: not readable as CSV (unexpected end of data)",
        ),
        (
            "heading.csv",
            "gdp,",
            "gpd,",
            "line 4: source_id: indicator.csv has no 'gpd' (did you mean 'gdp'?)",
        ),
    ],
)
def test_a_slip_is_told_with_its_line_and_what_may_be_meant(
    seeds: Path, name: str, old: str, new: str, said: str
) -> None:
    told = _change(seeds, name, old, new)
    assert f"seed file {seeds / name}:\n" in told
    assert said in told


def test_all_slips_of_all_files_are_told_at_once(seeds: Path) -> None:
    (seeds / "unit.csv").write_text("unit_key,factor\nkm2,x\nkm2,1\nyuan,\n", encoding="utf-8")
    told = _change(seeds, "indicator.csv", "yuan,printed", "yuen,printd")
    assert told.splitlines() == [
        f"seed file {seeds / 'indicator.csv'}:",
        "  line 2: unit: unit.csv has no 'yuen' (did you mean 'yuan'?)",
        "  line 2: kind: expected one of printed, derived, found 'printd' (did you mean 'printed'?)",
        f"seed file {seeds / 'unit.csv'}:",
        "  line 2: factor: expected a number, found 'x'",
        "  lines 2, 3: unit_key: 'km2' stands more than once; keep one of the rows",
        "  line 4: factor: a value is missing",
    ]


def test_a_torn_file_is_not_blamed_on_those_that_refer_to_it(seeds: Path) -> None:
    told = _change(seeds, "unit.csv", "km2,1000000", "km2")
    assert "indicator.csv" not in told


def test_a_slip_that_many_lines_share_is_said_once(seeds: Path) -> None:
    rows = "".join(f"c{number},acre,derived,{number},,\n" for number in range(3000))
    (seeds / "indicator.csv").write_text(INDICATOR + rows, encoding="utf-8")
    told = _told(seeds)
    assert "lines 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 2990 more: unit: unit.csv has no" in told
    assert len(told.splitlines()) == 2


def test_a_file_that_is_no_utf8_is_told(seeds: Path) -> None:
    (seeds / "unit.csv").write_bytes(UNIT.encode("gb18030"))
    assert "line 4: not in UTF-8; save the file as CSV UTF-8" in _told(seeds)


def test_a_mark_of_byte_order_and_windows_line_ends_do_no_harm(seeds: Path) -> None:
    (seeds / "unit.csv").write_bytes(UNIT.replace("\n", "\r\n").encode("utf-8-sig"))
    check_seeds(seeds)


def test_a_misspelt_name_of_a_file_is_told(seeds: Path) -> None:
    shutil.move(seeds / "unit.csv", seeds / "units.csv")
    told = _told(seeds)
    assert "units.csv: no seed is described under this name (did you mean 'unit'?)" in told
    assert "unit.csv: it is described and missing" in told


def test_an_empty_file_and_a_spoilt_description_are_told(seeds: Path) -> None:
    (seeds / "unit.csv").write_text("", encoding="utf-8")
    assert "line 1: no heading; expected unit_key,factor" in _told(seeds)
    (seeds / "_seeds.yml").write_text("seeds: [{name: unit}]", encoding="utf-8")
    assert "_seeds.yml: expected `seeds`, a list with name and columns" in _told(seeds)


def test_a_refresh_tells_it_before_it_reads_anything(
    seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("orchestration.refresh.seed_files.check_seeds.__defaults__", (seeds,))
    (seeds / "unit.csv").write_text(UNIT.replace("km2,", "km3,"), encoding="utf-8")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "page.csv").write_text("城市,2020\n襄阳市,1\n", encoding="utf-8")
    monkeypatch.setenv("CITYPANEL_STATE", str(tmp_path / "state"))
    assert main(["refresh", "--inbox", str(inbox), "--release", str(tmp_path / "release")]) == 2
    said = capsys.readouterr().err
    assert said.startswith(
        f"citypanel refresh: seed file {seeds / 'indicator.csv'}:\n  line 3: unit:"
    )
    assert not (tmp_path / "release" / "current").exists()
