"""A treatment, or groups, drawn at random many times, on arrays: placebo, randomisation inference, permutations.

Belongs here: draws of cohorts and of group labels, the regression on each, p values and density. Does not
belong here: which column is tried, and what else is shown of it (`analysis.methods`).
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
from analysis.regression.randomised.groups import GroupDraws, draw_groups

__all__ = [
    "KEPT",
    "SCHEMES",
    "Assignment",
    "Density",
    "GroupDraws",
    "Placebo",
    "RandomisationTest",
    "Scheme",
    "draw_groups",
    "moved_before",
    "run_placebo",
    "true_assignment",
]
