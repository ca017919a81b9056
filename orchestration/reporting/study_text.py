"""The estimates of one study as Markdown, which reads on a screen as well.

Belongs here: laying the common tables out, columns of a design beside each other. Does not belong here:
the page of the report (`analysis.report`), estimation.

Figures of a method's own tables (event times, draws, searches) are in the CSV files beside it, not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from unicodedata import east_asian_width

import pandas as pd

from analysis.methods.base import ESTIMATED
from analysis.typeset.numbers import count, fixed, is_missing

COUNTS = {
    "n_obs": "Observations",
    "n_units": "Cities",
    "n_treated_units": "Treated cities",
    "n_clusters": "Clusters",
}
"""Counts of `model_fit` that stand under the coefficients."""


def study_text(frames: Mapping[str, pd.DataFrame], release: str, data_kind: str) -> str:
    """The study's title and status, then a table per design or why there is none."""
    status = frames["study_status"].iloc[0]
    lines = [f"# {status['title']}", ""]
    if data_kind == "simulated":
        lines += ["**SIMULATED DATA: figures are invented**", ""]
    lines += [
        f"{status['study']}, tried on release {release}: {status['status']}, {status['detail']}."
        " Nothing was released.",
        "",
    ]
    for design in frames["design_status"].to_dict("records"):
        lines += [f"## {design['title']} ({design['method']} {design['design']})", ""]
        if design["status"] == ESTIMATED:
            lines += _design(frames, str(design["method"]), str(design["design"]))
        else:
            lines += [f"{design['status']}: {design['detail']}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _design(frames: Mapping[str, pd.DataFrame], method: str, design: str) -> Iterator[str]:
    """The table of a design, what was not estimated of it, and its notes."""
    columns, fits, answers, notes = (
        _of(frames[name], method, design)
        for name in ("study_column", "model_fit", "estimate", "study_note")
    )
    terms = frames["study_term"]
    labels = dict(zip(terms["term"].astype(str), terms["label"].astype(str), strict=True))
    ids = [str(each) for each in columns["column_id"]]
    if ids and len(answers):
        yield from _aligned(
            [
                ["", *(f"({each})" for each in ids)],
                ["", *(str(each) for each in columns["column_label"])],
                *_coefficients(answers, ids, labels),
                *_counts(fits, ids),
            ]
        )
        yield ""
    elif len(answers) == 0:
        yield "Its figures are in tables of its own: --to FOLDER writes them."
        yield ""
    for fit in fits.to_dict("records"):
        if not is_missing(fit["detail"]) and str(fit["detail"]):
            yield f"- ({fit['column_id']}) {fit['detail']}"
    for note in notes["note"]:
        yield f"- {note}"
    yield ""


def _of(frame: pd.DataFrame, method: str, design: str) -> pd.DataFrame:
    return frame[(frame["method"] == method) & (frame["design"] == design)]


def _coefficients(
    answers: pd.DataFrame, ids: list[str], labels: Mapping[str, str]
) -> Iterator[list[str]]:
    """A row per term and point, with its error in the row below."""
    answers = answers.assign(at_point=answers["at_point"].astype("string").fillna(""))
    for (term, point), found in answers.groupby(["term", "at_point"], sort=False):
        cells = {str(row["column_id"]): row for row in found.to_dict("records")}
        label = labels.get(str(term), str(term))
        yield [
            f"{label}, {point}" if point else label,
            *(_estimate(cells.get(each)) for each in ids),
        ]
        yield ["", *(_error(cells.get(each)) for each in ids)]


def _estimate(row: dict[Any, Any] | None) -> str:
    if row is None:
        return ""
    return fixed(row["estimate"]) + ("" if is_missing(row["stars"]) else str(row["stars"]))


def _error(row: dict[Any, Any] | None) -> str:
    return "" if row is None or is_missing(row["std_error"]) else f"({fixed(row['std_error'])})"


def _counts(fits: pd.DataFrame, ids: list[str]) -> Iterator[list[str]]:
    by_column = {str(row["column_id"]): row for row in fits.to_dict("records")}
    for name, label in COUNTS.items():
        yield [label, *(count(by_column[each][name]) if each in by_column else "" for each in ids)]


def _aligned(rows: list[list[str]]) -> Iterator[str]:
    """Rows as a Markdown table whose source is aligned as well; Chinese characters are two wide."""
    cleaned = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    widths = [max(3, *(_width(row[k]) for row in cleaned)) for k in range(len(rows[0]))]
    for number, row in enumerate(cleaned):
        padded = [
            cell + blank if k == 0 else blank + cell
            for k, cell in enumerate(row)
            for blank in [" " * (widths[k] - _width(cell))]
        ]
        yield f"| {' | '.join(padded)} |"
        if number == 0:
            yield (
                "|"
                + "|".join(
                    "-" * (width + 2) if k == 0 else "-" * (width + 1) + ":"
                    for k, width in enumerate(widths)
                )
                + "|"
            )


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


__all__ = ["study_text"]
