"""What figures are made of, and where two of them are made of the same.

Belongs here: the graph of figures and their parts, and the search for an outcome that contains what is to
explain it. Does not belong here: where the graph comes from, sentences (`analysis.methods.notes`), lineage of
single numbers down to cells (`orchestration.trace`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

SUMS = (
    "component",
    "input",
    "output",
    "undesirable output",
    "numerator",
    "nominal figure",
    "itself",
)
"""Roles in which a part moves the whole by its own size; a common denominator scales both instead."""


@dataclass(frozen=True)
class Part:
    """A figure that another is made of, and its role there (component, numerator, input, ...)."""

    role: str
    figure: str


@dataclass(frozen=True)
class Lineage:
    """`figures` are those that columns of the panel hold; `parts` what a figure is made of.

    A figure without parts is printed, or unknown.
    """

    figures: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)

    def figure_of(self, columns: tuple[str, ...]) -> str:
        """The figure of a column, or of the ratio of two; a product is none, its factors are."""
        return "/".join(self.figures.get(column, column) for column in columns)

    def parts_of(self, figure: str) -> tuple[Part, ...]:
        """What a figure is made of; a ratio of its numerator and denominator."""
        if figure in self.parts or "/" not in figure:
            return self.parts.get(figure, ())
        numerator, denominator = figure.split("/")
        return (Part("numerator", numerator), Part("denominator", denominator))

    def made_of(self, figure: str) -> dict[str, str]:
        """The figure and all that it is made of at any depth, each with its role, the nearest first."""
        found, waiting = {figure: "itself"}, [figure]
        while waiting:
            for part in self.parts_of(waiting.pop(0)):
                if part.figure not in found:
                    found[part.figure] = part.role
                    waiting.append(part.figure)
        return found

    def definition(self, figure: str) -> tuple[object, ...]:
        """What a figure is, whatever its name: ratios of the same numerators and denominators are one."""
        parts = self.parts_of(figure)
        if parts and {part.role for part in parts} == {"numerator", "denominator"}:
            return tuple(
                tuple(sorted(part.figure for part in parts if part.role == role))
                for role in ("numerator", "denominator")
            )
        return (figure,)

    def same(self, one: tuple[str, ...], other: tuple[str, ...]) -> bool:
        """Whether columns, or ratios of two, are the same figure."""
        return self.definition(self.figure_of(one)) == self.definition(self.figure_of(other))


@dataclass(frozen=True)
class Overlap:
    """A figure that outcome and term are both made of, with its role in each ("itself": it is the whole).

    `figure` is named as the outcome has it, `as_term` as the term has it: twins have two names.
    """

    term: str
    figure: str
    as_term: str
    role_in_outcome: str
    role_in_term: str

    @property
    def is_contained(self) -> bool:
        """Whether the figure moves both by its own size, so that one explains the other by definition."""
        return self.role_in_outcome in SUMS and self.role_in_term in SUMS


def overlaps(
    lineage: Lineage, outcome: tuple[str, ...], terms: Mapping[str, tuple[str, ...]]
) -> tuple[Overlap, ...]:
    """Figures that the columns of an outcome share with those of terms, the topmost of each alone.

    `terms` has the columns of each term. Parts of a shared figure are shared as well and say nothing more.
    """
    whole = lineage.made_of(lineage.figure_of(outcome))
    known = {lineage.definition(figure): figure for figure in reversed(whole)}
    found: list[Overlap] = []
    for term, columns in terms.items():
        found += _of_term(lineage, whole, known, term, lineage.figure_of(columns))
    return tuple(found)


def _of_term(
    lineage: Lineage,
    whole: Mapping[str, str],
    known: Mapping[tuple[object, ...], str],
    term: str,
    top: str,
) -> Iterator[Overlap]:
    covered: set[str] = set()
    for figure, role in lineage.made_of(top).items():
        shared = known.get(lineage.definition(figure))
        if figure in covered or shared is None:
            continue
        covered |= set(lineage.made_of(figure))
        yield Overlap(term, shared, figure, whole[shared], role)


def entangled(found: Iterable[Overlap]) -> tuple[str, ...]:
    """Terms that the outcome contains, or that contain it, each once: what a variation leaves out."""
    return tuple(dict.fromkeys(each.term for each in found if each.is_contained))


__all__ = ["Lineage", "Overlap", "Part", "entangled", "overlaps"]
