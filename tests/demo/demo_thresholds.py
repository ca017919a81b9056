"""Made-up frames of a threshold model, in the shape in which a release has them."""

import numpy as np
import pandas as pd

STUDY, MODEL = "nqpf_smart_city", "industry"
CUTS = {1: (0.54,), 2: (0.54, 1.31), 3: (0.41, 0.54, 1.31)}
SLOPES = {1: (-0.61, 0.35), 2: (-0.66, 0.25, 0.77), 3: (-0.5, -0.7, 0.24, 0.77)}
F_STATISTICS = {1: 60.2, 2: 35.1, 3: 8.4}
P_VALUES = {"unit": (0.0, 0.01, 0.55), "wild": (0.0033, 0.0433, 0.71)}
CRITICAL = 7.3523
YEARS = range(2009, 2023)
# Table 6 as printed: the first regime has a standard error where the others have a t value.
PRINTED_SLOPES = (
    (0, "all", "constant", -11.2, -7.55, np.nan, "***"),
    (1, "q <= 0.5337", "did", -0.696, np.nan, 0.178961, "***"),
    (2, "0.5337 < q < 1.3028", "did", 0.254, 1.89, np.nan, ""),
    (3, "q > 1.3028", "did", 0.78, 3.36, np.nan, "***"),
)


def printed_slopes(paper: str) -> list[dict]:
    return [
        {"paper_id": paper, "table_no": 6, "column_no": column, "label": label, "term": term,
         "estimate": b, "t_value": t, "std_error_printed": se, "stars": stars,
         "statistic": t if np.isfinite(t) else b / se, "ci_low": np.nan, "ci_high": np.nan}
        for column, label, term, b, t, se, stars in PRINTED_SLOPES
    ]  # fmt: skip


def slope_rows() -> list[dict]:
    rows = []
    for n, slopes in {0: (0.19,), **SLOPES}.items():
        edges = (np.nan, *CUTS.get(n, ()), np.nan)
        row = {"study": STUDY, "model_id": MODEL, "n_thresholds": n}
        for k, b in enumerate((0.3, *slopes)):
            se = 0.07 + 0.02 * k
            rows.append(
                row
                | {
                    "regime": k or np.nan, "term": "did" if k else "urbanisation",
                    "lower_bound": edges[k - 1] if k else np.nan,
                    "upper_bound": edges[k] if k else np.nan,
                    "term_label": "Smart-city pilot" if k else "Urbanisation", "estimate": b,
                    "se_conventional": 0.8 * se, "se_robust": 0.9 * se, "se_cluster": se,
                    "t_value": b / se, "p_value": 0.004, "ci_low": b - 2 * se,
                    "ci_high": b + 2 * se, "stars": "***", "n_obs": 1000 + k if k else np.nan,
                    "n_active": 100 + k if k else np.nan, "n_units": 120 + k if k else np.nan,
                }
            )  # fmt: skip
    return rows


def threshold_frames(paper: str) -> dict[str, pd.DataFrame]:
    """All frames of the section, for one model with two supported thresholds."""
    key = {"study": STUDY, "model_id": MODEL}
    about = key | {
        "title": "Smart-city pilots by industrial structure", "status": "estimated",
        "detail": None, "outcome": "index_nqpf", "variable_label": "Tertiary to secondary",
        "regressor": "did", "regressor_label": "Smart-city pilot", "controls": "urbanisation",
        "effects": "city+year", "lower_regime": "<=", "n_obs": 3990, "n_units": 285,
        "n_periods": 14, "n_dropped_missing": 107, "n_dropped_incomplete": 26,
        "n_units_incomplete": 2, "n_supported": 2, "responds": False, "warning": None,
        "paper_id": paper, "tests_table": 5, "slopes_table": 6,
    }  # fmt: skip
    tests = [
        key | {"scheme": "xthreg", "resample": resample, "n_thresholds": n,
               "f_statistic": F_STATISTICS[n], "p_value": p_values[n - 1], "critical_10": 18.0,
               "critical_5": 23.0, "critical_1": 33.0, "draws": 300}
        for resample, p_values in P_VALUES.items() for n in CUTS
    ]  # fmt: skip
    search = [
        key | {"n_thresholds": n, "threshold_no": k, "estimate": cut, "ci_low": cut - 0.01,
               "ci_high": cut + 0.02, "is_interval": k != 2, "critical_value": CRITICAL}
        for n, cuts in CUTS.items() for k, cut in enumerate(cuts, start=1)
    ]  # fmt: skip
    profile = [
        key | {"n_thresholds": n, "threshold_no": k, "gamma": gamma,
               "lr": 200 * abs(gamma - cut)}
        for n, cuts in CUTS.items() for k, cut in enumerate(cuts, start=1)
        for gamma in sorted({*np.linspace(0.3, 2.2, 60), cut})
    ]  # fmt: skip
    counts = [
        key | {"n_thresholds": 2, "regime": regime, "year": year, "n_units": 90 + regime,
               "n_entered": regime, "n_active": 10 * regime if year > 2011 else 0}
        for regime in (1, 2, 3) for year in YEARS
    ]  # fmt: skip
    changes = [
        key | {"n_thresholds": 2, "city_name": name, "city_code": code, "year": year,
               "regime": regime, "previous_regime": float(regime - 1), "threshold_value": 1.35}
        for year in (2022, 2021, 2020, 2019) for regime in (2, 3)
        for name, code in (("襄阳市", "420600"), ("毕节市", "520500"), ("亳州市", "341600"))
    ]  # fmt: skip
    diagnostics = [
        key | {"diagnostic": "response", "item": "q", "statistic": 0.002, "std_error": 0.02,
               "p_value": 0.91},
        key | {"diagnostic": "linearity", "item": "F", "statistic": 41.2, "std_error": np.nan,
               "p_value": 0.0},
    ]  # fmt: skip
    published = [
        (paper, 1, 55.87, 0.0033, 300, "0.5337;1.3028"),
        (paper, 2, 36.3, 0.02, 300, "0.5337;1.3028"),
        (paper, 3, 18.08, 0.61, 300, None),
    ]
    return {
        "threshold_models": pd.DataFrame([about]),
        "threshold_tests": pd.DataFrame(tests),
        "threshold_search": pd.DataFrame(search),
        "threshold_profile": pd.DataFrame(profile),
        "threshold_slopes": pd.DataFrame(slope_rows()),
        "threshold_diagnostics": pd.DataFrame(diagnostics),
        "regime_counts": pd.DataFrame(counts),
        "regime_changes": pd.DataFrame(changes),
        "published_thresholds": pd.DataFrame(
            published,
            columns=["paper_id", "thresholds", "f_statistic", "p_value", "bootstrap_draws",
                     "threshold_estimates"],
        ),
    }  # fmt: skip
