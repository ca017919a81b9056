"""One regression for many assignments of a treatment: projected once, then looked up.

Belongs here: coefficient and clustered error of the treatment dummy for given cohorts of the units,
all else of the equation held. Does not belong here: where the assignments come from
(`assignments`), what their distribution says (`draws`).

The dummy D of an assignment is 1 from the unit's first treated period on. With M the projection off
the effects and controls, Frisch-Waugh gives

    b = D'My / D'MD,    s_g = sum over cluster g of (MD)(My - b MD),    V = f sum_g s_g^2 / (D'MD)^2

with f the convention's factor. Rows of a unit depend on its own cohort alone. So with unit effects
taken out by means (D_w), and Q an orthonormal basis of what they leave of periods and controls,
MD = D_w - Q q with q = Q'D_w, and every sum over the rows of a unit is a number (or vector) that is
tabulated by unit and cohort. A draw costs look-ups and products of q with these tables, whatever
the number of rows, and is exact for unbalanced panels.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.regression.conventions import (
    Convention,
    FitCounts,
    reference_df,
    variance_factor,
)
from analysis.regression.effects import IntArray, connected_sets, is_nested, take_out
from analysis.regression.panel import Effect, PanelRegressionError
from analysis.regression.randomised.assignments import NEVER, Assignment
from analysis.regression.rank import SHARE_LEFT, DroppedTerm, FloatArray, factor

NO_ERROR = 1e-20
"""A variance of the coefficient below this share of its square is rounding."""


@dataclass(frozen=True)
class Drawn:
    """The treatment's coefficient in each of B assignments: arrays (B).

    ``absorbed`` marks assignments whose dummy the effects and controls leave nothing of: coefficient
    and error are NaN there. ``std_errors`` alone is NaN where the clusters have no spread.
    """

    coefficients: FloatArray
    std_errors: FloatArray
    absorbed: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Projection:
    """An equation without its treatment, tabulated by segment and cohort.

    A segment is a unit's rows in one cluster (all of them, if units lie in one cluster each): S
    segments, C cohorts, the first being never, and p directions of Q.

    ``unit_of`` (S) is the unit of each segment and ``cluster_of`` (S) its cluster, ascending.
    Sums over the rows of a segment: ``with_outcome`` (S, C) of D_w My, ``with_itself`` (S, C) of
    D_w^2, ``with_basis`` (S, C, p) of Q D_w, ``basis_outcome`` (S, p) of Q My and ``basis_squares``
    (S, p p) of QQ'. ``treated_rows`` (S, C) counts the rows with D = 1. ``counts`` are those of the
    whole equation, the treatment included, and ``dropped`` its collinear controls.
    """

    unit_of: IntArray
    cluster_of: IntArray
    with_outcome: FloatArray
    with_itself: FloatArray
    with_basis: FloatArray
    basis_outcome: FloatArray
    basis_squares: FloatArray
    treated_rows: FloatArray
    counts: FitCounts
    dropped: tuple[DroppedTerm, ...]

    def fit(self, codes: IntArray, convention: Convention) -> Drawn:
        """Coefficients and clustered errors for cohort codes (B, N) of the units."""
        own = codes[:, self.unit_of]
        segment = np.arange(len(self.unit_of))[None, :]
        n_draws, n_basis = len(codes), self.with_basis.shape[2]
        loads = np.zeros((n_draws, n_basis))
        # Zero for never: D is 0 then.
        for cohort in range(NEVER + 1, self.with_basis.shape[1]):
            loads += (own == cohort).astype(float) @ self.with_basis[:, cohort]
        squares = self.with_itself[segment, own]
        left = squares.sum(axis=1) - np.einsum("bp,bp->b", loads, loads)
        rows = self.treated_rows[segment, own].sum(axis=1)
        about_mean = rows * (1 - rows / self.counts.n_obs)
        absorbed = ~(left > SHARE_LEFT**2 * about_mean)
        left = np.where(absorbed, np.nan, left)

        with_outcome = self.with_outcome[segment, own]
        coefficients = with_outcome.sum(axis=1) / left
        crossed = np.zeros(own.shape)
        for cohort in range(NEVER + 1, self.with_basis.shape[1]):
            crossed += (own == cohort) * (loads @ self.with_basis[:, cohort].T)
        pairs = (loads[:, :, None] * loads[:, None, :]).reshape(n_draws, -1)
        dummy_squares = squares - 2 * crossed + pairs @ self.basis_squares.T
        scores = with_outcome - loads @ self.basis_outcome.T - coefficients[:, None] * dummy_squares
        starts = np.searchsorted(self.cluster_of, np.arange(self.counts.n_clusters))
        scores = np.add.reduceat(scores, starts, axis=1)
        variances = variance_factor(convention, self.counts) * (scores**2).sum(axis=1) / left**2
        known = variances > NO_ERROR * coefficients**2
        return Drawn(
            coefficients=coefficients,
            std_errors=np.sqrt(np.where(known, variances, np.nan)),
            absorbed=absorbed,
        )

    def df_resid(self, convention: Convention) -> int:
        """Degrees of freedom of t."""
        return reference_df(convention, self.counts)


def project(
    y: FloatArray,
    controls: FloatArray,
    unit: IntArray,
    time: IntArray,
    periods: FloatArray,
    cluster: IntArray,
    assignment: Assignment,
    *,
    effects: tuple[Effect, ...],
    names: tuple[str, ...],
    convention: Convention,
) -> Projection:
    """Tabulate an equation.

    Parameters
    ----------
    y, controls, unit, time, cluster
        Outcome (n), controls (n, k) with k names, codes 0, 1, ... of unit, period and cluster (n),
        every code in use; no value missing, rows in an order that doesn't depend on the file's.
    periods
        The period of each row (n), to be compared with the assignment's cohorts.

    Raises PanelRegressionError if no degrees of freedom are left, or fewer than two clusters.
    """
    by_name = {"unit": unit, "time": time}
    groups = tuple(by_name[effect] for effect in effects)
    stacked = np.column_stack([y, controls])
    within = take_out(stacked - stacked.mean(axis=0), groups)
    absorbed_by = " and ".join(f"{effect} effects" for effect in effects)
    chosen = factor(controls, within[:, 1:], names, absorbed_by=absorbed_by)
    kept = chosen.kept
    counts = _counts(len(y), len(kept) + 1, unit, time, cluster, effects, convention)
    basis = _basis(unit, time, effects, within[:, [1 + j for j in kept]])
    outcome = within[:, 0] - basis @ (basis.T @ within[:, 0])

    pairs = np.unique(np.column_stack([cluster, unit]), axis=0, return_inverse=True)
    segments, segment = pairs[0], pairs[1].reshape(-1)
    dummies = (periods[:, None] >= assignment.cohorts[None, :]).astype(float)  # NaN is never
    centred = take_out(dummies, (unit,)) if "unit" in effects else dummies

    def sums(values: FloatArray) -> FloatArray:
        """Sums (S, m) of values (n, m) over the rows of each segment."""
        total: FloatArray = np.zeros((len(segments), values.shape[1]))
        for j, column in enumerate(values.T):
            total[:, j] = np.bincount(segment, weights=column)
        return total

    return Projection(
        unit_of=segments[:, 1],
        cluster_of=segments[:, 0],
        with_outcome=sums(centred * outcome[:, None]),
        with_itself=sums(centred**2),
        with_basis=np.stack([sums(basis * column[:, None]) for column in centred.T], axis=1),
        basis_outcome=sums(basis * outcome[:, None]),
        basis_squares=np.concatenate(
            [np.zeros((len(segments), 0)), *(sums(basis * column[:, None]) for column in basis.T)],
            axis=1,
        ),
        treated_rows=sums(dummies),
        counts=counts,
        dropped=chosen.dropped,
    )


def _counts(
    n_obs: int,
    n_slopes: int,
    unit: IntArray,
    time: IntArray,
    cluster: IntArray,
    effects: tuple[Effect, ...],
    convention: Convention,
) -> FitCounts:
    by_name = {"unit": unit, "time": time}
    groups = tuple(by_name[effect] for effect in effects)
    counts = FitCounts(
        n_obs=n_obs,
        n_clusters=int(cluster.max()) + 1,
        n_slopes=n_slopes,
        effect_sizes=tuple(int(codes.max()) + 1 for codes in groups),
        effect_nested=tuple(is_nested(codes, cluster) for codes in groups),
        n_repeated=connected_sets(*groups) if len(groups) == 2 else 0,
    )
    if counts.n_clusters < 2:
        raise PanelRegressionError(
            "one cluster only: clustered standard errors need two or more; widen the sample or "
            "cluster by something finer"
        )
    if counts.n_parameters >= n_obs:
        raise PanelRegressionError(
            f"{counts.n_parameters} coefficients, effects included, for {n_obs} observations: no "
            "degrees of freedom are left; widen the sample or leave out effects"
        )
    try:
        variance_factor(convention, counts)
    except ValueError as error:
        raise PanelRegressionError(str(error)) from error
    return counts


def _basis(
    unit: IntArray, time: IntArray, effects: tuple[Effect, ...], controls: FloatArray
) -> FloatArray:
    """Q (n, p): orthonormal, of the period dummies (or the constant) and the controls.

    Unit effects are out of it, if there are any; `controls` (n, k) are independent columns that the
    effects are out of.
    """
    n = len(unit)
    if "time" in effects:
        dummies = np.zeros((n, int(time.max()) + 1))
        dummies[np.arange(n), time] = 1.0
        if "unit" in effects:
            dummies = take_out(dummies, (unit,))
        vectors, lengths, _ = np.linalg.svd(dummies, full_matrices=False)
        fixed = vectors[:, lengths > SHARE_LEFT * lengths.max()]
    else:
        fixed = np.zeros((n, 0)) if "unit" in effects else np.full((n, 1), 1 / np.sqrt(n))
    if not controls.shape[1]:
        return fixed
    scaled = controls / np.linalg.norm(controls, axis=0)
    rest = np.linalg.qr(scaled - fixed @ (fixed.T @ scaled))[0]
    return np.column_stack([fixed, rest])


__all__ = ["Drawn", "Projection", "project"]
