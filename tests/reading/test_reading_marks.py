"""What stands in a cell when runs of it are struck through, hidden or raised, in every format that can say so."""

import io
import random
from dataclasses import dataclass
from itertools import accumulate

import pytest
import xlsxwriter
from reading_biff import Cell, Workbook

from orchestration.landing.reading import read_file
from orchestration.landing.reading.marks import LOWERED, MARKS, RAISED

DRAWN = 200
"""Pages per format; each draws the texts of some cells as runs of every kind."""


def said(tmp_path, content, name="page.xls"):
    """(row, column) -> text, what is printed beside it, marks."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return {
        (cell["row_number"], cell["column_number"]): (
            cell["text"],
            cell["printed_text"],
            cell["marks"],
        )
        for cell in read_file(path)[1].to_pylist()
    }


def web_page(rows: str, style: str = "") -> str:
    return f"<html><head><style>{style}</style></head><body><table>{rows}</table></body></html>"


def xlsx(write) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        write(book, book.add_worksheet())
    return buffer.getvalue()


def test_a_struck_figure_before_the_one_that_stands(tmp_path):
    def write(book, sheet):
        struck = book.add_format({"font_strikeout": True})
        plain = book.add_format()
        sheet.write_rich_string(0, 0, struck, "1028", plain, "1030")
        sheet.write_number(1, 0, 780, struck)
        sheet.write_string(2, 0, "331", struck)
        sheet.write_number(3, 0, 5)

    assert said(tmp_path, xlsx(write)) == {
        (1, 1): ("1030", "~~1028~~1030", "struck_part"),
        (2, 1): ("780", None, "struck"),
        (3, 1): ("331", None, "struck"),
        (4, 1): ("5", None, None),
    }


@pytest.mark.parametrize(
    ("cell", "text", "printed", "marks"),
    [
        ("<td><s>1028</s>1030", "1030", "~~1028~~1030", "struck_part"),
        ("<td><del>1028</del><ins>1030</ins>", "1030", "~~1028~~1030", "struck_part"),
        ("<td><strike>1028</strike> <b>1030</b>", "1030", "~~1028~~ 1030", "struck_part"),
        ("<td><s>780</s>", "780", "~~780~~", "struck"),
        ("<td class=old>780", "780", "~~780~~", "struck"),
        ("<td class=t><i>10</i>28", "28", "~~10~~28", "struck_part"),
        ("<td style='text-decoration:line-through'>7<b>8</b>", "78", "~~7~~~~8~~", "struck"),
        ("<td>10<span style='display:none'>99</span>28", "1028", "10||99||28", "hidden_part"),
        ("<td>10<span style='DISPLAY: none !important'>9</span>28", "1028", "10||9||28",
         "hidden_part"),
        ("<td>1028<span class=gone>.84</span>", "1028", "1028||.84||", "hidden_part"),
        ("<td>1028<span id=gone>.84</span>", "1028", "1028||.84||", "hidden_part"),
        ("<td>1028<span hidden>.84</span>", "1028", "1028||.84||", "hidden_part"),
        ("<td>1028<font style='font-size:0px'>77</font>", "1028", "1028||77||", "hidden_part"),
        ("<td style='visibility:hidden'>5", "5", "||5||", "hidden"),
        ("<td style='visibility:hidden'>5<b style='visibility:visible'>6</b>", "6", "||5||6",
         "hidden_part"),
        ("<td style='font-size:0'><b style='font-size:9pt'>6</b>", "6", None, None),
        ("<td class=kept style='display:table-cell'>7", "7", None, None),
        ("<td>1,028.84<sup>2</sup>", "1,028.84²", None, "raised"),
        ("<td>1028.8<sub>2</sub>", "1028.8₂", None, "raised"),
        ("<td>1028<span style='vertical-align:super'>2</span>", "1028²", None, "raised"),
        ("<td>1028<!-- 756 -->.5", "1028.5", None, None),
        ("<td>1028<br>756", "1028\n756", None, None),
        ("<td><p>1028</p><p>756</p>", "1028\n756", None, None),
        ("<td class=printed>7", "7", None, None),
        ("<td class=other:hover>7", "7", None, None),
    ],
)  # fmt: skip
def test_what_a_web_page_shows(tmp_path, cell, text, printed, marks):
    style = """
        <!-- .old {text-decoration: line-through} .t > i {text-decoration:line-through}
        td span.gone, #gone {display:none} .kept {display:none} /* .x {display:none} */
        @media print { .printed {display: none} } .other:hover {display:none}
        table tr td.never b.no {display:none} -->
    """
    page = web_page(f"<tr><td>石家庄市</td>{cell}</td></tr>", style)
    assert said(tmp_path, page)[1, 2] == (text, printed, marks)


def test_a_cell_without_a_place_moves_its_neighbours_and_is_not_lost(tmp_path):
    page = web_page(
        "<tr><td>城市<td>人口<td>面积</tr>"
        "<tr><td>唐山市<td style='display:none'>0780<td>780<td>331</tr>"
        "<tr><td style='display:none'>99</tr>"
    )
    found = said(tmp_path, page)
    assert found[2, 2] == ("780", "||0780||780", "hidden_part")
    assert found[2, 3] == ("331", None, None)
    assert found[3, 1] == ("99", "||99||", "hidden")


def test_hidden_rows_columns_and_sheets_keep_their_cells(tmp_path):
    def write(book, sheet):
        sheet.write_row(0, 0, ["城市", "人口", "面积"])
        sheet.write_row(1, 0, ["唐山市", 780, 331])
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})
        other = book.add_worksheet()
        other.write(0, 0, "旧")
        other.hide()

    path = tmp_path / "page.xlsx"
    path.write_bytes(xlsx(write))
    marks = {
        (cell["sheet_index"], cell["row_number"], cell["column_number"]): cell["marks"]
        for cell in read_file(path)[1].to_pylist()
    }
    assert marks == {
        (0, 1, 1): None,
        (0, 1, 2): None,
        (0, 1, 3): "hidden_column",
        (0, 2, 1): "hidden_row",
        (0, 2, 2): "hidden_row",
        (0, 2, 3): "hidden_row hidden_column",
        (1, 1, 1): "hidden_sheet",
    }
    page = web_page(
        "<col><col style='display:none'><tr><td>城市<td>人口</tr>"
        "<tbody hidden><tr><td>唐山市<td>780</tr></tbody>"
    )
    assert [mark for _, _, mark in said(tmp_path, page).values()] == [
        None, "hidden_column", "hidden_row", "hidden_row hidden_column",
    ]  # fmt: skip
    book = Workbook(
        is_biff8=True,
        cells=[Cell(0, 0, "城市"), Cell(1, 0, "唐山市"), Cell(1, 2, 331.0)],
        hidden_rows=(1,),
        hidden_columns=(2,),
        is_hidden=True,
    )
    assert [mark for _, _, mark in said(tmp_path, book.content()).values()] == [
        "hidden_sheet", "hidden_row hidden_sheet", "hidden_row hidden_column hidden_sheet",
    ]  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A piece of a text: plain, struck, hidden, raised or lowered."""

    text: str
    kind: str


def drawn(rng: random.Random, kinds: list[str]) -> list[Run]:
    """Runs of a figure; neighbours differ in kind, as programs write them."""
    runs: list[Run] = []
    for _ in range(rng.randint(1, 4)):
        kind = rng.choice([k for k in kinds if not runs or k != runs[-1].kind])
        text = rng.choice(["1028", "1,028.84", "7", ".5", "2", "12)", "-3"])
        runs.append(Run(text, kind))
    return runs


def expected(runs: list[Run]) -> tuple[str, str | None]:
    """What stands, and its marks, by the words of the documentation."""
    shown = {"raised": lambda t: t.translate(RAISED), "lowered": lambda t: t.translate(LOWERED)}
    standing = [r for r in runs if r.kind not in ("struck", "hidden")]
    marks = set()
    if not standing:
        kind = "struck" if any(r.kind == "struck" for r in runs) else "hidden"
        standing = [r for r in runs if r.kind == kind]
        marks.add(kind)
    else:
        marks |= {f"{r.kind}_part" for r in runs if r.kind in ("struck", "hidden")}
    if any(r.kind in shown for r in runs):
        marks.add("raised")
    text = "".join(shown.get(r.kind, str)(r.text) for r in standing)
    return text, " ".join(mark for mark in MARKS if mark in marks) or None


def as_xlsx(pages: list[list[Run]]) -> bytes:
    def write(book, sheet):
        made = {
            "plain": book.add_format(),
            "struck": book.add_format({"font_strikeout": True}),
            "raised": book.add_format({"font_script": 1}),
            "lowered": book.add_format({"font_script": 2}),
        }
        for row, runs in enumerate(pages):
            pieces = [part for run in runs for part in (made[run.kind], run.text)]
            if len(runs) > 1:
                assert sheet.write_rich_string(row, 0, *pieces) == 0
            else:
                sheet.write_string(row, 0, runs[0].text, made[runs[0].kind])

    return xlsx(write)


def as_xls(pages: list[list[Run]], *, is_biff8: bool) -> bytes:
    fonts = {"plain": 0, "struck": 1, "raised": 2, "lowered": 3}
    cells = []
    for row, runs in enumerate(pages):
        ends = [0, *accumulate(len(run.text) for run in runs)]
        styled = tuple((start, fonts[run.kind]) for start, run in zip(ends[:-1], runs, strict=True))
        cells.append(Cell(row, 0, "".join(run.text for run in runs), 0, styled))
    book = Workbook(
        is_biff8=is_biff8, fonts=[(False, 0), (True, 0), (False, 1), (False, 2)], cells=cells
    )
    return book.content()


def as_web_page(pages: list[list[Run]]) -> bytes:
    tags = {
        "plain": ("", ""),
        "struck": ("<s>", "</s>"),
        "hidden": ("<span style='display: none'>", "</span>"),
        "raised": ("<sup>", "</sup>"),
        "lowered": ("<sub>", "</sub>"),
    }
    rows = "".join(
        "<tr><td>" + "".join(run.text.join(tags[run.kind]) for run in runs) + "</td></tr>"
        for runs in pages
    )
    return web_page(rows).encode()


WRITERS = {
    "xlsx": (as_xlsx, ["plain", "struck", "raised", "lowered"], 40),
    "xls": (lambda p: as_xls(p, is_biff8=True), ["plain", "struck", "raised", "lowered"], 40),
    "xls5": (lambda p: as_xls(p, is_biff8=False), ["plain", "struck", "raised", "lowered"], 40),
    "html": (as_web_page, ["plain", "struck", "hidden", "raised", "lowered"], 40),
}


@pytest.mark.parametrize("name", WRITERS)
def test_drawn_runs_stand_or_are_left_out(tmp_path, name):
    """Whatever the runs, no two figures of which one doesn't stand are ever joined."""
    write, kinds, rows = WRITERS[name]
    rng = random.Random(name)
    pages = [drawn(rng, kinds) for _ in range(DRAWN)]
    for start in range(0, DRAWN, rows):
        part = pages[start : start + rows]
        found = said(tmp_path, write(part))
        for row, runs in enumerate(part, 1):
            text, _, marks = found[row, 1]
            alone = len(runs) == 1 and name == "xlsx" and runs[0].kind in ("raised", "lowered")
            wanted = (runs[0].text, "raised") if alone else expected(runs)
            assert (text, marks) == wanted, runs
