"""A treatment drawn at random many times, on arrays: the placebo test and randomisation inference.

Belongs here: draws of cohorts, the regression on each, p values and density. Does not belong here: which column is
tried, and what else is shown of it (`analysis.methods`).
"""

from analysis.regression.randomised.assignments import (
    SCHEMES,
    Assignment,
    Scheme,
    moved_before,
    true_assignment,
)
from analysis.regression.randomised.draws import (
    KEPT,
    Density,
    Placebo,
    RandomisationTest,
    run_placebo,
)

__all__ = [
    "KEPT",
    "SCHEMES",
    "Assignment",
    "Density",
    "Placebo",
    "RandomisationTest",
    "Scheme",
    "moved_before",
    "run_placebo",
    "true_assignment",
]
