"""Who is in which regime when, and threshold variables that treatment cannot move.

Here belong the frame of regime membership, its counts, and lagged or frozen threshold variables.
Nothing is estimated here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from analysis.methods.threshold.numbers.panel import LowerRegime
from analysis.methods.threshold.numbers.within import Floats

if TYPE_CHECKING:
    import pandas as pd


def regime_membership(
    unit: ArrayLike,
    time: ArrayLike,
    q: ArrayLike,
    thresholds: Sequence[float],
    *,
    lower_regime: LowerRegime = "<=",
) -> "pd.DataFrame":
    """One row per unit and time, sorted: unit, time, q, regime, previous_regime, changed.

    `regime` counts from 0 (lowest q). `previous_regime` is the regime of the unit's row before,
    missing for its first; `changed` is true where the two differ. Rows without q are left out.
    """
    import pandas as pd

    frame = pd.DataFrame(
        {"unit": np.asarray(unit), "time": np.asarray(time), "q": np.asarray(q, dtype=float)}
    )
    frame = frame.dropna(subset=["q"]).sort_values(["unit", "time"], ignore_index=True)
    side = "left" if lower_regime == "<=" else "right"
    edges = np.sort(np.asarray(thresholds, dtype=float))
    frame["regime"] = np.searchsorted(edges, frame["q"].to_numpy(), side=side)  # type: ignore[call-overload]
    frame["previous_regime"] = frame.groupby("unit")["regime"].shift(1).astype("Int64")
    moved = frame["previous_regime"].notna() & (frame["previous_regime"] != frame["regime"])
    frame["changed"] = moved.fillna(False).astype(bool)
    return frame


def regime_counts(membership: "pd.DataFrame", active: ArrayLike | None = None) -> "pd.DataFrame":
    """One row per regime and time: n_obs, n_units, n_entered, n_active; empty cells are 0.

    `membership` comes from `regime_membership`; `active` (rows of it) marks, say, treated rows.
    `n_entered` counts units that were in another regime the time before.
    """
    import pandas as pd

    frame = membership.assign(
        active=np.zeros(len(membership), dtype=bool) if active is None else np.asarray(active, bool)
    )
    counts = frame.groupby(["regime", "time"]).agg(
        n_obs=("unit", "size"),
        n_units=("unit", "nunique"),
        n_entered=("changed", "sum"),
        n_active=("active", "sum"),
    )
    cells = pd.MultiIndex.from_product(
        [sorted(frame["regime"].unique()), sorted(frame["time"].unique())],
        names=["regime", "time"],
    )
    return counts.reindex(cells, fill_value=0).reset_index()


def lagged(values: ArrayLike, unit: ArrayLike, time: ArrayLike, periods: int = 1) -> Floats:
    """Each row's value `periods` years earlier (n,), NaN where the unit has no row in that year.

    `time` is whole years; a gap in a unit's years gives NaN, never the last year seen.
    """
    v, years = np.asarray(values, dtype=float), np.asarray(time)
    if periods < 1:
        raise ValueError(f"periods: expected at least 1, got {periods}")
    if not np.issubdtype(years.dtype, np.integer):
        raise ValueError(f"time: expected whole years, got {years.dtype}")
    _, code = np.unique(np.asarray(unit), return_inverse=True)
    first = int(years.min())
    span = int(years.max()) - first + 1 + periods
    key = code.astype(np.int64) * span + (years - first)
    order = np.argsort(key, kind="stable")
    if np.any(np.diff(key[order]) == 0):
        raise ValueError("unit, time: more than one row for a unit and year")
    wanted = np.where(years - first >= periods, key - periods, -1)
    at = np.searchsorted(key[order], wanted).clip(max=len(v) - 1)
    found = key[order][at] == wanted
    return np.where(found, v[order][at], np.nan)


def frozen_before(
    values: ArrayLike, unit: ArrayLike, time: ArrayLike, treated: ArrayLike
) -> Floats:
    """Values (n,) that stop moving at treatment: from a unit's first treated row on, the value of
    its last row before.

    `treated` (n,) is 0 or 1. Units never treated keep their values; units treated from their first
    row have nothing before, and get NaN.
    """
    v = np.asarray(values, dtype=float)
    _, code = np.unique(np.asarray(unit), return_inverse=True)
    order = np.lexsort((np.asarray(time), code))
    on = np.asarray(treated)[order] != 0
    code, out = code[order], v[order].copy()
    start = np.flatnonzero(np.r_[True, np.diff(code) != 0])
    for a, b in zip(start, np.r_[start[1:], len(v)], strict=True):
        inside = np.flatnonzero(on[a:b])
        if len(inside):
            at = a + inside[0]
            out[at:b] = out[at - 1] if inside[0] else np.nan
    result = np.empty_like(v)
    result[order] = out
    return result
