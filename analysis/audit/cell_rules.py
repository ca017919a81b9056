"""Rules on a coefficient and what is printed beside it.

Belongs here: rules that look at one cell, or at one cell against its table's habit. Does not belong here:
rules on columns and tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.audit.findings import CONTRADICTION, QUESTION, Finding
from analysis.audit.printed import Interval
from analysis.audit.significance import allowed_p, critical_range, fits, p_range, scheme_of
from analysis.audit.tables import Cell, PrintedColumn, PrintedTables

LARGE_T = 1.96
"""t of the 5 % level of the normal: from here on a coefficient says something."""


def _cells(tables: PrintedTables) -> Iterator[tuple[PrintedColumn, Cell]]:
    for column in tables.columns:
        for cell in column.cells:
            yield column, cell


def coefficient_over_error(tables: PrintedTables) -> Iterator[Finding]:
    """Coefficient over standard error is t; both have one sign."""
    for column, cell in _cells(tables):
        if cell.std_error is None or cell.t_value is None or cell.std_error.value <= 0:
            continue
        made = cell.estimate.interval.over(cell.std_error.interval)
        if not made.meets(cell.t_value.interval):
            yield Finding(
                "coefficient_over_error",
                CONTRADICTION,
                (column.at(cell.term),),
                f"{cell.estimate.text} / {cell.std_error.text} beside t = {cell.t_value.text}",
                f"t between {made.low:.4g} and {made.high:.4g}",
                made.gap(cell.t_value.interval),
            )


def sign_of_t(tables: PrintedTables) -> Iterator[Finding]:
    """t has the sign of its coefficient."""
    for column, cell in _cells(tables):
        t = cell.t_value
        if t is not None and t.value * cell.estimate.value < 0:
            yield Finding(
                "sign_of_t",
                CONTRADICTION,
                (column.at(cell.term),),
                f"{cell.estimate.text} with t = {t.text}",
                "one sign",
                abs(t.value),
            )


def stars_of_t(tables: PrintedTables) -> Iterator[Finding]:
    """Stars follow from t under the table's own scheme, for some degrees of freedom that are possible."""
    scheme = scheme_of(tables.columns)
    if scheme is None:
        return
    for column, cell in _cells(tables):
        t = cell.t_interval
        if t is None or cell.stars is None or fits(cell.stars, p := p_range(t, column), scheme):
            continue
        allowed = allowed_p(cell.stars, scheme)
        yield Finding(
            "stars_of_t",
            CONTRADICTION,
            (column.at(cell.term),),
            f"{'*' * cell.stars or 'no star'} at |t| of {t.size.low:.4g} to {t.size.high:.4g}",
            f"p between {p.low:.3g} and {p.high:.3g}, stars at {_levels(scheme)}",
            p.gap(allowed) if allowed else p.high,
        )


def p_of_t(tables: PrintedTables) -> Iterator[Finding]:
    """A printed p value follows from t, and its stars from it."""
    scheme = scheme_of(tables.columns)
    for column, cell in _cells(tables):
        if cell.p_value is None:
            continue
        t, p = cell.t_interval, cell.p_value.interval
        if t is not None and not p_range(t, column).meets(p):
            possible = p_range(t, column)
            yield Finding(
                "p_of_t",
                CONTRADICTION,
                (column.at(cell.term),),
                f"p = {cell.p_value.text} at |t| of {t.size.low:.4g} to {t.size.high:.4g}",
                f"p between {possible.low:.3g} and {possible.high:.3g}",
                possible.gap(p),
            )
        elif scheme is not None and cell.stars is not None and not fits(cell.stars, p, scheme):
            yield Finding(
                "p_of_t",
                CONTRADICTION,
                (column.at(cell.term),),
                f"{'*' * cell.stars or 'no star'} at p = {cell.p_value.text}",
                f"stars at {_levels(scheme)}",
                p.gap(allowed_p(cell.stars, scheme) or Interval(0.0, 0.0)),
            )


def interval_of_error(tables: PrintedTables) -> Iterator[Finding]:
    """A 95 % interval has the coefficient in it, in its middle, and reaches as far as its error says."""
    for column, cell in _cells(tables):
        if cell.ci_low is None or cell.ci_high is None:
            continue
        b, low, high = cell.estimate.interval, cell.ci_low.interval, cell.ci_high.interval
        down = Interval(b.low - low.high, b.high - low.low)
        up = Interval(high.low - b.high, high.high - b.low)
        shown = f"{cell.estimate.text} in [{cell.ci_low.text}, {cell.ci_high.text}]"
        where = (column.at(cell.term),)
        if up.high < 0 or down.high < 0:
            yield Finding(
                "interval_of_error",
                CONTRADICTION,
                where,
                shown,
                "the coefficient inside",
                max(-up.high, -down.high),
            )
        elif not down.meets(up):
            yield Finding(
                "interval_of_error",
                QUESTION,
                where,
                shown,
                "the coefficient in the middle",
                down.gap(up),
            )
        elif cell.std_error is not None:
            reach = cell.std_error.interval.times(critical_range(column))
            if not reach.meets(up):
                yield Finding(
                    "interval_of_error",
                    CONTRADICTION,
                    where,
                    f"{shown}, error {cell.std_error.text}",
                    f"{reach.low:.4g} to {reach.high:.4g} to each side",
                    reach.gap(up),
                )


def error_for_t(tables: PrintedTables) -> Iterator[Finding]:
    """A table that prints t values prints no standard error among them, and the other way round.

    A lone error among t values is told by its kind; a number that is said to be t and contradicts its
    stars, while it fits them as a standard error, is one too.
    """
    scheme = scheme_of(tables.columns)
    for _, columns in tables.by_table():
        cells = [(column, cell) for column in columns for cell in column.cells]
        with_t = [
            pair for pair in cells if pair[1].t_value is not None and pair[1].std_error is None
        ]
        with_error = [
            pair for pair in cells if pair[1].std_error is not None and pair[1].t_value is None
        ]
        odd = with_error if len(with_error) < len(with_t) else []
        for column, cell in odd:
            assert cell.std_error is not None
            t = cell.t_interval
            at = f", which is t = {t.low:.4g} to {t.high:.4g}" if t is not None else ""
            yield Finding(
                "error_for_t",
                CONTRADICTION,
                (column.at(cell.term),),
                f"{cell.std_error.text} is a standard error{at}",
                f"a t value, as in the {len(with_t)} other cells of table {column.table}",
                abs(cell.std_error.value - abs(cell.estimate.value / cell.std_error.value)),
            )
        if scheme is None:
            continue
        for column, cell in with_t:
            named = cell.t_value
            assert named is not None
            as_error = cell.estimate.interval.over(named.interval.size)
            if (
                cell.stars
                and named.value != 0
                and not fits(cell.stars, p_range(named.interval, column), scheme)
                and fits(cell.stars, p_range(as_error, column), scheme)
            ):
                yield Finding(
                    "error_for_t",
                    CONTRADICTION,
                    (column.at(cell.term),),
                    f"t = {named.text} with {'*' * cell.stars}",
                    f"as a standard error it gives t = {as_error.low:.4g} to {as_error.high:.4g}",
                    abs(abs(named.value) - as_error.size.low),
                )


def lost_digits(tables: PrintedTables) -> Iterator[Finding]:
    """A coefficient that prints as zero beside a large t has a unit that the table can't show."""
    for column, cell in _cells(tables):
        t = cell.t_interval
        if not cell.estimate.is_zero or cell.t_value is None or t is None or t.size.low < LARGE_T:
            continue
        yield Finding(
            "lost_digits",
            QUESTION,
            (column.at(cell.term),),
            f"{cell.estimate.text} with t = {cell.t_value.text}",
            "another unit of the regressor, so that digits show",
            cell.estimate.half,
        )


def _levels(scheme: Sequence[float]) -> str:
    return ", ".join(f"{level:g}" for level in scheme)
