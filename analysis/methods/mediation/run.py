"""Mediations of a study: from the study's keys and a panel to tidy tables of paths.

Belongs here: the sample of each mediator and of those held together, and the tables' columns with
type and meaning. Does not belong here: the numerics (`regression.mediation`), the
tables of the regressions (`estimation`, which prints them as any table's columns).
"""

from typing import Any

import numpy as np
import pandas as pd

from analysis.blas import one_thread
from analysis.methods.mediation.numbers import (
    CONVENTION,
    MediationFit,
    MediationPath,
    fit_mediation,
)
from analysis.methods.mediation.tables import TABLES
from analysis.methods.regression.run import ESTIMATED, SKIPPED
from analysis.regression.panel import PanelRegressionError
from analysis.regression.significance import significance_stars
from analysis.study.data import asked_of_all, complete_units, study_rows, values_of
from analysis.study.equations import panel_effects, printed_tables
from analysis.study.spec import TREATMENT, Mediation, Study

ALL = "all"
"""The path through all mediators of `mediation_joint` together."""


@one_thread
def estimate_mediation(study: Study, panel: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Run every mediation of `study` on `panel`; frames by the names of `TABLES`.

    `panel` is as for `estimate_study`. A mediator without a value in the panel, or whose
    regressions can't be done, has a row that says so; so have all paths of mediators that can't be
    held together.

    Raises EstimationError as `study_rows` does.
    """
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    if study.mediation:
        rows = study_rows(study, panel).rows
        for design in study.mediation:
            for name in design.mediators:
                found["mediation"].append(_alone(study, design, name, rows))
            if design.joint is not None:
                found["mediation_joint"] += _together(study, design, design.joint, rows)
    return {name: table.frame(found[name]) for name, table in TABLES.items()}


def _alone(study: Study, design: Mediation, mediator: str, rows: pd.DataFrame) -> dict[str, Any]:
    """The row of a mediator that is taken by itself."""
    facts = _facts(study, design) | {
        "mediator": mediator,
        "mediator_label": study.label_of(mediator),
    }
    fit = _fit(study, design, (mediator,), rows)
    if isinstance(fit, str):
        return {**facts, "status": SKIPPED, "detail": fit}
    (path,) = fit.paths
    return facts | _of_fit(fit) | _of_path(path) | {"share_mediated": fit.share}


def _together(
    study: Study, design: Mediation, mediators: tuple[str, ...], rows: pd.DataFrame
) -> list[dict[str, Any]]:
    """The rows of mediators that are held together: one for each, and one for all."""
    facts = _facts(study, design) | {"mediators": "+".join(mediators)}
    named = [
        {**facts, "path": mediator, "path_label": study.label_of(mediator)}
        for mediator in mediators
    ]
    named.append({**facts, "path": ALL, "path_label": "All together"})
    fit = _fit(study, design, mediators, rows)
    if isinstance(fit, str):
        return [{**row, "status": SKIPPED, "detail": fit} for row in named]
    found = [
        row
        | _of_fit(fit)
        | _of_path(path)
        | {"share_mediated": path.indirect / fit.total if fit.total else float("nan")}
        for row, path in zip(named[:-1], fit.paths, strict=True)
    ]
    sums = {
        "indirect": fit.indirect,
        "ci_low": fit.ci_low,
        "ci_high": fit.ci_high,
        "bootstrap_std_error": fit.bootstrap_se,
        "share_mediated": fit.share,
    }
    return [*found, named[-1] | _of_fit(fit) | sums]


def _facts(study: Study, design: Mediation) -> dict[str, Any]:
    """What is known of a mediation before it is estimated."""
    return {
        "study": study.id,
        "table_id": design.id,
        "title": design.title,
        "outcome": study.outcome.column,
        "effects": "+".join(design.effects),
        "controls": "+".join(study.controls_of(design)),
        "draws": design.draws,
        "seed": design.seed,
        "convention": CONVENTION,
        "spec_hash": study.spec_hash,
    }


def _of_fit(fit: MediationFit) -> dict[str, Any]:
    return {
        "status": ESTIMATED,
        "detail": "",
        "direct": fit.direct,
        "direct_std_error": fit.direct_se,
        "total": fit.total,
        "n_obs": fit.second.n_obs,
        "n_units": fit.second.n_units,
        "n_clusters": fit.second.n_clusters,
        "draws_used": fit.n_draws_used,
    }


def _of_path(path: MediationPath) -> dict[str, Any]:
    return {
        "a": path.a,
        "a_std_error": path.a_se,
        "b": path.b,
        "b_std_error": path.b_se,
        "indirect": path.indirect,
        "ci_low": path.ci_low,
        "ci_high": path.ci_high,
        "bootstrap_std_error": path.bootstrap_se,
        "sobel_std_error": path.sobel_se,
        "sobel_z": path.sobel_z,
        "sobel_p": path.sobel_p,
        "stars": significance_stars(path.sobel_p),
    }


def _fit(
    study: Study, design: Mediation, mediators: tuple[str, ...], rows: pd.DataFrame
) -> MediationFit | str:
    """The mediation through `mediators`, held together, or why it can't be estimated."""
    controls = study.controls_of(design)
    outcome = study.outcome.column
    names = (outcome, TREATMENT, *mediators, *controls)
    where = f"study {study.id}, mediation {design.id}"
    # The rows of the printed regressions: complete units are told by all variables of the table.
    table = next(table for table in printed_tables(study) if table.id == design.id)
    every = tuple(dict.fromkeys(n for equation in table.equations for n in equation.names))
    every_value, _ = values_of(study, every, rows, where)
    values = every_value.loc[:, list(names)]
    empty = [name for name in names[1:] if not np.isfinite(values[name]).any()]
    if empty:
        return f"{', '.join(study.label_of(name) for name in empty)} has no value in the panel"
    complete = complete_units(
        study, table, rows, asked_of_all(study, every, every_value, rows), study.panel.balanced
    )
    used = complete & np.isfinite(values.to_numpy()).all(axis=1)
    used &= rows[study.cluster].notna().to_numpy()
    try:
        return fit_mediation(
            values.loc[used, outcome],
            values.loc[used, list(mediators)],
            values.loc[used, TREATMENT],
            values.loc[used, list(controls)],
            rows.loc[used, study.panel.unit],
            rows.loc[used, study.panel.time],
            effects=panel_effects(design.effects),
            cluster=rows.loc[used, study.cluster],
            control_names=controls,
            n_draws=design.draws,
            seed=design.seed,
        )
    except PanelRegressionError as error:
        return str(error)


__all__ = ["ALL", "TABLES", "estimate_mediation"]
