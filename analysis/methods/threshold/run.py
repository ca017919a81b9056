"""Running the threshold models of a study: from the wide city-year frame to tidy tables.

Belongs here: the balanced sample of each model, the calls of the numerics and of the referee, and
which number of thresholds the tests support. Does not belong here: the numerics (`threshold`), the
tables that come of them (`threshold_tables`), the shape of a study (`study`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.methods.referee import ThresholdEquation, threshold_rows
from analysis.methods.tables import REFERENCE_CHECK
from analysis.methods.threshold.numbers import (
    BootstrapTest,
    Grid,
    RegimeSlopes,
    ThresholdSearch,
    bootstrap_tests,
    estimate_slopes,
    linearity_test,
    prepare_panel,
    search_thresholds,
    threshold_response,
)
from analysis.methods.threshold.rows import (
    diagnostic_rows,
    profile,
    regimes,
    search_rows,
    slope_rows,
    test_rows,
)
from analysis.methods.threshold.tables import TABLES
from analysis.study.data import complete_units, study_rows, variables_of
from analysis.study.spec import TREATMENT, Balance, Study, ThresholdDesign

SUPPORT_LEVEL = 0.05
"""A threshold counts as supported if its test rejects at this level under every scheme."""

REFERENCE_THRESHOLDS = 2
"""The model whose slopes and regimes are always given: the double threshold of the paper."""

LINEARITY_ORDER = 3
"""Powers of the threshold variable in the linearity test, as in the PSTR literature."""


@dataclass(frozen=True)
class _Sample:
    """Balanced rows of a model, by unit and year: arrays (n,), `z` (n, k), and what was left out."""

    y: npt.NDArray[np.float64]
    x: npt.NDArray[np.float64]
    q: npt.NDArray[np.float64]
    z: npt.NDArray[np.float64]
    treated: npt.NDArray[np.float64]
    unit: npt.NDArray[Any]
    time: npt.NDArray[np.int64]
    counts: dict[str, int]


def estimate_thresholds(study: Study, panel: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Run every threshold model of `study` on `panel`; frames by the names of `TABLES`.

    ``reference_check`` comes beside them: what linearmodels makes of each model's double threshold.

    `panel` is as for `estimate_study`. Units that lack a year of the study or a value in one are
    left out and counted: the bootstrap hands residuals from unit to unit. A model that the data
    can't carry (no complete unit, no treated rows in a regime) has a row in ``threshold_model``
    that says so, and none elsewhere.

    ``threshold_slope`` has every number of thresholds from 0 on, ``regime_count`` and
    ``city_regime`` the models of `shown_models`.

    Raises EstimationError if a column is absent or not numeric, a unit has a period twice, or units
    are incomplete where the study requires balance.
    """
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    checked: list[dict[str, Any]] = []
    if study.thresholds:
        rows = study_rows(study, panel).rows
        for design in study.thresholds:
            frames, reference = _run(study, design, rows)
            checked += reference
            for name, frame in frames.items():
                key = {"study": study.id, "model_id": design.id}
                found[name].append(frame.assign(**key))
    return {
        **{name: TABLES[name].joined(frames) for name, frames in found.items()},
        "reference_check": REFERENCE_CHECK.frame(checked),
    }


def shown_models(n_supported: int, at_most: int) -> tuple[int, ...]:
    """Numbers of thresholds whose regimes are given: the supported one and the paper's double."""
    return tuple(sorted({n_supported, min(REFERENCE_THRESHOLDS, at_most)} - {0}))


def _run(
    study: Study, design: ThresholdDesign, rows: pd.DataFrame
) -> tuple[dict[str, pd.DataFrame], list[dict[str, Any]]]:
    """Tables of a model, and the rows of the referee."""
    sample = _sample(study, design, rows)
    facts: dict[str, Any] = {
        "title": design.title,
        "outcome": study.outcome.column,
        "threshold_variable": design.variable,
        "regressor": design.regressor,
        "controls": "+".join(study.controls_of(design)),
        "effects": "+".join(design.effects),
        "convention": design.convention,
        "grid": f"{design.grid.rule}, {design.grid.points} points, trim {design.grid.trim:g}",
        **sample.counts,
        "spec_hash": study.spec_hash,
    }
    try:
        estimated = _estimate(study, design, sample)
    except ValueError as error:  # what the numerics say of data that can't carry the model
        reason = {"status": "not estimated", "detail": str(error)}
        return {"threshold_model": pd.DataFrame([{**facts, **reason}])}, []
    model = pd.DataFrame([{**facts, **estimated.facts, "status": "estimated"}])
    return (
        {"threshold_model": model, **estimated.frames},
        _reference(study, design, sample, estimated),
    )


def _sample(study: Study, design: ThresholdDesign, rows: pd.DataFrame) -> _Sample:
    table = design.as_table()
    values, _ = variables_of(study, table, rows)
    rule: Balance = "require" if study.panel.balanced == "require" else "drop_incomplete_units"
    complete = complete_units(study, table, rows, values, rule)
    usable = np.isfinite(values.to_numpy()).all(axis=1)
    lost = usable & ~complete
    order = [study.panel.unit, study.panel.time]
    kept = rows.loc[complete, order].sort_values(order, kind="stable").index
    used, where = values.loc[kept], rows.loc[kept]
    return _Sample(
        y=used[study.outcome.column].to_numpy(),
        x=used[design.regressor].to_numpy(),
        q=used[design.variable].to_numpy(),
        z=used.loc[:, list(study.controls_of(design))].to_numpy(),
        treated=where[TREATMENT].to_numpy(dtype=float),
        unit=where[study.panel.unit].to_numpy(),
        time=where[study.panel.time].to_numpy(dtype=np.int64),
        counts={
            "n_obs": len(kept),
            "n_units": int(where[study.panel.unit].nunique()),
            "n_periods": int(where[study.panel.time].nunique()),
            "n_dropped_missing": int((~usable).sum()),
            "n_dropped_incomplete": int(lost.sum()),
            "n_units_incomplete": int(rows.loc[lost, study.panel.unit].nunique()),
        },
    )


@dataclass(frozen=True)
class _Estimated:
    """A model as estimated: slopes without a threshold, with one and so on, and its tables."""

    search: ThresholdSearch
    slopes: tuple[RegimeSlopes, ...]
    frames: dict[str, pd.DataFrame]
    facts: dict[str, Any]


def _estimate(study: Study, design: ThresholdDesign, sample: _Sample) -> _Estimated:
    """Tables of a model, and the facts of `threshold_model` that are results.

    Raises ValueError where the data can't carry the model.
    """
    if not len(sample.y):
        first, last = study.panel.years
        raise ValueError(
            f"no city has every year of {first}-{last} with a value of the outcome, the controls "
            f"and {design.variable}"
        )
    panel = prepare_panel(
        sample.y,
        sample.x,
        sample.q,
        sample.unit,
        sample.time,
        controls=sample.z,
        control_names=study.controls_of(design),
        year_effects=design.year_effects,
        convention=design.convention,
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
        sample.q,
        sample.treated,
        sample.unit,
        sample.time,
        thresholds=search.models[reference - 1].thresholds,
    )
    slopes = tuple(
        estimate_slopes(panel, thresholds, x_names=[design.regressor])
        for thresholds in [(), *(model.thresholds for model in search.models)]
    )
    members = [
        regimes(sample.unit, sample.time, sample.q, sample.x != 0, search, n)
        for n in shown_models(n_supported, design.at_most)
    ]
    dropped = sample.counts["n_dropped_missing"] + sample.counts["n_dropped_incomplete"]
    linearity = linearity_test(panel, LINEARITY_ORDER)
    frames = {
        "threshold_test": pd.DataFrame(test_rows(search, tests, dropped)),
        "threshold_search": pd.DataFrame(search_rows(search)),
        "threshold_profile": profile(search),
        "threshold_slope": pd.DataFrame(slope_rows(study, design, slopes)),
        "threshold_diagnostic": pd.DataFrame(diagnostic_rows(response, linearity)),
        "city_regime": pd.concat([city for city, _ in members]),
        "regime_count": pd.concat([count for _, count in members]),
    }
    facts = {
        "lower_regime": panel.lower_regime,
        "ssr_linear": search.ssr_linear,
        "n_supported": n_supported,
        "responds": response.responds,
        "warning": response.warning(),
    }
    return _Estimated(search, slopes, frames, facts)


def _reference(
    study: Study, design: ThresholdDesign, sample: _Sample, estimated: _Estimated
) -> list[dict[str, Any]]:
    """The double threshold as linearmodels makes it of the sample's rows."""
    number = min(REFERENCE_THRESHOLDS, design.at_most)
    equation = ThresholdEquation(
        y=sample.y,
        x=sample.x,
        q=sample.q,
        z=sample.z,
        unit=sample.unit,
        time=sample.time,
        regressor=design.regressor,
        controls=study.controls_of(design),
        year_effects=design.year_effects,
        convention=design.convention,
        lower_regime=estimated.search.panel.lower_regime,
    )
    key = {"study": study.id, "table_id": design.id, "column_id": str(number)}
    ssr = estimated.search.models[number - 1].ssr
    return threshold_rows(key, equation, estimated.slopes[number], ssr)


def _supported(tests: Sequence[BootstrapTest]) -> int:
    """Thresholds up to the first test that doesn't reject."""
    rejected = [test.p_value < SUPPORT_LEVEL for test in tests]
    return rejected.index(False) if False in rejected else len(rejected)


__all__ = ["TABLES", "estimate_thresholds", "shown_models"]
