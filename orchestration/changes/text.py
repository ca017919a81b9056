"""What moved between two releases, in words: one screen for the terminal, CHANGES.md for the release.

Belongs here: words and their order. Does not belong here: comparing (`compare`), causes (`movement`).

Names and texts of yearbooks are data: in Markdown they stand in code spans, so that none can be markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from orchestration.changes.compare import LISTED, PRINTED, Changes, each
from orchestration.changes.movement import ORDER, Movement

PART_NAMES = {
    "inputs": "files of the inbox",
    "seeds": "seeds",
    "studies": "study files",
    "sql": "models in SQL",
    "python": "modules of Python",
    "lock": "libraries",
}
NAMED = 12
"""Rows of a kind that are named on the screen; CHANGES.md names `LISTED`."""


def markdown(
    changes: Changes,
    moved: Sequence[Movement] = (),
    untold: str = "",
    *,
    simulated: bool = False,
    listed: int = LISTED,
) -> str:
    """The page CHANGES.md; `untold` says why there are no causes of estimates."""
    return "\n".join(_lines(changes, moved, untold, simulated, listed)) + "\n"


def first_release(vintage: str, *, simulated: bool) -> str:
    """CHANGES.md where there is nothing to compare with."""
    return (
        "# Changes\n\n"
        + ("Figures are **simulated**.\n\n" if simulated else "")
        + f"{vintage} is the first release of its kind here: there is none to compare it with.\n"
    )


def _lines(
    changes: Changes, moved: Sequence[Movement], untold: str, simulated: bool, listed: int
) -> Iterator[str]:
    yield f"# Changes from {changes.before} to {changes.after}"
    yield ""
    if simulated:
        yield "Figures are **simulated**."
        yield ""
    if changes.is_same:
        yield "No figure, city, class, score or estimate moved."
        yield ""
    yield from _made_of(changes, listed)
    yield from _estimates(changes, moved, untold)
    yield from _table(
        "Files", changes.tables["files"], ["change", "relative_path", "reason"], listed
    )
    yield from _figures(changes, listed)
    yield from _table(
        "Cities and years",
        changes.tables["cities"],
        [
            "change", "city_name", "city_code", "first_year_before", "last_year_before",
            "first_year_after", "last_year_after",
        ],
        listed,
    )  # fmt: skip
    yield from _table(
        "Size classes that changed", changes.tables["classes"],
        ["city_name", "city_code", "year", "class_before", "class_after"], listed,
    )  # fmt: skip
    yield from _table(
        "Regimes that changed", changes.tables["regimes"],
        ["study", "design", "n_thresholds", "city_code", "year", "regime_before", "regime_after"], listed,
    )  # fmt: skip
    yield from _scores(changes, listed)
    told = changes.tables["quarantine"]
    yield from _table(
        "Quarantined figures by reason",
        told[told["figures_before"] != told["figures_after"]],
        ["reason", "figures_before", "figures_after"],
        listed,
    )
    if changes.untold:
        yield "## Not compared"
        yield ""
        for name, why in changes.untold.items():
            yield f"- {name}: {_code(why)}"
        yield ""


def _made_of(changes: Changes, listed: int) -> Iterator[str]:
    if not changes.made_from:
        return
    yield "## What it is made of"
    yield ""
    for part, names in changes.made_from.items():
        shown = ", ".join(_code(name) for name in names[:listed])
        more = f" and {len(names) - listed} more" if len(names) > listed else ""
        said = "" if names == (part,) else f": {shown}{more}"
        yield f"- other {PART_NAMES.get(part, part)}{said}"
    yield ""


def _estimates(changes: Changes, moved: Sequence[Movement], untold: str) -> Iterator[str]:
    told = changes.headlines
    if told.empty:
        return
    yield "## Headline estimates"
    yield ""
    yield "| study | column | before | now | change | in standard errors |"
    yield "|---|---|---|---|---|---|"
    for row in each(told):
        before = _estimate(
            row.estimate_before, row.std_error_before, row.stars_before, row.status_before
        )
        after = _estimate(
            row.estimate_after, row.std_error_after, row.stars_after, row.status_after
        )
        change = row.estimate_after - row.estimate_before
        yield (
            f"| {row.study} | {_code(row.column_label)} | {before} | {after} |"
            f" {_number(change, signed=True)} | {_number(row.in_errors, signed=True)} |"
        )
    yield ""
    others = changes.tables["estimates"]
    status = others[others["status_before"] != others["status_after"]]
    yield from _table(
        "Columns that are new, gone, or estimated no more", status,
        ["study", "method", "design", "column_id", "status_before", "status_after"], LISTED,
    )  # fmt: skip
    if moved:
        yield "### Why they moved"
        yield ""
        yield (
            f"One cause after the other, in this order: {', '.join(ORDER)}. The older study is estimated again"
            " after each; the parts add up to the whole, and another order would give other parts."
        )
        yield ""
        yield "| study | cause | change | estimate after it | n |"
        yield "|---|---|---|---|---|"
        for one in moved:
            before = f"{_number(one.estimate_before)} ({_number(one.std_error_before)})"
            yield f"| {one.study} | before | | {before} | |"
            for part in one.parts:
                yield (
                    f"| | {part.cause} | {_number(part.change, signed=True)} |"
                    f" {_number(part.estimate)} ({_number(part.std_error)}) | {part.n_obs:,} |"
                )
            yield f"| | **all** | **{_number(one.whole, signed=True)}** | | |"
        yield ""
        for one in moved:
            if one.untold:
                yield f"- {one.study}: not every step could be estimated: {_code(one.untold)}"
        yield ""
    elif untold:
        yield f"Why they moved is not told: {untold}"
        yield ""


def _figures(changes: Changes, listed: int) -> Iterator[str]:
    told = changes.tables["figures"]
    if not told.empty:
        yield "## Figures"
        yield ""
        yield "| change | kind | indicator | figures | cities | years |"
        yield "|---|---|---|---|---|---|"
        printed_first = told.assign(printed=~told["value_kind"].isin(PRINTED)).sort_values(
            ["change", "printed", "figures"], ascending=[True, True, False], kind="stable"
        )
        for row in each(printed_first.head(listed)):
            years = f"{row.first_year}" + (
                f"-{row.last_year}" if row.last_year > row.first_year else ""
            )
            yield (
                f"| {row.change} | {row.value_kind} | {row.indicator_code} | {row.figures:,} |"
                f" {row.cities:,} | {years} |"
            )
        yield from _more(len(told), listed, "table")
        yield ""
    revised = changes.tables["revised"]
    if not revised.empty:
        yield f"### Printed figures that were revised ({len(revised):,})"
        yield ""
        yield "| indicator | city | year | before | now | cell before | cell now |"
        yield "|---|---|---|---|---|---|---|"
        for row in each(revised.head(listed)):
            scope = "" if row.scope == "total" else f" ({row.scope})"
            yield (
                f"| {row.indicator_code}{scope} | {_code(row.city_name)} | {row.year} |"
                f" {_number(row.value_before)} | {_number(row.value_after)} {row.unit} |"
                f" {_cell(row.file_before, row.sheet_before, row.cell_before)} |"
                f" {_cell(row.file_after, row.sheet_after, row.cell_after)} |"
            )
        yield from _more(len(revised), listed, "figure")
        yield ""


def _scores(changes: Changes, listed: int) -> Iterator[str]:
    told = changes.tables["scores"]
    moved = told[told["other_score"] > 0] if not told.empty else told
    yield from _table(
        "Indices", moved,
        ["index_id", "city_years", "other_score", "other_rank", "largest_change", "largest_rank_change"], listed,
    )  # fmt: skip
    movers = changes.tables["movers"]
    yield from _table(
        "Largest changes of rank", movers,
        ["index_id", "city_name", "year", "score_before", "score_after", "rank_before", "rank_after"], listed,
    )  # fmt: skip


def _table(title: str, rows: pd.DataFrame, columns: list[str], listed: int) -> Iterator[str]:
    if rows.empty:
        return
    columns = [name for name in columns if name in rows and rows[name].notna().any()]
    yield f"## {title} ({len(rows):,})"
    yield ""
    yield "| " + " | ".join(name.replace("_", " ") for name in columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows[columns].head(listed).itertuples(index=False):
        yield "| " + " | ".join(_shown(value) for value in row) + " |"
    yield from _more(len(rows), listed, "row")
    yield ""


def _more(count: int, listed: int, what: str) -> Iterator[str]:
    if count > listed:
        yield ""
        yield f"and {count - listed:,} more {what}s"


def _shown(value: Any) -> str:
    if value is None or value != value or value is pd.NA:  # noqa: PLR0124  nan is not itself
        return ""
    if isinstance(value, bool | int) or (
        hasattr(value, "is_integer") and float(value).is_integer()
    ):
        return str(int(value))
    if isinstance(value, float):
        return _number(value)
    return _code(value)


def _code(text: Any) -> str:
    """A text of the data, which can't be markup: in a code span, on one line, without bars."""
    plain = " ".join(str(text).split()).replace("|", "¦").replace("`", "'")
    return f"`{plain}`" if plain else ""


def _cell(file: Any, sheet: Any, address: Any) -> str:
    told = [str(part) for part in (file, sheet, address) if isinstance(part, str) and part]
    return _code(" ! ".join(told)) if told else ""


def _estimate(estimate: float, std_error: float, stars: Any, status: str) -> str:
    if estimate != estimate:  # noqa: PLR0124
        return str(status)
    marks = (stars if isinstance(stars, str) else "").replace("*", r"\*")
    return f"{_number(estimate)}{marks} ({_number(std_error)})"


def _number(value: float, *, signed: bool = False) -> str:
    """Five significant digits, whole ones from 100,000 on; nothing for no number."""
    if value is None or value != value:  # noqa: PLR0124
        return ""
    if value == 0:
        return "0"
    size = abs(value)
    text = f"{size:,.0f}" if size >= 1e5 else f"{size:.5g}"
    return ("+" if signed and value > 0 else "\N{MINUS SIGN}" if value < 0 else "") + text


__all__ = ["NAMED", "first_release", "markdown"]
