"""Panel regressions: least squares with fixed effects and clustered standard errors.

Belongs here: pure functions on arrays that return small frozen dataclasses, and the named
conventions for degrees of freedom. Does not belong here: study files, data frames with named
columns, tables for print, threshold or event-study estimators.
"""

from analysis.regression.conventions import CONVENTIONS, DEFAULT_CONVENTION, FitCounts
from analysis.regression.panel import PanelFit, fit_panel
from analysis.regression.rank import DroppedTerm
from analysis.regression.rows import PanelRegressionError

__all__ = [
    "CONVENTIONS",
    "DEFAULT_CONVENTION",
    "DroppedTerm",
    "FitCounts",
    "PanelFit",
    "PanelRegressionError",
    "fit_panel",
]
