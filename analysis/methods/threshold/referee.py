"""A threshold model's slopes made again by linearmodels: regimes written out as dummies.

Belongs here: the regression of the double threshold, from the sample's rows alone. Does not belong here:
the comparison (`analysis.regression.reference`), the numbers that are checked (`numbers`).
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.methods.base import Job, Made, Row
from analysis.methods.referee import THRESHOLD, check_rows
from analysis.methods.threshold.numbers.slopes import RegimeSlopes
from analysis.regression.conventions import FitCounts, counted_parameters
from analysis.regression.reference import Numbers, check_numbers

Floats = npt.NDArray[np.float64]
_REGIME = ":regime"


@dataclass(frozen=True)
class Evidence:
    """What is checked: the equation, the slopes at the double threshold, and the search's sum there."""

    equation: "ThresholdEquation"
    slopes: RegimeSlopes
    ssr: float
    column_id: str


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`."""
    found: Evidence = made.evidence
    key = {**job.key, "column_id": found.column_id}
    return threshold_rows(key, found.equation, found.slopes, found.ssr)


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
    cluster: npt.NDArray[Any]
    lower_regime: Literal["<=", "<"]


def threshold_rows(
    key: Row, equation: ThresholdEquation, slopes: RegimeSlopes, ssr: float
) -> list[Row]:
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
        columns[f"{equation.regressor}{_REGIME}{r + 1}"] = equation.x * (regime == r)
    known = np.isfinite(slopes.coefficient)  # a collinear column has no coefficient
    terms = tuple(name for name, has in zip(columns, known, strict=True) if has)
    x = np.column_stack(list(columns.values()))
    n_units, n_years = len(np.unique(equation.unit)), len(np.unique(equation.time))
    n_effects = n_years - 1 if equation.year_effects else 0
    rows = _demeaned(equation, x) if equation.convention == "hansen" else None
    n = len(equation.y) if rows is None else len(rows.y)
    n_clusters = len(np.unique(equation.cluster))
    factor = n_clusters / (n_clusters - 1) * (n - 1) / (n - len(terms) - n_effects - 1)
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
            rows.y, rows.x, rows.unit, rows.time, cluster=rows.cluster,
            names=(*columns, *years), beside=years, constant=False,
        )  # fmt: skip
    else:
        counts = FitCounts(
            n_obs=n,
            n_clusters=n_clusters,
            n_slopes=len(terms),
            effect_sizes=(n_units, n_years) if equation.year_effects else (n_units,),
            effect_nested=(True, False) if equation.year_effects else (True,),
            n_repeated=1 if equation.year_effects else 0,
        )
        check = check_numbers(
            replace(numbers, counted=counted_parameters("linearmodels", counts)),
            equation.y, x, equation.unit, equation.time, cluster=equation.cluster,
            effects=("unit", "time") if equation.year_effects else ("unit",),
            names=tuple(columns),
        )  # fmt: skip
    points = [_point(equation.regressor, name) for name in check.names]
    return check_rows(
        {**key, "part": THRESHOLD}, points, check, numbers.coefficients, numbers.std_errors, ssr
    )


def _point(regressor: str, column: str) -> tuple[str, str | None]:
    """Term and regime of a column of the equation with its regimes written out."""
    term, _, regime = column.partition(_REGIME)
    return (term, regime) if regime and term == regressor else (column, None)


@dataclass(frozen=True)
class _Demeaned:
    y: Floats
    x: Floats
    unit: npt.NDArray[Any]
    time: npt.NDArray[np.int64]
    cluster: npt.NDArray[Any]


def _demeaned(equation: ThresholdEquation, x: Floats) -> _Demeaned:
    """Rows of Hansen's program: deviations from unit means, years as dummies, last rows dropped."""
    years = pd.get_dummies(pd.Series(equation.time), dtype=float).to_numpy()[:, 1:]
    wide = np.column_stack([equation.y, x, *([years] if equation.year_effects else [])])
    frame = pd.DataFrame(wide)
    moved = (frame - frame.groupby(equation.unit).transform("mean")).to_numpy()
    time = pd.Series(equation.time)
    kept = (time < time.groupby(equation.unit).transform("max")).to_numpy()
    return _Demeaned(
        moved[kept, 0],
        moved[kept, 1:],
        equation.unit[kept],
        equation.time[kept],
        equation.cluster[kept],
    )


__all__ = ["Evidence", "ThresholdEquation", "check", "threshold_rows"]
