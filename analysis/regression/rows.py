"""The rows of a fit: what is asked is checked, rows without a value go, groups become codes.

Belongs here: shapes, names, missing values, repeated rows, singletons, and the account of what was
left out. Does not belong here: the fit itself (`panel`), which rows a study offers.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.regression.conventions import CONVENTIONS, Convention
from analysis.regression.effects import IntArray, singletons
from analysis.regression.rank import FloatArray

Effect = Literal["unit", "time"]
CONSTANT = "constant"


class PanelRegressionError(ValueError):
    """A regression that can't be done, with the reason and what to do."""


def sortable(values: npt.ArrayLike, what: str) -> npt.NDArray[Any]:
    """Labels (n) that sort as they are meant: whole numbers that are text become numbers.

    Raises PanelRegressionError where labels are of kinds that have no order between them.
    """
    labels = np.asarray(values)
    if labels.dtype.kind not in "OUST":
        return labels
    rows = labels.tolist()
    # Labels repeat, by year or by city: each is looked at once.
    distinct = [label for label in dict.fromkeys(rows) if not pd.isna(label)]
    kinds = {type(label) for label in distinct}
    if kinds == {str}:
        # A code with leading zeros is a name: 007 and 7 are two.
        if all(label.strip().isdecimal() for label in distinct):
            numbers = {label: int(label) for label in distinct}
            if len(set(numbers.values())) == len(numbers):
                return np.array([numbers.get(label, np.nan) for label in rows])
    elif not all(issubclass(kind, int | float | np.number) for kind in kinds) and len(kinds) > 1:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise PanelRegressionError(f"{what}: labels of several kinds ({names}) have no order")
    return labels


def _codes(values: npt.ArrayLike, what: str) -> IntArray:
    codes, _ = pd.factorize(sortable(values, what), sort=True)
    if (codes < 0).any():
        raise PanelRegressionError(
            f"{int((codes < 0).sum())} rows have no {what}: give every row one, or drop the rows"
        )
    return codes.astype(np.intp)


def _compact(codes: IntArray) -> IntArray:
    return np.unique(codes, return_inverse=True)[1].astype(np.intp)


@dataclass(frozen=True)
class Rows:
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
    used: npt.NDArray[np.bool_]
    """Which of the rows given (n) these are."""

    def weights(self, given: npt.ArrayLike | None) -> FloatArray | None:
        """The weights of the rows that are used, about 1; None where none are given.

        Raises PanelRegressionError for weights that aren't positive, or of another number of rows.
        """
        if given is None:
            return None
        weights = np.asarray(given, dtype=float)
        if weights.shape != self.used.shape:
            raise PanelRegressionError(
                f"weights have the shape {weights.shape}: expected one for each of the"
                f" {len(self.used)} rows"
            )
        weights = weights[self.used]
        if not (np.isfinite(weights) & (weights > 0)).all():
            raise PanelRegressionError(
                "weights must be positive numbers: leave rows that have none out of the sample"
            )
        return np.asarray(weights / weights.mean(), dtype=np.float64)


def check_request(
    y: FloatArray,
    x: FloatArray,
    names: tuple[str, ...],
    outcome: str,
    effects: tuple[Effect, ...],
    convention: Convention,
) -> None:
    """Refuse shapes, names and options that don't belong together."""
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


def rows_to_fit(
    y: FloatArray,
    x: FloatArray,
    unit: npt.ArrayLike,
    time: npt.ArrayLike,
    cluster: npt.ArrayLike,
    effects: tuple[Effect, ...],
    names: tuple[str, ...],
    outcome: str,
    drop_singletons: bool,
    time_by: npt.ArrayLike | None = None,
) -> Rows:
    """Rows with every value, less singletons if asked; raises where none can be fitted.

    With `time_by` (n) the effects of time are those of each of its values by itself.
    """
    unit_codes, time_codes = _codes(unit, "unit"), _codes(time, "period")
    moments = time_codes
    if time_by is not None:
        moments = _codes(time_by, "group of period effects") * (time_codes.max() + 1) + time_codes
    cluster_codes, cluster_names = pd.factorize(np.asarray(cluster))
    lengths = {len(y), len(unit_codes), len(moments), len(cluster_codes)}
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
        by_name = {"unit": unit_codes, "time": moments}
        return tuple(_compact(by_name[effect][rows]) for effect in effects)

    alone = singletons(selected_effects(used), int(used.sum()))
    n_singletons = int(alone.sum())
    if drop_singletons and n_singletons:
        used[np.flatnonzero(used)[alone]] = False
        if not used.any():
            raise PanelRegressionError("no rows to fit: every row is alone in a group of effects")

    return Rows(
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
        used=used,
    )


__all__ = [
    "CONSTANT",
    "Effect",
    "PanelRegressionError",
    "Rows",
    "check_request",
    "rows_to_fit",
    "sortable",
]
