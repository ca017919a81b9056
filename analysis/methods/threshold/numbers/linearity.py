"""Linearity: does the slope of x change with q at all, sharply or smoothly?

Here belong the tests against the panel smooth transition model (PSTR) of González, Teräsvirta and
van Dijk (2005): y_it = mu_i + theta'z_it + b0'x_it + b1'x_it G(q_it; speed, c) + e_it with G =
1 / (1 + exp(-speed prod_j (q - c_j) / sd(q)^m)), which tends to a step as the speed grows. Powers
of q stand for G: nothing of that model is estimated.
"""

from dataclasses import dataclass

import numpy as np

from analysis.blas import one_thread
from analysis.methods.threshold.numbers.panel import ThresholdPanel
from analysis.methods.threshold.numbers.within import orthonormal
from analysis.regression.rank import wald


@dataclass(frozen=True)
class LinearityTest:
    """Tests that the slopes of x do not depend on q, against PSTR of order up to `order`.

    Auxiliary regressors are x q, ..., x q^order. `lm` is chi-squared with order * p degrees of
    freedom, `lm_f` its F form with (order p, rows - units - k - order p), both for equal variances;
    `lm_cluster` is the score test with products summed by cluster, chi-squared too. `sequence_p` are
    the p values (F form) of the order-th, ..., first power given the lower ones: the smallest at
    power 2 speaks for two locations (order 2), else for one.
    """

    order: int
    lm: float
    lm_p: float
    lm_f: float
    lm_f_p: float
    lm_cluster: float
    lm_cluster_p: float
    sequence_p: tuple[float, ...]


@one_thread
def linearity_test(panel: ThresholdPanel, order: int = 3) -> LinearityTest:
    """LM tests of linearity against smooth transition in the panel's threshold variable."""
    from scipy.stats import chi2
    from scipy.stats import f as f_distribution

    if order < 1:
        raise ValueError(f"order: expected at least 1, got {order}")
    x = panel.x[:, : panel.n_slopes - int(panel.regime_intercept)]
    scale = (panel.q - panel.q.mean()) / panel.q.std()
    powers = [x * (scale**j)[:, None] for j in range(1, order + 1)]
    y = panel.y_residual
    n, ssr_0 = len(y), panel.ssr_linear
    k = panel.base.columns.shape[1]
    ssr = [ssr_0]
    for j in range(1, order + 1):
        added = orthonormal(panel.within, np.hstack(powers[:j]), panel.base)
        ssr.append(ssr[0] - float(np.square(added.columns.T @ y).sum()))
    rank = added.columns.shape[1]
    free_units = panel.n_units if panel.within.kept is None else 0
    dof = n - free_units - k - rank
    lm = n * (ssr_0 - ssr[-1]) / ssr_0
    lm_f = ((ssr_0 - ssr[-1]) / rank) / (ssr_0 / dof)
    scores = panel.by_cluster(added.columns * y[:, None])
    total = scores.sum(axis=0)
    cluster = wald(total, scores, 1.0)
    p = x.shape[1]
    sequence = []
    for j in range(order, 0, -1):
        step = ((ssr[j - 1] - ssr[j]) / p) / (ssr[j - 1] / (n - free_units - k - j * p))
        sequence.append(float(f_distribution.sf(step, p, n - free_units - k - j * p)))
    return LinearityTest(
        order=order,
        lm=lm,
        lm_p=float(chi2.sf(lm, rank)),
        lm_f=lm_f,
        lm_f_p=float(f_distribution.sf(lm_f, rank, dof)),
        lm_cluster=cluster,
        lm_cluster_p=float(chi2.sf(cluster, rank)),
        sequence_p=tuple(sequence),
    )
