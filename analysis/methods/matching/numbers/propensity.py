"""The propensity score: a logit of treatment on covariates, by Newton's method, and its common support.

Belongs here: the fit, why there is none, the range that both groups share. Does not belong here: who is
matched with whom (`neighbours`, `smooth`).

Notation: P(t = 1 | x) = 1 / (1 + exp(-index)), index = a + x'b (Rosenbaum and Rubin 1983).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.regression.rank import DroppedTerm, Factor, factor

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CONSTANT = "constant"
MOST_STEPS = 60
"""Newton's steps. Where a maximum exists ten do; separated groups need one more for every unit of index."""
STEEP = 1e-13
"""Newton's decrement per observation below which rounding alone is left."""
CERTAIN = 1e-8
"""A fitted probability this near to 0 or 1 is a sign of separation, which is then looked for."""
APART = 1e-7
"""Mean distance from a separating plane, in standard deviations, that is none of rounding."""


class PropensityError(ValueError):
    """There is no propensity score, with the covariates that are why."""


@dataclass(frozen=True)
class Propensity:
    """A logit fit. Arrays: (k) by term of `names`, the constant last; ``index`` and ``score`` (n).

    ``std_errors`` are those of the inverse information. ``pseudo_r2`` is McFadden's.
    """

    names: tuple[str, ...]
    coefficients: Floats
    std_errors: Floats
    index: Floats
    score: Floats
    log_likelihood: float
    null_log_likelihood: float
    steps: int
    dropped: tuple[DroppedTerm, ...]

    @property
    def pseudo_r2(self) -> float:
        """1 - log-likelihood over that of a constant."""
        return 1 - self.log_likelihood / self.null_log_likelihood

    def distance(self, kind: str) -> Floats:
        """The score (n), or the index for the kind "logit"."""
        return self.index if kind == "logit" else self.score


def fit_logit(x: Floats, treated: Flags, names: Sequence[str]) -> Propensity:
    """The logit of `treated` (n) on a constant and `x` (n, k).

    Columns that don't vary or that others span are dropped with the reason. Newton's method runs on an
    orthonormal basis of the others, so units of measurement change no digit that counts.

    Raises PropensityError if a group is empty, no covariate varies, the groups are separated (the
    covariates are named), or no maximum is reached.
    """
    n, n_treated = len(treated), int(treated.sum())
    if not 0 < n_treated < n:
        raise PropensityError(
            f"{n_treated} of {n} are treated: a propensity needs treated and others"
        )
    chosen = factor(x, x - x.mean(axis=0), names)
    if not chosen.kept:
        raise PropensityError("no covariate varies: there is nothing to match on")
    basis = np.column_stack([chosen.basis * np.sqrt(n), np.ones(n)])
    target = treated.astype(float)
    start = np.zeros(basis.shape[1])
    start[-1] = np.log(n_treated / (n - n_treated))
    solved, steps, converged = _newton(basis, target, start)
    kept = [names[j] for j in chosen.kept]
    score = _probability(basis @ solved)
    if not converged or min(score.min(), 1 - score.max()) < CERTAIN:
        apart = _separating(x[:, list(chosen.kept)], treated, kept)
        if apart:
            verb = "separates" if len(apart) == 1 else "separate"
            raise PropensityError(
                f"{' and '.join(apart)} {verb} the treated from the others, wholly or but for ties: no"
                " finite coefficient fits; leave the covariate out, or match by mahalanobis or entropy"
            )
        if not converged:
            raise PropensityError(
                f"the logit has not converged in {steps} steps; leave out covariates, or take a"
                " transformation with fewer outliers"
            )
    return _fitted(basis, solved, steps, treated, chosen, tuple(kept), x)


def _fitted(
    basis: Floats,
    solved: Floats,
    steps: int,
    treated: Flags,
    chosen: Factor,
    kept: tuple[str, ...],
    x: Floats,
) -> Propensity:
    """The fit in the columns' own units."""
    n, share = len(treated), treated.mean()
    index = basis @ solved
    score = _probability(index)
    information = (basis * (score * (1 - score))[:, None]).T @ basis
    # b = R solved, one row per column's coefficient, the constant's below.
    to_own = np.zeros((len(kept) + 1, len(solved)))
    to_own[:-1, :-1] = np.linalg.solve(chosen.triangle, np.eye(len(kept)) * np.sqrt(n))
    to_own[:-1] /= chosen.length[:, None]
    to_own[-1] = -x[:, list(chosen.kept)].mean(axis=0) @ to_own[:-1]
    to_own[-1, -1] += 1.0
    covariance = to_own @ np.linalg.inv(information) @ to_own.T
    return Propensity(
        names=(*kept, CONSTANT),
        coefficients=to_own @ solved,
        std_errors=np.sqrt(np.diag(covariance)),
        index=index,
        score=score,
        log_likelihood=_log_likelihood(index, treated.astype(float)),
        null_log_likelihood=float(n * (share * np.log(share) + (1 - share) * np.log(1 - share))),
        steps=steps,
        dropped=chosen.dropped,
    )


def _probability(index: Floats) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(index), dtype=np.float64)


def _log_likelihood(index: Floats, target: Floats) -> float:
    return float(np.sum(target * index - np.logaddexp(0.0, index)))


def _newton(basis: Floats, target: Floats, start: Floats) -> tuple[Floats, int, bool]:
    """Maximise the likelihood by Newton's method with halved steps: solution, steps, converged."""
    solved, value = start, _log_likelihood(basis @ start, target)
    for step in range(1, MOST_STEPS + 1):
        probability = _probability(basis @ solved)
        gradient = basis.T @ (target - probability)
        information = (basis * (probability * (1 - probability))[:, None]).T @ basis
        try:
            direction = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return solved, step, False
        decrement = float(gradient @ direction)
        if decrement <= STEEP * len(target) * 1e-3:
            return solved + direction, step, True
        length = 1.0
        while length > 1e-8:
            tried = solved + length * direction
            found = _log_likelihood(basis @ tried, target)
            if found >= value:
                break
            length /= 2
        else:
            return solved, step, decrement <= STEEP * len(target)
        solved, value = tried, found
    return solved, MOST_STEPS, False


def _separating(x: Floats, treated: Flags, names: Sequence[str]) -> list[str]:
    """Covariates that separate the groups: each that does alone, else as few as do together; or none."""
    alone = [name for name, column in zip(names, x.T, strict=True) if _one_side(column, treated)]
    if alone:
        return alone
    standard = (x - x.mean(axis=0)) / x.std(axis=0)
    needed = list(range(len(names)))
    if not _separated(standard, treated):
        return []
    for j in range(len(names)):
        others = [i for i in needed if i != j]
        if others and _separated(standard[:, others], treated):
            needed = others
    return [names[j] for j in needed]


def _separated(x: Floats, treated: Flags) -> bool:
    """Whether some direction d has s_i (1, x_i)'d >= 0 for all i and > 0 for one (s = 1 for treated, else -1).

    No finite coefficients fit then (Albert and Anderson 1984); a linear programme decides (Konis 2007).
    """
    from scipy.optimize import linprog

    signed = np.column_stack([x, np.ones(len(x))]) * np.where(treated, 1.0, -1.0)[:, None]
    found: Any = linprog(
        -signed.sum(axis=0),
        A_ub=-signed,
        b_ub=np.zeros(len(signed)),
        bounds=(-1, 1),
        method="highs",
    )
    return found.x is not None and bool(-found.fun > APART * len(signed))


def _one_side(column: Floats, treated: Flags) -> bool:
    """Whether all treated lie on one side of all others, touching at most."""
    ours, others = column[treated], column[~treated]
    return bool(ours.min() >= others.max() or ours.max() <= others.min())


def off_support(score: Floats, treated: Flags, tie: float) -> Flags:
    """Treated (n) whose score lies beyond all scores of the others, as psmatch2's `common` has it."""
    others = score[~treated]
    return treated & ((score > others.max() + tie) | (score < others.min() - tie))


__all__ = [
    "CONSTANT",
    "Flags",
    "Floats",
    "Propensity",
    "PropensityError",
    "fit_logit",
    "off_support",
]
