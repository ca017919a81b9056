"""Least-squares estimates of one or more thresholds, one after another, and their intervals.

Here belong the sequential search with refinement (Hansen 1999, section 5; Bai 1997), the F
statistics of each step and the likelihood-ratio confidence sets. P values belong to `bootstrap`,
slopes and their errors to `slopes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from analysis.blas import one_thread
from analysis.methods.threshold.numbers.grid import Grid, candidates, universe, untrimmed, why_none
from analysis.methods.threshold.numbers.moments import StepMoments, project
from analysis.methods.threshold.numbers.panel import ThresholdPanel
from analysis.methods.threshold.numbers.within import Basis, Floats, Ints, orthonormal
from analysis.regression.rank import SHARE_LEFT

Refine = Literal["hansen", "cycle", "none"]
MAX_CYCLES = 20
SAME_SSR = 1e-12
"""Sums of squares closer than this share are the same: cumulative sums round at about 1e-15."""


@dataclass(frozen=True)
class LikelihoodRatio:
    """LR(gamma) for one threshold with the others given, and the confidence set it implies.

    `grid`, `ssr`, `lr` (m,): candidates, ascending, with the sum of squared residuals and
    (S(gamma) - S) / (S / dof). `inside` marks LR <= `critical`, Hansen's (1999) eq. 14, which holds
    for errors of equal variance without correlation; `robust_sets` has another. `ends` says where
    the set ends.
    """

    threshold: float
    given: tuple[float, ...]
    grid: Floats
    ssr: Floats
    lr: Floats
    level: float
    critical: float
    inside: NDArray[np.bool_]
    ends: "SetEnds"

    @property
    def lower(self) -> float:
        """Smallest candidate of the set."""
        return self.ends.lower

    @property
    def upper(self) -> float:
        """Largest candidate of the set."""
        return self.ends.upper

    @property
    def is_interval(self) -> bool:
        """Whether the set is an interval that ends by itself."""
        return self.ends.is_interval


@dataclass(frozen=True)
class SetEnds:
    """Where a confidence set ends.

    `lower_cut` and `upper_cut`: trimming (at the ends of the data, or around another threshold)
    ends it there, and it might go on. `is_interval`: it has no hole and neither end is cut.
    """

    lower: float
    upper: float
    lower_cut: bool
    upper_cut: bool
    is_interval: bool


@dataclass(frozen=True)
class ThresholdModel:
    """The model with `n_thresholds` thresholds and the step that led to it.

    `null_thresholds` are those of the model before, `new_threshold` the one found with them given,
    `ssr_first` the sum of squares then; `thresholds` (ascending) and `ssr` after refinement.
    `f_statistic` is (ssr_null - ssr_first) / (ssr_first / dof). `intervals` and `found_at`, the
    number of the search that found each, go with `thresholds`.
    """

    n_thresholds: int
    null_thresholds: tuple[float, ...]
    new_threshold: float
    ssr_null: float
    ssr_first: float
    f_statistic: float
    thresholds: tuple[float, ...]
    ssr: float
    dof: float
    n_candidates: int
    intervals: tuple[LikelihoodRatio, ...]
    found_at: tuple[int, ...]


@dataclass(frozen=True)
class ThresholdSearch:
    """Models with 0, 1, ..., K thresholds. `models[k - 1]` has k thresholds."""

    panel: ThresholdPanel
    grid: Grid
    refine: Refine
    ssr_linear: float
    models: tuple[ThresholdModel, ...]


class Searcher:
    """What one search needs and all its steps share: candidates and their moments."""

    def __init__(self, panel: ThresholdPanel, grid: Grid, refine: Refine = "hansen") -> None:
        self.panel = panel
        self.grid = grid
        self.refine: Refine = refine
        self.among = universe(panel, grid)
        self.moments = self.at(np.arange(len(self.among)))

    def at(self, places: Ints) -> StepMoments:
        """Moments at some of the candidates."""
        return StepMoments(self.panel, self.among[places])

    def allowed(self, fixed: Sequence[int], stage: int) -> NDArray[np.bool_]:
        """Candidates beside thresholds `fixed` (places in `among`)."""
        return candidates(
            self.panel,
            self.grid,
            self.among,
            list(self.among[list(fixed)]),
            self.grid.trim_of(stage),
        )

    def basis_with(self, fixed: Sequence[int]) -> tuple[Basis, Basis]:
        """The linear model's basis widened by the step columns of `fixed`, and the widening."""
        base = self.panel.base
        if not fixed:
            none = np.empty((self.panel.n_obs, 0))
            return base, Basis(base.columns[:, :0], none, none)
        columns = np.hstack([self.moments.column(f) for f in fixed])
        added = orthonormal(self.panel.within, columns, base)
        pairs = (
            (base.columns, added.columns),
            (base.preimage, added.preimage),
            (base.pulled, added.pulled),
        )
        return Basis(*(np.hstack(pair) for pair in pairs)), added

    def profile(self, fixed: Sequence[int]) -> tuple[float, Floats]:
        """Sum of squares with `fixed` alone, and with each candidate added, (m,)."""
        basis, added = self.basis_with(fixed)
        y = self.panel.y_residual
        rest = y - added.columns @ (added.columns.T @ y)
        ssr = float(rest @ rest)
        _, _, fall = project(self.moments, basis, rest)
        return ssr, ssr - fall

    def best(self, fixed: Sequence[int], stage: int) -> tuple[int, float, float]:
        """Place and sum of squares of the best next threshold, and the sum without it."""
        ssr_null, ssr = self.profile(fixed)
        allowed = self.allowed(fixed, stage)
        if not allowed.any():
            places = list(self.among[list(fixed)])
            given = ", ".join(f"{value:.6g}" for value in self.values(fixed))
            reason = why_none(self.panel, self.grid, self.among, places, stage)
            raise ValueError(f"threshold {stage}{f' beside {given}' if given else ''}: {reason}")
        place = int(np.flatnonzero(allowed)[np.argmin(ssr[allowed])])
        if ssr[place] <= SHARE_LEFT**2 * self.panel.ssr_linear:
            raise ValueError(
                f"threshold {stage}: {self.values([place])[0]:.6g} explains the outcome exactly; "
                "an identity has no F and no errors"
            )
        return place, float(ssr[place]), ssr_null

    def refined(self, found: Sequence[int], stage: int) -> list[int]:
        """Thresholds after refinement, still in the order they were found.

        Each keeps the trimming of the search that found it, and moves only where that lowers the
        sum of squares: a grid chosen anew need not hold the present threshold.
        """
        places, refine = list(found), self.refine
        if not refines(stage, refine):
            return places
        ssr = self.profile(places)[0]
        for _ in range(MAX_CYCLES if refine == "cycle" else 1):
            moved = False
            for j in range(n_refined(stage, refine)):
                place, lower, _ = self.best(places[:j] + places[j + 1 :], j + 1)
                if lower < ssr * (1 - SAME_SSR):
                    places[j], ssr, moved = place, lower, True
            if not moved:
                break
        return places

    def values(self, places: Sequence[int]) -> tuple[float, ...]:
        """Thresholds at `places`, in their order."""
        return tuple(float(self.panel.values[self.among[p]]) for p in places)


def refines(stage: int, refine: Refine) -> bool:
    """Whether earlier thresholds are searched again after threshold number `stage`."""
    return stage == 2 if refine == "hansen" else stage >= 2 and refine == "cycle"


def n_refined(stage: int, refine: Refine) -> int:
    """How many thresholds are searched again: "hansen" leaves the newest alone."""
    return stage - 1 if refine == "hansen" else stage


def critical_value(level: float) -> float:
    """Critical value of LR at `level`: -2 ln(1 - sqrt(level)), Hansen (1999) eq. 14."""
    if not 0 < level < 1:
        raise ValueError(f"level: expected a number between 0 and 1, got {level}")
    return float(-2.0 * np.log(1.0 - np.sqrt(level)))


@one_thread
def search_thresholds(
    panel: ThresholdPanel,
    n_thresholds: int = 1,
    grid: Grid | None = None,
    *,
    refine: Refine = "hansen",
    level: float = 0.95,
) -> ThresholdSearch:
    """Estimate models with 1 to `n_thresholds` thresholds, each step given the step before.

    `refine`: "hansen" searches the first threshold again once the second is known, as Hansen and
    xthreg do, and leaves later steps alone; "cycle" searches every threshold again with the others
    given until none moves (Bai 1997); "none" keeps the first findings. The F statistic always
    compares the refined model before with the step's first finding.

    Raises ValueError where trimming leaves no candidate.
    """
    if n_thresholds < 1:
        raise ValueError(f"n_thresholds: expected at least 1, got {n_thresholds}")
    if refine not in get_args(Refine):
        raise ValueError(f"refine: expected one of {get_args(Refine)}, got {refine!r}")
    grid = grid or Grid()
    searcher = Searcher(panel, grid, refine)
    models: list[ThresholdModel] = []
    places: list[int] = []
    for stage in range(1, n_thresholds + 1):
        null = list(places)
        place, ssr_first, ssr_null = searcher.best(null, stage)
        places = searcher.refined([*null, place], stage)
        ordered = sorted(places)
        ssr = searcher.profile(ordered)[0]
        models.append(
            ThresholdModel(
                n_thresholds=stage,
                null_thresholds=searcher.values(sorted(null)),
                new_threshold=searcher.values([place])[0],
                ssr_null=ssr_null,
                ssr_first=ssr_first,
                f_statistic=(ssr_null - ssr_first) / (ssr_first / panel.scale_dof),
                thresholds=searcher.values(ordered),
                ssr=ssr,
                dof=panel.scale_dof,
                n_candidates=int(searcher.allowed(null, stage).sum()),
                intervals=tuple(
                    _interval(
                        searcher,
                        profile_of(searcher, ordered, j, places.index(ordered[j]) + 1),
                        level,
                    )
                    for j in range(stage)
                ),
                found_at=tuple(places.index(place) + 1 for place in ordered),
            )
        )
    return ThresholdSearch(panel, grid, refine, panel.ssr_linear, tuple(models))


@dataclass(frozen=True)
class Profile:
    """LR of the candidates of one threshold with the `others` (places in `among`) given.

    `places` (m,) are the candidates in `among`, `own` the position of the estimate among them.
    `runs` (m,) numbers stretches of candidates without one that trimming took out between.
    """

    others: tuple[int, ...]
    stage: int
    places: Ints
    own: int
    grid: Floats
    ssr: Floats
    lr: Floats
    runs: Ints

    def ends(self, inside: NDArray[np.bool_]) -> SetEnds:
        """Where the set of the candidates `inside` (m,) ends."""
        at = np.flatnonzero(inside)
        first, last = int(at[0]), int(at[-1])
        lower_cut = first == 0 or self.runs[first - 1] < self.runs[first]
        upper_cut = last == len(inside) - 1 or self.runs[last] < self.runs[last + 1]
        whole = last - first + 1 == len(at) and self.runs[first] == self.runs[last]
        return SetEnds(
            lower=float(self.grid[first]),
            upper=float(self.grid[last]),
            lower_cut=bool(lower_cut),
            upper_cut=bool(upper_cut),
            is_interval=bool(whole and not lower_cut and not upper_cut),
        )


def profile_of(searcher: Searcher, ordered: Sequence[int], j: int, stage: int) -> Profile:
    """LR of the j-th threshold of `ordered`, trimmed as in the search number `stage` that found it."""
    others = [*ordered[:j], *ordered[j + 1 :]]
    allowed = searcher.allowed(others, stage)
    allowed[ordered[j]] = True
    places = np.flatnonzero(allowed)
    ssr = searcher.profile(others)[1][places]
    own = int(np.searchsorted(places, ordered[j]))
    trimmed = ~untrimmed(
        searcher.panel,
        searcher.grid,
        searcher.among,
        list(searcher.among[others]),
        searcher.grid.trim_of(stage),
    )
    return Profile(
        others=tuple(others),
        stage=stage,
        places=places,
        own=own,
        grid=searcher.panel.values[searcher.among[places]],
        ssr=ssr,
        lr=(ssr - ssr[own]) / (ssr[own] / searcher.panel.scale_dof),
        runs=np.cumsum(trimmed & ~allowed, dtype=np.int64)[places],
    )


def _interval(searcher: Searcher, profile: Profile, level: float) -> LikelihoodRatio:
    """Hansen's confidence set."""
    critical = critical_value(level)
    inside = profile.lr <= critical
    return LikelihoodRatio(
        threshold=float(profile.grid[profile.own]),
        given=searcher.values(profile.others),
        grid=profile.grid,
        ssr=profile.ssr,
        lr=profile.lr,
        level=level,
        critical=critical,
        inside=inside,
        ends=profile.ends(inside),
    )
