"""What speaks against a figure: other sources, the checks that it was put to, and what it inherits.

Belongs here: these sentences. Does not belong here: how a figure is made (`figures`), the checks (dbt).
"""

from __future__ import annotations

from collections.abc import Iterator

from orchestration.engine.protocol import Warehouse
from orchestration.trace.number import Key, rows

OTHER_SOURCES = """
select other.source_id, other.value, other.cell_id, kept.unit
from intermediate.int_city_year__source as other
inner join marts.indicator_value as kept using (city_code, year, indicator_code, scope)
where city_code = ? and year = ? and indicator_code = ? and scope = ?
    and other.source_id is distinct from kept.source_id
order by other.standing
"""

FAILED = """
select check_id, expected, explanation
from marts.figure_check
where city_code = ? and year = ? and indicator_code = ? and scope = ?
order by check_id
"""

PASSED = """
select check_id, expected
from intermediate.int_check__answer
where city_code = ? and year = ? and indicator_code = ? and scope = ? and not coalesce(fails, false)
order by check_id
"""

SUSPECT = """
select suspect_figures
from marts.indicator_value
where city_code = ? and year = ? and indicator_code = ? and scope = ? and has_suspect_figure
"""


def _place(key: Key) -> tuple[str, int, str, str]:
    return key.city_code, key.year, key.name, key.part


def other_sources(connection: Warehouse, key: Key) -> Iterator[str]:
    """The figures that other sources print, each with its cell."""
    for other in rows(connection, OTHER_SOURCES, *_place(key)):
        yield f"other source: {other.source_id} {other.value:.10g} {other.unit}, cell {other.cell_id}"


def against(connection: Warehouse, key: Key) -> Iterator[str]:
    """The checks that a figure fails, and the figures to blame where it is made of such."""
    for failed in rows(connection, FAILED, *_place(key)):
        explained = f"; may stand: {failed.explanation}" if failed.explanation else ""
        yield f"fails {failed.check_id}: expected {failed.expected}{explained}"
    own = f"{key.name}{'' if key.part == 'total' else f'_{key.part}'} {key.year}"
    for suspect in rows(connection, SUSPECT, *_place(key)):
        if suspect.suspect_figures != own:
            yield f"can't be relied on, because of {suspect.suspect_figures}"


def passed(connection: Warehouse, key: Key) -> Iterator[str]:
    """The checks that a figure was put to and passes."""
    for answer in rows(connection, PASSED, *_place(key)):
        yield f"passes {answer.check_id}: {answer.expected}"
