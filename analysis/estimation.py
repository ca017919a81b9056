"""Running a study on a panel: from the wide city-year frame to tidy tables of estimates.

Belongs here: the sample of each equation with an account of every row left out, transformations,
the call of the regression and of its referee, tests between the groups of a split, and the fingerprint of the data
used. Does not belong here: the regression itself (`regression`), who is in which group (`splits`),
the shape of a study (`study`), reading or writing data.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.blas import one_thread
from analysis.regression.conventions import DEFAULT_CONVENTION, Convention
from analysis.regression.difference import coefficient_difference
from analysis.regression.panel import CONSTANT, Effect, PanelFit, PanelRegressionError, fit_panel
from analysis.regression.reference import check_fit
from analysis.splits import NO_LEVEL, Groups, group_rows
from analysis.study.equations import Equation, PrintedTable, printed_tables
from analysis.study.spec import (
    TREATMENT,
    Balance,
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
TABLES: dict[str, dict[str, tuple[str, str]]] = {
    "column_status": {
        "study": ("string", "Study (file in analysis/studies)"),
        "table_id": ("string", "Table of the study"),
        "column_id": ("string", "Column of the table"),
        "column_label": ("string", "What the column is"),
        "outcome": ("string", "What is explained"),
        "split_by": ("string", "Column of marts.city_year that parts the cities, if any"),
        "split_value": ("string", "Group of the column"),
        "split_rule": ("string", "How a city came into its group"),
        "status": ("string", "estimated or skipped"),
        "detail": ("string", "Why skipped: what these data lack"),
    },
    "split_test": {
        "study": ("string", "Study (file in analysis/studies)"),
        "table_id": ("string", "Table of the study"),
        "split_id": ("string", "Split of the table"),
        "split_rule": ("string", "How a city came into its group"),
        "split_cut": ("Float64", "Value between low and high; null for text and truth values"),
        "term": ("string", "Regressor whose coefficients are compared"),
        "term_label": ("string", "Regressor in words"),
        "column_a": ("string", "Column of the first group"),
        "label_a": ("string", "First group in words"),
        "column_b": ("string", "Column of the second group"),
        "label_b": ("string", "Second group in words"),
        "estimate_a": ("Float64", "Coefficient in the first group, in units of the outcome"),
        "estimate_b": ("Float64", "Coefficient in the second group"),
        "difference": ("Float64", "First less second"),
        "std_error": (
            "Float64",
            "Its clustered standard error, of the regression on both groups with everything"
            " interacted",
        ),
        "t_value": ("Float64", "Difference over its standard error"),
        "p_value": ("Float64", "Two-sided p value of equal coefficients"),
        "ci_low": ("Float64", "Lower end of the 95 % interval of the difference"),
        "ci_high": ("Float64", "Upper end"),
        "stars": ("string", "*** p < 0.01, ** p < 0.05, * p < 0.1"),
        "n_obs": ("Int64", "City-years of both groups"),
        "n_clusters": ("Int64", "Clusters of both groups"),
        "df_resid": ("Int64", "Degrees of freedom of t"),
    },
    "reference_check": {
        "study": ("string", "Study (file in analysis/studies)"),
        "table_id": ("string", "First table of the study"),
        "column_id": ("string", "Column of the table"),
        "term": ("string", "Regressor"),
        "library": ("string", "What estimated the column again, with its version"),
        "estimate": ("Float64", "Coefficient as released, in units of the outcome"),
        "reference_estimate": ("Float64", "Coefficient of the library"),
        "std_error": ("Float64", "Standard error as released, clustered"),
        "reference_std_error": (
            "Float64",
            "Standard error of the library, in the convention of the release",
        ),
        "difference": (
            "Float64",
            "Larger difference of the two, as a share of the library's standard error",
        ),
        "agrees": ("boolean", "Whether that is at most 1e-6"),
        "detail": ("string", "Why the library has no number, else empty"),
    },
}
"""Tables of columns, splits and the referee: columns, each one's type in pandas and meaning."""

ESTIMATED, SKIPPED = "estimated", "skipped"

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

    ``column_status``: one row per column, "estimated" or "skipped" with the reason: a variable or
    the split without any value in the panel, or a group that can't carry the regression.
    ``reference_check``: one row per term of the first table, estimated again by linearmodels.
    ``split_test``: for each split, term of interest and pair of estimated groups, the difference
    of the coefficients with the error of the fully interacted regression on both groups.
    """

    estimate: pd.DataFrame
    model_fit: pd.DataFrame
    sample: pd.DataFrame
    missing: pd.DataFrame
    dropped_term: pd.DataFrame
    column_status: pd.DataFrame
    split_test: pd.DataFrame
    reference_check: pd.DataFrame
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


@one_thread
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
        name: []
        for name in (
            "estimate", "model_fit", "sample", "missing", "dropped_term", "column_status",
            "split_test", "reference_check",
        )
    }  # fmt: skip
    for position, table in enumerate(printed_tables(study)):
        _estimate_table(
            study, table, rows, steps, frames,
            where=where, convention=convention, refereed=position == 0,
        )  # fmt: skip
    columns = {
        "estimate": ESTIMATE_COLUMNS,
        "model_fit": MODEL_FIT_COLUMNS,
        "sample": SAMPLE_COLUMNS,
        "missing": MISSING_COLUMNS,
        "dropped_term": DROPPED_COLUMNS,
    }
    typed = {
        name: pd.DataFrame(frames[name], columns=list(kinds)).astype(
            {column: kind for column, (kind, _) in kinds.items()}
        )
        for name, kinds in TABLES.items()
    }
    return StudyEstimates(
        **{name: pd.DataFrame(frames[name], columns=list(columns[name])) for name in columns},
        **typed,
        spec_hash=study.spec_hash,
        data_fingerprint=selected.data_fingerprint,
    )


Frames = dict[str, list[dict[str, Any]]]


def _estimate_table(
    study: Study,
    table: PrintedTable,
    rows: pd.DataFrame,
    steps: dict[str, int],
    frames: Frames,
    *,
    where: str,
    convention: Convention,
    refereed: bool,
) -> None:
    """Run the columns of a table and add their rows to `frames`; if `refereed`, run them twice."""
    names = tuple(dict.fromkeys(n for equation in table.equations for n in equation.names))
    values, reasons = values_of(study, names, rows, f"{where}, table {table.id}")
    complete = complete_units(
        study, table, rows, asked_of_all(study, names, values, rows), study.panel.balanced
    )
    split_groups: dict[str, Groups] = {}
    fits: dict[str, list[tuple[Equation, PanelFit]]] = {}
    for equation in table.equations:
        key = {"study": study.id, "table_id": table.id, "column_id": equation.column_id}
        at = f"{where}, table {table.id}, column {equation.column_id}"
        groups = None
        if equation.split_id is not None and equation.split is not None:
            if equation.split_id not in split_groups:
                split_groups[equation.split_id] = _groups(study, equation, rows, at)
            groups = split_groups[equation.split_id]
        fit: PanelFit | None = None
        reason = _unavailable(study, equation, values, groups)
        if not reason:
            made: Frames = {name: [] for name in frames}
            try:
                fit = _estimate_column(
                    study, equation, rows, values, reasons, complete, groups, steps, made,
                    key=key, at=at, convention=convention, refereed=refereed,
                )  # fmt: skip
            except EstimationError as error:
                if groups is None:  # a group that can't carry the regression is a finding
                    raise
                reason = str(error).removeprefix(f"{at}: ")
            else:
                for name, found in made.items():
                    frames[name] += found
        frames["column_status"].append(
            {
                **key,
                "column_label": equation.label,
                "outcome": equation.outcome,
                "split_by": equation.split.by if equation.split else None,
                "split_value": str(equation.level.value) if equation.level else None,
                "split_rule": groups.rule if groups else None,
                "status": SKIPPED if reason else ESTIMATED,
                "detail": reason,
            }
        )
        if fit is not None and equation.split_id is not None:
            fits.setdefault(equation.split_id, []).append((equation, fit))
    for split_id, members in fits.items():
        frames["split_test"] += _split_tests(
            study, table, split_id, split_groups[split_id], members
        )


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


def _groups(study: Study, equation: Equation, rows: pd.DataFrame, at: str) -> Groups:
    assert equation.split is not None
    try:
        return group_rows(equation.split, rows, study.panel.unit, study.panel.time)
    except ValueError as error:
        raise EstimationError(f"{at}: {error}") from error


def _unavailable(
    study: Study, equation: Equation, values: pd.DataFrame, groups: Groups | None
) -> str:
    """Why a column can't be asked of this panel at all, or ''.

    The study's own outcome is not among the reasons: without it there is no study.
    """
    for name in equation.names:
        if name != study.outcome.column and len(values) and not np.isfinite(values[name]).any():
            columns = ", ".join(study.variables[name].columns) if name != TREATMENT else name
            return f"{study.label_of(name)} ({columns}) has no value in these rows of the panel"
    if groups is not None and equation.split is not None and equation.level is not None:
        if (groups.level == NO_LEVEL).all():
            return f"no city has a group: {equation.split.by} has no value ({groups.rule})"
        if not groups.rows_of(equation.split.levels.index(equation.level)).any():
            return f"no city in the group {equation.level.value} ({groups.rule})"
    return ""


def _estimate_column(
    study: Study,
    equation: Equation,
    rows: pd.DataFrame,
    values: pd.DataFrame,
    reasons: dict[str, dict[str, Mask]],
    complete: Mask,
    groups: Groups | None,
    steps: dict[str, int],
    frames: Frames,
    *,
    key: dict[str, str],
    at: str,
    convention: Convention,
    refereed: bool,
) -> PanelFit:
    """One column: its rows with an account of the others, its fit, and the rows of the tables."""
    filtered = _meets(rows, equation.sample, at)
    account = {**steps, "sample_filter": int((~filtered).sum())}
    sampled = filtered
    if groups is not None and equation.split is not None and equation.level is not None:
        sampled = filtered & groups.rows_of(equation.split.levels.index(equation.level))
        ungrouped = groups.level == NO_LEVEL
        account["no_group"] = int((filtered & ungrouped).sum())
        account["other_group"] = int((filtered & ~sampled & ~ungrouped).sum())
    offered = sampled & complete
    without_cluster = rows[study.cluster].isna().to_numpy()
    lost = ~np.isfinite(values.loc[:, list(equation.names)].to_numpy()).all(axis=1)
    lost |= without_cluster
    account |= {
        "incomplete_unit": int((sampled & ~complete).sum()),
        "missing": int((offered & lost).sum()),
        "used": int((offered & ~lost).sum()),
    }
    for name in equation.names:
        for reason, mask in reasons[name].items():
            if n := int((sampled & mask).sum()):
                frames["missing"].append({**key, "variable": name, "reason": reason, "n_rows": n})
    if n := int((sampled & without_cluster).sum()):
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
    used = offered & ~lost if equation.needs else offered
    arrays = _arrays(study, equation, rows[used], values[used])
    fit = _fit(equation, arrays, at=at, convention=convention)
    if refereed:
        frames["reference_check"] += _reference_rows(key, fit, arrays)
    frames["dropped_term"] += [
        {**key, "term": term.name, "reason": term.reason} for term in fit.dropped
    ]
    frames["estimate"] += _estimate_rows(study, equation, key, fit)
    frames["model_fit"].append(
        {
            **key,
            "outcome": equation.outcome,
            "effects": "+".join(equation.effects),
            "controls": "+".join(equation.controls),
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
    return fit


def _split_tests(
    study: Study,
    table: PrintedTable,
    split_id: str,
    groups: Groups,
    members: list[tuple[Equation, PanelFit]],
) -> list[dict[str, Any]]:
    """The difference of each regressor's coefficient between each two groups."""
    found = []
    for (one, first), (other, second) in combinations(members, 2):
        for term in one.regressors:
            test = coefficient_difference(first, second, term)
            found.append(
                {
                    "study": study.id,
                    "table_id": table.id,
                    "split_id": split_id,
                    "split_rule": groups.rule,
                    "split_cut": groups.cut,
                    "term": term,
                    "term_label": study.label_of(term),
                    "column_a": one.column_id,
                    "label_a": one.label,
                    "column_b": other.column_id,
                    "label_b": other.label,
                    "estimate_a": first.coefficients[first.position(term)],
                    "estimate_b": second.coefficients[second.position(term)],
                    "difference": test.difference,
                    "std_error": test.std_error,
                    "t_value": test.t_value,
                    "p_value": test.p_value,
                    "ci_low": test.ci_low,
                    "ci_high": test.ci_high,
                    "stars": significance_stars(test.p_value),
                    "n_obs": test.n_obs,
                    "n_clusters": test.n_clusters,
                    "df_resid": test.df_resid,
                }
            )
    return found


def _arrays(
    study: Study, equation: Equation, rows: pd.DataFrame, values: pd.DataFrame
) -> dict[str, Any]:
    """What a regression is given, by the names of `fit_panel`'s parameters."""
    return {
        "y": values[equation.outcome].to_numpy(),
        "x": values.loc[:, list(equation.terms)].to_numpy(),
        "unit": rows[study.panel.unit].to_numpy(),
        "time": rows[study.panel.time].to_numpy(),
        "effects": tuple(_EFFECTS[effect] for effect in equation.effects),
        "cluster": rows[study.cluster].to_numpy(),
        "names": equation.terms,
    }


def _reference_rows(
    key: dict[str, str], fit: PanelFit, arrays: dict[str, Any]
) -> list[dict[str, Any]]:
    """Each term of a fit beside what the referee makes of the same arrays."""
    check = check_fit(fit, **arrays)
    return [
        {
            **key,
            "term": term,
            "library": check.library,
            "estimate": fit.coefficients[k],
            "reference_estimate": check.reference_coefficients[k],
            "std_error": fit.std_errors[k],
            "reference_std_error": check.reference_errors[k],
            "difference": check.differences[k],
            "agrees": check.agrees[k],
            "detail": check.detail,
        }
        for k, term in enumerate(check.names)
    ]


def _fit(
    equation: Equation, arrays: dict[str, Any], *, at: str, convention: Convention
) -> PanelFit:
    try:
        fit = fit_panel(**arrays, outcome=equation.outcome, convention=convention)
    except PanelRegressionError as error:
        raise EstimationError(f"{at}: {error}") from error
    for term in fit.dropped:
        if term.name in equation.regressors:
            linked = "" if term.reason.startswith("does not") else "is "
            raise EstimationError(
                f"{at}: {term.name} {linked}{term.reason}, so its coefficient can't be told. Check "
                "the policy's roster and years against the sample, or take the term out"
            )
    return fit


def _estimate_rows(
    study: Study, equation: Equation, key: dict[str, str], fit: PanelFit
) -> list[dict[str, Any]]:
    return [
        {
            **key,
            "column_label": equation.label,
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
            outcome = _numbers(rows, name, where)
            values[name] = outcome * study.outcome.scale
            reasons[name] = {"missing": ~np.isfinite(outcome)}
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


__all__ = [
    "CONSTANT",
    "DROPPED_COLUMNS",
    "ESTIMATED",
    "ESTIMATE_COLUMNS",
    "MISSING_COLUMNS",
    "MODEL_FIT_COLUMNS",
    "SAMPLE_COLUMNS",
    "SKIPPED",
    "TABLES",
    "EstimationError",
    "StudyEstimates",
    "StudyRows",
    "asked_of_all",
    "complete_units",
    "data_fingerprint",
    "estimate_study",
    "significance_stars",
    "study_rows",
    "values_of",
    "variables_of",
]
