"""The Gini coefficient and Dagum's (1997) decomposition of it by groups.

Everything comes from sorted values and running sums, O(n log n) per pair of groups.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.measures.inequality.values import Floats, check_values


def _running(x: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Sums of weight and of weight x value before each place, n + 1 entries."""
    return np.r_[0.0, np.cumsum(w)], np.r_[0.0, np.cumsum(w * x)]


def _exceedance(x: Floats, w: Floats, other: Floats, sums: tuple[Floats, Floats]) -> float:
    """Sum over i, k of w_i w_k max(x_i - other_k, 0); `other` is sorted, `sums` its running sums."""
    below = np.searchsorted(other, x, side="left")
    return float(np.sum(w * (x * sums[0][below] - sums[1][below])))


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Gini coefficient of n values of zero or more: mean absolute difference / (2 mean).

    No small-sample factor: repeating every unit changes nothing, and with one unit it is 0.
    NaN without any value, or where all are zero. Raises InequalityError on negative values.
    """
    data = check_values(values, weights)
    total = float(np.sum(data.weights * data.values))
    if not total > 0:
        return float("nan")
    order = np.argsort(data.values, kind="stable")
    # Divided by the largest first, so that squares of amounts can't overflow.
    x = data.values[order] / data.values[order[-1]]
    w = data.weights[order] / data.weights.sum()
    weight, amount = _running(x, w)
    return float(np.sum(w * (x * weight[:-1] - amount[:-1])) / np.sum(w * x))


@dataclass(frozen=True)
class Dagum:
    """total = within + net_between + transvariation, for k groups.

    within: from differences inside the groups. net_between: from differences between groups in
    favour of the one with the larger mean, less those against it. transvariation: from the
    overlap of groups, twice the differences against. groups (k,): labels; group_gini (k,);
    between_gini (k, k): Gini between each two groups, the group's own on the diagonal;
    affluence (k, k): relative economic affluence D, 0 on the diagonal;
    part (k, k): what each pair adds to the total, a share D of it net between and the rest
    transvariation; what the group adds within on the diagonal. population_share and
    value_share (k,). n, n_missing: rows used, and left out for a missing value.
    """

    total: float
    within: float
    net_between: float
    transvariation: float
    groups: NDArray[Any]
    group_gini: Floats
    between_gini: Floats
    affluence: Floats
    part: Floats
    population_share: Floats
    value_share: Floats
    n: int
    n_missing: int

    @property
    def shares(self) -> tuple[float, float, float]:
        """Parts of the total that are within, net between and transvariation; NaN if it is 0."""
        if not self.total > 0:
            return (float("nan"),) * 3
        parts = self.within, self.net_between, self.transvariation
        return tuple(part / self.total for part in parts)  # type: ignore[return-value]


def dagum(values: ArrayLike, group: ArrayLike, weights: ArrayLike | None = None) -> Dagum:
    """Dagum's decomposition of the Gini coefficient of n values by the labels `group`.

    With p_j and s_j the shares of group j in weights and in amounts, G_jh the Gini between two
    groups and D_jh their relative affluence (Dagum 1997, eqs. 12-20):

        within = sum_j G_jj p_j s_j
        net between = sum_{j<h} G_jh (p_j s_h + p_h s_j) D_jh,  transvariation: 1 - D_jh for D_jh

    All parts are NaN without any value or where all are zero; a group of zeros has a NaN
    `group_gini` and adds nothing within. Raises InequalityError on negative values or weights.
    """
    data = check_values(values, weights, group)
    k = len(data.groups)
    if not np.sum(data.weights * data.values) > 0:
        nan, nans, square = float("nan"), np.full(k, np.nan), np.full((k, k), np.nan)
        by_group = data.groups, nans, square, square, square, nans, nans
        return Dagum(nan, nan, nan, nan, *by_group, len(data.values), data.n_missing)
    x, w = data.values / data.values.max(), data.weights / data.weights.sum()
    order = np.lexsort((x, data.codes))
    edges = np.searchsorted(data.codes[order], np.arange(1, k))
    xs, ws = np.split(x[order], edges), np.split(w[order], edges)
    sums = [_running(a, b) for a, b in zip(xs, ws, strict=True)]
    # above[j, h]: how far values of j exceed those of h, summed over all pairs.
    above = np.array(
        [[_exceedance(xs[j], ws[j], xs[h], sums[h]) for h in range(k)] for j in range(k)]
    )
    p = np.array([s[0][-1] for s in sums])
    amount = np.array([s[1][-1] for s in sums])
    s = amount / amount.sum()
    mean = amount / p
    pairs = np.outer(p, p)
    gross = (above + above.T) / pairs  # mean absolute difference, of each two groups
    mean_sum = mean[:, None] + mean
    between = np.divide(gross, mean_sum, out=np.full((k, k), np.nan), where=mean_sum > 0)
    net = np.abs(above - above.T)
    both = above + above.T
    affluence = np.divide(net, both, out=np.zeros((k, k)), where=both > 0)
    np.fill_diagonal(affluence, 0.0)
    # Gini between two groups x their shares, written without the means that may be zero:
    # G_jh (p_j s_h + p_h s_j) = (sum of absolute differences of j and h) / total amount.
    part = both / amount.sum()
    np.fill_diagonal(part, np.diag(part) / 2)
    upper = np.triu_indices(k, 1)
    within = float(np.trace(part))
    net_between = float(np.sum((part * affluence)[upper]))
    transvariation = float(np.sum((part * (1 - affluence))[upper]))
    return Dagum(
        total=within + net_between + transvariation,
        within=within,
        net_between=net_between,
        transvariation=transvariation,
        groups=data.groups,
        group_gini=np.diag(between).copy(),
        between_gini=between,
        affluence=affluence,
        part=part,
        population_share=p,
        value_share=s,
        n=len(data.values),
        n_missing=data.n_missing,
    )
