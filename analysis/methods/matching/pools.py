"""Who may be matched with whom: cities by their means before the policy, or city-years, with scores.

Belongs here: the cases of a matching, their covariates and groups, and the propensity of each year or of
all. Does not belong here: who is matched (`choose`), the numbers (`numbers`).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.methods.base import Job
from analysis.methods.matching.equations import covariates_of
from analysis.methods.matching.numbers.neighbours import Ints
from analysis.methods.matching.numbers.propensity import (
    Flags,
    Floats,
    Propensity,
    PropensityError,
    fit_logit,
)
from analysis.methods.matching.spec import MatchedColumn, Matching
from analysis.study.panel import numbers_of
from analysis.study.sample import Sample

States = npt.NDArray[np.object_]
COMPARED = "compared"
NO_COVARIATES, TREATED_BEFORE, NO_COUNTERPART = "no_covariates", "treated_before", "no_counterpart"


@dataclass(frozen=True)
class Slice:
    """Cases (positions in the pool) that are matched among themselves, and their logit or why there is none."""

    year: int | None
    cases: Ints
    propensity: Propensity | None
    reason: str = ""


@dataclass(frozen=True)
class Pool:
    """Cases (m,): cities, or city-years. `years` is None for cities; `of_row` (n,) is each sample row's case.

    ``x`` (m, k) are covariates, ``state`` (m,) is COMPARED or why a case isn't; ``over`` are the years of
    the means before.
    """

    on: str
    treated_are: str
    city: npt.NDArray[Any]
    years: npt.NDArray[Any] | None
    x: Floats
    names: tuple[str, ...]
    treated: Flags
    state: States
    of_row: Ints
    slices: tuple[Slice, ...] = ()
    over: tuple[int, int] | None = None

    @property
    def compared(self) -> Flags:
        """Cases that matching is asked of."""
        return np.asarray(self.state == COMPARED)

    def of_slices(self, kind: str) -> Floats:
        """Score or logit (m,) of the cases; NaN where no logit was fitted."""
        found = np.full(len(self.city), np.nan)
        for part in self.slices:
            if part.propensity is not None:
                found[part.cases] = part.propensity.distance(kind)
        return found


def pool_of(job: Job, sample: Sample, column: MatchedColumn) -> Pool:
    """The cases of a column, with the propensity of each slice of them.

    Raises ValueError where the years before the policy are none.
    """
    if column.cases == "means_before":
        return _with_slices(_cities(job, sample), by_year=False)
    treated = sample.treated == 1
    if column.treated == "ever":
        treated = np.isin(sample.unit, np.unique(sample.unit[treated]))
    names = covariates_of(job.study, job.design)
    x = job.data.values(names).to_numpy(dtype=float)[sample.rows]
    usable = np.isfinite(x).all(axis=1)
    pool = Pool(
        on=column.cases,
        treated_are=column.treated,
        city=sample.unit,
        years=sample.time,
        x=x,
        names=names,
        treated=treated,
        state=np.where(usable, COMPARED, NO_COVARIATES).astype(object),
        of_row=np.arange(len(sample.unit), dtype=np.intp),
    )
    return _with_slices(pool, by_year=column.cases == "each_year")


def _cities(job: Job, sample: Sample) -> Pool:
    """Cities by the means of their covariates over the years before the policy."""
    design: Matching = job.design
    city, of_row = np.unique(sample.unit, return_inverse=True)
    ever = np.bincount(of_row, weights=sample.treated) > 0
    began = np.full(len(city), np.inf)
    np.minimum.at(began, of_row, np.where(sample.treated == 1, sample.cohort, np.inf))
    over = design.over or _years_before(job, began)
    rows, panel = job.data.rows, job.study.panel
    time = numbers_of(rows, panel.time, job.where)
    within = (time >= over[0]) & (time <= over[1])
    names = covariates_of(job.study, design)
    means = job.data.values(names)[within].groupby(rows.loc[within, panel.unit].to_numpy()).mean()
    x = means.reindex(pd.Index(city)).to_numpy(dtype=float)
    state = np.where(np.isfinite(x).all(axis=1), COMPARED, NO_COVARIATES).astype(object)
    state[began <= over[1]] = TREATED_BEFORE
    return Pool(
        on="means_before",
        treated_are="ever",
        city=city,
        years=None,
        x=x,
        names=names,
        treated=ever,
        state=state,
        of_row=of_row.astype(np.intp),
        over=over,
    )


def _years_before(job: Job, began: Floats) -> tuple[int, int]:
    """The study's years before the first in which a city that wasn't treated from the start is."""
    first, last = job.study.panel.years
    later = began[np.isfinite(began) & (began > first)]
    if not len(later):
        raise ValueError(
            f"no city is treated after {first}: there are no years before the policy to match on"
        )
    return first, min(int(later.min()) - 1, last)


def _with_slices(pool: Pool, *, by_year: bool) -> Pool:
    """The pool with its slices: a logit for each year, or one for all."""
    groups: list[tuple[int | None, Flags]] = [(None, np.ones(len(pool.city), dtype=bool))]
    if by_year and pool.years is not None:
        groups = [(int(year), pool.years == year) for year in np.unique(pool.years)]
    state, slices = pool.state.copy(), []
    for year, among in groups:
        cases = np.flatnonzero(among & pool.compared)
        treated = pool.treated[cases]
        if not treated.any() or treated.all():
            state[cases] = NO_COUNTERPART
            slices.append(Slice(year, cases[:0], None, _alone(year, treated)))
            continue
        try:
            slices.append(Slice(year, cases, fit_logit(pool.x[cases], treated, pool.names)))
        except PropensityError as error:
            slices.append(Slice(year, cases, None, str(error)))
    return replace(pool, state=state, slices=tuple(slices))


def _alone(year: int | None, treated: Flags) -> str:
    among = f" in {year}" if year is not None else ""
    if not len(treated):
        return f"no city{among} has all covariates"
    lacking = "without treatment" if treated.any() else "treated"
    return f"no city{among} with all covariates is {lacking}: there is nobody to match"


__all__ = [
    "COMPARED",
    "NO_COUNTERPART",
    "NO_COVARIATES",
    "TREATED_BEFORE",
    "Pool",
    "Slice",
    "pool_of",
]
