"""Rows of the threshold tables: from a search and its tests to tidy rows.

Belongs here: the rows of each table. Does not belong here: their columns (`tables`), the sample, the
calls of the numerics and what they are asked (`run`), storing and showing the tables.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.methods.threshold.numbers import (
    BootstrapTest,
    LinearityTest,
    RegimeSlopes,
    ThresholdResponse,
    ThresholdSearch,
    regime_counts,
    regime_membership,
)
from analysis.regression.significance import significance_stars
from analysis.study.spec import Study, ThresholdDesign

Rows = list[dict[str, Any]]


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


def search_rows(search: ThresholdSearch) -> Rows:
    """`threshold_search`: each threshold of each model with its set."""
    return [
        {
            "n_thresholds": model.n_thresholds,
            "threshold_no": number,
            "estimate": interval.threshold,
            "ci_low": interval.lower,
            "ci_high": interval.upper,
            "is_interval": interval.is_interval,
            "level": interval.level,
            "critical_value": interval.critical,
            "n_candidates": len(interval.grid),
        }
        for model in search.models
        for number, interval in enumerate(model.intervals, start=1)
    ]


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
            term = fit.term[k] if regime < 0 else design.regressor
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
                    "stars": significance_stars(p_value),
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
    "profile",
    "regimes",
    "search_rows",
    "slope_rows",
    "test_rows",
]
