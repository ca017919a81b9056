"""Is a coefficient the same in two fits on different rows?

Belongs here: the difference of coefficients of two fits of the same equation, as the fully
interacted regression on both samples gives it. Does not belong here: who is in which sample.
"""

from dataclasses import dataclass

import numpy as np

from analysis.regression.conventions import FitCounts, reference_df, variance_factor
from analysis.regression.panel import PanelFit, PanelRegressionError


@dataclass(frozen=True)
class CoefficientDifference:
    """b_first - b_second with its clustered error; t on `df_resid` degrees of freedom."""

    difference: float
    std_error: float
    t_value: float
    p_value: float
    ci_low: float
    ci_high: float
    df_resid: int
    n_obs: int
    n_clusters: int


def coefficient_difference(first: PanelFit, second: PanelFit, term: str) -> CoefficientDifference:
    """The difference of `term` between two fits of the same equation on disjoint samples.

    It equals the interaction of the term with a dummy of the second sample in a regression on both,
    in which controls and effects are interacted too, times -1. Clusters may have rows in both
    samples: what a cluster contributes to either coefficient is added up before it is squared.

    Raises PanelRegressionError if the fits have other effects or conventions, or lack the term.
    """
    if first.df_convention != second.df_convention:
        raise PanelRegressionError("two fits of one convention can be compared, not of two")
    if len(first.counts.effect_sizes) != len(second.counts.effect_sizes):
        raise PanelRegressionError("two fits with the same effects can be compared")
    try:
        at, other = first.position(term), second.position(term)
    except KeyError as error:
        raise PanelRegressionError(str(error.args[0])) from error
    names = np.concatenate([first.clusters, second.clusters])
    parts = np.concatenate([first.influence[:, at], -second.influence[:, other]])
    _, codes = np.unique(names, return_inverse=True)
    by_cluster = np.bincount(codes, weights=parts)
    counts = _stacked(first.counts, second.counts, len(by_cluster))
    convention = first.df_convention
    try:
        factor = variance_factor(convention, counts)
    except ValueError as error:
        raise PanelRegressionError(str(error)) from error
    from scipy import stats

    difference = float(first.coefficients[at] - second.coefficients[other])
    std_error = float(np.sqrt(factor * (by_cluster @ by_cluster)))
    degrees = reference_df(convention, counts)
    reach = float(stats.t.ppf(0.5 + first.level / 2, degrees)) * std_error
    t_value = difference / std_error if std_error > 0 else float("nan")
    return CoefficientDifference(
        difference=difference,
        std_error=std_error,
        t_value=t_value,
        p_value=float(2 * stats.t.sf(abs(t_value), degrees)),
        ci_low=difference - reach,
        ci_high=difference + reach,
        df_resid=degrees,
        n_obs=counts.n_obs,
        n_clusters=counts.n_clusters,
    )


def _stacked(first: FitCounts, second: FitCounts, n_clusters: int) -> FitCounts:
    """Counts of the regression on both samples with everything interacted."""
    pairs = list(zip(first.effect_sizes, second.effect_sizes, strict=True))
    nested = list(zip(first.effect_nested, second.effect_nested, strict=True))
    return FitCounts(
        n_obs=first.n_obs + second.n_obs,
        n_clusters=n_clusters,
        # Without effects each sample has a constant: one of them counts as a slope.
        n_slopes=first.n_slopes + second.n_slopes + (0 if pairs else 1),
        effect_sizes=tuple(a + b for a, b in pairs),
        effect_nested=tuple(a and b for a, b in nested),
        n_repeated=first.n_repeated + second.n_repeated,
    )
