"""The estimators by name: what each is called with, averages and assumes.

Belongs here: one entry per estimator. A new one is a module of numbers, an entry here, a key in `spec` and its
label in `equations`. Does not belong here: numbers, rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from analysis.methods.staggered.numbers.effects import (
    PanelRows,
    StaggeredEffects,
    Wide,
    widened,
)
from analysis.methods.staggered.numbers.extended import extended_two_way
from analysis.methods.staggered.numbers.group_time import (
    Base,
    GroupTime,
    aggregate,
    group_time,
)
from analysis.methods.staggered.numbers.imputation import imputation
from analysis.methods.staggered.numbers.local_projections import local_projections
from analysis.methods.staggered.numbers.stacked import stacked
from analysis.methods.staggered.numbers.sun_abraham import sun_abraham
from analysis.methods.staggered.numbers.switchers import switchers
from analysis.methods.staggered.numbers.two_stage import two_stage
from analysis.methods.staggered.numbers.two_way import two_way
from analysis.methods.staggered.spec import Staggered
from analysis.regression.conventions import Convention
from analysis.study.sample import Sample

INFLUENCE = "influence by cluster, no small-sample factor"


@dataclass(frozen=True)
class Asked:
    """What an estimator is given: the sample, its panel with a row per unit, and the design."""

    rows: PanelRows
    wide: Wide
    design: Staggered
    convention: Convention

    @property
    def has_controls(self) -> bool:
        """Whether anything is controlled for."""
        return bool(self.rows.names)

    @cached_property
    def cells(self) -> GroupTime:
        """Effects by cohort and year, made once for all that average them."""
        return cells_of(self, self.design.base)

    @cached_property
    def steps(self) -> GroupTime:
        """The same with years before the policy against the year before each: what its pre-test is of."""
        return self.cells if self.design.base == "varying" else cells_of(self, "varying")


@dataclass(frozen=True)
class Estimator:
    """How an estimator is called, and what a reader should know of it.

    `convention` is the words of its error, or None for those of the regression. `leads` says whether it tells
    effects before the policy, measured against one year; `anticipates` whether it can leave out years in which
    cities act on a policy to come.
    """

    run: Callable[[Asked], StaggeredEffects]
    averages: str
    assumes: str
    convention: str | None = None
    leads: bool = True
    anticipates: bool = False


def asked_of(sample: Sample, design: Staggered, convention: Convention) -> Asked:
    """The sample as estimators want it; raises PanelRegressionError where it is no panel of cohorts."""
    rows = rows_of(sample)
    return Asked(rows, widened(rows), design, convention)


def rows_of(sample: Sample) -> PanelRows:
    """The sample's rows; its first column is the policy, which cohorts stand for."""
    return PanelRows(
        sample.y, sample.unit, sample.time, sample.cohort, sample.cluster, sample.x[:, 1:],
        sample.names[1:],
    )  # fmt: skip


def _two_way(asked: Asked) -> StaggeredEffects:
    return two_way(asked.rows, window=asked.design.window, convention=asked.convention)


def _group_time(asked: Asked) -> StaggeredEffects:
    return aggregate(asked.wide, asked.cells)


def cells_of(asked: Asked, base: Base) -> GroupTime:
    """Effects by cohort and year as the design asks for them."""
    return group_time(
        asked.wide, controls=asked.design.compare_with, base=base, covariates=asked.has_controls,
        adjust=asked.design.adjust, anticipation=asked.design.anticipation,
    )  # fmt: skip


def _sun_abraham(asked: Asked) -> StaggeredEffects:
    return sun_abraham(asked.rows, convention=asked.convention)


def _imputation(asked: Asked) -> StaggeredEffects:
    return imputation(asked.rows)


def _local_projections(asked: Asked) -> StaggeredEffects:
    return local_projections(asked.wide, window=asked.design.window, convention=asked.convention)


def _stacked(asked: Asked) -> StaggeredEffects:
    return stacked(asked.wide, asked.design.stacked_window, covariates=asked.has_controls)


def _two_stage(asked: Asked) -> StaggeredEffects:
    return two_stage(asked.rows)


def _extended_two_way(asked: Asked) -> StaggeredEffects:
    return extended_two_way(asked.rows, convention=asked.convention)


def _switchers(asked: Asked) -> StaggeredEffects:
    return switchers(asked.wide, window=asked.design.window)


ESTIMATORS: dict[str, Estimator] = {
    "two_way": Estimator(
        _two_way,
        "effects of all treated city-years, with weights of least squares that may be negative",
        "parallel trends, and one effect for all cohorts and years",
    ),
    "group_time": Estimator(
        _group_time,
        "effects by cohort and year, weighted by cities",
        "parallel trends of cities alike in the controls of the year before the policy",
        INFLUENCE,
        anticipates=True,
    ),
    "sun_abraham": Estimator(
        _sun_abraham,
        "effects by cohort and event time, weighted by treated city-years",
        "parallel trends with the never treated, given controls of one slope for all",
    ),
    "imputation": Estimator(
        _imputation,
        "effects of all treated city-years, each counted once",
        "parallel trends in all untreated years, given controls of one slope for all",
        f"conservative: deviations from the mean of cohort and event time; {INFLUENCE}",
        leads=False,
    ),
    "local_projections": Estimator(
        _local_projections,
        "effects at each horizon weighted by variance; overall the mean over horizons of the window",
        "parallel trends from the year before entry, with cities untreated to the horizon",
    ),
    "stacked": Estimator(
        _stacked,
        "effects in the stacked window, cohorts weighted by cities; overall the mean from event time 0 on",
        "parallel trends within the window of each cohort, with cities untreated to its end",
        INFLUENCE,
    ),
    "two_stage": Estimator(
        _two_stage,
        "effects of all treated city-years, each counted once",
        "parallel trends in all untreated years, given controls of one slope for all",
        f"both stages: deviations from the mean of all effects averaged; {INFLUENCE}",
        leads=False,
    ),
    "extended_two_way": Estimator(
        _extended_two_way,
        "effects by cohort and year, weighted by treated city-years",
        "parallel trends in all untreated years, given controls with slopes by year and cohort treated in it",
        leads=False,
    ),
    "switchers": Estimator(
        _switchers,
        "effects of the window's years, weighted by cities",
        "parallel trends from the year before entry, with cities untreated still",
        f"deviations from the mean of cohort or year, n / (n - 1); {INFLUENCE}",
    ),
}

__all__ = ["ESTIMATORS", "Asked", "Estimator", "asked_of", "cells_of", "rows_of"]
