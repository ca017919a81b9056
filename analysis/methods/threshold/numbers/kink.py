"""The kink variant: the effect of x is continuous in q and changes its slope at the threshold.

y_it = mu_i + theta'z_it + x_it h(q_it) + e_it with h(q) = b + b_below (q - g) for q <= g and
b + b_above (q - g) for q > g. Without x it is Hansen's (2017) regression kink in q itself, with
unit effects. Search and tests are those of the sharp model, called with `kink=True`; here are only
the panel they need and the slopes.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.methods.threshold.numbers.panel import ThresholdPanel, prepare_panel
from analysis.methods.threshold.numbers.slopes import fit_columns
from analysis.methods.threshold.numbers.within import Floats


@dataclass(frozen=True)
class KinkSlopes:
    """Coefficients (k,): controls, then x at the kink (absent without x), slope below, slope above.

    Errors allow for the kink's own estimation, as in non-linear least squares (Hansen 2017);
    `se_threshold_*` are the kink's. Kinds of errors as in `RegimeSlopes`.
    """

    threshold: float
    term: tuple[str, ...]
    coefficient: Floats
    se_conventional: Floats
    se_robust: Floats
    se_cluster: Floats
    se_threshold_robust: float
    se_threshold_cluster: float
    ssr: float


def prepare_kink_panel(
    y: ArrayLike,
    x: ArrayLike | None,
    q: ArrayLike,
    unit: ArrayLike,
    time: ArrayLike,
    **options: Any,
) -> ThresholdPanel:
    """A panel for `search_thresholds(..., kink=True)`; options as for `prepare_panel`.

    `x` (n,) is one regressor, or None for a kink in q itself.
    """
    values = np.asarray(q, dtype=float)
    if not np.isfinite(values).all():
        raise ValueError("q: missing or not finite; drop or fill such rows before the kink model")
    if options.get("regime_intercept"):
        raise ValueError("regime_intercept: a kink has no jump; leave it out")
    center = float(np.sort(values)[len(values) // 2])
    if x is None:
        columns = (values - center)[:, None]
        panel = prepare_panel(y, columns, q, unit, time, **{**options, "regime_intercept": True})
    else:
        weight = np.asarray(x, dtype=float)
        if weight.ndim != 1:
            raise ValueError(f"x: the kink variant takes one regressor, got shape {weight.shape}")
        columns = np.column_stack([weight * (values - center), weight])
        panel = prepare_panel(y, columns, q, unit, time, **options)
    return replace(panel, kink_center=center)


def estimate_kink(panel: ThresholdPanel, threshold: float, x_name: str = "x") -> KinkSlopes:
    """Slopes below and above a kink found by `search_thresholds(panel, 1, kink=True)`."""
    if panel.kink_center is None:
        raise ValueError("kink: build the panel with prepare_kink_panel")
    x = panel.x[:, 1]
    distance = panel.q - threshold
    below = distance <= 0
    own = [] if panel.regime_intercept else [x]
    columns = np.column_stack(
        [panel.z[:, : panel.n_controls], *own, x * distance * below, x * distance * ~below]
    )
    at = columns.shape[1]
    slopes = fit_columns(panel, columns).coefficient[-2:]
    gradient = -x * np.where(below, slopes[0], slopes[1])
    fit = fit_columns(panel, columns, gradient[:, None])
    errors = [np.sqrt(np.diag(c)) for c in (fit.conventional, fit.robust, fit.cluster)]
    term = (
        *panel.control_names[: panel.n_controls],
        *([] if panel.regime_intercept else [f"{x_name}:at_kink"]),
        f"{x_name}:slope_below",
        f"{x_name}:slope_above",
    )
    return KinkSlopes(
        threshold=float(threshold),
        term=term,
        coefficient=fit.coefficient,
        se_conventional=errors[0][:at],
        se_robust=errors[1][:at],
        se_cluster=errors[2][:at],
        se_threshold_robust=float(errors[1][at]),
        se_threshold_cluster=float(errors[2][at]),
        ssr=fit.ssr,
    )
