"""Which values of the threshold variable a search may choose from.

Here belong the rules for the grid of candidates and for the trimming around thresholds already
found. A rule depends on ranks of q alone, so a monotone transformation of q changes nothing. What
the sum of squares is at a candidate belongs to `search`.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from analysis.methods.threshold.numbers.panel import ThresholdPanel
from analysis.methods.threshold.numbers.within import Ints

GridRule = Literal["all", "quantile", "hansen", "xthreg"]


@dataclass(frozen=True)
class Grid:
    """How candidates are chosen.

    `rule`:
    - "all": every distinct value;
    - "quantile": `points` values evenly spaced in rank over the rows;
    - "hansen": the distinct values at shares trim, trim + 1/points, ..., 1 - trim, as the program
      of Hansen (1999) takes them (393 values for 400 points and trim .01);
    - "xthreg": `points` distinct values evenly spaced in rank, after trimming the same share of
      distinct values at both ends, chosen anew in each search from what the thresholds already
      found leave. It gives the thresholds that xthreg printed for Hansen's data (see
      docs/threshold.md); xthreg's own rule is in a compiled library.

    `trim`: the smallest share of rows in a regime, one number or one per search (the last one is
    used for further searches). Under "hansen" the same share of *grid points*, and under "xthreg"
    of *distinct values*, is left out on either side of a threshold already found.

    `min_active`: the smallest number of units with a non-zero regime-dependent regressor in each
    regime. It matters for a treatment indicator, where a regime may hold thousands of rows and one
    treated city: rows of one city are one observation to a clustered error.
    """

    rule: GridRule = "quantile"
    points: int = 400
    trim: float | tuple[float, ...] = 0.01
    min_active: int = 10

    def __post_init__(self) -> None:
        if self.rule not in get_args(GridRule):
            raise ValueError(f"rule: expected one of {get_args(GridRule)}, got {self.rule!r}")
        if self.points < 2:
            raise ValueError(f"points: expected at least 2, got {self.points}")
        if any(not 0 < t < 0.5 for t in self._trims()):
            raise ValueError(f"trim: expected shares between 0 and 0.5, got {self.trim}")

    def _trims(self) -> tuple[float, ...]:
        return self.trim if isinstance(self.trim, tuple) else (self.trim,)

    def trim_of(self, stage: int) -> float:
        """Trimming share of the search for threshold number `stage` (1, 2, ...)."""
        trims = self._trims()
        return trims[min(stage, len(trims)) - 1]


def universe(panel: ThresholdPanel, grid: Grid) -> Ints:
    """Indices into `panel.values` of all values any search may visit, ascending."""
    n, n_values = panel.n_obs, len(panel.values)
    if grid.rule == "hansen":
        trim = grid.trim_of(1)
        steps = grid.points - 2 * int(grid.points * trim) + 1
        share = trim + np.arange(steps) / grid.points
        # A hair added: 0.29 * 100 must not round down to 28.
        places = np.floor(share * n_values + 1e-9).astype(np.int64) - 1
    elif grid.rule == "quantile":
        trim = min(grid._trims())
        low, high = np.ceil(trim * n), np.floor((1 - trim) * n)
        rank = np.round(np.linspace(low, high, grid.points)).astype(np.int64)
        places = np.searchsorted(panel.upto, rank, side="left")
    else:
        places = np.arange(n_values)
    # Both regimes must have rows.
    possible = np.flatnonzero((panel.upto > 0) & (panel.upto < n))
    return np.intersect1d(places, possible).astype(np.int64)


def candidates(
    panel: ThresholdPanel,
    grid: Grid,
    among: Ints,
    fixed: Sequence[int],
    trim: float,
) -> NDArray[np.bool_]:
    """Which of `among` (indices into `panel.values`) may be the next threshold.

    `fixed` holds the indices of thresholds already there.
    """
    n = panel.n_obs
    rows = panel.upto[among]
    allowed = _enough_active(panel, grid, among, fixed)
    if grid.rule == "hansen":
        width = int(grid.points * trim + 1e-9)
        place = np.arange(len(among))
        for f in fixed:
            below = int((among < f).sum())
            # The author's program leaves out one point more below than above.
            allowed &= (place < below - 1 - width) | (place >= below + width)
        return allowed
    if grid.rule == "xthreg":
        return allowed & np.isin(among, _xthreg_grid(panel, grid, fixed, trim))
    least = trim * n - 1e-9
    allowed &= (rows >= least) & (n - rows >= least)
    for f in fixed:
        allowed &= np.abs(rows - panel.upto[f]) >= least
    return allowed


def untrimmed(
    panel: ThresholdPanel, grid: Grid, among: Ints, fixed: Sequence[int], trim: float
) -> NDArray[np.bool_]:
    """Which of `among` trimming and `min_active` leave, whether or not the grid visits them.

    Under the rule "xthreg" the grid takes some of what trimming leaves; else the two are the same.
    """
    if grid.rule != "xthreg":
        return candidates(panel, grid, among, fixed, trim)
    left = np.isin(among, _xthreg_left(panel, fixed, trim))
    return left & _enough_active(panel, grid, among, fixed)


def _xthreg_left(panel: ThresholdPanel, fixed: Sequence[int], trim: float) -> NDArray[np.int64]:
    """Values that trimming at both ends and around `fixed` leaves."""
    n_values = len(panel.values)
    left = np.arange(int(trim * n_values), int((1 - trim) * n_values))
    width = int(trim * n_values)
    for f in fixed:
        left = left[np.abs(left - f) > width]
    return left


def _xthreg_grid(
    panel: ThresholdPanel, grid: Grid, fixed: Sequence[int], trim: float
) -> NDArray[np.int64]:
    left = _xthreg_left(panel, fixed, trim)
    if len(left) <= grid.points:
        return left
    return left[np.arange(grid.points) * len(left) // grid.points]


def _enough_active(
    panel: ThresholdPanel, grid: Grid, among: Ints, fixed: Sequence[int]
) -> NDArray[np.bool_]:
    """Whether both regimes a candidate makes hold `min_active` units of every regressor."""
    return (_fewest_active(panel, among, fixed) >= grid.min_active) & ~np.isin(among, fixed)


def _fewest_active(panel: ThresholdPanel, among: Ints, fixed: Sequence[int]) -> Ints:
    """For each candidate the units with a non-zero regressor in the regime that has fewer of them.

    Of the two regimes that the candidate makes beside the `fixed` thresholds, and of several
    regressors, the fewest.
    """
    n = panel.n_obs
    edges = np.concatenate([[0], panel.upto[np.sort(np.asarray(fixed, dtype=np.int64))], [n]])
    unit = panel.unit_code[panel.order]
    fewest = np.full(len(among), n, dtype=np.int64)
    for column in panel.x.T:
        active = np.flatnonzero((column != 0)[panel.order])
        below, above = np.zeros(n + 1, dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
        for a, b in itertools.pairwise(edges):
            rows = active[np.searchsorted(active, a) : np.searchsorted(active, b)]
            # A unit counts below from its first row in the regime on, above up to its last.
            first = rows[np.unique(unit[rows], return_index=True)[1]]
            last = rows[::-1][np.unique(unit[rows][::-1], return_index=True)[1]]
            place = np.arange(a + 1, b + 1)
            below[place] = np.searchsorted(np.sort(first), place, side="left")
            above[place] = len(last) - np.searchsorted(np.sort(last), place, side="left")
        upto = panel.upto[among]
        fewest = np.minimum(fewest, np.minimum(below[upto], above[upto]))
    return fewest


def why_none(
    panel: ThresholdPanel, grid: Grid, among: Ints, fixed: Sequence[int], stage: int
) -> str:
    """Why no candidate is left for threshold number `stage`, and what can be done."""
    if len(panel.values) <= stage:
        return (
            f"the threshold variable has {len(panel.values)} distinct values, which carry at most "
            f"{len(panel.values) - 1} thresholds"
        )
    free = replace(grid, min_active=0)
    trimmed = candidates(panel, free, among, fixed, grid.trim_of(stage))
    if not trimmed.any():
        return (
            f"no candidate is left after trimming (a share of {grid.trim_of(stage)} on each side); "
            "ask for fewer thresholds or trim less"
        )
    most = int(_fewest_active(panel, among, fixed)[trimmed].max())
    return (
        f"no candidate leaves {grid.min_active} units with a non-zero regressor in each regime "
        f"(min_active): the best leaves {most}; ask for fewer thresholds, or lower min_active and "
        "believe the errors less"
    )
