"""Many specifications of one effect at once, and what random assignments of the policy make of all of them.

Belongs here: coefficients and clustered errors from shared projections, the curve's statistics and their
permutation. Does not belong here: which specifications there are (`equations`), rows of tables (`run`).

Specifications that share outcome, rows and effects share a projection: effects are taken out of outcome,
policy and all controls once; a set of controls is then a block of their cross products (Frisch and Waugh 1933),
and with cross products by cluster its clustered error is too. A permutation gives every city the first treated
years of another, the same in all specifications, so that its curve is one that could have been (Simonsohn,
Simmons and Nelson 2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analysis.regression.absorbed import counts_of
from analysis.regression.conventions import (
    Convention,
    FitCounts,
    reference_df,
    variance_factor,
)
from analysis.regression.effects import mean_of, take_out
from analysis.regression.panel import Effect, PanelRegressionError
from analysis.regression.rank import FloatArray, factor, lengths
from analysis.regression.rows import rows_to_fit

BLOCK = 50
"""Permutations whose policy is freed of effects at a time: bounds memory, changes no number."""
ABSORBED = 1e-9
"""Share of a policy's variation that is left, below which effects and controls absorb it."""
SAME = 1e-9
"""Permutations within this share of the true statistic are as large: equal but for rounding."""
SIGNIFICANT = 0.05
POLICY = "policy"


@dataclass(frozen=True)
class Fits:
    """Coefficients of the policy, their errors, t and p values, by specification (S,); NaN where absorbed."""

    estimates: FloatArray
    std_errors: FloatArray
    p_values: FloatArray

    @property
    def statistics(self) -> FloatArray:
        """Coefficients over errors (S,)."""
        return self.estimates / self.std_errors


class Setting:
    """Rows (n,) of one outcome, sample, rule, effects and clusters, with sets of controls (S, k).

    ``cohort`` has the first treated year of each row's unit, NaN for never. ``sets`` are masks over the k
    controls; ``dropped`` says of each which of them are collinear, and those go without. Raises
    PanelRegressionError for what `fit_panel` refuses, a policy that doesn't follow its first years, or one that
    effects absorb.
    """

    def __init__(
        self,
        y: FloatArray,
        treated: FloatArray,
        controls: FloatArray,
        unit: npt.NDArray[np.generic],
        time: npt.NDArray[np.generic],
        cohort: FloatArray,
        *,
        cluster: npt.NDArray[np.generic],
        effects: tuple[Effect, ...],
        names: tuple[str, ...],
        sets: npt.NDArray[np.bool_],
        convention: Convention,
    ) -> None:
        if not ((time.astype(float) >= cohort) == (treated > 0)).all():
            raise PanelRegressionError(
                "the policy's treatment doesn't follow from first treated years: expected 1 from that year on"
            )
        x = np.column_stack([treated, controls])
        rows = rows_to_fit(
            y, x, unit, time, cluster, effects, (POLICY, *names), "outcome", False, None
        )
        if int(rows.clusters.max()) < 1:
            raise PanelRegressionError(
                "one cluster only: clustered standard errors need two or more"
            )
        self.units, codes = np.unique(unit, return_inverse=True)
        order = np.argsort(rows.clusters, kind="stable")
        self._order, self._rows, self._codes = order, rows, codes
        self._starts = np.flatnonzero(np.diff(rows.clusters[order], prepend=-1))
        self._time, self._convention = time.astype(float), convention
        stacked = np.column_stack([y, controls])
        within = take_out(stacked - mean_of(stacked), rows.groups)
        own = take_out((treated - treated.mean())[:, None], rows.groups)
        if not lengths(own)[0] > ABSORBED * max(
            lengths(treated[:, None] - treated.mean())[0], 1e-300
        ):
            raise PanelRegressionError("effects absorb the policy: its coefficient can't be told")
        self.spread = float(np.std(y))
        if not lengths(within[:, :1])[0] > ABSORBED * self.spread * np.sqrt(len(y)):
            raise PanelRegressionError("effects leave nothing of the outcome")
        self.treated = own[:, 0]
        self.n_obs, self.n_clusters = len(y), int(rows.clusters.max()) + 1
        scale = lengths(within)
        self._outcome_scale = float(scale[0])
        self._z = within / np.where(scale > 0, scale, 1.0)
        self._sets, self.dropped = self._told_apart(
            x, np.column_stack([own, within[:, 1:]]), names, sets
        )
        counts = counts_of(rows, 1, trends=False)
        self._solve_sets(counts)

    def _told_apart(
        self,
        raw: FloatArray,
        within: FloatArray,
        names: tuple[str, ...],
        sets: npt.NDArray[np.bool_],
    ) -> tuple[npt.NDArray[np.bool_], tuple[str, ...]]:
        kept, said = [], []
        for mask in sets:
            at = np.concatenate([[0], np.flatnonzero(mask) + 1])
            own = tuple((POLICY, *names)[j] for j in at)
            chosen = factor(raw[:, at], within[:, at], own, absorbed_by="effects")
            if 0 not in chosen.kept:
                raise PanelRegressionError(
                    "effects and controls absorb the policy: its coefficient can't be told"
                )
            left = np.zeros(sets.shape[1], dtype=bool)
            left[[at[j] - 1 for j in chosen.kept if j > 0]] = True
            kept.append(left)
            said.append("; ".join(f"{term.name} {term.reason}" for term in chosen.dropped))
        return np.array(kept), tuple(said)

    def _solve_sets(self, counts: FitCounts) -> None:
        c = self._z[:, 1:]
        gram, k = c.T @ c, c.shape[1]
        self._inverse = np.zeros((len(self._sets), k, k))
        for j, mask in enumerate(self._sets):
            at = np.flatnonzero(mask)
            self._inverse[j][np.ix_(at, at)] = np.linalg.inv(gram[np.ix_(at, at)])
        self._on_y = self._inverse @ (c.T @ self._z[:, 0])
        by_row = c[:, :, None] * self._z[:, None, :]
        self._fixed = self._by_cluster(by_row.reshape(len(c), -1)).reshape(-1, k, k + 1)
        own = [replace(counts, n_slopes=1 + int(mask.sum())) for mask in self._sets]
        self._factor = np.array([variance_factor(self._convention, each) for each in own])
        self.df = np.array([reference_df(self._convention, each) for each in own], dtype=float)

    def _by_cluster(self, values: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(values[self._order], self._starts, axis=0))

    def permuted(self, cohorts: FloatArray) -> FloatArray:
        """Policies (n, B) of first treated years (U, B) of this setting's units, freed of effects."""
        own = (self._time[:, None] >= cohorts[self._codes]).astype(float)
        return take_out(own - own.mean(axis=0), self._rows.groups)

    def fit(self, policy: FloatArray) -> Fits:
        """Fits of all sets of controls with a policy (n,) that is freed of effects."""
        from scipy.special import stdtr

        size = float(lengths(policy[:, None])[0])
        if not size > ABSORBED * np.sqrt(len(policy)):
            nothing = np.full(len(self._sets), np.nan)
            return Fits(nothing, nothing, nothing)
        d = policy / size
        y, c = self._z[:, 0], self._z[:, 1:]
        on_d = np.einsum("sij,j->si", self._inverse, c.T @ d)
        left = 1.0 - on_d @ (c.T @ d)
        left = np.where(left > ABSORBED**2, left, np.nan)
        b = (float(d @ y) - on_d @ (c.T @ y)) / left
        mine = self._by_cluster(d[:, None] * np.column_stack([self._z, d]))
        crossed = self._by_cluster(d[:, None] * c)
        # By cluster: rows (policy, controls), columns (outcome, controls, policy).
        above = mine[:, None, :]
        below = np.concatenate([self._fixed, crossed[:, :, None]], axis=2)
        products = np.concatenate([above, below], axis=1)
        u = np.column_stack([np.ones(len(b)), -on_d])
        v = np.column_stack([np.ones(len(b)), -(self._on_y - b[:, None] * on_d), -b])
        g, rows, columns = products.shape
        half = (u @ products.transpose(1, 0, 2).reshape(rows, -1)).reshape(len(b), g, columns)
        scores = np.einsum("sgc,sc->sg", half, v)
        error = np.sqrt(self._factor * np.square(scores).sum(axis=1)) / left
        error = np.where(error > 0, error, np.nan)
        unit = self._outcome_scale / size
        return Fits(b * unit, error * unit, 2 * stdtr(self.df, -np.abs(b / error)))


@dataclass(frozen=True)
class Curve:
    """What all specifications say together, and how often random assignments say as much.

    ``median`` is of effects in standard deviations of their outcome, ``share_positive`` and ``share_negative`` of
    those significant at 5 % with that sign, ``z`` the mean z value (Stouffer's, of p values and signs).
    ``p_*`` are (r + 1)/(R + 1) for the r of R permutations whose statistic is as large in size: the median, the
    larger of the two shares, z.
    """

    median: float
    share_positive: float
    share_negative: float
    z: float
    p_median: float
    p_share: float
    p_z: float
    draws: int


def curve_of(
    settings: Sequence[Setting],
    first_years: Sequence[FloatArray],
    positions: Sequence[npt.NDArray[np.intp]],
    *,
    draws: int,
    seed: int,
) -> tuple[list[Fits], Curve]:
    """All fits with the true policy, and the joint test.

    ``first_years`` has, for each setting, those of all units of the study (N,) under the setting's rule, and
    ``positions`` where its own units stand among them.
    """
    true = [each.fit(each.treated) for each in settings]
    statistic = _statistics([true], settings)[0]
    rng = np.random.default_rng(seed)
    n = len(first_years[0])
    as_large = np.zeros(3)
    for start in range(0, draws, BLOCK):
        size = min(BLOCK, draws - start)
        orders = np.argsort(rng.random((size, n)), axis=1, kind="stable")
        fits: list[list[Fits]] = [[] for _ in range(size)]
        for setting, first, at in zip(settings, first_years, positions, strict=True):
            policies = setting.permuted(first[orders[:, at]].T)
            for r in range(size):
                fits[r].append(setting.fit(policies[:, r]))
        drawn = _sizes(_statistics(fits, settings))
        as_large += (drawn >= _sizes(statistic[None, :])[0] * (1 - SAME)).sum(axis=0)
    p_median, p_share, p_z = ((as_large + 1) / (draws + 1)).tolist()
    median, positive, negative, z = statistic.tolist()
    return true, Curve(median, positive, negative, z, p_median, p_share, p_z, draws)


def _statistics(fits: Sequence[Sequence[Fits]], settings: Sequence[Setting]) -> FloatArray:
    """Median, shares of either sign and mean z (R, 4) of each of R curves."""
    from scipy.special import ndtri

    spread = np.concatenate([np.full(len(s.df), s.spread) for s in settings])
    b = np.array([np.concatenate([each.estimates for each in own]) for own in fits])
    p = np.array([np.concatenate([each.p_values for each in own]) for own in fits])
    told = np.isfinite(p)
    n = np.maximum(told.sum(axis=1), 1)
    up, down = ((told & (p < SIGNIFICANT) & (side * b > 0)).sum(axis=1) / n for side in (1, -1))
    z = np.where(told, np.sign(b) * -ndtri(np.clip(p, 1e-300, 1) / 2), 0.0).sum(axis=1) / n
    effects = np.where(told, b / spread, np.nan)
    empty = ~told.any(axis=1)
    effects[empty] = 0.0
    return np.column_stack([np.nanmedian(effects, axis=1), up, down, z])


def _sizes(statistics: FloatArray) -> FloatArray:
    """Sizes (R, 3) of median, shares and z."""
    return np.abs(
        np.column_stack([statistics[:, 0], statistics[:, 1:3].max(axis=1), statistics[:, 3]])
    )


__all__ = ["Curve", "Fits", "Setting", "curve_of"]
