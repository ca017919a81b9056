"""Who is treated, and from when: the true assignment of a staggered policy and random ones.

Belongs here: cohorts by unit and their random reassignment. Does not belong here: what an
assignment makes of a regression (`projected`).

A reassignment permutes the units' first treated periods, so that every draw has the true number of
units in each cohort. The permutation is over all units, or over the treated ones alone, and within
strata if there are any: the draws are those of a randomisation test in which policy makers chose
cities at random within a stratum (Rosenbaum 2002, ch. 2; staggered: Athey and Imbens 2022).
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.regression.effects import FloatArray, IntArray
from analysis.regression.panel import PanelRegressionError

Scheme = Literal["cities", "timing"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
NEVER = 0
"""Code of the cohort that has no treated period in the sample."""


@dataclass(frozen=True)
class Assignment:
    """The true cohorts, and which units may change theirs with which.

    ``units`` (N) are the units' labels, sorted; ``cohorts`` (C) the first treated periods, the
    first being NaN for never; ``codes`` (N) each unit's position among them. ``pools`` (N) are
    codes of the sets within which cohorts are permuted; a unit with -1 keeps its own.
    """

    units: npt.NDArray[Any]
    cohorts: FloatArray
    codes: IntArray
    pools: IntArray

    @property
    def sizes(self) -> IntArray:
        """Units of each cohort (C)."""
        return np.bincount(self.codes, minlength=len(self.cohorts))

    @property
    def n_movable(self) -> int:
        """Units in pools that hold more than one cohort: only these can be given another."""
        moved = 0
        for pool in np.unique(self.pools[self.pools >= 0]):
            own = self.codes[self.pools == pool]
            moved += len(own) if len(np.unique(own)) > 1 else 0
        return moved

    @property
    def n_assignments(self) -> float:
        """How many different assignments the permutations can give; inf beyond 1e300."""
        from scipy.special import gammaln

        logarithm = 0.0
        for pool in np.unique(self.pools[self.pools >= 0]):
            sizes = np.bincount(self.codes[self.pools == pool])
            logarithm += float(gammaln(sizes.sum() + 1) - gammaln(sizes + 1).sum())
        return float(np.round(np.exp(logarithm))) if logarithm < np.log(1e300) else float("inf")

    def draw(self, rng: np.random.Generator, size: int) -> IntArray:
        """Random cohort codes (size, N).

        A draw takes N numbers of `rng`, so that draws don't depend on how many are asked for at a
        time, and the first of a longer run are those of a shorter one.
        """
        keys = rng.random((size, len(self.units)))
        order = np.argsort(np.where(self.pools < 0, 0.0, keys) + self.pools, axis=1, kind="stable")
        by_pool = np.argsort(self.pools, kind="stable")
        drawn = np.empty((size, len(self.units)), dtype=np.intp)
        np.put_along_axis(drawn, order, self.codes[by_pool][None, :], axis=1)
        return drawn


def true_assignment(
    unit: npt.ArrayLike,
    time: npt.ArrayLike,
    cohort: npt.ArrayLike,
    *,
    scheme: Scheme = "cities",
    strata: npt.ArrayLike | None = None,
) -> Assignment:
    """The assignment of rows with `unit`, `time`, `cohort` and perhaps `strata` (n each).

    `cohort` is the unit's first treated period, NaN if there is none. A cohort after the last
    period of the sample counts as never. `scheme` "cities" permutes the cohorts of all units,
    "timing" those of the treated.

    Raises PanelRegressionError if a unit has two cohorts or strata, or nobody's could change.
    """
    if scheme not in SCHEMES:
        raise PanelRegressionError(f"unknown scheme {scheme!r}: choose one of {', '.join(SCHEMES)}")
    codes, units = pd.factorize(np.asarray(unit), sort=True)
    first = np.asarray(cohort, dtype=float)
    first = np.where(first > np.asarray(time, dtype=float).max(), np.nan, first)
    own = _of_unit(codes, first, len(units), "first treated periods")
    treated = np.unique(own[np.isfinite(own)])
    if not len(treated):
        raise PanelRegressionError(
            "no unit is treated in the sample: there is no treatment to draw; check the policy's "
            "roster and years against the sample"
        )
    cohort_codes = np.where(np.isfinite(own), np.searchsorted(treated, own) + 1, NEVER)
    pools = np.zeros(len(units), dtype=np.intp)
    if strata is not None:
        pools = _of_unit(
            codes, pd.factorize(np.asarray(strata), sort=True)[0], len(units), "strata"
        )
        if (pools < 0).any():
            raise PanelRegressionError(
                f"{int((pools < 0).sum())} units have no stratum to be drawn in, the first is "
                f"{units[int(np.argmax(pools < 0))]}: give them one, or leave them out"
            )
    if scheme == "timing":
        pools = np.where(cohort_codes == NEVER, -1, pools)
    found = Assignment(
        units=np.asarray(units),
        cohorts=np.concatenate([[np.nan], treated]),
        codes=cohort_codes.astype(np.intp),
        pools=pools.astype(np.intp),
    )
    if not found.n_movable:
        within = "" if strata is None else " within any stratum"
        who = "treated units have" if scheme == "timing" else "units have"
        raise PanelRegressionError(
            f"all {who} the same first treated period{within}: a permutation changes nothing"
        )
    return found


def moved_before(
    time: npt.ArrayLike, cohort: npt.ArrayLike, years: int
) -> tuple[npt.NDArray[np.bool_], FloatArray]:
    """A policy that is said to have come `years` earlier, on rows that it hadn't reached.

    Returns the rows (n) to use, those before the unit's true first period, and the false first
    period of every row's unit (n), NaN if never. Whatever it then seems to do is no effect.
    """
    first = np.asarray(cohort, dtype=float)
    untreated = ~(np.asarray(time, dtype=float) >= first)
    return untreated, first - years


def _of_unit(codes: IntArray, values: npt.NDArray[Any], n_units: int, what: str) -> Any:
    """The value of each unit, which all its rows share."""
    at = np.empty(n_units, dtype=np.intp)
    at[codes[::-1]] = np.arange(len(codes))[::-1]
    own = values[at]
    same = (values == own[codes]) | (np.isnan(values) & np.isnan(own)[codes])
    if not same.all():
        raise PanelRegressionError(
            f"{len(np.unique(codes[~same]))} units have two {what}: expected one for all rows"
        )
    return own


__all__ = ["NEVER", "SCHEMES", "Assignment", "Scheme", "moved_before", "true_assignment"]
