"""The real yearbook pages, cell by cell against independent readings."""

import io

import msoffcrypto
import openpyxl
import pytest
import reading_independent as independent

from orchestration.landing.reading import CELL_SCHEMA, read_file

pytestmark = pytest.mark.real

LAYOUTS = {
    "cnki.xls": ("xls-encrypted", None),
    "correct.xls": ("html", "utf-8"),
    "error.xls": ("xls", None),
    "error2.xls": ("html", "utf-8"),
    "error3.xls": ("html", "utf-8"),
    "error4.xls": ("html", "utf-8"),
    "error5.xls": ("csv", "gb18030"),
}


def second_reading(path):
    kind, encoding = LAYOUTS[path.name]
    content = path.read_bytes()
    if kind == "xls-encrypted":
        plain = io.BytesIO()
        document = msoffcrypto.OfficeFile(io.BytesIO(content))
        document.load_key(password="VelvetSweatshop")
        document.decrypt(plain)
        content = plain.getvalue()
    if kind.startswith("xls"):
        return independent.biff8(content)
    if kind == "html":
        return independent.html(content.decode(encoding))
    return independent.comma_separated(content.decode("gbk"))


def test_reading_real_covers_all_layouts(shared_dir):
    assert {p.name for p in (shared_dir / "yearbooks" / "layouts").iterdir()} == set(LAYOUTS)


@pytest.mark.parametrize("name", LAYOUTS)
def test_reading_layout_cell_by_cell(shared_dir, as_cells, name):
    path = shared_dir / "yearbooks" / "layouts" / name
    facts, table = read_file(path)
    assert (facts.media_kind, facts.encoding) == LAYOUTS[name]
    assert facts.cell_count == table.num_rows > 100
    assert table.schema == CELL_SCHEMA
    expected = second_reading(path)
    assert as_cells(path) == expected
    assert list(as_cells(path)) == sorted(expected)


def test_reading_known_values_of_encrypted_table(shared_dir):
    _, table = read_file(shared_dir / "yearbooks" / "layouts" / "cnki.xls")
    by_place = {
        (c["sheet_index"], c["row_number"], c["column_number"]): c for c in table.to_pylist()
    }
    row = next(place[1] for place, c in by_place.items() if "石家庄" in c["text"] and place[2] == 1)
    value = by_place[0, row, 3]
    assert (value["text"], value["kind"]) == ("1038", "text")  # stored as text by the vendor
    heading = by_place[0, 5, 3]
    assert heading["text"].startswith("年末户籍人口 (万人)\r\n")
    assert (heading["row_span"], heading["column_span"]) == (1, 2)
    assert (by_place[0, 5, 1]["row_span"], by_place[0, 5, 1]["column_span"]) == (2, 1)


def test_reading_keeps_leading_spaces_and_title_of_web_page(shared_dir, as_cells):
    cells = as_cells(shared_dir / "yearbooks" / "layouts" / "error4.xls")
    assert cells[0, 1, 1][0] == "中国2014年地级以上城市年末金融机构存贷款余额统计(二)"
    assert cells[0, 2, 1][0] == "单位:万元"
    assert cells[0, 3, 1] == ("城市", 3, 1)
    assert cells[0, 6, 1][0] == "\u00a0\u00a0阜新市"
    assert cells[0, 6, 2][0] == "8346368"


PANELS = ["汇率.xlsx", "1997-2019年290个中国城市碳排放清单 (1).xlsx"]


@pytest.mark.parametrize("name", PANELS)
def test_reading_panel_against_openpyxl(shared_dir, as_cells, name):
    path = shared_dir / "yearbooks" / "panels" / name
    expected = {}
    for index, sheet in enumerate(openpyxl.load_workbook(path, data_only=True)):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    value = cell.value
                    text = value if isinstance(value, str) else independent.number(float(value))
                    expected[index, cell.row, cell.column] = (text, 1, 1)
        for span in sheet.merged_cells.ranges:
            place = (index, span.min_row, span.min_col)
            if place in expected:
                expected[place] = (expected[place][0], span.size["rows"], span.size["columns"])
    assert as_cells(path) == independent.without_blanks(expected)


@pytest.mark.verify
def test_reading_every_panel_against_openpyxl(shared_dir, as_cells):
    for path in sorted((shared_dir / "yearbooks" / "panels").glob("*.xlsx")):
        if path.name not in PANELS:
            test_reading_panel_against_openpyxl(shared_dir, as_cells, path.name)
