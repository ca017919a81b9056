"""What a two-way effect is an average of (Goodman-Bacon 2021).

Belongs here: the comparisons of two groups each, with weights. Does not belong here: the effect itself.

In a balanced panel without controls the two-way coefficient is the weighted mean of all comparisons of two
groups in two stretches of years: treated with never treated, earlier with later before the latter begin, and later
with earlier after these have begun. The last compare with units that are treated already: where effects grow, they
count them negatively.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.methods.staggered.numbers.effects import Wide
from analysis.regression.panel import PanelRegressionError
from analysis.regression.rank import FloatArray

NEVER, EARLIER, LATER, ALWAYS = (
    "never treated",
    "later, not yet",
    "earlier, already",
    "always treated",
)


@dataclass(frozen=True)
class Comparison:
    """One two-by-two: the cohort whose change is taken, those it is compared with, estimate and weight."""

    treated: float
    control: float
    kind: str
    estimate: float
    weight: float


def decompose(wide: Wide) -> tuple[Comparison, ...]:
    """All comparisons; their weights add up to 1 and their weighted mean is the two-way coefficient.

    Raises PanelRegressionError for an unbalanced panel, where the weights aren't told.
    """
    if not np.isfinite(wide.y).all():
        gaps = int((~np.isfinite(wide.y)).any(axis=1).sum())
        raise PanelRegressionError(
            f"the decomposition needs a balanced panel: {gaps} units lack a year"
        )
    span = len(wide.years)
    share = {g: float((wide.cohort == g).mean()) for g in (*wide.cohorts, np.inf)}
    means = {g: wide.y[wide.cohort == g].mean(axis=0) for g in share if share[g]}
    treated_share = {g: float((wide.years >= g).mean()) for g in share}
    found: list[tuple[float, float, str, float, float]] = []
    for g in wide.cohorts:
        for other in (*wide.cohorts, np.inf):
            if other == g or not share[other]:
                continue
            kind = NEVER if np.isinf(other) else EARLIER if other > g else LATER
            estimate = _two_by_two(wide, means[g], means[other], g, other)
            found.append((g, other, kind, estimate, _weight(g, other, share, treated_share)))
    total = sum(weight for *_, weight in found)
    if not total or span < 2:
        raise PanelRegressionError("no two groups differ in when they are treated")
    return tuple(
        Comparison(g, other, kind, estimate, weight / total)
        for g, other, kind, estimate, weight in found
    )


def _two_by_two(wide: Wide, own: FloatArray, other: FloatArray, g: float, control: float) -> float:
    """Change of `own` from before to after g less that of `other`, in the years that the pair is compared in."""
    years = wide.years
    inside = years < control if control > g else years >= control
    after, before = inside & (years >= g), inside & (years < g)
    return float(
        own[after].mean() - own[before].mean() - other[after].mean() + other[before].mean()
    )


def _weight(
    g: float, other: float, share: dict[float, float], treated: dict[float, float]
) -> float:
    """Weight before normalisation (his equations 10e to 10g)."""
    n, d, dk = share[g] * share[other], treated[g], treated[other]
    if np.isinf(other):
        return n * d * (1 - d)
    if other > g:
        return n * (d - dk) * (1 - d)
    return n * d * (dk - d)


__all__ = ["Comparison", "decompose"]
