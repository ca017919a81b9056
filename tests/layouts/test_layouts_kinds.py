"""Random pages of the kinds that once went wrong: every figure right or set aside for a true reason, none wrong.

Here: the check. Not here: the pages and their truth (`layouts_kinds`, `layouts_kinds_read`).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from layouts_kinds import KINDS as SILENT_KINDS
from layouts_kinds import Draw
from layouts_kinds_read import READ_KINDS
from layouts_warehouse import FIGURES, Resolved

KINDS = SILENT_KINDS | READ_KINDS

INSTANCES = 60
"""Of each kind."""

RELATIVE_TOLERANCE = 1e-12
"""Figures have two decimals, and no unit is converted."""

RIGHT_AT_LEAST = 0.9
"""Of the figures that are true and stand on pages that contradict nothing."""


@pytest.fixture(scope="module")
def drawn(
    tmp_path_factory: pytest.TempPathFactory, resolve: Callable[[Path], Resolved]
) -> dict[str, tuple[Counter[str], list[str]]]:
    """By kind what became of the figures, and what is wrong."""
    inbox = tmp_path_factory.mktemp("kinds")
    pages = {}
    for place, (kind, (make, _)) in enumerate(KINDS.items()):
        for number in range(INSTANCES):
            # No two pages alike: the same bytes are one page.
            page = make(Draw(place * 1000 + number))
            page.folder = f"{kind}/n{number:05d}/{page.folder}"
            pages[page.write(inbox)] = (kind, page)
    resolved = resolve(inbox)
    found: dict[str, dict[str, tuple]] = defaultdict(dict)
    computed: dict[str, set[str]] = defaultdict(set)
    for path, cell, is_computed, *figure in resolved.rows(
        "select relative_path, split_part(cell_id, '!', 3), is_computed, city_code, year, indicator_code, scope,"
        f" figure from {FIGURES} inner join raw.yearbook_file using (file_key)"
    ):
        found[path][cell] = tuple(figure)
        if is_computed:
            computed[path].add(cell)
    aside: dict[str, dict[str, str]] = defaultdict(dict)
    for path, cell, reason in resolved.rows(
        "select relative_path, split_part(cell_id, '!', 3), reason from staging.stg_yearbook__quarantine"
        " union all select relative_path, split_part(cell_id, '!', 3), reason"
        " from intermediate.int_city_year__quarantine where reason <> 'conflict_in_edition'"
    ):
        aside[path][cell] = reason
    result: dict[str, tuple[Counter[str], list[str]]] = {kind: (Counter(), []) for kind in KINDS}
    for path, (kind, page) in pages.items():
        counts, wrong = result[kind]
        for cell, truth in page.truth.items():
            figure, reason = found[path].get(cell), aside[path].get(cell)
            said = f"{path} {cell}: {page.rows[0]} tab {page.tab}: found {figure} {reason}, true {truth}"
            if figure is None:
                counts["aside though true" if truth else "aside"] += 1
                if reason not in KINDS[kind][1]:
                    wrong.append(said)
            elif (
                truth is None
                or figure[:-1] != truth[:-1]
                or not math.isclose(figure[-1], truth[-1], rel_tol=RELATIVE_TOLERANCE)
            ):
                wrong.append(said)
            else:
                counts["right"] += 1
        wrong += [
            f"{path} {cell}: {page.rows[0]} tab {page.tab}: computed or not"
            for cell in computed[path] ^ page.computed & found[path].keys()
        ]
        wrong += [
            f"{path} {cell}: no such figure" for cell in found[path].keys() - page.truth.keys()
        ]
    return result


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_is_right_or_set_aside(
    drawn: dict[str, tuple[Counter[str], list[str]]], kind: str
) -> None:
    counts, wrong = drawn[kind]
    assert not wrong, f"{kind}: {len(wrong)} wrong, {dict(counts)}\n" + "\n".join(wrong[:12])
    assert counts.total() > INSTANCES
    true = counts["right"] + counts["aside though true"]
    assert counts["right"] >= RIGHT_AT_LEAST * true, counts
