"""Values that can't be relied on, where the page ranks them: the note that goes with their daggers.

Belongs here: the sentence. Does not belong here: which figures fail a check (dbt), the dagger (`parts.html.j2`).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from analysis.typeset import numbers
from analysis.typeset.texts import _


def dagger_note(rows: Iterable[Mapping[str, Any]], city: str = "city_name") -> str:
    """What the daggers of a table stand for: the cities and the figures to blame; empty without any.

    `rows` have `suspect_figures`, missing where nothing speaks against the value; `city` is the name's column.
    """
    blamed = dict.fromkeys(
        f"{row[city]} ({row['suspect_figures']})"
        for row in rows
        if not numbers.is_missing(row["suspect_figures"])
    )
    if not blamed:
        return ""
    return " " + _(
        "With a dagger, as it rests on a figure that fails a check of marts.figure_check: {cities}."
    ).format(cities="; ".join(blamed))
