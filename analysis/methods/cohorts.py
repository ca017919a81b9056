"""The policy of a sample as cohorts of cities, for methods that draw it anew.

Belongs here: whether treatment follows from first treated years, and the strata that cities are drawn within. Does
not belong here: the draws (`analysis.regression.randomised`).
"""

import numpy as np
import numpy.typing as npt

from analysis.methods.base import Job
from analysis.study.data import EstimationError
from analysis.study.sample import Sample


def check_cohort(job: Job, sample: Sample) -> None:
    """Raise EstimationError unless treatment is 1 exactly from the unit's first treated year on."""
    follows = (sample.time.astype(float) >= sample.cohort) == (sample.treated == 1)
    if not follows.all():
        unit, time = sample.unit[~follows][0], sample.time[~follows][0]
        raise EstimationError(
            f"{job.where}: {job.study.treatment} doesn't follow from its first treated year in"
            f" {int((~follows).sum())} rows ({unit} {time}): a policy that ends, or begins twice, has"
            " no cohorts to draw"
        )


def strata_of(job: Job, sample: Sample, within: str | None) -> npt.NDArray[np.object_] | None:
    """The stratum (n,) of each row's city: its value in the first year that has one, None without."""
    if within is None:
        return None
    rows = job.data.rows
    unit = job.study.panel.unit
    known = rows.loc[rows[within].notna(), [unit, within]]
    first = known.drop_duplicates(unit).set_index(unit)[within]
    return rows[unit].iloc[sample.rows].map(first).to_numpy(dtype=object)


__all__ = ["check_cohort", "strata_of"]
