"""The written folder: layout of the pages, marks, renames, and that it repeats byte by byte."""

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from orchestration.sample import SAMPLE_VERSION, SampleWorld, writer
from orchestration.sample.pages import MISSING_MARKS, SIMULATED_LINE
from orchestration.sample.tables import TABLES
from orchestration.sample.writer import workbooks, write_part, write_sample


def page(folder: Path, edition: int, number: str) -> tuple[list[list[object]], list]:
    (path,) = (folder / f"中国城市统计年鉴{edition}").glob(f"{number} *.xlsx")
    book = CalamineWorkbook.from_path(str(path))
    sheet = book.get_sheet_by_name(book.sheet_names[0])
    return sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges


def digest(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_one_workbook_per_edition_and_table(sample_folder: Path) -> None:
    found = {p.relative_to(sample_folder).as_posix() for p in sample_folder.rglob("*.xlsx")}
    assert found == {name for *_, name in workbooks()}
    assert len(found) == 14 * len(TABLES)
    assert "中国城市统计年鉴2010/2-1 人口状况.xlsx" in found


def test_sources_say_simulated(sample_folder: Path) -> None:
    with (sample_folder / "sources.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert [int(row["edition"]) for row in rows] == list(range(2010, 2024))
    for row in rows:
        assert row["data_kind"] == "simulated"
        assert row["statistic_year"] == ""
        assert len(list(sample_folder.glob(row["file_pattern"]))) == len(TABLES)


def test_page_looks_like_the_yearbook(sample_folder: Path) -> None:
    rows, merges = page(sample_folder, 2010, "2-1")
    assert [row[0] for row in rows[:4]] == [
        "(一)人口、劳动力及土地资源",
        "Population, Labour Forces and Land Resources",
        "2-1 人口状况",
        "Population",
    ]
    assert rows[4][:3] == [
        "城 市",
        "City",
        "年末总人口 (万人)\nTotal Population at Year-end\n(10 000 persons)",
    ]
    assert rows[5][2:4] == ["全市\nTotal City", "市辖区\nDistricts\nunder City"]
    assert ((4, 2), (4, 3)) in merges
    assert ((4, 0), (5, 0)) in merges
    assert [row[0] for row in rows[6:10]] == ["北京市", "天津市", "上海市", "重庆市"]
    assert rows[10][:3] == ["河北省", "Hebei", ""]
    assert not any(rows[10][2:])
    assert rows[11][:2] == ["  石家庄市", "  Shijiazhuang"]
    following = [i for i, row in enumerate(rows) if str(row[0]).startswith("2-1 续表")]
    body = [row for row in rows[6:] if row[1] and row[1] != "City"]
    assert len(following) == (len(body) - 1) // 45
    for i in following:
        assert rows[i + 1] == rows[4]
        assert ((i + 1, 2), (i + 1, 3)) in merges
    assert str(rows[-1][0]).endswith(SIMULATED_LINE)
    assert any(str(row[0]).startswith("注：①") for row in rows)


def test_cells_are_the_simulated_figures(sample_folder: Path, sample_world: SampleWorld) -> None:
    places = sample_world.places
    for edition, number, code, column, factor in (
        (2016, "2-7", "deposits", 2, 1.0),
        (2017, "2-12", "telecom_business_volume", 2, 1.0),
        (2018, "2-12", "telecom_business_volume", 2, 10_000.0),
        (2011, "2-12", "internet_users", 4, 0.0001),
        (2023, "2-14", "sewage_central_treatment_rate", 3, 1.0),
    ):
        t = edition - 2010
        rows, _ = page(sample_folder, edition, number)
        printed = {str(row[0]).strip(): row[column] for row in rows}
        wrong, compared = [], 0
        for i in range(places.n):
            if not places.exists[i, t]:
                continue
            cell = str(printed[places.name_zh[i][t]])
            gap = sample_world.gaps[code, "total"][i, t]
            assert (cell in MISSING_MARKS) == gap, (edition, code, places.name_zh[i][t], cell)
            if gap:
                continue
            value = float(cell.replace(",", "").replace("①", "")) * factor
            compared += 1
            if not np.isclose(value, sample_world.values[code, "total"][i, t], rtol=1e-9):
                wrong.append((places.name_zh[i][t], cell))
        assert not wrong
        assert compared > 280


def test_missing_marks_and_footnote_marks_are_there(sample_folder: Path) -> None:
    marks: set[str] = set()
    footnoted = 0
    for edition in range(2010, 2024):
        rows, _ = page(sample_folder, edition, "2-14")
        for row in rows[6:]:
            if not str(row[0]).startswith("  "):
                continue
            cells = [str(value) for value in row[2:]]
            marks |= {value for value in cells if value in MISSING_MARKS}
            footnoted += sum(value.endswith("①") for value in cells)
    assert len(marks) >= 4
    assert footnoted >= 14


def test_the_same_bytes_every_time(sample_folder: Path, tmp_path: Path) -> None:
    write_part(tmp_path, "policy", part=3, parts=len(TABLES))  # one workbook of each edition
    once = digest(tmp_path)
    assert len(once) == 14
    whole = digest(sample_folder)
    assert once == {name: whole[name] for name in once}


def test_worlds_differ_in_the_index_figures_only(sample_folder: Path, tmp_path: Path) -> None:
    write_part(tmp_path, "no_policy", part=0, parts=len(TABLES))
    write_part(tmp_path, "no_policy", part=len(TABLES) - 3, parts=len(TABLES))
    with_policy, without = digest(sample_folder), digest(tmp_path)
    same = {name for name in without if without[name] == with_policy[name]}
    assert {name.split("/")[1].split()[0] for name in same} >= {"2-1"}
    changed = {name for name in without if name not in same}
    assert changed
    # Nothing differs before the first pilots of 2012, edition 2013.
    assert all(int(name[len("中国城市统计年鉴") :][:4]) >= 2013 for name in changed)


def test_second_call_does_nothing(sample_folder: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in sample_folder.rglob("*")}
    said: list[str] = []
    assert write_sample(sample_folder, progress=said.append) == sample_folder
    assert {p: p.stat().st_mtime_ns for p in sample_folder.rglob("*")} == before
    assert len(said) == 1
    assert SAMPLE_VERSION in said[0]
    assert json.loads((sample_folder / writer.MARKER).read_text())["version"] == SAMPLE_VERSION


def test_foreign_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("a\n1\n")
    with pytest.raises(FileExistsError, match="not the sample's"):
        write_sample(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.csv"]


@pytest.mark.parametrize("interpreter", [sys.executable, "no-such-python"])
def test_another_process_writes_all_meanwhile(
    interpreter: str, sample_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This one does something else and writes nothing, unless no other can be had."""
    here, others, done = [], [], []
    write_a_part = writer.write_part

    def one_table(folder: Path, world: str, part: int, parts: int) -> int:
        here.append((part, parts))
        return write_a_part(folder, "policy", 3, len(TABLES))

    def start(command: list[str], **given: object) -> subprocess.Popen[bytes]:
        others.append(command[-2:])
        # One table of each edition instead of all of them: the part that the call names is what counts.
        return popen([interpreter, *command[1:-2], "3", str(len(TABLES))], **given)

    popen = subprocess.Popen
    monkeypatch.setattr(writer, "write_part", one_table)
    monkeypatch.setattr(writer.subprocess, "Popen", start)
    monkeypatch.setattr(writer.os, "cpu_count", lambda: 2)
    target = write_sample(tmp_path / "yearbooks", meanwhile=lambda: done.append(1))
    assert done == [1]
    assert others == [["0", "1"]]
    assert here == ([] if interpreter == sys.executable else [(0, 1)])
    wrote = {name: one for name, one in digest(target).items() if name.endswith(".xlsx")}
    whole = digest(sample_folder)
    assert len(wrote) == 14
    assert wrote == {name: whole[name] for name in wrote}


def test_incomplete_folder_is_written_again(
    sample_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "yearbooks"
    left = tmp_path / ".yearbooks.part-1"  # what a killed call leaves behind
    left.mkdir()
    wrote: list[Path] = []

    def small(build: Path, *_: object) -> None:
        wrote.append(build)
        (build / "one.xlsx").write_bytes(b"1")

    monkeypatch.setattr(writer, "_write_all", small)
    write_sample(target)
    assert not left.exists()
    write_sample(target)
    assert len(wrote) == 1
    (target / "one.xlsx").unlink()
    write_sample(target)
    assert len(wrote) == 2
    write_sample(target, world="no_policy")
    assert len(wrote) == 3
    assert [p.name for p in tmp_path.iterdir()] == ["yearbooks"]
