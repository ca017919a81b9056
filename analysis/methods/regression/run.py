"""Running a study on a panel: from the wide city-year frame to tidy tables of estimates.

Belongs here: the sample of each equation with an account of every row left out, the calls of the
regression, of its referee and of the tests between groups, and the tables that come of them. Does
not belong here: rows and values of the panel (`study_rows`), who is in which group (`splits`), the
regression itself (`regression`), the shape of a study (`study`), reading or writing data.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.blas import one_thread
from analysis.methods.referee import Referee
from analysis.methods.regression.split_tests import split_test_rows
from analysis.methods.regression.tables import SPLIT_JOINT_TEST, SPLIT_TEST
from analysis.methods.tables import (
    COLUMN_STATUS,
    DROPPED_TERM,
    ESTIMATE,
    MODEL_FIT,
    REFERENCE_CHECK,
    SAMPLE_ACCOUNT,
    SAMPLE_MISSING,
)
from analysis.regression.conventions import DEFAULT_CONVENTION, Convention
from analysis.regression.panel import PanelFit, PanelRegressionError, fit_panel
from analysis.regression.significance import significance_stars
from analysis.study.data import (
    EstimationError,
    Mask,
    asked_of_all,
    complete_units,
    meets,
    study_rows,
    values_of,
)
from analysis.study.equations import Equation, PrintedTable, panel_effects, printed_tables
from analysis.study.groups import NO_LEVEL, Groups, group_rows
from analysis.study.spec import TREATMENT, Study
from analysis.tables import by_name

SHOWN_VALUES = 8
"""Values of a split that a message lists, when no level names them."""
TABLES = by_name(
    ESTIMATE,
    MODEL_FIT,
    SAMPLE_ACCOUNT,
    SAMPLE_MISSING,
    DROPPED_TERM,
    COLUMN_STATUS,
    SPLIT_TEST,
    SPLIT_JOINT_TEST,
    REFERENCE_CHECK,
)
"""Tables that `estimate_study` fills."""

ESTIMATED, SKIPPED = "estimated", "skipped"


@dataclass(frozen=True)
class StudyEstimates:
    """Results of a study; every frame is in the order of the study file.

    ``estimate``: one row per table x column x term; ci_low and ci_high bound the 95 % interval,
    stars mark p below 0.01, 0.05 and 0.1. ``model_fit``: one row per table x column; effects and
    controls are joined by "+"; df_resid are the degrees of freedom of t and F; n_dropped_missing
    counts the rows lost to missing values, those of incomplete units included.

    ``sample_account``: how the rows of the panel become the observations, steps that add up: "used" and
    what each step took out. ``sample_missing``: rows without a value, by variable and reason (a row can
    stand under several). ``dropped_term``: controls that were collinear, with the reason.

    ``column_status``: one row per column, "estimated" or "skipped" with the reason: a variable or
    the split without any value in the panel, or a group that can't carry the regression.
    ``split_test``: for each split, term of interest and pair of estimated groups, the difference
    of the coefficients with the error of the fully interacted regression on both groups.
    ``split_joint_test``: for each split and term, the test that it is the same in all groups.
    ``reference_check``: one row per term of a column that linearmodels estimated again; which
    columns these are says `analysis.methods.referee`.
    """

    estimate: pd.DataFrame
    model_fit: pd.DataFrame
    sample_account: pd.DataFrame
    sample_missing: pd.DataFrame
    dropped_term: pd.DataFrame
    column_status: pd.DataFrame
    split_test: pd.DataFrame
    split_joint_test: pd.DataFrame
    reference_check: pd.DataFrame
    spec_hash: str
    data_fingerprint: str


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

    frames: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for position, table in enumerate(printed_tables(study)):
        _estimate_table(
            study, table, rows, steps, frames,
            where=where, convention=convention, referee=Referee(table, position),
        )  # fmt: skip
    return StudyEstimates(
        **{name: table.frame(frames[name]) for name, table in TABLES.items()},
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
    referee: Referee,
) -> None:
    """Run the columns of a table and add their rows to `frames`."""
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
                    key=key, at=at, convention=convention,
                    referee=referee if referee.wants_more() else None,
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
        tests = split_test_rows(study, table.id, split_id, split_groups[split_id], members)
        for name, found in tests.items():
            frames[name] += found


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
            others = ", ".join(groups.others[:SHOWN_VALUES])
            return f"no city in the group {equation.level.value} ({groups.rule})" + (
                f"; values that no group names: {others}" if others else ""
            )
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
    referee: Referee | None,
) -> PanelFit:
    """One column: its rows with an account of the others, its fit, and the rows of the tables.

    `referee` makes it again, if given.
    """
    filtered = meets(rows, equation.sample, at)
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
                frames["sample_missing"].append(
                    {**key, "variable": name, "reason": reason, "n_rows": n}
                )
    if n := int((sampled & without_cluster).sum()):
        frames["sample_missing"].append(
            {**key, "variable": study.cluster, "reason": "missing", "n_rows": n}
        )
    if account["used"] == 0:
        listed = ", ".join(f"{step} {n}" for step, n in account.items() if n)
        raise EstimationError(
            f"{at}: the sample is empty; rows by what took them out: {listed or 'no rows'}."
            " Correct the years, filters or columns of the study"
        )
    frames["sample_account"] += [{**key, "step": step, "n_rows": n} for step, n in account.items()]
    used = offered & ~lost if equation.needs else offered
    arrays = _arrays(study, equation, rows[used], values[used])
    fit = _fit(equation, arrays, at=at, convention=convention)
    if referee is not None:
        frames["reference_check"] += referee.rows(key, fit, arrays)
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


def _arrays(
    study: Study, equation: Equation, rows: pd.DataFrame, values: pd.DataFrame
) -> dict[str, Any]:
    """What a regression is given, by the names of `fit_panel`'s parameters."""
    return {
        "y": values[equation.outcome].to_numpy(),
        "x": values.loc[:, list(equation.terms)].to_numpy(),
        "unit": rows[study.panel.unit].to_numpy(),
        "time": rows[study.panel.time].to_numpy(),
        "effects": panel_effects(equation.effects),
        "cluster": rows[study.cluster].to_numpy(),
        "names": equation.terms,
    }


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


__all__ = [
    "ESTIMATED",
    "SKIPPED",
    "TABLES",
    "StudyEstimates",
    "estimate_study",
]
