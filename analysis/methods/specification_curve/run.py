"""Running a specification curve: settings in turn, every set of controls of each, and the joint test.

Belongs here: the order, and rows of tables. Does not belong here: the numbers (`numbers`), what is combined
(`equations`).
"""

from typing import Any

import numpy as np
import pandas as pd

from analysis.blas import one_thread
from analysis.methods.base import ESTIMATED, SKIPPED, Job, Made, Row, Skipped
from analysis.methods.linear import fit_block, unavailable
from analysis.methods.specification_curve.equations import (
    Choice,
    block_of,
    choices,
    control_sets,
    equation_of,
)
from analysis.methods.specification_curve.numbers import Curve, Fits, Setting, curve_of
from analysis.regression.panel import PanelRegressionError
from analysis.study.data import EstimationError
from analysis.study.equations import Block, Equation, cluster_of, panel_effects, rule_name
from analysis.study.sample import Sample, empty_reason
from analysis.study.spec import FIRST_YEAR

Sets = list[tuple[str, ...]]


@one_thread
def run(job: Job) -> Made | Skipped:
    """Estimate all specifications; `Skipped` where these data can answer none.

    A setting that can't be had is rows that say why, and the others stand. Raises EstimationError if the
    column itself can't be estimated.
    """
    base = equation_of(job.study, job.design)
    fitted = fit_block(job, Block(job.design.id, job.design.title, (base,)))
    if not fitted.columns:
        return Skipped(fitted.reason, fitted.tables)
    sets = control_sets(job.design, base.controls)
    declared = list(choices(job.study, job.design))
    made: list[Setting | str] = [_setting(job, choice.equation, sets) for choice in declared]
    settings = [each for each in made if isinstance(each, Setting)]
    if not settings:
        reasons = "; ".join(dict.fromkeys(each for each in made if isinstance(each, str)))
        return Skipped(reasons, fitted.tables)
    units = np.unique(np.concatenate([each.units for each in settings]))
    first = [
        _first_years(job, choice.equation, units)
        for choice, each in zip(declared, made, strict=True)
        if isinstance(each, Setting)
    ]
    fits, curve = curve_of(
        settings, first, [pd.Index(units).get_indexer(each.units) for each in settings],
        draws=job.design.draws, seed=job.design.seed,
    )  # fmt: skip
    rows = _rows(job, declared, made, iter(fits), sets)
    for row in fitted.tables["model_fit"]:
        row["seed"] = job.design.seed
    own: dict[str, list[Row]] = {
        "specification": rows,
        "specification_curve": [_curve_row(job, rows, curve)],
    }
    return Made(fitted.tables | own, fitted.columns)


def _setting(job: Job, equation: Equation, sets: Sets) -> Setting | str:
    """The projection of a setting, or why it can't be had."""
    reason = unavailable(job, equation)
    if reason:
        return reason
    try:
        sample = job.sample(equation, block_of(job.study, job.design).names)
        if sample.account["used"] == 0:
            return empty_reason(sample)
        return _projected(job, equation, sample, sets)
    except (PanelRegressionError, EstimationError, ValueError) as error:
        return str(error).removeprefix(f"{job.where}: ")


def _projected(job: Job, equation: Equation, sample: Sample, sets: Sets) -> Setting:
    names = sample.names[1:]
    return Setting(
        sample.y, sample.x[:, 0], sample.x[:, 1:], sample.unit, sample.time, sample.cohort,
        cluster=sample.cluster, effects=panel_effects(equation.effects), names=names,
        sets=np.array([[name in own for name in names] for own in sets], dtype=bool).reshape(len(sets), -1),
        convention=job.convention,
    )  # fmt: skip


def _first_years(job: Job, equation: Equation, units: Any) -> Any:
    """First treated years of units (N,) under the rule of an equation, NaN for never."""
    study, rule = job.study, equation.reading.policy
    policy = study.treatment if rule is None else rule_name(study.treatment, rule)
    years = job.data.value(FIRST_YEAR.format(policy=policy))[0]
    known = pd.Series(
        np.asarray(years, dtype=float), index=job.data.rows[study.panel.unit].to_numpy()
    )
    return known.groupby(level=0, sort=True).first().reindex(units).to_numpy()


def _rows(
    job: Job, declared: list[Choice], made: list[Setting | str], fits: Any, sets: Sets
) -> list[Row]:
    """`specification`, with places by size of the effect."""
    rows: list[Row] = []
    for choice, setting in zip(declared, made, strict=True):
        own: Fits | None = None if isinstance(setting, str) else next(fits)
        for k, controls in enumerate(sets):
            row = {**_about(job, choice, controls), "specification": f"s{len(rows) + 1}"}
            if own is None or isinstance(setting, str):
                rows.append({**row, "status": SKIPPED, "detail": setting})
            elif not np.isfinite(own.p_values[k]):
                rows.append(
                    {**row, "status": SKIPPED, "detail": "no clustered error: clusters don't vary"}
                )
            else:
                rows.append({**row, **_estimated(setting, own, k)})
    told = [row for row in rows if row["status"] == ESTIMATED]
    # Ties but for rounding keep the order of the file.
    for place, row in enumerate(sorted(told, key=lambda row: float(f"{row['effect']:.9g}"))):
        row["position"] = place + 1
    return rows


def _about(job: Job, choice: Choice, controls: tuple[str, ...]) -> Row:
    equation = choice.equation
    return {
        "study": job.study.id,
        "design": job.design.id,
        "outcome": equation.outcome,
        "outcome_label": job.study.outcome_label(equation.outcome),
        "controls": "+".join(controls),
        "effects": equation.effect_words,
        "sample": choice.sample,
        "rule": choice.rule,
        "cluster": cluster_of(job.study, equation),
    }


def _estimated(setting: Setting, fits: Fits, k: int) -> Row:
    from scipy.special import stdtrit

    estimate, error = fits.estimates[k], fits.std_errors[k]
    reach = float(stdtrit(setting.df[k], 0.975)) * error
    return {
        "status": ESTIMATED,
        "detail": f"left out: {setting.dropped[k]}" if setting.dropped[k] else None,
        "n_obs": setting.n_obs,
        "n_clusters": setting.n_clusters,
        "estimate": estimate,
        "std_error": error,
        "p_value": fits.p_values[k],
        "df": int(setting.df[k]),
        "effect": estimate / setting.spread,
        "effect_low": (estimate - reach) / setting.spread,
        "effect_high": (estimate + reach) / setting.spread,
    }


def _curve_row(job: Job, rows: list[Row], curve: Curve) -> Row:
    return {
        "study": job.study.id,
        "design": job.design.id,
        "title": job.design.title,
        "n_specifications": len(rows),
        "n_estimated": sum(row["status"] == ESTIMATED for row in rows),
        "median_effect": curve.median,
        "share_positive": curve.share_positive,
        "share_negative": curve.share_negative,
        "mean_z": curve.z,
        "p_median": curve.p_median,
        "p_share": curve.p_share,
        "p_z": curve.p_z,
        "draws": curve.draws,
        "seed": job.design.seed,
    }


__all__ = ["run"]
