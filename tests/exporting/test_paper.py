"""Tables and figures of a report as files for a paper, read back by other programs."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from PIL import Image

from orchestration.errors import NotFound
from orchestration.exporting.paper import Page, read_page, write_figures, write_tables
from orchestration.exporting.paper.latex import tex_text, unknown
from orchestration.exporting.paper.page import Cell, PageError, Run, plain
from orchestration.exporting.paper.sheets import number_format

INCH = 72


@pytest.fixture(scope="module")
def page(demo_html: str, tmp_path_factory: pytest.TempPathFactory) -> Page:
    path = tmp_path_factory.mktemp("report") / "index.html"
    path.write_text(demo_html, encoding="utf-8")
    return read_page(path)


def test_every_table_and_figure_of_the_page_is_there(page: Page, demo_html: str) -> None:
    assert len(page.tables) == demo_html.count("<table")
    assert len(page.figures) == demo_html.count('<svg class="figure"')
    numbered = [table.number for table in page.tables if not table.number.startswith("A")]
    assert numbered == [str(n) for n in range(1, len(numbered) + 1)]
    assert len({table.key for table in page.tables}) == len(page.tables)
    for table in page.tables:
        widths = {sum(cell.span for cell in row) for row in (*table.head, *table.rows)}
        assert widths == {table.width}, table.key
        assert plain(table.caption), table.number
    regressions = [table for table in page.tables if table.is_regression]
    assert regressions
    assert all("Notes." in plain(table.notes[0]) for table in regressions)
    found = [cell for t in regressions for row in t.rows for cell in row if cell.value is not None]
    exact = re.findall(r'<td data-column[^>]*data-value="([^"]+)"', demo_html)
    assert [cell.value for cell in found] == [float(value) for value in exact]


def test_latex_has_rows_notes_and_the_mark_and_compiles(page: Page, tmp_path: Path) -> None:
    said = write_tables(page, tmp_path, "latex")
    assert "SIMULATED" in said[0]
    for table in page.tables:
        text = (tmp_path / f"{table.key}.tex").read_text(encoding="utf-8")
        assert text.count(r"\toprule") >= 1
        assert text.count(r" \\" + "\n") >= len(table.rows)
        assert r"\textbf{SIMULATED DATA" in text
        assert all(tex_text(note[-1].text) in text for note in table.notes)
    program = shutil.which("xelatex") or shutil.which("pdflatex")
    if program is None:
        pytest.skip("no TeX here: apt-get install texlive-xetex")
    done = subprocess.run(
        [program, "-interaction=nonstopmode", "-halt-on-error", "tables.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, done.stdout[-1500:]
    assert "Missing character" not in (tmp_path / "tables.log").read_text(errors="replace")


def test_tex_reads_signs_as_text() -> None:
    assert tex_text("a_b & 5 % <c>") == r"a\_b \& 5 \% \textless{}c\textgreater{}"
    assert tex_text("\u22120.5") == r"\ensuremath{-}0.5"
    assert tex_text("襄阳市 Xiangyang") == r"\zh{襄阳市} Xiangyang"
    assert unknown("a\u2192\u2603") == {"\u2603"}


def test_word_has_three_lines_and_the_text_of_every_cell(page: Page, tmp_path: Path) -> None:
    write_tables(page, tmp_path, "word")
    target = tmp_path / "tables-simulated.docx"
    document = Document(str(target))
    assert len(document.tables) == len(page.tables)
    for made, table in zip(document.tables, page.tables, strict=True):
        lines = re.findall(r'w:val="single" w:sz="(\d+)"', made._tbl.xml)
        assert set(lines) == {"12", "6"}
        texts = [cell.text for cell in made.rows[-1]._tr.tc_lst for cell in cell.p_lst]
        assert texts == [cell.text for cell in table.rows[-1]]
    said = [paragraph.text for paragraph in document.paragraphs]
    assert sum(text.endswith("SIMULATED DATA: figures are invented.") for text in said) > len(
        page.tables
    )
    first = target.read_bytes()
    write_tables(page, tmp_path, "word")
    assert target.read_bytes() == first
    assert zipfile.ZipFile(target).testzip() is None


def test_excel_keeps_the_number_and_shows_what_is_printed(page: Page, tmp_path: Path) -> None:
    write_tables(page, tmp_path, "excel")
    book = openpyxl.load_workbook(tmp_path / "tables-simulated.xlsx")
    assert book.sheetnames == ["contents", *(f"Table {table.number}" for table in page.tables)]
    table = next(table for table in page.tables if table.is_regression)
    sheet = book[f"Table {table.number}"]
    assert "SIMULATED" in sheet["A1"].value
    written = [cell.value for cell in sheet[2 + len(table.head)][1 : table.width]]
    printed = [cell.value for cell in table.rows[0][1:]]
    assert [w for w, p in zip(written, printed, strict=True) if p is not None] == pytest.approx(
        [p for p in printed if p is not None], rel=1e-15
    )


@pytest.mark.parametrize(
    ("text", "value", "format_"),
    [
        ("0.186***", 0.18612, '0.000"***";\u22120.000"***"'),
        ("(\u22122.39)", -2.389, '"("0.00")";"("\u22120.00")"'),
        ("3,990", 3990.0, "#,##0;\u2212#,##0"),
        ("2.9×10\u22125", 2.9e-5, ""),
        ("\u22120.5", 0.5, ""),
        ("–", None, ""),
    ],
)
def test_number_formats(text: str, value: float | None, format_: str) -> None:
    assert number_format(Cell((Run(text),), value=value)) == format_


def test_markdown_rows_have_one_width_each(page: Page, tmp_path: Path) -> None:
    write_tables(page, tmp_path, "markdown", ["1"])
    text = (tmp_path / "tables-simulated.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    bars = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    assert bars == {page.tables[0].width + 1}
    assert len(rows) == len(page.tables[0].rows) + 2
    assert "SIMULATED DATA" in text


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
def test_figures_stand_alone(page: Page, tmp_path: Path, form: str) -> None:
    figure = page.figures[0]
    write_figures(page, tmp_path, form, [figure.key])
    target = tmp_path / f"{figure.key}-simulated.{form}"
    assert figure.key in (tmp_path / "figures.csv").read_text(encoding="utf-8")
    if form == "svg":
        text = target.read_text(encoding="utf-8")
        defined = set(re.findall(r'id="([^"]+)"', text))
        assert set(re.findall(r'href="#([^"]+)"', text)) <= defined
    elif form == "png":
        with Image.open(target) as image:
            assert image.width == pytest.approx(figure.width / INCH * 300, abs=2)
            assert len(image.convert("RGB").resize((200, 100)).getcolors(20_000)) > 20
    else:
        assert target.read_bytes().startswith(b"%PDF")
    first = target.read_bytes()
    write_figures(page, tmp_path, form, [figure.number])
    assert target.read_bytes() == first


def test_an_unknown_table_gets_the_nearest(page: Page, tmp_path: Path) -> None:
    key = next(table.key for table in page.tables if table.is_regression)
    with pytest.raises(NotFound, match=key):
        write_tables(page, tmp_path, "latex", [key + "x"])
    with pytest.raises(PageError, match="citypanel report"):
        read_page(tmp_path / "none.html")
