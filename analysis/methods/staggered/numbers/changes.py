"""Mean change of treated units less what it would have been, told from others: one cohort, two years.

Belongs here: that comparison by outcome regression, by weighting, and doubly robust (Sant'Anna and Zhao 2020),
with influence. Does not belong here: which cohorts and years (`group_time`, `stacked`).

With D marking treated units, X (a constant and covariates), p(X) a logit of D on X, and m(X) the least squares
of the others' changes on X:

    regression        mean of change - m(X) over D = 1
    weighting         mean change over D = 1 less the others' weighted by p / (1 - p), weights adding up to 1
    doubly_robust     the weighting of change - m(X): right if either m or p is

Influence functions are those of their section 3 (reg_did_panel, std_ipw_did_panel and drdid_panel of R's
DRDID), what p and m are estimated with included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.methods.staggered.numbers.effects import Wide
from analysis.regression.rank import FloatArray, full_rank

Adjust = Literal["regression", "weighting", "doubly_robust"]
OVERLAP = 0.999
"""Score of treatment from which units have no like among the others (R's did has the same bound)."""
STEPS = 40
"""Newton steps of the logit; it takes under ten where groups overlap."""
SOLVED = 1e-12
"""Step, in standard deviations of a covariate, below which the logit is solved."""


@dataclass(frozen=True)
class Gap:
    """The comparison: its estimate, the influence of all units (N,) times N, and units of either side."""

    att: float
    influence: FloatArray
    n_treated: int
    n_controls: int


def change_gap(
    wide: Wide,
    treated: npt.NDArray[np.bool_],
    free: npt.NDArray[np.bool_],
    t: int,
    start: int,
    *,
    covariates: bool = False,
    adjust: Adjust = "regression",
) -> Gap | None:
    """Mean change of treated units from year `start` to `t` less that of free ones; None where it can't be told.

    Years by position, units by mask (N,); covariates are those of `start`. Units that lack either year, or a
    covariate, aren't in it. It can't be told without units on a side, with fewer free units than slopes, with
    covariates that repeat each other among the free, or, but for regression, without overlap.
    """
    change = wide.y[:, t] - wide.y[:, start]
    x = wide.x[:, start] if covariates else wide.x[:, start, :0]
    there = np.isfinite(change) & np.isfinite(x).all(axis=1) & (treated | free)
    mine = treated[there]
    n_own, n_others = int(mine.sum()), int((~mine).sum())
    if not n_own or n_others <= x.shape[1]:
        return None
    design = np.column_stack([np.ones(len(mine)), x[there]])
    others = design[~mine]
    scale = others[:, 1:].std(axis=0)
    design[:, 1:] = (design[:, 1:] - others[:, 1:].mean(axis=0)) / np.where(scale > 0, scale, 1.0)
    if not full_rank(design[~mine]):
        return None
    if adjust == "regression" or not x.shape[1]:
        att, influence = _by_regression(change[there], design, mine)
    else:
        scored = _score(design, mine)
        if scored is None:
            return None
        att, influence = _by_weighting(
            change[there], design, mine, *scored, with_outcome=adjust == "doubly_robust"
        )
    whole = np.zeros(len(change))
    whole[there] = influence * (len(change) / len(mine))
    return Gap(att, whole, n_own, n_others)


def _outcome(
    change: FloatArray, x: FloatArray, mine: npt.NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """What the others' regression leaves of changes (n,), and the influence of its slopes (n, k)."""
    free = ~mine
    gram = x[free].T @ x[free] / len(x)
    slopes = np.linalg.solve(gram, x[free].T @ change[free] / len(x))
    left = change - x @ slopes
    return left, np.asarray(np.linalg.solve(gram, (x * (left * free)[:, None]).T).T, dtype=float)


def _by_regression(
    change: FloatArray, x: FloatArray, mine: npt.NDArray[np.bool_]
) -> tuple[float, FloatArray]:
    left, of_slopes = _outcome(change, x, mine)
    att = float(left[mine].mean())
    share = mine.mean()
    return att, np.where(mine, (left - att) / share, 0.0) - of_slopes @ x[mine].mean(axis=0)


def _score(x: FloatArray, mine: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray] | None:
    """Scores of the logit (n,) and the influence of its slopes (n, k); None without overlap or a solution."""
    slopes = np.zeros(x.shape[1])
    slopes[0] = np.log(mine.mean() / (1 - mine.mean()))
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-x @ slopes))
        information = (x * (p * (1 - p))[:, None]).T @ x
        if not full_rank(x * np.sqrt(p * (1 - p))[:, None]):
            return None
        step = np.linalg.solve(information, x.T @ (mine - p))
        slopes += step
        if np.abs(step).max() < SOLVED:
            break
    else:
        return None
    p = 1 / (1 + np.exp(-x @ slopes))
    if p.max() >= OVERLAP:
        return None
    information = (x * (p * (1 - p))[:, None]).T @ x / len(x)
    return p, np.asarray(np.linalg.solve(information, (x * (mine - p)[:, None]).T).T, dtype=float)


def _by_weighting(
    change: FloatArray,
    x: FloatArray,
    mine: npt.NDArray[np.bool_],
    p: FloatArray,
    of_score: FloatArray,
    *,
    with_outcome: bool,
) -> tuple[float, FloatArray]:
    """Change, or what the others' regression leaves of it, of D = 1 less the others' weighted by the odds."""
    left, of_slopes = _outcome(change, x, mine) if with_outcome else (change, np.zeros_like(x))
    odds = np.where(mine, 0.0, p / (1 - p))
    share, weight = mine.mean(), odds.mean()
    own, others = float(left[mine].mean()), float(odds @ left / odds.sum())
    treated = (mine * (left - own) - of_slopes @ (x * mine[:, None]).mean(axis=0)) / share
    centred = odds * (left - others)
    controls = (
        centred
        + of_score @ (x * centred[:, None]).mean(axis=0)
        - of_slopes @ (x * odds[:, None]).mean(axis=0)
    ) / weight
    return own - others, treated - controls


__all__ = ["Adjust", "Gap", "change_gap"]
