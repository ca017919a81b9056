"""Further errors of columns: those that a study declares, and the bootstrap beside a coefficient on few clusters.

Belongs here: from a fitted column to rows of `estimate_error`. Does not belong here: the errors
(`analysis.regression.inference`, `randomised`), keys of study files (`analysis.study.errors`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.blas import one_thread
from analysis.methods.base import ESTIMATED, SKIPPED, Job, Row
from analysis.methods.cohorts import check_cohort, strata_of
from analysis.methods.linear import FittedColumn
from analysis.regression.conventions import variance_factor
from analysis.regression.inference import (
    Errors,
    Groups,
    Projected,
    conley,
    driscoll_kraay,
    one_way,
    project,
    reduced,
    two_way,
    wild_test,
)
from analysis.regression.inference.clusters import at_least_two
from analysis.regression.inference.kernels import default_bandwidth
from analysis.regression.panel import PanelRegressionError
from analysis.regression.randomised import run_placebo
from analysis.regression.significance import significance_stars
from analysis.regression.support import (
    LEAST_PERIODS,
    LEAST_SATTERTHWAITE,
    TermSupport,
    term_support,
)
from analysis.study.equations import cluster_of
from analysis.study.errors import (
    ClusterError,
    ConleyError,
    DriscollKraayError,
    RandomisationError,
    ReducedError,
    WildError,
)
from analysis.study.panel import EstimationError

OWN_ERROR = "wild_beside"
"""Name of the bootstrap that stands beside a coefficient on few clusters without being declared."""


@one_thread
def error_rows(
    job: Job, columns: Iterable[FittedColumn], errors: Mapping[str, Sequence[Any]]
) -> list[Row]:
    """`estimate_error` of fitted columns; `errors` has those that are declared, by column.

    An error that can't be had is a row with the reason, and takes no other with it.
    """
    return [
        row
        for column in columns
        for row in _of_column(job, column, errors.get(_declared_at(column), ()))
    ]


def _declared_at(column: FittedColumn) -> str:
    """Id of the column in the study file: of a split, that of all its groups."""
    return column.equation.split_id or column.equation.column_id


def _of_column(job: Job, column: FittedColumn, declared: Sequence[Any]) -> list[Row]:
    fit, regressors = column.fit, column.asked
    weak = [
        name
        for name, support in zip(fit.names[:-1], fit.support, strict=True)
        if support.weaknesses or (support.few and name in regressors)
    ]
    asked: list[tuple[Any, str, tuple[str, ...]]] = [
        (each, each.name, regressors) for each in declared
    ]
    drawn = any(
        each.kind == "wild" and each.by in (None, cluster_of(job.study, column.equation))
        for each in declared
    )
    beside = tuple(name for name in weak if not (drawn and name in regressors))
    if beside:
        asked.append((WildError(kind="wild"), OWN_ERROR, beside))
    if not asked:
        return []
    made = _Column(job, column)
    rows = []
    for position, (spec, name, terms) in enumerate(asked):
        about = {
            "error": name,
            "kind": spec.kind,
            "position": position,
            "is_declared": name != OWN_ERROR,
        }
        rows += [
            {
                **job.key,
                "column_id": column.equation.column_id,
                "term": at[0],
                "at_point": at[1],
                **about,
                **numbers,
            }
            for term, numbers in made.rows(spec, terms)
            for at in (column.places.get(term, (term, None)),)
        ]
    return rows


@dataclass(frozen=True)
class _Column:
    """A column with its projection, made once for all of its errors."""

    job: Job
    column: FittedColumn

    @cached_property
    def projected(self) -> Projected:
        """What the errors are made of."""
        given = {k: v for k, v in self.column.arrays.items() if k != "cluster"}
        return project(self.column.fit, **given)

    def rows(self, spec: Any, terms: tuple[str, ...]) -> Iterable[tuple[str, Row]]:
        """Numbers of an error by term, or why there are none."""
        make: Callable[[Any, tuple[str, ...]], dict[str, Row]] = _MAKERS[spec.kind].__get__(self)
        try:
            made = make(spec, terms)
        except (PanelRegressionError, EstimationError) as error:
            reason = str(error).removeprefix(f"{self.job.where}: ")
            made = {term: {"status": SKIPPED, "detail": reason} for term in terms}
        fit = self.column.fit
        for term in terms:
            yield term, {"estimate": fit.coefficients[fit.position(term)], **made[term]}

    def labels(self, name: str) -> npt.NDArray[Any]:
        """A column of the panel (n), in the order of the sample."""
        return self.job.data.rows[name].to_numpy()[self.column.sample.rows]

    def groups(self, by: str | None) -> tuple[str, Groups]:
        """Clusters by a column of the panel, that of the study where none is named."""
        name = by or cluster_of(self.job.study, self.column.equation)
        return name, self.projected.groups(self.labels(name), name)

    def support(self, term: str, groups: Groups) -> TermSupport:
        """What a coefficient rests on, by some clusters."""
        p = self.projected
        j = p.names.index(term)
        return term_support(p.weights[:, j] * p.root, p.x[:, j], p.units.codes, groups.codes)

    # --- kinds ---------------------------------------------------------------------------------

    def clustered(self, spec: ClusterError, terms: tuple[str, ...]) -> dict[str, Row]:
        """One way or two."""
        convention = spec.convention or self.job.convention
        ways = [self.groups(name) for name in spec.by]
        if len(ways) == 1:
            ((name, groups),) = ways
            found = one_way(self.projected, groups, name, convention)
        else:
            (first, one), (second, other) = ways
            found = two_way(
                self.projected, one, other, (first, second), convention, spec.factor or "fewer"
            )
        # Of two ways, the one with fewer clusters is what the error rests on.
        groups = min((each for _, each in ways), key=lambda each: each.n)
        supports = {term: self.support(term, groups) for term in terms}
        about = {"cluster": "+".join(spec.by)}
        if len(ways) == 2:
            about["factor"] = spec.factor or "fewer"
        return {
            term: {
                **about,
                **_numbers(found, term, supports[term].weaknesses),
                **_rests(supports[term]),
            }
            for term in terms
        }

    def reduced(self, spec: ReducedError, terms: tuple[str, ...]) -> dict[str, Row]:
        """CR2 or CR3."""
        name, groups = self.groups(spec.by)
        convention = spec.convention or "satterthwaite"
        found = reduced(self.projected, groups, spec.kind, name, convention)
        rows = {}
        for term in terms:
            support = self.support(term, groups)
            df = found.df[found.names.index(term)]
            weak = support.weaknesses if convention != "satterthwaite" else ()
            if support.is_indicator and support.n_active_clusters < 2:
                # The adjustment drops the one direction that tells of it; the rest has many degrees.
                weak = ("rests on a single treated cluster",)
            elif not df >= LEAST_SATTERTHWAITE:
                weak = (f"has {df:.1f} degrees of freedom, fewer than {LEAST_SATTERTHWAITE}",)
            rows[term] = {"cluster": name, **_numbers(found, term, weak), **_rests(support)}
        return rows

    def wild(self, spec: WildError, terms: tuple[str, ...]) -> dict[str, Row]:
        """Wild bootstrap: p and interval, no error."""
        name, groups = self.groups(spec.by)
        at_least_two(groups, name)
        factor = variance_factor(self.job.convention, self.projected.counts(groups))
        rows: dict[str, Row] = {}
        for term in terms:
            try:
                found = wild_test(
                    self.projected, groups, term, n_draws=spec.draws, seed=spec.seed,
                    weights=spec.weights, factor=factor, what=name,
                )  # fmt: skip
            except PanelRegressionError as error:
                rows[term] = {"status": SKIPPED, "detail": str(error)}
                continue
            ends = {"ci_low": found.ci_low, "ci_high": found.ci_high}
            no_end = [key for key, end in ends.items() if not np.isfinite(end)]
            rows[term] = {
                "status": ESTIMATED,
                "detail": _open(len(no_end)),
                "cluster": name,
                "statistic": found.t_value,
                "p_value": found.p_value,
                **{key: end for key, end in ends.items() if key not in no_end},
                "stars": significance_stars(found.p_value),
                "weights": found.weights,
                "is_enumerated": found.is_enumerated,
                "n_draws": found.n_draws,
                "n_as_large": found.n_as_large,
                "mc_error": found.mc_error,
                "seed": None if found.is_enumerated else spec.seed,
                "convention": "null imposed",
                **_rests(self.support(term, groups)),
            }
        return rows

    def driscoll_kraay(self, spec: DriscollKraayError, terms: tuple[str, ...]) -> dict[str, Row]:
        """Sums of periods with lags."""
        p = self.projected
        kernel = spec.kernel or "bartlett"
        lags = default_bandwidth(p.times.n) if spec.bandwidth is None else spec.bandwidth
        found = driscoll_kraay(p, kernel, lags, spec.convention or self.job.convention)
        weak = (
            (f"rests on {p.times.n} periods, fewer than {LEAST_PERIODS}",)
            if p.times.n < LEAST_PERIODS
            else ()
        )
        about = {
            "cluster": self.job.study.panel.time,
            "n_clusters": p.times.n,
            "kernel": kernel,
            "bandwidth": lags,
        }
        return {term: {**about, **_numbers(found, term, weak)} for term in terms}

    def conley(self, spec: ConleyError, terms: tuple[str, ...]) -> dict[str, Row]:
        """By distance."""
        kernel, pairs = spec.kernel or "bartlett", spec.pairs or "all_years"
        where = [self.labels(name).astype(float) for name in (spec.longitude, spec.latitude)]
        found = conley(
            self.projected, *where, cutoff_km=spec.cutoff_km, kernel=kernel, pairs=pairs,
            lags=spec.lags or 0, convention=spec.convention or self.job.convention,
        )  # fmt: skip
        about = {
            "cluster": self.job.study.panel.unit,
            "kernel": kernel,
            "cutoff_km": spec.cutoff_km,
            "pairs": pairs,
            "bandwidth": (spec.lags or 0) if pairs == "same_year" else None,
        }
        rows = {}
        for term in terms:
            support = self.support(term, self.projected.units)
            rows[term] = {**about, **_numbers(found, term, support.weaknesses), **_rests(support)}
        return rows

    def randomisation(self, spec: RandomisationError, terms: tuple[str, ...]) -> dict[str, Row]:
        """The policy drawn over cities; other regressors have none."""

        job, sample, treatment = self.job, self.column.sample, self.job.study.treatment
        scheme, cluster = spec.scheme or "cities", cluster_of(job.study, self.column.equation)
        rows: dict[str, Row] = {
            term: {"status": SKIPPED, "detail": f"{term} isn't the study's policy, which is drawn"}
            for term in terms
        }
        if treatment not in terms:
            return rows
        check_cohort(job, sample)
        others = [j for j, name in enumerate(sample.names) if name != treatment]
        found = run_placebo(
            sample.y, sample.x[:, others], sample.unit, sample.time, sample.cohort,
            n_draws=spec.draws, seed=spec.seed, effects=self.column.arrays["effects"],
            cluster=sample.cluster, strata=strata_of(job, sample, spec.within), scheme=scheme,
            names=tuple(sample.names[j] for j in others), convention=job.convention, kept=0,
        )  # fmt: skip
        test = found.by_t
        p = self.projected
        rows[treatment] = {
            "status": ESTIMATED,
            "detail": "",
            "cluster": cluster,
            "statistic": test.statistic,
            "p_value": test.p_value,
            "stars": significance_stars(test.p_value),
            "scheme": scheme,
            "within": spec.within,
            "n_draws": test.n_draws,
            "n_as_large": test.n_as_large,
            "mc_error": test.mc_error,
            "seed": spec.seed,
            "convention": "sharp null",
            **_rests(self.support(treatment, p.groups(sample.cluster, cluster))),
        }
        return rows


_MAKERS: dict[str, Any] = {
    "cluster": _Column.clustered,
    "cr2": _Column.reduced,
    "cr3": _Column.reduced,
    "wild": _Column.wild,
    "driscoll_kraay": _Column.driscoll_kraay,
    "conley": _Column.conley,
    "randomisation": _Column.randomisation,
}


def _numbers(found: Errors, term: str, weaknesses: tuple[str, ...]) -> Row:
    """Error, test and interval of a term; without one, why."""
    j = found.names.index(term)
    if not np.isfinite(found.std_errors[j]):
        return {
            "status": SKIPPED,
            "detail": f"the variance of {term} isn't positive: its scores cancel in every group",
            "convention": found.convention,
        }
    said = [f"{term} {weakness}: no stars" for weakness in weaknesses]
    if found.is_mended:
        said.append("the covariance had negative eigenvalues, which were set to 0")
    return {
        "status": ESTIMATED,
        "detail": "; ".join(said),
        "std_error": found.std_errors[j],
        "statistic": found.t_values[j],
        "df": found.df[j],
        "p_value": found.p_values[j],
        "ci_low": found.ci_low[j],
        "ci_high": found.ci_high[j],
        "stars": significance_stars(float(found.p_values[j]), weaknesses),
        "convention": found.convention,
        "is_mended": found.is_mended,
    }


def _rests(support: TermSupport) -> Row:
    return {
        "n_clusters": support.n_active_clusters + support.n_inactive_clusters,
        "n_treated_clusters": support.n_active_clusters if support.is_indicator else None,
        "effective_clusters": support.effective_clusters,
    }


def _open(n_ends: int) -> str:
    if not n_ends:
        return ""
    where = "to either side" if n_ends == 2 else "to one side"
    return f"no value is rejected {where}: the interval has no end there"


__all__ = ["OWN_ERROR", "error_rows"]
