"""The referee: numbers of a regression made again by linearmodels, compared term by term.

Belongs here: the same equation on the same arrays given to linearmodels, its standard errors
turned into the convention of the numbers, and the comparison. Does not belong here: the numbers
that are reported (`regression.panel`, `threshold.slopes`), which of a study's are checked
(`analysis.methods.referee`).

linearmodels does everything from the rows on by itself: it takes out the effects, solves, and makes
the clustered covariance. Only the choice of collinear regressors is the fit's, and the factor
between two small-sample conventions (`regression.conventions`), as linearmodels has one of its own:
N/(N-K) where fixest has G/(G-1) (N-1)/(N-K). docs/decisions/0009-own-regression-engine-refereed.md
has the reasons.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.regression.conventions import counted_parameters, variance_factor
from analysis.regression.effects import FloatArray
from analysis.regression.panel import CONSTANT, Effect, PanelFit

# Largest difference that counts as agreement, as a share of the standard error. Rounding leaves
# 1e-9 or less; another row, effect, cluster or factor shows in the first three digits.
AGREEMENT = 1e-6
# The same for sums of squared residuals, as a share of the sum: rounding leaves 1e-12, and the F of
# a threshold, thousands of rows times a ratio of two sums, still has five digits.
SSR_AGREEMENT = 1e-9
# Where AbsorbingLS stops to iterate: far below what counts as agreement.
TIGHT = 1e-14


@dataclass(frozen=True)
class Numbers:
    """Numbers to be confirmed: `coefficients` and `std_errors` (k) of the terms `names`, and `ssr`.

    ``factor`` is what their convention puts on the bare sandwich covariance, ``counted`` the K of
    linearmodels' own N/(N-K).
    """

    names: tuple[str, ...]
    coefficients: FloatArray
    std_errors: FloatArray
    ssr: float
    factor: float
    counted: int


@dataclass(frozen=True)
class ReferenceCheck:
    """Numbers beside their re-estimation. Arrays have one entry per term of `names`.

    ``reference_errors`` are in the convention of the numbers. ``differences`` is the larger of the
    differences in coefficient and in standard error, over the reference's standard error;
    ``ssr_difference`` that of the sums of squared residuals, as a share of the reference's. NaN in
    all of them where the reference could not be had; ``detail`` says why, else it is empty.
    ``agrees`` asks for agreement of the term and of the sum.
    """

    names: tuple[str, ...]
    library: str
    reference_coefficients: FloatArray
    reference_errors: FloatArray
    reference_ssr: float
    differences: FloatArray
    ssr_difference: float
    agrees: npt.NDArray[np.bool_]
    detail: str


def check_fit(
    fit: PanelFit,
    y: npt.ArrayLike,
    x: npt.ArrayLike,
    unit: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    effects: tuple[Effect, ...] = (),
    cluster: npt.ArrayLike | None = None,
    names: tuple[str, ...],
    weights: npt.ArrayLike | None = None,
    time_by: npt.ArrayLike | None = None,
    trends: bool = False,
) -> ReferenceCheck:
    """Estimate `fit` again by linearmodels from the arrays that `fit_panel` was given.

    Effects of periods by group and trends of units are absorbed by its `AbsorbingLS`, all else by `PanelOLS`. A
    regression that linearmodels refuses agrees with nothing, and `detail` has its words.
    """
    numbers = Numbers(
        names=fit.names,
        coefficients=fit.coefficients,
        std_errors=fit.std_errors,
        ssr=fit.rss,
        factor=variance_factor(fit.df_convention, fit.counts),
        counted=counted_parameters("linearmodels", fit.counts),
    )
    return check_numbers(
        numbers, y, x, unit, time, effects=effects, cluster=cluster, names=names, weights=weights,
        time_by=time_by, trends=trends,
    )  # fmt: skip


def check_numbers(
    numbers: Numbers,
    y: npt.ArrayLike,
    x: npt.ArrayLike,
    unit: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    effects: tuple[Effect, ...] = (),
    cluster: npt.ArrayLike | None = None,
    names: tuple[str, ...],
    beside: tuple[str, ...] = (),
    constant: bool = True,
    weights: npt.ArrayLike | None = None,
    time_by: npt.ArrayLike | None = None,
    trends: bool = False,
) -> ReferenceCheck:
    """Make `numbers` again by linearmodels.

    y, unit, time, cluster, weights, time_by (n), trends and x (n x len(names)) are as for `fit_panel`. Of x the
    columns whose name `numbers` has are used, and those named in `beside`, which stay in the equation without
    being compared. `constant` says whether the equation has one.
    """
    import linearmodels
    from linearmodels.panel.utility import AbsorbingEffectError

    library = f"linearmodels {linearmodels.__version__}"
    terms = tuple(name for name in numbers.names if name != CONSTANT)
    kept = [names.index(name) for name in (*terms, *beside)]
    detail = ""
    weight = None if weights is None else np.asarray(weights, dtype=float)
    given = (
        np.asarray(y, dtype=float),
        np.asarray(x, dtype=float)[:, kept],
        np.asarray(unit),
        np.asarray(time),
        np.asarray(unit if cluster is None else cluster),
    )
    try:
        if trends or time_by is not None:
            groups = None if time_by is None else np.asarray(time_by)
            coefficients, errors, ssr = _absorbing(*given, effects, weight, groups, trends)
        else:
            coefficients, errors, ssr = _linearmodels(
                *given, effects, constant, numbers.counted, weight
            )
    except (AbsorbingEffectError, ValueError, ArithmeticError) as error:
        coefficients = errors = np.full(len(kept) + constant, np.nan)
        ssr = float("nan")
        detail = f"{library} can't fit this equation: {' '.join(str(error).split())}"
    # Its constant is the last; not all numbers have one.
    at = [*range(len(terms)), *([len(kept)] if CONSTANT in numbers.names else [])]
    coefficients, errors = coefficients[at], errors[at] * np.sqrt(numbers.factor)
    with np.errstate(divide="ignore", invalid="ignore"):
        differences = (
            np.maximum(
                np.abs(numbers.coefficients - coefficients), np.abs(numbers.std_errors - errors)
            )
            / errors
        )
        ssr_difference = float(np.abs(np.float64(numbers.ssr) - ssr) / ssr)
    return ReferenceCheck(
        names=numbers.names,
        library=library,
        reference_coefficients=coefficients,
        reference_errors=errors,
        reference_ssr=ssr,
        differences=differences,
        ssr_difference=ssr_difference,
        agrees=(differences <= AGREEMENT) & (ssr_difference <= SSR_AGREEMENT),
        detail=detail,
    )


def _linearmodels(
    y: FloatArray,
    x: FloatArray,
    unit: npt.NDArray[Any],
    time: npt.NDArray[Any],
    cluster: npt.NDArray[Any],
    effects: tuple[Effect, ...],
    constant: bool,
    counted: int,
    weights: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray, float]:
    """Coefficients, errors of the bare sandwich, and the sum of squares; the constant is last."""
    from linearmodels.panel import PanelOLS, PooledOLS

    used = np.isfinite(y) & np.isfinite(x).all(axis=1) & pd.notna(cluster)
    y, x = y[used], x[used]
    # Its rank check looks at the columns as they are: units of measurement must not decide.
    length = np.sqrt((x**2).mean(axis=0))
    index = pd.MultiIndex.from_arrays(
        [pd.factorize(unit[used])[0], pd.factorize(time[used], sort=True)[0]]
    )
    outcome = pd.Series(y, index=index, name="y")
    columns = [f"x{j}" for j in range(x.shape[1])]
    design = pd.DataFrame(x / length, index=index, columns=columns)
    if constant:
        design[CONSTANT] = 1.0
        columns, length = [*columns, CONSTANT], np.append(length, 1.0)
    clusters = pd.DataFrame({"cluster": pd.factorize(cluster[used])[0]}, index=index)
    weighted = None if weights is None else pd.Series(weights[used], index=index, name="weight")
    model: Any = (
        PanelOLS(
            outcome,
            design,
            entity_effects="unit" in effects,
            time_effects="time" in effects,
            weights=weighted,
        )
        if effects
        else PooledOLS(outcome, design, weights=weighted)
    )
    fitted = model.fit(cov_type="clustered", clusters=clusters)
    bare = np.sqrt((len(y) - counted) / len(y))
    return (
        fitted.params[columns].to_numpy(dtype=float) / length,
        fitted.std_errors[columns].to_numpy(dtype=float) / length * bare,
        float(fitted.resid_ss),
    )


def _absorbing(
    y: FloatArray,
    x: FloatArray,
    unit: npt.NDArray[Any],
    time: npt.NDArray[Any],
    cluster: npt.NDArray[Any],
    effects: tuple[Effect, ...],
    weights: FloatArray | None,
    time_by: npt.NDArray[Any] | None,
    trends: bool,
) -> tuple[FloatArray, FloatArray, float]:
    """The same with periods by group or trends of units: AbsorbingLS, then PooledOLS of what it leaves.

    What is left has its means put back, as PanelOLS does, so that there is a constant.
    """
    from linearmodels.iv.absorbing import AbsorbingLS, Interaction

    if weights is not None:
        raise ValueError("weights beside periods by group or trends are not made again")
    used = np.isfinite(y) & np.isfinite(x).all(axis=1) & pd.notna(cluster)
    y, x = y[used], x[used]
    periods = pd.factorize(time[used], sort=True)[0]
    if time_by is not None:
        of_group = pd.factorize(time_by[used])[0].astype(np.int64)
        periods = pd.factorize(of_group * len(periods) + periods)[0]
    units = pd.factorize(unit[used])[0]
    absorbed = {"unit": pd.Categorical(units), "time": pd.Categorical(periods)}
    trend = None
    if trends:
        moments = time[used].astype(float)
        along = pd.DataFrame({"trend": (moments - moments.mean()) / moments.std()})
        trend = [Interaction(pd.DataFrame({"unit": absorbed["unit"]}), along)]
    length = np.sqrt((x**2).mean(axis=0))
    model = AbsorbingLS(
        y,
        x / length,
        absorb=pd.DataFrame({effect: absorbed[effect] for effect in effects}),
        interactions=trend,
    )
    model.fit(method="lsmr", absorb_options={"atol": TIGHT, "btol": TIGHT})
    left = np.column_stack([model.absorbed_dependent, model.absorbed_exog])
    left += np.column_stack([y, x / length]).mean(axis=0) - left.mean(axis=0)
    coefficients, errors, ssr = _linearmodels(
        left[:, 0], left[:, 1:], units, time[used], cluster[used], (), True, x.shape[1] + 1
    )
    length = np.append(length, 1.0)
    return coefficients / length, errors / length, ssr


__all__ = [
    "AGREEMENT",
    "SSR_AGREEMENT",
    "Numbers",
    "ReferenceCheck",
    "check_fit",
    "check_numbers",
]
