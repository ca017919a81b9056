"""What an error of some kind says of the slopes: covariance, degrees of freedom, tests and intervals.

Belongs here: from a covariance to t, p and interval, and what is done with one that isn't positive. Does not
belong here: the covariances (the modules beside it).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.regression.conventions import (
    Convention,
    FitCounts,
    reference_df,
    variance_factor,
)
from analysis.regression.inference.projected import Projected
from analysis.regression.rank import FloatArray
from analysis.regression.rows import PanelRegressionError

NEGATIVE = 1e-12
"""Share of the largest eigenvalue below which a negative one is rounding and needs no mending."""


@dataclass(frozen=True)
class Errors:
    """Standard errors of the slopes (k) and what is made of them; t on ``df`` (k) degrees of freedom.

    ``covariance`` (k, k) has the convention's factor in it. ``n_groups`` counts what was summed over:
    clusters (of two ways, the fewer), periods, places. ``is_mended`` says that the covariance had
    negative eigenvalues, which were set to 0. An error that is 0 or less is NaN, and so is what follows.
    """

    names: tuple[str, ...]
    coefficients: FloatArray
    covariance: FloatArray
    std_errors: FloatArray
    t_values: FloatArray
    p_values: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    df: FloatArray
    n_groups: int
    convention: str
    is_mended: bool = False


def tested(
    projected: Projected,
    covariance: FloatArray,
    df: npt.ArrayLike,
    *,
    n_groups: int,
    convention: str,
    is_mended: bool = False,
) -> Errors:
    """Tests of each slope against 0 and intervals, by a covariance (k, k) and df (k, or one)."""
    from scipy import stats

    b = projected.coefficients
    variances = np.diag(covariance)
    std_errors = np.sqrt(np.where(variances > 0, variances, np.nan))
    of_each = np.broadcast_to(np.asarray(df, dtype=float), b.shape).copy()
    t_values = b / std_errors
    reach = stats.t.ppf(0.5 + projected.level / 2, of_each) * std_errors
    return Errors(
        names=projected.names,
        coefficients=b,
        covariance=covariance,
        std_errors=std_errors,
        t_values=t_values,
        p_values=np.asarray(2 * stats.t.sf(np.abs(t_values), of_each)),
        ci_low=b - reach,
        ci_high=b + reach,
        df=of_each,
        n_groups=n_groups,
        convention=convention,
        is_mended=is_mended,
    )


def factor_and_df(convention: Convention, counts: FitCounts) -> tuple[float, int]:
    """What a convention puts on a sandwich, and its degrees of freedom.

    Raises PanelRegressionError where none are left.
    """
    try:
        return variance_factor(convention, counts), reference_df(convention, counts)
    except ValueError as error:
        raise PanelRegressionError(str(error)) from error


def mended(covariance: FloatArray, scale: FloatArray) -> tuple[FloatArray, bool]:
    """A covariance (k, k) with negative eigenvalues set to 0, and whether there were any.

    Cameron, Gelbach and Miller (2011, section 2.3) for sums and differences of sandwiches. Eigenvalues
    are those in units of `scale` (k), positive, so that units of measurement decide nothing.
    """
    outer = np.outer(scale, scale)
    values, vectors = np.linalg.eigh(covariance / outer)
    if values[0] >= -NEGATIVE * max(values[-1], 0.0):
        return covariance, False
    positive = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return positive * outer, True


__all__ = ["Errors", "factor_and_df", "mended", "tested"]
