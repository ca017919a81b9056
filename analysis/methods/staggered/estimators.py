"""The estimators by key, each from the module of its name.

Belongs here: finding them, and the sample as they want it. Does not belong here: which there are (`registry`),
what each does (`numbers`).
"""

from importlib import import_module

from analysis.methods.staggered import numbers
from analysis.methods.staggered.numbers.effects import PanelRows, widened
from analysis.methods.staggered.numbers.estimator import Asked, Estimator
from analysis.methods.staggered.registry import LABELS
from analysis.methods.staggered.spec import Staggered
from analysis.regression.conventions import Convention
from analysis.study.sample import Sample


def _found(key: str) -> Estimator:
    estimator = import_module(f"{numbers.__name__}.{key}").ESTIMATOR
    if not isinstance(estimator, Estimator):
        raise TypeError(f"{numbers.__name__}.{key}.ESTIMATOR is no Estimator")
    return estimator


ESTIMATORS: dict[str, Estimator] = {key: _found(key) for key in LABELS}


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


__all__ = ["ESTIMATORS", "Asked", "Estimator", "asked_of", "rows_of"]
