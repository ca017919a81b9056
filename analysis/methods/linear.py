"""Equations estimated by least squares with fixed effects, as columns of the common tables.

Belongs here: the sample of each equation with an account of every row left out, the calls of the
regression, and the rows that come of them; tables of regressions and mediations share it. Does not
belong here: which equations (the rooms), rows and values (`analysis.study`), the regression itself
(`analysis.regression`), making it again (`referee`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.blas import one_thread
from analysis.methods.base import ESTIMATED, Job, Row
from analysis.methods.columns import (
    account_rows,
    column_row,
    estimate_row,
    skipped_fit,
    term_rows,
)
from analysis.methods.support import support_row, warnings_of, without_error
from analysis.regression.conventions import Convention
from analysis.regression.panel import PanelFit, PanelRegressionError, fit_panel
from analysis.study.equations import Block, Equation, cluster_of, panel_effects, rule_name
from analysis.study.groups import NO_LEVEL, Groups, group_rows
from analysis.study.panel import EstimationError
from analysis.study.sample import Sample, empty_reason

SHOWN_VALUES = 8
"""Values of a split that a message lists, when no level names them."""

Tables = dict[str, list[Row]]


@dataclass(frozen=True)
class FittedColumn:
    """A column that could be estimated: its equation, sample, fit, and the arrays that were given.

    ``places`` says of terms that a method made itself, such as dummies of event time, which term of the study
    and which point they are; those of the others are their names. ``asked`` are the terms of the fit that
    further errors are of: its regressors, unless they are said.
    """

    equation: Equation
    sample: Sample
    fit: PanelFit
    arrays: dict[str, Any]
    places: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    own_asked: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """Terms of the fit that further errors are of."""
        return self.own_asked or self.equation.regressors


@dataclass(frozen=True)
class FittedBlock:
    """The columns of a design: rows by table, those that were estimated, groups by split."""

    tables: Tables
    columns: tuple[FittedColumn, ...]
    groups: dict[str, Groups] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Why no column could be estimated."""
        return "; ".join(dict.fromkeys(self.reasons))


@one_thread
def fit_block(job: Job, block: Block, roles: dict[str, str] | None = None) -> FittedBlock:
    """Estimate the equations of a design.

    A column whose variable or split has no value, or whose group can't carry the regression, is
    skipped with the reason. Raises EstimationError, naming study, design and column, if a sample is
    empty or unbalanced where the study requires balance, a regressor of interest doesn't vary or is
    collinear, or the regression can't be done for another reason.
    """
    tables: Tables = {
        name: []
        for name in (
            "estimate", "model_fit", "study_column", "study_term", "sample_account",
            "sample_missing", "sample_mark", "dropped_term",
        )
    }  # fmt: skip
    groups: dict[str, Groups] = {}
    fitted: list[FittedColumn] = []
    reasons: list[str] = []
    for equation in block.equations:
        at = f"{job.where}, column {equation.column_id}"
        own = _groups(job, equation, groups, at)
        reason = unavailable(job, equation, own)
        column = None if reason else _fit_column(job, block, equation, own, at)
        if isinstance(column, str):
            reason = column
        elif column is not None:
            fitted.append(column)
            for name, rows in rows_of(job, column).items():
                tables[name] += rows
        if reason:
            reasons.append(reason)
            tables["model_fit"].append(skipped_fit(job, equation, reason))
        tables["study_column"].append(
            column_row(job, block, equation, own.rule if own is not None else None)
        )
    terms = [term for column in fitted for term in column.fit.names]
    tables["study_term"] = term_rows(job, terms, roles)
    return FittedBlock(tables, tuple(fitted), groups, tuple(reasons))


def _groups(job: Job, equation: Equation, made: dict[str, Groups], at: str) -> Groups | None:
    """The groups of an equation's split, each split's made once."""
    if equation.split_id is None or equation.split is None:
        return None
    if equation.split_id not in made:
        panel = job.study.panel
        try:
            made[equation.split_id] = group_rows(
                equation.split, job.data.rows, panel.unit, panel.time
            )
        except ValueError as error:
            raise EstimationError(f"{at}: {error}") from error
    return made[equation.split_id]


def unavailable(job: Job, equation: Equation, groups: Groups | None = None) -> str:
    """Why an equation can't be asked of these data at all, or ''.

    The study's own outcome is not among the reasons: without it there is no study.
    """
    study, rule = job.study, equation.reading.policy
    if rule is not None and rule_name(study.treatment, rule) not in job.data.rows:
        return (
            f"{study.label_of(study.treatment)} can't be dated with coverage {rule.coverage!r} and timing"
            f" {rule.timing!r}: marts.policy_exposure has no such rule"
        )
    for name in equation.names:
        if name != study.outcome.column and not job.data.has(name):
            columns = ", ".join(study.columns_of(name))
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


def _fit_column(
    job: Job, block: Block, equation: Equation, groups: Groups | None, at: str
) -> FittedColumn | str:
    """A column as estimated, or why it has no error or a group can't carry it, which is a finding."""
    try:
        sample = job.sample(equation, block.names, groups)
        if sample.account["used"] == 0:
            raise EstimationError(f"{at}: {empty_reason(sample)}")
        arrays = arrays_of(equation, sample)
        fit = _fit(equation, arrays, at, job.convention)
        return without_error(fit, equation) or FittedColumn(equation, sample, fit, arrays)
    except EstimationError as error:
        if groups is None:
            raise
        return str(error).removeprefix(f"{at}: ")


def arrays_of(equation: Equation, sample: Sample) -> dict[str, Any]:
    """What a regression is given, by the names of `fit_panel`'s parameters."""
    return {
        "y": sample.y,
        "x": sample.x,
        "unit": sample.unit,
        "time": sample.time,
        "effects": panel_effects(equation.effects),
        "cluster": sample.cluster,
        "names": sample.names,
        **({"time_by": sample.year_by} if sample.year_by is not None else {}),
        **({"trends": True} if equation.city_trends else {}),
    }


def _fit(equation: Equation, arrays: dict[str, Any], at: str, convention: Convention) -> PanelFit:
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


def rows_of(job: Job, column: FittedColumn) -> Tables:
    """Rows of a column that was estimated, by table."""
    equation, fit = column.equation, column.fit
    estimates = [
        coefficient_row(job, equation, fit, k, term)
        for k, term in enumerate(fit.names)
        # A constant that restores a mean of regressors about 0 has no error: it is no estimate.
        if np.isfinite(fit.std_errors[k])
    ]
    return {
        "estimate": estimates,
        "model_fit": [fit_row(job, equation, column.sample, fit)],
        "dropped_term": dropped_rows(job, equation.column_id, fit),
        **account_rows(job, equation.column_id, column.sample),
    }


def coefficient_row(
    job: Job, equation: Equation, fit: PanelFit, k: int, term: str, at_point: object = None
) -> Row:
    """`estimate`: coefficient `k` of a fit, under the study's name of it."""
    return estimate_row(
        job,
        equation.column_id,
        term,
        {
            "estimate": fit.coefficients[k],
            "std_error": fit.std_errors[k],
            "statistic": fit.t_values[k],
            "p_value": fit.p_values[k],
            "ci_low": fit.ci_low[k],
            "ci_high": fit.ci_high[k],
            "df": fit.df_resid,
        },
        published_column=equation.published_column,
        at_point=at_point,
        weaknesses=fit.weaknesses(fit.names[k]),
    )


def fit_row(job: Job, equation: Equation, sample: Sample, fit: PanelFit) -> Row:
    """`model_fit`: what was fitted and how well."""
    return {
        **job.key,
        "column_id": equation.column_id,
        "status": ESTIMATED,
        "detail": warnings_of(fit, equation),
        "outcome": equation.outcome,
        "effects": equation.effect_words,
        "controls": "+".join(equation.controls),
        "n_obs": fit.n_obs,
        "n_units": fit.n_units,
        "n_periods": fit.n_periods,
        "n_clusters": fit.n_clusters,
        "n_empty_clusters": fit.n_empty_clusters,
        "n_singletons": fit.n_singletons,
        **support_row(job, fit),
        "n_never_treated_units": sample.n_never_treated,
        "n_dropped_missing": sample.n_dropped,
        "r2": fit.r2,
        "r2_within": fit.r2_within,
        "r2_adjusted": fit.r2_adjusted,
        "f_statistic": fit.f_statistic,
        "df_resid": fit.df_resid,
        "se_convention": fit.df_convention,
        "cluster": cluster_of(job.study, equation),
        "spec_hash": job.study.spec_hash,
    }


def dropped_rows(job: Job, column_id: str, fit: PanelFit) -> list[Row]:
    """`dropped_term`: terms that were left out, with the reason."""
    return [
        {**job.key, "column_id": column_id, "term": term.name, "reason": term.reason}
        for term in fit.dropped
    ]


__all__ = [
    "FittedBlock",
    "FittedColumn",
    "arrays_of",
    "coefficient_row",
    "dropped_rows",
    "fit_block",
    "fit_row",
    "rows_of",
    "unavailable",
]
