"""Running a study on a panel: from the wide city-year frame to tidy tables of estimates.

Belongs here: the sample of each equation with an account of every row left out, transformations,
the call of the regression, and the fingerprint of the data used. Does not belong here: the
regression itself (`regression`), the shape of a study (`study`), reading or writing data.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.regression.conventions import DEFAULT_CONVENTION, Convention
from analysis.regression.panel import CONSTANT, Effect, PanelFit, PanelRegressionError, fit_panel
from analysis.study.spec import (
    TREATMENT,
    Balance,
    Column,
    Filter,
    Study,
    Table,
    Variable,
    did_you_mean,
)

ESTIMATE_COLUMNS = (
    "study", "table_id", "column_id", "column_label", "term", "term_label", "estimate",
    "std_error", "t_value", "p_value", "ci_low", "ci_high", "stars",
)  # fmt: skip
MODEL_FIT_COLUMNS = (
    "study", "table_id", "column_id", "outcome", "effects", "controls", "n_obs", "n_units",
    "n_periods", "n_clusters", "n_dropped_missing", "r2", "r2_within", "r2_adjusted",
    "f_statistic", "df_resid", "se_convention", "cluster", "spec_hash",
)  # fmt: skip
SAMPLE_COLUMNS = ("study", "table_id", "column_id", "step", "n_rows")
MISSING_COLUMNS = ("study", "table_id", "column_id", "variable", "reason", "n_rows")
DROPPED_COLUMNS = ("study", "table_id", "column_id", "term", "reason")

STAR_LEVELS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))  # as in the printed tables
_EFFECTS: dict[str, Effect] = {"city": "unit", "year": "time"}
_SHOWN = 5  # rows, cities or values that a message lists

Mask = npt.NDArray[np.bool_]


class EstimationError(ValueError):
    """A study that can't be run on a panel; names study, table and column, and what to do."""


@dataclass(frozen=True)
class StudyEstimates:
    """Results of a study; every frame is in the order of the study file.

    ``estimate``: one row per table x column x term; ci_low and ci_high bound the 95 % interval,
    stars mark p below 0.01, 0.05 and 0.1. ``model_fit``: one row per table x column; effects and
    controls are joined by "+"; df_resid are the degrees of freedom of t and F; n_dropped_missing
    counts the rows lost to missing values, those of incomplete units included.

    ``sample``: how the rows of the panel become the observations, steps that add up: "used" and
    what each step took out. ``missing``: rows without a value, by variable and reason (a row can
    stand under several). ``dropped_term``: controls that were collinear, with the reason.
    """

    estimate: pd.DataFrame
    model_fit: pd.DataFrame
    sample: pd.DataFrame
    missing: pd.DataFrame
    dropped_term: pd.DataFrame
    spec_hash: str
    data_fingerprint: str


def significance_stars(p_value: float) -> str:
    """Stars of a p value: *** below 0.01, ** below 0.05, * below 0.1."""
    return next((stars for level, stars in STAR_LEVELS if p_value < level), "")


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
    in_study = in_years & _meets(rows, study.panel.restrict, where)
    steps = {
        "outside_years": int((~in_years).sum()),
        "restricted": int((in_years & ~in_study).sum()),
    }
    rows = rows[in_study].reset_index(drop=True)
    _check_rows(study, rows, where)
    return StudyRows(rows, steps, fingerprint)


def estimate_study(
    study: Study, panel: pd.DataFrame, *, convention: Convention = DEFAULT_CONVENTION
) -> StudyEstimates:
    """Run every column of every table of `study` on `panel`.

    Parameters
    ----------
    study
        The study; see docs/how-to/write-a-study.md.
    panel
        One row per unit and period with the columns that the study names, and `did` (0 or 1 in
        every row: 0 for cities that are never treated).
    convention
        Small-sample convention of the clustered standard errors.

    Raises EstimationError naming study, table and column if a column is absent or not numeric, a
    unit has a period twice, `did` is not 0 or 1, the sample is empty or unbalanced where the study
    requires balance, a regressor of interest doesn't vary or is collinear, or the regression can't
    be done for another reason.
    """
    where = f"study {study.id}"
    selected = study_rows(study, panel)
    rows, steps = selected.rows, selected.steps

    frames: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("estimate", "model_fit", "sample", "missing", "dropped_term")
    }
    for table in study.tables:
        values, reasons = variables_of(study, table, rows)
        complete = complete_units(study, table, rows, values, study.panel.balanced)
        for column in table.columns:
            key = {"study": study.id, "table_id": table.id, "column_id": column.id}
            at = f"{where}, table {table.id}, column {column.id}"
            terms = (*column.regressors, *study.controls_of(column))
            sampled = _meets(rows, column.sample, at)
            offered = sampled & complete
            lost = ~np.isfinite(values.loc[:, [study.outcome.column, *terms]].to_numpy())
            lost = lost.any(axis=1) | rows[study.cluster].isna().to_numpy()
            account = {
                **steps,
                "sample_filter": int((~sampled).sum()),
                "incomplete_unit": int((sampled & ~complete).sum()),
                "missing": int((offered & lost).sum()),
                "used": int((offered & ~lost).sum()),
            }
            for name in (study.outcome.column, *terms):
                for reason, mask in reasons[name].items():
                    if n := int((sampled & mask).sum()):
                        frames["missing"].append(
                            {**key, "variable": name, "reason": reason, "n_rows": n}
                        )
            if n := int((sampled & rows[study.cluster].isna().to_numpy()).sum()):
                frames["missing"].append(
                    {**key, "variable": study.cluster, "reason": "missing", "n_rows": n}
                )
            if account["used"] == 0:
                listed = ", ".join(f"{step} {n}" for step, n in account.items() if n)
                raise EstimationError(
                    f"{at}: the sample is empty; rows by what took them out: {listed or 'no rows'}."
                    " Correct the years, filters or columns of the study"
                )
            frames["sample"] += [{**key, "step": step, "n_rows": n} for step, n in account.items()]
            fit = _fit(study, column, rows[offered], values[offered], at=at, convention=convention)
            frames["dropped_term"] += [
                {**key, "term": term.name, "reason": term.reason} for term in fit.dropped
            ]
            frames["estimate"] += _estimate_rows(study, column, key, fit)
            frames["model_fit"].append(
                {
                    **key,
                    "outcome": study.outcome.column,
                    "effects": "+".join(column.effects),
                    "controls": "+".join(study.controls_of(column)),
                    "n_obs": fit.n_obs,
                    "n_units": fit.n_units,
                    "n_periods": fit.n_periods,
                    "n_clusters": fit.n_clusters,
                    "n_dropped_missing": account["missing"] + account["incomplete_unit"],
                    "r2": fit.r2,
                    "r2_within": fit.r2_within,
                    "r2_adjusted": fit.r2_adjusted,
                    "f_statistic": fit.f_statistic,
                    "df_resid": fit.df_resid,
                    "se_convention": fit.df_convention,
                    "cluster": study.cluster,
                    "spec_hash": study.spec_hash,
                }
            )
    return StudyEstimates(
        estimate=pd.DataFrame(frames["estimate"], columns=list(ESTIMATE_COLUMNS)),
        model_fit=pd.DataFrame(frames["model_fit"], columns=list(MODEL_FIT_COLUMNS)),
        sample=pd.DataFrame(frames["sample"], columns=list(SAMPLE_COLUMNS)),
        missing=pd.DataFrame(frames["missing"], columns=list(MISSING_COLUMNS)),
        dropped_term=pd.DataFrame(frames["dropped_term"], columns=list(DROPPED_COLUMNS)),
        spec_hash=study.spec_hash,
        data_fingerprint=selected.data_fingerprint,
    )


def _fit(
    study: Study,
    column: Column,
    rows: pd.DataFrame,
    values: pd.DataFrame,
    *,
    at: str,
    convention: Convention,
) -> PanelFit:
    terms = (*column.regressors, *study.controls_of(column))
    try:
        fit = fit_panel(
            values[study.outcome.column].to_numpy(),
            values.loc[:, list(terms)].to_numpy(),
            rows[study.panel.unit].to_numpy(),
            rows[study.panel.time].to_numpy(),
            effects=tuple(_EFFECTS[effect] for effect in column.effects),
            cluster=rows[study.cluster].to_numpy(),
            names=terms,
            outcome=study.outcome.column,
            convention=convention,
        )
    except PanelRegressionError as error:
        raise EstimationError(f"{at}: {error}") from error
    for term in fit.dropped:
        if term.name in column.regressors:
            linked = "" if term.reason.startswith("does not") else "is "
            raise EstimationError(
                f"{at}: {term.name} {linked}{term.reason}, so its coefficient can't be told. Check "
                "the policy's roster and years against the sample, or take the term out"
            )
    return fit


def _estimate_rows(
    study: Study, column: Column, key: dict[str, str], fit: PanelFit
) -> list[dict[str, Any]]:
    return [
        {
            **key,
            "column_label": column.label,
            "term": term,
            "term_label": study.label_of(term),
            "estimate": fit.coefficients[k],
            "std_error": fit.std_errors[k],
            "t_value": fit.t_values[k],
            "p_value": fit.p_values[k],
            "ci_low": fit.ci_low[k],
            "ci_high": fit.ci_high[k],
            "stars": significance_stars(fit.p_values[k]),
        }
        for k, term in enumerate(fit.names)
    ]


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


def _meets(rows: pd.DataFrame, filters: tuple[Filter, ...], where: str) -> Mask:
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
    """Outcome and regressors of a table as floats, and why a value is absent, by variable."""
    where = f"study {study.id}, table {table.id}"
    outcome = _numbers(rows, study.outcome.column, where)
    values = {study.outcome.column: outcome * study.outcome.scale}
    absent: Mask = ~np.isfinite(outcome)
    reasons: dict[str, dict[str, Mask]] = {study.outcome.column: {"missing": absent}}
    for column in table.columns:
        for name in (*column.regressors, *study.controls_of(column)):
            if name in reasons:
                continue
            if name == TREATMENT:
                values[name], reasons[name] = _numbers(rows, TREATMENT, where), {}
            else:
                values[name], reasons[name] = _transformed(
                    study.variables[name], rows, f"{where}, variable {name}"
                )
    return pd.DataFrame(values), reasons


def _transformed(
    variable: Variable, rows: pd.DataFrame, where: str
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
    if variable.transform != "none":
        # ln(1 + x) needs x > -1, ln x needs x > 0; NaN compares false and stays NaN.
        floor = -1.0 if variable.transform == "log1p" else 0.0
        function = np.log1p if variable.transform == "log1p" else np.log
        outside = np.isfinite(source) & (source <= floor)
        reasons["outside_logarithm"] = outside
        source = function(source, out=np.full(len(rows), np.nan), where=source > floor)
    return source * variable.scale, reasons


def complete_units(
    study: Study, table: Table, rows: pd.DataFrame, values: pd.DataFrame, balanced: Balance
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


__all__ = [
    "CONSTANT",
    "DROPPED_COLUMNS",
    "ESTIMATE_COLUMNS",
    "MISSING_COLUMNS",
    "MODEL_FIT_COLUMNS",
    "SAMPLE_COLUMNS",
    "EstimationError",
    "StudyEstimates",
    "StudyRows",
    "complete_units",
    "data_fingerprint",
    "estimate_study",
    "significance_stars",
    "study_rows",
    "variables_of",
]
