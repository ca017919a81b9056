"""Further errors under the coefficients of a regression table, and the note that says what they are.

Belongs here: their rows and sentences, made of the rows of `estimate_error` alone. Does not belong here: the
coefficients and the error of the study (`build`), the errors themselves (`analysis.methods.errors`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from analysis.report.data import records
from analysis.report.section import Frame
from analysis.report.table.model import ESTIMATED, Cell, Column, Row
from analysis.typeset import words
from analysis.typeset.numbers import aligned, count, fixed, is_missing, quantity
from analysis.typeset.texts import _

Record = dict[str, Any]

ERRORS: Final = Frame(
    "estimate_error",
    ("study", "method", "design", "column_id", "term", "error", "kind", "is_declared", "status",
     "detail", "std_error", "statistic", "df", "p_value", "stars", "cluster", "n_clusters",
     "convention", "factor", "kernel", "bandwidth", "cutoff_km", "pairs", "weights", "scheme", "within",
     "is_enumerated", "n_draws", "mc_error", "seed"),
    ("at_point",),
    rows="one per study, method, design, column, term, point and further error of its coefficient",
)  # fmt: skip

DRAWN: Final = ("wild", "randomisation")
"""Kinds that give a p value and no error."""


def _by(row: Record) -> str:
    """What an error sums over, in words: 'city', or 'city and year'."""
    names = [words.column(name) for name in str(row["cluster"]).split("+")]
    return (
        names[0] if len(names) == 1 else _("{one} and {other}").format(one=names[0], other=names[1])
    )


def label(row: Record) -> str:
    """What stands before an error's row of numbers."""
    kind = str(row["kind"])
    if kind == "cluster":
        return _("Clustered by {cluster}").format(cluster=_by(row))
    if kind in ("cr2", "cr3"):
        return _("{kind} by {cluster}").format(kind=kind.upper(), cluster=_by(row))
    if kind == "wild":
        return _("Wild bootstrap by {cluster}, p").format(cluster=_by(row))
    if kind == "driscoll_kraay":
        return _("Driscoll–Kraay, {lags} lags").format(lags=count(row["bandwidth"]))
    if kind == "conley":
        return _("Conley, {distance} km").format(distance=quantity(row["cutoff_km"]))
    return _("Randomisation, p")


def error_lines(
    errors: pd.DataFrame, columns: Iterable[Column], shows_t: bool
) -> dict[str, list[Row]]:
    """Rows of further errors by term: in parentheses an error or t value, in square brackets a p value."""
    listed = list(columns)
    known = [row for row in records(errors) if row["status"] == ESTIMATED]
    lines: dict[str, dict[str, dict[str, Record]]] = {}
    for row in known:
        of_term = lines.setdefault(str(row["term"]), {})
        of_term.setdefault(label(row), {}).setdefault(str(row["column_id"]), row)
    return {
        term: [
            Row(name, _cells(term, listed, by_column, shows_t), under=True)
            for name, by_column in of_term.items()
        ]
        for term, of_term in lines.items()
    }


@dataclass(frozen=True)
class PointErrors:
    """Further errors of coefficients at points: `labels` of the errors, `rows` of (point, cells), and notes."""

    labels: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    notes: tuple[str, ...]


def point_errors(errors: pd.DataFrame, points: Mapping[tuple[str, str], str]) -> PointErrors | None:
    """Errors and p values by point; `points` has (column, point) in the order shown, in words.

    None where the study asks for none and no coefficient rests on few clusters.
    """
    rows = [
        {**row, "at_point": "" if is_missing(row["at_point"]) else str(row["at_point"])}
        for row in records(errors)
    ]
    if not rows:
        return None
    known = {
        ((str(row["column_id"]), row["at_point"]), label(row)): row
        for row in rows
        if row["status"] == ESTIMATED
    }
    labels = tuple(dict.fromkeys(name for _, name in known))
    shown = []
    for at, said in points.items():
        cells = []
        for name in labels:
            row = known.get((at, name))
            number = None
            if row is not None:
                drawn = row["kind"] in DRAWN
                number = aligned(
                    row["p_value" if drawn else "std_error"],
                    brackets="[]" if drawn else "()",
                    stars=row["stars"],
                )
            cells.append(Cell(ESTIMATED, at[0], at[1], number))
        if any(cell.number is not None for cell in cells):
            shown.append((said, tuple(cells)))
    return PointErrors(labels, tuple(shown), error_notes(pd.DataFrame(rows)))


def _cells(
    term: str, columns: list[Column], by_column: Mapping[str, Record], shows_t: bool
) -> tuple[Cell, ...]:
    cells = []
    for column in columns:
        row = by_column.get(column.column_id)
        for source in column.sources:
            if row is None or source != ESTIMATED:
                cells.append(Cell(source, column.column_id, term))
                continue
            drawn = row["kind"] in DRAWN
            value = row["p_value"] if drawn else row["statistic" if shows_t else "std_error"]
            number = aligned(value, brackets="[]" if drawn else "()", stars=row["stars"])
            cells.append(Cell(source, column.column_id, term, number))
    return tuple(cells)


def error_notes(errors: pd.DataFrame) -> tuple[str, ...]:
    """What each further error is, what speaks against it, and which could not be had."""
    rows = records(errors)
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["status"] == ESTIMATED:
            key = (label(row), _SAID[str(row["kind"])](row))
            groups.setdefault(key, []).append(f"({row['column_id']})")
    notes = [
        _("{label}, {columns}: {said}.").format(
            label=name, columns=", ".join(dict.fromkeys(columns)), said=said
        )
        for (name, said), columns in groups.items()
    ]
    if any(row["kind"] in DRAWN and row["status"] == ESTIMATED for row in rows):
        notes.insert(0, _("p values in square brackets."))
    if any(not row["is_declared"] and row["status"] == ESTIMATED for row in rows):
        notes.append(
            _("A bootstrap that no study asks for stands beside coefficients on few clusters.")
        )
    notes += list(
        dict.fromkeys(
            _("{label}, column ({column}): {detail}.").format(
                label=_kind(row), column=row["column_id"], detail=row["detail"]
            )
            for row in rows
            if not is_missing(row["detail"]) and row["detail"]
        )
    )
    return tuple(notes)


def _kind(row: Record) -> str:
    """The error in words; of one that could not be had, its name."""
    if row["status"] == ESTIMATED:
        return label(row)
    return _("No error {name}").format(name=words.spaced(row["error"]))


def _clustered(row: Record) -> str:
    said = _("{n} clusters, {convention}").format(
        n=count(row["n_clusters"]), convention=words.convention(row["convention"])
    )
    if is_missing(row["factor"]):
        return said
    of = {
        "fewer": _("Cameron, Gelbach and Miller, the factor of the fewer clusters"),
        "each": _("Cameron, Gelbach and Miller, each sandwich with its own factor"),
    }
    return f"{of[str(row['factor'])]}; {said}"


def _reduced(row: Record) -> str:
    of = {
        "satterthwaite": _("{df} degrees of freedom after Satterthwaite"),
        "clusters": _("{df} degrees of freedom, clusters less 1"),
        "jackknife": _("jackknife with (G−1)/G, {df} degrees of freedom"),
    }
    said = of[str(row["convention"])].format(df=fixed(row["df"], 1))
    return _("{said}, {n} clusters").format(said=said, n=count(row["n_clusters"]))


def _wild(row: Record) -> str:
    what = {"rademacher": _("signs"), "webb": _("Webb's six points")}[str(row["weights"])]
    clusters = count(row["n_clusters"])
    if row["is_enumerated"]:
        return _("null imposed, all {n} sets of signs of {clusters} clusters").format(
            n=count(row["n_draws"]), clusters=clusters
        )
    return _("null imposed, {n} draws of {what} for {clusters} clusters, seed {seed}").format(
        n=count(row["n_draws"]), what=what, clusters=clusters, seed=row["seed"]
    )


def _driscoll_kraay(row: Record) -> str:
    return _("{kernel} kernel, {n} periods, {convention}").format(
        kernel=words.spaced(row["kernel"]),
        n=count(row["n_clusters"]),
        convention=words.convention(row["convention"]),
    )


def _conley(row: Record) -> str:
    pairs = {
        "all_years": _("pairs of all years"),
        "same_year": _("pairs of one year, and {n} lags of a city"),
    }[str(row["pairs"])]
    if not is_missing(row["bandwidth"]):
        pairs = pairs.format(n=count(row["bandwidth"]))
    return _("{kernel} kernel of great-circle distance, {pairs}; {convention}").format(
        kernel=words.spaced(row["kernel"]),
        pairs=pairs,
        convention=words.convention(row["convention"]),
    )


def _randomisation(row: Record) -> str:
    where = (
        ""
        if is_missing(row["within"])
        else _(" within {name}").format(name=words.column(row["within"]))
    )
    return _("policy drawn over {scheme}{where}, t value, {n} draws, seed {seed}").format(
        scheme=words.spaced(row["scheme"]), where=where, n=count(row["n_draws"]), seed=row["seed"]
    )


_SAID: Final[Mapping[str, Callable[[Record], str]]] = {
    "cluster": _clustered,
    "cr2": _reduced,
    "cr3": _reduced,
    "wild": _wild,
    "driscoll_kraay": _driscoll_kraay,
    "conley": _conley,
    "randomisation": _randomisation,
}


__all__ = ["ERRORS", "PointErrors", "error_lines", "error_notes", "label", "point_errors"]
