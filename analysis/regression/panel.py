"""Least squares on a panel of units and periods, with clustered standard errors.

Belongs here: one fit of one equation, from arrays to a frozen result. Does not belong here: which
columns a study uses, and what a table looks like.

Notation: y_it = a + x_it'b + u_i + v_t + e_it, where either set of effects may be left out.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.regression.conventions import (
    CONVENTIONS,
    DEFAULT_CONVENTION,
    Convention,
    FitCounts,
    counted_parameters,
    reference_df,
    variance_factor,
)
from analysis.regression.effects import (
    DroppedTerm,
    FloatArray,
    IntArray,
    connected_sets,
    independent_columns,
    is_nested,
    singletons,
    take_out,
)

Effect = Literal["unit", "time"]
CONSTANT = "constant"
DEFAULT_LEVEL = 0.95


class PanelRegressionError(ValueError):
    """A regression that can't be done, with the reason and what to do."""


@dataclass(frozen=True)
class PanelFit:
    """One fitted equation. Arrays have one entry per term of `names`, the constant last.

    The constant restores the mean: ``mean(y) - mean(x)'b``, the average effect where effects are
    absorbed, as Stata's areg, xtreg and reghdfe print it.

    ``r2`` is 1 - RSS/TSS about the mean of y, effects included; ``r2_within`` measures against y
    with the effects taken out (NaN without effects); ``r2_adjusted`` is
    1 - (1 - r2)(N - 1)/(N - n_parameters). ``f_statistic`` is the Wald test that all slopes are 0
    divided by their number (NaN if there are too few clusters to tell them apart), to be read on
    F(df_model, df_resid). ``df_model`` is the number of slopes, ``df_resid`` the degrees of freedom
    of t and F, ``df_counted`` what the convention counts against N, ``n_parameters`` all free
    coefficients, effects included.

    ``influence`` (G, terms) is what each cluster contributes to the coefficients, before the
    convention's factor: ``influence.T @ influence`` times the factor is the covariance.
    ``clusters`` (G) names its rows.
    """

    names: tuple[str, ...]
    coefficients: FloatArray
    std_errors: FloatArray
    covariance: FloatArray
    t_values: FloatArray
    p_values: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    level: float
    n_obs: int
    n_units: int
    n_periods: int
    n_clusters: int
    n_singletons: int
    n_dropped_missing: int
    n_dropped_singletons: int
    missing_by_variable: dict[str, int]
    r2: float
    r2_within: float
    r2_adjusted: float
    rss: float
    tss: float
    f_statistic: float
    f_p_value: float
    df_model: int
    df_resid: int
    df_counted: int
    n_parameters: int
    df_convention: Convention
    dropped: tuple[DroppedTerm, ...]
    counts: FitCounts = field(repr=False)
    influence: FloatArray = field(repr=False)
    clusters: npt.NDArray[Any] = field(repr=False)

    def position(self, name: str) -> int:
        """Index of the term `name`; raises KeyError that lists the terms there are."""
        if name not in self.names:
            raise KeyError(f"no term {name!r} in this fit; there are {', '.join(self.names)}")
        return self.names.index(name)

    def under(self, convention: Convention) -> "PanelFit":
        """The same fit with the standard errors of another convention; nothing is fitted again."""
        ratio = variance_factor(convention, self.counts) / variance_factor(
            self.df_convention, self.counts
        )
        inference = _inference(
            self.coefficients, self.covariance * ratio, self.counts, convention, self.level
        )
        return replace(self, **inference)


def _inference(
    coefficients: FloatArray,
    covariance: FloatArray,
    counts: FitCounts,
    convention: Convention,
    level: float,
) -> dict[str, Any]:
    """Everything that depends on the convention, from a covariance that is already scaled."""
    from scipy import stats

    df_t = reference_df(convention, counts)
    std_errors = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        t_values = coefficients / std_errors
    half_width = stats.t.ppf(0.5 + level / 2, df_t) * std_errors
    n_slopes = counts.n_slopes
    slopes = coefficients[:n_slopes]
    f_statistic = f_p_value = float("nan")
    # Scaled to a correlation matrix, so that units don't decide about its rank.
    scale = std_errors[:n_slopes]
    if (scale > 0).all():
        correlation = covariance[:n_slopes, :n_slopes] / np.outer(scale, scale)
        if np.linalg.matrix_rank(correlation, hermitian=True) == n_slopes:
            standard = slopes / scale
            f_statistic = float(standard @ np.linalg.solve(correlation, standard)) / n_slopes
            f_p_value = float(stats.f.sf(f_statistic, n_slopes, df_t))
    return {
        "covariance": covariance,
        "std_errors": std_errors,
        "t_values": t_values,
        "p_values": 2 * stats.t.sf(np.abs(t_values), df_t),
        "ci_low": coefficients - half_width,
        "ci_high": coefficients + half_width,
        "level": level,
        "f_statistic": f_statistic,
        "f_p_value": f_p_value,
        "df_resid": df_t,
        "df_counted": counted_parameters(convention, counts),
        "df_convention": convention,
    }


def _codes(values: npt.ArrayLike, what: str) -> IntArray:
    codes, _ = pd.factorize(np.asarray(values), sort=True)
    if (codes < 0).any():
        raise PanelRegressionError(
            f"{int((codes < 0).sum())} rows have no {what}: give every row one, or drop the rows"
        )
    return codes.astype(np.intp)


def _compact(codes: IntArray) -> IntArray:
    return np.unique(codes, return_inverse=True)[1].astype(np.intp)


@dataclass(frozen=True)
class _LeastSquares:
    """Slopes and constant (k + 1), what each cluster contributes to them (G, k + 1), and RSS."""

    coefficients: FloatArray
    influence: FloatArray
    rss: float


def _least_squares(
    y: FloatArray, x: FloatArray, within: FloatArray, clusters: IntArray
) -> _LeastSquares:
    """Least squares of y (n) on x (n x k), a constant and effects.

    `within` (n x (1 + k)) is what the effects leave of y and x. The influence of cluster g is
    ``(X'X)^-1 X_g'e_g``; the influences' cross-product is the sandwich. The constant restores the
    mean: X is what the effects leave of x, plus x's mean. Regressors are set to one length on the
    way, so that units of measurement don't decide about the inverse.
    """
    n, k = x.shape
    mean = x.mean(axis=0)
    scale = np.linalg.norm(within[:, 1:], axis=0)
    basis, triangle = np.linalg.qr(within[:, 1:] / scale)
    slopes = np.linalg.solve(triangle, basis.T @ within[:, 0]) / scale
    residuals = within[:, 0] - within[:, 1:] @ slopes
    scores = np.column_stack(
        [np.bincount(clusters, weights=column * residuals) for column in (*basis.T, np.ones(n))]
    )
    influence: FloatArray = np.empty(scores.shape)
    influence[:, :k] = np.linalg.solve(triangle, scores[:, :k].T).T / scale
    influence[:, k] = scores[:, k] / n - influence[:, :k] @ mean
    return _LeastSquares(
        coefficients=np.append(slopes, y.mean() - mean @ slopes),
        influence=influence,
        rss=float(residuals @ residuals),
    )


@dataclass(frozen=True)
class _Rows:
    """The rows of a fit, groups as codes 0, 1, ...; what was left out, and why."""

    y: FloatArray
    x: FloatArray
    units: IntArray
    times: IntArray
    clusters: IntArray
    cluster_names: npt.NDArray[Any]
    groups: tuple[IntArray, ...]
    missing: dict[str, npt.NDArray[np.bool_]]
    n_missing: int
    n_singletons: int


def _check_request(
    y: FloatArray,
    x: FloatArray,
    names: tuple[str, ...],
    outcome: str,
    effects: tuple[Effect, ...],
    convention: Convention,
) -> None:
    if convention not in CONVENTIONS:
        raise PanelRegressionError(
            f"unknown convention {convention!r}: choose one of {', '.join(CONVENTIONS)}"
        )
    if x.ndim != 2 or x.shape != (len(y), len(names)):
        raise PanelRegressionError(
            f"x has the shape {x.shape}: expected {len(y)} rows as in y and one column "
            f"for each of the {len(names)} names"
        )
    taken = (CONSTANT, "cluster", outcome)
    if set(taken) & set(names) or len(set(names)) < len(names):
        raise PanelRegressionError(
            f"names {', '.join(names)}: expected distinct names, none of {', '.join(taken)}"
        )
    if set(effects) - {"unit", "time"} or len(set(effects)) < len(effects):
        raise PanelRegressionError(f"effects {effects!r}: expected any of 'unit' and 'time', once")


def _rows_to_fit(
    y: FloatArray,
    x: FloatArray,
    unit: npt.ArrayLike,
    time: npt.ArrayLike,
    cluster: npt.ArrayLike,
    effects: tuple[Effect, ...],
    names: tuple[str, ...],
    outcome: str,
    drop_singletons: bool,
) -> _Rows:
    """Rows with every value, less singletons if asked; raises where none can be fitted."""
    unit_codes, time_codes = _codes(unit, "unit"), _codes(time, "period")
    cluster_codes, cluster_names = pd.factorize(np.asarray(cluster))
    lengths = {len(y), len(unit_codes), len(time_codes), len(cluster_codes)}
    if len(lengths) > 1:
        raise PanelRegressionError(f"y, unit, time and cluster differ in length: {sorted(lengths)}")

    missing = {outcome: ~np.isfinite(y)}
    missing |= {name: ~np.isfinite(x[:, j]) for j, name in enumerate(names)}
    missing["cluster"] = cluster_codes < 0
    used = ~np.any(list(missing.values()), axis=0)
    n_missing = int((~used).sum())
    if not used.any():
        raise PanelRegressionError(
            f"no rows to fit: {len(y)} rows given, {n_missing} of them with a missing value"
        )
    pairs = np.unique(np.column_stack([unit_codes, time_codes])[used], axis=0)
    if len(pairs) < used.sum():
        raise PanelRegressionError(
            f"{int(used.sum()) - len(pairs)} rows repeat a unit and period: expected one row each"
        )

    def selected_effects(rows: npt.NDArray[np.bool_]) -> tuple[IntArray, ...]:
        by_name = {"unit": unit_codes, "time": time_codes}
        return tuple(_compact(by_name[effect][rows]) for effect in effects)

    alone = singletons(selected_effects(used), int(used.sum()))
    n_singletons = int(alone.sum())
    if drop_singletons and n_singletons:
        used[np.flatnonzero(used)[alone]] = False
        if not used.any():
            raise PanelRegressionError("no rows to fit: every row is alone in a group of effects")

    return _Rows(
        y=y[used],
        x=x[used],
        units=_compact(unit_codes[used]),
        times=_compact(time_codes[used]),
        clusters=_compact(cluster_codes[used]),
        cluster_names=np.asarray(cluster_names)[np.unique(cluster_codes[used])],
        groups=selected_effects(used),
        missing=missing,
        n_missing=n_missing,
        n_singletons=n_singletons,
    )


def fit_panel(
    y: npt.ArrayLike,
    x: npt.ArrayLike,
    unit: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    effects: tuple[Effect, ...] = (),
    cluster: npt.ArrayLike | None = None,
    names: tuple[str, ...],
    outcome: str = "outcome",
    convention: Convention = DEFAULT_CONVENTION,
    drop_singletons: bool = False,
    level: float = DEFAULT_LEVEL,
) -> PanelFit:
    """Fit y (n) on x (n x k) with the given fixed effects and clustered standard errors.

    Parameters
    ----------
    y, x, unit, time
        Outcome (n), regressors (n x k, without a constant), and the unit and period of each row
        (n, of any type that sorts). A pair of unit and period may occur once.
    effects
        Any of "unit" and "time"; none means pooled least squares.
    cluster
        Cluster of each row (n); the unit where it is left out.
    names, outcome
        Names of the columns of x, and of y, for results and messages.
    convention
        Small-sample convention of the standard errors, see ``regression.conventions``.
    drop_singletons
        Leave out observations that are alone in a group of the effects, as reghdfe does. By
        default they stay, as in fixest and areg, and are counted.
    level
        Coverage of the confidence intervals.

    Rows with a missing or infinite y, x or a missing cluster are left out and counted by variable
    (a row that lacks two is counted under both). A regressor that does not vary, is absorbed by
    the effects or is a linear combination of those before it is dropped with the reason.

    Raises PanelRegressionError if nothing is left to fit: no rows, no regressor, no variation in
    y, fewer than two clusters, no degrees of freedom; or if a unit has a period twice.
    """
    y_all = np.asarray(y, dtype=float)
    x_all = np.asarray(x, dtype=float)
    _check_request(y_all, x_all, names, outcome, effects, convention)
    rows = _rows_to_fit(
        y_all, x_all, unit, time, unit if cluster is None else cluster, effects, names, outcome,
        drop_singletons,
    )  # fmt: skip
    y_used, x_used, clusters, groups = rows.y, rows.x, rows.clusters, rows.groups
    n_obs, n_clusters = len(y_used), int(clusters.max()) + 1
    if n_clusters < 2:
        raise PanelRegressionError(
            "one cluster only: clustered standard errors need two or more; widen the sample or "
            "cluster by something finer"
        )
    tss = float(np.sum((y_used - y_used.mean()) ** 2))
    if np.ptp(y_used) == 0.0:
        raise PanelRegressionError(f"{outcome} does not vary in the sample: nothing to explain")

    absorbed_by = " and ".join(f"{effect} effects" for effect in effects)
    # Effects are taken out once, of columns about their mean: a large mean would cost digits.
    stacked = np.column_stack([y_used, x_used])
    within = take_out(stacked - stacked.mean(axis=0), groups)
    kept, dropped = independent_columns(x_used, within[:, 1:], names, groups, absorbed_by)
    if not kept:
        reasons = "; ".join(f"{term.name} {term.reason}" for term in dropped)
        raise PanelRegressionError(f"no regressor is left: {reasons or 'none was given'}")

    counts = FitCounts(
        n_obs=n_obs,
        n_clusters=n_clusters,
        n_slopes=len(kept),
        effect_sizes=tuple(int(codes.max()) + 1 for codes in groups),
        effect_nested=tuple(is_nested(codes, clusters) for codes in groups),
        n_repeated=connected_sets(*groups) if len(groups) == 2 else 0,
    )
    if counts.n_parameters >= n_obs:
        raise PanelRegressionError(
            f"{counts.n_parameters} coefficients, effects included, for {n_obs} observations: no "
            "degrees of freedom are left; widen the sample or leave out effects"
        )
    solved = _least_squares(
        y_used, x_used[:, kept], within[:, [0, *(j + 1 for j in kept)]], clusters
    )
    coefficients, rss = solved.coefficients, solved.rss
    raw = solved.influence.T @ solved.influence
    r2 = 1 - rss / tss
    tss_within = float(within[:, 0] @ within[:, 0])
    try:
        factor = variance_factor(convention, counts)
    except ValueError as error:
        raise PanelRegressionError(str(error)) from error
    return PanelFit(
        names=(*(names[j] for j in kept), CONSTANT),
        coefficients=coefficients,
        n_obs=n_obs,
        n_units=int(rows.units.max()) + 1,
        n_periods=int(rows.times.max()) + 1,
        n_clusters=n_clusters,
        n_singletons=rows.n_singletons,
        n_dropped_missing=rows.n_missing,
        n_dropped_singletons=rows.n_singletons if drop_singletons else 0,
        missing_by_variable={k: int(v.sum()) for k, v in rows.missing.items() if v.any()},
        r2=r2,
        r2_within=1 - rss / tss_within if groups else float("nan"),
        r2_adjusted=1 - (1 - r2) * (n_obs - 1) / (n_obs - counts.n_parameters),
        rss=rss,
        tss=tss,
        df_model=counts.n_slopes,
        n_parameters=counts.n_parameters,
        dropped=tuple(dropped),
        counts=counts,
        influence=solved.influence,
        clusters=rows.cluster_names,
        **_inference(coefficients, raw * factor, counts, convention, level),
    )
