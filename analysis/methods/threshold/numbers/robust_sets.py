"""Confidence sets of thresholds that need no equal variances and no independent years.

Hansen's set compares LR with one critical value, which holds if errors have one variance and no
correlation. Here every candidate gets a critical value of its own: it is taken for the truth, the
outcome is drawn anew with each cluster's residuals times one random sign (the wild scheme of the
tests), and the candidate stays if its LR in the sample is no larger than in all but 5 % of draws.
The set is what no test rejects. docs/threshold.md has the coverage of both, by Monte Carlo, and of
the cheaper ways that failed. The search and Hansen's set belong to `search`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.blas import one_thread
from analysis.methods.threshold.numbers.bootstrap import WildDraws
from analysis.methods.threshold.numbers.moments import reduction
from analysis.methods.threshold.numbers.search import (
    Profile,
    Searcher,
    SetEnds,
    ThresholdSearch,
    profile_of,
)
from analysis.methods.threshold.numbers.within import Floats, orthonormal

NEAR = 12
"""Candidates on each side of the estimate that are all tested: the critical value jumps there."""

SPREAD = 60
"""Further candidates that are tested, evenly spaced in rank; those between two stay with either."""


@dataclass(frozen=True)
class RobustSet:
    """The set of candidates that a test at 1 - `level` does not reject, for one threshold.

    `grid`, `lr` (m,) are all candidates as in `LikelihoodRatio`. `tested` (t,) are the positions of
    those tested, `critical` (t,) their critical values. `inside` (m,) marks the set: a candidate
    that was not tested is in it if a neighbour that was tested is, so that the set errs to the wide
    side. `ends` says where it ends; `n_draws` draws each, from `seed`.
    """

    threshold: float
    given: tuple[float, ...]
    level: float
    grid: Floats
    lr: Floats
    tested: NDArray[np.int64]
    critical: Floats
    inside: NDArray[np.bool_]
    ends: SetEnds
    n_draws: int
    seed: int


@one_thread
def robust_sets(
    search: ThresholdSearch,
    n_thresholds: int,
    n_draws: int = 199,
    *,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[RobustSet, ...]:
    """Sets of the thresholds of the model with `n_thresholds`, each with the others given.

    Any panel; errors may have any variance and any correlation within a cluster. The same seed
    gives the same sets whatever the number of threads.

    Raises ValueError for fewer draws than the level needs.
    """
    if n_draws * (1 - level) < 1:
        raise ValueError(f"n_draws: {n_draws} can't tell a critical value at level {level}")
    searcher = Searcher(search.panel, search.grid, search.refine)
    model = search.models[n_thresholds - 1]
    values = searcher.panel.values[searcher.among]
    ordered = [int(i) for i in np.searchsorted(values, model.thresholds)]
    return tuple(
        _robust_set(searcher, profile_of(searcher, ordered, j, stage), n_draws, seed, level)
        for j, stage in enumerate(model.found_at)
    )


def _robust_set(
    searcher: Searcher, profile: Profile, n_draws: int, seed: int, level: float
) -> RobustSet:
    tested = _tested(len(profile.lr), profile.own)
    critical = _critical_values(searcher, profile, tested, n_draws, seed, level)
    stays = profile.lr[tested] <= critical
    # The estimate's LR is 0: it is always in the set.
    before = np.searchsorted(tested, np.arange(len(profile.lr)), side="right") - 1
    after = np.searchsorted(tested, np.arange(len(profile.lr)), side="left")
    inside = stays[before] | stays[after]
    return RobustSet(
        threshold=float(profile.grid[profile.own]),
        given=searcher.values(profile.others),
        level=level,
        grid=profile.grid,
        lr=profile.lr,
        tested=tested,
        critical=critical,
        inside=inside,
        ends=profile.ends(inside),
        n_draws=n_draws,
        seed=seed,
    )


def _tested(n: int, own: int) -> NDArray[np.int64]:
    """Positions of the candidates to test, the first, the last and those near the estimate too."""
    near = np.arange(max(own - NEAR, 0), min(own + NEAR + 1, n))
    spread = np.round(np.linspace(0, n - 1, min(SPREAD, n))).astype(np.int64)
    return np.union1d(near, spread)


def _critical_values(
    searcher: Searcher,
    profile: Profile,
    tested: Sequence[int] | NDArray[np.int64],
    n_draws: int,
    seed: int,
    level: float,
) -> Floats:
    """The smallest drawn LR with at least `level` of the draws at or below it, for each tested."""
    panel = searcher.panel
    moments = searcher.at(profile.places)
    basis, _ = searcher.basis_with(profile.others)
    loads = moments.products(basis.pulled)
    whiten = moments.whiten(loads)
    flat = np.ascontiguousarray(loads.reshape(-1, loads.shape[2]))
    outside = panel.y_residual - basis.columns @ (basis.columns.T @ panel.y_residual)
    rank = int(np.ceil(level * n_draws - 1e-9)) - 1
    found = np.empty(len(tested))
    for at, position in enumerate(tested):
        step = orthonormal(panel.within, moments.column(int(position)), basis)
        effect = step.columns.T @ outside
        truth = moments.products((step.pulled @ effect)[:, None])
        functionals = np.column_stack([basis.preimage, step.preimage @ effect])
        source = WildDraws(moments, functionals, outside - step.columns @ effect)
        drawn = []
        for steps, inner, squares in source.blocks(n_draws, seed, profile.stage):
            scores = steps - (flat @ inner[:-1]).reshape(steps.shape) + truth
            ssr = squares - np.square(inner[:-1]).sum(axis=0) + 2 * inner[-1] + effect @ effect
            fall = reduction(whiten, scores)
            top = fall.max(axis=0)
            drawn.append((top - fall[position]) / ((ssr - top) / panel.scale_dof))
        found[at] = np.sort(np.concatenate(drawn))[rank]
    return found


__all__ = ["RobustSet", "robust_sets"]
