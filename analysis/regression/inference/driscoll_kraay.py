"""Errors after Driscoll and Kraay (1998): any correlation between cities, some years apart.

Belongs here: the autocorrelation-robust covariance of the periods' sums. Does not belong here: the kernels
(`kernels`).
"""

import numpy as np

from analysis.regression.conventions import DEFAULT_CONVENTION, Convention
from analysis.regression.inference.errors import Errors, factor_and_df, mended, tested
from analysis.regression.inference.kernels import LagKernel, default_bandwidth, lag_weights
from analysis.regression.inference.projected import Projected
from analysis.regression.rows import PanelRegressionError


def driscoll_kraay(
    projected: Projected,
    kernel: LagKernel = "bartlett",
    bandwidth: int | None = None,
    convention: Convention = DEFAULT_CONVENTION,
) -> Errors:
    """V = sum_l w_l (G_l + G_l'), G_l = sum_t s_t s_(t-l)', s_t the sum of the scores of period t.

    `bandwidth` is the last lag that counts; that of `default_bandwidth` where it is left out. Periods are
    the convention's clusters: `linearmodels` and `uncorrected` are what that package prints with and
    without `debiased`. Periods without a row are not lags. Raises PanelRegressionError for fewer than two
    periods, or a bandwidth that reaches over all of them.
    """
    n_periods = projected.times.n
    if n_periods < 2:
        raise PanelRegressionError(
            f"one period only ({projected.times.names[0]}): an error after Driscoll and Kraay adds up over"
            " periods and needs several"
        )
    lags = default_bandwidth(n_periods) if bandwidth is None else bandwidth
    if not 0 <= lags < n_periods:
        raise PanelRegressionError(
            f"a bandwidth of {lags} lags for {n_periods} periods: expected 0 to {n_periods - 1}"
        )
    scores = projected.scores(projected.times)
    total = scores.T @ scores
    variances = np.diag(total).copy()
    for lag, weight in enumerate(lag_weights(kernel, lags)):
        if lag:
            part = scores[lag:].T @ scores[:-lag]
            total = total + weight * (part + part.T)
    factor, df = factor_and_df(convention, projected.counts(projected.times))
    total, is_mended = mended(total, np.sqrt(np.where(variances > 0, variances, 1.0)))
    return tested(
        projected,
        total * factor,
        df,
        n_groups=n_periods,
        convention=convention,
        is_mended=is_mended,
    )


__all__ = ["driscoll_kraay"]
