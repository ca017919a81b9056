"""Weights by distance, in years or kilometres.

Belongs here: the named kernels, and the bandwidth that is taken where none is given. Does not belong here: what is
weighted (`driscoll_kraay`, `conley`).
"""

from typing import Literal

import numpy as np

from analysis.regression.rank import FloatArray

LagKernel = Literal["bartlett", "parzen", "uniform"]
DistanceKernel = Literal["bartlett", "uniform"]


def default_bandwidth(n_periods: int) -> int:
    """Lags that are kept of T periods: floor(4 (T/100)^(2/9)) (Newey and West 1994), as in linearmodels."""
    return int(np.floor(4 * (n_periods / 100) ** (2 / 9)))


def lag_weights(kernel: LagKernel, bandwidth: int) -> FloatArray:
    """Weights of lags 0, 1, ..., `bandwidth`.

    bartlett: 1 - l/(L + 1) (Newey and West 1987); parzen likewise by l/(L + 1) (Gallant 1987); both keep a
    covariance positive. uniform: 1, which doesn't.
    """
    share = np.arange(bandwidth + 1) / (bandwidth + 1)
    if kernel == "bartlett":
        return np.asarray(1 - share)
    if kernel == "parzen":
        inner = 1 - 6 * share**2 * (1 - share)
        return np.where(share <= 0.5, inner, 2 * (1 - share) ** 3)
    if kernel == "uniform":
        return np.ones(bandwidth + 1)
    raise ValueError(f"unknown kernel {kernel!r} of lags: bartlett, parzen or uniform")


def distance_weights(kernel: DistanceKernel, distances: FloatArray, cutoff: float) -> FloatArray:
    """Weights of distances (any shape): uniform 1 up to the cut-off, bartlett 1 - d/cut-off; 0 beyond."""
    if kernel == "uniform":
        return (distances <= cutoff).astype(float)
    if kernel == "bartlett":
        return np.maximum(1 - distances / cutoff, 0.0)
    raise ValueError(f"unknown kernel {kernel!r} of distances: bartlett or uniform")


__all__ = ["DistanceKernel", "LagKernel", "default_bandwidth", "distance_weights", "lag_weights"]
