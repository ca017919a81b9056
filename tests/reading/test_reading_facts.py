"""Merged areas, widths of rows, garbled text and old code pages: facts of a page beside its texts."""

import io
import random

import pytest
import xlsxwriter
from reading_biff import Cell, Workbook

from orchestration.landing.reading import UnreadableFile, read_file

DRAWN = 60
CITIES = (
    "石家庄市",
    "唐山市",
    "秦皇岛市",
    "邯郸市",
    "镕基县",
    "龘城",
)  # the last two not in GB 2312


def write(tmp_path, content, name="page.xls"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_merged_areas_are_kept_also_where_they_are_blank(tmp_path):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 1, 0, "城市")
        sheet.merge_range(0, 3, 0, 4, "")
        sheet.write(0, 2, "市辖区")
        book.add_worksheet().merge_range(4, 1, 6, 2, "注")
    facts, _ = read_file(write(tmp_path, buffer.getvalue()))
    assert sorted(facts.merged_areas) == [(0, 1, 1, 2, 1), (0, 1, 4, 1, 5), (1, 5, 2, 7, 3)]
    page = "<table><tr><td rowspan=2>城市<td>市辖区<td colspan=2></tr><tr><td>a<td>b<td>c</table>"
    facts, table = read_file(write(tmp_path, page))
    assert facts.merged_areas == ((0, 1, 1, 2, 1), (0, 1, 3, 1, 4))
    assert set(table.column("row_width").to_pylist()) == {4}
    book = Workbook(is_biff8=True, cells=[Cell(0, 0, "城市")], merged=((0, 1, 0, 0), (0, 0, 3, 4)))
    facts, _ = read_file(write(tmp_path, book.content()))
    assert sorted(facts.merged_areas) == [(0, 1, 1, 2, 1), (0, 1, 4, 1, 5)]


def test_the_width_of_a_line_counts_blank_fields(tmp_path):
    text = "城市,人口,面积\n石家庄市,1,028.84,1,020.5\n唐山市,1,028.84,\n秦皇岛市,300\n"
    _, table = read_file(write(tmp_path, text))
    widths = dict(
        zip(
            table.column("row_number").to_pylist(),
            table.column("row_width").to_pylist(),
            strict=True,
        )
    )
    assert widths == {1: 3, 2: 5, 3: 4, 4: 2}


@pytest.mark.parametrize("sign", ["\ufffd", "\ufffd\ufffd市", "锟斤拷"])
def test_text_that_was_garbled_before_is_refused_by_its_cell(tmp_path, sign):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet("人口").write(3, 1, f"石家{sign}")
    pages = {
        "page.csv": f"城市,人口\n石家{sign},5\n",
        "page.html": f"<table><tr><td>城市<td>石家{sign}</table>",
        "page.xlsx": buffer.getvalue(),
    }
    for name, content in pages.items():
        with pytest.raises(UnreadableFile) as caught:
            read_file(write(tmp_path, content, name))
        assert caught.value.reason == "encoding"
        assert "row" in caught.value.message
        assert "石家" in caught.value.message


def biff5(rng: random.Random) -> tuple[Workbook, dict[tuple[int, int], str], bool]:
    """A page of Excel 5, its cells, and whether its texts can be told for certain."""
    encoding = rng.choice(["gb18030", "gb18030", "gb18030", "big5", "cp1252"])
    said = {
        "gb18030": rng.choice([936, 936, None, 1252]),
        "big5": 950,
        "cp1252": 1252,
    }[encoding]
    names = {"gb18030": CITIES, "big5": ("臺北市", "高雄市"), "cp1252": ("Köln", "Zürich")}
    cells = [Cell(0, 0, "City"), Cell(0, 1, "GDP")]
    for row in range(1, rng.randint(3, 8)):
        name = rng.choice(names[encoding])
        runs = ((0, 0),) if rng.random() < 0.5 else ()
        cells += [Cell(row, 0, name, 0, runs), Cell(row, 1, round(rng.uniform(1, 1e6), 2))]
    wanted = {(cell.row + 1, cell.column + 1): str(cell.value) for cell in cells}
    has_styles = rng.random() < 0.5
    return (
        Workbook(False, said, encoding, cells=cells, has_styles=has_styles),
        wanted,
        encoding != "gb18030" or said == 936,
    )


def test_excel_5_in_drawn_code_pages_is_read_or_refused(tmp_path):
    """Never other characters than those that were written, whatever the code page says of itself."""
    rng = random.Random(936)
    read = 0
    for _ in range(DRAWN):
        book, wanted, is_certain = biff5(rng)
        path = write(tmp_path, book.content())
        try:
            _, table = read_file(path)
        except UnreadableFile as error:
            assert not is_certain, error
            assert error.reason == "encoding"
            continue
        read += 1
        assert {
            (cell["row_number"], cell["column_number"]): cell["text"] for cell in table.to_pylist()
        } == {place: text.removesuffix(".0") for place, text in wanted.items()}
    assert read > DRAWN / 2


def test_rich_text_of_a_character_recogniser(tmp_path):
    """RSTRING records in a workbook without fonts, as programs that read print write them."""
    book = Workbook(
        False,
        cells=[
            Cell(0, 0, "城市"),
            Cell(0, 1, "年末户籍人口(万人)"),
            Cell(1, 0, "石家庄市", 0, ((0, 0),)),
            Cell(1, 1, 1028.84),
        ],
        has_styles=False,
    )
    facts, table = read_file(write(tmp_path, book.content()))
    assert (facts.media_kind, facts.encoding) == ("xls", "gb18030")
    assert table.column("text").to_pylist() == ["城市", "年末户籍人口(万人)", "石家庄市", "1028.84"]


def test_texts_in_no_code_page_are_refused(tmp_path):
    book = Workbook(False, 936, "latin-1", cells=[Cell(0, 0, "\xff\xff\x80"), Cell(0, 1, 1.0)])
    with pytest.raises(UnreadableFile) as caught:
        read_file(write(tmp_path, book.content()))
    assert caught.value.reason == "encoding"
    assert "936" in caught.value.message
