"""Pages whose meaning stands elsewhere than in their headings: figures right, or set aside with the true reason.

Here: the cases one by one. Not here: the pages (`layouts_cases`), random instances of their kinds
(`test_layouts_kinds`), old workbooks of other code pages (`tests/reading`).
"""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from layouts_cases import CASES, Book
from layouts_warehouse import FIGURES, Resolved
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font


def write_book(book: Book, path: Path) -> None:
    """Write a workbook."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for tab, rows in book.tabs.items():
        sheet = workbook.create_sheet(tab)
        for row in rows:
            sheet.append(row)
        for area in book.merged:
            sheet.merge_cells(area)
        for cell, code in book.formats.items():
            sheet[cell].number_format = code
        for cell, runs in book.struck.items():
            if len(runs) == 1:
                sheet[cell] = runs[0]
                sheet[cell].font = Font(strike=True)
            else:
                old, new = (str(run) for run in runs)
                sheet[cell] = CellRichText(TextBlock(InlineFont(strike=True), old), new)
    workbook.save(path)


@pytest.fixture(scope="module")
def resolved(
    tmp_path_factory: pytest.TempPathFactory, resolve: Callable[[Path], Resolved]
) -> Resolved:
    """All cases in one inbox, each in a folder of its own."""
    inbox = tmp_path_factory.mktemp("cases")
    for number, case in enumerate(CASES.values()):
        for name, page in case.pages.items():
            path = inbox / f"case{number}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(page, Book):
                write_book(page, path)
            else:
                path.write_text("\n".join(page) + "\n", encoding="utf-8")
    return resolve(inbox)


@pytest.mark.parametrize("name", CASES)
def test_case(resolved: Resolved, name: str) -> None:
    case, folder = CASES[name], f"case{list(CASES).index(name)}/"
    place = (
        "substr(relative_path, length($1) + 1), split_part(cell_id, '!', 2)::integer,"
        " split_part(cell_id, '!', 3)"
    )
    found = resolved.rows(
        f"select {place}, city_code, year, indicator_code, scope, figure from {FIGURES}"
        " inner join raw.yearbook_file using (file_key) where starts_with(relative_path, $1)",
        folder,
    )
    assert sorted(found) == sorted(
        (*figure[:-1], pytest.approx(figure[-1], rel=1e-12)) for figure in case.figures
    )
    set_aside = resolved.rows(
        f"select {place}, reason from (select relative_path, cell_id, reason"
        " from staging.stg_yearbook__quarantine union all select relative_path, cell_id, reason"
        " from intermediate.int_city_year__quarantine where reason <> 'conflict_in_edition')"
        " where starts_with(relative_path, $1)",
        folder,
    )
    assert sorted(set_aside) == sorted(case.aside)


def test_every_cell_is_accounted_for(resolved: Resolved) -> None:
    assert (
        resolved.rows(
            "select relative_path, cell_count, sum(cells)::integer from raw.yearbook_file"
            " inner join marts.cell_account using (file_key, relative_path) group by all"
            " having cell_count <> sum(cells)"
        )
        == []
    )
