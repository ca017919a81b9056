"""Variables of a study as numbers: transformations, ratios and lags, with the reason for each absence.

Belongs here: from columns of the panel to the values that equations use. Does not belong here: which
rows an equation uses (`sample`).
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.logarithm import log, log1p
from analysis.study.panel import Mask, numbers_of
from analysis.study.spec import Outcome, Study, Variable

Values = tuple[npt.NDArray[np.float64], dict[str, Mask]]
"""Values (n), NaN where absent, and by reason the rows (n) that lack one."""


def value_of(
    study: Study,
    name: str,
    rows: pd.DataFrame,
    where: str,
    before: int = 0,
    earlier: pd.DataFrame | None = None,
) -> Values:
    """The outcome, a policy, its first year, or a variable, on the study's rows.

    `before` takes a variable from as many years earlier than its own `lag` does; nothing else has an
    earlier value, and one of a single year (`as_of`) is the same in all. `earlier` are rows of the panel
    before the study's first year, which such values may come from. Raises EstimationError, which begins with
    `where`, for a column that holds no numbers.
    """
    if name == study.outcome.column:
        return _transformed(study.outcome, rows, f"{where}, outcome")
    if name not in study.variables:
        return numbers_of(rows, name, where), {}
    variable = study.variables[name]
    if variable.product is not None:
        return _product(study, variable, rows, where, before, earlier)
    if variable.as_of is not None:
        return _as_of(study, variable, rows, f"{where}, variable {name}")
    lag = (variable.lag or 0) + before
    if not lag:
        return _transformed(variable, rows, f"{where}, variable {name}")
    known = rows if earlier is None or earlier.empty else pd.concat([rows, earlier])
    values, reasons = _transformed(variable, known, f"{where}, variable {name}")
    return _lagged(values, reasons, lag, study, known, len(rows))


def _product(
    study: Study,
    variable: Variable,
    rows: pd.DataFrame,
    where: str,
    before: int,
    earlier: pd.DataFrame | None,
) -> Values:
    """The product of two names; it lacks a value where either does, for the first one's reason first."""
    first, second = (
        value_of(study, name, rows, where, before if name in study.variables else 0, earlier)
        for name in variable.product or ()
    )
    other = second[0]
    if variable.centred:
        known = other[np.isfinite(other)]
        other = other - (known.mean() if len(known) else 0.0)
    lost = np.any([*first[1].values(), np.zeros(len(rows), dtype=bool)], axis=0)
    reasons = dict(first[1])
    for reason, mask in second[1].items():
        reasons[reason] = reasons.get(reason, False) | (mask & ~lost)
    return first[0] * other * variable.scale, reasons


def _as_of(study: Study, variable: Variable, rows: pd.DataFrame, where: str) -> Values:
    """The value of each unit in one year, in all of its rows."""
    values, reasons = _transformed(variable, rows, where)
    time = numbers_of(rows, study.panel.time, f"study {study.id}")
    at = np.flatnonzero(time == variable.as_of)
    units = pd.Index(rows[study.panel.unit].to_numpy()[at])
    place = units.get_indexer(rows[study.panel.unit].to_numpy())
    found = place >= 0
    own = at[np.where(found, place, 0)] if len(at) else np.zeros(len(rows), dtype=np.intp)
    return np.where(found, values[own], np.nan), {
        **{reason: found & mask[own] for reason, mask in reasons.items()},
        "no_such_year": ~found,
    }


def _lagged(
    values: npt.NDArray[np.float64],
    reasons: dict[str, Mask],
    lag: int,
    study: Study,
    known: pd.DataFrame,
    n_rows: int,
) -> Values:
    """Values and reasons of `lag` years before, of the first `n_rows` of the rows that are known."""
    at = years_before(study, known, n_rows, lag)
    found = at >= 0
    lagged = np.where(found, values[at], np.nan)
    return lagged, {
        **{reason: found & mask[at] for reason, mask in reasons.items()},
        "no_earlier_year": ~found,
    }


def years_before(study: Study, known: pd.DataFrame, n_rows: int, lag: int) -> npt.NDArray[np.int64]:
    """Where in `known` the row of `lag` years before is, for the first `n_rows` of it; -1 where there is none."""
    time = numbers_of(known, study.panel.time, f"study {study.id}")
    unit = known[study.panel.unit].to_numpy()
    there = pd.MultiIndex.from_arrays([unit, time])
    earlier = pd.MultiIndex.from_arrays([unit[:n_rows], time[:n_rows] - lag])
    return np.asarray(there.get_indexer(earlier), dtype=np.int64)


def _transformed(variable: Variable | Outcome, rows: pd.DataFrame, where: str) -> Values:
    columns = [numbers_of(rows, name, where) for name in variable.columns]
    missing = np.any([~np.isfinite(column) for column in columns], axis=0)
    reasons: dict[str, Mask] = {"missing": missing}
    source = np.where(missing, np.nan, columns[0])
    if len(columns) == 2:
        zero = ~missing & (columns[1] == 0)
        reasons["zero_denominator"] = np.asarray(zero)
        source = np.divide(
            columns[0], columns[1], out=np.full(len(rows), np.nan), where=~missing & ~zero
        )
    if variable.transform not in (None, "none"):
        # ln(1 + x) needs x > -1, ln x needs x > 0; NaN compares false and stays NaN.
        floor = -1.0 if variable.transform == "log1p" else 0.0
        function = log1p if variable.transform == "log1p" else log
        outside = np.isfinite(source) & (source <= floor)
        reasons["outside_logarithm"] = outside
        source = function(np.where(source > floor, source, np.nan))
    return source * variable.scale, reasons


__all__ = ["Values", "value_of", "years_before"]
