"""Is a coefficient the same in fits on different rows?

Belongs here: the difference of coefficients of two fits of the same equation, and the test that
those of several are equal, as the fully interacted regression on all samples gives them. Does not
belong here: who is in which sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations

import numpy as np

from analysis.regression.conventions import FitCounts, reference_df, variance_factor
from analysis.regression.panel import PanelFit, PanelRegressionError
from analysis.regression.rank import FloatArray, lengths, wald

NAN = float("nan")


@dataclass(frozen=True)
class CoefficientDifference:
    """b_first - b_second with its clustered error; t on `df_resid` degrees of freedom.

    Where a fit has no error for the term (an identity, say), the difference has none: NaN.
    """

    difference: float
    std_error: float
    t_value: float
    p_value: float
    ci_low: float
    ci_high: float
    df_resid: int
    n_obs: int
    n_clusters: int


@dataclass(frozen=True)
class JointEquality:
    """Wald test that a coefficient is the same in all fits, over its `df_test` restrictions.

    To be read on F(df_test, df_resid). NaN where the clusters don't tell the fits apart.
    """

    f_statistic: float
    p_value: float
    df_test: int
    df_resid: int
    n_obs: int
    n_clusters: int


@dataclass(frozen=True)
class _Stack:
    """A coefficient in each of m fits, of the regression in which everything is interacted.

    ``influence`` (clusters, m) is what each cluster contributes to each; its cross-product times
    ``factor`` is their covariance. ``known`` says that each fit has an error for it.
    """

    coefficients: FloatArray
    influence: FloatArray
    factor: float
    counts: FitCounts
    df_resid: int
    known: bool


def coefficient_difference(first: PanelFit, second: PanelFit, term: str) -> CoefficientDifference:
    """The difference of `term` between two fits of the same equation on disjoint samples.

    It equals the interaction of the term with a dummy of the second sample in a regression on both,
    in which controls and effects are interacted too, times -1. Clusters may have rows in both
    samples: what a cluster contributes to either coefficient is added up before it is squared.

    Raises PanelRegressionError if the fits have other effects or conventions, or lack the term.
    """
    from scipy import stats

    stack = _stack([first, second], term)
    contrast = np.array([1.0, -1.0])
    difference = float(contrast @ stack.coefficients)
    moved = stack.influence @ contrast
    std_error = float(np.sqrt(stack.factor) * lengths(moved[:, None])[0]) if stack.known else NAN
    reach = float(stats.t.ppf(0.5 + first.level / 2, stack.df_resid)) * std_error
    t_value = difference / std_error if std_error > 0 else NAN
    return CoefficientDifference(
        difference=difference,
        std_error=std_error,
        t_value=t_value,
        p_value=float(2 * stats.t.sf(abs(t_value), stack.df_resid)),
        ci_low=difference - reach,
        ci_high=difference + reach,
        df_resid=stack.df_resid,
        n_obs=stack.counts.n_obs,
        n_clusters=stack.counts.n_clusters,
    )


def joint_equality(fits: Sequence[PanelFit], term: str) -> JointEquality:
    """Test that `term` is the same in all `fits` of one equation on disjoint samples.

    It is the Wald test of the term's interactions with dummies of the samples in a regression on
    all of them, in which controls and effects are interacted too. Of two fits, F is the square of
    the t of their difference.

    Raises PanelRegressionError for a single fit, and as `coefficient_difference` does.
    """
    from scipy import stats

    if len(fits) < 2:
        raise PanelRegressionError("one fit alone can't be compared: give two or more")
    stack = _stack(fits, term)
    df_test = len(fits) - 1
    # Each against the first; the statistic is the same whichever is the base.
    contrasts = np.column_stack([-np.ones(df_test), np.eye(df_test)])
    gaps = contrasts @ stack.coefficients
    moved = stack.influence @ contrasts.T
    f_statistic = wald(gaps, moved, stack.factor) / df_test if stack.known else NAN
    return JointEquality(
        f_statistic=f_statistic,
        p_value=float(stats.f.sf(f_statistic, df_test, stack.df_resid)),
        df_test=df_test,
        df_resid=stack.df_resid,
        n_obs=stack.counts.n_obs,
        n_clusters=stack.counts.n_clusters,
    )


def pairwise_contributions(fits: Sequence[PanelFit], term: str) -> FloatArray:
    """What each cluster adds to the difference of `term` between each two fits, (clusters, pairs).

    Pairs are in the order of `itertools.combinations`. Raises as `coefficient_difference` does.
    """
    influence = _stack(fits, term).influence
    pairs = [influence[:, j] - influence[:, k] for j, k in combinations(range(len(fits)), 2)]
    return np.column_stack(pairs)


def _stack(fits: Sequence[PanelFit], term: str) -> _Stack:
    if len({fit.df_convention for fit in fits}) > 1:
        raise PanelRegressionError("fits of one convention can be compared, not of two")
    if len({len(fit.counts.effect_sizes) for fit in fits}) > 1:
        raise PanelRegressionError("fits with the same effects can be compared")
    try:
        at = [fit.position(term) for fit in fits]
    except KeyError as error:
        raise PanelRegressionError(str(error.args[0])) from error
    names = np.concatenate([fit.clusters for fit in fits])
    codes = np.unique(names, return_inverse=True)[1]
    parts = np.zeros((int(codes.max()) + 1, len(fits)))
    owner = np.repeat(np.arange(len(fits)), [len(fit.clusters) for fit in fits])
    influence = np.concatenate([fit.influence[:, k] for fit, k in zip(fits, at, strict=True)])
    np.add.at(parts, (codes, owner), influence)
    counts = reduce(
        lambda one, other: _stacked(one, other, len(parts)), [fit.counts for fit in fits]
    )
    convention = fits[0].df_convention
    try:
        factor = variance_factor(convention, counts)
    except ValueError as error:
        raise PanelRegressionError(str(error)) from error
    return _Stack(
        coefficients=np.array([fit.coefficients[k] for fit, k in zip(fits, at, strict=True)]),
        influence=parts,
        factor=factor,
        counts=counts,
        df_resid=reference_df(convention, counts),
        known=all(np.isfinite(fit.std_errors[k]) for fit, k in zip(fits, at, strict=True)),
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


__all__ = [
    "CoefficientDifference",
    "JointEquality",
    "coefficient_difference",
    "joint_equality",
    "pairwise_contributions",
]
