"""The one exception of the reader and the fixed list of its reasons.

Here: why a file can't be read, and how that is said. Not here: the decision itself, which each
family makes where it sees the bytes.
"""

from orchestration.errors import CitypanelError

REASONS: dict[str, str] = {
    "no-file": "there is no such file, or it may not be opened",
    "empty": "the file has no bytes, or nothing but blanks",
    "picture": "the content is an image",
    "document": "the content is a PDF, a text document or slides",
    "archive": "the content is an archive without a workbook in it",
    "password": "the file is encrypted and Excel's default password does not open it",
    "truncated": "the file ends before its content does",
    "damaged": "the content contradicts itself",
    "encoding": "the text is neither UTF-8, UTF-16 with a mark, nor GB18030, or characters of it were lost",
    "too-large": "reading the file would take more memory than the reader may use",
    "unknown-format": "the content belongs to no family that is read",
    "no-cells": "the file was read and holds no cell with content",
}
"""Every value that `UnreadableFile.reason` can take, and what it stands for."""


class UnreadableFile(CitypanelError):
    """A file that is refused as a whole.

    `reason` is a key of `REASONS`; `message` names the file, what was expected and what to do.
    """

    def __init__(self, reason: str, message: str) -> None:
        if reason not in REASONS:
            raise ValueError(f"unknown reason {reason!r}; expected one of {sorted(REASONS)}")
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message
