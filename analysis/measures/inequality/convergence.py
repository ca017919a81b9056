"""Do cities draw nearer to each other? Sigma and beta convergence.

Sources: Barro and Sala-i-Martin (1992); Baumol (1986) for the cross-section, Islam (1995) for
the panel. Sigma: does the spread fall; beta: do those that start lower grow faster.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.logarithm import log
from analysis.measures.inequality.values import Floats, InequalityError, check_values
from analysis.regression import DEFAULT_CONVENTION, PanelFit, fit_panel
from analysis.regression.conventions import Convention
from analysis.regression.panel import Effect

Covariance = Literal["conventional", "hc1"]
INITIAL = "initial"


@dataclass(frozen=True)
class SigmaConvergence:
    """Spread by period (t,) and its trend.

    sd_log: of logarithms; cv_log, cv: standard deviation over mean, of logarithms and of values.
    n (t,): units. trend, trend_se, trend_p: slope of sd_log on the period by least squares, NaN
    with fewer than three periods; a negative trend is sigma convergence.
    """

    period: NDArray[Any]
    sd_log: Floats
    cv_log: Floats
    cv: Floats
    n: NDArray[np.intp]
    trend: float
    trend_se: float
    trend_p: float


@dataclass(frozen=True)
class BetaConvergence:
    """A growth regression over `span` years; negative beta means convergence.

    names, coefficients, std_errors, t_values, p_values: "initial" first, then the controls, then
    the constant. beta is the coefficient of "initial". speed = -ln(1 + beta span)/span per year
    and half_life = ln 2 / speed in years; NaN where beta is too low for them or not negative.
    """

    names: tuple[str, ...]
    coefficients: Floats
    std_errors: Floats
    t_values: Floats
    p_values: Floats
    beta: float
    speed: float
    half_life: float
    r2: float
    n: int
    n_missing: int
    span: float
    covariance: Covariance


@dataclass(frozen=True)
class PanelBetaConvergence:
    """Growth of each unit on its own level `span` years before, from `fit` (see `fit_panel`)."""

    fit: PanelFit
    beta: float
    speed: float
    half_life: float
    span: int


def convergence_speed(beta: float, span: float) -> tuple[float, float]:
    """Speed per year and half-life in years that belong to `beta` of a regression over `span`.

    Half-life is NaN without convergence; both are where 1 + beta span is not positive.
    """
    left = 1 + beta * span
    if not left > 0:
        return float("nan"), float("nan")
    speed = -float(np.log(left)) / span
    return speed, float(np.log(2) / speed) if speed > 0 else float("nan")


def _least_squares(
    y: Floats, x: Floats, covariance: Covariance
) -> tuple[Floats, Floats, float, int]:
    """Coefficients, covariance, R2 and residual degrees of freedom; x holds the constant."""
    n, k = x.shape
    if n <= k:
        raise InequalityError(f"{n} rows for {k} coefficients: no degrees of freedom are left")
    # Columns of length one, so that units don't decide about the rank.
    length = np.sqrt((x**2).sum(axis=0))
    if (length == 0).any() or np.linalg.matrix_rank(x / length) < k:
        raise InequalityError(
            "the regressors are linearly dependent: leave out a control that doesn't vary or "
            "repeats others"
        )
    q, r = np.linalg.qr(x / length)
    back = np.linalg.inv(r) / length[:, None]
    coefficients = back @ (q.T @ y)
    residual = y - x @ coefficients
    rss = float(residual @ residual)
    if covariance == "conventional":
        spread = back @ back.T * rss / (n - k)
    else:
        meat = (q * residual[:, None]).T @ (q * residual[:, None])
        spread = back @ meat @ back.T * n / (n - k)
    tss = float(np.sum((y - y.mean()) ** 2))
    return coefficients, spread, 1 - rss / tss if tss > 0 else float("nan"), n - k


def _t_tests(coefficients: Floats, covariance: Floats, df: int) -> tuple[Floats, Floats, Floats]:
    from scipy.stats import t as student

    errors = np.sqrt(np.diag(covariance))
    t = np.divide(coefficients, errors, out=np.full_like(errors, np.nan), where=errors > 0)
    return errors, t, 2 * student.sf(np.abs(t), df)


def sigma_convergence(
    values: ArrayLike, period: ArrayLike, *, ddof: Literal[0, 1] = 0
) -> SigmaConvergence:
    """Spread of positive values by period; periods are numbers, such as years.

    Variances are sums of squares over n - `ddof`: 0 where the units are all there are, 1 where
    they are a sample. Missing values are left out. A period with fewer than two units has NaN. Raises
    InequalityError if a value is zero or negative, as logarithms are needed.
    """
    data = check_values(values, group=period)
    if (data.values == 0).any():
        raise InequalityError("values: expected positive values, got zeros; logarithms are needed")
    logs = log(data.values)
    k = len(data.groups)
    sd_log, cv_log, cv = (np.full(k, np.nan) for _ in range(3))
    n = np.bincount(data.codes, minlength=k).astype(np.intp)
    for i in np.flatnonzero(n > 1):
        some = data.codes == i
        sd_log[i] = logs[some].std(ddof=ddof)
        mean = logs[some].mean()
        cv_log[i] = sd_log[i] / mean if mean != 0 else np.nan
        cv[i] = data.values[some].std(ddof=ddof) / data.values[some].mean()
    trend = trend_se = trend_p = float("nan")
    there = np.isfinite(sd_log)
    if there.sum() >= 3:
        x = np.column_stack([data.groups[there].astype(float), np.ones(int(there.sum()))])
        # Years from the mean: four digits squared would cost accuracy.
        x[:, 0] -= x[:, 0].mean()
        coefficients, covariance, _, df = _least_squares(sd_log[there], x, "conventional")
        errors, _, p = _t_tests(coefficients, covariance, df)
        trend, trend_se, trend_p = float(coefficients[0]), float(errors[0]), float(p[0])
    return SigmaConvergence(data.groups, sd_log, cv_log, cv, n, trend, trend_se, trend_p)


def beta_convergence(
    initial: ArrayLike,
    final: ArrayLike,
    span: float,
    controls: ArrayLike | None = None,
    *,
    control_names: tuple[str, ...] = (),
    covariance: Covariance = "hc1",
) -> BetaConvergence:
    """Cross-section: ln(final/initial)/span on ln(initial) and controls, by least squares.

    `initial` and `final` (n,) are positive levels `span` years apart, `controls` (n, k) with
    `control_names` makes beta conditional. Standard errors are conventional, or robust with the
    factor n/(n - k) ("hc1"); t with n - k degrees of freedom. Rows that lack a value are left
    out and counted. Raises InequalityError on zero or negative levels, or without degrees of
    freedom.
    """
    if covariance not in ("conventional", "hc1"):
        raise InequalityError(f"covariance {covariance!r}: choose conventional or hc1")
    if not span > 0:
        raise InequalityError(f"span: expected a positive number of years, got {span!r}")
    start, end = np.asarray(initial, dtype=float), np.asarray(final, dtype=float)
    if start.ndim != 1 or start.shape != end.shape:
        raise InequalityError(f"initial and final: got shapes {start.shape} and {end.shape}")
    z = np.empty((len(start), 0)) if controls is None else np.asarray(controls, dtype=float)
    z = z[:, None] if z.ndim == 1 else z
    if len(z) != len(start) or z.shape[1] != len(control_names):
        raise InequalityError(
            f"controls: expected {len(start)} rows and {len(control_names)} named columns, got "
            f"{z.shape}"
        )
    used = np.isfinite(start) & np.isfinite(end) & np.isfinite(z).all(axis=1)
    if ((start[used] <= 0) | (end[used] <= 0)).any():
        raise InequalityError("initial and final: expected positive levels; logarithms are needed")
    level = log(start[used])
    growth = (log(end[used]) - level) / span
    x = np.column_stack([level, z[used], np.ones(int(used.sum()))])
    coefficients, spread, r2, df = _least_squares(growth, x, covariance)
    errors, t, p = _t_tests(coefficients, spread, df)
    beta = float(coefficients[0])
    speed, half_life = convergence_speed(beta, span)
    return BetaConvergence(
        names=(INITIAL, *control_names, "constant"),
        coefficients=coefficients,
        std_errors=errors,
        t_values=t,
        p_values=p,
        beta=beta,
        speed=speed,
        half_life=half_life,
        r2=r2,
        n=int(used.sum()),
        n_missing=int((~used).sum()),
        span=span,
        covariance=covariance,
    )


def panel_beta_convergence(
    values: ArrayLike,
    unit: ArrayLike,
    time: ArrayLike,
    controls: ArrayLike | None = None,
    *,
    control_names: tuple[str, ...] = (),
    span: int = 1,
    effects: tuple[Effect, ...] = ("unit", "time"),
    convention: Convention = DEFAULT_CONVENTION,
) -> PanelBetaConvergence:
    """Panel: ln(v_t / v_{t-span}) / span on ln v_{t-span} and controls of the earlier year.

    `values` (n,) positive, `time` whole years, `controls` (n, k). Effects of units and years make
    beta conditional; `effects=()` gives the absolute one. Errors are clustered by unit. A row
    counts where its unit has one exactly `span` years before; gaps are never bridged. With unit
    effects and few years beta is biased downward (Nickell 1981).
    """
    v, years, units = np.asarray(values, dtype=float), np.asarray(time), np.asarray(unit)
    if not np.issubdtype(years.dtype, np.integer):
        raise InequalityError(f"time: expected whole years, got {years.dtype}")
    if span < 1:
        raise InequalityError(f"span: expected at least 1 year, got {span}")
    if (v[np.isfinite(v)] <= 0).any():
        raise InequalityError("values: expected positive values; logarithms are needed")
    z = np.empty((len(v), 0)) if controls is None else np.asarray(controls, dtype=float)
    z = z[:, None] if z.ndim == 1 else z
    row_of = {key: row for row, key in enumerate(zip(units.tolist(), years.tolist(), strict=True))}
    if len(row_of) < len(v):
        raise InequalityError(f"{len(v) - len(row_of)} rows repeat a unit and year")
    now = np.array([row for (u, t), row in row_of.items() if (u, t - span) in row_of], dtype=int)
    before = np.array(
        [row_of[u, t - span] for (u, t) in row_of if (u, t - span) in row_of], dtype=int
    )
    level = log(v[before])
    fit = fit_panel(
        (log(v[now]) - level) / span,
        np.column_stack([level, z[before]]),
        units[now],
        years[now],
        effects=effects,
        names=(INITIAL, *control_names),
        outcome="growth",
        convention=convention,
    )
    beta = float(fit.coefficients[fit.position(INITIAL)])
    speed, half_life = convergence_speed(beta, span)
    return PanelBetaConvergence(fit, beta, speed, half_life, span)
