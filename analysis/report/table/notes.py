"""The notes under a regression table: what stands in parentheses, errors, groups, what is left out.

Belongs here: sentences on the estimates of a table. Does not belong here: footnotes on what a paper
printed (`printed`).
"""

import re
from typing import Any, Final

import pandas as pd

from analysis.report.data import records
from analysis.report.section import Frame
from analysis.report.table.model import ESTIMATED, stars_note
from analysis.typeset import words
from analysis.typeset.numbers import count, is_missing
from analysis.typeset.texts import _

Record = dict[str, Any]

DESIGN_NOTES: Final = Frame(
    "study_note",
    ("study", "method", "design", "kind", "note"),
    rows="one per note on a design, in their order: what must be known to read its tables",
)


def convention_notes(fits: pd.DataFrame, shows_t: bool, has_printed: bool) -> tuple[str, ...]:
    """State what stands in parentheses, the convention of the errors, and the stars."""
    said = _("t values in parentheses.") if shows_t else _("Standard errors in parentheses.")
    notes = [f"{said} {stars_note()}."]
    groups: dict[str, list[str]] = {}
    for text, column in _conventions(records(fits)):
        groups.setdefault(text, []).append(f"({column})")
    for text, which in groups.items():
        if len(groups) == 1:
            notes.append(_("Standard errors of the estimates: {text}.").format(text=text))
            continue
        said = (
            _("Standard errors of the estimates, columns {columns}: {text}.")
            if len(which) > 1
            else _("Standard errors of the estimates, column {columns}: {text}.")
        )
        notes.append(said.format(columns=", ".join(which), text=text))
    if has_printed:
        notes.append(
            _(
                "Published numbers and their stars are as printed. "
                "A dash: not printed, or not in the model."
            )
        )
    return tuple(notes)


def _conventions(fits: list[Record]) -> list[tuple[str, str]]:
    """The convention of each column's errors in words, and the column."""
    by_city = len(fits) > 1 and all(
        r["n_clusters"] == r["n_units"] and r["df_resid"] == r["n_clusters"] - 1 for r in fits
    )
    if by_city and len({r["n_clusters"] for r in fits}) > 1:
        return [
            (
                _(
                    "clustered by {cluster}; {convention}; residual degrees of freedom: cities"
                    " less 1"
                ).format(
                    cluster=words.column(r["cluster"]),
                    convention=words.convention(r["se_convention"]),
                ),
                str(r["column_id"]),
            )
            for r in fits
        ]
    said = ((_convention(r), str(r["column_id"])) for r in fits)
    return [(text, column) for text, column in said if text]


def _convention(fit: Record) -> str:
    parts = []
    if not is_missing(fit["cluster"]) and str(fit["cluster"]):
        by = _("clustered by {cluster}").format(cluster=words.column(fit["cluster"]))
        if not is_missing(fit["n_clusters"]):
            by += " " + _("({n} clusters)").format(n=count(fit["n_clusters"]))
        parts.append(by)
    if not is_missing(fit["se_convention"]):
        parts.append(words.convention(fit["se_convention"]))
    if not is_missing(fit["df_resid"]):
        parts.append(_("{n} residual degrees of freedom").format(n=count(fit["df_resid"])))
    return "; ".join(parts)


def group_notes(status: pd.DataFrame) -> tuple[str, ...]:
    """How cities came into the groups of a table."""
    groups: dict[str, list[str]] = {}
    for r in records(status):
        if not is_missing(r["split_rule"]):
            groups.setdefault(str(r["split_rule"]), []).append(f"({r['column_id']})")
    return tuple(
        _("Cities are grouped {rule} in columns {columns}.").format(
            rule=_rule(rule), columns=", ".join(columns)
        )
        for rule, columns in groups.items()
    )


def _rule(rule: str) -> str:
    """A rule in words: 'by is_large_city in 2011' names a column of the panel."""
    by = re.match(r"by (\w+)(.*)", rule)
    if by is None or by.group(1) not in words.COLUMNS:
        return words.spaced(rule)
    return f"by {words.column(by.group(1))}{words.spaced(by.group(2))}"


def skipped_notes(status: pd.DataFrame) -> tuple[str, ...]:
    """Columns that these data can't answer, with the reason."""
    return tuple(
        _("Not estimated: column ({column}), {label}: {why}.").format(
            column=r["column_id"], label=r["column_label"], why=r["detail"]
        )
        for r in records(status)
        if str(r["status"]) != ESTIMATED
    )


def warning_notes(fits: pd.DataFrame) -> tuple[str, ...]:
    """What speaks against the errors or weights of a column."""
    return tuple(
        _("Column ({column}): {warning}.").format(column=r["column_id"], warning=r["detail"])
        for r in records(fits)
        if not is_missing(r["detail"]) and r["detail"]
    )


def design_notes(notes: pd.DataFrame) -> tuple[str, ...]:
    """What a design's tables are to be read with, each note once."""
    return tuple(dict.fromkeys(f"{note}." for note in notes["note"]))
