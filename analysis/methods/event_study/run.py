"""Running an event study: leads and lags, tests and bands, as rows of tables.

Belongs here: from the design and its sample to rows. Does not belong here: the regression and its bands
(`numbers`).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.methods.base import Job, Made, Row, Skipped
from analysis.methods.columns import account_rows, column_row, skipped_fit, term_rows
from analysis.methods.errors import error_rows
from analysis.methods.event_study.equations import TWO_WAY, block_of, equation_of
from analysis.methods.event_study.numbers import (
    Average,
    EventTimes,
    event_name,
    fit_event_study,
)
from analysis.methods.event_study.numbers import EventStudy as Found
from analysis.methods.event_study.spec import EventStudy
from analysis.methods.linear import (
    FittedColumn,
    coefficient_row,
    dropped_rows,
    fit_row,
    unavailable,
)
from analysis.regression.panel import PanelRegressionError
from analysis.regression.significance import significance_stars
from analysis.study.data import EstimationError
from analysis.study.equations import Equation, panel_effects
from analysis.study.sample import Sample, empty_reason

Tables = dict[str, list[Row]]


@dataclass(frozen=True)
class Evidence:
    """What the referee makes the regression again from."""

    found: Found
    sample: Sample


def run(job: Job) -> Made | Skipped:
    """Estimate an event study; `Skipped` where these data can't answer it.

    Raises EstimationError for a sample without rows.
    """
    study, design = job.study, job.design
    equation = equation_of(study, design)
    described: Tables = {"study_column": [column_row(job, block_of(study, design), equation, None)]}
    reason = unavailable(job, equation)
    if reason:
        return Skipped(reason, described | {"model_fit": [skipped_fit(job, equation, reason)]})
    sample = job.sample(equation)
    if sample.account["used"] == 0:
        raise EstimationError(f"{job.where}: {empty_reason(sample)}")
    try:
        found = fit_event_study(
            sample.y, sample.x[:, 1:], sample.unit, sample.time, sample.cohort,
            window=design.window, base=design.base, ends=design.ends,
            effects=panel_effects(equation.effects), cluster=sample.cluster,
            names=sample.names[1:], seed=design.seed, convention=job.convention,
        )  # fmt: skip
    except PanelRegressionError as error:
        reason = str(error)
        return Skipped(reason, described | {"model_fit": [skipped_fit(job, equation, reason)]})
    account = sample.account | {
        "outside_window": found.n_left_out,
        "used": sample.account["used"] - found.n_left_out,
    }
    fit = {**fit_row(job, equation, sample, found.fit), "seed": design.seed}
    terms = (study.treatment, *sample.names[1:], found.fit.names[-1])
    return Made(
        described
        | account_rows(job, TWO_WAY, replace(sample, account=account))
        | {
            "model_fit": [fit],
            "estimate": _estimates(job, equation, found),
            "study_term": term_rows(job, terms),
            "dropped_term": dropped_rows(job, TWO_WAY, found.fit),
            "event_study": [_whole(job, found)],
            "event_time": list(_times(job, found.times, design)),
            "estimate_error": _errors(job, equation, sample, found),
        },
        Evidence(found, sample),
    )


def _estimates(job: Job, equation: Equation, found: Found) -> list[Row]:
    """Coefficients by event time, then those of the controls."""
    fit = found.fit
    points = {event_name(int(k)): int(k) for k in found.times.times}
    return [
        coefficient_row(
            job, equation, fit, j, job.study.treatment if name in points else name, points.get(name)
        )
        for j, name in enumerate(fit.names)
    ]


def _errors(job: Job, equation: Equation, sample: Sample, found: Found) -> list[Row]:
    """Further errors of each event time."""
    design: EventStudy = job.design
    names = {event_name(int(k)): (job.study.treatment, str(int(k))) for k in found.times.times}
    places = {name: at for name, at in names.items() if name in found.fit.names}
    column = FittedColumn(
        equation, replace(sample, rows=sample.rows[found.order]), found.fit, found.arrays,
        places=places, own_asked=tuple(places),
    )  # fmt: skip
    return error_rows(job, [column], {TWO_WAY: design.errors or ()})


def _key(job: Job) -> Row:
    return {"study": job.study.id, "design": job.design.id, "column_id": TWO_WAY}


def _whole(job: Job, found: Found) -> Row:
    design: EventStudy = job.design
    before, after = (_average(name, each) for name, each in
                     (("before", found.before), ("after", found.after)))  # fmt: skip
    binned = found.n_binned if design.ends == "bin" else (0, 0)
    return {
        **_key(job),
        "title": design.title,
        "treatment": job.study.treatment,
        "first_time": design.window[0],
        "last_time": design.window[1],
        "base": "+".join(map(str, design.base)),
        "ends": design.ends,
        "n_before_window": binned[0],
        "n_after_window": binned[1],
        "n_left_out": found.n_left_out,
        "n_never": found.n_never,
        "leads_f": found.leads.f_statistic,
        "leads_df": found.leads.df_test,
        "leads_p": found.leads.p_value,
        "lags_f": found.lags.f_statistic,
        "lags_df": found.lags.df_test,
        "lags_p": found.lags.p_value,
        **before,
        **after,
        "critical": found.band.critical,
        "critical_error": found.band.error,
        "critical_pointwise": found.band.pointwise,
        "df_resid": found.fit.df_resid,
        "seed": design.seed,
    }


def _average(name: str, average: Average | None) -> Row:
    if average is None:
        return {}
    return {
        name: average.estimate,
        f"{name}_std_error": average.std_error,
        f"{name}_p": average.p_value,
    }


def _times(job: Job, times: EventTimes, design: EventStudy) -> list[Row]:
    ends = design.window if design.ends == "bin" else ()
    rows: list[Row] = []
    for j, k in enumerate(times.times):
        numbers: dict[str, Any] = {
            "estimate": times.estimates[j],
            "std_error": times.std_errors[j],
            "statistic": times.t_values[j],
            "p_value": times.p_values[j],
            "stars": significance_stars(times.p_values[j]),
            "ci_low": times.low[j],
            "ci_high": times.high[j],
            "band_low": times.band_low[j],
            "band_high": times.band_high[j],
        }
        told = not times.is_base[j] and np.isfinite(times.estimates[j])
        rows.append(
            {
                **_key(job),
                "event_time": int(k),
                "is_base": bool(times.is_base[j]),
                "is_binned": int(k) in ends,
                "n_units": int(times.n_units[j]),
                "n_rows": int(times.n_rows[j]),
                **(numbers if told else {}),
            }
        )
    return rows


__all__ = ["Evidence", "run"]
