"""Which numbers of a study are made again by linearmodels at run time, and the table of it.

Belongs here: the choice of columns, the regression of a threshold model with its regimes written
out as dummies, the rows of `reference_check`. Does not belong here: the comparison itself
(`regression.reference`), the numbers that are checked (`estimation`, `threshold_study`).

A call of linearmodels takes about ten times as long as the fit it checks, so not all columns are
made again. The choice is the same each time:

- of a study's first table, every column;
- of each further table, its first estimated column, which is a group's where the table splits;
- of each mediation, the total effect and both steps of the first mediator that was estimated;
- of each threshold model, the slopes by regime at the double threshold, and with them the sum of
  squared residuals that the search says it has there.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.methods.threshold.numbers.slopes import RegimeSlopes
from analysis.regression.conventions import FitCounts, counted_parameters
from analysis.regression.panel import PanelFit
from analysis.regression.reference import Numbers, ReferenceCheck, check_fit, check_numbers
from analysis.study.equations import PrintedTable

FIRST_TABLE, FURTHER_TABLE, MEDIATION, THRESHOLD = (
    "first_table",
    "further_table",
    "mediation",
    "threshold",
)

MEDIATION_COLUMNS = 3
"""Columns of a mediation that are made again: total effect, policy on mediator, mediator held."""

Rows = list[dict[str, Any]]
Floats = npt.NDArray[np.float64]


@dataclass
class Referee:
    """The referee of one printed table: for each column in order `wants_more`, then `rows`.

    `position` is the table's in the study, 0 for the first.
    """

    table: PrintedTable
    position: int
    done: int = 0

    @property
    def part(self) -> str:
        """Which part of a study the table is."""
        if self.position == 0:
            return FIRST_TABLE
        return MEDIATION if self.table.is_mediation else FURTHER_TABLE

    def wants_more(self) -> bool:
        """Whether the next column of the table that can be estimated is to be made again."""
        if self.part == FIRST_TABLE:
            return True
        return self.done < (MEDIATION_COLUMNS if self.part == MEDIATION else 1)

    def rows(self, key: dict[str, str], fit: PanelFit, arrays: dict[str, Any]) -> Rows:
        """Each term of a fit beside what linearmodels makes of the same arrays."""
        self.done += 1
        check = check_fit(fit, **arrays)
        return _rows({**key, "part": self.part}, check, fit.coefficients, fit.std_errors, fit.rss)


@dataclass(frozen=True)
class ThresholdEquation:
    """A threshold model's rows as they come from the study: arrays (n,), controls `z` (n, k).

    `lower_regime` says which rows are below a threshold. Under "hansen" each unit's last row is
    dropped once unit means are out.
    """

    y: Floats
    x: Floats
    q: Floats
    z: Floats
    unit: npt.NDArray[Any]
    time: npt.NDArray[np.int64]
    regressor: str
    controls: tuple[str, ...]
    year_effects: bool
    convention: Literal["hansen", "xthreg"]
    lower_regime: Literal["<=", "<"]


def threshold_rows(
    key: dict[str, str], equation: ThresholdEquation, slopes: RegimeSlopes, ssr: float
) -> Rows:
    """Slopes at given thresholds, and the search's sum of squares there, beside linearmodels'.

    The regressor is written out as one column per regime, regimes being told from `q` and the
    thresholds anew; nothing that the search prepared is used.
    """
    edges = np.array(slopes.thresholds)
    above = equation.q[:, None] > edges
    if equation.lower_regime == "<":
        above = equation.q[:, None] >= edges
    regime = above.sum(axis=1)
    columns = {name: equation.z[:, k] for k, name in enumerate(equation.controls)}
    for r in range(len(edges) + 1):
        columns[f"{equation.regressor}:regime{r + 1}"] = equation.x * (regime == r)
    known = np.isfinite(slopes.coefficient)  # a collinear column has no coefficient
    terms = tuple(name for name, has in zip(columns, known, strict=True) if has)
    x = np.column_stack(list(columns.values()))
    n_units, n_years = len(np.unique(equation.unit)), len(np.unique(equation.time))
    n_effects = n_years - 1 if equation.year_effects else 0
    rows = _demeaned(equation, x) if equation.convention == "hansen" else None
    n = len(equation.y) if rows is None else len(rows.y)
    factor = n_units / (n_units - 1) * (n - 1) / (n - len(terms) - n_effects - 1)
    numbers = Numbers(
        names=terms,
        coefficients=slopes.coefficient[known],
        std_errors=slopes.se_cluster[known],
        ssr=ssr,
        factor=factor,
        counted=0,
    )
    if rows is not None:
        # Deviations from means, the last row of each unit dropped: no effect is left to take out.
        years = tuple(f"year{k}" for k in range(n_effects))
        check = check_numbers(
            replace(numbers, counted=len(terms) + n_effects),
            rows.y, rows.x, rows.unit, rows.time,
            names=(*columns, *years), beside=years, constant=False,
        )  # fmt: skip
    else:
        counts = FitCounts(
            n_obs=n,
            n_clusters=n_units,
            n_slopes=len(terms),
            effect_sizes=(n_units, n_years) if equation.year_effects else (n_units,),
            effect_nested=(True, False) if equation.year_effects else (True,),
            n_repeated=1 if equation.year_effects else 0,
        )
        check = check_numbers(
            replace(numbers, counted=counted_parameters("linearmodels", counts)),
            equation.y, x, equation.unit, equation.time,
            effects=("unit", "time") if equation.year_effects else ("unit",),
            names=tuple(columns),
        )  # fmt: skip
    return _rows({**key, "part": THRESHOLD}, check, numbers.coefficients, numbers.std_errors, ssr)


@dataclass(frozen=True)
class _Demeaned:
    y: Floats
    x: Floats
    unit: npt.NDArray[Any]
    time: npt.NDArray[np.int64]


def _demeaned(equation: ThresholdEquation, x: Floats) -> _Demeaned:
    """Rows of Hansen's program: deviations from unit means, years as dummies, last rows dropped."""
    years = pd.get_dummies(pd.Series(equation.time), dtype=float).to_numpy()[:, 1:]
    wide = np.column_stack([equation.y, x, *([years] if equation.year_effects else [])])
    frame = pd.DataFrame(wide)
    moved = (frame - frame.groupby(equation.unit).transform("mean")).to_numpy()
    time = pd.Series(equation.time)
    kept = (time < time.groupby(equation.unit).transform("max")).to_numpy()
    return _Demeaned(moved[kept, 0], moved[kept, 1:], equation.unit[kept], equation.time[kept])


def _rows(
    key: dict[str, str],
    check: ReferenceCheck,
    coefficients: Floats,
    std_errors: Floats,
    ssr: float,
) -> Rows:
    """Rows of `reference_check`, one per term."""
    return [
        {
            **key,
            "term": term,
            "library": check.library,
            "estimate": coefficients[k],
            "reference_estimate": check.reference_coefficients[k],
            "std_error": std_errors[k],
            "reference_std_error": check.reference_errors[k],
            "difference": check.differences[k],
            "ssr": ssr,
            "reference_ssr": check.reference_ssr,
            "ssr_difference": check.ssr_difference,
            "agrees": check.agrees[k],
            "detail": check.detail,
        }
        for k, term in enumerate(check.names)
    ]


__all__ = [
    "FIRST_TABLE",
    "FURTHER_TABLE",
    "MEDIATION",
    "MEDIATION_COLUMNS",
    "THRESHOLD",
    "Referee",
    "ThresholdEquation",
    "threshold_rows",
]
