"""Running the threshold models of a study: from the wide city-year frame to tidy tables.

Belongs here: the balanced sample of each model, the calls of the numerics, which number of
thresholds the tests support, and the tables that come of it. Does not belong here: the numerics
(`threshold`), the shape of a study (`study`), storing and showing the tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.estimation import (
    complete_units,
    significance_stars,
    study_rows,
    variables_of,
)
from analysis.study.spec import TREATMENT, Balance, Study, ThresholdDesign
from analysis.threshold import (
    BootstrapTest,
    Grid,
    ThresholdPanel,
    ThresholdResponse,
    ThresholdSearch,
    bootstrap_tests,
    estimate_slopes,
    linearity_test,
    prepare_panel,
    regime_counts,
    regime_membership,
    search_thresholds,
    threshold_response,
)

SUPPORT_LEVEL = 0.05
"""A threshold counts as supported if its test rejects at this level under every scheme."""

REFERENCE_THRESHOLDS = 2
"""The model whose slopes and regimes are always given: the double threshold of the paper."""

LINEARITY_ORDER = 3
"""Powers of the threshold variable in the linearity test, as in the PSTR literature."""

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


@dataclass(frozen=True)
class _Sample:
    """Balanced rows of a model, by unit and year: arrays (n,), `z` (n, k), and what was left out."""

    y: npt.NDArray[np.float64]
    x: npt.NDArray[np.float64]
    q: npt.NDArray[np.float64]
    z: npt.NDArray[np.float64]
    treated: npt.NDArray[np.float64]
    unit: npt.NDArray[Any]
    time: npt.NDArray[np.int64]
    counts: dict[str, int]


def estimate_thresholds(study: Study, panel: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Run every threshold model of `study` on `panel`; frames by the names of `TABLES`.

    `panel` is as for `estimate_study`. Units that lack a year of the study or a value in one are
    left out and counted: the bootstrap hands residuals from unit to unit. A model that the data
    can't carry (no complete unit, no treated rows in a regime) has a row in ``threshold_model``
    that says so, and none elsewhere.

    ``threshold_slope`` has every number of thresholds from 0 on, ``regime_count`` and
    ``city_regime`` the models of `shown_models`.

    Raises EstimationError if a column is absent or not numeric, a unit has a period twice, or units
    are incomplete where the study requires balance.
    """
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    if study.thresholds:
        rows = study_rows(study, panel).rows
        for design in study.thresholds:
            for name, frame in _run(study, design, rows).items():
                key = {"study": study.id, "model_id": design.id}
                found[name].append(frame.assign(**key))
    return {name: _typed(name, frames) for name, frames in found.items()}


def shown_models(n_supported: int, at_most: int) -> tuple[int, ...]:
    """Numbers of thresholds whose regimes are given: the supported one and the paper's double."""
    return tuple(sorted({n_supported, min(REFERENCE_THRESHOLDS, at_most)} - {0}))


def _typed(name: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    columns = TABLES[name]
    empty = pd.DataFrame({column: pd.Series(dtype=kind) for column, (kind, _) in columns.items()})
    if not frames:
        return empty
    typed = [
        frame.reindex(columns=list(columns)).astype({c: kind for c, (kind, _) in columns.items()})
        for frame in frames
    ]
    return pd.concat(typed, ignore_index=True)


def _run(study: Study, design: ThresholdDesign, rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    sample = _sample(study, design, rows)
    facts: dict[str, Any] = {
        "title": design.title,
        "outcome": study.outcome.column,
        "threshold_variable": design.variable,
        "regressor": design.regressor,
        "controls": "+".join(study.controls_of(design)),
        "effects": "+".join(design.effects),
        "convention": design.convention,
        "grid": f"{design.grid.rule}, {design.grid.points} points, trim {design.grid.trim:g}",
        **sample.counts,
        "spec_hash": study.spec_hash,
    }
    try:
        frames, results = _estimate(study, design, sample)
    except ValueError as error:  # what the numerics say of data that can't carry the model
        reason = {"status": "not estimated", "detail": str(error)}
        return {"threshold_model": pd.DataFrame([{**facts, **reason}])}
    return {
        "threshold_model": pd.DataFrame([{**facts, **results, "status": "estimated"}]),
        **frames,
    }


def _sample(study: Study, design: ThresholdDesign, rows: pd.DataFrame) -> _Sample:
    table = design.as_table()
    values, _ = variables_of(study, table, rows)
    rule: Balance = "require" if study.panel.balanced == "require" else "drop_incomplete_units"
    complete = complete_units(study, table, rows, values, rule)
    usable = np.isfinite(values.to_numpy()).all(axis=1)
    lost = usable & ~complete
    order = [study.panel.unit, study.panel.time]
    kept = rows.loc[complete, order].sort_values(order, kind="stable").index
    used, where = values.loc[kept], rows.loc[kept]
    return _Sample(
        y=used[study.outcome.column].to_numpy(),
        x=used[design.regressor].to_numpy(),
        q=used[design.variable].to_numpy(),
        z=used.loc[:, list(study.controls_of(design))].to_numpy(),
        treated=where[TREATMENT].to_numpy(dtype=float),
        unit=where[study.panel.unit].to_numpy(),
        time=where[study.panel.time].to_numpy(dtype=np.int64),
        counts={
            "n_obs": len(kept),
            "n_units": int(where[study.panel.unit].nunique()),
            "n_periods": int(where[study.panel.time].nunique()),
            "n_dropped_missing": int((~usable).sum()),
            "n_dropped_incomplete": int(lost.sum()),
            "n_units_incomplete": int(rows.loc[lost, study.panel.unit].nunique()),
        },
    )


def _estimate(
    study: Study, design: ThresholdDesign, sample: _Sample
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Tables of a model, and the facts of `threshold_model` that are results.

    Raises ValueError where the data can't carry the model.
    """
    if not len(sample.y):
        first, last = study.panel.years
        raise ValueError(
            f"no city has every year of {first}-{last} with a value of the outcome, the controls "
            f"and {design.variable}"
        )
    panel = prepare_panel(
        sample.y,
        sample.x,
        sample.q,
        sample.unit,
        sample.time,
        controls=sample.z,
        control_names=study.controls_of(design),
        year_effects=design.year_effects,
        convention=design.convention,
    )
    grid = Grid(design.grid.rule, design.grid.points, design.grid.trim, design.grid.min_active)
    search = search_thresholds(panel, design.at_most, grid)
    tests = [
        bootstrap_tests(
            search, design.draws, seed=design.seed, scheme=each.scheme, resample=each.resample
        )
        for each in design.schemes
    ]
    n_supported = min(map(_supported, tests))
    reference = min(REFERENCE_THRESHOLDS, design.at_most)
    response = threshold_response(
        sample.q,
        sample.treated,
        sample.unit,
        sample.time,
        thresholds=search.models[reference - 1].thresholds,
    )
    shown = shown_models(n_supported, design.at_most)
    members = [_members(panel, search, n, sample) for n in shown]
    frames = {
        "threshold_test": pd.DataFrame(_test_rows(search, tests, sample)),
        "threshold_search": pd.DataFrame(_search_rows(search)),
        "threshold_profile": _profile(search),
        "threshold_slope": pd.DataFrame(_slope_rows(study, design, search)),
        "threshold_diagnostic": pd.DataFrame(_diagnostic_rows(panel, response)),
        "city_regime": pd.concat([city for city, _ in members]),
        "regime_count": pd.concat([count for _, count in members]),
    }
    return frames, {
        "lower_regime": panel.lower_regime,
        "ssr_linear": search.ssr_linear,
        "n_supported": n_supported,
        "responds": response.responds,
        "warning": response.warning(),
    }


def _supported(tests: Sequence[BootstrapTest]) -> int:
    """Thresholds up to the first test that doesn't reject."""
    rejected = [test.p_value < SUPPORT_LEVEL for test in tests]
    return rejected.index(False) if False in rejected else len(rejected)


def _test_rows(
    search: ThresholdSearch, tests: list[tuple[BootstrapTest, ...]], sample: _Sample
) -> Rows:
    dropped = sample.counts["n_dropped_missing"] + sample.counts["n_dropped_incomplete"]
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
            "n_dropped": dropped,
        }
        for of_scheme in tests
        for test, model in zip(of_scheme, search.models, strict=True)
    ]


def _search_rows(search: ThresholdSearch) -> Rows:
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


def _profile(search: ThresholdSearch) -> pd.DataFrame:
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


def _slope_rows(study: Study, design: ThresholdDesign, search: ThresholdSearch) -> Rows:
    from scipy.stats import t as t_distribution

    rows: Rows = []
    for thresholds in [(), *(model.thresholds for model in search.models)]:
        fit = estimate_slopes(search.panel, thresholds, x_names=[design.regressor])
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
                    "n_thresholds": len(thresholds),
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


def _diagnostic_rows(panel: ThresholdPanel, response: ThresholdResponse) -> Rows:
    test = linearity_test(panel, LINEARITY_ORDER)
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


def _members(
    panel: ThresholdPanel, search: ThresholdSearch, n_thresholds: int, sample: _Sample
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Regimes of every city-year, and their counts."""
    member = regime_membership(
        sample.unit,
        sample.time,
        sample.q,
        search.models[n_thresholds - 1].thresholds,
        lower_regime=panel.lower_regime,
    )
    # Both are in the order of unit and time, and the sample has no row without q.
    counts = regime_counts(member, sample.x != 0)
    city = member.rename(columns={"unit": "city_code", "time": "year", "q": "threshold_value"})
    counts = counts.rename(columns={"time": "year"})
    for frame in (city, counts):
        frame["regime"] += 1
        frame["n_thresholds"] = n_thresholds
    city["previous_regime"] += 1
    return city, counts
