"""Frames that the section on threshold models needs.

Belongs here: their columns. Does not belong here: the tables of the method (`tables`).
"""

from typing import Final

from analysis.report.section import Frame
from analysis.report.table.build import PRINTED_ESTIMATES

FRAMES: Final = (
    Frame(
        "threshold_model",
        ("study", "design", "title", "status", "detail", "outcome", "variable_label", "regressor",
         "regressor_label", "effects", "lower_regime", "n_obs", "n_units", "n_periods",
         "n_dropped_missing", "n_dropped_incomplete", "n_units_incomplete", "n_supported",
         "responds", "warning"),
        ("controls", "paper_id", "tests_table", "slopes_table", "cluster"),
        rows="one per model: status is 'estimated' or not",
    ),
    Frame(
        "threshold_test",
        ("study", "design", "scheme", "resample", "n_thresholds", "f_statistic", "p_value",
         "critical_10", "critical_5", "critical_1", "draws"),
        rows="one per scheme and number of thresholds",
    ),
    Frame(
        "threshold_search",
        ("study", "design", "n_thresholds", "threshold_no", "estimate", "ci_low", "ci_high",
         "is_interval", "critical_value"),
        ("lower_cut", "upper_cut", "robust_low", "robust_high", "robust_is_interval",
         "robust_lower_cut", "robust_upper_cut"),
        rows="one per number of thresholds and threshold",
    ),
    Frame(
        "threshold_profile",
        ("study", "design", "n_thresholds", "threshold_no", "gamma", "lr"),
        rows="likelihood ratios over candidates",
    ),
    Frame(
        "threshold_slope",
        ("study", "design", "n_thresholds", "regime", "lower_bound", "upper_bound", "term",
         "term_label", "estimate", "se_conventional", "se_robust", "se_cluster", "t_value",
         "p_value", "ci_low", "ci_high", "stars", "n_obs", "n_active", "n_units"),
        ("n_active_units", "n_active_clusters", "effective_clusters"),
        rows="one per number of thresholds, regime (missing for a control) and term",
    ),
    Frame(
        "threshold_diagnostic",
        ("study", "design", "diagnostic", "item", "statistic", "std_error", "p_value"),
    ),
    Frame(
        "regime_count",
        ("study", "design", "n_thresholds", "regime", "year", "n_units", "n_entered", "n_active"),
        rows="the models that it has are shown",
    ),
    Frame(
        "regime_changes",
        ("study", "design", "n_thresholds", "city_name", "city_code", "year", "regime",
         "previous_regime", "threshold_value"),
        rows="city-years in another regime than the year before, in the order in which they are shown",
    ),
    Frame(
        "published_thresholds",
        ("paper_id", "thresholds", "f_statistic", "p_value", "bootstrap_draws",
         "threshold_estimates"),
        rows="printed tests: how many thresholds; their estimates are parted by semicolons",
    ),
    PRINTED_ESTIMATES,
)  # fmt: skip
