"""The explorer as files: the page, its words and libraries, and the parts of data as scripts.

Belongs here: what lies where in the folder. Does not belong here: the data (`parts`), the page (`page`).

A page opened from disk may load scripts and styles beside it, but fetch nothing: a part of data is a script that
hands its JSON to `citypanel.part`.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from orchestration.engine.protocol import Warehouse
from orchestration.exploring.parts import ALWAYS, parts

PAGE = Path(__file__).parent / "page"
WORDS = PAGE / "words"
FONT = "han.css"
SEEN = """
select distinct city_code from marts.indicator_value order by city_code
"""
"""Cities that a reader must find."""


@dataclass(frozen=True)
class Explorer:
    """What was written."""

    page: Path
    parts: int


def write_explorer(warehouse: Warehouse, folder: Path) -> Explorer:
    """Write the explorer of a warehouse into a folder, which is made.

    The same warehouse gives the same bytes.
    """
    from analysis.typeset.fonts import font_face_css

    folder.mkdir(parents=True)
    shutil.copytree(PAGE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("words"))
    said = ""
    for path in sorted(WORDS.glob("*.json")):
        words = path.read_text(encoding="utf-8")
        said += words
        _script(folder / "words" / f"{path.stem}.js", f"words/{path.stem}", _compact(words))
    count = 0
    for name, body in parts(warehouse):
        count += 1
        _script(folder / "data" / f"{name}.js", name, body)
        if name == "base":
            said += body
    (folder / FONT).write_text(font_face_css(said), encoding="utf-8")
    return Explorer(folder / "index.html", count)


def missing_parts(warehouse: Warehouse, folder: Path) -> list[str]:
    """What a written explorer lacks: parts that every one has, and those of cities with figures."""
    needed = [*ALWAYS, *(f"city/{code}" for (code,) in warehouse.rows(SEEN))]
    lacking = [name for name in needed if not (folder / "data" / f"{name}.js").is_file()]
    if not lacking:
        return []
    more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
    return [f"the explorer lacks {', '.join(lacking[:3])}{more}"]


def _compact(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))


def _script(path: Path, name: str, body: str) -> None:
    """Write a part as a script; JSON is an expression of JavaScript."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'citypanel.part("{name}",{body});\n', encoding="utf-8", newline="\n")
