"""What a format of the release has to be able to do.

Belongs here: the declaration. Does not belong here: any format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.engine.protocol import Warehouse


@dataclass(frozen=True)
class Format:
    """A form of the public tables.

    Attributes:
        name: Its folder in the release.
        title: What it is called on the screen.
        write: Writes all public tables of a warehouse into the folder, with the kind of their data
            (`published`, `simulated`), which each file must say; how many tables were written. The same
            tables must give the same bytes.
        check: Reads the files back and compares them with the released warehouse; what is wrong, one
            sentence each, naming the file, or nothing.
    """

    name: str
    title: str
    write: Callable[[Warehouse, Path, str], int]
    check: Callable[[Warehouse, Path], Iterator[str]]
