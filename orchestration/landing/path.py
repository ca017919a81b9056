"""What the path of a file says: its parts, and the days of download in them.

Here: cutting a path into parts, and finding stamps of date and time, which say when somebody got a file
and never of which edition it is. Not here: which year a part stands for (dbt staging).
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import PurePosixPath

_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,8}$")
_DAY = re.compile(
    r"(?<![0-9])((?:19|20)[0-9]{2})"
    r"(?:(0[1-9]|1[0-2])([0-2][0-9]|3[01])|([-_.])(0?[1-9]|1[0-2])\4([0-2]?[0-9]|3[01])"
    r"|年(0?[1-9]|1[0-2])月([0-2]?[0-9]|3[01])日)"
    r"(?:[T_ -]?(?:[01][0-9]|2[0-3])[-_.:时]?[0-5][0-9](?:[-_.:分]?[0-5][0-9]秒?)?)?(?![0-9])"
)
_MONTH = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(0[1-9]|1[0-2])(?![0-9])")
_EPOCH = re.compile(r"(?<![0-9])(1[0-9]{9})(?:[0-9]{3})?(?![0-9])")


@dataclass(frozen=True)
class PathPart:
    """One folder of a path, or the file's name, which comes last.

    `bare_text` is `text` without the ending of a file and without stamps; `stamp` is the first of them as
    YYYY-MM-DD or YYYY-MM, None where there is none.
    """

    number: int
    is_file_name: bool
    text: str
    bare_text: str
    stamp: str | None


def path_parts(relative_path: str) -> list[PathPart]:
    """The parts of a path with forward slashes, counted from 1 at the top."""
    texts = PurePosixPath(relative_path).parts
    parts = []
    for number, text in enumerate(texts, 1):
        is_file_name = number == len(texts)
        bare_text, stamp = _without_stamps(_ENDING.sub("", text) if is_file_name else text)
        parts.append(PathPart(number, is_file_name, text, bare_text, stamp))
    return parts


def _without_stamps(text: str) -> tuple[str, str | None]:
    found: list[tuple[int, str]] = []

    def cut(match: re.Match[str], stamp: str | None) -> str:
        if stamp is None:
            return match[0]
        found.append((match.start(), stamp))
        return " " * len(match[0])

    text = _DAY.sub(lambda match: cut(match, _day_of(match)), text)
    text = _EPOCH.sub(
        lambda match: cut(match, datetime.fromtimestamp(int(match[1]), UTC).date().isoformat()),
        text,
    )
    text = _MONTH.sub(lambda match: cut(match, f"{match[1]}-{match[2]}"), text)
    stamp = min(found)[1] if found else None
    return (" ".join(text.split()) if found else text), stamp


def _day_of(match: re.Match[str]) -> str | None:
    """The date of a stamp; None where there is no such day."""
    month, day = (match[2] or match[5] or match[7]), (match[3] or match[6] or match[8])
    try:
        return date(int(match[1]), int(month), int(day)).isoformat()
    except ValueError:
        return None
