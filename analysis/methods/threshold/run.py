"""Running a threshold model: its balanced sample, the numerics, and the tables that come of them.

Belongs here: what the numerics are asked, and which number of thresholds the tests support. Does not
belong here: the numerics (`numbers`), the rows of the tables (`rows`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.methods.base import ESTIMATED, SKIPPED, Job, Made, Row, Skipped
from analysis.methods.columns import text_of
from analysis.methods.threshold.equations import equation_of
from analysis.methods.threshold.numbers import (
    BootstrapTest,
    Grid,
    RegimeSlopes,
    ThresholdSearch,
    bootstrap_tests,
    estimate_slopes,
    linearity_test,
    prepare_panel,
    robust_sets,
    search_thresholds,
    threshold_response,
)
from analysis.methods.threshold.referee import Evidence, ThresholdEquation
from analysis.methods.threshold.rows import (
    REFERENCE_THRESHOLDS,
    common_rows,
    diagnostic_rows,
    dropped_rows,
    profile,
    regimes,
    search_rows,
    slope_rows,
    test_rows,
)
from analysis.methods.threshold.spec import ThresholdDesign
from analysis.study.sample import Sample
from analysis.study.spec import Study

SUPPORT_LEVEL = 0.05
"""A threshold counts as supported if its test rejects at this level under every scheme."""

SET_DRAWS = 199
"""Draws of the robust sets, for each candidate that is tested."""

LINEARITY_ORDER = 3
"""Powers of the threshold variable in the linearity test, as in the PSTR literature."""


def run(job: Job) -> Made | Skipped:
    """Estimate a threshold model.

    Units that lack a year of the study or a value in one are left out and counted: the bootstrap hands
    residuals from unit to unit. A model that the data can't carry (no complete unit, no treated rows in
    a regime) is skipped; its row in ``threshold_model`` says so too.

    ``threshold_slope`` has every number of thresholds from 0 on, ``regime_count`` and
    ``city_regime`` the models of `shown_models`.

    Raises EstimationError if a column is not numeric, or units are incomplete where the study requires
    balance.
    """
    study, design = job.study, job.design
    equation = equation_of(study, design)
    sample, left_out = job.balanced_sample(equation)
    facts = _facts(study, design, sample, left_out)
    try:
        estimated = _estimate(study, design, sample)
    except ValueError as error:  # what the numerics say of data that can't carry the model
        reason = {"status": SKIPPED, "detail": str(error)}
        return Skipped(str(error), {"threshold_model": _of_model(job, [{**facts, **reason}])})
    model = [{**facts, **estimated.facts, "status": ESTIMATED}]
    frames = {name: _of_model(job, rows) for name, rows in estimated.frames.items()}
    return Made(
        {
            "threshold_model": _of_model(job, model),
            **frames,
            **common_rows(job, equation, sample, estimated.slopes),
            "dropped_term": dropped_rows(job, estimated.search.panel, len(estimated.slopes)),
        },
        _evidence(study, design, sample, estimated),
    )


def _of_model(job: Job, rows: pd.DataFrame | list[Row]) -> pd.DataFrame:
    return pd.DataFrame(rows).assign(study=job.study.id, design=job.design.id)


def shown_models(n_supported: int, at_most: int) -> tuple[int, ...]:
    """Numbers of thresholds whose regimes are given: the supported one and the paper's double."""
    return tuple(sorted({n_supported, min(REFERENCE_THRESHOLDS, at_most)} - {0}))


def _facts(study: Study, design: ThresholdDesign, sample: Sample, left_out: int) -> Row:
    """What is known of a model before it is estimated."""
    published = design.published
    return {
        "title": design.title,
        "outcome": study.outcome.column,
        "threshold_variable": design.variable,
        "regressor": _regressor(study, design),
        "variable_label": study.label_of(design.variable),
        "regressor_label": study.label_of(_regressor(study, design)),
        "paper_id": published.paper_id if published else None,
        "tests_table": text_of(published.tests_table) if published else None,
        "slopes_table": text_of(published.slopes_table) if published else None,
        "controls": "+".join(study.controls_of(design)),
        "effects": "+".join(design.effects),
        "convention": design.convention,
        "grid": f"{design.grid.rule}, {design.grid.points} points, trim {design.grid.trim:g}, at"
        f" least {design.grid.min_active} cities with {_regressor(study, design)} other than 0",
        "cluster": study.cluster,
        "n_obs": len(sample.y),
        "n_units": len(np.unique(sample.unit)),
        "n_periods": len(np.unique(sample.time)),
        "n_dropped_missing": sample.account["missing"],
        "n_dropped_incomplete": sample.account["incomplete_unit"],
        "n_units_incomplete": left_out,
        "spec_hash": study.spec_hash,
    }


def _regressor(study: Study, design: ThresholdDesign) -> str:
    return design.regressor or study.treatment


def _controls(sample: Sample) -> Any:
    """Columns (n, k) of the controls: all but the regressor and the threshold variable."""
    return sample.x[:, 2:]


@dataclass(frozen=True)
class _Estimated:
    """A model as estimated: slopes without a threshold, with one and so on, and its tables."""

    search: ThresholdSearch
    slopes: tuple[RegimeSlopes, ...]
    frames: dict[str, pd.DataFrame]
    facts: dict[str, Any]


def _estimate(study: Study, design: ThresholdDesign, sample: Sample) -> _Estimated:
    """Tables of a model, and the facts of `threshold_model` that are results.

    Raises ValueError where the data can't carry the model.
    """
    if not len(sample.y):
        first, last = study.panel.years
        raise ValueError(
            f"no city has every year of {first}-{last} with a value of the outcome, the controls "
            f"and {design.variable}"
        )
    x, q = sample.x[:, 0], sample.x[:, 1]
    cluster = None if study.cluster == study.panel.unit else sample.cluster
    panel = prepare_panel(
        sample.y,
        x,
        q,
        sample.unit,
        sample.time,
        controls=_controls(sample),
        control_names=study.controls_of(design),
        year_effects=design.year_effects,
        convention=design.convention,
        cluster=cluster,
        x_names=[_regressor(study, design)],
        outcome=study.outcome.column,
        q_name=design.variable,
    )
    grid = Grid(design.grid.rule, design.grid.points, design.grid.trim, design.grid.min_active)
    search = search_thresholds(panel, design.at_most, grid)
    tests = [
        bootstrap_tests(
            search, design.draws, seed=design.seed, scheme=each.scheme, resample=each.resample
        )
        for each in design.schemes
    ]
    n_supported = min(map(_supported, tests))
    reference = min(REFERENCE_THRESHOLDS, design.at_most)
    response = threshold_response(
        q,
        sample.treated,
        sample.unit,
        sample.time,
        cluster=cluster,
        thresholds=search.models[reference - 1].thresholds,
    )
    slopes = tuple(
        estimate_slopes(panel, thresholds, x_names=[_regressor(study, design)])
        for thresholds in [(), *(model.thresholds for model in search.models)]
    )
    shown = shown_models(n_supported, design.at_most)
    members = [regimes(sample.unit, sample.time, q, x != 0, search, n) for n in shown]
    robust = {n: robust_sets(search, n, SET_DRAWS, seed=design.seed) for n in shown}
    dropped = sample.n_dropped
    linearity = linearity_test(panel, LINEARITY_ORDER)
    frames = {
        "threshold_test": pd.DataFrame(test_rows(search, tests, dropped)),
        "threshold_search": pd.DataFrame(search_rows(search, robust)),
        "threshold_profile": profile(search),
        "threshold_slope": pd.DataFrame(slope_rows(study, design, slopes)).drop(
            columns="weaknesses"
        ),
        "threshold_diagnostic": pd.DataFrame(diagnostic_rows(response, linearity)),
        "city_regime": pd.concat([city for city, _ in members]),
        "regime_count": pd.concat([count for _, count in members]),
    }
    facts = {
        "lower_regime": panel.lower_regime,
        "n_clusters": panel.n_clusters,
        "ssr_linear": search.ssr_linear,
        "n_supported": n_supported,
        "responds": response.responds,
        "warning": response.warning(),
    }
    return _Estimated(search, slopes, frames, facts)


def _evidence(
    study: Study, design: ThresholdDesign, sample: Sample, estimated: _Estimated
) -> Evidence:
    """The double threshold, for the referee, as it comes from the sample's rows."""
    number = min(REFERENCE_THRESHOLDS, design.at_most)
    equation = ThresholdEquation(
        y=sample.y,
        x=sample.x[:, 0],
        q=sample.x[:, 1],
        z=_controls(sample),
        unit=sample.unit,
        time=sample.time,
        regressor=_regressor(study, design),
        controls=study.controls_of(design),
        year_effects=design.year_effects,
        convention=design.convention,
        cluster=sample.cluster,
        lower_regime=estimated.search.panel.lower_regime,
    )
    ssr = estimated.search.models[number - 1].ssr
    return Evidence(equation, estimated.slopes[number], ssr, str(number))


def _supported(tests: Sequence[BootstrapTest]) -> int:
    """Thresholds up to the first test that doesn't reject."""
    rejected = [test.p_value < SUPPORT_LEVEL for test in tests]
    return rejected.index(False) if False in rejected else len(rejected)


__all__ = ["run", "shown_models"]
