"""Balance: how far covariates of treated and controls differ, before matching and after; densities of scores.

Belongs here: means, standardised differences, variance ratios, Rubin's B and R, kernel densities, all
with weights. Does not belong here: weights themselves.
"""

from dataclasses import dataclass

import numpy as np

from analysis.methods.matching.numbers.propensity import Flags, Floats


@dataclass(frozen=True)
class Balance:
    """Covariates (k) of treated and controls under some weights.

    ``difference`` is that of the means over the root of the mean of both variances *before* matching
    (Rosenbaum and Rubin 1985), so that before and after share a ruler; NaN where nothing varied.
    ``variance_ratio`` is treated over control, NaN where controls don't vary.
    """

    mean_treated: Floats
    mean_control: Floats
    difference: Floats
    variance_ratio: Floats


def balance(x: Floats, treated: Flags, weight: Floats) -> Balance:
    """Balance of `x` (n, k) under `weight` (n); 0 leaves a case out."""
    ours, others = treated & (weight > 0), ~treated & (weight > 0)
    mean_1, mean_0 = (np.average(x[g], axis=0, weights=weight[g]) for g in (ours, others))
    ruler = np.sqrt(
        (variances(x[treated], np.ones(int(treated.sum())))
         + variances(x[~treated], np.ones(int((~treated).sum())))) / 2
    )  # fmt: skip
    var_1, var_0 = (variances(x[g], weight[g]) for g in (ours, others))
    with np.errstate(divide="ignore", invalid="ignore"):
        return Balance(
            mean_1,
            mean_0,
            np.where(ruler > 0, (mean_1 - mean_0) / ruler, np.nan),
            np.where(var_0 > 0, var_1 / var_0, np.nan),
        )


def variances(x: Floats, weight: Floats) -> Floats:
    """Unbiased variance of each column of `x` (n, k) under weights (n); 0 for a single case.

    sum w (x - mean)^2 / (sum w - sum w^2 / sum w): with equal weights the usual one.
    """
    if len(x) < 2:
        return np.zeros(x.shape[1])
    total = weight.sum()
    mean = weight @ x / total
    return np.asarray(weight @ (x - mean) ** 2 / (total - weight @ weight / total))


def rubin(index: Floats, treated: Flags, weight: Floats) -> tuple[float, float]:
    """Rubin's B and R of the propensity's index (n): its difference in per cent, and its variance ratio.

    B is 100 times the difference of means over the root of the mean of both variances under the
    weights; balance is called sufficient for B < 25 and 0.5 <= R <= 2 (Rubin 2001). The index is that
    of the fit before matching.
    """
    ours, others = treated & (weight > 0), ~treated & (weight > 0)
    means = [np.average(index[g], weights=weight[g]) for g in (ours, others)]
    var_1, var_0 = (variances(index[g][:, None], weight[g])[0] for g in (ours, others))
    mean = (var_1 + var_0) / 2
    b = 100 * abs(means[0] - means[1]) / np.sqrt(mean) if mean > 0 else float("nan")
    return float(b), float(var_1 / var_0) if var_0 > 0 else float("nan")


def effective_size(weight: Floats) -> float:
    """Kish's effective number of cases under weights (n): (sum w)^2 / sum w^2."""
    total = float(weight @ weight)
    return float(weight.sum()) ** 2 / total if total > 0 else 0.0


def density(values: Floats, weight: Floats, places: Floats) -> Floats:
    """Gaussian kernel density (m) of `values` (n) under weights (n), at `places` (m).

    Silverman's bandwidth, with the effective number of cases. NaN where values don't vary.
    """
    share = weight / weight.sum()
    mean = share @ values
    spread = float(np.sqrt(share @ (values - mean) ** 2))
    order = np.argsort(values, kind="stable")
    quartiles = np.interp((0.25, 0.75), np.cumsum(share[order]), values[order])
    width = min(spread, float(quartiles[1] - quartiles[0]) / 1.34) or spread
    bandwidth = 0.9 * width * effective_size(weight) ** -0.2
    if not bandwidth > 0:
        return np.full(len(places), np.nan)
    u = (places[:, None] - values[None, :]) / bandwidth
    return np.asarray(np.exp(-(u**2) / 2) @ share / (bandwidth * np.sqrt(2 * np.pi)))


__all__ = ["Balance", "balance", "density", "effective_size", "rubin", "variances"]
