"""Equations: what is explained by what, in which rows, in the names of a study.

Belongs here: one equation as every method hands it to the data. Does not belong here: how the keys of
a method spell its equations out (the method's room), rows and values (`sample`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analysis.study.keys import Filters, Published, Split, SplitLevel

_EFFECTS: dict[str, Literal["unit", "time"]] = {"city": "unit", "year": "time"}


def panel_effects(effects: Iterable[str]) -> tuple[Literal["unit", "time"], ...]:
    """Effects of a study file ("city", "year") in the words of the regressions."""
    return tuple(_EFFECTS[effect] for effect in effects)


@dataclass(frozen=True)
class Equation:
    """One column to estimate.

    ``outcome`` is a variable's name, or the column of the study's outcome. ``needs`` names further
    variables without which a row is left out, so that equations can share their rows. ``split_id``,
    ``split`` and ``level`` say which group of cities it is for; all three are None without one.
    """

    column_id: str
    label: str
    outcome: str
    regressors: tuple[str, ...]
    controls: tuple[str, ...]
    effects: tuple[str, ...]
    sample: Filters = ()
    needs: tuple[str, ...] = ()
    published_column: int | None = None
    split_id: str | None = None
    split: Split | None = None
    level: SplitLevel | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the right-hand side."""
        return (*self.regressors, *self.controls)

    @property
    def names(self) -> tuple[str, ...]:
        """All names that a row needs a value of, the outcome first, each once."""
        return tuple(dict.fromkeys((self.outcome, *self.terms, *self.needs)))


@dataclass(frozen=True)
class Block:
    """The equations of a design, printed beside each other, and the printed table they stand against."""

    id: str
    title: str
    equations: tuple[Equation, ...]
    published: Published | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All names of the equations, each once: a complete city has them all."""
        return names_of(self.equations)


def names_of(equations: Iterable[Equation]) -> tuple[str, ...]:
    """Names of some equations, each once."""
    return tuple(dict.fromkeys(name for equation in equations for name in equation.names))


__all__ = ["Block", "Equation", "names_of", "panel_effects"]
