"""A part of a release written in each form, and read back by another program's reader."""

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.feather
import pyarrow.parquet
import pytest

from orchestration.exporting import FORMS, Part
from orchestration.exporting.names import NameClash, label, stata_name, stata_names
from orchestration.exporting.stata import NotInStata

LONG = "efficiency_public_service_unemployment_sbm_per_year"


@pytest.fixture
def part() -> Part:
    frame = pd.DataFrame(
        {
            "city_code": ["110000", "540100", None],
            "year": pd.array([2020, 2021, 2022], dtype="int32"),
            "city_name": ["北京市", "=1+1", "-"],
            "capital": [True, False, True],
            "seen": pd.Series([True, None, False], dtype=object),
            "gdp": [0.1 + 0.2, float("nan"), 3.4e15],
            LONG: [1.5, 2.5, -1e-12],
            "note": ["长" * 1500, "b", None],
        }
    )
    meaning = {column: f"What {column} is, {'at length ' * 12}" for column in frame}
    return Part("panel", frame, meaning, "2022-abc", "simulated")


def written(part: Part, form: str, folder: Path) -> tuple[Path, list[str]]:
    ending, write = FORMS[form]
    target = folder / f"file{ending}"
    return target, write(part, target)


def test_stata_keeps_values_labels_and_missing(part: Part, tmp_path: Path) -> None:
    target, altered = written(part, "stata", tmp_path)
    short = stata_name(LONG)
    assert f"{LONG} is {short}" in altered
    with pd.io.stata.StataReader(target) as reader:
        back = reader.read(convert_categoricals=False)
        labels, kinds = reader.variable_labels(), reader.value_labels()
        assert "SIMULATED" in reader.data_label
    assert list(back["city_name"]) == ["北京市", "=1+1", "-"]
    assert list(back["city_code"]) == ["110000", "540100", ""]
    assert list(back["note"]) == ["长" * 1500, "b", ""]
    assert list(back["year"]) == [2020, 2021, 2022]
    pd.testing.assert_series_equal(back["gdp"], part.frame["gdp"])
    assert list(back[short]) == list(part.frame[LONG])
    assert list(back["capital"]) == [1, 0, 1]
    assert back["seen"].isna().tolist() == [False, True, False]
    assert kinds["seen"] == kinds["capital"] == {0: "no", 1: "yes"}
    assert labels[short] == label(part.meaning[LONG])
    assert max(map(len, labels.values())) == 80


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_typed_forms_keep_all_and_say_what_it_means(part: Part, tmp_path: Path, form: str) -> None:
    target, altered = written(part, form, tmp_path)
    read = pyarrow.parquet.read_table if form == "parquet" else pyarrow.feather.read_table
    table = read(target)
    pd.testing.assert_frame_equal(table.to_pandas(), part.frame)
    assert altered == []
    for field in table.schema:
        assert field.metadata[b"description"].decode() == part.meaning[field.name]
    assert table.schema.metadata[b"data_kind"] == b"simulated"


@pytest.mark.parametrize(("form", "mark"), [("csv", b"city"), ("csv-excel", b"\xef\xbb\xbfcity")])
def test_csv_keeps_numbers_and_runs_no_formula(
    part: Part, tmp_path: Path, form: str, mark: bytes
) -> None:
    target, altered = written(part, form, tmp_path)
    assert target.read_bytes().startswith(mark)
    back = pd.read_csv(target, dtype={"city_code": "str"})
    assert list(back["city_name"]) == ["北京市", "'=1+1", "'-"]
    assert "city_name: 2 texts" in altered[0]
    assert back["gdp"].equals(part.frame["gdp"])
    assert back[LONG].equals(part.frame[LONG])


def test_workbook_has_rows_codebook_and_the_mark(part: Part, tmp_path: Path) -> None:
    target, _ = written(part, "excel", tmp_path)
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["panel", "codebook"]
    for sheet in book:
        assert "SIMULATED" in sheet["A1"].value
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref is not None
    rows = list(book["panel"].iter_rows(min_row=2))
    assert [cell.value for cell in rows[0]] == list(part.frame)
    assert [rows[2][2].value, rows[2][2].data_type] == ["=1+1", "s"]
    assert [row[5].value for row in rows[1:]] == [
        pytest.approx(0.3, abs=1e-15),  # Excel keeps 15 to 17 digits as xlsxwriter prints them
        None,
        3.4e15,
    ]
    assert book["codebook"]["C3"].value == part.meaning["city_code"]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_part_gives_the_same_bytes(part: Part, tmp_path: Path, form: str) -> None:
    first, _ = written(part, form, tmp_path)
    before = first.read_bytes()
    second, _ = written(part, form, tmp_path)
    assert second.read_bytes() == before


def test_haven_reads_what_was_written(part: Part, tmp_path: Path) -> None:
    r = shutil.which("Rscript")
    if r is None or subprocess.run([r, "-e", "library(haven)"], capture_output=True).returncode:
        pytest.skip("R with haven is not here: apt-get install r-cran-haven")
    target, _ = written(part, "stata", tmp_path)
    script = (
        f'd <- haven::read_dta("{target}"); cat(d$city_name, d$year, is.na(d$seen), '
        'attr(d$seen, "labels"), names(attr(d$seen, "labels")), nchar(d$note[1]), '
        'attr(d$city_name, "label"), sep = "|"); cat("|"); cat(format(d$gdp, digits = 17), sep = "|")'
    )
    done = subprocess.run([r, "-e", script], capture_output=True, text=True, check=True)
    *texts, first, gap, last = done.stdout.strip().split("|")
    assert texts[:9] == ["北京市", "=1+1", "-", "2020", "2021", "2022", "FALSE", "TRUE", "FALSE"]
    assert texts[9:14] == ["0", "1", "no", "yes", "1500"]
    assert texts[14] == label(part.meaning["city_name"])
    assert [float(first), gap.strip(), float(last)] == [0.1 + 0.2, "NA", 3.4e15]


def test_names_of_stata_do_not_meet() -> None:
    assert stata_name("gdp") == "gdp"
    assert stata_name("in") != "in"
    assert len(stata_name(LONG)) <= 32
    assert stata_name(LONG) != stata_name(LONG.replace("_year", "_month"))
    with pytest.raises(NameClash, match=LONG):
        stata_names([LONG, stata_name(LONG)])


def test_infinite_numbers_are_refused_by_name(part: Part, tmp_path: Path) -> None:
    part.frame.loc[0, "gdp"] = float("inf")
    with pytest.raises(NotInStata, match="gdp: 1 infinite"):
        written(part, "stata", tmp_path)
