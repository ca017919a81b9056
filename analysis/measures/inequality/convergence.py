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
from analysis.regression.rank import SHARE_LEFT, exact, factor

Covariance = Literal["conventional", "hc1"]
Scale = Literal["log", "level"]
INITIAL = "initial"


@dataclass(frozen=True)
class SigmaConvergence:
    """Spread by period (t,) and its trend.

    sd_log: of logarithms; cv_log, cv: standard deviation over mean, of logarithms and of values.
    n (t,): units. trend, trend_se, trend_p: slope of sd_log on the period by least squares with the
    error it has if the spread wanders (see `wandering_error`), NaN with fewer than three periods; a
    negative trend is sigma convergence.
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
class SigmaOfLevels:
    """Standard deviation of values by period (t,), in their unit, and its trend as in `SigmaConvergence`."""

    period: NDArray[Any]
    sd: Floats
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
    y: Floats, x: Floats, names: tuple[str, ...], covariance: Covariance
) -> tuple[Floats, Floats, float, int]:
    """Coefficients, covariance, R2 and residual degrees of freedom.

    The last column of x is the constant, the others are called `names`. The covariance of an exact
    fit is 0.
    """
    n, k = x.shape
    if n <= k:
        raise InequalityError(f"{n} rows for {k} coefficients: no degrees of freedom are left")
    slopes_of = x[:, :-1]
    mean = slopes_of.mean(axis=0)
    chosen = factor(slopes_of, slopes_of - mean, names)
    if chosen.dropped:
        said = "; ".join(str(term) for term in chosen.dropped)
        raise InequalityError(f"the regressors can't be told apart ({said}): leave out a control")
    weights = chosen.spread(chosen.basis)
    weights = np.column_stack([weights, np.ones(n) / n - weights @ mean])
    slopes = chosen.slopes(y - y.mean())
    coefficients = np.append(slopes, y.mean() - mean @ slopes)
    residual = y - x @ coefficients
    rss = float(residual @ residual)
    if exact(y, y - y.mean(), residual):
        spread = np.zeros((k, k))
    elif covariance == "conventional":
        spread = weights.T @ weights * rss / (n - k)
    else:
        moved = weights * residual[:, None]
        spread = moved.T @ moved * n / (n - k)
    tss = float(np.sum((y - y.mean()) ** 2))
    return coefficients, spread, 1 - rss / tss if tss > 0 else float("nan"), n - k


def _t_tests(coefficients: Floats, covariance: Floats, df: int) -> tuple[Floats, Floats, Floats]:
    from scipy.stats import t as student

    errors = np.sqrt(np.diag(covariance))
    errors = np.where(errors > 0, errors, np.nan)  # an identity has none
    t = coefficients / errors
    return errors, t, 2 * student.sf(np.abs(t), df)


def wandering_error(x: Floats, y: Floats) -> float:
    """Error of the least-squares slope of y on x (t,), points of a path whose changes add up.

    The slope is a weighted sum of the changes from point to point, which are taken for independent
    with a variance in proportion to the time between. So it is right for a random walk, with or
    without drift, and too wide for a spread that returns to its line. The usual error finds a trend
    in 64 % of 14-year walks that have none, one robust to autocorrelation (Kiefer, Vogelsang and
    Bunzel 2000) still in 46 %, this one in 5 %: with so few points they can't tell.
    """
    gaps = np.diff(x)
    weight = (x - x.mean()) / np.sum((x - x.mean()) ** 2)
    onward = weight[::-1].cumsum()[::-1][1:]  # what a change adds to all points after it
    pace = (y[-1] - y[0]) / (x[-1] - x[0])
    variance = float(np.sum((np.diff(y) - pace * gaps) ** 2 / gaps) / (len(gaps) - 1))
    return float(np.sqrt(variance * np.sum(onward**2 * gaps)))


def _trend(x: Floats, y: Floats) -> tuple[float, float, float]:
    """Slope of y on x, its error if y wanders, and the p value with t on points less two."""
    from scipy.stats import t as student

    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    error = wandering_error(x, y)
    # A path of equal steps has no error that could be told from rounding.
    if error <= SHARE_LEFT * abs(slope):
        return slope, float("nan"), float("nan")
    return slope, error, float(2 * student.sf(abs(slope) / error, len(x) - 2))


def sigma_convergence(
    values: ArrayLike, period: ArrayLike, *, ddof: Literal[0, 1] = 0
) -> SigmaConvergence:
    """Spread of positive values by period; periods are numbers, such as years.

    Variances are sums of squares over n - `ddof`: 0 where the units are all there are, 1 where
    they are a sample. Missing values are left out. A period with fewer than two units has NaN. Raises
    InequalityError if a value is zero or negative, as logarithms are needed; scores, whose zero is a
    choice, have no logarithms to compare either: `sigma_of_levels`.
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
        trend, trend_se, trend_p = _trend(data.groups[there].astype(float), sd_log[there])
    return SigmaConvergence(data.groups, sd_log, cv_log, cv, n, trend, trend_se, trend_p)


def sigma_of_levels(values: ArrayLike, period: ArrayLike) -> SigmaOfLevels:
    """Spread of values as they are, by period: for scores, whose zero is a choice; no shift changes it.

    Variances are sums of squares over n. Missing values are left out.
    """
    v, labels = np.asarray(values, dtype=float), np.asarray(period)
    there = np.isfinite(v)
    periods, codes = np.unique(labels[there], return_inverse=True)
    n = np.bincount(codes, minlength=len(periods)).astype(np.intp)
    sd = np.array([v[there][codes == i].std() if n[i] > 1 else np.nan for i in range(len(periods))])
    some = np.isfinite(sd)
    trend = trend_se = trend_p = float("nan")
    if some.sum() >= 3:
        trend, trend_se, trend_p = _trend(periods[some].astype(float), sd[some])
    return SigmaOfLevels(periods, sd, n, trend, trend_se, trend_p)


def _compared(values: Floats, scale: Scale, what: str) -> Floats:
    """What growth is taken of: logarithms, or the values themselves where their zero is a choice."""
    if scale not in ("log", "level"):
        raise InequalityError(f"scale {scale!r}: choose log or level")
    if scale == "level":
        return values
    if (values[np.isfinite(values)] <= 0).any():
        raise InequalityError(f"{what}: expected positive levels; logarithms are needed")
    return log(values)


def beta_convergence(
    initial: ArrayLike,
    final: ArrayLike,
    span: float,
    controls: ArrayLike | None = None,
    *,
    control_names: tuple[str, ...] = (),
    covariance: Covariance = "hc1",
    scale: Scale = "log",
) -> BetaConvergence:
    """Cross-section: ln(final/initial)/span on ln(initial) and controls, by least squares.

    With `scale` "level" (final - initial)/span on initial: the same process in levels, for scores
    whose zero is a choice; no shift of them changes beta.

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
    level = _compared(start[used], scale, "initial and final")
    growth = (_compared(end[used], scale, "initial and final") - level) / span
    x = np.column_stack([level, z[used], np.ones(int(used.sum()))])
    coefficients, spread, r2, df = _least_squares(growth, x, (INITIAL, *control_names), covariance)
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
    scale: Scale = "log",
) -> PanelBetaConvergence:
    """Panel: ln(v_t / v_{t-span}) / span on ln v_{t-span} and controls of the earlier year.

    `scale` as in `beta_convergence`.

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
    compared = _compared(v, scale, "values")
    z = np.empty((len(v), 0)) if controls is None else np.asarray(controls, dtype=float)
    z = z[:, None] if z.ndim == 1 else z
    row_of = {key: row for row, key in enumerate(zip(units.tolist(), years.tolist(), strict=True))}
    if len(row_of) < len(v):
        raise InequalityError(f"{len(v) - len(row_of)} rows repeat a unit and year")
    now = np.array([row for (u, t), row in row_of.items() if (u, t - span) in row_of], dtype=int)
    before = np.array(
        [row_of[u, t - span] for (u, t) in row_of if (u, t - span) in row_of], dtype=int
    )
    level = compared[before]
    fit = fit_panel(
        (compared[now] - level) / span,
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
