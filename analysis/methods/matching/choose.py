"""Matching the cases of a pool by the rule of a column: weights, uses, pairs, and what became of each.

Belongs here: from the keys of a column to calls of the numbers, slice by slice. Does not belong here: the
numbers (`numbers`), rows of tables (`rows`).
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from analysis.methods.matching.numbers.entropy import BalanceError, balancing_weights
from analysis.methods.matching.numbers.neighbours import (
    Matched,
    Pairs,
    Reach,
    as_matched,
    rank_of,
    tie_width,
    whitened,
    with_replacement,
    without_replacement,
)
from analysis.methods.matching.numbers.propensity import Flags, Floats, off_support
from analysis.methods.matching.numbers.smooth import by_kernel, within_radius
from analysis.methods.matching.pools import (
    COMPARED,
    NO_COUNTERPART,
    NO_COVARIATES,
    TREATED_BEFORE,
    Pool,
    Slice,
    States,
)
from analysis.methods.matching.spec import BANDWIDTH, MatchedColumn

MATCHED, UNUSED, OFF_SUPPORT, UNMATCHED, NO_SCORE = (
    "matched", "unused", "off_support", "unmatched", "no_score",
)  # fmt: skip
SHOWN_YEARS = 3
"""Years without a fit that a warning names with the reason."""


class Unmatched(ValueError):
    """A column that matches nobody, with the reason."""


@dataclass(frozen=True)
class Chosen:
    """What became of the cases (m,) of a pool, and the pairs (positions) where there are any.

    ``uses`` is None where all controls serve together, as in entropy balancing. ``caliper`` is the widest
    of all slices, in units of the distance. ``warning`` is '' where nothing speaks against it.
    """

    weight: Floats
    uses: Floats | None
    state: States
    pairs: Pairs | None
    caliper: float | None
    n_tied: int
    warning: str


def choose(column: MatchedColumn, pool: Pool) -> Chosen:
    """Match the cases of a pool. Raises Unmatched where no treated finds a control."""
    weight, uses, state = np.zeros(len(pool.city)), np.zeros(len(pool.city)), pool.state.copy()
    pairs: list[Pairs] = []
    widths: list[float] = []
    lost = [(part.year, part.reason) for part in pool.slices if not len(part.cases)]
    for part in pool.slices:
        if not len(part.cases):
            continue
        if part.propensity is None and column.uses_score:
            state[part.cases] = NO_SCORE
            lost.append((part.year, part.reason))
            continue
        kept, off = _on_support(column, pool, part)
        state[part.cases[off]] = OFF_SUPPORT
        if not pool.treated[part.cases[kept]].any():
            state[part.cases[kept]] = UNUSED
            continue
        try:
            found, width = _matched(column, pool, part, kept)
        except BalanceError as error:
            state[part.cases] = NO_SCORE
            lost.append((part.year, str(error)))
            continue
        cases = part.cases[kept]
        weight[cases], uses[cases] = found.weight, found.uses
        served = found.weight > 0
        state[cases] = np.where(
            served, MATCHED, np.where(pool.treated[cases], UNMATCHED, UNUSED)
        ).astype(object)
        if found.pairs is not None:
            own = found.pairs
            pairs.append(Pairs(cases[own.treated], cases[own.control], own.share, own.distance))
        if width is not None:
            widths.append(width)
    warning = _warning(state, pool, lost)
    if not (weight[pool.treated] > 0).any() or not (weight[~pool.treated] > 0).any():
        raise Unmatched(warning or "nobody is matched")
    joined = _joined(pairs) if column.by in ("nearest", "mahalanobis") else None
    return Chosen(
        weight=weight,
        uses=None if column.by in ("entropy", "support") else uses,
        state=state,
        pairs=joined,
        caliper=max(widths) if widths else None,
        n_tied=_tied(column, uses, pool.treated),
        warning=warning,
    )


def _on_support(column: MatchedColumn, pool: Pool, part: Slice) -> tuple[Flags, Flags]:
    """Cases of a slice that stay, and treated that are off the common support."""
    off = np.zeros(len(part.cases), dtype=bool)
    if column.on_support and part.propensity is not None:
        score = part.propensity.score
        off = off_support(score, pool.treated[part.cases], tie_width(score))
    return ~off, off


def _matched(
    column: MatchedColumn, pool: Pool, part: Slice, kept: Flags
) -> tuple[Matched, float | None]:
    """Weights of the kept cases of a slice, and the width of the caliper."""
    x, treated = pool.x[part.cases[kept]], pool.treated[part.cases[kept]]
    if column.by == "support":
        return Matched(np.ones(len(treated)), np.zeros(len(treated), dtype=np.int64)), None
    if column.by == "entropy":
        weights = balancing_weights(x, treated, pool.names, column.moments or 1)
        return Matched(weights, np.zeros(len(treated), dtype=np.int64)), None
    distance = np.zeros(len(treated))
    width = None
    if part.propensity is not None:
        whole = part.propensity.distance(column.distance or "score")
        distance = whole[kept]
        if column.caliper is not None:
            unit = (
                _pooled_sd(whole, pool.treated[part.cases]) if column.caliper_unit == "sd" else 1.0
            )
            width = column.caliper * unit
    if column.by == "radius" and width is not None:
        return within_radius(distance, treated, width), width
    if column.by == "kernel":
        return by_kernel(distance, treated, column.bandwidth or BANDWIDTH), None
    place = whitened(x, treated) if column.by == "mahalanobis" else distance[:, None]
    reach = Reach(distance, width + tie_width(distance)) if width is not None else None
    neighbours = column.neighbours or 1
    if column.replacement is False:
        found = without_replacement(
            place, treated, neighbours, distance, rank_of(distance, x), reach
        )
    else:
        found = with_replacement(place, treated, neighbours, reach)
    return as_matched(found, len(treated)), width


def _pooled_sd(values: Floats, treated: Flags) -> float:
    """Root of the mean of both groups' variances; of one group's where the other is a single case."""
    found = [np.var(values[g], ddof=1) for g in (treated, ~treated) if g.sum() > 1]
    return float(np.sqrt(np.mean(found))) if found else 0.0


def _joined(pairs: list[Pairs]) -> Pairs:
    columns = ([getattr(each, name) for each in pairs]
               for name in ("treated", "control", "share", "distance"))  # fmt: skip
    return Pairs(*(np.concatenate(column) for column in columns))


def _tied(column: MatchedColumn, uses: Floats, treated: Flags) -> int:
    if column.by not in ("nearest", "mahalanobis"):
        return 0
    return int((uses[treated] > (column.neighbours or 1)).sum())


def _warning(state: States, pool: Pool, lost: list[tuple[int | None, str]]) -> str:
    """What a reader must know of the cases that are left out."""
    cases = "cities" if pool.years is None else "city-years"
    n = Counter(state.tolist())
    total = int((pool.treated & pool.compared).sum())
    ours = Counter(state[pool.treated].tolist())
    said = []
    if n[NO_COVARIATES]:
        said.append(f"{n[NO_COVARIATES]} {cases} lack a covariate")
    if n[TREATED_BEFORE] and pool.over is not None:
        first, last = pool.over
        said.append(f"{n[TREATED_BEFORE]} cities are treated by {last}, within {first}-{last}")
    if n[OFF_SUPPORT]:
        said.append(f"{n[OFF_SUPPORT]} of {total} treated {cases} lie off the common support")
    if ours[UNMATCHED]:
        said.append(f"{ours[UNMATCHED]} of {total} treated {cases} have no control in reach")
    named = [f"{year}: {reason}" if year is not None else reason for year, reason in lost]
    said += named[:SHOWN_YEARS]
    if len(named) > SHOWN_YEARS:
        said.append(f"likewise in {len(named) - SHOWN_YEARS} more years")
    return "; ".join(said)


__all__ = [
    "COMPARED",
    "MATCHED",
    "NO_COUNTERPART",
    "Chosen",
    "Unmatched",
    "choose",
]
