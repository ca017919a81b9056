"""Write analysis/report/locale/citypanel.pot: every text of the report's page, for those who translate.

Texts of a method's section go into its room, `analysis/methods/<key>/texts.pot`; `msgcat` makes one file of
them. Run it after a change of a text in `analysis/report`, `analysis/typeset` or a method's `section`, and
review the difference. With `--check` it writes nothing and fails when a file is out of date.

A language is a copy of that file with its texts translated (`msginit`, Poedit), compiled by `msgfmt` to
`<language>/LC_MESSAGES/citypanel.mo` and given to `render_report` as gettext's translations.
"""

from __future__ import annotations

import io
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import write_po

REPO = Path(__file__).resolve().parents[1]
CATALOGUE = REPO / "analysis" / "report" / "locale" / "citypanel.pot"
ROOTS = ("analysis/report", "analysis/typeset")
ROOMS = REPO / "analysis" / "methods"
HEADER = """\
# Texts of the report's page. Made by scripts/write_catalogue.py, not by hand.
"""

Message = str | tuple[str, ...]


def sources(folders: Sequence[Path]) -> list[Path]:
    """Files that may hold texts: modules and templates."""
    found = [path for folder in folders for path in folder.rglob("*")]
    return sorted(path for path in found if path.suffix in {".py", ".j2"})


def messages(folders: Sequence[Path]) -> Iterator[tuple[str, Message]]:
    """File and text of every message, in the order of the files."""
    for path in sources(folders):
        method = "python" if path.suffix == ".py" else "jinja2"
        name = path.relative_to(REPO).as_posix()
        with path.open("rb") as file:
            options = {"encoding": "utf-8"}
            for _line, text, _comments, _context in extract(
                method, file, DEFAULT_KEYWORDS, options=options
            ):
                yield name, text


def catalogue(*folders: Path) -> str:
    """The catalogue of some folders as text; places are files without lines: it changes with texts alone."""
    places: dict[Message, set[str]] = defaultdict(set)
    for name, text in messages(folders):
        if text:
            places[text].add(name)
    made = Catalog(project="citypanel", header_comment=HEADER, fuzzy=False, charset="utf-8")
    for text in sorted(places, key=lambda item: item if isinstance(item, str) else item[0]):
        # A form of plural replaces nothing: the same text may also stand without one.
        made.add(text, locations=[(name, 0) for name in sorted(places[text])])
    target = io.BytesIO()
    write_po(target, made, omit_header=True, sort_output=True, include_lineno=False, width=100)
    head = HEADER + 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return head + target.getvalue().decode("utf-8").lstrip("\n")


def main() -> int:
    """Write the catalogues, or compare them."""
    made = {CATALOGUE: catalogue(*(REPO / root for root in ROOTS))}
    made |= {
        room.parent / "texts.pot": catalogue(room.parent) for room in ROOMS.glob("*/__init__.py")
    }
    for path, text in made.items():
        name = path.relative_to(REPO)
        if "--check" not in sys.argv[1:]:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"{name} is out of date: run scripts/write_catalogue.py", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
