"""The inbox: which files are there, and what the operator declared about them.

Belongs here: listing files and reading the optional `sources.csv`. Does not belong here: opening a
yearbook (`reading`) or storing its cells (`landing`).
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from orchestration.errors import CitypanelError
from orchestration.fingerprint import file_sha256
from orchestration.progress import counted

SIDECAR = "sources.csv"
SIDECAR_COLUMNS = (
    "file_pattern",
    "publisher",
    "edition",
    "statistic_year",
    "licence",
    "citation",
    "data_kind",
)
DATA_KINDS = ("published", "simulated")
DELIMITERS = ",;\t"  # Excel writes the second in much of Europe, the third as "Unicode text"
FIRST_YEAR, LAST_YEAR = 1900, 2100

# Control characters, separators of lines, and marks that turn the direction of what follows.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class InboxError(CitypanelError):
    """The inbox can't be used; the message names the file and says what to do."""


@dataclass(frozen=True)
class InboxFile:
    """One file of the inbox: `relative_path` with forward slashes, `sha256` of its bytes."""

    path: Path
    relative_path: str
    sha256: str

    @property
    def file_key(self) -> str:
        """The key of the file in the warehouse."""
        return self.sha256[:12]


@dataclass(frozen=True)
class Declaration:
    """A row of `sources.csv`, by its line: what holds for the files that match its pattern."""

    line: int
    file_pattern: str
    publisher: str | None
    edition: int | None
    statistic_year: int | None
    licence: str | None
    citation: str | None
    data_kind: str


def list_files(folder: Path) -> list[InboxFile]:
    """All files below a folder but hidden ones, lock files of office programs and the sidecar.

    Links to folders are followed, and each folder is read once. What is no file (a link that leads
    nowhere, or to a folder that is read already, a pipe) is listed too: reading refuses it by name.
    """
    if not folder.is_dir():
        raise InboxError(
            f"{folder} is no folder: give one that holds yearbook files, as in make refresh INBOX=path"
        )
    paths = sorted(_walk(folder))
    files = []
    for path in counted(paths, "files looked through"):
        relative_path = "/".join(map(_readable_name, path.relative_to(folder).parts))
        files.append(InboxFile(path, relative_path, _content_hash(path, relative_path)))
    if not files:
        raise InboxError(
            f"{folder} holds no file: put yearbook files there, or leave INBOX out for the sample"
        )
    return files


def _walk(folder: Path) -> Iterator[Path]:
    """Whatever is no folder below one; real folders first, so that a file has its own path.

    A folder is known by its real path: a link back or a second link to one ends there.
    """
    seen: set[str] = set()
    waiting = [folder]  # real folders at once, links to folders after all of them
    linked: list[Path] = []
    while waiting or linked:
        if not waiting:
            link = linked.pop(0)
            if os.path.realpath(link) in seen:
                yield link
                continue
            waiting.append(link)
        place = waiting.pop()
        seen.add(os.path.realpath(place))
        try:
            content = sorted(place.iterdir())
        except OSError as error:
            if place == folder:
                raise InboxError(f"{folder} can't be opened: {error.strerror}") from error
            yield place
            continue
        for path in content:
            if path.name.startswith((".", "~$")):
                continue
            if path == folder / SIDECAR and not _is_folder(path):
                continue
            if not _is_folder(path):
                yield path
            elif path.is_symlink():
                linked.append(path)
            else:
                waiting.append(path)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a link to where this user may not look
        return False


def _readable_name(name: str) -> str:
    """The name as text; archives from China unpack to names in GB18030 that are no UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        stored = os.fsencode(name)
        try:
            name = stored.decode("gb18030")
        except UnicodeDecodeError:
            name = stored.decode(errors="backslashreplace")
    return one_line(name)


def one_line(text: str) -> str:
    """A text with its line breaks and control characters spelled out, as logs and pages can show it."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _content_hash(path: Path, relative_path: str) -> str:
    """Hash of the content; of the name where there is none to open: reading it says why."""
    try:
        if path.is_file():  # to open a pipe would be to wait for it
            return file_sha256(path)
    except OSError:
        pass
    return hashlib.sha256(f"unreadable\0{relative_path}".encode()).hexdigest()


def _year(row: dict[str, str], column: str, line: int, path: Path) -> int | None:
    text = row.get(column, "")
    if not text:
        return None
    if not (text.isdecimal() and len(text) == 4):
        raise InboxError(
            f"{path}, line {line}, column {column}: {text!r} is no year; write four digits or nothing"
        )
    if not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise InboxError(
            f"{path}, line {line}, column {column}: no yearbook is of {text};"
            f" expected a year from {FIRST_YEAR} to {LAST_YEAR}"
        )
    return int(text)


def read_declarations(folder: Path) -> list[Declaration]:
    """The rows of `sources.csv`, none when there is no such file."""
    path = folder / SIDECAR
    if not path.is_file():
        return []
    try:
        return _declarations(path)
    except csv.Error as error:
        raise InboxError(
            f"{path}: {error}; a quotation mark is open or out of place: save it as CSV anew"
        ) from error
    except OSError as error:
        raise InboxError(f"{path} can't be opened: {error.strerror}") from error


def _sidecar_text(path: Path) -> str:
    stored = path.read_bytes()
    encodings = ["utf-8-sig", "gb18030"]
    if stored.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = stored.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InboxError(f"{path}: the text is neither UTF-8 nor GB18030; save it as CSV in UTF-8")


def _columns(names: list[str], path: Path) -> list[str]:
    """The names of the columns, in small letters; those to the right without a name may stay empty."""
    columns = [name.strip().lower() for name in names]
    while columns and not columns[-1]:
        columns.pop()
    unknown = [name for name in columns if name not in SIDECAR_COLUMNS]
    twice = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    if unknown:
        what = f"unknown: {', '.join(unknown)}"
    elif twice:
        what = f"twice: {', '.join(twice)}"
    elif "file_pattern" not in columns:
        what = "file_pattern is missing"
    else:
        return columns
    raise InboxError(
        f"{path}: the first line names the columns, which may be {', '.join(SIDECAR_COLUMNS)}; {what}"
    )


def _declarations(path: Path) -> list[Declaration]:
    text = _sidecar_text(path)
    first = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)  # the comma where there is none
    found = []
    columns: list[str] | None = None
    width = 0
    with io.StringIO(text, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        for fields in reader:
            line = reader.line_num
            if not any(field.strip() for field in fields):
                continue
            if columns is None:
                columns, width = _columns(fields, path), len(fields)
                continue
            if len(fields) > width or any(field.strip() for field in fields[len(columns) :]):
                raise InboxError(
                    f"{path}, line {line}: more fields than columns; put quotes round a field"
                    f" that holds a {'comma' if delimiter == ',' else repr(delimiter)}"
                )
            row = {name: field.strip() for name, field in zip(columns, fields, strict=False)}
            if not row["file_pattern"]:
                raise InboxError(
                    f"{path}, line {line}, column file_pattern: empty; write a file's name, or a"
                    " pattern such as *.xlsx"
                )
            kind = row.get("data_kind") or "published"
            if kind not in DATA_KINDS:
                raise InboxError(
                    f"{path}, line {line}, column data_kind: {kind!r} is none of {', '.join(DATA_KINDS)}"
                )
            found.append(
                Declaration(
                    line=line,
                    file_pattern=row["file_pattern"],
                    publisher=row.get("publisher") or None,
                    edition=_year(row, "edition", line, path),
                    statistic_year=_year(row, "statistic_year", line, path),
                    licence=row.get("licence") or None,
                    citation=row.get("citation") or None,
                    data_kind=kind,
                )
            )
    if columns is None:
        _columns([], path)
    return found


def declaration_for(relative_path: str, declarations: list[Declaration]) -> Declaration | None:
    """The first declaration whose pattern fits the path: as in a shell, or letter by letter."""
    return next((d for d in declarations if _fits(relative_path, d.file_pattern)), None)


def _fits(relative_path: str, pattern: str) -> bool:
    return relative_path == pattern or fnmatch(relative_path, pattern)


def refuse_mixed_kinds(relative_paths: Sequence[str], declarations: list[Declaration]) -> None:
    """Raise InboxError where some files are declared simulated and others are not.

    A release is of one kind: one invented figure among published ones would make the whole of it simulated,
    or pass for published.
    """
    kinds: dict[str, list[str]] = {}
    for path in relative_paths:
        said = declaration_for(path, declarations)
        kinds.setdefault(said.data_kind if said else DATA_KINDS[0], []).append(path)
    if len(kinds) > 1:
        told = "; ".join(
            f"{len(paths)} {kind}, as {paths[0]}" for kind, paths in sorted(kinds.items())
        )
        raise InboxError(
            f"the inbox holds published and simulated files ({told}): put the simulated ones into an inbox"
            f" and a release folder of their own, or correct data_kind in {SIDECAR}"
        )


def unused_declarations(
    relative_paths: Sequence[str], declarations: list[Declaration]
) -> list[str]:
    """What to say of each declaration that holds for no file, in words for the operator."""
    used = {declaration_for(path, declarations) for path in relative_paths}
    said = []
    for one in declarations:
        if one in used:
            continue
        pattern = one.file_pattern
        fitting = [path for path in relative_paths if _fits(path, pattern)]
        slashed = pattern.replace("\\", "/")
        if fitting:
            first = declaration_for(fitting[0], declarations)
            why = (
                f"is used for no file: {fitting[0]} and whatever else it fits belong to line"
                f" {first.line if first else '?'}, which comes first; put the narrower pattern above"
            )
        elif any(_fits(path, slashed) for path in relative_paths):
            why = f"fits no file; with / between folders it does: {slashed}"
        elif any(_fits(path, f"*/{slashed}") for path in relative_paths):
            why = f"fits no file; files below a folder are named with it: */{slashed} fits"
        else:
            why = f"fits no file; names are compared letter by letter, as in {relative_paths[0]}"
        said.append(f"{SIDECAR}, line {one.line}: pattern {pattern!r} {why}")
    return said


def input_hashes(folder: Path, files: list[InboxFile]) -> list[tuple[str, str]]:
    """Name and hash of everything in the inbox that decides the result."""
    hashes = [(file.relative_path, file.sha256) for file in files]
    sidecar = folder / SIDECAR
    if sidecar.is_file():
        hashes.append((SIDECAR, file_sha256(sidecar)))
    return hashes
