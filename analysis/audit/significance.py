"""p values and stars of printed t values: the ranges that rounding and unknown degrees of freedom allow.

Belongs here: ranges of p, schemes of stars. Does not belong here: rules.
"""

from __future__ import annotations

from collections.abc import Sequence

from scipy import stats

from analysis.audit.printed import Interval
from analysis.audit.tables import PrintedColumn

FEWEST_DF = 20
"""Where a table prints no clusters, t may have as few degrees of freedom; normal at the other end."""

SCHEMES = ((0.1, 0.05, 0.01), (0.05, 0.01, 0.001), (0.05, 0.01), (0.1, 0.05, 0.01, 0.001))
"""Levels of one, two, three (and four) stars, the customary first."""


def fewest_df(column: PrintedColumn) -> int:
    """The least degrees of freedom that t can have: clusters less one where they are printed."""
    clusters = column.number("clusters")
    return max(1, int(clusters.value) - 1) if clusters is not None else FEWEST_DF


def p_range(t: Interval, column: PrintedColumn) -> Interval:
    """Two-sided p values of an interval of t: least with the normal, largest with few degrees."""
    size = t.size
    return Interval(
        2 * float(stats.norm.sf(size.high)), 2 * float(stats.t.sf(size.low, fewest_df(column)))
    )


def critical_range(column: PrintedColumn) -> Interval:
    """Errors that a 95 % interval reaches to each side."""
    return Interval(float(stats.norm.ppf(0.975)), float(stats.t.ppf(0.975, fewest_df(column))))


def allowed_p(stars: int, scheme: Sequence[float]) -> Interval | None:
    """p values that so many stars stand for; None where the scheme has no such number."""
    if stars > len(scheme):
        return None
    levels = (1.0, *scheme, 0.0)
    return Interval(levels[stars + 1], levels[stars])


def fits(stars: int, p: Interval, scheme: Sequence[float]) -> bool:
    """Whether some p of the range has these stars."""
    allowed = allowed_p(stars, scheme)
    return allowed is not None and p.meets(allowed)


def scheme_of(columns: Sequence[PrintedColumn]) -> Sequence[float] | None:
    """The scheme that contradicts fewest cells; None where no star is printed.

    Asked of all tables together: a paper has one scheme, and a table may be too small to tell.
    """
    judged = [
        (cell.stars, p_range(cell.t_interval, column))
        for column in columns
        for cell in column.cells
        if cell.t_interval is not None and cell.stars is not None
    ]
    if not any(stars for stars, _ in judged):
        return None
    return min(SCHEMES, key=lambda scheme: sum(not fits(n, p, scheme) for n, p in judged))
