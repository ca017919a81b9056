"""Reading of seeds and YAML, and Markdown, for the script that writes the data dictionary.

Belongs here: what all its parts use. Does not belong here: any part.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

REPO = Path(__file__).resolve().parents[1]
SEEDS = REPO / "seeds"


def read_seed(name: str) -> list[dict[str, str]]:
    """The rows of a seed."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_yaml(folder: Path, key: str) -> dict[str, dict[str, Any]]:
    """The entries under `key` (models, seeds) of all YAML files below a folder, by name."""
    entries = {}
    for path in sorted(folder.rglob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")).get(key) or []:
            if entry["name"] in entries:
                sys.exit(f"{path.relative_to(REPO)}: {entry['name']} is described twice; keep one")
            entries[entry["name"]] = entry
    return entries


def one_line(text: object) -> str:
    """Text for a cell of a Markdown table."""
    return " ".join(str(text or "").split()).replace("|", "\\|")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(one_line(cell) for cell in row) + " |" for row in rows]
    return [*lines, ""]


def code(text: str) -> str:
    """A name as code; nothing for nothing."""
    return f"`{text}`" if text else ""
