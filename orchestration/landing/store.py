"""Landing: files of the inbox into the cell store, and from there into the `raw` schema.

Belongs here: reading each file once, keeping its cells by content, and loading the tables of `raw`.
Does not belong here: file formats (`reading`), meaning of cells (dbt).

The store is append-only and keyed by content: a file that was read is never read again, and a file
that is broken never touches what is there.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.engine.protocol import Warehouse
from orchestration.fingerprint import file_sha256
from orchestration.landing.inbox import (
    Declaration,
    InboxFile,
    declaration_for,
    one_line,
    unused_declarations,
)
from orchestration.landing.path import path_parts
from orchestration.landing.reading import CELL_SCHEMA, MergedArea, UnreadableFile, open_cells
from orchestration.landing.twins import Said, is_page_of_its_own, said_of, twin_key
from orchestration.progress import counted, log, told

STORE_VERSION = "3"  # raise it when the reader gives other cells for the same bytes
_FACTS = b"citypanel_facts"

FILE_COLUMNS: tuple[tuple[str, str], ...] = (
    ("file_key", "varchar"),
    ("sha256", "varchar"),
    ("relative_path", "varchar"),
    ("byte_size", "bigint"),
    ("media_kind", "varchar"),
    ("encoding", "varchar"),
    ("sheet_count", "integer"),
    ("cell_count", "bigint"),
    ("status", "varchar"),
    ("reason_code", "varchar"),
    ("reason", "varchar"),
    ("declared_publisher", "varchar"),
    ("declared_edition", "integer"),
    ("declared_statistic_year", "integer"),
    ("licence", "varchar"),
    ("citation", "varchar"),
    ("data_kind", "varchar"),
)
CELL_COLUMNS: tuple[tuple[str, str], ...] = (
    ("file_key", "varchar"),
    *((field.name, "integer" if field.type == pa.int32() else "varchar") for field in CELL_SCHEMA),
)
PATH_COLUMNS: tuple[tuple[str, str], ...] = (
    ("file_key", "varchar"),
    ("part_number", "integer"),
    ("is_file_name", "boolean"),
    ("text", "varchar"),
    ("bare_text", "varchar"),
    ("stamp", "varchar"),
)
MERGED_COLUMNS: tuple[tuple[str, str], ...] = (
    ("file_key", "varchar"),
    *((name, "integer") for name in MergedArea._fields),
)
TABLES = {
    "yearbook_file": FILE_COLUMNS,
    "yearbook_path_part": PATH_COLUMNS,
    "yearbook_cell": CELL_COLUMNS,
    "yearbook_merged_area": MERGED_COLUMNS,
}
"""The tables of `raw` and their columns; what each means stands in the sources of the dbt project."""


@dataclass(frozen=True)
class LandedFile:
    """A file after landing; `status` is loaded, refused or duplicate.

    `file_key` is that of the bytes, but of a file that has the same ones as one before it and counts again.
    """

    file: InboxFile
    status: str
    stored: Path | None
    facts: dict[str, Any]
    reason_code: str | None = None
    reason: str | None = None
    own_key: str | None = None

    @property
    def file_key(self) -> str:
        """The key of the file in the warehouse."""
        return self.own_key or self.file.file_key


def _stored_path(store: Path, file: InboxFile) -> Path:
    return store / f"v{STORE_VERSION}" / f"{file.sha256}.parquet"


def _checksum_path(stored: Path) -> Path:
    return stored.with_suffix(".sha256")


@contextmanager
def _at_work(store: Path) -> Iterator[None]:
    """Hold the store while files land; who is alone in it first sweeps what killed landings left."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass  # another refresh shares the store: its parts are alive
        else:
            left = sorted(store.glob("v*/*.part"))
            for part in left:
                part.unlink(missing_ok=True)
            if left:
                log.info("  removed %d half-written file(s) of a killed refresh", len(left))
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def _how_far(file: InboxFile, rows: int, cells: int) -> str:
    """What is said while a file is read; a workbook is opened whole before its first row."""
    if not cells:
        return f"{file.relative_path}: being opened, no row yet"
    return f"{file.relative_path}: {rows:,} rows, {cells:,} cells read"


def _store_file(file: InboxFile, target: Path) -> dict[str, Any]:
    """Read a file and store its cells under one rename; raises UnreadableFile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    private = target.with_suffix(f".{os.getpid()}.part")
    schema = pa.schema([pa.field("file_key", pa.string()), *CELL_SCHEMA])
    rows = cells = 0
    try:
        with (
            told(lambda: _how_far(file, rows, cells)),
            pq.ParquetWriter(private, schema, compression="zstd", compression_level=1) as writer,
        ):
            stream = open_cells(file.path)
            for batch in stream:
                key = pa.repeat(pa.scalar(file.file_key), batch.num_rows)
                writer.write_batch(pa.RecordBatch.from_arrays([key, *batch.columns], schema=schema))
                if batch.num_rows:
                    cells += batch.num_rows
                    rows = batch.column("row_number")[-1].as_py()
            facts = asdict(stream.facts)
            if facts["sha256"] != file.sha256:
                raise UnreadableFile(
                    "damaged",
                    f"{file.path}: the file changed while it was being read; wait until it is"
                    " copied and refresh again",
                )
            writer.add_key_value_metadata({_FACTS.decode(): json.dumps(facts)})
        # Without its checksum an entry counts as damaged: the order of the two does no harm.
        _checksum_path(target).write_text(file_sha256(private), encoding="ascii")
        private.replace(target)
    finally:
        private.unlink(missing_ok=True)
    return facts


def _stored_facts(stored: Path) -> dict[str, Any] | None:
    """Facts of a stored file; None where it is not stored, or damaged and to be read again."""
    try:
        if file_sha256(stored) != _checksum_path(stored).read_text(encoding="ascii"):
            log.warning("! %s was damaged: the file is read again", stored)
            return None
        found = pq.read_metadata(stored).metadata
        return json.loads(found[_FACTS]) if found and _FACTS in found else None
    except (OSError, ValueError, pa.ArrowInvalid):
        return None


def _size(path: Path) -> int | None:
    """Bytes of a file that may be gone by now."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def land(
    files: list[InboxFile], store: Path, declarations: Sequence[Declaration] = ()
) -> list[LandedFile]:
    """Bring every file into the store; a broken one is refused with its reason and the rest go on.

    The same bytes count once, but where a path or a declaration states another year.
    """
    with _at_work(store):
        return _land(files, store, declarations)


def _land(
    files: list[InboxFile], store: Path, declarations: Sequence[Declaration]
) -> list[LandedFile]:
    landed = []
    seen: dict[str, dict[Said, str]] = {}  # by content: what was said of it, and by which path
    for file in counted(files, "files read"):
        said = said_of(file, declarations)
        before = seen.setdefault(file.sha256, {})
        own_key = None
        if before:
            like = before.get(said, next(iter(before.values())))
            if not is_page_of_its_own(said, before):
                reason = f"the same bytes as {like}: counted once"
                landed.append(LandedFile(file, "duplicate", None, {}, "duplicate", reason))
                continue
            own_key = twin_key(file)
            log.warning(
                "! %s has the same bytes as %s and says another year: both are read; take out the one that"
                " was put into the wrong folder, if one was",
                *(file.relative_path, like),
            )
        before[said] = file.relative_path
        stored = _stored_path(store, file)
        try:
            facts = _stored_facts(stored)
            if facts is None:
                facts = _store_file(file, stored)
        except UnreadableFile as error:
            # A name that is no UTF-8 stands in the message as it was given by the system.
            message = one_line(error.message.encode(errors="backslashreplace").decode())
            landed.append(LandedFile(file, "refused", None, {}, error.reason, message, own_key))
        else:
            landed.append(LandedFile(file, "loaded", stored, facts, own_key=own_key))
    return landed


def _file_row(landed: LandedFile, declarations: list[Declaration]) -> tuple[Any, ...]:
    said = declaration_for(landed.file.relative_path, declarations)
    return (
        landed.file_key,
        landed.file.sha256,
        landed.file.relative_path,
        landed.facts.get("byte_size", _size(landed.file.path)),
        landed.facts.get("media_kind"),
        landed.facts.get("encoding"),
        landed.facts.get("sheet_count", 0),
        landed.facts.get("cell_count", 0),
        landed.status,
        landed.reason_code,
        landed.reason,
        said.publisher if said else None,
        said.edition if said else None,
        said.statistic_year if said else None,
        said.licence if said else None,
        said.citation if said else None,
        said.data_kind if said else "published",
    )


def _path_rows(landed: list[LandedFile]) -> list[tuple[Any, ...]]:
    return [
        (one.file_key, *astuple(part))
        for one in landed
        if one.status == "loaded"
        for part in path_parts(one.file.relative_path)
    ]


def _merged_rows(landed: list[LandedFile]) -> list[tuple[Any, ...]]:
    return [(one.file_key, *area) for one in landed for area in one.facts.get("merged_areas", ())]


def load_raw(
    warehouse: Warehouse,
    landed: list[LandedFile],
    declarations: list[Declaration],
) -> None:
    """Make the tables of `raw` in an empty warehouse.

    Warns of declarations that hold for no file.
    """
    for remark in unused_declarations([one.file.relative_path for one in landed], declarations):
        log.warning("! %s", remark)
    for name, columns in TABLES.items():
        warehouse.create("raw", name, columns)
    for file in landed:
        warehouse.run(
            f"insert into raw.yearbook_file values ({', '.join('?' * len(FILE_COLUMNS))})",
            *_file_row(file, declarations),
        )
    warehouse.append("raw", "yearbook_path_part", _path_rows(landed))
    warehouse.append("raw", "yearbook_merged_area", _merged_rows(landed))
    warehouse.load_cells(
        "raw.yearbook_cell",
        [file.stored for file in landed if file.stored and not file.own_key],
        sum(file.facts.get("cell_count", 0) for file in landed),
        again=[(file.own_key, file.stored) for file in landed if file.stored and file.own_key],
    )
