"""Small-sample conventions of clustered standard errors, by the program that uses them.

Belongs here: how many parameters a convention counts, the factor it puts on the sandwich
covariance and the degrees of freedom of its t distribution. Does not belong here: the sandwich
itself. docs/decisions/0003-degrees-of-freedom.md has the reasons for the default.

Every convention scales the same sandwich ``(X'X)^-1 (sum_g X_g'e_g e_g'X_g) (X'X)^-1``. With N
observations, G clusters, k slopes and K counted parameters:

=============== =============================== =========================================== ========
name            factor                          K                                           t df
=============== =============================== =========================================== ========
fixest          G/(G-1) (N-1)/(N-K)             slopes and effects not nested in clusters   G-1
reghdfe         G/(G-1) (N-1)/(N-K)             the same, less repeated effects             G-1 [1]_
stata_areg      G/(G-1) (N-1)/(N-K)             slopes and all effects                      G-1
linearmodels    N/(N-K)                         slopes, constant and effects [2]_           N-K_all
uncorrected     1                               none                                        G-1
=============== =============================== =========================================== ========

.. [1] or the residual degrees of freedom, if they are fewer.
.. [2] a single effect that is nested in the clusters is not counted.
"""

from dataclasses import dataclass
from typing import Literal, get_args

Convention = Literal["fixest", "reghdfe", "stata_areg", "linearmodels", "uncorrected"]
CONVENTIONS: tuple[Convention, ...] = get_args(Convention)
DEFAULT_CONVENTION: Convention = "fixest"


@dataclass(frozen=True)
class FitCounts:
    """What the conventions need to know of a fit.

    ``effect_sizes`` holds the number of groups of each set of fixed effects, ``effect_nested``
    whether each group lies in one cluster, and ``n_repeated`` how many effects repeat others: the
    number of connected sets of the unit-time graph if there are two sets of effects, else 0
    (Abowd, Creecy and Kramarz 2002).
    """

    n_obs: int
    n_clusters: int
    n_slopes: int
    effect_sizes: tuple[int, ...]
    effect_nested: tuple[bool, ...]
    n_repeated: int

    @property
    def n_parameters(self) -> int:
        """All coefficients that are free: slopes and effects, or slopes and the constant."""
        if not self.effect_sizes:
            return self.n_slopes + 1
        return self.n_slopes + sum(self.effect_sizes) - self.n_repeated


def _fixest_parameters(counts: FitCounts) -> int:
    """K of fixest's ``ssc(K.fixef = "nonnested")``, called "nested" before version 0.13."""
    if not counts.effect_sizes or all(counts.effect_nested):
        return counts.n_slopes + 1
    total = counts.n_slopes + sum(counts.effect_sizes) - (len(counts.effect_sizes) - 1)
    nested = [
        s
        for s, is_nested in zip(counts.effect_sizes, counts.effect_nested, strict=True)
        if is_nested
    ]
    return max(total - (sum(nested) - len(nested)), counts.n_slopes + 1)


def _reghdfe_absorbed(counts: FitCounts) -> int:
    """Effects that reghdfe 6 counts (its df_a): not nested, not repeated."""
    if not counts.effect_sizes:
        return 1
    free = [
        s
        for s, is_nested in zip(counts.effect_sizes, counts.effect_nested, strict=True)
        if not is_nested
    ]
    if any(counts.effect_nested):
        return sum(free) - len(free)
    return sum(free) - counts.n_repeated


def counted_parameters(convention: Convention, counts: FitCounts) -> int:
    """K, the number of parameters that `convention` counts in its factor."""
    if convention == "fixest":
        return _fixest_parameters(counts)
    if convention == "reghdfe":
        return counts.n_slopes + _reghdfe_absorbed(counts) + any(counts.effect_nested)
    if convention == "stata_areg":
        return counts.n_parameters
    if convention == "linearmodels":
        # It counts one group of each set of effects in the constant, and never looks for more
        # repetition than that.
        single_nested = len(counts.effect_sizes) == 1 and counts.effect_nested[0]
        effects = 0 if single_nested else sum(counts.effect_sizes) - len(counts.effect_sizes)
        return counts.n_slopes + 1 + effects
    if convention == "uncorrected":
        return 0
    raise ValueError(f"unknown convention {convention!r}: choose one of {', '.join(CONVENTIONS)}")


def variance_factor(convention: Convention, counts: FitCounts) -> float:
    """The number that turns the raw sandwich covariance into that of `convention`.

    Raises ValueError if the convention counts as many parameters as there are observations.
    """
    counted = counted_parameters(convention, counts)
    if counted >= counts.n_obs:
        raise ValueError(
            f"convention {convention!r} counts {counted} parameters in {counts.n_obs} "
            "observations: no degrees of freedom are left"
        )
    if convention == "uncorrected":
        return 1.0
    if convention == "linearmodels":
        return counts.n_obs / (counts.n_obs - counted)
    clusters = counts.n_clusters / (counts.n_clusters - 1)
    return clusters * (counts.n_obs - 1) / (counts.n_obs - counted)


def reference_df(convention: Convention, counts: FitCounts) -> int:
    """Degrees of freedom of the t distribution, and of the denominator of F."""
    if convention == "linearmodels":
        effects = sum(counts.effect_sizes) - len(counts.effect_sizes)
        return counts.n_obs - counts.n_slopes - 1 - effects
    if convention == "reghdfe":
        residual = counts.n_obs - counts.n_slopes - _reghdfe_absorbed(counts)
        return min(counts.n_clusters - 1, residual)
    return counts.n_clusters - 1
