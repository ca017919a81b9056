"""Generated files are what their scripts write, and name what they should."""

from __future__ import annotations

import csv
import re
import subprocess
import sys

import pytest
from docs_repository import REPO, read

SCRIPTS = ("write_catalogue.py", "write_data_dictionary.py", "write_panel_contract.py")


@pytest.mark.parametrize("script", SCRIPTS)
def test_generated_file_is_up_to_date(script: str) -> None:
    finished = subprocess.run(
        [sys.executable, REPO / "scripts" / script, "--check"], capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr


def test_every_indicator_and_index_is_in_the_dictionary() -> None:
    text = read(REPO / "docs" / "data-dictionary.md")
    for seed, key in (("indicator", "indicator_code"), ("index_definition", "index_id")):
        with (REPO / "seeds" / f"{seed}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                line = re.search(rf"^\| `{row[key]}` \|.*$", text, re.MULTILINE)
                assert line, f"{row[key]} is missing"
                assert row["name_zh"] in line.group(0)
                assert row["name_en"] in line.group(0)


def test_dictionary_leaves_no_column_of_the_panel_without_unit() -> None:
    section = read(REPO / "docs" / "data-dictionary.md").partition("### marts.city_year")[2]
    rows = re.findall(
        r"^\| `(\w+)` \| double \|[^|]*\| ([^|]*) \|", section.partition("### ")[0], re.MULTILINE
    )
    assert len(rows) > 70
    assert [column for column, unit in rows if not unit.strip()] == []
