"""Running a mediation: its regressions as columns, and the paths through its mediators.

Belongs here: the sample of each mediator and of those held together, and the rows of the paths. Does
not belong here: the numerics (`numbers`), columns of regressions (`analysis.methods.linear`).
"""

from analysis.blas import one_thread
from analysis.methods.base import ESTIMATED, SKIPPED, Job, Made, Row, Skipped
from analysis.methods.errors import error_rows
from analysis.methods.linear import fit_block
from analysis.methods.mediation.equations import block_of, path_equation
from analysis.methods.mediation.numbers import (
    CONVENTION,
    MediationFit,
    MediationPath,
    fit_mediation,
)
from analysis.methods.mediation.sensitivity import Sensitivity
from analysis.methods.mediation.tables import MEDIATION_SENSITIVITY
from analysis.regression.panel import PanelRegressionError
from analysis.regression.significance import significance_stars
from analysis.study.equations import panel_effects

ALL = "all"
"""The path through all mediators of `mediation_joint` together."""


@one_thread
def run(job: Job) -> Made | Skipped:
    """Estimate the regressions and paths of a mediation; `Skipped` where no regression can be asked.

    A mediator without a value in the panel, or whose regressions can't be done, has a row that says
    so; so have all paths of mediators that can't be held together.

    Raises EstimationError as `fit_block` does.
    """
    design = job.design
    fitted = fit_block(
        job, block_of(job.study, design), dict.fromkeys(design.mediators, "mediator")
    )
    alone = [_alone(job, name) for name in design.mediators]
    tables = {
        **fitted.tables,
        "mediation": [row for row, _ in alone],
        "mediation_sensitivity": [each for _, rows in alone for each in rows],
        "mediation_joint": _together(job, design.joint) if design.joint is not None else [],
    }
    if not fitted.columns:
        return Skipped(fitted.reason, tables)
    asked = {column.equation.column_id: design.errors or () for column in fitted.columns}
    return Made(
        {**tables, "estimate_error": error_rows(job, fitted.columns, asked)}, fitted.columns
    )


def _alone(job: Job, mediator: str) -> tuple[Row, list[Row]]:
    """The row of a mediator that is taken by itself, and those of its sensitivity."""
    facts = _facts(job) | {
        "mediator": mediator,
        "mediator_label": job.study.label_of(mediator),
    }
    fit = _fit(job, (mediator,))
    if isinstance(fit, str):
        return {**facts, "status": SKIPPED, "detail": fit}, []
    (path,) = fit.paths
    assert fit.sensitivity is not None
    row = facts | _of_fit(fit) | _of_path(path) | {"share_mediated": fit.share}
    return row | _of_sensitivity(fit.sensitivity), _sensitivity_rows(row, fit.sensitivity)


def _of_sensitivity(found: Sensitivity) -> Row:
    return {
        name: getattr(found, name)
        for name in ("rho_zero", "rho_zero_low", "rho_zero_high", "r2_zero")
    }


def _sensitivity_rows(row: Row, found: Sensitivity) -> list[Row]:
    """The indirect effect at each correlation of the grid."""
    own = {
        column.name: row[column.name]
        for column in MEDIATION_SENSITIVITY.columns
        if column.name in row
    }
    at = zip(found.rho, found.indirect, found.ci_low, found.ci_high, strict=True)
    return [
        own | {"rho": rho, "indirect": indirect, "ci_low": low, "ci_high": high}
        for rho, indirect, low, high in at
    ]


def _together(job: Job, mediators: tuple[str, ...]) -> list[Row]:
    """The rows of mediators that are held together: one for each, and one for all."""
    facts = _facts(job) | {"mediators": "+".join(mediators)}
    named = [
        {**facts, "path": mediator, "path_label": job.study.label_of(mediator)}
        for mediator in mediators
    ]
    named.append({**facts, "path": ALL, "path_label": "All together"})
    fit = _fit(job, mediators)
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
        "bc_low": fit.bc_low,
        "bc_high": fit.bc_high,
        "bootstrap_std_error": fit.bootstrap_se,
        "share_mediated": fit.share,
    }
    return [*found, named[-1] | _of_fit(fit) | sums]


def _facts(job: Job) -> Row:
    """What is known of a mediation before it is estimated."""
    study, design = job.study, job.design
    return {
        "study": study.id,
        "design": design.id,
        "title": design.title,
        "outcome": study.outcome.column,
        "effects": "+".join(design.effects),
        "controls": "+".join(study.controls_of(design)),
        "draws": design.draws,
        "seed": design.seed,
        "cluster": study.cluster,
        "convention": CONVENTION,
        "spec_hash": study.spec_hash,
    }


def _of_fit(fit: MediationFit) -> Row:
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


def _of_path(path: MediationPath) -> Row:
    return {
        "a": path.a,
        "a_std_error": path.a_se,
        "b": path.b,
        "b_std_error": path.b_se,
        "indirect": path.indirect,
        "ci_low": path.ci_low,
        "ci_high": path.ci_high,
        "bc_low": path.bc_low,
        "bc_high": path.bc_high,
        "bootstrap_std_error": path.bootstrap_se,
        "sobel_std_error": path.sobel_se,
        "sobel_z": path.sobel_z,
        "sobel_p": path.sobel_p,
        "stars": significance_stars(path.sobel_p, path.weaknesses),
        "detail": f"{'; '.join(path.weaknesses)}: no stars" if path.weaknesses else "",
    }


def _fit(job: Job, mediators: tuple[str, ...]) -> MediationFit | str:
    """The mediation through `mediators`, held together, or why it can't be estimated."""
    study, design = job.study, job.design
    equation = path_equation(study, design, mediators)
    empty = [name for name in equation.terms if not job.data.has(name)]
    if empty:
        return f"{', '.join(study.label_of(name) for name in empty)} has no value in the panel"
    # The rows of the printed regressions: complete units are told by all variables of the design.
    sample = job.sample(equation, block_of(study, design).names)
    treatment, *others = range(len(equation.regressors))
    controls = len(equation.regressors)
    try:
        return fit_mediation(
            sample.y,
            sample.x[:, others],
            sample.x[:, treatment],
            sample.x[:, controls:],
            sample.unit,
            sample.time,
            effects=panel_effects(design.effects),
            cluster=sample.cluster,
            control_names=equation.controls,
            n_draws=design.draws,
            seed=design.seed,
        )
    except PanelRegressionError as error:
        return str(error)


__all__ = ["ALL", "run"]
