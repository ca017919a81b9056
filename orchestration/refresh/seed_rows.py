"""A seed as it was read: its rows with their lines, and what is found wrong with it.

Belongs here: the record that checks of seeds share, and which rows a data test asks for. Does not belong here:
reading a file, or any check (`seed_files`, `place_files`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_WHERE = re.compile(r"(\w+)\s*(<>|=)\s*'([^']*)'")


@dataclass
class Seed:
    """A seed as it was read: rows with the line they begin in, and what is wrong, with its lines.

    `torn`: a line couldn't be parted into fields, so that keys of the seed may be missing.
    """

    file: Path
    heading: tuple[str, ...] = ()
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    torn: bool = False
    wrong: dict[str, list[int]] = field(default_factory=dict)

    def tell(self, problem: str, line: int) -> None:
        """Note a problem; one that several lines share is said once."""
        self.wrong.setdefault(problem, []).append(line)

    def asked(self, where: str | None = None) -> list[tuple[int, dict[str, str]]]:
        """Rows, with their lines, that fit `where` as the config of a data test has it."""
        if where is None:
            return self.rows
        compared = _WHERE.fullmatch(where)
        if compared is None:
            raise ValueError(f"{where}: ask `asks` first")
        column, sign, text = compared.groups()
        return [
            (line, row)
            for line, row in self.rows
            if row.get(column) and (row[column] == text) == (sign == "=")
        ]

    def column(self, name: str, where: str | None = None) -> list[tuple[int, str]]:
        """Line and value of each row that has one and fits `where`."""
        return [(line, row[name]) for line, row in self.asked(where) if row.get(name)]


def asks(arguments: Mapping[str, Any]) -> bool:
    """Whether a test is asked here: its `where` is empty or one comparison of a column with a text."""
    where = arguments.get("where")
    return where is None or _WHERE.fullmatch(where) is not None
