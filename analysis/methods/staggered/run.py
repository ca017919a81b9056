"""Running a staggered design: each estimator on one sample, as rows of tables.

Belongs here: from estimators to rows, and what is said where one can't answer. Does not belong here: the
estimators (`estimators`, `numbers`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.blas import one_thread
from analysis.methods.base import ESTIMATED, SKIPPED, Job, Made, Row, Skipped
from analysis.methods.cohorts import check_cohort
from analysis.methods.columns import account_rows, column_row, estimate_row, skipped_fit, term_rows
from analysis.methods.linear import unavailable
from analysis.methods.staggered.equations import block_of, equation_of
from analysis.methods.staggered.estimators import ESTIMATORS, Asked, asked_of, rows_of
from analysis.methods.staggered.numbers.bacon import decompose
from analysis.methods.staggered.numbers.effects import (
    StaggeredEffects,
    Wide,
    errors_of,
    widened,
)
from analysis.methods.staggered.numbers.group_time import (
    by_cohort,
    by_year,
    cells_of,
    no_effect_before,
)
from analysis.methods.staggered.numbers.multiplier import multiplier_bootstrap
from analysis.methods.staggered.registry import LABELS
from analysis.methods.staggered.spec import Staggered
from analysis.regression.panel import PanelRegressionError
from analysis.regression.rank import FloatArray
from analysis.regression.significance import significance_stars
from analysis.regression.simultaneous import joint_test, sup_t
from analysis.regression.support import LEAST_TREATED_CLUSTERS
from analysis.study.data import EstimationError
from analysis.study.equations import Equation, cluster_of
from analysis.study.sample import Sample, empty_reason

LEVEL = 0.95
BASE = -1
"""Event time that effects are measured against."""


@dataclass(frozen=True)
class Evidence:
    """What the referee makes the two-way effect again from."""

    sample: Sample
    found: dict[str, StaggeredEffects]


@one_thread
def run(job: Job) -> Made | Skipped:
    """Estimate a design; `Skipped` where these data can't answer it.

    An estimator that can't be had is a row that says why, and the others stand. Raises EstimationError for a
    sample without rows.
    """
    study, design = job.study, job.design
    block, equation = block_of(study, design), equation_of(study, design)
    described = {"study_column": [column_row(job, block, each, None) for each in block.equations]}
    reason = unavailable(job, equation)
    if reason:
        return Skipped(reason, described | _skipped(job, block.equations, reason))
    sample = job.sample(equation)
    if sample.account["used"] == 0:
        raise EstimationError(f"{job.where}: {empty_reason(sample)}")
    try:
        check_cohort(job, sample)
    except EstimationError as error:
        return Skipped(str(error), described | _skipped(job, block.equations, str(error)))
    try:
        asked = asked_of(sample, design, job.convention)
    except PanelRegressionError as error:
        return Skipped(str(error), described | _skipped(job, block.equations, str(error)))
    tables: dict[str, list[Row]] = {
        "estimate": [], "model_fit": [], "staggered_effect": [], "staggered_time": [],
        "sample_account": [], "sample_missing": [], "sample_mark": [],
    }  # fmt: skip
    found: dict[str, StaggeredEffects] = {}
    for position, own in enumerate(block.equations):
        _one(job, own, position, asked, sample, tables, found)
    if not found:
        reason = "; ".join(dict.fromkeys(row["detail"] for row in tables["staggered_effect"]))
        return Skipped(reason, described | tables)
    return Made(
        described
        | tables
        | {
            "study_term": term_rows(job, (study.treatment,)),
            "staggered_cohort": _averages(job, by_cohort(asked.wide, cells_of(asked)), "cohort")
            if "group_time" in found
            else [],
            "staggered_year": _averages(job, by_year(asked.wide, cells_of(asked)), "year")
            if "group_time" in found
            else [],
            "two_way_comparison": _comparisons(job, sample),
        },
        Evidence(sample, found),
    )


def _skipped(job: Job, equations: tuple[Equation, ...], reason: str) -> dict[str, list[Row]]:
    return {
        "model_fit": [skipped_fit(job, each, reason) for each in equations],
        "staggered_effect": [
            {**_about(job, each.column_id, position), "status": SKIPPED, "detail": reason}
            for position, each in enumerate(equations)
        ],
    }


def _one(
    job: Job,
    equation: Equation,
    position: int,
    asked: Asked,
    sample: Sample,
    tables: dict[str, list[Row]],
    found: dict[str, StaggeredEffects],
) -> None:
    """Rows of one estimator."""
    key = equation.column_id
    about = _about(job, key, position)
    try:
        if asked.design.anticipation and not ESTIMATORS[key].anticipates:
            raise PanelRegressionError(
                f"the design allows for {asked.design.anticipation} years of anticipation, which this"
                " estimator doesn't leave out"
            )
        effects = ESTIMATORS[key].run(asked)
    except PanelRegressionError as error:
        tables["model_fit"].append(skipped_fit(job, equation, str(error)))
        tables["staggered_effect"].append({**about, "status": SKIPPED, "detail": str(error)})
        return
    found[key] = effects
    band, band_is = _band(effects, job.design)
    weak = _weaknesses(asked.wide, effects)
    overall = _numbers(effects.overall, effects.overall_error, effects.df)
    said = [
        *(f"left out: {each}" for each in effects.left_out),
        *(f"{each}: no stars" for each in weak),
    ]
    tables["staggered_effect"].append(
        {
            **about,
            "status": ESTIMATED,
            "detail": "; ".join(said),
            **_starred(overall, weak),
            "n_obs": effects.n_obs,
            "n_treated": effects.n_treated,
            "n_cohorts": effects.n_cohorts,
            **_leads(asked, key, effects),
            "critical": band,
            "band": band_is,
            "seed": job.design.seed,
        }
    )
    tables["staggered_time"] += _times(job, key, effects, band, weak)
    tables["model_fit"].append(_fit_row(job, equation, sample, effects, "; ".join(said)))
    for name, rows in account_rows(job, key, sample).items():
        tables[name] += rows
    points = [(None, overall), *zip(effects.times, _by_time(effects), strict=True)]
    tables["estimate"] += [
        estimate_row(
            job, key, job.study.treatment, {**numbers, "df": _df(effects.df)},
            at_point=point, weaknesses=weak,
        )
        for point, numbers in points
        if point is None or _inside(point, job.design)
    ]  # fmt: skip


def _about(job: Job, key: str, position: int) -> Row:
    estimator, design = ESTIMATORS[key], job.design
    return {
        "study": job.study.id,
        "design": design.id,
        "column_id": key,
        "position": position,
        "label": LABELS[key],
        "title": design.title,
        "averages": estimator.averages,
        "assumes": estimator.assumes,
        "convention": estimator.convention or str(job.convention),
    }


def _inside(k: Any, design: Staggered) -> bool:
    return bool(design.window[0] <= int(k) <= design.window[1])


def _weaknesses(wide: Wide, effects: StaggeredEffects) -> tuple[str, ...]:
    """Why errors aren't to be believed: too few treated clusters, as for a column of regressions."""
    clusters = len(np.unique(wide.cluster[np.isfinite(wide.cohort)]))
    n = min(clusters, effects.n_treated)
    if n >= LEAST_TREATED_CLUSTERS:
        return ()
    return (f"rests on {n} treated clusters, fewer than {LEAST_TREATED_CLUSTERS}",)


def _numbers(estimate: float, error: float, df: float) -> Row:
    """Estimate to interval, of t on `df` degrees of freedom or, where infinite, normal."""
    from scipy import stats

    law = stats.norm() if np.isinf(df) else stats.t(df)
    reach = float(law.ppf(0.5 + LEVEL / 2))
    return {
        "estimate": estimate,
        "std_error": error,
        "statistic": estimate / error,
        "p_value": float(2 * law.sf(abs(estimate / error))),
        "ci_low": estimate - reach * error,
        "ci_high": estimate + reach * error,
    }


def _starred(numbers: Row, weaknesses: tuple[str, ...]) -> Row:
    return {**numbers, "stars": significance_stars(numbers["p_value"], weaknesses)}


def _by_time(effects: StaggeredEffects) -> list[Row]:
    return [
        _numbers(float(b), float(error), effects.df)
        for b, error in zip(effects.estimates, effects.std_errors, strict=True)
    ]


def _df(df: float) -> int | None:
    return None if np.isinf(df) else int(df)


def _shown(effects: StaggeredEffects, design: Staggered) -> Any:
    """Positions of the event times that are shown and have an error."""
    inside = np.array([_inside(k, design) for k in effects.times])
    return np.flatnonzero(inside & np.isfinite(effects.std_errors))


def _band(effects: StaggeredEffects, design: Staggered) -> tuple[float, str]:
    """Errors that the band of all event times reaches, and what that number is of; NaN without event times."""
    from scipy import stats

    shown = _shown(effects, design)
    if not len(shown):
        return np.nan, ""
    if np.isinf(effects.df):
        found = multiplier_bootstrap(
            effects.influence[:, shown], effects.scale, draws=design.draws, level=LEVEL,
            seed=design.seed, multiplier=design.multiplier, least=float(stats.norm.ppf(0.5 + LEVEL / 2)),
        )  # fmt: skip
        return found.critical, f"multiplier bootstrap, {found.draws} draws, {design.multiplier}"
    covariance = effects.covariance[np.ix_(shown, shown)]
    return sup_t(covariance, effects.df, level=LEVEL, seed=design.seed).critical, "simulated t"


def _times(
    job: Job, key: str, effects: StaggeredEffects, critical: float, weak: tuple[str, ...]
) -> list[Row]:
    design: Staggered = job.design
    own = {"study": job.study.id, "design": design.id, "column_id": key}
    rows: list[Row] = []
    for j in _shown(effects, design):
        numbers = _numbers(float(effects.estimates[j]), float(effects.std_errors[j]), effects.df)
        reach = critical * numbers["std_error"]
        rows.append(
            {
                **own,
                "event_time": int(effects.times[j]),
                "is_base": False,
                "n_units": int(effects.n_units[j]),
                **_starred(numbers, weak),
                "band_low": numbers["estimate"] - reach,
                "band_high": numbers["estimate"] + reach,
            }
        )
    base = BASE - design.anticipation
    if ESTIMATORS[key].leads and base not in effects.times:
        rows.append({**own, "event_time": base, "is_base": True, "n_units": effects.n_treated})
    return sorted(rows, key=lambda row: row["event_time"])


def _leads(asked: Asked, key: str, effects: StaggeredEffects) -> Row:
    """The estimator's own test of years before the policy; none of those that tell no such effects."""
    if key == "group_time":
        statistic, df, p = no_effect_before(cells_of(asked, "varying"), asked.design.anticipation)
        return {"leads_statistic": statistic, "leads_df": df, "leads_p": p}
    shown = _shown(effects, asked.design)
    before = shown[effects.times[shown] < BASE - asked.design.anticipation]
    if not len(before):
        return {}
    clusters = len(effects.influence) - 1
    df = clusters if np.isinf(effects.df) else int(effects.df)
    test = joint_test(effects.estimates[before], effects.covariance[np.ix_(before, before)], df)
    return {
        "leads_statistic": test.f_statistic,
        "leads_df": test.df_test,
        "leads_p": test.p_value,
    }


def _fit_row(
    job: Job, equation: Equation, sample: Sample, effects: StaggeredEffects, detail: str
) -> Row:
    return {
        **job.key,
        "column_id": equation.column_id,
        "status": ESTIMATED,
        "detail": detail,
        "outcome": equation.outcome,
        "effects": "+".join(equation.effects),
        "controls": "+".join(equation.controls),
        "n_obs": effects.n_obs,
        "n_units": len(np.unique(sample.unit)),
        "n_periods": len(np.unique(sample.time)),
        "n_clusters": effects.n_clusters,
        "n_treated_units": effects.n_treated,
        "n_dropped_missing": sample.n_dropped,
        "df_resid": _df(effects.df),
        "se_convention": ESTIMATORS[equation.column_id].convention or str(job.convention),
        "cluster": cluster_of(job.study, equation),
        "seed": job.design.seed,
        "spec_hash": job.study.spec_hash,
    }


def _averages(job: Job, found: StaggeredEffects, of: str) -> list[Row]:
    """Rows of the group-time effects averaged by cohort or by calendar year."""
    errors: FloatArray = errors_of(found.influence[:, :-1], found.scale)
    own = {"study": job.study.id, "design": job.design.id}
    rows = []
    for j, at in enumerate(found.times):
        numbers = _numbers(float(found.estimates[j]), float(errors[j]), found.df)
        few = int(found.n_units[j]) < LEAST_TREATED_CLUSTERS
        weak = ("few",) if few else ()
        rows.append(
            {
                **own,
                of: int(at),
                "n_units": int(found.n_units[j]),
                **_starred(numbers, weak),
            }
        )
    return rows


def _comparisons(job: Job, sample: Sample) -> list[Row]:
    """The two-way coefficient without controls taken apart, on the cities that have every year."""
    rows = rows_of(sample)
    units, count = np.unique(rows.unit, return_counts=True)
    keep = np.isin(rows.unit, units[count == len(np.unique(rows.time))])
    if not keep.any():
        return []
    try:
        wide = widened(rows.where(keep, controls=False))
        parts = decompose(wide)
    except PanelRegressionError:
        return []
    facts = {
        "study": job.study.id,
        "design": job.design.id,
        "n_units": len(wide.units),
        "n_left_out": len(units) - len(wide.units),
    }
    return [
        {
            **facts,
            "cohort": int(part.treated),
            "compared_with": "never" if np.isinf(part.control) else str(int(part.control)),
            "kind": part.kind,
            "estimate": part.estimate,
            "weight": part.weight,
        }
        for part in parts
    ]


__all__ = ["Evidence", "run"]
