"""Which of some units move a coefficient most when they are left out.

Belongs here: that search, on arrays. Does not belong here: which units may be left out and why (`run`).

Source: Broderick, Giordano and Meager 2020 (arXiv 2011.14999): the units with the largest influence,
summed, approximate the set whose removal moves an estimate most. Leaving many out at once makes the sum a
poor guide, so they go in rounds, and what is left is estimated again after each. The result is reached by
a set that is named: the true extreme is at least as far out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from analysis.regression.panel import PanelFit, PanelRegressionError, fit_panel

ROUNDS = 20
"""Rounds in which the units go: of the shipped study eight reach .368 where twenty reach .369."""
DIGITS = 9
"""Digits of an influence, relative to the largest, that decide who goes first: the rest is rounding."""

Direction = Literal["lowest", "highest"]


@dataclass(frozen=True)
class FurthestOut:
    """Units that were left out, sorted, and the coefficient without them."""

    left_out: tuple[Any, ...]
    coefficient: float


def furthest_out(
    arrays: dict[str, Any],
    term: str,
    candidates: Sequence[Any],
    at_most: int,
    direction: Direction,
    rounds: int = ROUNDS,
) -> FurthestOut:
    """Leave out up to `at_most` of the candidate units so that the coefficient of `term` moves furthest.

    `arrays` are the parameters of `fit_panel` for all rows; units are those of `arrays["unit"]`. It ends
    earlier where no candidate's absence moves the coefficient further, or where the rest could not be
    estimated any more. Raises PanelRegressionError where all rows together can't be.
    """
    sign = 1.0 if direction == "lowest" else -1.0
    kept = np.ones(len(arrays["y"]), dtype=bool)
    left: list[Any] = sorted(candidates)
    gone: list[Any] = []
    fit = _fit(arrays, kept)
    step = max(1, -(-at_most // rounds))
    best = FurthestOut((), float(fit.coefficients[fit.position(term)]))
    while left and len(gone) < at_most:
        pull = sign * _influence(fit, term, left)
        order = np.argsort(-pull, kind="stable")[: min(step, at_most - len(gone))]
        chosen = [left[k] for k in order if pull[k] > 0]
        if not chosen:
            break
        kept = kept & ~np.isin(arrays["unit"], chosen)
        try:
            fit = _fit(arrays, kept)
            coefficient = float(fit.coefficients[fit.position(term)])
        except (PanelRegressionError, KeyError):  # nothing to compare with is left
            break
        gone += chosen
        left = [unit for unit in left if unit not in set(chosen)]
        if sign * coefficient < sign * best.coefficient:
            best = FurthestOut(tuple(sorted(gone)), coefficient)
    return best


def _fit(arrays: dict[str, Any], kept: npt.NDArray[np.bool_]) -> PanelFit:
    """The fit of some rows, clustered by unit: its influence is that of units."""
    parts = {name: arrays[name][kept] for name in ("y", "x", "unit", "time")}
    return fit_panel(
        **parts, effects=arrays["effects"], cluster=parts["unit"], names=arrays["names"]
    )


def _influence(fit: PanelFit, term: str, units: Sequence[Any]) -> npt.NDArray[np.float64]:
    """By how much each unit (m) raises the coefficient, to first order, in digits that count."""
    raised = dict(zip(fit.clusters.tolist(), fit.influence[:, fit.position(term)], strict=True))
    found = np.array([raised.get(unit, 0.0) for unit in units], dtype=float)
    largest = np.abs(found).max(initial=0.0)
    return np.round(found / largest, DIGITS) if largest else found


__all__ = ["ROUNDS", "Direction", "FurthestOut", "furthest_out"]
