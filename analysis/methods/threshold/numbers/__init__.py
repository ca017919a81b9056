"""Panel threshold regression with fixed effects (Hansen 1999), its tests and its checks.

Pure numerics on arrays: `prepare_panel` -> `search_thresholds` -> `bootstrap_tests` and
`estimate_slopes`. No warehouse, no study, no report. See docs/threshold.md.
"""

from analysis.methods.threshold.numbers.bootstrap import BootstrapTest, bootstrap_tests
from analysis.methods.threshold.numbers.grid import Grid
from analysis.methods.threshold.numbers.linearity import LinearityTest, linearity_test
from analysis.methods.threshold.numbers.panel import ThresholdPanel, prepare_panel
from analysis.methods.threshold.numbers.plots import plot_likelihood_ratio
from analysis.methods.threshold.numbers.regimes import (
    frozen_before,
    lagged,
    regime_counts,
    regime_membership,
)
from analysis.methods.threshold.numbers.response import ThresholdResponse, threshold_response
from analysis.methods.threshold.numbers.robust_sets import RobustSet, robust_sets
from analysis.methods.threshold.numbers.search import (
    LikelihoodRatio,
    SetEnds,
    ThresholdModel,
    ThresholdSearch,
    critical_value,
    search_thresholds,
)
from analysis.methods.threshold.numbers.slopes import RegimeSlopes, estimate_slopes, regime_of

__all__ = [
    "BootstrapTest",
    "Grid",
    "LikelihoodRatio",
    "LinearityTest",
    "RegimeSlopes",
    "RobustSet",
    "SetEnds",
    "ThresholdModel",
    "ThresholdPanel",
    "ThresholdResponse",
    "ThresholdSearch",
    "bootstrap_tests",
    "critical_value",
    "estimate_slopes",
    "frozen_before",
    "lagged",
    "linearity_test",
    "plot_likelihood_ratio",
    "prepare_panel",
    "regime_counts",
    "regime_membership",
    "regime_of",
    "robust_sets",
    "search_thresholds",
    "threshold_response",
]
