"""Bootstrap tests of k - 1 against k thresholds.

Here belong the drawing of residuals, the F statistics of all draws at once, p values and critical
values. No regression is run per draw. For a drawn residual vector e all that is needed are its
products with the step columns, which are sums over rows sorted by q, with the basis of the null
model, and with itself; draws are worked off in blocks that fit the cache.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from analysis.blas import one_thread
from analysis.methods.threshold.numbers.moments import StepMoments, reduction
from analysis.methods.threshold.numbers.search import (
    MAX_CYCLES,
    SAME_SSR,
    Searcher,
    ThresholdModel,
    ThresholdSearch,
    n_refined,
    refines,
)
from analysis.methods.threshold.numbers.within import Floats, Ints
from analysis.regression.rank import lengths

Scheme = Literal["hansen", "xthreg"]
Resample = Literal["unit", "wild"]

BLOCK_BYTES = 96_000_000
MAX_BLOCK = 512
TABLE_BYTES = 256_000_000
CACHED_NULLS = 512
LEVELS = (0.10, 0.05, 0.01)


@dataclass(frozen=True)
class BootstrapTest:
    """Test of `n_thresholds` - 1 thresholds against `n_thresholds`.

    `p_value` is the share of draws whose F exceeds `f_statistic`; `critical_10`, `critical_5` and
    `critical_1` are the smallest drawn F with at least 90, 95, 99 % of draws at or below it.
    `f_draws` (B,) is in the order of the draws; more draws with the same seed begin with these.
    """

    n_thresholds: int
    f_statistic: float
    p_value: float
    critical_10: float
    critical_5: float
    critical_1: float
    n_draws: int
    seed: int
    scheme: Scheme
    resample: Resample
    f_draws: Floats


class _Draws(Protocol):
    """Blocks of drawn residuals, seen through the products that the tests need."""

    def blocks(
        self, n_draws: int, seed: int, stage: int
    ) -> Iterator[tuple[Floats, Floats, Floats]]:
        """Per block: step products (m, p, b), functionals (k, b), squares (b,)."""
        ...


@one_thread
def bootstrap_tests(
    search: ThresholdSearch,
    n_draws: int = 300,
    *,
    seed: int = 0,
    scheme: Scheme = "hansen",
    resample: Resample | None = None,
) -> tuple[BootstrapTest, ...]:
    """Bootstrap F test for every model of `search`.

    Every draw has the smaller model's thresholds and slopes as its truth. `scheme` says what is
    done with it (for the test of the first threshold the two are the same):
    - "hansen": a draw's F takes the smaller model's thresholds as known, as the author's program
      appears to ("Fixed Thresholds" in its output);
    - "xthreg": a draw's F goes through the whole search again, refinement included, as the
      sample's F did (Hansen 1999, section 5.2; Wang 2015, section 2.3).

    `resample="unit"`, Hansen's and xthreg's way: whole units' residual vectors, of the larger
    model, are drawn with replacement. It needs a balanced panel, since a vector must fit the unit
    it is given to, and takes the variance of errors to have nothing to do with x.
    `resample="wild"`: each cluster (a unit, unless the panel says otherwise) keeps its own
    residuals, of the smaller model, all multiplied by one random sign; any panel, and any dependence
    of the variance on the unit and on x. None: "unit" where the panel is balanced and clustered by
    unit, else "wild"; the result says which.

    The same seed gives the same draws whatever the block size or number of threads.
    """
    if n_draws < 1:
        raise ValueError(f"n_draws: expected at least 1, got {n_draws}")
    if scheme not in get_args(Scheme):
        raise ValueError(f"scheme: expected one of {get_args(Scheme)}, got {scheme!r}")
    panel = search.panel
    by_unit = panel.balanced and panel.clustered_by_unit
    resample = resample or ("unit" if by_unit else "wild")
    if resample not in get_args(Resample):
        raise ValueError(f"resample: expected one of {get_args(Resample)}, got {resample!r}")
    if resample == "unit" and not panel.balanced:
        raise ValueError(
            "resample: 'unit' gives a unit another one's residuals and needs a balanced panel; "
            "use resample='wild'"
        )
    if resample == "unit" and not panel.clustered_by_unit:
        raise ValueError(
            "resample: 'unit' draws units as if independent, and these are clustered more widely; "
            "use resample='wild'"
        )
    searcher = Searcher(panel, search.grid, search.refine)
    tests = []
    for model in search.models:
        if scheme == "hansen" or model.n_thresholds == 1:
            draws = _fixed_null(searcher, model, n_draws, seed, resample)
        else:
            draws = _reestimated_null(searcher, model, n_draws, seed, resample)
        tests.append(_summary(model, draws, seed, (scheme, resample)))
    return tuple(tests)


def _summary(
    model: ThresholdModel, draws: Floats, seed: int, names: tuple[Scheme, Resample]
) -> BootstrapTest:
    ordered = np.sort(draws)
    n = len(draws)
    critical = [float(ordered[int(np.ceil((1 - a) * n - 1e-9)) - 1]) for a in LEVELS]
    return BootstrapTest(
        n_thresholds=model.n_thresholds,
        f_statistic=model.f_statistic,
        p_value=float(np.mean(draws > model.f_statistic)),
        critical_10=critical[0],
        critical_5=critical[1],
        critical_1=critical[2],
        n_draws=n,
        seed=seed,
        scheme=names[0],
        resample=names[1],
        f_draws=draws,
    )


def _places(searcher: Searcher, thresholds: tuple[float, ...]) -> list[int]:
    values = searcher.panel.values[searcher.among]
    return [int(i) for i in np.searchsorted(values, thresholds)]


def _drawn_from(searcher: Searcher, model: ThresholdModel, resample: Resample) -> Floats:
    """Residuals to draw: of the larger model by unit, of the smaller one with random signs."""
    new = (model.new_threshold,) if resample == "unit" else ()
    return _residual(searcher, _places(searcher, tuple(sorted((*model.null_thresholds, *new)))))


def _residual(searcher: Searcher, places: list[int]) -> Floats:
    _, added = searcher.basis_with(places)
    y = searcher.panel.y_residual
    return y - added.columns @ (added.columns.T @ y)


def _fixed_null(
    searcher: Searcher, model: ThresholdModel, n_draws: int, seed: int, resample: Resample
) -> Floats:
    panel = searcher.panel
    null = _places(searcher, model.null_thresholds)
    allowed = np.flatnonzero(searcher.allowed(null, model.n_thresholds))
    moments = searcher.at(allowed)
    basis, _ = searcher.basis_with(null)
    loads = moments.products(basis.pulled)
    whiten = moments.whiten(loads)
    flat = np.ascontiguousarray(loads.reshape(-1, loads.shape[2]))
    source = _source(moments, basis.preimage, _drawn_from(searcher, model, resample), resample)
    f = []
    for steps, inner, squares in source.blocks(n_draws, seed, model.n_thresholds):
        np.subtract(steps, (flat @ inner).reshape(steps.shape), out=steps)
        fall = reduction(whiten, steps).max(axis=0)
        ssr = squares - np.square(inner).sum(axis=0)
        f.append(fall / ((ssr - fall) / panel.scale_dof))
    return np.concatenate(f)


def _reestimated_null(
    searcher: Searcher,
    model: ThresholdModel,
    n_draws: int,
    seed: int,
    resample: Resample,
) -> Floats:
    panel, stage = searcher.panel, model.n_thresholds
    null = _places(searcher, model.null_thresholds)
    moments = searcher.moments
    base = panel.base
    base_loads = moments.products(base.pulled)
    flat = np.ascontiguousarray(base_loads.reshape(-1, base_loads.shape[2]))
    # The truth of every draw: what the smaller model's steps add to the linear model.
    _, added = searcher.basis_with(null)
    effect = added.columns.T @ panel.y_residual
    truth_steps = moments.products((added.pulled @ effect)[:, None])
    functionals = np.column_stack([base.preimage, added.preimage @ effect])
    source = _source(moments, functionals, _drawn_from(searcher, model, resample), resample)
    nulls = _NullCache(searcher, base_loads)
    f = []
    for steps, inner, squares in source.blocks(n_draws, seed, stage):
        np.subtract(steps, (flat @ inner[:-1]).reshape(steps.shape), out=steps)
        np.add(steps, truth_steps, out=steps)
        ssr = squares - np.square(inner[:-1]).sum(axis=0) + 2 * inner[-1] + effect @ effect
        f.append(_search_draws(nulls, steps, ssr, stage))
    return np.concatenate(f)


class _NullCache:
    """What a set of given thresholds does to scores and step lengths, kept for the next draw."""

    def __init__(self, searcher: Searcher, base_loads: Floats) -> None:
        self.searcher = searcher
        self.base_loads = base_loads
        self.known: OrderedDict[tuple[tuple[int, ...], int], tuple[Floats, Floats, Floats]] = (
            OrderedDict()
        )

    def given(self, places: tuple[int, ...], stage: int) -> tuple[Floats, Floats, Floats]:
        """Loads (m, p, k), the map from own scores to added coordinates, whitening, penalty."""
        key = (places, stage)
        if key in self.known:
            self.known.move_to_end(key)
            return self.known[key]
        searcher = self.searcher
        moments = searcher.moments
        _, added = searcher.basis_with(places)
        loads = moments.products(added.pulled)
        # Coordinates of y on the added columns, from its scores on the given steps: those scores
        # are loads' y-coordinates, so least squares on the steps' own loads returns them.
        own = loads[list(places)].reshape(len(places) * loads.shape[1], loads.shape[2])
        # Rows to length one: a regressor's unit must not decide about the inverse.
        size = np.maximum(lengths(own.T), np.finfo(float).tiny)
        to_inner = np.linalg.pinv(own / size[:, None]) / size if own.size else own.T
        whiten = moments.whiten(np.concatenate([self.base_loads, loads], axis=2))
        whiten[~searcher.allowed(places, stage)] = 0.0
        self.known[key] = (loads, np.asarray(to_inner, dtype=np.float64), whiten)
        if len(self.known) > CACHED_NULLS:
            self.known.popitem(last=False)
        return self.known[key]

    def best(
        self, steps: Floats, ssr: Floats, given: NDArray[np.int64], stage: int
    ) -> tuple[Ints, Floats, Floats]:
        """For each draw the best place beside `given` (k, b), the SSR there and without it."""
        n_draws = len(ssr)
        place = np.empty(n_draws, dtype=np.int64)
        without, with_it = np.empty(n_draws), np.empty(n_draws)
        sets, member = np.unique(given, axis=1, return_inverse=True)
        for g in range(sets.shape[1]):
            here = np.flatnonzero(member == g)
            places = tuple(int(v) for v in sets[:, g])
            loads, to_inner, whiten = self.given(places, stage)
            block = steps if len(here) == n_draws else steps[:, :, here]
            inner = to_inner @ block[list(places)].reshape(to_inner.shape[1], len(here))
            flat = loads.reshape(loads.shape[0] * loads.shape[1], loads.shape[2])
            fall = reduction(whiten, block - (flat @ inner).reshape(block.shape))
            place[here] = fall.argmax(axis=0)
            without[here] = ssr[here] - np.square(inner).sum(axis=0)
            with_it[here] = without[here] - fall[place[here], np.arange(len(here))]
        return place, with_it, without


def _search_draws(nulls: _NullCache, steps: Floats, ssr: Floats, stage: int) -> Floats:
    """F statistic of the last of `stage` sequential searches, for every draw."""
    refine = nulls.searcher.refine
    found = np.empty((0, len(ssr)), dtype=np.int64)
    for k in range(1, stage + 1):
        place, with_it, without = nulls.best(steps, ssr, np.sort(found, axis=0), k)
        found = np.vstack([found, place])
        if k < stage and refines(k, refine):
            _refine_draws(nulls, steps, ssr, found, with_it)
    return (without - with_it) / (with_it / nulls.searcher.panel.scale_dof)


def _refine_draws(
    nulls: _NullCache,
    steps: Floats,
    ssr: Floats,
    found: NDArray[np.int64],
    present: Floats,
) -> None:
    """Search thresholds again, each draw until none of its own moves; changes `found` in place."""
    k, refine = len(found), nulls.searcher.refine
    moving = np.arange(found.shape[1])
    for _ in range(MAX_CYCLES if refine == "cycle" else 1):
        moved = np.zeros(len(moving), dtype=bool)
        for j in range(n_refined(k, refine)):
            others = np.sort(np.delete(found[:, moving], j, axis=0), axis=0)
            place, lower, _ = nulls.best(steps[:, :, moving], ssr[moving], others, j + 1)
            better = lower < present[moving] * (1 - SAME_SSR)
            found[j, moving[better]] = place[better]
            present[moving[better]] = lower[better]
            moved |= better
        moving = moving[moved]
        if not len(moving):
            break


def _source(
    moments: StepMoments, functionals: Floats, residual: Floats, resample: Resample
) -> _Draws:
    if resample == "unit":
        return _UnitDraws(moments, functionals, residual)
    return WildDraws(moments, functionals, residual)


def _block_size(n_rows: int, moments: StepMoments) -> int:
    per_draw = 8 * (n_rows + 4 * moments.size.size)
    return int(np.clip(BLOCK_BYTES // max(per_draw, 1), 16, MAX_BLOCK))


def _accumulate(a: Floats) -> None:
    """Cumulative sum over the first axis, in place; row by row, which numpy's own is not."""
    for i in range(1, len(a)):
        a[i] += a[i - 1]


def _segments(moments: StepMoments) -> Ints:
    """For each row the number of the first gamma whose lower regime holds it; m if none does."""
    panel = moments.panel
    segment = np.empty(panel.n_obs, dtype=np.int64)
    segment[panel.order] = np.searchsorted(moments.upto, np.arange(panel.n_obs), side="right")
    return segment


class _StepSums:
    """Step products of many residual vectors at once, as sparse sums over rows and then over q."""

    def __init__(self, moments: StepMoments, rows: Ints) -> None:
        from scipy.sparse import csr_array

        self.shape = (len(moments.upto), moments.panel.n_slopes)
        segment = _segments(moments)[rows]
        m = self.shape[0]
        self.sums = []
        for column in moments.panel.x[rows].T:
            used = np.flatnonzero((segment < m) & (column != 0))
            used = used[np.argsort(segment[used], kind="stable")]
            ends = np.concatenate([[0], np.cumsum(np.bincount(segment[used], minlength=m))])
            self.sums.append(csr_array((column[used], used, ends), shape=(m, len(rows))))

    def of(self, residuals: Floats) -> Floats:
        """(m, p, b) for pulled-back residuals (n, b), rows as at construction."""
        steps = np.empty((*self.shape, residuals.shape[1]))
        for j, sums in enumerate(self.sums):
            steps[:, j] = sums @ residuals
        _accumulate(steps)
        return steps


class _UnitDraws:
    """Whole units' residual vectors drawn with replacement, balanced panels only."""

    def __init__(self, moments: StepMoments, functionals: Floats, residual: Floats) -> None:
        panel = moments.panel
        n_units, n_times = panel.n_units, int(panel.within.count[0])
        self.shape = (n_times, n_units)
        self.size = _block_size(panel.n_obs, moments)
        pulled = panel.within.pull_back(residual).reshape(n_units, n_times)
        self.by_time = np.ascontiguousarray(pulled.T)
        self.unit_squares = np.square(residual).reshape(n_units, -1).sum(axis=1)
        # Rows by time, then unit: row t * N + i holds unit i's draw at time t.
        turned = np.arange(panel.n_obs).reshape(n_units, n_times).T.ravel()
        self.functionals = np.ascontiguousarray(functionals[turned].T)
        self.sums = _StepSums(moments, turned)

    def blocks(
        self, n_draws: int, seed: int, stage: int
    ) -> Iterator[tuple[Floats, Floats, Floats]]:
        n_times, n_units = self.shape
        rng = np.random.default_rng([seed, stage])
        room = np.empty((n_times, n_units, min(self.size, n_draws)))
        for start in range(0, n_draws, self.size):
            b = min(self.size, n_draws - start)
            drawn = np.ascontiguousarray(rng.integers(0, n_units, size=(b, n_units)).T)
            e = room if b == room.shape[2] else np.empty((n_times, n_units, b))
            for t in range(n_times):
                np.take(self.by_time[t], drawn, out=e[t], mode="clip")
            flat = e.reshape(n_times * n_units, b)
            squares = self.unit_squares[drawn].sum(axis=0)
            yield self.sums.of(flat), self.functionals @ flat, squares


class WildDraws:
    """Each cluster's own residuals times one random sign; any panel.

    A cluster's contribution to every product is fixed up to its sign, so draws are one product of
    contributions and signs. Where the table of contributions (m, p, G) is too large, rows are
    summed for each draw instead.
    """

    def __init__(self, moments: StepMoments, functionals: Floats, residual: Floats) -> None:
        panel = moments.panel
        self.pulled = panel.within.pull_back(residual)
        self.cluster = panel.cluster_code
        self.n_clusters = panel.n_clusters
        sums = np.zeros((self.n_clusters, functionals.shape[1]))
        np.add.at(sums, self.cluster, functionals * self.pulled[:, None])
        self.functionals = sums.T
        self.squares = float(residual @ residual)
        m = len(moments.upto)
        self.table: Floats | None = None
        self.sums: _StepSums | None = None
        if 8 * m * panel.n_slopes * self.n_clusters > TABLE_BYTES:
            self.sums = _StepSums(moments, np.arange(panel.n_obs))
            self.size = _block_size(panel.n_obs, moments)
            return
        self.size = _block_size(self.n_clusters, moments)
        segment = _segments(moments)
        used = segment < m
        cell = segment[used] * self.n_clusters + self.cluster[used]
        table = np.empty((m, panel.n_slopes, self.n_clusters))
        for j in range(panel.n_slopes):
            weight = (panel.x[:, j] * self.pulled)[used]
            table[:, j] = np.bincount(cell, weight, m * self.n_clusters).reshape(m, self.n_clusters)
        _accumulate(table)
        self.table = table

    def blocks(
        self, n_draws: int, seed: int, stage: int
    ) -> Iterator[tuple[Floats, Floats, Floats]]:
        """As `_Draws` says."""
        rng = np.random.default_rng([seed, stage])
        for start in range(0, n_draws, self.size):
            b = min(self.size, n_draws - start)
            drawn = rng.integers(0, 2, size=(b, self.n_clusters))
            signs = np.ascontiguousarray(2.0 * drawn.T - 1.0)
            if self.table is not None:
                m, p, n_clusters = self.table.shape
                steps = (self.table.reshape(m * p, n_clusters) @ signs).reshape(m, p, b)
            else:
                assert self.sums is not None
                steps = self.sums.of(self.pulled[:, None] * signs[self.cluster])
            yield steps, self.functionals @ signs, np.full(b, self.squares)
