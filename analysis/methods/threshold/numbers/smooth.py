"""Panel smooth transition (PSTR): is the change of slope sharp, and is there one at all?

Here belong the linearity tests and the estimate of the two-regime PSTR of González, Teräsvirta and
van Dijk (2005): y_it = mu_i + theta'z_it + b0'x_it + b1'x_it G(q_it; speed, c) + e_it with G =
1 / (1 + exp(-speed prod_j (q - c_j) / sd(q)^m)). It stands beside the sharp model as a check: G
tends to a step as the speed grows.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.blas import one_thread
from analysis.methods.threshold.numbers.panel import ThresholdPanel
from analysis.methods.threshold.numbers.slopes import ColumnFit, fit_columns
from analysis.methods.threshold.numbers.within import Floats, orthonormal
from analysis.regression.rank import factor, wald

SPEED_BOUNDS = (0.1, 1000.0)
"""Speeds per standard deviation of q: below, G is a straight line; above, a step between rows."""

N_SPEEDS = 14
N_LOCATIONS = 24


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


@dataclass(frozen=True)
class SmoothTransition:
    """Two-regime PSTR. `slope_low` (p,) where G = 0, `change` (p,) added where G = 1.

    Errors are clustered by unit and joint over slopes, speed and locations. `at_bound` says that
    the speed ran into its upper bound: the data want a step. `share_between` is the share of rows
    with .05 < G < .95. `converged` is the optimiser's own word.
    """

    speed: float
    location: tuple[float, ...]
    slope_low: Floats
    change: Floats
    se_slope_low: Floats
    se_change: Floats
    se_speed: float
    se_location: tuple[float, ...]
    ssr: float
    ssr_linear: float
    at_bound: bool
    share_between: float
    converged: bool


def _slopes(panel: ThresholdPanel) -> Floats:
    if panel.kink_center is not None:
        raise ValueError("PSTR: build the panel with prepare_panel, not for a kink")
    return panel.x[:, : panel.n_slopes - int(panel.regime_intercept)]


@one_thread
def linearity_test(panel: ThresholdPanel, order: int = 3) -> LinearityTest:
    """LM tests of linearity against smooth transition in the panel's threshold variable."""
    from scipy.stats import chi2
    from scipy.stats import f as f_distribution

    if order < 1:
        raise ValueError(f"order: expected at least 1, got {order}")
    x = _slopes(panel)
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


def transition(q: Floats, speed: float, location: Floats, sd: float) -> Floats:
    """G (n,), between 0 and 1."""
    from scipy.special import expit

    return expit(speed * np.prod((q[:, None] - location) / sd, axis=1))


@one_thread
def fit_smooth_transition(panel: ThresholdPanel, n_locations: int = 1) -> SmoothTransition:
    """Least squares over speed and locations, slopes concentrated out.

    Starts from the best of a fixed grid of speeds and locations (quantiles of q), then minimises by
    L-BFGS-B; the same input gives the same result.
    """
    from scipy.optimize import minimize

    if n_locations not in (1, 2):
        raise ValueError(f"n_locations: expected 1 or 2, got {n_locations}")
    x, q, sd = _slopes(panel), panel.q, float(panel.q.std())
    low, high = (float(v) for v in np.quantile(q, [0.02, 0.98]))
    y, base = panel.y_residual, panel.base.columns

    def ssr(parameters: Any) -> float:
        g = transition(q, float(np.exp(parameters[0])), parameters[1:], sd)
        raw = x * g[:, None]
        columns = panel.within.transform(raw)
        columns -= base @ (base.T @ columns)
        fitted = factor(raw, columns, [""] * raw.shape[1]).basis.T @ y
        return panel.ssr_linear - float(fitted @ fitted)

    speeds = np.linspace(np.log(0.5), np.log(200.0), N_SPEEDS)
    places = np.quantile(q, np.linspace(0.05, 0.95, N_LOCATIONS))
    if n_locations == 1:
        starts = [np.array([s, c]) for s in speeds for c in places]
    else:
        some = places[::3]
        starts = [
            np.array([s, a, b]) for s in speeds[::2] for i, a in enumerate(some) for b in some[i:]
        ]
    start: Any = min(starts, key=ssr)
    slowest, fastest = (float(np.log(v)) for v in SPEED_BOUNDS)
    bounds = [(slowest, fastest)] + [(low, high)] * n_locations
    scale = panel.ssr_linear
    found = minimize(  # type: ignore[call-overload]
        lambda v: ssr(v) / scale,
        start,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 500},
    )
    best = found.x if found.fun * scale <= ssr(start) else start
    speed, location = float(np.exp(best[0])), np.sort(best[1:])

    g = transition(q, speed, location, sd)
    columns = np.column_stack([panel.z[:, : panel.n_controls], x, x * g[:, None]])
    p, at = x.shape[1], panel.n_controls
    change = fit_columns(panel, columns).coefficient[at + p :]
    at_bound = bool(best[0] > fastest - 1e-3)
    slope_of_g = g * (1 - g) * (x @ change)
    gaps = (q[:, None] - location) / sd
    by_location = [
        -speed * np.prod(np.delete(gaps, j, axis=1), axis=1) / sd * slope_of_g
        for j in range(n_locations)
    ]
    gradient = np.column_stack([np.prod(gaps, axis=1) * slope_of_g, *by_location])
    fit: ColumnFit = fit_columns(panel, columns, gradient)
    error = np.sqrt(np.diag(fit.cluster))
    return SmoothTransition(
        speed=speed,
        location=tuple(float(c) for c in location),
        slope_low=fit.coefficient[at : at + p],
        change=change,
        se_slope_low=error[at : at + p],
        se_change=error[at + p : at + 2 * p],
        se_speed=float(error[at + 2 * p]),
        se_location=tuple(float(v) for v in error[at + 2 * p + 1 :]),
        ssr=fit.ssr,
        ssr_linear=panel.ssr_linear,
        at_bound=at_bound,
        share_between=float(((g > 0.05) & (g < 0.95)).mean()),
        converged=bool(found.success),
    )
