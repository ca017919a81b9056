"""Event study: the treatment's effect by time since it began, leads and lags in one regression.

Belongs here: the dummies of event time, their coefficients by two-way least squares, tests and
bands, on arrays. Does not belong here: which design a study has; estimators that are robust to
effects differing between cohorts (they fill the same rows).

With first treated period c_i and event time k = t - c_i,

    y_it = sum over k other than the base of b_k 1{t - c_i = k} + x_it'g + effects + e_it

and never treated units have no dummy. Event times beyond the window are binned into its ends
(Schmidheiny and Siegloch 2023) or their rows are left out. Read b_k, k < 0, as a test of parallel
trends before the policy; under effects that differ between cohorts each b_k mixes those of other
event times (Sun and Abraham 2021).
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from analysis.blas import one_thread
from analysis.regression.conventions import DEFAULT_CONVENTION, Convention
from analysis.regression.effects import FloatArray, IntArray
from analysis.regression.panel import (
    DEFAULT_LEVEL,
    Effect,
    PanelFit,
    PanelRegressionError,
    fit_panel,
)
from analysis.regression.simultaneous import JointTest, SupT, joint_test, sup_t

Ends = Literal["bin", "leave_out"]
ENDS: tuple[Ends, ...] = get_args(Ends)


@dataclass(frozen=True)
class EventTimes:
    """Effects by event time: arrays (K), one entry per event time of the window, ascending.

    ``times`` are event times, the ends standing for all beyond them if binned. ``n_units`` counts
    units with a row there, ``n_rows`` the rows. A base period has estimate 0 and no error; an event
    time without rows is NaN in all. ``low``/``high`` bound each at `level`; ``band_low`` and
    ``band_high`` all of them at once.
    """

    times: IntArray
    is_base: npt.NDArray[np.bool_]
    n_units: IntArray
    n_rows: IntArray
    estimates: FloatArray
    std_errors: FloatArray
    t_values: FloatArray
    p_values: FloatArray
    low: FloatArray
    high: FloatArray
    band_low: FloatArray
    band_high: FloatArray


@dataclass(frozen=True)
class Average:
    """Mean of several event times' effects, equally weighted, with its clustered error."""

    estimate: float
    std_error: float
    t_value: float
    p_value: float
    low: float
    high: float
    n_times: int


@dataclass(frozen=True)
class EventStudy:
    """An event study: its event times, tests and the regression behind it.

    ``leads`` tests that all event times before 0 other than the base are 0, ``lags`` all from 0 on.
    ``before`` and ``after`` are their means (None if there are none). ``band`` is the critical value
    of the band. ``n_left_out`` counts rows beyond the window that were left out, ``n_never`` units
    that are never treated, ``n_binned`` the rows (2) beyond either end that its bin holds. ``arrays``
    are what `fit_panel` was given, rows of the caller in ``order``.
    """

    times: EventTimes
    leads: JointTest
    lags: JointTest
    before: Average | None
    after: Average | None
    band: SupT
    fit: PanelFit
    n_left_out: int
    n_never: int
    n_binned: tuple[int, int]
    arrays: dict[str, Any]
    order: IntArray


def event_name(k: int) -> str:
    """Name of an event time's dummy in the regression."""
    return f"event time {k}"


@one_thread
def fit_event_study(
    y: npt.ArrayLike,
    controls: npt.ArrayLike,
    unit: npt.ArrayLike,
    time: npt.ArrayLike,
    cohort: npt.ArrayLike,
    *,
    window: tuple[int, int],
    base: tuple[int, ...] = (-1,),
    ends: Ends = "bin",
    effects: tuple[Effect, ...] = ("unit", "time"),
    cluster: npt.ArrayLike | None = None,
    names: tuple[str, ...] = (),
    seed: int,
    convention: Convention = DEFAULT_CONVENTION,
    level: float = DEFAULT_LEVEL,
) -> EventStudy:
    """Effects by event time of a staggered treatment.

    Parameters
    ----------
    y, controls, unit, time
        Outcome (n), controls (n, k) with k `names`, unit and period (n); no value missing.
    cohort
        First treated period of each row's unit (n), NaN if never.
    window
        First and last event time, such as (-5, 8).
    base
        Event times within the window whose effect is 0 by definition.
    ends
        "bin": event times beyond the window count as its ends. "leave_out": their rows are left out.
    seed
        Seed of the directions that the band's critical value is simulated with.

    Raises PanelRegressionError if nobody is treated, the window holds no lead or lag to estimate,
    the base has no rows, or dummies can't be told from the effects.
    """
    shape = _check_window(window, base, ends)
    outcome = np.asarray(y, dtype=float)
    x = np.asarray(controls, dtype=float).reshape(len(outcome), -1)
    units, periods = np.asarray(unit), np.asarray(time)
    if not np.isfinite(np.column_stack([outcome, x])).all():
        raise PanelRegressionError(
            "an event study takes rows without missing values: leave them out"
        )
    placed = _placed(units, periods, np.asarray(cohort, dtype=float), shape, ends)
    asked = _asked(placed, shape, base)
    order = placed.order
    dummies = (placed.event_time[:, None] == asked[None, :]).astype(float)
    arrays: dict[str, Any] = {
        "y": outcome[order],
        "x": np.column_stack([dummies, x[order]]),
        "unit": units[order],
        "time": periods[order],
        "effects": effects,
        "cluster": (units if cluster is None else np.asarray(cluster))[order],
        "names": (*map(event_name, asked), *names),
    }
    fit = fit_panel(**arrays, convention=convention, level=level)
    _refuse_dropped(fit, asked, placed.n_never > 0)
    band = _band(fit, len(asked), level, seed)
    return EventStudy(
        times=_event_times(fit, placed, shape, asked, np.isin(shape, base), band.critical),
        leads=_joint(fit, np.flatnonzero(asked < 0)),
        lags=_joint(fit, np.flatnonzero(asked >= 0)),
        before=_average(fit, np.flatnonzero(asked < 0), level),
        after=_average(fit, np.flatnonzero(asked >= 0), level),
        band=band,
        fit=fit,
        n_left_out=len(outcome) - len(order),
        n_never=placed.n_never,
        n_binned=placed.n_binned,
        arrays=arrays,
        order=order,
    )


@dataclass(frozen=True)
class _Placed:
    """Rows to use: their `order` (n), sorted by unit and period, and event times (n), NaN if never.

    ``n_rows`` and ``n_units`` (K) count by event time of the window.
    """

    order: IntArray
    event_time: FloatArray
    n_rows: IntArray
    n_units: IntArray
    n_never: int
    n_binned: tuple[int, int]


def _placed(
    units: npt.NDArray[Any],
    periods: npt.NDArray[Any],
    cohort: FloatArray,
    shape: IntArray,
    ends: Ends,
) -> _Placed:
    first, last = shape[0], shape[-1]
    # Sorted, so that sums and therefore every digit don't depend on the order of the rows.
    order = np.lexsort([np.unique(v, return_inverse=True)[1] for v in (periods, units)])
    since = periods.astype(float)[order] - cohort[order]
    if ends == "leave_out":
        kept = ~((since < first) | (since > last))
        order, since = order[kept], since[kept]
    binned = np.clip(since, first, last)  # NaN, never treated, stays
    sorted_units = units[order]
    return _Placed(
        order=order,
        event_time=binned,
        n_rows=np.array([int((binned == k).sum()) for k in shape]),
        n_units=np.array([len(np.unique(sorted_units[binned == k])) for k in shape]),
        n_never=len(np.unique(sorted_units[np.isnan(binned)])),
        n_binned=(int((since < first).sum()), int((since > last).sum())),
    )


def _asked(placed: _Placed, shape: IntArray, base: tuple[int, ...]) -> IntArray:
    """Event times that get a dummy: those with rows, without the base."""
    there = shape[placed.n_rows > 0]
    if not len(there):
        raise PanelRegressionError(
            "no unit is treated within the window: there is no event to study; check the policy's "
            "roster and years against the sample"
        )
    for k in base:
        if k not in there:
            raise PanelRegressionError(
                f"base event time {k} has no rows in the sample: choose one that has "
                f"({_listed(there)})"
            )
    asked = there[~np.isin(there, base)]
    if not len(asked):
        raise PanelRegressionError(
            "no event time but the base has rows in the sample: nothing can be estimated"
        )
    return asked


def _check_window(window: tuple[int, int], base: tuple[int, ...], ends: Ends) -> IntArray:
    first, last = window
    if ends not in ENDS:
        raise PanelRegressionError(f"unknown ends {ends!r}: choose one of {', '.join(ENDS)}")
    if not first < 0 <= last:
        raise PanelRegressionError(
            f"window [{first}, {last}]: expected a first event time below 0 and a last of 0 or more"
        )
    outside = [k for k in base if not first <= k <= last]
    if not base or outside:
        raise PanelRegressionError(
            f"base {_listed(base) or 'empty'}: expected event times in the window {first} to {last}"
        )
    return np.arange(first, last + 1)


def _listed(values: npt.ArrayLike) -> str:
    return ", ".join(str(k) for k in np.asarray(values).tolist())


def _refuse_dropped(fit: PanelFit, asked: IntArray, with_never: bool) -> None:
    ours = {event_name(k) for k in asked}
    for term in fit.dropped:
        if term.name in ours:
            advice = (
                ""
                if with_never
                else ". Without units that are never treated the event times grow with unit and "
                "period: name a second base period, or bin the ends nearer"
            )
            raise PanelRegressionError(f"{term.name} is {term.reason}{advice}")


def _band(fit: PanelFit, n: int, level: float, seed: int) -> SupT:
    try:
        return sup_t(fit.covariance[:n, :n], fit.df_resid, level=level, seed=seed)
    except ValueError as error:
        raise PanelRegressionError(
            "an event time's coefficient has no clustered error: too few units reach it; "
            "shorten the window"
        ) from error


def _joint(fit: PanelFit, at: IntArray) -> JointTest:
    return joint_test(fit.coefficients[at], fit.covariance[np.ix_(at, at)], fit.df_resid)


def _average(fit: PanelFit, at: IntArray, level: float) -> Average | None:
    from scipy import stats

    if not len(at):
        return None
    estimate = float(fit.coefficients[at].mean())
    std_error = float(np.sqrt(fit.covariance[np.ix_(at, at)].sum())) / len(at)
    t_value = estimate / std_error
    reach = float(stats.t.ppf(0.5 + level / 2, fit.df_resid)) * std_error
    return Average(
        estimate=estimate,
        std_error=std_error,
        t_value=t_value,
        p_value=float(2 * stats.t.sf(abs(t_value), fit.df_resid)),
        low=estimate - reach,
        high=estimate + reach,
        n_times=len(at),
    )


def _event_times(
    fit: PanelFit,
    placed: _Placed,
    shape: IntArray,
    asked: IntArray,
    is_base: npt.NDArray[np.bool_],
    critical: float,
) -> EventTimes:
    at = np.searchsorted(shape, asked)

    def spread(values: FloatArray, of_base: float) -> FloatArray:
        """The fit's values (K asked) at their places in the window."""
        row = np.where(is_base, of_base, np.nan)
        row[at] = values[: len(asked)]
        return row

    missing = float("nan")
    reach = critical * fit.std_errors
    return EventTimes(
        times=shape,
        is_base=is_base,
        n_units=placed.n_units,
        n_rows=placed.n_rows,
        estimates=spread(fit.coefficients, 0.0),
        std_errors=spread(fit.std_errors, missing),
        t_values=spread(fit.t_values, missing),
        p_values=spread(fit.p_values, missing),
        low=spread(fit.ci_low, missing),
        high=spread(fit.ci_high, missing),
        band_low=spread(fit.coefficients - reach, missing),
        band_high=spread(fit.coefficients + reach, missing),
    )


__all__ = ["ENDS", "Average", "Ends", "EventStudy", "EventTimes", "event_name", "fit_event_study"]
