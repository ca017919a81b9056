"""The regression at given thresholds: slopes by regime and controls, with three kinds of errors.

Thresholds are taken as known, which is right asymptotically (Hansen 1999, section 6). No search
and no test belongs here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.blas import one_thread
from analysis.methods.threshold.numbers.panel import ThresholdPanel
from analysis.methods.threshold.numbers.within import Floats, Ints, orthonormal
from analysis.regression.rank import Factor, cancels, exact, factor, lengths
from analysis.regression.support import TermSupport, term_support


@dataclass(frozen=True)
class RegimeSlopes:
    """Coefficients (k,): controls first, then slopes, regime by regime.

    `regime` (k,) is 0, 1, ... for a regime's slope and -1 for a control; `term` names each. A
    column that others span has NaN. Errors:
    - conventional: SSR / dof (X'X)^-1, dof being the rows that the convention keeps less units and
      coefficients. Under "xthreg" that is xtreg's count. Under "hansen" it takes the units off
      twice (the dropped rows were theirs), but it is what the author's program prints;
    - robust: White (1980) without small-sample factor, in both conventions;
    - cluster: by the panel's clusters, G of them, times G/(G-1) (n-1)/(n-k) with k coefficients,
      year effects and a constant included and unit effects not, as xtreg does for effects nested in
      clusters. NaN for a slope whose contributions cancel in each cluster, as those of one do.
    `covariance_*` are (k, k). `n_obs` and `n_active` (K+1,) count rows, and rows with a non-zero
    first regressor, by regime; `n_units` the units ever in it. `support` (k,) says of each coefficient
    what it rests on, treated units and effective clusters among it; None where it has none.
    """

    thresholds: tuple[float, ...]
    term: tuple[str, ...]
    regime: Ints
    coefficient: Floats
    se_conventional: Floats
    se_robust: Floats
    se_cluster: Floats
    covariance_conventional: Floats
    covariance_robust: Floats
    covariance_cluster: Floats
    ssr: float
    dof: float
    n_clusters: int
    n_obs: Ints
    n_active: Ints
    n_units: Ints
    support: tuple[TermSupport | None, ...]

    def slopes(self) -> tuple[Floats, Floats]:
        """Coefficients and clustered errors of the regime slopes alone, each (rows,)."""
        here = self.regime >= 0
        return self.coefficient[here], self.se_cluster[here]


def regime_of(panel: ThresholdPanel, thresholds: Sequence[float]) -> Ints:
    """Regime number, 0 for the lowest, of every row of the panel: (n,)."""
    edges = np.sort(np.asarray(thresholds, dtype=float))
    if panel.lower_regime == "<=":
        return np.searchsorted(edges, panel.q, side="left").astype(np.int64)
    return np.searchsorted(edges, panel.q, side="right").astype(np.int64)


def estimate_slopes(
    panel: ThresholdPanel,
    thresholds: Sequence[float],
    x_names: Sequence[str] | None = None,
) -> RegimeSlopes:
    """Least squares of the outcome on controls and x by regime, unit (and year) effects removed.

    `thresholds` may be empty: the linear model. `x_names` names the columns of x given to
    `prepare_panel`. With regime intercepts the lowest regime's is the reference.
    """
    regime = regime_of(panel, thresholds)
    n_regimes = len(thresholds) + 1
    n_given = panel.n_slopes - int(panel.regime_intercept)
    names = list(x_names or [f"x{i}" for i in range(n_given)])
    if len(names) != n_given:
        raise ValueError(f"x_names: {len(names)} names for {n_given} regressors")
    columns = [panel.z[:, : panel.n_controls]]
    term = list(panel.control_names[: panel.n_controls])
    owner = [-1] * panel.n_controls
    for r in range(n_regimes):
        inside = (regime == r)[:, None]
        columns.append(panel.x[:, :n_given] * inside)
        term += [f"{name}:regime{r}" for name in names]
        owner += [r] * n_given
        if panel.regime_intercept and r:
            columns.append(inside.astype(float))
            term.append(f"constant:regime{r}")
            owner.append(r)
    x = np.hstack(columns)
    fit = fit_columns(panel, x)
    active = panel.x[:, 0] != 0
    return RegimeSlopes(
        thresholds=tuple(float(t) for t in np.sort(np.asarray(thresholds, dtype=float))),
        term=tuple(term),
        regime=np.asarray(owner, dtype=np.int64),
        coefficient=fit.coefficient,
        se_conventional=np.sqrt(np.diag(fit.conventional)),
        se_robust=np.sqrt(np.diag(fit.robust)),
        se_cluster=np.sqrt(np.diag(fit.cluster)),
        covariance_conventional=fit.conventional,
        covariance_robust=fit.robust,
        covariance_cluster=fit.cluster,
        ssr=fit.ssr,
        dof=fit.dof,
        n_clusters=panel.n_clusters,
        n_obs=np.bincount(regime, minlength=n_regimes),
        n_active=np.bincount(regime[active], minlength=n_regimes),
        n_units=np.array([len(np.unique(panel.unit_code[regime == r])) for r in range(n_regimes)]),
        support=tuple(
            term_support(h, column, panel.unit_code, panel.cluster_code) if has else None
            for h, column, has in zip(fit.weights.T, x.T, np.isfinite(fit.coefficient), strict=True)
        ),
    )


@dataclass(frozen=True)
class ColumnFit:
    """Least squares on given columns: coefficients (k,), three covariances (k, k), SSR and dof.

    A coefficient is the sum of its `weights` (n, k) times the outcome. An identity has no errors.
    """

    coefficient: Floats
    weights: Floats
    conventional: Floats
    robust: Floats
    cluster: Floats
    ssr: float
    dof: float


@one_thread
def fit_columns(panel: ThresholdPanel, columns: Floats) -> ColumnFit:
    """Regress the outcome on full-row `columns` (n, k), unit and year effects removed.

    See `RegimeSlopes` for the kinds of errors.
    """
    y = panel.within.transform(panel.y - panel.y.mean())
    effects = orthonormal(panel.within, panel.z[:, panel.n_controls :]).columns
    y = y - effects @ (effects.T @ y)
    chosen = _chosen(panel, columns, effects)
    beta = chosen.slopes(y)
    e = y - chosen.basis @ (chosen.triangle @ (beta * chosen.length))
    width = columns.shape[1]
    coefficient = np.full(width, np.nan)
    coefficient[list(chosen.kept)] = beta
    weights = np.full(columns.shape, np.nan)
    weights[:, list(chosen.kept)] = panel.within.pull_back(chosen.spread(chosen.basis))

    bread = chosen.bread()
    n, k, n_units = len(y), len(chosen.kept) + effects.shape[1], panel.n_units
    dof = float(n - n_units - k)
    if dof <= 0:
        raise ValueError(f"slopes: {n} rows are too few for {n_units} units and {k} coefficients")
    # An identity leaves rounding, which is no error.
    noise = np.full(n, np.nan) if exact(panel.y, y, e) else e
    scores = chosen.basis * noise[:, None]
    n_clusters = panel.n_clusters
    scale = n_clusters / (n_clusters - 1) * (n - 1) / (n - k - 1)
    by_row, by_cluster = chosen.spread(scores), chosen.spread(panel.by_cluster(scores))
    by_cluster[:, cancels(by_cluster, by_row)] = np.nan  # rounding, and no error
    return ColumnFit(
        coefficient=coefficient,
        weights=weights,
        conventional=_widen(bread * (noise @ noise / dof), chosen.kept, width),
        robust=_widen(by_row.T @ by_row, chosen.kept, width),
        cluster=_widen(by_cluster.T @ by_cluster * scale, chosen.kept, width),
        ssr=float(e @ e),
        dof=dof,
    )


def _chosen(panel: ThresholdPanel, columns: Floats, effects: Floats) -> Factor:
    """The columns (n, k) that unit effects, `effects` (m, l) and those before them don't span."""
    size = lengths(columns - columns.mean(axis=0))
    size = np.where(size > 0, size, 1.0)
    x = panel.within.transform((columns - columns.mean(axis=0)) / size)
    x = x - effects @ (effects.T @ x)
    found = factor(columns / size, x, [""] * columns.shape[1])
    return replace(found, length=found.length * size[list(found.kept)])


def _widen(covariance: Floats, kept: tuple[int, ...], width: int) -> Floats:
    wide = np.full((width, width), np.nan)
    wide[np.ix_(kept, kept)] = covariance
    return wide
