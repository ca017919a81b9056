"""Running a sensitivity analysis: event studies on one sample, and what bounds on violations make of each.

Belongs here: from the design and its sample to rows of tables. Does not belong here: the estimators
(`analysis.methods.staggered`), intervals and power (`analysis`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.blas import one_thread
from analysis.methods.base import ESTIMATED, SKIPPED, Job, Made, Row, Skipped
from analysis.methods.columns import account_rows, column_row, estimate_row, skipped_fit, term_rows
from analysis.methods.linear import unavailable
from analysis.methods.sensitivity.analysis import EFFECTS, Analysis, Used, analyse, used_of
from analysis.methods.sensitivity.equations import as_staggered, block_of, equation_of
from analysis.methods.sensitivity.numbers.moments import SensitivityError
from analysis.methods.staggered.estimators import ESTIMATORS, Asked, asked_of
from analysis.methods.staggered.numbers.effects import StaggeredEffects
from analysis.regression.panel import PanelRegressionError
from analysis.regression.support import LEAST_TREATED_CLUSTERS
from analysis.study.data import EstimationError
from analysis.study.equations import Equation, cluster_of
from analysis.study.sample import Sample, empty_reason

Tables = dict[str, list[Row]]
OWN = ("sensitivity_effect", "sensitivity_interval", "pretest_power")


@dataclass(frozen=True)
class Evidence:
    """What the referee makes the two-way event study again from: the sample, effects by estimator, those used."""

    sample: Sample
    found: dict[str, StaggeredEffects]
    used: dict[str, Used]


@one_thread
def run(job: Job) -> Made | Skipped:
    """Analyse a design; `Skipped` where no event study can answer it.

    One that can't be had is a row that says why, and the others stand. Raises EstimationError for a sample without
    rows.
    """
    study, design = job.study, job.design
    block, equation = block_of(study, design), equation_of(study, design)
    described = {"study_column": [column_row(job, block, each, None) for each in block.equations]}
    reason = unavailable(job, equation)
    if reason:
        return Skipped(reason, described | _all_skipped(job, block.equations, reason))
    sample = job.sample(equation)
    if sample.account["used"] == 0:
        raise EstimationError(f"{job.where}: {empty_reason(sample)}")
    try:
        asked = asked_of(sample, as_staggered(design), job.convention)
    except PanelRegressionError as error:
        return Skipped(str(error), described | _all_skipped(job, block.equations, str(error)))
    tables: Tables = {
        name: []
        for name in (
            *OWN,
            "estimate",
            "model_fit",
            "sample_account",
            "sample_missing",
            "sample_mark",
        )
    }
    evidence = Evidence(sample, {}, {})
    for position, own in enumerate(block.equations):
        _one(job, own, position, asked, tables, evidence)
    if not evidence.used:
        reason = "; ".join(dict.fromkeys(row["detail"] for row in tables["sensitivity_effect"]))
        return Skipped(reason, described | tables)
    return Made(described | tables | {"study_term": term_rows(job, (study.treatment,))}, evidence)


def _all_skipped(job: Job, equations: tuple[Equation, ...], reason: str) -> Tables:
    return {
        "model_fit": [skipped_fit(job, each, reason) for each in equations],
        "sensitivity_effect": [
            row for j, each in enumerate(equations) for row in _skipped(job, each, j, reason)
        ],
    }


def _skipped(job: Job, equation: Equation, position: int, reason: str) -> list[Row]:
    return [
        {**_about(job, equation, position, effect), "status": SKIPPED, "detail": reason}
        for effect in EFFECTS
    ]


def _one(
    job: Job,
    equation: Equation,
    position: int,
    asked: Asked,
    tables: Tables,
    evidence: Evidence,
) -> None:
    """Rows of one event study."""
    key, design = equation.column_id, job.design
    try:
        found = ESTIMATORS[key].run(asked)
        used = used_of(found, design.window)
        analyses = {
            effect: analyse(used, effect, design.relative, design.smoothness) for effect in EFFECTS
        }
    except (PanelRegressionError, SensitivityError) as error:
        tables["model_fit"].append(skipped_fit(job, equation, str(error)))
        tables["sensitivity_effect"] += _skipped(job, equation, position, str(error))
        return
    evidence.found[key], evidence.used[key] = found, used
    weak = _weaknesses(found)
    said = "; ".join(
        [
            *(f"left out: {each}" for each in found.left_out),
            *([used.said] if used.said else []),
            *weak,
        ]
    )
    for effect, each in analyses.items():
        about = _about(job, equation, position, effect)
        tables["sensitivity_effect"].append({**about, "detail": said, **_effect(used, each)})
        own = {name: about[name] for name in ("study", "design", "column_id", "effect")}
        tables["sensitivity_interval"] += _intervals(own, each)
        tables["pretest_power"] += _powers(own, each)
    tables["estimate"] += [
        estimate_row(
            job, key, job.study.treatment, _numbers(float(b), float(error), found.df),
            at_point=k, weaknesses=weak,
        )
        for k, b, error in zip(
            used.times, used.effects.estimates, np.sqrt(np.diag(used.effects.covariance)), strict=True
        )
    ]  # fmt: skip
    tables["model_fit"].append(_fit_row(job, equation, evidence.sample, found, said))
    for name, rows in account_rows(job, key, evidence.sample).items():
        tables[name] += rows


def _about(job: Job, equation: Equation, position: int, effect: str) -> Row:
    return {
        "study": job.study.id,
        "design": job.design.id,
        "column_id": equation.column_id,
        "effect": effect,
        "position": position,
        "label": equation.label,
        "title": job.design.title,
        "convention": ESTIMATORS[equation.column_id].convention or str(job.convention),
    }


def _effect(used: Used, found: Analysis) -> Row:
    return {
        "status": ESTIMATED,
        "estimate": found.estimate,
        "std_error": found.std_error,
        "ci_low": found.low,
        "ci_high": found.high,
        "first_time": used.times[0],
        "last_time": used.times[-1],
        "largest_step": used.largest_step,
        "largest_kink": used.largest_kink,
        "breakdown_relative": _finite(found.breakdown_relative),
        "breakdown_smoothness": _finite(found.breakdown_smoothness),
    }


def _weaknesses(found: StaggeredEffects) -> tuple[str, ...]:
    """Why errors aren't to be believed: too few treated clusters, as for a column of regressions."""
    if found.n_treated >= LEAST_TREATED_CLUSTERS:
        return ()
    return (
        f"rests on {found.n_treated} treated cities, fewer than {LEAST_TREATED_CLUSTERS} clusters: normal"
        " intervals are too short",
    )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _intervals(own: Row, found: Analysis) -> list[Row]:
    return [
        {
            **own,
            "restriction": each.restriction,
            "interval": each.kind,
            "step": each.step,
            "bound": each.bound,
            "ci_low": each.interval.low,
            "ci_high": each.interval.high,
        }
        for each in found.bounds
    ]


def _powers(own: Row, found: Analysis) -> list[Row]:
    return [
        {
            **own,
            "power": round(100 * each.power),
            "slope": each.slope,
            "bias": each.bias,
            "bias_passed": each.bias_passed,
            "passes_more": each.passes_more,
            "likelihood_ratio": each.likelihood_ratio,
        }
        for each in found.power
    ]


def _numbers(estimate: float, error: float, df: float) -> dict[str, Any]:
    """Columns of `estimate`, of t on `df` degrees of freedom or, where infinite, normal."""
    from scipy import stats

    law = stats.norm() if np.isinf(df) else stats.t(df)
    reach = float(law.ppf(0.975)) * error
    return {
        "estimate": estimate,
        "std_error": error,
        "statistic": estimate / error,
        "p_value": float(2 * law.sf(abs(estimate / error))),
        "ci_low": estimate - reach,
        "ci_high": estimate + reach,
        "df": None if np.isinf(df) else int(df),
    }


def _fit_row(
    job: Job, equation: Equation, sample: Sample, found: StaggeredEffects, said: str
) -> Row:
    return {
        **job.key,
        "column_id": equation.column_id,
        "status": ESTIMATED,
        "detail": said,
        "outcome": equation.outcome,
        "effects": equation.effect_words,
        "controls": "+".join(equation.controls),
        "n_obs": found.n_obs,
        "n_units": len(np.unique(sample.unit)),
        "n_periods": len(np.unique(sample.time)),
        "n_clusters": found.n_clusters,
        "n_treated_units": found.n_treated,
        "n_dropped_missing": sample.n_dropped,
        "df_resid": None if np.isinf(found.df) else int(found.df),
        "se_convention": ESTIMATORS[equation.column_id].convention or str(job.convention),
        "cluster": cluster_of(job.study, equation),
        "spec_hash": job.study.spec_hash,
    }


__all__ = ["Evidence", "run"]
