"""How a figure is printed: drawn pages whose digits stand apart, are struck out, hidden, scaled or split.

Here: every figure is right or set aside for the true reason, whatever the file format. Not here: what each reader
gives for a cell (`tests/reading`), and pages whose meaning stands outside their headings (`test_layouts_kinds`).
"""

import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import xlsxwriter
from layouts_warehouse import FIGURES, Resolved

sys.path.append(str(Path(__file__).parents[1] / "reading"))
from reading_biff import Cell, Workbook

INSTANCES = 60
"""Pages of each kind."""

CITIES = {"石家庄市": "130100", "唐山市": "130200", "秦皇岛市": "130300", "邯郸市": "130400"}
HEADINGS = {
    "年末户籍人口(万人)": "population_registered",
    "年平均人口(万人)": "population_average",
    "行政区域土地面积(平方公里)": "land_area",
}
APART = "text_in_number_cell"
Truth = dict[tuple[str, str], tuple[float | None, set[str]]]
"""(city, indicator) -> what the page says, None where it can't be told; reasons for which it may be aside."""


@dataclass
class PrintedPage:
    """A page to be written, and the truth about it."""

    name: str
    content: bytes | Callable[[Path], None]
    truth: Truth = field(default_factory=dict)


def figure(rng: random.Random) -> float:
    """A figure of at least a thousand that fits all the indicators, with two decimals at most."""
    return round(rng.uniform(1000, 3000), rng.choice([0, 1, 2]))


def names(rng: random.Random) -> tuple[list[str], list[str]]:
    cities = rng.sample(list(CITIES), rng.randint(2, 4))
    return cities, rng.sample(list(HEADINGS), rng.randint(2, 3))


def plain(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def printed(rng: random.Random, value: float) -> tuple[str, float | None]:
    """A figure as somebody might print it, and what it can be told to be."""
    text = plain(value)
    grouped = f"{value:,.2f}".rstrip("0").rstrip(".")
    wide = text.translate(
        {ord(a): ord(b) for a, b in zip("0123456789.", "０１２３４５６７８９．", strict=True)}
    )
    certain = [text, grouped, wide, f" {text}\u3000", f"{text}①", f"{text} [1]", f"{text}*", f"{text}²",
               grouped.replace(",", "，")]  # fmt: skip
    blanks = [" ", "  ", "\u3000", "\u00a0", "\u2009", "\u202f", "\t", "\n", "\u200b"]
    blank = rng.choice(blanks)
    other = plain(figure(rng))
    doubtful = [
        grouped.replace(",", blank), f"{text}{blank}{other}", f"{text[:2]}{blank}{text[2:]}",
        grouped.replace(",", "'"), grouped.replace(",", "’"), f"{text}/{other}", f"{text}、{other}",
        f"{text}({other})", f"-{blank}{text}", f"{text[:1]}.{text[1:4]},5", f"{text[:3]},{text[3:]}",
        f"{text}；{other}", f"{text}–{other}", f"0{text}", f"{text}{blank}.5", f"{text},{blank}840",
    ]  # fmt: skip
    if rng.random() < 0.4:
        return rng.choice(certain), value
    return rng.choice(doubtful), None


def digits_apart(rng: random.Random) -> PrintedPage:
    cities, headings = names(rng)
    rows, truth = [["城市", *headings]], {}
    for city in cities:
        row = [city]
        for heading in headings:
            text, value = printed(rng, figure(rng))
            row.append(text)
            truth[city, HEADINGS[heading]] = (value, {APART})
        rows.append(row)
    kind = rng.choice(["csv", "html", "xlsx"])
    if kind == "csv":
        lines = [",".join(f'"{cell}"' for cell in row) for row in rows]
        return PrintedPage("page.csv", "\n".join(lines).encode(), truth)
    if kind == "html":
        cells = ["".join(f"<td>{cell.replace(chr(10), '<br>')}" for cell in row) for row in rows]
        return PrintedPage("page.xls", f"<table><tr>{'<tr>'.join(cells)}</table>".encode(), truth)

    def write(path: Path) -> None:
        with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell)

    return PrintedPage("page.xlsx", write, truth)


def unquoted_thousands(rng: random.Random) -> PrintedPage:
    """A row splits where a comma parts thousands and nobody quoted it; blank fields end some rows."""
    cities, headings = names(rng)
    lines, truth = [",".join(["城市", *headings])], {}
    whole = rng.randrange(len(cities))  # one row at least is as it should be
    for number, city in enumerate(cities):
        splits = number != whole and rng.random() < 0.7
        has_blank = rng.random() < 0.4
        fields: list[str] = []
        for place, heading in enumerate(headings):
            value = figure(rng)
            if has_blank and place == len(headings) - 1:
                fields.append("")
                continue
            grouped = f"{value:,.2f}".rstrip("0").rstrip(".")
            fields.append(grouped if splits else plain(value))
            known = None if splits else value
            truth[city, HEADINGS[heading]] = (known, {"ragged_row", "unknown_heading", APART})
        lines.append(",".join([city, *fields]))
    return PrintedPage("page.csv", "\n".join(lines).encode(), truth)


def struck_or_hidden(rng: random.Random) -> PrintedPage:
    """A run of an older figure beside the one that stands, or a figure that is withdrawn as a whole."""
    cities, headings = names(rng)
    cells: list[tuple[int, int, str, str]] = []  # row, column, what is gone, what stands
    truth: Truth = {}
    for row, city in enumerate(cities, 1):
        for column, heading in enumerate(headings, 1):
            old, new = plain(figure(rng)), plain(figure(rng))
            gone, stands = rng.choice([(old, new), (old, new), ("", new), (old, "")])
            cells.append((row, column, gone, stands))
            truth[city, HEADINGS[heading]] = (float(stands) if stands else None, {"withdrawn"})
    kind = rng.choice(["html", "xlsx", "xls", "xls5"])
    if kind == "html":
        tags = rng.choice([("<s>", "</s>"), ("<del>", "</del>"), ("<i style='display:none'>", "</i>"),
                           ("<b style='visibility:hidden'>", "</b>"), ("<i class=old>", "</i>")])  # fmt: skip
        table = [["<td>城市", *[f"<td>{heading}" for heading in headings]]]
        table += [[f"<td>{city}"] for city in cities]
        for row, _, gone, stands in cells:
            table[row].append(f"<td>{gone.join(tags) if gone else ''}{stands}")
        page = "<style>.old {text-decoration: line-through}</style><table><tr>"
        return PrintedPage(
            "page.htm", (page + "<tr>".join(map("".join, table))).encode() + b"</table>", truth
        )
    if kind == "xlsx":

        def write(path: Path) -> None:
            with xlsxwriter.Workbook(str(path)) as book:
                sheet = book.add_worksheet()
                struck, normal = book.add_format({"font_strikeout": True}), book.add_format()
                sheet.write_row(0, 0, ["城市", *headings])
                sheet.write_column(1, 0, cities)
                for row, column, gone, stands in cells:
                    if gone and stands:
                        sheet.write_rich_string(row, column, struck, gone, normal, stands)
                    else:
                        sheet.write_number(
                            row, column, float(gone or stands), struck if gone else normal
                        )

        return PrintedPage("page.xlsx", write, truth)
    book = Workbook(kind == "xls", fonts=[(False, 0), (True, 0)], styles=[(0, None), (1, None)])
    book.cells = [Cell(0, column, text) for column, text in enumerate(["城市", *headings])]
    book.cells += [Cell(row, 0, city) for row, city in enumerate(cities, 1)]
    for row, column, gone, stands in cells:
        if gone and stands:
            book.cells.append(Cell(row, column, gone + stands, 0, ((0, 1), (len(gone), 0))))
        else:
            book.cells.append(Cell(row, column, float(gone or stands), 1 if gone else 0))
    return PrintedPage("page.xls", book.content(), truth)


def scaled(rng: random.Random) -> PrintedPage:
    """The stored number is larger than what the page shows; words in a format say a unit of their own."""
    cities, headings = names(rng)
    formats = [("#,##0.00,", 3, True), ("0!.0,", 4, True), ("0!.0000", 4, True), ("#,##0,.0", 3, True),
               ("0.0,,", 6, True), (r"0\.00", 2, True), ("0.00_ ", 0, True), ("0;0;;@", 0, True),
               ('0.0,"千人"', 3, False), ('0!.0,"万"', 4, False), (";;;", 0, False), ('"约"0', 0, False),
               ('0"万"0000', 0, False)]  # fmt: skip
    cells: list[tuple[int, int, float, str]] = []
    truth: Truth = {}
    for row, city in enumerate(cities, 1):
        for column, heading in enumerate(headings, 1):
            value = figure(rng)
            code, power, can_be_told = rng.choice(formats)
            cells.append((row, column, round(value * 10**power, 2), code))
            truth[city, HEADINGS[heading]] = (value if can_be_told else None, {APART, "withdrawn"})
    kind = rng.choice(["xlsx", "xls", "xls5"])
    if kind == "xlsx":

        def write(path: Path) -> None:
            with xlsxwriter.Workbook(str(path)) as book:
                sheet = book.add_worksheet()
                sheet.write_row(0, 0, ["城市", *headings])
                sheet.write_column(1, 0, cities)
                for row, column, stored, code in cells:
                    sheet.write_number(row, column, stored, book.add_format({"num_format": code}))

        return PrintedPage("page.xlsx", write, truth)
    codes = [code for code, _, _ in formats]
    book = Workbook(kind == "xls", styles=[(0, None), *[(0, code) for code in codes]])
    book.cells = [Cell(0, column, text) for column, text in enumerate(["城市", *headings])]
    book.cells += [Cell(row, 0, city) for row, city in enumerate(cities, 1)]
    book.cells += [
        Cell(row, column, stored, codes.index(code) + 1) for row, column, stored, code in cells
    ]
    return PrintedPage("page.xls", book.content(), truth)


KINDS = {
    "digits_apart": digits_apart,
    "unquoted_thousands": unquoted_thousands,
    "struck_or_hidden": struck_or_hidden,
    "scaled": scaled,
}


@pytest.fixture(scope="module")
def pages() -> dict[str, PrintedPage]:
    """Pages by folder, drawn alike each time."""
    return {
        f"{kind}/n{number:03d}": make(random.Random(f"{kind}{number}"))
        for kind, make in KINDS.items()
        for number in range(INSTANCES)
    }


@pytest.fixture(scope="module")
def resolved(
    pages: dict[str, PrintedPage],
    tmp_path_factory: pytest.TempPathFactory,
    resolve: Callable[[Path], Resolved],
) -> Resolved:
    inbox = tmp_path_factory.mktemp("printed")
    for folder, page in pages.items():
        path = inbox / folder / "中国城市统计年鉴2023" / page.name
        path.parent.mkdir(parents=True)
        if isinstance(page.content, bytes):
            path.write_bytes(page.content)
        else:
            page.content(path)
    return resolve(inbox)


@pytest.mark.parametrize("kind", KINDS)
def test_figures_are_right_or_set_aside(
    pages: dict[str, PrintedPage], resolved: Resolved, kind: str
) -> None:
    place = "split_part(relative_path, '/', 1) || '/' || split_part(relative_path, '/', 2)"
    found = {
        (folder, code, indicator): value
        for folder, code, indicator, value in resolved.rows(
            f"select {place}, city_code, indicator_code, figure from {FIGURES}"
            " inner join raw.yearbook_file using (file_key) where starts_with(relative_path, $1)",
            f"{kind}/",
        )
    }
    reasons: dict[str, Counter[str]] = {}
    for folder, reason in resolved.rows(
        f"select {place}, reason from staging.stg_yearbook__quarantine"
        " where starts_with(relative_path, $1)",
        f"{kind}/",
    ):
        reasons.setdefault(folder, Counter())[reason] += 1
    wrong, right, aside = [], 0, 0
    for folder, page in pages.items():
        if not folder.startswith(f"{kind}/"):
            continue
        for (city, indicator), (value, allowed) in page.truth.items():
            got = found.pop((folder, CITIES[city], indicator), None)
            if value is None:
                aside += 1
                if got is not None:
                    wrong.append((folder, city, indicator, got, "can't be told"))
                elif not reasons.get(folder, Counter()).keys() & allowed:
                    wrong.append((folder, city, indicator, reasons.get(folder), "other reason"))
            elif got != pytest.approx(value, rel=1e-9):
                wrong.append((folder, city, indicator, got, value))
            else:
                right += 1
    assert wrong == []
    assert not found, "figures that the page doesn't print"
    assert right > INSTANCES
    assert aside > INSTANCES


def test_every_cell_is_counted_once(resolved: Resolved) -> None:
    assert (
        resolved.rows(
            "select relative_path, cell_count, sum(cells)::integer from raw.yearbook_file"
            " inner join marts.cell_account using (file_key, relative_path) group by all"
            " having cell_count <> sum(cells)"
        )
        == []
    )
