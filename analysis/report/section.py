"""A section of the page: what it needs, what it makes of it, and the template that shows it.

Belongs here: the declarations of a section and of a frame, and what a section is given. Does not
belong here: any section (`sections`, and `section.py` in the room of a method), where frames come
from, how a page is put together (`page`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

if TYPE_CHECKING:
    from analysis.typeset.drawing import Pen

Values = dict[str, Any]
"""What a template is given."""


class Frames(Protocol):
    """Where frames are taken from, by name."""

    def __getitem__(self, name: str) -> pd.DataFrame:
        """A frame."""


@dataclass(frozen=True)
class Frame:
    """A frame that a section needs.

    Attributes:
        name: Of the frame; several sections may need one.
        columns: That must be there.
        may: That are filled with None where they are not.
        rows: What a row is, and what its values mean.
    """

    name: str
    columns: tuple[str, ...]
    may: tuple[str, ...] = ()
    rows: str = ""

    @property
    def all(self) -> tuple[str, ...]:
        """Columns that the section sees."""
        return self.columns + self.may

    def and_with(self, other: "Frame") -> "Frame":
        """What both need."""
        must = tuple(dict.fromkeys(self.columns + other.columns))
        may = dict.fromkeys(c for c in self.may + other.may if c not in must)
        return Frame(self.name, must, tuple(may), self.rows or other.rows)


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Attributes:
        id: Anchor of its heading.
        title: Text of its heading, marked with `N_`; '' for one that stands under another's.
        frames: What it needs.
        build: Frames to the values of its template. Children for the table of contents stand
            under 'parts', as (anchor, title).
        template: File with its markup, in gettext's forms.
        words: Codes that it says in words, marked with `N_`; `word(code)` in the template.
        within: Sections inside it, in their order.
        explained: File with what the section on methods says of it, as `dt` and `dd`.
        shows_notes: Whether every table of a method's section has the notes on its design; they
            stand behind the section otherwise.
    """

    id: str
    title: str
    frames: tuple[Frame, ...]
    build: "Callable[[Context], Values]"
    template: Path
    words: Mapping[str, str] = field(default_factory=dict)
    within: "tuple[Section, ...]" = ()
    explained: Path | None = None
    shows_notes: bool = False

    @property
    def all(self) -> "tuple[Section, ...]":
        """The section and all inside it."""
        return (self, *(inner for section in self.within for inner in section.all))


@dataclass(frozen=True)
class Piece:
    """A section with its values, ready to be shown."""

    section: Section
    values: Values


@dataclass(frozen=True)
class Context:
    """What a section is built from. It sees the frames and columns that it declares, no others.

    Attributes:
        data: All frames of the page.
        pen: Draws.
        latin: Latin spelling of names.
        section: That is built.
        study: The study that it is built for, where a section stands in each: a row of `studies`.
    """

    data: Frames
    pen: "Pen"
    latin: Mapping[str, str]
    section: Section
    study: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """A frame, with the columns that the section declares.

        Raises:
            LookupError: the section doesn't declare it.
        """
        for frame in self.section.frames:
            if frame.name == name:
                return self.data[name][list(frame.all)]
        raise LookupError(
            f"section {self.section.id!r} reads frame {name!r}, which it doesn't declare; it has"
            f" {[frame.name for frame in self.section.frames]}"
        )

    def piece(self, section: Section, study: Mapping[str, Any] | None = None) -> Piece:
        """Build a section inside this one, for a study where one is given."""
        inner = replace(self, section=section, study=self.study if study is None else study)
        return Piece(section, section.build(inner))


def needed(sections: Iterable[Section]) -> dict[str, Frame]:
    """All frames that sections need, each with the columns that any of them needs, by name."""
    found: dict[str, Frame] = {}
    for section in sections:
        for inner in section.all:
            for frame in inner.frames:
                known = found.get(frame.name)
                found[frame.name] = known.and_with(frame) if known else frame
    return found
