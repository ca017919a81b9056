"""The rows and values of a panel that a study uses.

Belongs here: the years and restriction of a study, filters, transformations and lags with the
reason where a value is absent, balance, and the fingerprint of the data used. Does not belong here:
groups of cities (`splits`), what is estimated from the rows (`estimation`, `mediation_study`,
`threshold_study`), the shape of a study (`study`).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.logarithm import log, log1p
from analysis.study.equations import PrintedTable
from analysis.study.rules import did_you_mean
from analysis.study.spec import TREATMENT, Balance, Filter, Outcome, Study, Table, Variable

_SHOWN = 5  # rows, cities or values that a message lists

Mask = npt.NDArray[np.bool_]


class EstimationError(ValueError):
    """A study that can't be run on a panel; names study, table and column, and what to do."""


def data_fingerprint(panel: pd.DataFrame, columns: Iterable[str]) -> str:
    """SHA-256 of the given columns of `panel`, whatever the order of its rows and columns.

    Numbers and truth values count as 64-bit floats, so 1, 1.0 and True are the same; text counts
    as UTF-8; a missing value is itself, and unlike any text. Raises EstimationError for an absent
    column.
    """
    names = sorted(set(columns))
    _require_columns(panel, names, "fingerprint")
    digest = hashlib.sha256(f"{len(panel)} rows".encode())
    keys: list[npt.NDArray[Any]] = []
    cells: list[npt.NDArray[Any]] = []
    for name in names:
        column = panel[name]
        if _holds_numbers(column):
            values = column.astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
            values = values + 0.0  # -0.0 becomes 0.0
            values[np.isnan(values)] = np.nan  # one bit pattern
            keys.append(values)
            cells.append(values.astype("<f8"))
        else:
            text = np.array(
                [b"\x00" if pd.isna(v) else b"\x01" + str(v).encode() for v in column], dtype=object
            )
            keys.append(np.unique(text, return_inverse=True)[1] if len(text) else text)
            cells.append(text)
    order = np.lexsort(keys[::-1]) if keys else np.arange(0)
    for name, values in zip(names, cells, strict=True):
        ordered = values[order]
        if ordered.dtype == object:
            content = b"".join(len(cell).to_bytes(8, "little") + cell for cell in ordered)
            kind = "text"
        else:
            content, kind = ordered.tobytes(), "number"
        digest.update(f"\n{kind} {len(name)} {name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


@dataclass(frozen=True)
class StudyRows:
    """The panel's rows that a study uses, checked.

    ``rows`` has the columns that the study names; ``steps`` counts what took other rows out;
    ``data_fingerprint`` is that of the study's columns in its years.
    """

    rows: pd.DataFrame
    steps: dict[str, int]
    data_fingerprint: str


def study_rows(study: Study, panel: pd.DataFrame) -> StudyRows:
    """The rows of `panel` in the study's years that meet its restriction.

    Raises EstimationError if a column is absent, a unit has a period twice, or `did` is not 0 or 1.
    """
    used = study.columns_used()
    where = f"study {study.id}"
    _require_columns(panel, used, where)
    rows = panel.loc[:, list(used)].reset_index(drop=True)
    years = _numbers(rows, study.panel.time, where)
    in_years = (years >= study.panel.years[0]) & (years <= study.panel.years[1])
    fingerprint = data_fingerprint(rows[in_years], used)
    in_study = in_years & meets(rows, study.panel.restrict, where)
    steps = {
        "outside_years": int((~in_years).sum()),
        "restricted": int((in_years & ~in_study).sum()),
    }
    rows = rows[in_study].reset_index(drop=True)
    _check_rows(study, rows, where)
    return StudyRows(rows, steps, fingerprint)


def _holds_numbers(column: pd.Series) -> bool:
    """Whether a column is numeric, or holds only numbers and truth values beside missing ones."""
    return pd.api.types.is_numeric_dtype(column) or pd.api.types.infer_dtype(
        column, skipna=True
    ) in ("boolean", "integer", "floating", "mixed-integer-float", "decimal")


def _require_columns(panel: pd.DataFrame, names: Iterable[str], where: str) -> None:
    known = tuple(str(name) for name in panel.columns)
    absent = [name for name in names if name not in known]
    if absent:
        listed = ", ".join(f"{name!r}{did_you_mean(name, known)}" for name in absent)
        raise EstimationError(
            f"{where}: the panel has no column {listed}. Correct the study, or add the column to "
            "the panel"
        )


def _numbers(rows: pd.DataFrame, name: str, where: str) -> npt.NDArray[np.float64]:
    """A column as floats, missing as NaN."""
    try:
        return pd.to_numeric(rows[name]).to_numpy(dtype="float64", na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise EstimationError(f"{where}: column {name!r} is not numeric: {error}") from error


def _check_rows(study: Study, rows: pd.DataFrame, where: str) -> None:
    keys = [study.panel.unit, study.panel.time]
    if rows[keys].isna().to_numpy().any():
        raise EstimationError(
            f"{where}: rows without {' or '.join(keys)}: give every row of the panel both"
        )
    repeated = rows.loc[rows.duplicated(keys), keys]
    if len(repeated):
        shown = ", ".join(f"{unit} {time}" for unit, time in repeated.head(_SHOWN).to_numpy())
        raise EstimationError(
            f"{where}: {len(repeated)} rows repeat a {keys[0]} and {keys[1]} ({shown}): the panel "
            "must have one row each"
        )
    if TREATMENT in rows:
        did = _numbers(rows, TREATMENT, where)
        wrong = ~np.isin(did, (0.0, 1.0))
        if wrong.any():
            shown = ", ".join(
                f"{unit} {time}" for unit, time in rows.loc[wrong, keys].head(_SHOWN).to_numpy()
            )
            raise EstimationError(
                f"{where}: {TREATMENT} is neither 0 nor 1 in {int(wrong.sum())} rows ({shown}): "
                "expected 1 from the first treated year on, else 0, also for cities never treated"
            )


def meets(rows: pd.DataFrame, filters: tuple[Filter, ...], where: str) -> Mask:
    """Rows that meet every filter; a missing value meets none."""
    kept = np.ones(len(rows), dtype=bool)
    for item in filters:
        column = rows[item.column]
        kind, wanted = item.condition
        options = wanted if isinstance(wanted, tuple) else (wanted,)
        numeric = pd.api.types.is_numeric_dtype(column)
        present = column.dropna()
        text = bool(len(present)) and not numeric and isinstance(present.iloc[0], str)
        for option in options:
            if (numeric and isinstance(option, str)) or (text and not isinstance(option, str)):
                holds = "numbers or truth values" if numeric else "text"
                raise EstimationError(
                    f"{where}: filter on {item.column!r} compares with {option!r}, but the column "
                    f"holds {holds}; write the value as the column has it"
                )
        if kind in ("at_least", "at_most"):
            values = _numbers(rows, item.column, where)
            bound = float(options[0])
            kept &= values >= bound if kind == "at_least" else values <= bound
        else:
            known = column.notna().to_numpy()
            among = column.isin(list(options)).to_numpy(dtype=bool)
            kept &= known & (~among if kind == "none_of" else among)
    return kept


def variables_of(
    study: Study, table: Table, rows: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, dict[str, Mask]]]:
    """Outcomes and regressors of a table as floats, and why a value is absent, by variable."""
    names: list[str] = []
    for column in table.columns:
        names += [study.outcome_of(table, column), *column.regressors, *study.controls_of(column)]
    return values_of(
        study, tuple(dict.fromkeys(names)), rows, f"study {study.id}, table {table.id}"
    )


def values_of(
    study: Study, names: tuple[str, ...], rows: pd.DataFrame, where: str
) -> tuple[pd.DataFrame, dict[str, dict[str, Mask]]]:
    """Variables, the treatment and the outcome by name, as floats, and why a value is absent."""
    values: dict[str, npt.NDArray[np.float64]] = {}
    reasons: dict[str, dict[str, Mask]] = {}
    for name in names:
        if name == study.outcome.column:
            values[name], reasons[name] = _transformed(study.outcome, rows, f"{where}, outcome")
        elif name == TREATMENT:
            values[name], reasons[name] = _numbers(rows, TREATMENT, where), {}
        else:
            variable = study.variables[name]
            values[name], reasons[name] = _transformed(variable, rows, f"{where}, variable {name}")
            if variable.lag is not None:
                values[name], reasons[name] = _lagged(
                    values[name], reasons[name], variable.lag, study, rows
                )
    return pd.DataFrame(values), reasons


def _lagged(
    values: npt.NDArray[np.float64],
    reasons: dict[str, Mask],
    lag: int,
    study: Study,
    rows: pd.DataFrame,
) -> tuple[npt.NDArray[np.float64], dict[str, Mask]]:
    """Values and reasons of `lag` years before, among the study's rows."""
    time = _numbers(rows, study.panel.time, f"study {study.id}")
    unit = rows[study.panel.unit]
    here = pd.MultiIndex.from_arrays([unit, time])
    at = here.get_indexer(pd.MultiIndex.from_arrays([unit, time - lag]))
    found = at >= 0
    lagged = np.where(found, values[at], np.nan)
    return lagged, {
        **{reason: found & mask[at] for reason, mask in reasons.items()},
        "no_earlier_year": ~found,
    }


def _transformed(
    variable: Variable | Outcome, rows: pd.DataFrame, where: str
) -> tuple[npt.NDArray[np.float64], dict[str, Mask]]:
    columns = [_numbers(rows, name, where) for name in variable.columns]
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


def complete_units(
    study: Study,
    table: Table | PrintedTable,
    rows: pd.DataFrame,
    values: pd.DataFrame,
    balanced: Balance,
) -> Mask:
    """Rows that a rule on balance lets in (`Panel.balanced`).

    A unit is complete if it has every year of the study with a value of the outcome and of every
    variable of the table, so that the columns of a table share a sample.
    """
    if balanced == "allow":
        return np.ones(len(rows), dtype=bool)
    first, last = study.panel.years
    usable = np.isfinite(values.to_numpy()).all(axis=1) & rows[study.cluster].notna().to_numpy()
    n_years = last - first + 1
    unit = rows[study.panel.unit]
    complete = pd.Series(usable).groupby(unit.to_numpy()).transform("sum").to_numpy() == n_years
    if balanced == "require" and not complete.all():
        units = unit[~complete].drop_duplicates()
        shown = ", ".join(str(value) for value in units.head(_SHOWN))
        raise EstimationError(
            f"study {study.id}, table {table.id}: {len(units)} units lack a year of {first}-{last} "
            f"or a value in one ({shown}{', ...' if len(units) > _SHOWN else ''}), and the study "
            "requires balance; fill the gaps, or set panel.balanced to drop_incomplete_units or "
            "allow"
        )
    return complete


def asked_of_all(
    study: Study, names: tuple[str, ...], values: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    """The values that a complete unit must have.

    A variable without any value makes no unit incomplete (its columns are skipped), and neither do
    the first years of a lagged one.
    """
    asked = values.loc[
        :, [n for n in names if n == study.outcome.column or np.isfinite(values[n]).any()]
    ].copy()
    time = _numbers(rows, study.panel.time, f"study {study.id}")
    for name in map(str, asked.columns):
        lag = study.variables[name].lag if name in study.variables else None
        if lag is not None:
            asked.loc[time < study.panel.years[0] + lag, name] = 0.0
    return asked


__all__ = [
    "EstimationError",
    "Mask",
    "StudyRows",
    "asked_of_all",
    "complete_units",
    "data_fingerprint",
    "meets",
    "study_rows",
    "values_of",
    "variables_of",
]
