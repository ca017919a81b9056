"""Two-stage differences in differences (Gardner 2022).

Belongs here: that estimator's error. Does not belong here: its first stage and averages, which are those of the
imputation (`imputation`).

First stage: unit and year effects, and controls, on untreated rows. Second: what they leave of the outcome on
dummies of event time, or on one of treatment; its coefficients are the means that the imputation takes. The
error is that of both stages as one method of moments (his section 3.3, as R's did2s has it): treated rows enter
with their effect less the second stage's coefficient, untreated ones with the first stage's residual times what
the second passes on. Effects that differ between cohorts so count as noise; the imputation's error takes
cohorts' means out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.methods.staggered.numbers.effects import PanelRows, StaggeredEffects
from analysis.methods.staggered.numbers.estimator import INFLUENCE, Asked, Estimator
from analysis.methods.staggered.numbers.imputation import imputed
from analysis.regression.effects import IntArray
from analysis.regression.rank import FloatArray


def two_stage(rows: PanelRows, *, anticipation: int = 0) -> StaggeredEffects:
    """Effects by event time from 0 on, and overall the mean over treated rows.

    Leaves out what the imputation leaves out. Raises PanelRegressionError where no treated row can be told.
    """
    return imputed(rows, _second_stage, anticipation)


def _second_stage(
    effects: FloatArray,
    v: FloatArray,
    first: FloatArray,
    event: IntArray,
    treated: npt.NDArray[np.bool_],
) -> FloatArray:
    """Residuals (n, k) of the second stage: of an event time's dummy, and last of treatment's."""
    there = treated[:, None] & (v != 0)
    weights = np.where(there, v, 0.0)
    return np.asarray(effects[:, None] - effects @ weights)


def _run(asked: Asked) -> StaggeredEffects:
    return two_stage(asked.rows, anticipation=asked.design.anticipation)


ESTIMATOR = Estimator(
    _run,
    "effects of all treated city-years, each counted once",
    "parallel trends in all untreated years, given controls of one slope for all",
    f"both stages: deviations from the mean of all effects averaged; {INFLUENCE}",
    leads=False,
    anticipates=True,
)


__all__ = ["ESTIMATOR", "two_stage"]
