"""Tables as Markdown, all in one file.

Belongs here: pipes and signs that Markdown would read. Does not belong here: what a table holds (`page`).
"""

from __future__ import annotations

import re

from orchestration.exporting.paper.page import PrintedTable, Row, Run, Text, tidy

SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def tables_markdown(tables: list[PrintedTable], title: str, mark: str) -> str:
    """All tables, each with caption and notes; rows of a header become one, as Markdown has one."""
    return f"# {_escaped(title)}\n\n" + "\n".join(_table(table, mark) for table in tables)


def _table(table: PrintedTable, mark: str) -> str:
    end = f" **{_escaped(mark)}**" if mark else ""
    head = _header(table)
    numbers = [any(_is_number(row, at) for row in table.rows) for at in range(table.width)]
    lines = [
        f"**Table {table.number}.** {_text(table.caption)}{end}",
        "",
        _piped(head),
        _piped(["---:" if number else "---" for number in numbers]),
        *(_piped(_flat(row)) for row in table.rows),
        "",
        *(f"{_text(note)}\n" for note in table.notes),
    ]
    return "\n".join(lines)


def _header(table: PrintedTable) -> list[str]:
    columns: list[list[str]] = [[] for _ in range(table.width)]
    for row in table.head:
        at = 0
        for cell in row:
            for covered in range(at, at + cell.span):
                shown = _text(cell.runs)
                if shown and shown not in columns[covered]:
                    columns[covered].append(shown)
            at += cell.span
    return [", ".join(parts) for parts in columns]


def _flat(row: Row) -> list[str]:
    cells: list[str] = []
    for cell in row:
        cells += [_text(cell.runs), *[""] * (cell.span - 1)]
    return cells


def _is_number(row: Row, at: int) -> bool:
    column = 0
    for cell in row:
        if column == at:
            return cell.is_number
        column += cell.span
    return False


def _piped(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _text(text: Text) -> str:
    return "".join(_run(run) for run in tidy(text))


def _run(run: Run) -> str:
    shown = _escaped(run.text)
    if run.style == "sup":
        return f"<sup>{shown}</sup>"
    marks = {"bold": "**", "italic": "*"}.get(run.style, "")
    inner = shown.strip(" ")
    if not marks or not inner:
        return shown
    left = " " * (len(shown) - len(shown.lstrip(" ")))
    right = " " * (len(shown) - len(shown.rstrip(" ")))
    return f"{left}{marks}{inner}{marks}{right}"


def _escaped(text: str) -> str:
    return SIGNS.sub(r"\\\1", text)
