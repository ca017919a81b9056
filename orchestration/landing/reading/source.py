"""The bytes of one file: read once, hashed, and handed to whichever family recognises them.

Here: access to the file and its size limits. Not here: what the bytes mean.
"""

import hashlib
import io
from pathlib import Path
from typing import BinaryIO

from orchestration.landing.reading.errors import UnreadableFile

IN_MEMORY_BYTES = 256 * 2**20
"""Up to this size a file is read once and everything is taken from those bytes, so that hash and
cells can't disagree when somebody writes to the file meanwhile. Beyond it only families that
read in pieces (text, Parquet) go on."""

HEAD_BYTES = 64 * 2**10


class Source:
    """One file to be read: its path, size, hash and bytes."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        try:
            if self.path.is_dir():
                raise self.refusal(
                    "no-file",
                    "expected a file and found a folder: one that can't be opened, or a link to one"
                    " that is read already; check its permissions, or remove the link",
                )
            if not self.path.is_file():
                raise self.refusal(
                    "no-file", "expected a regular file there; check the name and the folder"
                )
            with self.path.open("rb") as file:
                self.byte_size = self.path.stat().st_size
                self._data: bytes | None = None
                if self.byte_size <= IN_MEMORY_BYTES:
                    self._data = file.read()
                    self.byte_size = len(self._data)
                    self.sha256 = hashlib.sha256(self._data).hexdigest()
                    self.head = self._data[:HEAD_BYTES]
                else:
                    self.head = file.read(HEAD_BYTES)
                    file.seek(0)
                    self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        except (OSError, ValueError) as error:
            raise self.refusal(
                "no-file", f"it can't be opened ({error}); check the name and the permissions"
            ) from error

    @property
    def data(self) -> bytes:
        """The whole content; refused where the file is too large to be held."""
        if self._data is None:
            raise self.refusal(
                "too-large",
                f"{self.byte_size:,} bytes, and this format is read whole, up to "
                f"{IN_MEMORY_BYTES:,} bytes; save it as CSV or Parquet, which are read in pieces",
            )
        return self._data

    @property
    def tail(self) -> bytes:
        """The last bytes of the file, at most eight."""
        if self._data is not None:
            return self._data[-8:]
        with self.path.open("rb") as file:
            file.seek(-8, io.SEEK_END)
            return file.read()

    def open(self) -> BinaryIO:
        """A binary stream over the content, from memory where it is held."""
        return io.BytesIO(self._data) if self._data is not None else self.path.open("rb")

    def refusal(self, reason: str, what: str) -> UnreadableFile:
        """The exception that refuses this file, with the file's name in front of `what`."""
        return UnreadableFile(reason, f"{self.path}: {what}")
