"""Statements about several coefficients at once: the joint Wald test and the sup-t critical value.

Belongs here: what follows from a vector of coefficients, its covariance and degrees of freedom.
Does not belong here: the coefficients themselves, and which of a study's are taken together.

A sup-t band ``b_k +- c se_k`` covers all K coefficients at once with probability `level`: c is that
quantile of ``max_k |t_k|``, the t_k being jointly t on `df` degrees of freedom with the
coefficients' correlation (Montiel Olea and Plagborg-Møller 2019, section 3; multivariate t in place
of normal, so that the band of a single coefficient is its usual interval).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.regression.rank import FloatArray, full_rank

DIRECTIONS = 20_000
"""Directions that the critical value is averaged over; its error is below 0.01 then."""
PIVOT = 1e-10
"""A coefficient adds nothing to those before it below this share of its variance: rounding is 1e-14."""


@dataclass(frozen=True)
class JointTest:
    """Wald test that all coefficients are 0: F on (df_test, df_resid). NaN where it can't be had."""

    f_statistic: float
    p_value: float
    df_test: int
    df_resid: int


@dataclass(frozen=True)
class SupT:
    """Critical value of max |t|: `pointwise` <= `critical` <= `sidak`.

    ``error`` is the standard error of the critical value by simulation; ``pointwise`` is that of
    one coefficient, ``sidak`` that of as many independent ones, which no correlation exceeds
    (Sidak 1967).
    """

    critical: float
    error: float
    pointwise: float
    sidak: float
    level: float
    n_coefficients: int


def joint_test(coefficients: FloatArray, covariance: FloatArray, df_resid: int) -> JointTest:
    """Test that all `coefficients` (K) are 0, by their `covariance` (K x K).

    NaN if there are none, or where the clusters don't tell them apart (a singular covariance).
    """
    from scipy import stats

    n = len(coefficients)
    errors = np.sqrt(np.diag(covariance))
    f_statistic = float("nan")
    if n and (errors > 0).all():
        # Scaled to a correlation matrix, so that units don't decide about its rank.
        correlation = covariance / np.outer(errors, errors)
        if full_rank(_root(correlation).T):
            standard = coefficients / errors
            f_statistic = float(standard @ np.linalg.solve(correlation, standard)) / n
    return JointTest(
        f_statistic=f_statistic,
        p_value=float(stats.f.sf(f_statistic, n, df_resid)) if n else float("nan"),
        df_test=n,
        df_resid=df_resid,
    )


def sup_t(
    covariance: npt.ArrayLike,
    df: float,
    *,
    level: float,
    seed: int,
    n_directions: int = DIRECTIONS,
) -> SupT:
    """Critical value of the sup-t band of K coefficients with `covariance` (K x K).

    With L L' the correlation, of rank r, the t_k are ``R (L u)_k`` with u uniform on the unit
    sphere and R^2/r distributed as F(r, df), independent of it. So
    ``P(max |t| <= c) = E_u F((c / max_k |(L u)_k|)^2 / r; r, df)``: only the direction is
    simulated, the length is exact. One coefficient has its t quantile without error.

    Raises ValueError without coefficients, or if one has no positive variance.
    """
    from scipy import optimize, special, stats

    matrix = np.asarray(covariance, dtype=float)
    n = len(matrix)
    errors = np.sqrt(np.diag(matrix))
    if not n or not (errors > 0).all():
        raise ValueError("a band needs one coefficient or more, each with a positive variance")
    pointwise = float(stats.t.ppf(0.5 + level / 2, df))
    sidak = float(stats.t.ppf(0.5 + level ** (1 / n) / 2, df))
    root = _root(matrix / np.outer(errors, errors))
    rank = root.shape[1]
    directions = np.random.default_rng(seed).normal(size=(n_directions, rank))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    reach = np.abs(directions @ root.T).max(axis=1)

    def covered(c: float) -> FloatArray:
        """Probability of max |t| <= c, given each direction."""
        return special.fdtr(rank, df, (c / reach) ** 2 / rank)

    def gap(c: float) -> float:
        return float(covered(c).mean()) - level

    if gap(pointwise) >= 0:
        critical = pointwise
    elif gap(sidak) <= 0:
        critical = sidak
    else:
        critical = float(optimize.brentq(gap, pointwise, sidak, xtol=1e-12))
    step = 1e-4
    density = (gap(critical + step) - gap(critical - step)) / (2 * step)
    spread = float(covered(critical).std(ddof=1) / np.sqrt(n_directions))
    return SupT(
        critical=critical,
        error=spread / density if density > 0 else float("nan"),
        pointwise=pointwise,
        sidak=sidak,
        level=level,
        n_coefficients=n,
    )


def _root(correlation: FloatArray) -> FloatArray:
    """L (K x r) with L L' = correlation, lower triangular, a column for each pivot that isn't 0.

    Cholesky rather than eigenvectors: it is continuous in the matrix, so that rounding in the last
    digit (another order of rows) doesn't turn the simulated directions.
    """
    n = len(correlation)
    columns: list[FloatArray] = []
    rest = correlation.copy()
    for k in range(n):
        pivot = rest[k, k]
        if pivot <= PIVOT:
            continue
        column = rest[:, k] / np.sqrt(pivot)
        column[:k] = 0.0
        columns.append(column)
        rest = rest - np.outer(column, column)
    return np.column_stack(columns)


__all__ = ["DIRECTIONS", "JointTest", "SupT", "joint_test", "sup_t"]
