"""The inbox: which files are there, and what the operator declared about them.

Belongs here: listing files and reading the optional `sources.csv`. Does not belong here: opening a
yearbook (`reading`) or storing its cells (`landing`).
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from orchestration.fingerprint import file_sha256

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


class InboxError(Exception):
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
    """A row of `sources.csv`: what holds for the files that match its pattern."""

    file_pattern: str
    publisher: str | None
    edition: int | None
    statistic_year: int | None
    licence: str | None
    citation: str | None
    data_kind: str


def list_files(folder: Path) -> list[InboxFile]:
    """All files below a folder but hidden ones, lock files of office programs and the sidecar."""
    if not folder.is_dir():
        raise InboxError(
            f"{folder} is no folder: give one that holds yearbook files, as in make refresh INBOX=path"
        )
    files = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        # A link that leads nowhere counts as a file: it is refused by name, not passed over.
        if path.exists() and not path.is_file():
            continue
        if any(part.startswith((".", "~$")) for part in parts):
            continue
        if len(parts) == 1 and parts[0] == SIDECAR:
            continue
        relative_path = "/".join(map(_readable_name, parts))
        files.append(InboxFile(path, relative_path, _content_hash(path, relative_path)))
    if not files:
        raise InboxError(
            f"{folder} holds no file: put yearbook files there, or leave INBOX out for the sample"
        )
    return files


def _readable_name(name: str) -> str:
    """The name as text; archives from China unpack to names in GB18030 that are no UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        stored = os.fsencode(name)
        try:
            return stored.decode("gb18030")
        except UnicodeDecodeError:
            return stored.decode(errors="backslashreplace")
    return name


def _content_hash(path: Path, relative_path: str) -> str:
    """Hash of the content; of the name where the file can't be opened: reading it says why."""
    try:
        return file_sha256(path)
    except OSError:
        return hashlib.sha256(f"unreadable\0{relative_path}".encode()).hexdigest()


def _year(row: dict[str, str], column: str, line: int, path: Path) -> int | None:
    text = (row.get(column) or "").strip()
    if not text:
        return None
    if not (text.isdigit() and len(text) == 4):
        raise InboxError(
            f"{path}, line {line}, column {column}: {text!r} is no year; write four digits or nothing"
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
        raise InboxError(f"{path}: {error}; save it as CSV anew") from error


def _sidecar_text(path: Path) -> str:
    stored = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return stored.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InboxError(f"{path}: the text is neither UTF-8 nor GB18030; save it as CSV in UTF-8")


def _declarations(path: Path) -> list[Declaration]:
    found = []
    with io.StringIO(_sidecar_text(path), newline="") as file:
        reader = csv.DictReader(file)
        unknown = set(reader.fieldnames or ()) - set(SIDECAR_COLUMNS)
        if unknown or "file_pattern" not in (reader.fieldnames or ()):
            raise InboxError(
                f"{path}: columns are {', '.join(SIDECAR_COLUMNS)}; "
                + (
                    f"unknown: {', '.join(sorted(unknown))}"
                    if unknown
                    else "file_pattern is missing"
                )
            )
        for line, row in enumerate(reader, start=2):
            if None in row:
                raise InboxError(
                    f"{path}, line {line}: more fields than columns; put quotes round a field"
                    " that holds a comma"
                )
            if not (row["file_pattern"] or "").strip():
                raise InboxError(
                    f"{path}, line {line}, column file_pattern: empty; write a file's name, or a"
                    " pattern such as *.xlsx"
                )
            kind = (row.get("data_kind") or "").strip() or "published"
            if kind not in DATA_KINDS:
                raise InboxError(
                    f"{path}, line {line}, column data_kind: {kind!r} is none of {', '.join(DATA_KINDS)}"
                )
            found.append(
                Declaration(
                    file_pattern=(row["file_pattern"] or "").strip(),
                    publisher=(row.get("publisher") or "").strip() or None,
                    edition=_year(row, "edition", line, path),
                    statistic_year=_year(row, "statistic_year", line, path),
                    licence=(row.get("licence") or "").strip() or None,
                    citation=(row.get("citation") or "").strip() or None,
                    data_kind=kind,
                )
            )
    return found


def declaration_for(relative_path: str, declarations: list[Declaration]) -> Declaration | None:
    """The first declaration whose pattern (as in a shell) fits the path."""
    return next((d for d in declarations if fnmatch(relative_path, d.file_pattern)), None)


def input_hashes(folder: Path, files: list[InboxFile]) -> list[tuple[str, str]]:
    """Name and hash of everything in the inbox that decides the result."""
    hashes = [(file.relative_path, file.sha256) for file in files]
    sidecar = folder / SIDECAR
    if sidecar.is_file():
        hashes.append((SIDECAR, file_sha256(sidecar)))
    return hashes
