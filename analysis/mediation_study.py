"""Mediations of a study: from the study's keys and a panel to a tidy table of paths.

Belongs here: the sample of each mediator, and the table's columns with type and meaning. Does not
belong here: the numerics (`regression.mediation`), the tables of the regressions (`estimation`,
which prints them as any table's columns).
"""

from typing import Any

import numpy as np
import pandas as pd

from analysis.blas import one_thread
from analysis.estimation import ESTIMATED, SKIPPED
from analysis.regression.mediation import CONVENTION, fit_mediation
from analysis.regression.panel import PanelRegressionError
from analysis.significance import significance_stars
from analysis.study.equations import panel_effects, printed_tables
from analysis.study.spec import TREATMENT, Mediation, Study
from analysis.study_rows import asked_of_all, complete_units, study_rows, values_of

TABLES: dict[str, dict[str, tuple[str, str]]] = {
    "mediation": {
        "study": ("string", "Study (file in analysis/studies)"),
        "table_id": ("string", "Mediation of the study; its regressions are a table of that id"),
        "title": ("string", "Title of the mediation"),
        "mediator": ("string", "Mediator, a variable of the study"),
        "mediator_label": ("string", "Mediator in words"),
        "outcome": ("string", "Outcome column of marts.city_year"),
        "status": ("string", "estimated or skipped"),
        "detail": ("string", "Why not, if skipped"),
        "a": ("Float64", "Effect of the policy on the mediator, in units of the mediator"),
        "a_std_error": ("Float64", "Its clustered standard error"),
        "b": ("Float64", "Outcome per unit of the mediator, policy and controls given"),
        "b_std_error": ("Float64", "Its clustered standard error"),
        "direct": ("Float64", "Effect of the policy with the mediator held, in units of outcome"),
        "direct_std_error": ("Float64", "Its clustered standard error"),
        "indirect": ("Float64", "a times b, in units of the outcome"),
        "ci_low": ("Float64", "Lower end of the 95 % percentile interval of the indirect effect"),
        "ci_high": ("Float64", "Upper end"),
        "bootstrap_std_error": ("Float64", "Standard deviation of the indirect effect over draws"),
        "sobel_std_error": ("Float64", "First-order error of the indirect effect (Sobel 1982)"),
        "sobel_z": ("Float64", "Indirect effect over that error"),
        "sobel_p": ("Float64", "Two-sided p value of it, standard normal"),
        "stars": ("string", "Stars of the Sobel p value: *** < 0.01, ** < 0.05, * < 0.1"),
        "total": ("Float64", "Direct plus indirect: the effect on the same rows, no mediator"),
        "share_mediated": (
            "Float64",
            "Indirect over total; beyond 0 to 1 where their signs differ",
        ),
        "n_obs": ("Int64", "City-years with outcome, mediator and controls"),
        "n_units": ("Int64", "Cities"),
        "n_clusters": ("Int64", "Clusters, the units of the bootstrap"),
        "draws": ("Int64", "Draws of clusters"),
        "draws_used": ("Int64", "Of these, draws whose regressors weren't collinear"),
        "seed": ("Int64", "Seed of the draws"),
        "effects": ("string", "Fixed effects, joined by +"),
        "controls": ("string", "Controls, joined by +"),
        "convention": ("string", "What the interval and the errors are"),
        "spec_hash": ("string", "SHA-256 of the validated study"),
    }
}
"""The table, its columns, and each column's type in pandas and meaning."""


@one_thread
def estimate_mediation(study: Study, panel: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Run every mediation of `study` on `panel`; frames by the names of `TABLES`.

    `panel` is as for `estimate_study`. A mediator without a value in the panel, or whose
    regressions can't be done, has a row that says so.

    Raises EstimationError as `study_rows` does.
    """
    found: list[dict[str, Any]] = []
    if study.mediation:
        rows = study_rows(study, panel).rows
        for design in study.mediation:
            found += [_mediator(study, design, name, rows) for name in design.mediators]
    columns = TABLES["mediation"]
    frame = pd.DataFrame(found, columns=list(columns))
    return {"mediation": frame.astype({name: kind for name, (kind, _) in columns.items()})}


def _mediator(study: Study, design: Mediation, mediator: str, rows: pd.DataFrame) -> dict[str, Any]:
    controls = study.controls_of(design)
    outcome = study.outcome.column
    facts: dict[str, Any] = {
        "study": study.id,
        "table_id": design.id,
        "title": design.title,
        "mediator": mediator,
        "mediator_label": study.label_of(mediator),
        "outcome": outcome,
        "effects": "+".join(design.effects),
        "controls": "+".join(controls),
        "draws": design.draws,
        "seed": design.seed,
        "convention": CONVENTION,
        "spec_hash": study.spec_hash,
    }
    names = (outcome, TREATMENT, mediator, *controls)
    values, _ = values_of(study, names, rows, f"study {study.id}, mediation {design.id}")
    empty = [name for name in names[1:] if not np.isfinite(values[name]).any()]
    if empty:
        listed = ", ".join(study.label_of(name) for name in empty)
        return {**facts, "status": SKIPPED, "detail": f"{listed} has no value in the panel"}
    # The rows of the printed regressions: complete units are told by all variables of the table.
    table = next(table for table in printed_tables(study) if table.id == design.id)
    every = tuple(dict.fromkeys(n for equation in table.equations for n in equation.names))
    all_values, _ = values_of(study, every, rows, f"study {study.id}, mediation {design.id}")
    complete = complete_units(
        study, table, rows, asked_of_all(study, every, all_values, rows), study.panel.balanced
    )
    used = complete & np.isfinite(values.to_numpy()).all(axis=1)
    used &= rows[study.cluster].notna().to_numpy()
    try:
        fit = fit_mediation(
            values.loc[used, outcome],
            values.loc[used, mediator],
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
        return {**facts, "status": SKIPPED, "detail": str(error)}
    return {
        **facts,
        "status": ESTIMATED,
        "detail": "",
        "a": fit.a,
        "a_std_error": fit.a_se,
        "b": fit.b,
        "b_std_error": fit.b_se,
        "direct": fit.direct,
        "direct_std_error": fit.direct_se,
        "indirect": fit.indirect,
        "ci_low": fit.ci_low,
        "ci_high": fit.ci_high,
        "bootstrap_std_error": fit.bootstrap_se,
        "sobel_std_error": fit.sobel_se,
        "sobel_z": fit.sobel_z,
        "sobel_p": fit.sobel_p,
        "stars": significance_stars(fit.sobel_p),
        "total": fit.total,
        "share_mediated": fit.share,
        "n_obs": fit.second.n_obs,
        "n_units": fit.second.n_units,
        "n_clusters": fit.second.n_clusters,
        "draws_used": fit.n_draws_used,
    }


__all__ = ["TABLES", "estimate_mediation"]
