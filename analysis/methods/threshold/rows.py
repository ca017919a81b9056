"""Rows of the threshold tables: from a search and its tests to tidy rows.

Belongs here: the rows of each table. Does not belong here: their columns (`tables`), the sample, the
calls of the numerics and what they are asked (`run`), storing and showing the tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.methods.base import ESTIMATED, Job
from analysis.methods.columns import account_rows, column_row, estimate_row, term_rows
from analysis.methods.threshold.numbers import (
    BootstrapTest,
    LinearityTest,
    RegimeSlopes,
    RobustSet,
    ThresholdPanel,
    ThresholdResponse,
    ThresholdSearch,
    regime_counts,
    regime_membership,
)
from analysis.methods.threshold.spec import ThresholdDesign
from analysis.regression.significance import significance_stars
from analysis.study.clusters import cluster_word
from analysis.study.equations import Block, Equation
from analysis.study.keys import Published
from analysis.study.sample import Sample
from analysis.study.spec import Study

Rows = list[dict[str, Any]]

REFERENCE_THRESHOLDS = 2
"""The model whose slopes and regimes are always given: the double threshold of the paper."""


def common_rows(
    job: Job, equation: Equation, sample: Sample, fits: Sequence[RegimeSlopes]
) -> dict[str, Rows]:
    """The common tables: a column for each number of thresholds, slopes by regime."""
    block = Block(job.design.id, job.design.title, (), _printed(job.design))
    found: dict[str, Rows] = {"estimate": [], "model_fit": [], "study_column": []}
    for fit in fits:
        number = len(fit.thresholds)
        column = replace(equation, column_id=str(number), label=_label(number))
        found["estimate"] += _estimates(job, column, fit)
        found["model_fit"].append(_fit_row(job, column, sample, fit))
        found["study_column"].append(column_row(job, block, column, None))
    first, variable = equation.regressors
    roles = {variable: "threshold"}
    found["study_term"] = term_rows(job, [first, *equation.controls, variable], roles)
    return found | account_rows(job, "0", sample)


def _label(n_thresholds: int) -> str:
    words = {0: "No threshold", 1: "One threshold"}
    return words.get(n_thresholds, f"{n_thresholds} thresholds")


def _printed(design: ThresholdDesign) -> Published | None:
    if design.published is None:
        return None
    return Published(paper_id=design.published.paper_id, table_no=design.published.slopes_table)


def _estimates(job: Job, column: Equation, fit: RegimeSlopes) -> Rows:
    """Slopes with clustered errors; a collinear column has none and is no estimate."""
    rows: Rows = []
    for row in slope_rows(job.study, job.design, [fit]):
        if np.isfinite(row["estimate"]):
            numbers = {
                "estimate": row["estimate"],
                "std_error": row["se_cluster"],
                "statistic": row["t_value"],
                "p_value": row["p_value"],
                "ci_low": row["ci_low"],
                "ci_high": row["ci_high"],
                "df": fit.n_clusters - 1,
            }
            rows.append(
                estimate_row(
                    job,
                    column.column_id,
                    row["term"],
                    numbers,
                    at_point=row.get("regime"),
                    published_column=_published_column(job.design, fit, row.get("regime")),
                    weaknesses=row["weaknesses"],
                )
            )
    return rows


def _published_column(design: ThresholdDesign, fit: RegimeSlopes, regime: int | None) -> int | None:
    """The column of the printed slopes: regimes of the double threshold, in their order."""
    return (
        regime
        if design.published is not None and len(fit.thresholds) == REFERENCE_THRESHOLDS
        else None
    )


def _fit_row(job: Job, column: Equation, sample: Sample, fit: RegimeSlopes) -> dict[str, Any]:
    return {
        **job.key,
        "column_id": column.column_id,
        "status": ESTIMATED,
        "detail": _warnings(job, fit),
        "outcome": column.outcome,
        "effects": "+".join(column.effects),
        "controls": "+".join(column.controls),
        "n_obs": len(sample.y),
        "n_units": len(np.unique(sample.unit)),
        "n_periods": len(np.unique(sample.time)),
        "n_clusters": fit.n_clusters,
        "n_never_treated_units": sample.n_never_treated,
        "n_dropped_missing": sample.n_dropped,
        "df_resid": fit.n_clusters - 1,
        "se_convention": f"{job.design.convention}, clustered by {cluster_word(job.study.cluster)}",
        "cluster": job.study.cluster,
        "seed": job.design.seed,
        "spec_hash": job.study.spec_hash,
    }


def _warnings(job: Job, fit: RegimeSlopes) -> str:
    """What speaks against the errors of a model's slopes, in words."""
    said = []
    for row in slope_rows(job.study, job.design, [fit]):
        if row["weaknesses"] and np.isfinite(row["estimate"]):
            where = f" in regime {row['regime']}" if "regime" in row else ""
            said.append(f"{row['term']}{where} {' and '.join(row['weaknesses'])}: no stars")
    return "; ".join(said)


def dropped_rows(job: Job, panel: ThresholdPanel, n_columns: int) -> Rows:
    """`dropped_term`: controls that no model has, in each of its columns."""
    return [
        {**job.key, "column_id": str(number), "term": term.name, "reason": term.reason}
        for number in range(n_columns)
        for term in panel.dropped
    ]


def test_rows(
    search: ThresholdSearch, tests: Sequence[tuple[BootstrapTest, ...]], n_dropped: int
) -> Rows:
    """`threshold_test`: each step's test under each scheme."""
    return [
        {
            "scheme": test.scheme,
            "resample": test.resample,
            "n_thresholds": test.n_thresholds,
            "f_statistic": test.f_statistic,
            "p_value": test.p_value,
            "critical_10": test.critical_10,
            "critical_5": test.critical_5,
            "critical_1": test.critical_1,
            "draws": test.n_draws,
            "seed": test.seed,
            "ssr_null": model.ssr_null,
            "ssr": model.ssr,
            "n_obs": search.panel.n_obs,
            "n_units": search.panel.n_units,
            "n_dropped": n_dropped,
        }
        for of_scheme in tests
        for test, model in zip(of_scheme, search.models, strict=True)
    ]


def search_rows(
    search: ThresholdSearch, robust: Mapping[int, Sequence[RobustSet]] | None = None
) -> Rows:
    """`threshold_search`: each threshold of each model with its set, and the `robust` ones by number."""
    return [
        {
            "n_thresholds": model.n_thresholds,
            "threshold_no": number,
            "estimate": interval.threshold,
            "ci_low": interval.lower,
            "ci_high": interval.upper,
            "is_interval": interval.is_interval,
            "lower_cut": interval.ends.lower_cut,
            "upper_cut": interval.ends.upper_cut,
            **_robust_ends((robust or {}).get(model.n_thresholds, ()), number - 1),
            "level": interval.level,
            "critical_value": interval.critical,
            "n_candidates": len(interval.grid),
        }
        for model in search.models
        for number, interval in enumerate(model.intervals, start=1)
    ]


def _robust_ends(sets: Sequence[RobustSet], at: int) -> dict[str, Any]:
    if not sets:
        return {}
    ends = sets[at].ends
    return {
        "robust_low": ends.lower,
        "robust_high": ends.upper,
        "robust_is_interval": ends.is_interval,
        "robust_lower_cut": ends.lower_cut,
        "robust_upper_cut": ends.upper_cut,
        "robust_draws": sets[at].n_draws,
    }


def profile(search: ThresholdSearch) -> pd.DataFrame:
    """`threshold_profile`: the likelihood-ratio curve of each threshold of each model."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "n_thresholds": model.n_thresholds,
                    "threshold_no": number,
                    "gamma": interval.grid,
                    "lr": interval.lr,
                }
            )
            for model in search.models
            for number, interval in enumerate(model.intervals, start=1)
        ]
    )


def slope_rows(study: Study, design: ThresholdDesign, fits: Sequence[RegimeSlopes]) -> Rows:
    """`threshold_slope`: each coefficient of each model, with three kinds of errors."""
    from scipy.stats import t as t_distribution

    rows: Rows = []
    for fit in fits:
        degrees = fit.n_clusters - 1
        reach = float(t_distribution.ppf(0.975, degrees))
        edges = [None, *fit.thresholds, None]
        for k, regime in enumerate(int(r) for r in fit.regime):
            value, error = fit.coefficient[k], fit.se_cluster[k]
            t = value / error
            p_value = 2 * t_distribution.sf(abs(t), degrees)
            term = fit.term[k] if regime < 0 else design.regressor or study.treatment
            support = fit.support[k]
            weaknesses = support.weaknesses if support is not None else ()
            rows.append(
                {
                    "n_thresholds": len(fit.thresholds),
                    "term": term,
                    "term_label": study.label_of(term),
                    "estimate": value,
                    "se_conventional": fit.se_conventional[k],
                    "se_robust": fit.se_robust[k],
                    "se_cluster": error,
                    "t_value": t,
                    "p_value": p_value,
                    "ci_low": value - reach * error,
                    "ci_high": value + reach * error,
                    "stars": significance_stars(p_value, weaknesses),
                    "effective_clusters": support.effective_clusters if support else None,
                    "weaknesses": weaknesses,
                }
            )
            if regime >= 0:
                rows[-1] |= {
                    "regime": regime + 1,
                    "lower_bound": edges[regime],
                    "upper_bound": edges[regime + 1],
                    "n_obs": fit.n_obs[regime],
                    "n_active": fit.n_active[regime],
                    "n_units": fit.n_units[regime],
                    "n_active_units": support.n_active_units if support else 0,
                    "n_active_clusters": support.n_active_clusters if support else 0,
                }
    return rows


def diagnostic_rows(response: ThresholdResponse, test: LinearityTest) -> Rows:
    """`threshold_diagnostic`: does treatment move the variable, is there any change of slope."""
    rows: Rows = [
        {"diagnostic": "response", "item": item, "statistic": b, "std_error": se, "p_value": p}
        for item, b, se, p in zip(
            response.outcome, response.effect, response.se_cluster, response.p_value, strict=True
        )
    ]
    for item, statistic, p_value in (
        ("F", test.lm_f, test.lm_f_p),
        ("chi-squared, clustered", test.lm_cluster, test.lm_cluster_p),
    ):
        rows.append(
            {
                "diagnostic": "linearity",
                "item": item,
                "statistic": statistic,
                "p_value": p_value,
            }
        )
    return rows


def regimes(
    unit: npt.NDArray[Any],
    time: npt.NDArray[np.int64],
    q: npt.NDArray[np.float64],
    active: npt.NDArray[np.bool_],
    search: ThresholdSearch,
    n_thresholds: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`city_regime` and `regime_count` of a model; arrays (n,) are by unit and time.

    `active` marks the rows where the regressor isn't 0.
    """
    member = regime_membership(
        unit,
        time,
        q,
        search.models[n_thresholds - 1].thresholds,
        lower_regime=search.panel.lower_regime,
    )
    # Both are in the order of unit and time, and no row lacks q.
    counts = regime_counts(member, active)
    city = member.rename(columns={"unit": "city_code", "time": "year", "q": "threshold_value"})
    counts = counts.rename(columns={"time": "year"})
    for frame in (city, counts):
        frame["regime"] += 1
        frame["n_thresholds"] = n_thresholds
    city["previous_regime"] += 1
    return city, counts


__all__ = [
    "Rows",
    "diagnostic_rows",
    "dropped_rows",
    "profile",
    "regimes",
    "search_rows",
    "slope_rows",
    "test_rows",
]
