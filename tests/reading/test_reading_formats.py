"""Number formats that show something else than the stored number, in xlsx and both kinds of xls."""

import io
import random
from decimal import Decimal

import pytest
import xlsxwriter
from reading_biff import Cell, Workbook

from orchestration.landing.reading import read_file
from orchestration.landing.reading.number_format import changes_figures, show, show_text

DRAWN = 300

KNOWN = [
    # code, stored, text, whether it is a number
    ("#,##0.00,", "1028840", "1028.84", True),
    ("0!.0,", "10288400", "1028.84", True),
    ("0!.0000", "10288400", "1028.84", True),
    (r"0\.0", "10288", "1028.8", True),
    ('0"."00', "10288", "102.88", True),
    ("#,##0,.00", "1028840", "1028.84", True),
    ("0.0,,", "1028840", "1.02884", True),
    ("0.0, ", "12345", "12.345", True),
    ('0.0,,"百万"', "1028840", "1.02884百万", False),
    ('0!.0,"万"', "123456", "12.3456万", False),
    ('[>=10000]0!.0,"万";0', "123456", "12.3456万", False),
    ('[>=10000]0!.0,"万";0', "123", "123", True),
    ("0%", "0.4512", "45.12%", False),
    ("0.00%", "-0.05", "-5%", False),
    ('0.0"‰"', "5.3", "5.3‰", False),
    ('0.00"%"', "45.12", "45.12%", False),
    ('#,##0"人"', "77", "77人", False),
    ('"约"0', "7", "约7", False),
    ('G/通用格式"万"', "5", "5万", False),
    ('General"万"', "5", "5万", False),
    ('0"万"0000', "1028840", "102万8840", False),
    ('#"."##0"."000', "1234567", "1.234.567", False),
    ("[$€-407]#,##0.00", "5", "€5", False),
    ("(0)", "5", "(5)", False),
    ('0;0;"缺"', "0", "缺", False),
    # What changes nothing.
    ("General", "51.47", "51.47", True),
    ("0", "51.47", "51.47", True),
    ("0.00_ ", "5", "5", True),
    (r"0.00_);[Red]\(0.00\)", "-5.5", "-5.5", True),
    ("#,##0_);(#,##0)", "-7", "-7", True),
    ("[DBNum1]General", "77", "77", True),
    ("[$¥-804]#,##0.00", "5", "5", True),
    ('"¥"#,##0.00', "5", "5", True),
    ("#!,0000", "1028840", "1028840", True),
    ("# ?/?", "10.5", "10.5", True),
    ("0.00E+00", "12345", "12345", True),
    ('yyyy"年"m"月"', "41000", "41000", True),
    ("[h]:mm", "1.5", "1.5", True),
    ("@", "5", "5", True),
    (r'_ * #,##0_ ;_ * \-#,##0_ ;_ * "-"_ ;_ @_ ', "0", "0", True),
]  # fmt: skip


@pytest.mark.parametrize(("code", "stored", "text", "is_number"), KNOWN)
def test_what_a_format_shows(code, stored, text, is_number):
    shown = show(code, stored)
    assert (shown.text, shown.is_number, shown.is_hidden) == (text, is_number, False)
    assert changes_figures(code) or text == stored


@pytest.mark.parametrize(
    ("code", "stored"),
    [(";;;", "5"), ("0;-0;;@", "0"), ("#", "0"), ("0;;", "-3"), ('0;" "', "-3")],
)
def test_a_number_that_its_format_hides(code, stored):
    assert show(code, stored).is_hidden
    assert show(code, stored).text == stored
    assert changes_figures(code)


def test_what_a_format_makes_of_a_text():
    assert show_text(";;;", "注").is_hidden
    assert show_text('0;0;0;@"(合计)"', "石家庄").text == "石家庄(合计)"
    assert show_text("0.0,", "石家庄").text == "石家庄"
    assert show_text("@", " 石家庄").text == " 石家庄"


def written(rng: random.Random) -> tuple[str, str, str, bool]:
    """A format, a number, and what a page shows of it; the power of ten is known by construction."""
    commas = rng.choice([0, 0, 1, 1, 2])
    places = rng.choice([0, 0, 1, 2, 4])
    literal = rng.random() < 0.4
    point = rng.choice(["!.", r"\.", '"."']) if literal else "."
    whole = rng.choice(["0", "#,##0", "##0", "00"])
    before_point = not literal and places > 0 and rng.random() < 0.3
    digits = whole + "," * commas * before_point + (point + "0" * places if places else "")
    digits += "," * commas * (not before_point)
    words = rng.choice(["", "", "", "万", "百万", "人", "%", "‰"])
    if words:
        digits += f'"{words}"' if rng.random() < 0.7 else "".join("\\" + sign for sign in words)
    if rng.random() < 0.2:
        digits += "_ "
    if rng.random() < 0.2:
        digits = "[Red]" + digits
    if rng.random() < 0.3:
        digits += ";" + "-" + digits
    stored = Decimal(rng.randint(1, 10**9)) / rng.choice([1, 1, 10, 100])
    power = -3 * commas - (places if literal else 0)
    text = f"{stored.scaleb(power):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return digits, f"{stored:f}", text + words, not words


def as_xlsx(pages: list[tuple[str, str]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for row, (code, stored) in enumerate(pages):
            sheet.write_number(row, 0, float(stored), book.add_format({"num_format": code}))
    return buffer.getvalue()


def as_xls(pages: list[tuple[str, str]], *, is_biff8: bool) -> bytes:
    book = Workbook(is_biff8, styles=[(0, None), *[(0, code) for code, _ in pages]])
    book.cells = [Cell(row, 0, float(stored), row + 1) for row, (_, stored) in enumerate(pages)]
    return book.content()


@pytest.mark.parametrize("kind", ["xlsx", "xls", "xls5"])
def test_drawn_formats_show_the_scaled_figure_and_keep_the_stored_one(tmp_path, kind):
    rng = random.Random(kind)
    drawn = [written(rng) for _ in range(DRAWN)]
    for start in range(0, DRAWN, 50):
        part = drawn[start : start + 50]
        pages = [(code, stored) for code, stored, _, _ in part]
        content = as_xlsx(pages) if kind == "xlsx" else as_xls(pages, is_biff8=kind == "xls")
        path = tmp_path / "page.xls"
        path.write_bytes(content)
        cells = {cell["row_number"]: cell for cell in read_file(path)[1].to_pylist()}
        for row, (code, stored, text, is_number) in enumerate(part, 1):
            cell = cells[row]
            assert (cell["text"], cell["kind"]) == (text, "number" if is_number else "text"), code
            plain = stored.rstrip("0").rstrip(".") if "." in stored else stored
            changed = text != plain
            assert cell["stored_text"] == (plain if changed else None), code
            assert cell["number_format"] == (code if changed else None)


def test_cells_without_a_reference_or_in_the_default_style_are_not_passed_over(
    tmp_path, patch_part
):
    content = as_xlsx([("0.0,", "12345"), ("0.0,", "5000")])
    content = patch_part(
        content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b' r="A2"', b"")
    )
    path = tmp_path / "page.xlsx"
    path.write_bytes(content)
    assert [cell["text"] for cell in read_file(path)[1].to_pylist()] == ["12.345", "5"]
    default = {"default_format_properties": {"num_format": 10}}
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, default) as book:
        book.add_worksheet().write_number(0, 0, 12345)
    path.write_bytes(buffer.getvalue())
    assert [cell["text"] for cell in read_file(path)[1].to_pylist()] == ["1234500%"]
