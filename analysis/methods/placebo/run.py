"""Running a placebo: the true estimate, the draws, and the policy moved to earlier years.

Belongs here: from the design and its sample to rows of tables. Does not belong here: the draws
themselves (`numbers`), the regression (`analysis.methods.linear`).
"""

from dataclasses import replace

import numpy as np

from analysis.methods.base import Job, Made, Row, Skipped
from analysis.methods.cohorts import check_cohort, strata_of
from analysis.methods.columns import column_row, skipped_fit
from analysis.methods.linear import FittedColumn, arrays_of, fit_block, rows_of
from analysis.methods.placebo.equations import MOVED, block_of, equation_of
from analysis.methods.placebo.spec import Placebo
from analysis.regression.panel import PanelRegressionError, fit_panel
from analysis.regression.randomised import Placebo as Found
from analysis.regression.randomised import moved_before, run_placebo
from analysis.regression.significance import STAR_LEVELS
from analysis.study.equations import panel_effects
from analysis.study.sample import Sample

Tables = dict[str, list[Row]]
_PERCENT = {level: f"share_p_below_{round(100 * level)}" for level, _ in STAR_LEVELS}


def run(job: Job) -> Made | Skipped:
    """Estimate a placebo; `Skipped` where these data can't answer it.

    Raises EstimationError if the equation can't be estimated, or the policy's treatment doesn't follow
    from its first years.
    """
    design: Placebo = job.design
    fitted = fit_block(job, block_of(job.study, design))
    if not fitted.columns:
        return Skipped(fitted.reason, fitted.tables)
    column = fitted.columns[0]
    sample = column.sample
    check_cohort(job, sample)
    try:
        found = run_placebo(
            sample.y, sample.x[:, 1:], sample.unit, sample.time, sample.cohort,
            n_draws=design.draws, seed=design.seed, effects=panel_effects(column.equation.effects),
            cluster=sample.cluster, strata=strata_of(job, sample, design.within), scheme=design.scheme,
            names=sample.names[1:], convention=job.convention,
        )  # fmt: skip
    except PanelRegressionError as error:
        return Skipped(str(error), fitted.tables)
    if not np.isfinite(found.std_error):
        return Skipped(
            "the true treatment has no clustered error: clusters don't vary", fitted.tables
        )
    for row in fitted.tables["model_fit"]:
        row["seed"] = design.seed
    tables = dict(fitted.tables) | _own_rows(job, found)
    for years in design.moved:
        for name, rows in _moved(job, sample, years).items():
            tables[name] = [*tables[name], *rows]
    return Made(tables, fitted.columns)


def _own_rows(job: Job, found: Found) -> Tables:
    design: Placebo = job.design
    key = {"study": job.study.id, "design": design.id}
    cohorts, sizes = found.assignment.cohorts[1:], found.assignment.sizes[1:]
    about = {
        **key,
        "title": design.title,
        "treatment": job.study.treatment,
        "scheme": design.scheme,
        "within": design.within,
        "estimate": found.coefficient,
        "std_error": found.std_error,
        "statistic": found.t_value,
        "p_value": found.p_value,
        "draws": found.n_draws,
        "draws_absorbed": found.n_absorbed,
        "draws_without_error": found.n_without_error,
        "n_as_large": found.by_coefficient.n_as_large,
        "p_randomisation": found.by_coefficient.p_value,
        "p_randomisation_error": found.by_coefficient.mc_error,
        "p_randomisation_t": found.by_t.p_value,
        "p_randomisation_t_error": found.by_t.mc_error,
        "draws_mean": found.mean,
        "draws_sd": found.sd,
        **{name: found.share_below[level] for level, name in _PERCENT.items()},
        "n_treated": int(sizes.sum()),
        "cohorts": ", ".join(f"{int(c)}: {n}" for c, n in zip(cohorts, sizes, strict=True)),
        "n_movable": found.assignment.n_movable,
        "assignments": found.assignment.n_assignments,
        "seed": found.seed,
    }
    drawn = [
        {**key, "draw": k + 1, "estimate": b, "std_error": s, "p_value": p}
        for k, (b, s, p) in enumerate(
            zip(found.draws_coefficients, found.draws_std_errors, found.draws_p_values, strict=True)
        )
    ]
    return {"placebo": [about], "placebo_draw": drawn, "placebo_density": _bins(key, found)}


def _bins(key: Row, found: Found) -> list[Row]:
    """The density by bin; the first and the last are open and hold what lies beyond."""
    density = found.density
    edges = density.edges
    closed = [
        {
            **key,
            "bin": k + 2,
            "bin_low": edges[k],
            "bin_high": edges[k + 1],
            "bin_middle": (edges[k] + edges[k + 1]) / 2,
            "draws": n,
            "density": d,
        }
        for k, (n, d) in enumerate(zip(density.counts, density.smoothed, strict=True))
    ]
    below = {**key, "bin": 1, "bin_high": edges[0], "draws": density.below}
    above = {**key, "bin": len(edges) + 1, "bin_low": edges[-1], "draws": density.above}
    return [below, *closed, above]


def _moved(job: Job, sample: Sample, years: int) -> Tables:
    """The column of a policy that is said to have begun `years` earlier."""
    block = block_of(job.study, job.design)
    label = f"{years} year{'s' if years > 1 else ''} earlier, rows before the policy"
    equation = replace(
        equation_of(job.study, job.design), column_id=MOVED.format(years=years), label=label
    )
    rows, cohort = moved_before(sample.time, sample.cohort, years)
    treated = (sample.time.astype(float) >= cohort).astype(float)
    x = np.column_stack([treated, sample.x[:, 1:]])
    moved = replace(sample, x=x, treated=treated, first_years=cohort).among(
        rows, already_treated=int((~rows).sum())
    )
    arrays = arrays_of(equation, moved)
    described = {"study_column": [column_row(job, block, equation, None)]}
    try:
        fit = fit_panel(**arrays, outcome=equation.outcome, convention=job.convention)
    except PanelRegressionError as error:
        return described | {"model_fit": [skipped_fit(job, equation, str(error))]}
    told = {term.name: term.reason for term in fit.dropped}
    if job.study.treatment in told:
        reason = f"the moved treatment is {told[job.study.treatment]}"
        return described | {"model_fit": [skipped_fit(job, equation, reason)]}
    return described | rows_of(job, FittedColumn(equation, moved, fit, arrays))


__all__ = ["check_cohort", "run"]
