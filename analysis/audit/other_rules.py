"""Rules on what stands beside regressions: weights of an index, drawn p values, ranges.

Belongs here: those. Does not belong here: rules on coefficients and columns.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

from analysis.audit.findings import CONTRADICTION, Finding
from analysis.audit.printed import Interval
from analysis.audit.tables import PrintedTables, PrintedWeight

ONE = Interval(1.0, 1.0)

SHARES = ("r2", "r2_within", "r2_adjusted")


def weights_add_up(tables: PrintedTables) -> Iterator[Finding]:
    """Weights of an index add up to 1, up to half a unit of the last digit of each."""
    groups: dict[str, list[PrintedWeight]] = defaultdict(list)
    for weight in tables.weights:
        groups[weight.index].append(weight)
    for index, weights in groups.items():
        total = Interval(0.0, 0.0)
        for weight in weights:
            total = total.plus(weight.weight.interval)
        if not total.meets(ONE):
            shown = sum(weight.weight.value for weight in weights)
            yield Finding(
                "weights_add_up",
                CONTRADICTION,
                (f"weights of {index}",),
                f"{len(weights)} weights add up to {shown:.6g}",
                f"1; rounding explains {total.high - shown:.4g} at most",
                total.gap(ONE),
            )


def drawn_p_value(tables: PrintedTables) -> Iterator[Finding]:
    """A p value of B draws is k / B, or (k + 1) / (B + 1)."""
    for test in tables.tests:
        p = test.p_value.interval
        if not any(_on_grid(p, steps) for steps in (test.draws, test.draws + 1)):
            nearest = round(test.p_value.value * test.draws) / test.draws
            yield Finding(
                "drawn_p_value",
                CONTRADICTION,
                (test.name,),
                f"p = {test.p_value.text} of {test.draws} draws",
                f"a multiple of 1 / {test.draws}; the nearest is {nearest:.6g}",
                p.gap(Interval(nearest, nearest)),
            )


def _on_grid(p: Interval, steps: int) -> bool:
    slack = 1e-9 * steps
    return math.floor(p.high * steps + slack) >= math.ceil(p.low * steps - slack)


def within_range(tables: PrintedTables) -> Iterator[Finding]:
    """R-squared is at most 1 (and not below 0 but for the adjusted), errors and F aren't negative."""
    for column in tables.columns:
        for name, number in column.statistics.items():
            low = 0.0 if name in ("r2", "r2_within", "f", "n") else -math.inf
            high = 1.0 if name in SHARES else math.inf
            allowed = Interval(low, high)
            if not number.interval.meets(allowed):
                yield Finding(
                    "within_range",
                    CONTRADICTION,
                    (column.at(name),),
                    number.text,
                    f"between {low:g} and {high:g}",
                    number.interval.gap(allowed),
                )
        for cell in column.cells:
            for what, printed, top in (
                ("error", cell.std_error, math.inf),
                ("p", cell.p_value, 1.0),
            ):
                if printed is not None and not printed.interval.meets(Interval(0.0, top)):
                    yield Finding(
                        "within_range",
                        CONTRADICTION,
                        (column.at(cell.term),),
                        f"{what} {printed.text}",
                        f"between 0 and {top:g}",
                        printed.interval.gap(Interval(0.0, top)),
                    )
