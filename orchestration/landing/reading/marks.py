"""Runs of a text that are not simply printed: struck through, hidden, raised or lowered.

Here: how a reader brackets such runs, and what becomes of a bracketed text: what stands, what is printed, and
the marks of the cell. Not here: finding the runs, which each family does in its own markup.
"""

from dataclasses import dataclass

MARKS: dict[str, str] = {
    "struck": "the whole cell is struck through; its text is what is struck",
    "struck_part": "runs are struck through; they are left out of the text",
    "hidden": "the cell shows nothing; its text is what is hidden",
    "hidden_part": "runs are hidden; they are left out of the text",
    "raised": "runs are raised or lowered; their figures are characters of their own",
    "hidden_row": "the cell stands in a hidden row",
    "hidden_column": "the cell stands in a hidden column",
    "hidden_sheet": "the cell stands on a hidden sheet",
}
"""Every word of the column `marks`; several stand in this order with a blank between."""

RAISED: dict[int, int] = str.maketrans("0123456789()+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁺⁻")
"""Raised figures as characters of their own: a note's 2 behind 1,028.84 must not become its digit."""
LOWERED: dict[int, int] = str.maketrans("0123456789()+-", "₀₁₂₃₄₅₆₇₈₉₍₎₊₋")

# Noncharacters of Unicode: no text has them, and XML lets them pass.
STRUCK, HIDDEN, END, SHIFTED = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
SIGNS = (STRUCK, HIDDEN, SHIFTED)
"""Signs of which a text that has something to read has one."""
_SHOWN_AS = {STRUCK: ("~~", "~~"), HIDDEN: ("||", "||")}


@dataclass(frozen=True)
class Marked:
    """What a bracketed text says: `printed_text` is None where it says no more than `text`."""

    text: str
    printed_text: str | None
    marks: frozenset[str]


def bracket(text: str, kind: str) -> str:
    """A run in brackets of its kind, STRUCK or HIDDEN; brackets don't nest, and blanks need none."""
    for sign in (STRUCK, HIDDEN, END):
        text = text.replace(sign, "")
    return f"{kind}{text}{END}" if text.strip() else text


def shifted(text: str, table: dict[int, int]) -> str:
    """A run that is raised or lowered, its figures as characters of their own."""
    return SHIFTED + text.translate(table) if text.strip() else text


def read_marks(bracketed: str) -> Marked:
    """Take the brackets out of a text: struck and hidden runs don't stand, unless nothing else does."""
    standing: list[str] = []
    printed: list[str] = []
    runs: dict[str, list[str]] = {STRUCK: [], HIDDEN: []}
    rest = bracketed.replace(SHIFTED, "")
    while rest:
        place = min((rest.find(kind) for kind in runs if kind in rest), default=len(rest))
        standing.append(rest[:place])
        printed.append(rest[:place])
        if place == len(rest):
            break
        kind = rest[place]
        run, _, rest = rest[place + 1 :].partition(END)
        runs[kind].append(run)
        before, behind = _SHOWN_AS[kind]
        printed.append(f"{before}{run}{behind}")
    text = "".join(standing)
    marks = set()
    if not _is_blank(text):
        marks = {name for name, kind in (("struck_part", STRUCK), ("hidden_part", HIDDEN))
                 if any(not _is_blank(run) for run in runs[kind])}  # fmt: skip
    else:
        # What is struck is printed at least, what is hidden isn't.
        for name, kind in (("struck", STRUCK), ("hidden", HIDDEN)):
            if any(not _is_blank(run) for run in runs[kind]):
                text = "".join(runs[kind])
                marks = {name}
                break
    if marks & {"struck_part", "hidden_part"}:
        text = text.strip(" ")  # the blank that parted it from what is left out
    printed_text = "".join(printed) if marks else None
    if SHIFTED in bracketed:
        marks.add("raised")
    return Marked(text, printed_text, frozenset(marks))


def marks_text(marks: frozenset[str] | set[str]) -> str | None:
    """The words of a cell as one text; None for none."""
    return " ".join(mark for mark in MARKS if mark in marks) or None


def _is_blank(text: str) -> bool:
    return not text.strip()
