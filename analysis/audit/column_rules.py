"""Rules on a column as a whole, and on columns against each other.

Belongs here: F, N, R-squared, columns alike. Does not belong here: rules on single cells, on weights and
tests.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

from analysis.audit.findings import CONTRADICTION, QUESTION, Finding
from analysis.audit.printed import Interval
from analysis.audit.tables import ENTITY, TIME, PrintedColumn, PrintedTables

ALIKE_CELLS = 3
"""Coefficients that print as other than zero and agree to the last digit before columns count as alike."""

YEARS = range(5, 61)
"""Lengths of a panel that the rule on N tries."""

FITTING_SHARE = 2 / 3
"""Share of the sample sizes that a length must divide to be taken for the panel's."""

FEWEST_SIZES = 4
"""Sample sizes that must differ before a length is read from them."""


def f_of_one_regressor(tables: PrintedTables) -> Iterator[Finding]:
    """With one regressor F is the square of its t (Wald tests with one covariance)."""
    for column in tables.columns:
        f, regressors = column.number("f"), column.regressors
        if f is None or len(regressors) != 1 or regressors[0].t_interval is None:
            continue
        square = regressors[0].t_interval.squared()
        if not square.meets(f.interval):
            yield Finding(
                "f_of_one_regressor",
                CONTRADICTION,
                (column.at("F"), column.at(regressors[0].term)),
                f"F = {f.text}, one regressor",
                f"its t squared: {square.low:.5g} to {square.high:.5g}",
                square.gap(f.interval),
            )


def n_of_cities_and_years(tables: PrintedTables) -> Iterator[Finding]:
    """There are no more observations than cities times years; fewer are an unbalanced panel, which is said so."""
    for column in tables.columns:
        n, cities, years = (column.number(name) for name in ("n", "cities", "years"))
        if n is None or cities is None or years is None:
            continue
        most = cities.value * years.value
        if n.value > most:
            yield Finding(
                "n_of_cities_and_years",
                CONTRADICTION,
                (column.at("N"),),
                f"N = {n.text} of {cities.text} cities in {years.text} years",
                f"{most:.0f} at most",
                n.value - most,
            )


def n_of_balanced_panel(tables: PrintedTables) -> Iterator[Finding]:
    """Where most sample sizes are multiples of one number of years, the others want a reason.

    Columns that print their cities and years have said whether they are balanced.
    """
    silent = [
        column
        for column in tables.columns
        if column.number("cities") is None or column.number("years") is None
    ]
    sizes = sorted({int(n.value) for column in silent if (n := column.number("n"))})
    if len(sizes) < FEWEST_SIZES:
        return
    fitting = {years: sum(n % years == 0 for n in sizes) for years in YEARS}
    most = max(fitting.values())
    if most < FITTING_SHARE * len(sizes) or most == len(sizes):
        return
    years = max(years for years in YEARS if fitting[years] == most)
    for column in silent:
        n = column.number("n")
        if n is not None and int(n.value) % years:
            yield Finding(
                "n_of_balanced_panel",
                QUESTION,
                (column.at("N"),),
                f"N = {n.text}",
                f"a multiple of {years} years, as {most} of {len(sizes)} sample sizes are",
                min(n.value % years, years - n.value % years),
            )


def groups_make_the_whole(tables: PrintedTables) -> Iterator[Finding]:
    """Groups of one division add up to the sample that is divided: the commonest N of other columns.

    Of rows that are said to be in no group (`ungrouped`) all may be missing, or none.
    """
    whole = Counter(
        n.value for column in tables.columns if column.split is None and (n := column.number("n"))
    ).most_common(1)
    if not whole:
        return
    groups: dict[tuple[str, str], list[PrintedColumn]] = defaultdict(list)
    for column in tables.columns:
        if column.split is not None:
            groups[column.table, column.split].append(column)
    for (_, split), columns in groups.items():
        sizes = [column.number("n") for column in columns]
        if any(n is None for n in sizes):
            continue
        total = sum(n.value for n in sizes if n is not None)
        outside = [column.number("ungrouped") for column in columns]
        most = total + max((n.value for n in outside if n is not None), default=0.0)
        if not total <= whole[0][0] <= most:
            yield Finding(
                "groups_make_the_whole",
                QUESTION,
                tuple(column.at("N") for column in columns),
                " + ".join(n.text for n in sizes if n is not None) + f" = {total:.0f} by {split}",
                f"{whole[0][0]:.0f}, the sample of most other columns",
                abs(total - whole[0][0]),
            )


def columns_alike(tables: PrintedTables) -> Iterator[Finding]:
    """Columns of one table that say to explain different things don't agree to the last digit."""
    for _, columns in tables.by_table():
        for one, two in combinations(columns, 2):
            if one.label == two.label and one.outcome == two.outcome:
                continue
            if len(one.cells) != len(two.cells):
                continue
            shown = [_digits(column) for column in (one, two)]
            telling = [number for number in shown[0] if not number.startswith(_NOUGHT)]
            if shown[0] == shown[1] and len(telling) >= ALIKE_CELLS:
                yield Finding(
                    "columns_alike",
                    CONTRADICTION,
                    (one.name, two.name),
                    f"{len(shown[0])} coefficients agree to the last digit",
                    f"other numbers: {one.label or one.column} is not {two.label or two.column}",
                    0.0,
                )


_NOUGHT = "0 "


def _digits(column: PrintedColumn) -> list[str]:
    """Coefficients with what stands beside them, as text, in an order that terms don't matter for."""
    return sorted(
        f"{0 if cell.estimate.is_zero else cell.estimate.text} "
        + " ".join(part.text for part in (cell.t_value, cell.std_error) if part is not None)
        for cell in column.cells
    )


def r2_of_nested(tables: PrintedTables) -> Iterator[Finding]:
    """R-squared doesn't fall when terms or effects are added on the same sample."""
    for _, columns in tables.by_table():
        for small in columns:
            for large in columns:
                if small is large or not _nested(small, large):
                    continue
                one, two = small.number("r2"), large.number("r2")
                if one is None or two is None or two.interval.high >= one.interval.low - 1e-12:
                    continue
                certain = small.effects is not None and small.outcome is not None
                yield Finding(
                    "r2_of_nested",
                    CONTRADICTION if certain else QUESTION,
                    (small.at("R2"), large.at("R2")),
                    f"{one.text}, and {two.text} with more terms on N = {_n(small)}",
                    f"at least {one.text}",
                    one.interval.low - two.interval.high,
                )


def _n(column: PrintedColumn) -> str:
    n = column.number("n")
    return n.text if n is not None else "?"


def _nested(small: PrintedColumn, large: PrintedColumn) -> bool:
    if small.outcome != large.outcome or small.number("n") is None or _n(small) != _n(large):
        return False
    if (small.effects is None) != (large.effects is None):
        return False
    terms = [{cell.term for cell in column.regressors} for column in (small, large)]
    effects = [column.effects or frozenset() for column in (small, large)]
    return (
        terms[0] <= terms[1]
        and effects[0] <= effects[1]
        and (terms[0] < terms[1] or effects[0] < effects[1])
    )


def effects_add_up(tables: PrintedTables) -> Iterator[Finding]:
    """In a balanced panel city and year effects are orthogonal: what each alone explains adds up to 1 at most.

    A regressor's own part is taken off by its t value, partial R2 = t^2 / (t^2 + N), which holds for
    classical errors; so the rule asks. Columns with one regressor are looked at.
    """
    for _, columns in tables.by_table():
        of: dict[str, list[PrintedColumn]] = {
            kind: [column for column in columns if column.effects == frozenset({kind})]
            for kind in (ENTITY, TIME)
        }
        for entity in of[ENTITY]:
            for time in of[TIME]:
                if entity.outcome != time.outcome or _n(entity) != _n(time):
                    continue
                one, two = _of_effects(entity), _of_effects(time)
                if one is not None and two is not None and (least := one.low + two.low) > 1:
                    yield Finding(
                        "effects_add_up",
                        QUESTION,
                        (entity.at("R2"), time.at("R2")),
                        f"city effects alone explain {one.low:.3f}, year effects alone"
                        f" {two.low:.3f}",
                        "a sum of 1 at most: labels of the columns may be exchanged",
                        least - 1,
                    )


def _of_effects(column: PrintedColumn) -> Interval | None:
    """Share that a column's effects explain without its one regressor; None where it can't be had."""
    r2, n = column.number("r2"), column.number("n")
    if r2 is None or n is None or len(column.regressors) != 1:
        return None
    t = column.regressors[0].t_interval
    if t is None or not math.isfinite(t.size.high):
        return None
    partial = t.squared().high / (t.squared().high + n.value)
    return Interval(1 - (1 - r2.interval.low) / (1 - partial), 1 - (1 - r2.interval.high))


def same_model(tables: PrintedTables) -> Iterator[Finding]:
    """A model that is printed twice has the same numbers."""
    groups: dict[str, list[PrintedColumn]] = defaultdict(list)
    for column in tables.columns:
        if column.model is not None:
            groups[column.model].append(column)
    for columns in groups.values():
        for one, two in combinations(columns, 2):
            for cell in one.cells:
                for other in two.cells:
                    if cell.term == other.term and not cell.estimate.interval.meets(
                        other.estimate.interval
                    ):
                        yield Finding(
                            "same_model",
                            CONTRADICTION,
                            (one.at(cell.term), two.at(other.term)),
                            f"{cell.estimate.text} and {other.estimate.text}",
                            f"one number: both are said to be {one.model}",
                            cell.estimate.interval.gap(other.estimate.interval),
                        )
