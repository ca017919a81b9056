"""How effects and slopes of stated size, in index points, enter the figures.

Belongs here: the target effect of each treated city-year, the slopes of the index on its
regressors, and the adjustment of figures that brings the index to a target. Does not belong here:
levels and growth of the figures (`world.py`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from orchestration.sample.draws import Array, Figures
from orchestration.sample.entropy import EntropyIndex
from orchestration.sample.parameters import Effects
from orchestration.sample.places import YEARS, Exposure
from orchestration.sample.printing import INDEX_CODES, RATIOS

# Index component that a printed figure moves.
_COMPONENT = {numerator: component for component, (numerator, _, _) in RATIOS.items()}
SIZE_CLASSES = ("large", "small_medium")


def within(x: Array) -> Array:
    """Take out city and year means of a balanced panel; cities x years (last two axes)."""
    return (
        x
        - x.mean(axis=-1, keepdims=True)
        - x.mean(axis=-2, keepdims=True)
        + x.mean(axis=(-2, -1), keepdims=True)
    )


def regime_of(q: Array, thresholds: tuple[float, float]) -> NDArray[np.int64]:
    """Regime 0, 1 or 2 of each city-year: q <= first, between, > second threshold."""
    return (q > thresholds[0]).astype(np.int64) + (q > thresholds[1])


def target_effects(
    did: NDArray[np.int64],
    q: Array,
    region: NDArray[np.str_],
    large: NDArray[np.bool_],
    effects: Effects,
) -> Array:
    """Effect of each treated city-year in index points; cities x years, 0 where not treated.

    The regime's coefficient plus a deviation by region and size class. Within each regime the
    deviations average to zero over the treated city-years, so that the regime coefficients stay
    the truth; among such deviations those are taken that bring the means of regions and size
    classes closest to their published values (least squares, smallest deviations).
    """
    treated = did.astype(bool)
    i, t = np.nonzero(treated)
    regime = regime_of(q, effects.thresholds)[i, t]
    regions = sorted(effects.region)
    place = np.array([regions.index(str(r)) for r in region])[i]
    size = np.where(large, 0, 1)[i]
    cell = (regime * len(regions) + place) * 2 + size
    n_cells = 3 * len(regions) * 2
    share = np.bincount(cell, minlength=n_cells).astype(float)
    base = np.asarray(effects.regimes)[regime]

    def means(member: NDArray[np.bool_]) -> Array:
        """Weight of each cell in a group's mean."""
        row = np.bincount(cell[member], minlength=n_cells).astype(float)
        return row / max(row.sum(), 1.0)

    keep_regimes = np.stack([means(regime == r) for r in range(3)])
    rows, gap = [], []
    for k, name in enumerate(regions):
        rows.append(means(place == k))
        gap.append(effects.region[name] - base[place == k].mean())
    for k, name in enumerate(SIZE_CLASSES):
        rows.append(means(size == k))
        gap.append(effects.size[name] - base[size == k].mean())
    # Work in the space of deviations that leave every regime mean unchanged.
    _, _, vt = np.linalg.svd(keep_regimes)
    free = vt[3:].T
    # Rare cells are held back: their deviations would be wild otherwise.
    scale = np.sqrt(share / max(share.max(), 1.0))[:, None]
    system = np.stack(rows) @ free
    ridge = 0.02
    penalty = ridge * (1 / np.maximum(scale, 0.05)) * free
    solution, *_ = np.linalg.lstsq(
        np.concatenate([system, penalty]),
        np.concatenate([np.array(gap), np.zeros(len(penalty))]),
        rcond=None,
    )
    deviation = free @ solution
    out = np.zeros(did.shape)
    out[i, t] = base + deviation[cell]
    return out


def study_design(exposures: tuple[Exposure, Exposure], groups: list[Array]) -> Array:
    """Everything that a policy study sets against an outcome; dummies x cities x years.

    Event time of the first policy, its treatment by group (`groups`, 0/1), and last the treatment
    by the second policy.
    """
    main, second = exposures
    event = np.where(main.start[:, None] > 0, YEARS[None, :] - main.start[:, None], -1)
    design = [(event == k).astype(float) for k in np.unique(event) if k != -1]
    design += [main.did * group for group in groups]
    design.append(second.did.astype(float))
    return np.stack(design)


def lasting_noise(y: Array, did: NDArray[np.int64]) -> Array:
    """Part of each city's own movement that runs along the treatment; cities x years.

    The fit of the city's demeaned series on the demeaned treatment: what differs between the years
    before and after, and what clustered standard errors are made of.
    """
    x = within(did.astype(float))
    return (x * within(y)).sum(axis=1, keepdims=True) / (x * x).sum(axis=1, keepdims=True) * x


def two_way_slopes(y: Array, x: Array) -> Array:
    """Least-squares slopes of y on the series of x (k x cities x years) within cities and years."""
    wide = within(x).reshape(len(x), -1)
    # The normal equations: many times faster, and the dummies are far from collinear. Least squares
    # on them still copes with a class that no treated city-year falls into.
    found = np.linalg.lstsq(wide @ wide.T, wide @ within(y).reshape(-1), rcond=1e-10)[0]
    return np.asarray(found, dtype=np.float64)


def background_target(
    y: Array,
    *,
    did: NDArray[np.int64],
    design: Array,
    regressors: dict[str, Array],
    wanted: dict[str, float],
    broadband: float,
    cut: float,
) -> Array:
    """Index points to add so that noise is balanced and slopes are as wanted; cities x years.

    `y` is the index of the world without the policy. The share `cut` of its lasting noise is taken
    out. The rest of its within-city, within-year movement is regressed on the regressors and on the
    `design` of policy studies. The answer moves the former coefficients and the second policy's to
    what is wanted and the others to zero: parallel trends hold in the sample by construction, and
    no luck of the draw stands between an estimate and the truth.
    """
    aim = np.array([0.0] * (len(design) - 1) + [broadband] + [wanted[k] for k in regressors])
    stacked = np.concatenate([design, np.stack(list(regressors.values()))])
    calm = -cut * lasting_noise(y, did)
    change = aim - two_way_slopes(y + calm, stacked)
    return calm + np.tensordot(change, within(stacked), axes=1)


def balanced(
    series: Array,
    *,
    did: NDArray[np.int64],
    design: Array,
    controls: list[Array],
    cut: float,
    largest_cut: float,
) -> Array:
    """A mediator without what chance gave the treated: nothing of it is left on the design.

    The share `cut` of its lasting noise, then the fitted part of a two-way regression on design and
    controls, are taken out as far as at most `largest_cut` of the level goes; cities x years.
    """
    calm = series - cut * lasting_noise(series, did)
    found = two_way_slopes(calm, np.concatenate([design, np.stack(controls)]))
    chance = np.tensordot(found[: len(design)], within(design), axes=1)
    return np.maximum(calm - chance, (1 - largest_cut) * series)


def move_index(
    figures: Figures,
    index: EntropyIndex,
    target: Array,
    *,
    shares: dict[str, float],
    ceiling: dict[str, Array],
    largest_cut: float,
    reference: Figures,
) -> Figures:
    """Adjust panel figures so that each city-year's index moves by `target` points.

    Each figure named in `shares` takes a part in proportion to its share times what it contributes
    to the index there, so that all move by a similar percentage; what a floor (the reference figure
    less `largest_cut` of it) or a ceiling keeps one from taking goes to the others. Weights and
    ranges are those of `index`, so that the answer is exact up to the changes of the weights; the
    caller repeats. Returns new arrays for the figures that moved.
    """
    n = target.shape[0]
    points = dict(zip(INDEX_CODES, index.points_per_unit, strict=True))
    moved: Figures = {}
    per_unit: dict[str, Array] = {}
    for code in shares:
        key = (code, "total")
        moved[key] = figures[key].copy()
        if code in _COMPONENT:
            _, denominator, factor = RATIOS[_COMPONENT[code]]
            per_unit[code] = points[_COMPONENT[code]] * factor / figures[denominator, "total"][:n]
        else:
            per_unit[code] = np.full(target.shape, points[code])
    strength = {
        code: share * per_unit[code] * np.maximum(reference[code, "total"][:n], 0.0) + 1e-9
        for code, share in shares.items()
    }
    rest = target.copy()
    open_ = {code: np.ones(target.shape, dtype=bool) for code in shares}
    for _ in range(len(shares)):
        total = sum(np.where(open_[code], strength[code], 0.0) for code in shares)
        now = rest.copy()
        for code in shares:
            key = (code, "total")
            part = np.where(open_[code], strength[code], 0.0) / np.where(total > 0, total, 1.0)
            old = moved[key][:n]
            wish = old + part * now / per_unit[code]
            floor = reference[key][:n] * (1 - largest_cut)
            new = np.clip(wish, np.minimum(floor, old), np.maximum(ceiling[code], old))
            open_[code] &= new == wish
            rest = rest - (new - old) * per_unit[code]
            moved[key][:n] = new
        if np.abs(rest).max() < 1e-9:
            break
    return moved


def iterate_to(
    measure: Callable[[Figures], EntropyIndex],
    figures: Figures,
    target: Array,
    *,
    shares: dict[str, float],
    ceiling: dict[str, Array],
    largest_cut: float,
    passes: int = 5,
) -> Figures:
    """Repeat `move_index` until the measured index stands `target` points from that of `figures`.

    `target` may hold nan where the index is left alone. The target of each city-year is the index
    of the given figures plus its entry; changes of the weights are made up for on the way.
    """
    free = ~np.isnan(target)
    start = measure(figures)
    goal = 100 * start.score.reshape(target.shape) + np.where(free, target, 0.0)
    current, index = figures, start
    for _ in range(passes):
        gap = np.where(free, goal - 100 * index.score.reshape(target.shape), 0.0)
        current = {
            **current,
            **move_index(
                current,
                index,
                gap,
                shares=shares,
                ceiling=ceiling,
                largest_cut=largest_cut,
                reference=figures,
            ),
        }
        index = measure(current)
    return current


def ceilings(figures: Figures, n_panel: int, codes: list[str]) -> dict[str, Array]:
    """Highest value that a figure may be moved to: just below the component's own maximum.

    An adjustment thus never changes the range over which the index scales; cities x years.
    """
    out = {}
    for code in codes:
        series = figures[code, "total"][:n_panel]
        if code in _COMPONENT:
            base = figures[RATIOS[_COMPONENT[code]][1], "total"][:n_panel]
        else:
            base = np.ones_like(series)
        out[code] = 0.98 * (series / base).max() * base
    return out
