"""What the page is made from: the facts of a release, and a frame for each that a section declares.

Belongs here: the container, and the check of its frames against the declarations. Does not belong
here: which frames there are (the sections say), how they are queried (the caller does that).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from analysis.report.section import Frame

DATA_KINDS: Final = ("simulated", "published")


@dataclass(frozen=True)
class ReportData:
    """Everything the page shows.

    Numbers stay numbers (the page formats them); missing is NaN or None. Row order is kept.

    Attributes:
        title: Heading of the page.
        data_kind: 'simulated' (banner, and a mark on every table and figure) or 'published'.
        vintage: Name of the release.
        code_version: Version of the code that made it.
        created_from: Fingerprint of the data it was made from.
        frames: By name. `checked` holds them against what sections declare.
    """

    title: str
    data_kind: str
    vintage: str
    code_version: str
    created_from: str
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.data_kind not in DATA_KINDS:
            raise ValueError(f"data_kind is {self.data_kind!r}; expected one of {DATA_KINDS}")

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name]

    @property
    def simulated(self) -> bool:
        """Whether the figures are invented."""
        return self.data_kind == "simulated"

    def checked(self, declared: Mapping[str, Frame]) -> "ReportData":
        """The same with each frame that is declared, in its declared columns.

        A frame that isn't there, or has neither rows nor columns, is empty; its section says so.

        Raises:
            ValueError: a frame lacks a column (the message names both), or isn't declared.
        """
        unknown = sorted(set(self.frames) - set(declared))
        if unknown:
            raise ValueError(f"no section of the report declares frame(s) {unknown}")
        frames = {
            name: _checked(frame, self.frames.get(name, pd.DataFrame()))
            for name, frame in declared.items()
        }
        return ReportData(
            self.title, self.data_kind, self.vintage, self.code_version, self.created_from, frames
        )


def _checked(declared: Frame, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its declared columns, those that may be missing filled with None."""
    if frame.empty and not len(frame.columns):
        return pd.DataFrame({column: pd.Series(dtype=object) for column in declared.all})
    missing = [column for column in declared.columns if column not in frame.columns]
    if missing:
        raise ValueError(
            f"report frame {declared.name!r} lacks column(s) {missing}; it has"
            f" {list(frame.columns)}"
        )
    frame = frame.reset_index(drop=True)
    absent = {column: None for column in declared.may if column not in frame.columns}
    return frame.assign(**absent)[list(declared.all)]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts, missing values as None."""
    columns = [
        [
            None if gone else value
            for value, gone in zip(column.tolist(), column.isna(), strict=True)
        ]
        for _, column in frame.items()
    ]
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def dated(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts; a year, edition or batch that came as 2012.0 is '2012'."""
    years = {"year", "edition", "batch"} & set(frame.columns)
    return [
        r | {name: year_text(r[name]) for name in years if r[name] is not None}
        for r in records(frame)
    ]


def year_text(value: Any) -> str:
    """A year, edition or batch as text."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
