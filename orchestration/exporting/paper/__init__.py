"""Tables and figures of a report for a paper: LaTeX, Word, Excel, Markdown; SVG, PDF, PNG.

Belongs here: which are written, and the files of a folder. Does not belong here: rows of the panel (`part`),
what a table or figure is (`page`), a form (its module).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from orchestration.errors import NotFound
from orchestration.exporting.paper.figures import write_figure
from orchestration.exporting.paper.latex import document_tex, table_tex, unknown, write_style
from orchestration.exporting.paper.markdown import tables_markdown
from orchestration.exporting.paper.page import (
    Page,
    PrintedFigure,
    PrintedTable,
    plain,
    read_page,
)
from orchestration.exporting.paper.sheets import write_sheets
from orchestration.exporting.paper.word import write_document
from orchestration.exporting.part import SIMULATED

TABLE_FORMS = ("latex", "word", "excel", "markdown")
FIGURE_FORMS = ("svg", "pdf", "png")
Printed = TypeVar("Printed", PrintedTable, PrintedFigure)


def write_tables(page: Page, folder: Path, form: str, only: Sequence[str] = ()) -> list[str]:
    """Write tables; what was written and altered, a sentence each. `only` are numbers or keys."""
    tables = _chosen(page.tables, only, "table")
    mark = _mark(page)
    title = f"citypanel, tables of vintage {page.vintage}{f'; {mark}' if mark else ''}"
    ending = _ending(page)
    if form == "latex":
        return _write_latex(tables, folder, title, mark)
    write: dict[str, tuple[str, Callable[[Path], object]]] = {
        "word": (".docx", lambda target: write_document(tables, target, title, mark)),
        "excel": (".xlsx", lambda target: write_sheets(tables, target, title, mark)),
        "markdown": (
            ".md",
            lambda target: target.write_text(
                tables_markdown(tables, title, mark), encoding="utf-8"
            ),
        ),
    }
    suffix, made = write[form]
    target = folder / f"tables{ending}{suffix}"
    _replaced(target, made)
    return [f"{target}: {len(tables)} tables; {title}"]


def write_figures(page: Page, folder: Path, form: str, only: Sequence[str] = ()) -> list[str]:
    """Write figures, a file each, and their captions in `figures.csv`."""
    figures = _chosen(page.figures, only, "figure")
    mark, ending = _mark(page), _ending(page)
    for figure in figures:
        write = partial(write_figure, figure, form=form, mark=mark)
        _replaced(folder / f"{figure.key}{ending}.{form}", write)
    _write_contents(folder / "figures.csv", figures, f"{ending}.{form}", mark)
    return [
        f"{folder}: {len(figures)} figures as {form}, captions in figures.csv; vintage"
        f" {page.vintage}{f'; {mark}' if mark else ''}"
    ]


def _write_latex(tables: list[PrintedTable], folder: Path, title: str, mark: str) -> list[str]:
    write_style(folder)
    for table in tables:
        (folder / f"{table.key}.tex").write_text(table_tex(table, title, mark), encoding="utf-8")
    (folder / "tables.tex").write_text(document_tex(tables, title), encoding="utf-8")
    _write_contents(folder / "tables.csv", tables, ".tex", mark)
    said = [
        f"{folder}: {len(tables)} tables, a file each; tables.tex has all, tables.csv their captions; {title}"
    ]
    missing = sorted(set().union(*(unknown(_all_text(table)) for table in tables)))
    if missing:
        said.append(
            f"characters written as their code, as TeX's fonts lack them: {' '.join(missing)}"
        )
    return said


def _all_text(table: PrintedTable) -> str:
    cells = (cell.text for row in (*table.head, *table.rows) for cell in row)
    return "".join([plain(table.caption), *map(plain, table.notes), *cells])


def _chosen(printed: Sequence[Printed], only: Sequence[str], kind: str) -> list[Printed]:
    from rapidfuzz import fuzz, process

    known = {name: one for one in printed for name in (one.key, one.number)}
    for asked in only:
        if asked not in known:
            keys = [one.key for one in printed]
            near = [found[0] for found in process.extract(asked, keys, scorer=fuzz.ratio, limit=3)]
            raise NotFound(
                f"the report has no {kind} {asked!r}; nearest: {', '.join(near)}. A number of the report,"
                f" as {printed[-1].number if printed else 1}, does as well"
            )
    return [one for one in printed if not only or one.key in only or one.number in only]


def _mark(page: Page) -> str:
    return f"{SIMULATED}." if page.data_kind == "simulated" else ""


def _ending(page: Page) -> str:
    return "-simulated" if page.data_kind == "simulated" else ""


def _write_contents(target: Path, printed: Sequence[Printed], ending: str, mark: str) -> None:
    held = io.StringIO()
    rows = csv.writer(held, lineterminator="\n")
    rows.writerow(["number", "file", "caption"])
    for one in printed:
        rows.writerow([one.number, f"{one.key}{ending}", f"{plain(one.caption)} {mark}".strip()])
    target.write_text(held.getvalue(), encoding="utf-8-sig")


def _replaced(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and put it there by one rename."""
    private = target.with_name(f".{target.name}.part")
    try:
        write(private)
        private.replace(target)
    finally:
        private.unlink(missing_ok=True)


__all__ = ["FIGURE_FORMS", "TABLE_FORMS", "Page", "read_page", "write_figures", "write_tables"]
