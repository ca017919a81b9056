"""Every cell of the real yearbook pages, against a second reading that knows each page by eye.

Here: figure, city, year, indicator, scope and unit of every value cell, and where all other cells
went. The second reading shares no code with the project: calamine on the decrypted bytes, html.parser, csv.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import msoffcrypto
import pytest
from layouts_warehouse import Resolved
from python_calamine import CalamineWorkbook

pytestmark = pytest.mark.real

Column = tuple[str, str]
Grid = list[list[str]]

POPULATION = tuple(
    (indicator, scope)
    for indicator in ("population_registered", "population_average", "natural_growth_rate")
    for scope in ("total", "districts")
)
EMPLOYEES = tuple(
    (f"employees_{sector}", scope)
    for sector in ("primary", "secondary", "tertiary")
    for scope in ("total", "districts")
)
SHARES = tuple((f"{indicator}_percent", scope) for indicator, scope in EMPLOYEES)
BANKS = tuple(
    (indicator, scope)
    for indicator in ("deposits", "household_savings", "loans")
    for scope in ("total", "districts")
)
UNITS = {
    "population_registered": "10_000_persons",
    "population_average": "10_000_persons",
    "natural_growth_rate": "per_mille",
    **{f"employees_{sector}": "persons" for sector in ("primary", "secondary", "tertiary")},
    **{f"employees_{sector}_percent": "percent" for sector in ("primary", "secondary", "tertiary")},
    **dict.fromkeys(("deposits", "household_savings", "loans"), "10_000_yuan"),
}


@dataclass(frozen=True)
class Case:
    """A file: its reading, the column of its first figure, what its columns hold, and its year."""

    name: str
    read: Callable[[bytes], Grid]
    first_figure: int
    columns: tuple[Column, ...]
    year: int
    city_rows: int


def _workbook(content: bytes) -> Grid:
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = sheets.get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell == int(cell):
        return str(int(cell))
    return str(cell).strip()


def _encrypted(content: bytes) -> Grid:
    file = msoffcrypto.OfficeFile(io.BytesIO(content))
    file.load_key(password="VelvetSweatshop")
    plain = io.BytesIO()
    file.decrypt(plain)
    return _workbook(plain.getvalue())


class _Rows(HTMLParser):
    """Rows of a page's tables; spans are left to the case, which counts figures from the right."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Grid = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


def _page(content: bytes) -> Grid:
    parser = _Rows()
    parser.feed(content.decode("utf-8-sig"))
    return [[cell.replace("\xa0", " ").strip() for cell in row] for row in parser.rows]


def _csv(content: bytes) -> Grid:
    rows = csv.reader(io.StringIO(content.decode("gbk")))
    return [[cell.strip() for cell in row] for row in rows]


CASES = (
    Case("cnki.xls", _encrypted, 2, POPULATION, 2016, 297),
    Case("correct.xls", _page, 1, SHARES, 2014, 42),
    Case("error.xls", _workbook, 1, EMPLOYEES, 2014, 42),
    Case("error4.xls", _page, 1, BANKS, 2014, 42),
    Case("error5.xls", _csv, 1, SHARES, 2014, 290),
)
ERROR5_MARK = "NA"
MISPRINTS = {"毫州市": "亳州市"}
"""Names as `cnki.xls` prints them, one character off."""


def is_figure(text: str) -> bool:
    """Whether a text is a plain number."""
    return text.removeprefix("-").replace(".", "", 1).isdigit()


def is_total(name: str) -> bool:
    """Whether a row is a province's or the country's."""
    return name.endswith(("省", "自治区", "合计"))


def figure_rows(case: Case, folder: Path) -> list[tuple[str, dict[Column, str]]]:
    """Name and cells of every row that holds a figure; blanks are left out."""
    found = []
    for row in case.read((folder / case.name).read_bytes()):
        cells = row[case.first_figure : case.first_figure + len(case.columns)]
        if any(is_figure(cell) or cell == ERROR5_MARK for cell in cells):
            pairs = zip(case.columns, cells, strict=True)
            found.append((row[0].replace(" ", ""), {key: text for key, text in pairs if text}))
    return found


@pytest.fixture(scope="module")
def layouts(shared_dir: Path) -> Path:
    """The folder of the files."""
    return shared_dir / "yearbooks" / "layouts"


@pytest.fixture(scope="module")
def codes(shared_dir: Path) -> dict[int, dict[str, str]]:
    """Code by name of the cities that there were, from the official history of area codes."""
    with (shared_dir / "admin" / "area_code_history.csv").open(encoding="utf-8-sig") as file:
        history = list(csv.DictReader(file))
    return {
        year: {
            row["名称"]: row["代码"]
            for row in history
            if row["级别"] in ("省级", "地级")
            and int(row["启用时间"]) <= year
            and int(row["变更/弃用时间"] or 9999) > year
        }
        for year in (2014, 2016)
    }


@pytest.fixture(scope="module")
def resolved(
    layouts: Path, tmp_path_factory: pytest.TempPathFactory, resolve: Callable[[Path], Resolved]
) -> Resolved:
    """The seven files as an operator would put them in, with what two of them don't say themselves."""
    inbox = tmp_path_factory.mktemp("real_layouts")
    for path in layouts.iterdir():
        (inbox / path.name).write_bytes(path.read_bytes())
    (inbox / "sources.csv").write_text(
        "file_pattern,edition,citation\n"
        "cnki.xls,2017,中国城市统计年鉴\n"
        "error5.xls,2015,中国城市统计年鉴\n",
        encoding="utf-8",
    )
    return resolve(inbox)


def account(resolved: Resolved, name: str) -> dict[str, int]:
    """Cells of a file by class."""
    rows = resolved.rows(
        "select cell_class, sum(cells)::integer from marts.cell_account"
        " where relative_path = ? group by cell_class",
        name,
    )
    return dict(rows)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_figure_stands_at_its_place(
    case: Case, layouts: Path, codes: dict[int, dict[str, str]], resolved: Resolved
) -> None:
    rows = figure_rows(case, layouts)
    code_of = codes[case.year]
    expected = {
        (code_of[MISPRINTS.get(name, name)], case.year, *column, UNITS[column[0]]): float(text)
        for name, cells in rows
        if not is_total(name)
        for column, text in cells.items()
        if text != ERROR5_MARK
    }
    assert len({name for name, _ in rows if not is_total(name)}) == case.city_rows
    found = {
        tuple(row[:5]): row[5]
        for row in resolved.rows(
            "select city_code, year, indicator_code, scope, unit, value"
            " from intermediate.int_city_year__observation"
            " inner join raw.yearbook_file using (file_key) where relative_path = ?",
            case.name,
        )
    }
    assert found.keys() == expected.keys()
    # These pages print the warehouse's units: to the last digit.
    assert {key: found[key] for key in expected if found[key] != expected[key]} == {}
    assert account(resolved, case.name)["value"] == len(expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_totals_and_missing_marks_are_told_apart(
    case: Case, layouts: Path, resolved: Resolved
) -> None:
    rows = figure_rows(case, layouts)
    totals = sorted(
        text
        for name, cells in rows
        if is_total(name)
        for text in cells.values()
        if text != ERROR5_MARK
    )
    quarantined = resolved.rows(
        "select reason, value_text from intermediate.int_city_year__quarantine"
        " where relative_path = ? union all select reason, value_text"
        " from staging.stg_yearbook__quarantine where relative_path = ?",
        case.name,
        case.name,
    )
    assert {reason for reason, _ in quarantined} <= {"aggregate"}
    assert sorted(text for _, text in quarantined) == totals
    marks = sum(text == ERROR5_MARK for _, cells in rows for text in cells.values())
    counted = account(resolved, case.name)
    assert counted.get("missing_mark", 0) == marks
    assert counted.get("aggregate", 0) == len(totals)


def test_every_cell_is_accounted_for(resolved: Resolved) -> None:
    counts = {
        row[0]: row[1:]
        for row in resolved.rows("select relative_path, status, cell_count from raw.yearbook_file")
    }
    assert counts["error3.xls"] == ("duplicate", 0), "the same bytes as correct.xls"
    loaded = {name: cells for name, (status, cells) in counts.items() if status == "loaded"}
    assert len(loaded) == 6
    for name, cells in loaded.items():
        assert sum(account(resolved, name).values()) == cells, name
        assert not {"quarantined", "no_table"} & account(resolved, name).keys(), name
    # A page of provinces has no city in it; the rule says so, and why.
    assert account(resolved, "error2.xls") == {"sheet_declared_unused": 145}
    assert resolved.rows(
        "select reason from staging.stg_yearbook__sheet where relative_path = 'error2.xls'"
    ) == [("numbers of cities by province: no city in it",)]
    assert account(resolved, "cnki.xls") == {
        "title": 4,
        "heading": 7 * 11,  # seven pages, six of them continued
        "key": 2 * (297 + 27),  # name and pinyin of cities and provinces
        "value": 1754,
        "label_or_note": 6,  # "2-1 续表 1 continued 1", ...
        "sheet_declared_unused": 1,  # the vendor's sheet
    }


def test_two_files_of_one_table_agree(resolved: Resolved) -> None:
    """The page `correct.xls` and the list `error5.xls` print the same shares of the same edition."""
    compared, different = resolved.rows(
        "select count(*), count(*) filter (where abs(page.value - list.value) > 1e-9)"
        " from intermediate.int_city_year__observation as page"
        " inner join intermediate.int_city_year__observation as list"
        "   using (city_code, year, indicator_code, scope)"
        " inner join raw.yearbook_file as page_file on page.file_key = page_file.file_key"
        " inner join raw.yearbook_file as list_file on list.file_key = list_file.file_key"
        " where page_file.relative_path = 'correct.xls' and list_file.relative_path = 'error5.xls'"
    )[0]
    assert compared == 251
    assert different == 0
