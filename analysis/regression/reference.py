"""The referee: a fit done again by linearmodels, compared term by term.

Belongs here: the same equation on the same arrays given to linearmodels, its standard errors
turned into the convention of the fit, and the comparison. Does not belong here: the estimates that
are reported (`regression.panel`), which columns of a study are checked (`estimation`).

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

from analysis.regression.conventions import variance_factor
from analysis.regression.effects import FloatArray
from analysis.regression.panel import CONSTANT, Effect, PanelFit

# Largest difference that counts as agreement, as a share of the standard error. Rounding leaves
# 1e-9 or less; another row, effect, cluster or factor shows in the first three digits.
AGREEMENT = 1e-6


@dataclass(frozen=True)
class ReferenceCheck:
    """A fit beside its re-estimation. Arrays have one entry per term of `names`, constant last.

    ``reference_errors`` are in the convention of the fit. ``differences`` is the larger of the
    differences in coefficient and in standard error, over the reference's standard error. NaN in
    all three where the reference could not be had; ``detail`` says why, else it is empty.
    """

    names: tuple[str, ...]
    library: str
    reference_coefficients: FloatArray
    reference_errors: FloatArray
    differences: FloatArray
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
) -> ReferenceCheck:
    """Estimate `fit` again by linearmodels from the arrays that `fit_panel` was given.

    A regression that linearmodels refuses agrees with nothing, and `detail` has its words.
    """
    import linearmodels
    from linearmodels.panel.utility import AbsorbingEffectError

    library = f"linearmodels {linearmodels.__version__}"
    kept = [names.index(name) for name in fit.names[:-1]]
    detail = ""
    try:
        coefficients, errors = _linearmodels(
            np.asarray(y, dtype=float),
            np.asarray(x, dtype=float)[:, kept],
            np.asarray(unit),
            np.asarray(time),
            np.asarray(unit if cluster is None else cluster),
            effects,
        )
        ours = variance_factor(fit.df_convention, fit.counts)
        errors = errors * np.sqrt(ours / variance_factor("linearmodels", fit.counts))
    except (AbsorbingEffectError, ValueError, ArithmeticError) as error:
        coefficients = errors = np.full(len(fit.names), np.nan)
        detail = f"{library} can't fit this equation: {' '.join(str(error).split())}"
    with np.errstate(divide="ignore", invalid="ignore"):
        differences = (
            np.maximum(np.abs(fit.coefficients - coefficients), np.abs(fit.std_errors - errors))
            / errors
        )
    return ReferenceCheck(
        names=fit.names,
        library=library,
        reference_coefficients=coefficients,
        reference_errors=errors,
        differences=differences,
        agrees=differences <= AGREEMENT,
        detail=detail,
    )


def _linearmodels(
    y: FloatArray,
    x: FloatArray,
    unit: npt.NDArray[Any],
    time: npt.NDArray[Any],
    cluster: npt.NDArray[Any],
    effects: tuple[Effect, ...],
) -> tuple[FloatArray, FloatArray]:
    """Coefficients and standard errors as linearmodels prints them by default, constant last."""
    from linearmodels.panel import PanelOLS, PooledOLS

    used = np.isfinite(y) & np.isfinite(x).all(axis=1) & pd.notna(cluster)
    y, x = y[used], x[used]
    # Its rank check looks at the columns as they are: units of measurement must not decide.
    length = np.sqrt((x**2).mean(axis=0))
    index = pd.MultiIndex.from_arrays(
        [pd.factorize(unit[used])[0], pd.factorize(time[used], sort=True)[0]]
    )
    outcome = pd.Series(y, index=index, name="y")
    columns = [*(f"x{j}" for j in range(x.shape[1])), CONSTANT]
    design = pd.DataFrame(
        np.column_stack([x / length, np.ones(len(y))]), index=index, columns=columns
    )
    clusters = pd.DataFrame({"cluster": pd.factorize(cluster[used])[0]}, index=index)
    model: Any = (
        PanelOLS(outcome, design, entity_effects="unit" in effects, time_effects="time" in effects)
        if effects
        else PooledOLS(outcome, design)
    )
    fitted = model.fit(cov_type="clustered", clusters=clusters)
    scale = np.append(length, 1.0)
    return (
        fitted.params[columns].to_numpy(dtype=float) / scale,
        fitted.std_errors[columns].to_numpy(dtype=float) / scale,
    )


__all__ = ["AGREEMENT", "ReferenceCheck", "check_fit"]
