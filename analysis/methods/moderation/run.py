"""Running a moderated effect: the moderator of each row, line and bins, as rows of tables.

Belongs here: from the design and its sample to rows. Does not belong here: the regressions and bands (`numbers`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.blas import one_thread
from analysis.methods.base import Job, Made, Row, Skipped
from analysis.methods.columns import account_rows, column_row, skipped_fit, term_rows
from analysis.methods.errors import error_rows
from analysis.methods.linear import (
    FittedColumn,
    coefficient_row,
    dropped_rows,
    fit_row,
    unavailable,
)
from analysis.methods.moderation.equations import BINNED, LINEAR, block_of
from analysis.methods.moderation.numbers import (
    EFFECT,
    SLOPE,
    Bins,
    Fitted,
    Floats,
    Inputs,
    Line,
    common_support,
    fit_bins,
    fit_line,
    histogram,
    quantile_cuts,
)
from analysis.methods.moderation.spec import Moderation
from analysis.regression.panel import PanelRegressionError
from analysis.regression.significance import significance_stars
from analysis.study.data import EstimationError
from analysis.study.equations import Equation, panel_effects
from analysis.study.sample import Sample, empty_reason

Tables = dict[str, list[Row]]


@dataclass(frozen=True)
class _Support:
    """Values that the line is shown at, and treated rows: all, and beyond the others' range."""

    grid: Floats
    n_treated: int
    n_beyond: int


@dataclass(frozen=True)
class Evidence:
    """What the referee makes both regressions again from: `cuts` and `medians` of the bins, empty without."""

    columns: tuple[FittedColumn, ...]
    centre: float
    cuts: Floats
    medians: Floats


@one_thread
def run(job: Job) -> Made | Skipped:
    """Estimate a moderated effect; `Skipped` where these data can't answer it.

    Bins that can't be had are a column that is skipped with the reason, and leave the line.
    Raises EstimationError for a sample without rows.
    """
    study, design = job.study, job.design
    block = block_of(study, design)
    tables: Tables = {
        "study_column": [column_row(job, block, each, None) for each in block.equations]
    }
    equation, binned = block.equations
    reason = unavailable(job, equation) or _without_values(job)
    if not reason:
        sample, m = _sample(job, equation)
        if sample.account["used"] == 0:
            raise EstimationError(f"{job.where}: {empty_reason(sample)}")
        inputs = _inputs(job, equation, sample, m)
        try:
            support = _support(sample, m, design)
            line = fit_line(inputs, support.grid, design.seed)
        except PanelRegressionError as error:
            reason = str(error)
    if reason:
        tables["model_fit"] = [skipped_fit(job, each, reason) for each in block.equations]
        return Skipped(reason, tables)
    bins: Bins | str
    try:
        bins = fit_bins(inputs, quantile_cuts(m, design.bins), design.seed, design.draws)
    except PanelRegressionError as error:
        bins = str(error)
    made = [(equation, line.made)] + ([] if isinstance(bins, str) else [(binned, bins.made)])
    for each, fitted in made:
        for name, part in _column_rows(job, each, sample, fitted).items():
            tables.setdefault(name, []).extend(part)
    if isinstance(bins, str):
        tables["model_fit"].append(skipped_fit(job, binned, bins))
    tables["study_term"] = _terms(job, sample, [line, *([] if isinstance(bins, str) else [bins])])
    tables["moderation"] = [_whole(job, sample, line, bins, support)]
    tables["marginal_effect"] = _effects(job, line, bins)
    tables["moderator_count"] = _counts(job, m, sample.treated)
    columns = [_fitted(job, each, sample, one) for each, one in made]
    errors = {each.column_id: design.errors or () for each, _ in made}
    tables["estimate_error"] = error_rows(job, columns, errors)
    no_bins = np.empty(0)
    cuts, medians = (no_bins, no_bins) if isinstance(bins, str) else (bins.cuts, bins.made.curve.at)
    return Made(tables, Evidence(tuple(columns), line.centre, cuts, medians))


def _without_values(job: Job) -> str:
    """Why there is no moderator at all, or ''."""
    name = job.design.moderator
    if job.data.has(name):
        return ""
    columns = ", ".join(job.study.columns_of(name))
    return f"{job.study.label_of(name)} ({columns}) has no value in these rows of the panel"


def _sample(job: Job, equation: Equation) -> tuple[Sample, Floats]:
    """The rows with a value of the moderator, and these values; of a city's mean with its account."""
    sample = job.sample(equation)
    design: Moderation = job.design
    m = _moderator(job)[sample.rows]
    if design.over is None:
        return sample, m
    told = np.isfinite(m)
    return sample.among(told, no_moderator=int((~told).sum())), m[told]


def _moderator(job: Job) -> Floats:
    """The moderator of all rows of the study: of the year, or the city's mean over the years `over`."""
    design: Moderation = job.design
    values = job.data.value(design.moderator)[0]
    if design.over is None:
        return values
    rows, panel = job.data.rows, job.study.panel
    within = rows[panel.time].between(*design.over).to_numpy(dtype=bool) & np.isfinite(values)
    means = pd.Series(values[within]).groupby(rows[panel.unit].to_numpy()[within]).mean()
    return np.asarray(rows[panel.unit].map(means).to_numpy(dtype=float, na_value=np.nan))


def _inputs(job: Job, equation: Equation, sample: Sample, m: Floats) -> Inputs:
    design: Moderation = job.design
    # The treatment is the first regressor; terms with the moderator take its place.
    return Inputs(
        y=sample.y,
        d=sample.x[:, 0],
        m=m,
        x=sample.x[:, 1:],
        unit=sample.unit,
        time=sample.time,
        cluster=sample.cluster,
        effects=panel_effects(equation.effects),
        names=sample.names[1:],
        levels=design.over is None or "city" not in equation.effects,
        year_slopes=design.year_slopes,
        convention=job.convention,
    )


def _support(sample: Sample, m: Floats, design: Moderation) -> _Support:
    treated = m[sample.x[:, 0] > 0]
    never = np.isnan(sample.cohort)
    others = m[never] if never.any() else m[sample.x[:, 0] == 0]
    if not len(treated) or not len(others):
        lacks = "under the policy" if not len(treated) else "without the policy"
        raise PanelRegressionError(f"no row is {lacks}: there is no effect to be moderated")
    low, high, beyond = common_support(treated, others, design.trim)
    return _Support(np.linspace(low, high, design.points), len(treated), beyond)


def _column_rows(job: Job, equation: Equation, sample: Sample, made: Fitted) -> Tables:
    """Rows of one regression, by table."""
    fit = made.fit
    places = {term.name: place_of(job, term.kind, term.point) for term in made.terms}
    estimates = []
    for k, name in enumerate(fit.names):
        term, point = places.get(name, (name, None))
        if np.isfinite(fit.std_errors[k]):
            estimates.append(coefficient_row(job, equation, fit, k, term, point))
    return {
        "estimate": estimates,
        "model_fit": [{**fit_row(job, equation, sample, fit), "seed": job.design.seed}],
        "dropped_term": dropped_rows(job, equation.column_id, fit),
        **account_rows(job, equation.column_id, sample),
    }


def _fitted(job: Job, equation: Equation, sample: Sample, made: Fitted) -> FittedColumn:
    """What the referee and further errors are made from; these are of effects, and of the line's slope."""
    linear = equation.column_id == LINEAR
    return FittedColumn(
        equation, sample, made.fit, dict(made.arrays),
        places={t.name: place_of(job, t.kind, t.point) for t in made.terms},
        own_asked=tuple(
            t.name for t in made.terms if t.kind == "effect" or (linear and t.kind == "slope")
        ),
    )  # fmt: skip


def place_of(job: Job, kind: str, point: str) -> tuple[str, str | None]:
    """Term and point, as in `estimate`, of a regressor made in the numbers."""
    treatment, moderator = job.study.treatment, job.design.moderator
    term = {"effect": treatment, "slope": product_of(job)}.get(kind, moderator)
    return term, point or None


def product_of(job: Job) -> str:
    """Name of the policy times the moderator."""
    return f"{job.study.treatment}:{job.design.moderator}"


def _terms(job: Job, sample: Sample, made: list[Line | Bins]) -> list[Row]:
    study, moderator = job.study, job.design.moderator
    names = [study.treatment, *sample.names[1:]]
    if any(t.kind in ("level", "bin", "year_slope") for each in made for t in each.made.terms):
        names.append(moderator)
    names.append(made[0].made.fit.names[-1])
    return [
        *term_rows(job, names),
        {
            "study": study.id,
            "term": product_of(job),
            "label": f"{study.label_of(study.treatment)} x {study.label_of(moderator)}",
            "unit": None,
            "role": "regressor",
        },
    ]


def _whole(job: Job, sample: Sample, line: Line, bins: Bins | str, support: _Support) -> Row:
    study, design, fit = job.study, job.design, line.made.fit
    effect, slope = fit.position(EFFECT.name), fit.position(SLOPE.name)
    tested: dict[str, Any] = {"bins_detail": bins}
    if not isinstance(bins, str):
        test, wild = bins.linear, bins.wild
        tested = {
            "bins_detail": "",
            "linear_f": test.f_statistic,
            "linear_df": test.df_test,
            "linear_p_f": test.p_value,
            "linear_p": wild.p_value,
            "linear_p_error": wild.mc_error,
            "linear_n_as_large": wild.n_as_large,
            "linear_draws": wild.n_draws,
        }
    band = line.made.curve.band
    first, last = design.over or (None, None)
    return {
        "study": study.id,
        "design": design.id,
        "title": design.title,
        "treatment": study.treatment,
        "moderator": design.moderator,
        "moderator_label": study.label_of(design.moderator),
        "moderator_unit": study.unit_of(design.moderator),
        "over_first": first,
        "over_last": last,
        "first_treated": int(sample.time[sample.x[:, 0] > 0].min()),
        "has_year_slopes": design.year_slopes,
        "centre": line.centre,
        "at_mean": fit.coefficients[effect],
        "at_mean_std_error": fit.std_errors[effect],
        "slope": fit.coefficients[slope],
        "slope_std_error": fit.std_errors[slope],
        "slope_p": fit.p_values[slope],
        "n_bins": design.bins,
        **tested,
        "support_low": support.grid[0],
        "support_high": support.grid[-1],
        "n_treated": support.n_treated,
        "n_beyond": support.n_beyond,
        "critical": band.critical,
        "critical_error": band.error,
        "critical_pointwise": band.pointwise,
        "df_resid": fit.df_resid,
        "seed": design.seed,
    }


def _effects(job: Job, line: Line, bins: Bins | str) -> list[Row]:
    key = {"study": job.study.id, "design": job.design.id}
    rows = [{**key, "column_id": LINEAR, **row} for row in _curve_rows(line.made)]
    if isinstance(bins, str):
        return rows
    return rows + [
        {
            **key,
            "column_id": BINNED,
            **row,
            "bin_low": bins.cuts[j],
            "bin_high": bins.cuts[j + 1],
            "n_treated": int(bins.n_treated[j]),
            "n_others": int(bins.n_others[j]),
        }
        for j, row in enumerate(_curve_rows(bins.made))
    ]


def _curve_rows(made: Fitted) -> list[Row]:
    curve = made.curve
    return [
        {
            "position": k + 1,
            "at_value": curve.at[k],
            "estimate": curve.estimates[k],
            "std_error": curve.std_errors[k],
            "statistic": curve.t_values[k],
            "p_value": curve.p_values[k],
            "stars": significance_stars(float(curve.p_values[k]), made.weaknesses[k]),
            "ci_low": curve.low[k],
            "ci_high": curve.high[k],
            "band_low": curve.band_low[k],
            "band_high": curve.band_high[k],
        }
        for k in range(len(curve.at))
    ]


def _counts(job: Job, m: Floats, treated: Floats) -> list[Row]:
    ends, under, others = histogram(m, treated)
    return [
        {
            "study": job.study.id,
            "design": job.design.id,
            "position": k + 1,
            "value_low": ends[k],
            "value_high": ends[k + 1],
            "n_treated": int(under[k]),
            "n_others": int(others[k]),
        }
        for k in range(len(under))
    ]


__all__ = ["Evidence", "place_of", "run"]
