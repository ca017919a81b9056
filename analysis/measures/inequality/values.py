"""Values, weights and groups as all measures take them: checked, missing rows left out."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Result = TypeVar("Result")


class InequalityError(ValueError):
    """Values that a measure is not defined on, with what was expected."""


class Weighted(NamedTuple):
    """n values with positive weights and group codes; `groups` are the labels, sorted."""

    values: Floats
    weights: Floats
    codes: Ints
    groups: NDArray[Any]
    n_missing: int


def check_values(
    values: ArrayLike, weights: ArrayLike | None = None, group: ArrayLike | None = None
) -> Weighted:
    """Rows with a value, a weight above zero and a group; the rest is left out and counted.

    A row is missing where value, weight or group is, and doesn't count where its weight is zero.
    Raises InequalityError if a value or weight is negative or the lengths differ.
    """
    x = np.asarray(values, dtype=float)
    w = np.ones(x.shape) if weights is None else np.asarray(weights, dtype=float)
    labels = np.zeros(x.shape, dtype=int) if group is None else np.asarray(group)
    if x.ndim != 1 or w.shape != x.shape or labels.shape != x.shape:
        raise InequalityError(
            "values, weights and group: expected one row each, got shapes "
            f"{x.shape}, {w.shape}, {labels.shape}"
        )
    there = np.isfinite(x) & np.isfinite(w) & ~np.asarray(pd.isna(labels), dtype=bool)
    for what, array in (("value", x), ("weight", w)):
        below = there & (array < 0)
        if below.any():
            first = int(np.flatnonzero(below)[0])
            raise InequalityError(
                f"{int(below.sum())} negative {what}s, the first in row {first}: "
                f"{array[first]:g}; these measures are for amounts of zero or more"
            )
    used = there & (w > 0)
    groups, codes = np.unique(labels[used], return_inverse=True)
    return Weighted(x[used], w[used], codes.astype(np.intp), groups, int((~there).sum()))


def per_period(
    measure: Callable[..., Result], period: ArrayLike, values: ArrayLike, **by_row: ArrayLike | None
) -> dict[Any, Result]:
    """`measure` of each period's rows: {period: result}, in sorted order of periods.

    `by_row` are further arguments of the measure with one entry per row (weights, group).
    """
    labels, x = np.asarray(period), np.asarray(values)
    rows = {name: None if a is None else np.asarray(a) for name, a in by_row.items()}
    result = {}
    for label in np.unique(labels):
        at = labels == label
        some = {name: None if a is None else a[at] for name, a in rows.items()}
        result[label.item() if isinstance(label, np.generic) else label] = measure(x[at], **some)
    return result
