"""Least squares on a panel of units and periods, with clustered standard errors.

Belongs here: one fit of one equation, from arrays to a frozen result. Does not belong here: which
columns a study uses, and what a table looks like.

Notation: y_it = a + x_it'b + u_i + v_t + e_it, where either set of effects may be left out.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.regression.absorbed import counts_of, left_within, moments_of
from analysis.regression.conventions import (
    DEFAULT_CONVENTION,
    Convention,
    FitCounts,
    counted_parameters,
    reference_df,
    variance_factor,
)
from analysis.regression.effects import IntArray, mean_of
from analysis.regression.rank import (
    DroppedTerm,
    Factor,
    FloatArray,
    cancels,
    exact,
    factor,
    lengths,
    nothing_left,
    rounding_floor,
    variation,
    wald,
)
from analysis.regression.rows import (
    CONSTANT,
    Effect,
    PanelRegressionError,
    check_request,
    rows_to_fit,
)
from analysis.regression.support import TermSupport, term_support

DEFAULT_LEVEL = 0.95
EMPTY = 1e-18
"""Squares that a cluster has of columns of length one, below which it holds rounding alone."""


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

    ``is_exact`` says that the regressors leave nothing of the outcome: an identity, whose
    coefficients have no error. Errors, and what is made of them, are NaN then, and for a term
    whose contributions cancel in each cluster (one that varies in a single cluster, say).

    ``support`` says of each slope what it rests on. ``n_empty_clusters`` are clusters of which the
    effects leave nothing, such as those of singletons; ``n_clusters`` counts them, as fixest does.

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
    n_empty_clusters: int
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
    is_exact: bool
    support: tuple[TermSupport, ...]
    counts: FitCounts = field(repr=False)
    influence: FloatArray = field(repr=False)
    clusters: npt.NDArray[Any] = field(repr=False)

    def position(self, name: str) -> int:
        """Index of the term `name`; raises KeyError that lists the terms there are."""
        if name not in self.names:
            raise KeyError(f"no term {name!r} in this fit; there are {', '.join(self.names)}")
        return self.names.index(name)

    def weaknesses(self, name: str) -> tuple[str, ...]:
        """Why the error of the term `name` isn't to be believed; empty where it may be.

        The constant has none of its own.
        """
        at = self.position(name)
        return self.support[at].weaknesses if at < len(self.support) else ()

    def under(self, convention: Convention) -> "PanelFit":
        """The same fit with the standard errors of another convention; nothing is fitted again."""
        inference = _inference(
            self.coefficients, self.influence, self.counts, convention, self.level
        )
        return replace(self, **inference)


def _inference(
    coefficients: FloatArray,
    influence: FloatArray,
    counts: FitCounts,
    convention: Convention,
    level: float,
) -> dict[str, Any]:
    """Everything that depends on the convention, from what clusters contribute (G, terms)."""
    from scipy import stats

    df_t = reference_df(convention, counts)
    scale = variance_factor(convention, counts)
    length = lengths(influence)
    std_errors = np.sqrt(scale) * np.where(length > 0, length, np.nan)
    t_values = coefficients / std_errors
    half_width = stats.t.ppf(0.5 + level / 2, df_t) * std_errors
    n_slopes = counts.n_slopes
    f_statistic = wald(coefficients[:n_slopes], influence[:, :n_slopes], scale) / n_slopes
    return {
        "covariance": influence.T @ influence * scale,
        "std_errors": std_errors,
        "t_values": t_values,
        "p_values": 2 * stats.t.sf(np.abs(t_values), df_t),
        "ci_low": coefficients - half_width,
        "ci_high": coefficients + half_width,
        "level": level,
        "f_statistic": f_statistic,
        "f_p_value": float(stats.f.sf(f_statistic, n_slopes, df_t)),
        "df_resid": df_t,
        "df_counted": counted_parameters(convention, counts),
        "df_convention": convention,
    }


@dataclass(frozen=True)
class _LeastSquares:
    """Slopes and constant (k + 1), what each cluster contributes to them (G, k + 1), and RSS.

    ``weights`` (n, k): a slope is the sum of its weights times y.
    """

    coefficients: FloatArray
    influence: FloatArray
    rss: float
    is_exact: bool
    weights: FloatArray


def _least_squares(
    y: FloatArray,
    x: FloatArray,
    left: FloatArray,
    chosen: Factor,
    clusters: IntArray,
    row_weights: FloatArray | None = None,
) -> _LeastSquares:
    """Least squares of y (n) on x (n x k), a constant and effects.

    `left` (n) is what the effects leave of y, `chosen` the factor of what they leave of x, both times
    the root of the rows' weights where there are any (their mean is 1). The
    influence of cluster g is ``(X'X)^-1 X_g'e_g``; the influences' cross-product is the sandwich.
    The constant restores the mean: X is what the effects leave of x, plus x's mean. A term's
    contributions that cancel in every cluster, or are rounding as the residuals are, are 0.
    """
    n = len(x)
    mean = mean_of(x, row_weights)
    root = np.ones(n) if row_weights is None else np.sqrt(row_weights)
    slopes = chosen.slopes(left)
    fitted = chosen.basis @ (chosen.triangle @ (slopes * chosen.length))
    residuals = left - fitted
    is_exact = exact(y, left, residuals)
    if is_exact:
        # What a column adds to an identity below rounding is no coefficient.
        smallest = np.maximum(rounding_floor(y[:, None])[0], rounding_floor(left[:, None])[0])
        slopes = np.where(np.abs(slopes) * chosen.length > smallest, slopes, 0.0)
    weights = chosen.spread(chosen.basis)
    rows = np.column_stack([weights, root / n - weights @ mean]) * residuals[:, None]
    influence = np.column_stack(
        [np.bincount(clusters, weights=column) for column in rows.T]
    ).astype(float)
    influence[:, cancels(influence, rows) | is_exact] = 0.0
    return _LeastSquares(
        coefficients=np.append(slopes, mean_of(y[:, None], row_weights)[0] - mean @ slopes),
        influence=influence,
        rss=float(residuals @ residuals),
        is_exact=is_exact,
        weights=weights * root[:, None],
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
    weights: npt.ArrayLike | None = None,
    time_by: npt.ArrayLike | None = None,
    trends: bool = False,
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
    weights
        Positive weights of the rows (n): least squares are weighted by them, and so are R2 and the
        constant's mean. Only their ratios count; N stays the number of rows (Stata's aweights and
        pweights, not its fweights).
    time_by
        Group of each row (n) whose periods have effects of their own, instead of effects of time
        that all rows share: provinces, say.
    trends
        Each unit also has its own linear trend, beside its effect. Conventions count trends as they
        count the effects of units.

    Rows with a missing or infinite y, x or a missing cluster are left out and counted by variable
    (a row that lacks two is counted under both). A regressor that does not vary, is absorbed by
    the effects or is a linear combination of those before it is dropped with the reason.

    Raises PanelRegressionError if nothing is left to fit: no rows, no regressor, no variation in
    y, fewer than two clusters, no degrees of freedom; or if a unit has a period twice.
    """
    y_all = np.asarray(y, dtype=float)
    x_all = np.asarray(x, dtype=float)
    check_request(y_all, x_all, names, outcome, effects, convention)
    rows = rows_to_fit(
        y_all, x_all, unit, time, unit if cluster is None else cluster, effects, names, outcome,
        drop_singletons, time_by,
    )  # fmt: skip
    y_used, x_used, clusters, groups = rows.y, rows.x, rows.clusters, rows.groups
    row_weights = rows.weights(weights)
    n_obs, n_clusters = len(y_used), int(clusters.max()) + 1
    if n_clusters < 2:
        raise PanelRegressionError(
            "one cluster only: clustered standard errors need two or more; widen the sample or "
            "cluster by something finer"
        )
    absorbed_by = " and ".join(
        [f"{effect} effects" for effect in effects] + (["unit trends"] if trends else [])
    )
    # Effects are taken out once, of columns about their mean: a large mean would cost digits.
    stacked = np.column_stack([y_used, x_used])
    moments = moments_of(time, rows) if trends else None
    within = left_within(
        stacked - mean_of(stacked, row_weights), rows, effects, row_weights, moments
    )
    if row_weights is not None:
        within *= np.sqrt(row_weights)[:, None]
    _check_outcome(stacked[:, :1], within[:, :1], outcome, absorbed_by)
    chosen = factor(x_used, within[:, 1:], names, absorbed_by=absorbed_by)
    kept = list(chosen.kept)
    if not kept:
        reasons = "; ".join(f"{term.name} {term.reason}" for term in chosen.dropped)
        raise PanelRegressionError(f"no regressor is left: {reasons or 'none was given'}")
    counts = counts_of(rows, len(kept), trends)
    try:
        variance_factor(convention, counts)
    except ValueError as error:
        raise PanelRegressionError(str(error)) from error
    solved = _least_squares(y_used, x_used[:, kept], within[:, 0], chosen, clusters, row_weights)
    about_mean = (y_used - mean_of(y_used[:, None], row_weights)[0]) ** 2
    tss = float(np.sum(about_mean if row_weights is None else row_weights * about_mean))
    r2 = 1 - solved.rss / tss
    tss_within = float(within[:, 0] @ within[:, 0])
    of_cluster = np.bincount(
        clusters, weights=np.square(within / np.maximum(lengths(within), 1e-300)).sum(axis=1)
    )
    return PanelFit(
        names=(*(names[j] for j in kept), CONSTANT),
        coefficients=solved.coefficients,
        n_obs=n_obs,
        n_units=int(rows.units.max()) + 1,
        n_periods=int(rows.times.max()) + 1,
        n_clusters=n_clusters,
        n_empty_clusters=int((of_cluster <= EMPTY).sum()),
        n_singletons=rows.n_singletons,
        n_dropped_missing=rows.n_missing,
        n_dropped_singletons=rows.n_singletons if drop_singletons else 0,
        missing_by_variable={k: int(v.sum()) for k, v in rows.missing.items() if v.any()},
        r2=r2,
        r2_within=1 - solved.rss / tss_within if groups else float("nan"),
        r2_adjusted=1 - (1 - r2) * (n_obs - 1) / (n_obs - counts.n_parameters),
        rss=solved.rss,
        tss=tss,
        df_model=counts.n_slopes,
        n_parameters=counts.n_parameters,
        dropped=chosen.dropped,
        is_exact=solved.is_exact,
        support=tuple(
            term_support(h, x_used[:, j], rows.units, clusters)
            for h, j in zip(solved.weights.T, kept, strict=True)
        ),
        counts=counts,
        influence=solved.influence,
        clusters=rows.cluster_names,
        **_inference(solved.coefficients, solved.influence, counts, convention, level),
    )


def _check_outcome(raw: FloatArray, left: FloatArray, outcome: str, absorbed_by: str) -> None:
    """Refuse an outcome (n x 1) of which nothing is there to explain."""
    if not variation(raw)[0] > 0:
        raise PanelRegressionError(f"{outcome} does not vary in the sample: nothing to explain")
    if nothing_left(raw, left)[0]:
        raise PanelRegressionError(
            f"{outcome} is absorbed by {absorbed_by}: nothing is left to explain; take another "
            "outcome or fewer effects"
        )


__all__ = [
    "CONSTANT",
    "DroppedTerm",
    "Effect",
    "PanelFit",
    "PanelRegressionError",
    "fit_panel",
]
