"""Tables of a study's threshold models: from a search and its tests to tidy rows.

Belongs here: the columns of the tables with type and meaning, and the rows of each. Does not belong
here: the sample, the calls of the numerics and what they are asked (`threshold_study`), storing and
showing the tables.
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

_STUDY = ("string", "Study (file in analysis/studies)")
_MODEL = ("string", "Threshold model of the study")
_COUNT = ("Int64", "Thresholds of the model; 0 is the linear one")

TABLES: dict[str, dict[str, tuple[str, str]]] = {
    "threshold_model": {
        "study": _STUDY,
        "model_id": _MODEL,
        "title": ("string", "Title of the model"),
        "status": ("string", "estimated, or not estimated"),
        "detail": ("string", "Why it was not estimated"),
        "outcome": ("string", "Outcome column of marts.city_year"),
        "threshold_variable": ("string", "Variable that cuts the regimes"),
        "regressor": ("string", "Regressor whose slope depends on the regime"),
        "controls": ("string", "Controls with one slope for all regimes, joined by +"),
        "effects": ("string", "Fixed effects, joined by +"),
        "convention": (
            "string",
            "hansen: each city's last year is dropped, F scales with n(T-1); xthreg: all years,"
            " (N-1)T",
        ),
        "lower_regime": ("string", "Which rows are below a threshold: <= or <"),
        "grid": ("string", "Rule, points and trimming of the candidates"),
        "n_obs": ("Int64", "City-years"),
        "n_units": ("Int64", "Cities"),
        "n_periods": ("Int64", "Years"),
        "n_dropped_missing": ("Int64", "City-years without a value of what the model uses"),
        "n_dropped_incomplete": (
            "Int64",
            "City-years with all values, of cities that lack them in another year",
        ),
        "n_units_incomplete": ("Int64", "Cities that these are of"),
        "ssr_linear": ("Float64", "Sum of squared residuals without a threshold"),
        "n_supported": (
            "Int64",
            "Thresholds that the tests support one after another at 5 % under every scheme",
        ),
        "responds": (
            "boolean",
            "Whether the threshold variable, or being above a threshold, responds to treatment"
            " (5 %, Bonferroni)",
        ),
        "warning": ("string", "What that means; null where it doesn't respond"),
        "spec_hash": ("string", "SHA-256 of the validated study"),
    },
    "threshold_test": {
        "study": _STUDY,
        "model_id": _MODEL,
        "scheme": (
            "string",
            "hansen: the smaller model's thresholds are known in each draw; xthreg: searched again",
        ),
        "resample": (
            "string",
            "unit: residuals of whole cities drawn; wild: each city's own with a random sign",
        ),
        "n_thresholds": ("Int64", "Thresholds of the larger model; the test has one less as null"),
        "f_statistic": ("Float64", "F statistic"),
        "p_value": ("Float64", "Share of draws with a larger F"),
        "critical_10": ("Float64", "Drawn F that 10 % of draws exceed"),
        "critical_5": ("Float64", "Drawn F that 5 % of draws exceed"),
        "critical_1": ("Float64", "Drawn F that 1 % of draws exceed"),
        "draws": ("Int64", "Bootstrap draws"),
        "seed": ("Int64", "Seed of the draws"),
        "ssr_null": ("Float64", "Sum of squared residuals of the smaller model"),
        "ssr": ("Float64", "Sum of squared residuals of the larger model, refined"),
        "n_obs": ("Int64", "City-years"),
        "n_units": ("Int64", "Cities"),
        "n_dropped": ("Int64", "City-years left out, for a missing value or an incomplete city"),
    },
    "threshold_search": {
        "study": _STUDY,
        "model_id": _MODEL,
        "n_thresholds": _COUNT,
        "threshold_no": ("Int64", "Number of the threshold, 1 for the lowest"),
        "estimate": ("Float64", "Threshold, in units of the threshold variable"),
        "ci_low": ("Float64", "Lower end of the likelihood-ratio set, the others given"),
        "ci_high": ("Float64", "Upper end"),
        "is_interval": ("boolean", "Whether every candidate between the ends is in the set"),
        "level": ("Float64", "Level of the set"),
        "critical_value": ("Float64", "Likelihood ratio up to which a candidate is in the set"),
        "n_candidates": ("Int64", "Candidates of the likelihood-ratio curve"),
    },
    "threshold_profile": {
        "study": _STUDY,
        "model_id": _MODEL,
        "n_thresholds": _COUNT,
        "threshold_no": ("Int64", "Number of the threshold, 1 for the lowest"),
        "gamma": ("Float64", "Candidate, in units of the threshold variable"),
        "lr": ("Float64", "Likelihood ratio at the candidate, the other thresholds given"),
    },
    "threshold_slope": {
        "study": _STUDY,
        "model_id": _MODEL,
        "n_thresholds": _COUNT,
        "regime": ("Int64", "Regime, 1 for the lowest; null for a control"),
        "lower_bound": ("Float64", "Threshold below the regime; null for the lowest"),
        "upper_bound": ("Float64", "Threshold above the regime; null for the highest"),
        "term": ("string", "Regressor"),
        "term_label": ("string", "Regressor in words"),
        "estimate": ("Float64", "Coefficient, in units of the outcome"),
        "se_conventional": ("Float64", "Standard error for equal variances"),
        "se_robust": ("Float64", "Standard error robust to heteroskedasticity"),
        "se_cluster": ("Float64", "Standard error clustered by city"),
        "t_value": ("Float64", "Coefficient over its clustered error"),
        "p_value": ("Float64", "Two-sided p value of that, t with cities less 1 degrees"),
        "ci_low": ("Float64", "Lower end of the 95 % interval from the clustered error"),
        "ci_high": ("Float64", "Upper end"),
        "stars": ("string", "*** p < 0.01, ** p < 0.05, * p < 0.1"),
        "n_obs": ("Int64", "City-years in the regime"),
        "n_active": ("Int64", "City-years in the regime where the regressor isn't 0"),
        "n_units": ("Int64", "Cities that are ever in the regime"),
    },
    "threshold_diagnostic": {
        "study": _STUDY,
        "model_id": _MODEL,
        "diagnostic": (
            "string",
            "response: effect of treatment on the threshold variable; linearity: test against"
            " smooth transition (PSTR)",
        ),
        "item": ("string", "What was regressed on treatment, or the form of the test"),
        "statistic": ("Float64", "Effect, or test statistic"),
        "std_error": ("Float64", "Standard error of an effect, clustered by city"),
        "p_value": ("Float64", "p value"),
    },
    "regime_count": {
        "study": _STUDY,
        "model_id": _MODEL,
        "n_thresholds": _COUNT,
        "regime": ("Int64", "Regime, 1 for the lowest"),
        "year": ("Int64", "Statistic year"),
        "n_obs": ("Int64", "City-years"),
        "n_units": ("Int64", "Cities"),
        "n_entered": ("Int64", "Cities that were in another regime the year before"),
        "n_active": ("Int64", "City-years where the regressor isn't 0"),
    },
    "city_regime": {
        "study": _STUDY,
        "model_id": _MODEL,
        "n_thresholds": _COUNT,
        "city_code": ("string", "City"),
        "year": ("Int64", "Statistic year"),
        "threshold_value": ("Float64", "Value of the threshold variable"),
        "regime": ("Int64", "Regime, 1 for the lowest"),
        "previous_regime": ("Int64", "Regime of the year before; null in the first year"),
        "changed": ("boolean", "Whether the two differ"),
    },
}
"""Tables, their columns, and each column's type in pandas and meaning."""

Rows = list[dict[str, Any]]


def typed(name: str, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Parts of the table `name` as one frame with the columns and types of `TABLES`."""
    kinds = {column: kind for column, (kind, _) in TABLES[name].items()}
    if not frames:
        return pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in kinds.items()})
    parts = [frame.reindex(columns=list(kinds)).astype(kinds) for frame in frames]
    return pd.concat(parts, ignore_index=True)


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
    "TABLES",
    "Rows",
    "diagnostic_rows",
    "profile",
    "regimes",
    "search_rows",
    "slope_rows",
    "test_rows",
    "typed",
]
