"""The numbers of a placebo test with random treatment, on arrays."""

from analysis.methods.placebo.numbers.assignments import (
    SCHEMES,
    Assignment,
    Scheme,
    moved_before,
    true_assignment,
)
from analysis.methods.placebo.numbers.draws import (
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
