"""Every family on files written here, whose cells are known."""

import datetime
import hashlib
import io
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from orchestration.landing.reading import (
    CELL_SCHEMA,
    UnreadableFile,
    iter_cells,
    open_cells,
    read_file,
)
from orchestration.landing.reading.cells import number_text, rows_batch
from orchestration.landing.reading.delimited import sniff_delimiter

PLAIN = {
    (0, 1, 1): ("城市", 1, 1),
    (0, 1, 2): ("全市", 1, 1),
    (0, 1, 3): ("市辖区", 1, 1),
    (0, 2, 1): ("石家庄市", 1, 1),
    (0, 2, 2): ("1038", 1, 1),
    (0, 2, 3): ("410.5", 1, 1),
    (0, 3, 1): ("唐山市", 1, 1),
    (0, 3, 2): ("1,234", 1, 1),
    (0, 3, 3): ("…", 1, 1),
}


def write(tmp_path, content, name="file.xls"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def kinds(path):
    _, table = read_file(path)
    return {
        (c["row_number"], c["column_number"]): (c["text"], c["kind"]) for c in table.to_pylist()
    }


def test_reading_facts_and_spans_of_xlsx(generated, as_cells):
    path = generated["xlsx"]
    facts, table = read_file(path)
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert facts.byte_size == path.stat().st_size
    assert (facts.media_kind, facts.sheet_count, facts.cell_count) == ("xlsx", 2, 11)
    assert table.schema == CELL_SCHEMA
    assert set(table["sheet_name"].to_pylist()) == {"2-1"}
    assert as_cells(path) == {
        (0, 1, 1): ("2-1 人口状况", 1, 5),
        (0, 2, 1): ("城 市", 2, 1),
        (0, 2, 2): ("年末人口\n(万人)", 1, 2),
        (0, 3, 2): ("全市", 1, 1),
        (0, 3, 3): ("市辖区", 1, 1),
        (0, 4, 1): ("  石家庄市", 1, 1),
        (0, 4, 2): ("1038", 1, 1),
        (0, 4, 3): ("410.5", 1, 1),
        (0, 5, 1): ("\u3000唐山市①", 1, 1),
        (0, 5, 2): ("760.25", 1, 1),
        (0, 5, 3): ("…", 1, 1),
    }


def test_reading_kinds_of_xlsx_with_errors_and_unstored_formulas(tmp_path, patch_part):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"nan_inf_to_errors": True}) as book:
        book.add_chartsheet("chart")
        sheet = book.add_worksheet("data")
        dated = book.add_format({"num_format": "yyyy-mm-dd"})
        timed = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        long = book.add_format({"num_format": "[h]:mm"})
        sheet.write_row(2, 1, [1.5, True, -0.0, 1e20, 123456789012345.0, "\u00a0\u3000 "])
        sheet.write_formula(3, 1, "=1/0", None, "#DIV/0!")
        sheet.write(3, 2, float("nan"))
        sheet.write_formula(3, 3, '=B3&"<x>"', None, 77)
        sheet.write_formula(3, 4, '=""', None, "")
        sheet.write_datetime(4, 1, datetime.datetime(2014, 12, 31), dated)
        sheet.write_datetime(4, 2, datetime.datetime(2014, 12, 31, 5, 6), timed)
        sheet.write(4, 3, 1.5, long)
    stored = b"<v>77</v></c>"

    def unstore(xml):
        assert xml.count(stored) == 1
        blank = b'<c r="E4"><f>""</f>'  # what Excel stores for an empty text is typed
        assert xml.count(blank) == 1
        xml = xml.replace(blank, b'<c r="E4" t="str"><f>""</f>')
        return xml.replace(stored, b"<v></v></c>")

    content = patch_part(buffer.getvalue(), "xl/worksheets/sheet1.xml", unstore)
    path = write(tmp_path, content)
    assert read_file(path)[0].sheet_count == 1
    assert set(read_file(path)[1]["sheet_index"].to_pylist()) == {1}
    assert kinds(path) == {
        (3, 2): ("1.5", "number"),
        (3, 3): ("TRUE", "boolean"),
        (3, 4): ("0", "number"),
        (3, 5): ("1e+20", "number"),
        (3, 6): ("123456789012345", "number"),
        (4, 2): ("#DIV/0!", "error"),
        (4, 3): ("#NUM!", "error"),
        (4, 4): ('=B3&"<x>"', "error"),
        (5, 2): ("2014-12-31", "date"),
        (5, 3): ("2014-12-31 05:06:00", "date"),
        (5, 4): ("36:00:00", "date"),
    }


@pytest.mark.parametrize("name", ["csv-utf8", "csv-gb18030", "tsv-utf16"])
def test_reading_text_tables(generated, as_cells, name):
    assert as_cells(generated[name]) == PLAIN
    facts, _ = read_file(generated[name])
    assert facts.media_kind == "csv"
    assert facts.encoding == {"utf8": "utf-8", "utf16": "utf-16"}.get(name[4:], "gb18030")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_reading_delimiters_and_encodings(tmp_path, as_cells, encoding, delimiter):
    lines = [
        ["表2-1 人口, 2014"],
        ["城市", "万人; 年末"],
        ["石家庄市", "1,038"],
        [],
        ["唐山市", "7"],
    ]
    text = "\n".join(
        delimiter.join(f'"{f}"' if set(f) & set(",;") else f for f in line) for line in lines
    )
    expected = {
        (0, i, j): (field, 1, 1)
        for i, line in enumerate(lines, 1)
        for j, field in enumerate(line, 1)
    }
    path = write(tmp_path, text.encode(encoding), "table.dat")
    assert as_cells(path) == expected
    assert read_file(path)[0].encoding == ("gb18030" if encoding == "gbk" else encoding)


def test_reading_delimiter_is_not_taken_from_decimals_or_notes():
    assert sniff_delimiter("a;b\n1,5;2,5\n3,5;4,5\n") == ";"
    assert sniff_delimiter("note, with commas, and more\na\tb\n1,000\t2\n3\t4\n") == "\t"
    assert sniff_delimiter("one\ntwo\nthree, four\n") is None
    assert sniff_delimiter('{"a": 1,\n"b": 2,\n"c": 3}') is None


def test_reading_web_page_in_gbk_with_open_cells_and_spans(generated, as_cells):
    assert as_cells(generated["html-gbk"]) == {
        (0, 1, 1): ("表2-1", 1, 1),
        (0, 2, 1): ("城市", 2, 1),
        (0, 2, 2): ("人口", 1, 2),
        (0, 3, 2): ("全市", 1, 1),
        (0, 3, 3): ("市辖区", 1, 1),
        (0, 4, 1): ("石家庄市", 1, 1),
        (0, 4, 2): ("1038", 1, 1),
        (0, 4, 3): ("410.5", 1, 1),
    }
    assert read_file(generated["html-gbk"])[0].encoding == "gb18030"


def test_reading_web_page_layout_tables_breaks_and_hidden_parts(tmp_path, as_cells):
    page = """<!DOCTYPE html><html><head><title>no</title><style>td{}</style></head><body>
    <table><tr><td><h1>Title</h1>unit: <b>10</b> 000<br>persons
      <table><tr><th rowspan=0>a<td> b<br>c </td><td>&nbsp;d</td></tr><tr><td>e</table>
    </td></tr></table><script>var x = "<table>";</script><p>Source: x</p></body></html>"""
    assert as_cells(write(tmp_path, page)) == {
        (0, 1, 1): ("Title", 1, 1),
        (0, 2, 1): ("unit: 10 000", 1, 1),
        (0, 3, 1): ("persons", 1, 1),
        (0, 4, 1): ("a", 2, 1),
        (0, 4, 2): ("b\nc", 1, 1),
        (0, 4, 3): ("\u00a0d", 1, 1),
        (0, 5, 2): ("e", 1, 1),
        (0, 6, 1): ("Source: x", 1, 1),
    }


def test_reading_parquet_types(tmp_path):
    table = pa.table(
        {
            "city": pa.array(["石家庄市", None, " \u3000"]),
            "code": pa.array(["a", "b", "a"]).dictionary_encode(),
            "n": pa.array([1, None, -3], pa.int64()),
            "x": [0.1, float("nan"), 5e5],
            "single": pa.array([0.1, 2, None], pa.float32()),
            "yes": [True, None, False],
            "day": [datetime.date(2014, 12, 31), None, None],
            "at": pa.array([datetime.datetime(2014, 1, 2), None, datetime.datetime(2014, 1, 2, 3)]),
            "money": pa.array([Decimal("1.50"), None, None]),
        }
    )
    path = tmp_path / "x.bin"
    pq.write_table(table, path)
    assert kinds(path) == {
        **{(1, j): (name, "text") for j, name in enumerate(table.column_names, 1)},
        (2, 1): ("石家庄市", "text"),
        (2, 2): ("a", "text"),
        (2, 3): ("1", "number"),
        (2, 4): ("0.1", "number"),
        (2, 5): ("0.1", "number"),
        (2, 6): ("TRUE", "boolean"),
        (2, 7): ("2014-12-31", "date"),
        (2, 8): ("2014-01-02", "date"),
        (2, 9): ("1.50", "number"),
        (3, 2): ("b", "text"),
        (3, 5): ("2", "number"),
        (4, 2): ("a", "text"),
        (4, 3): ("-3", "number"),
        (4, 4): ("500000", "number"),
        (4, 6): ("FALSE", "boolean"),
        (4, 8): ("2014-01-02 03:00:00", "date"),
    }
    assert read_file(path)[0].media_kind == "parquet"


def test_reading_refuses_parquet_text_that_is_not_utf8(tmp_path):
    bad = pa.Array.from_buffers(
        pa.string(),
        1,
        [None, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer("市".encode("gbk"))],
    )
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"city": bad}), path)
    with pytest.raises(UnreadableFile, match="rows 1 to 1 break") as caught:
        read_file(path)
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize("version", [114, 117, 118])
def test_reading_stata_names_labels_and_values(tmp_path, version):
    frame = pd.DataFrame(
        {
            "city": ["Shijiazhuang", "Tangshan", ""],
            "region": np.array([1, 2, 9], np.int8),
            "gdp": [0.1, 5e5, None],
            "share": np.array([0.1, 0.2, 0.3], np.float32),
            "day": pd.to_datetime(["2014-12-31", "1959-12-31", None]),
            "month": pd.to_datetime(["2014-03-01", "1959-12-01", "1960-01-01"]),
        }
    )
    path = tmp_path / "x"
    frame.to_stata(
        path,
        version=version,
        write_index=False,
        variable_labels={"gdp": "GDP, 100 million yuan"},
        value_labels={"region": {1: "East", 2: "West"}},
        convert_dates={"day": "td", "month": "tm"},
    )
    got = kinds(path)
    assert got == {
        **{(1, j): (name, "text") for j, name in enumerate(frame.columns, 1)},
        (2, 3): ("GDP, 100 million yuan", "text"),
        (3, 1): ("Shijiazhuang", "text"),
        (3, 2): ("East", "text"),
        (3, 3): ("0.1", "number"),
        (3, 4): ("0.1", "number"),
        (3, 5): ("2014-12-31", "date"),
        (3, 6): ("2014m3", "date"),
        (4, 1): ("Tangshan", "text"),
        (4, 2): ("West", "text"),
        (4, 3): ("500000", "number"),
        (4, 4): ("0.2", "number"),
        (4, 5): ("1959-12-31", "date"),
        (4, 6): ("1959m12", "date"),
        (5, 2): ("9", "number"),
        (5, 4): ("0.3", "number"),
        (5, 6): ("1960m1", "date"),
    }
    assert read_file(path)[0].media_kind == "dta"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_reading_old_stata_in_chinese_code_page(tmp_path, encoding):
    # Stata 13 and older store whatever bytes the machine's code page gave.
    names = ["石家庄市", "唐山市"]
    bytewise = [name.encode(encoding).decode("latin-1") for name in names]
    path = tmp_path / "old.dta"
    pd.DataFrame({"city": bytewise, "n": [1, 2]}).to_stata(
        path,
        version=114,
        write_index=False,
        variable_labels={"n": "人口".encode(encoding).decode("latin-1")},
    )
    got = kinds(path)
    assert [got[3, 1][0], got[4, 1][0], got[2, 2][0]] == [*names, "人口"]
    assert read_file(path)[0].encoding == encoding


def test_reading_stata_unicode(tmp_path):
    path = tmp_path / "new.dta"
    pd.DataFrame({"城市": ["石家庄市"]}).to_stata(path, version=118, write_index=False)
    assert kinds(path) == {(1, 1): ("城市", "text"), (3, 1): ("石家庄市", "text")}


@pytest.mark.parametrize("batch_rows", [1, 7, 1000])
def test_reading_batches_join_to_the_same_cells(generated, batch_rows):
    for path in generated.values():
        batches = list(iter_cells(path, batch_rows))
        assert all(0 <= batch.num_rows <= batch_rows for batch in batches)
        assert pa.Table.from_batches(batches) == read_file(path)[1]


def test_reading_large_text_in_blocks_keeps_row_numbers(tmp_path):
    rows = 5000
    path = write(tmp_path, "".join(f"{i},{i * 2}\n" for i in range(1, rows + 1)), "x.csv")
    table = pa.Table.from_batches(list(iter_cells(path, 999)))
    assert table["row_number"].to_pylist() == [i for i in range(1, rows + 1) for _ in "ab"]
    assert table["text"].to_pylist()[1::2] == [str(i * 2) for i in range(1, rows + 1)]


def test_reading_facts_wait_for_the_last_batch(generated):
    stream = open_cells(generated["csv-utf8"])
    with pytest.raises(RuntimeError, match="take all batches first"):
        _ = stream.facts
    assert sum(batch.num_rows for batch in stream) == stream.facts.cell_count == len(PLAIN)


def test_reading_is_independent_of_the_name(generated, tmp_path):
    content = generated["xlsx"].read_bytes()
    facts, table = read_file(write(tmp_path, content, "人口.csv"))
    assert (facts, table) == read_file(generated["xlsx"])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_reading_number_text_round_trips(value):
    (text,) = number_text(pa.array([value])).to_pylist()
    assert float(text) == value
    assert not text.endswith(".0")
    if value == int(value) and abs(value) < 1e16:
        assert text == str(int(value))
    else:
        assert Decimal(text) == Decimal(repr(value))  # as few digits as Python needs
    if 1e-4 <= abs(value) < 1e16:
        assert "e" not in text


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_reading_single_precision_text_round_trips(value):
    (text,) = number_text(pa.array([value], pa.float32())).to_pylist()
    assert np.float32(text) == np.float32(value)
    assert not text.endswith(".0")
    assert Decimal(text) == Decimal(str(np.float32(value)))


@given(
    st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=4))
)
def test_reading_rows_batch_drops_blanks_and_nothing_else(rows):
    batch = rows_batch(0, "s", rows, 1).to_pydict()
    expected = [
        (i, j, text)
        for i, row in enumerate(rows, 1)
        for j, text in enumerate(row, 1)
        if text.strip()
    ]
    found = zip(batch["row_number"], batch["column_number"], batch["text"], strict=True)
    assert list(found) == expected


def test_reading_iter_refuses_in_the_middle(tmp_path):
    path = write(tmp_path, "a,b\n" * 2000 + '"open,1\n' + "a,b\n" * 2000)
    batches = iter_cells(path, 100)
    assert next(batches).num_rows == 100
    with pytest.raises(UnreadableFile) as caught:
        list(batches)
    assert caught.value.reason == "damaged"
