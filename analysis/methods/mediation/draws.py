"""The bootstrap over clusters of indirect effects: many draws solved at once.

Belongs here: drawing clusters, the cross-products of a draw, and its paths a and b. Does not belong here: the
paths of the sample, their errors, and what is made of the draws (`numbers`).
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.regression.effects import IntArray, is_nested, take_out
from analysis.regression.panel import Effect, PanelRegressionError
from analysis.regression.rank import SHARE_LEFT, Factor, FloatArray, factor

BLOCK = 250
"""Draws that are solved at a time; bounds memory."""


@dataclass(frozen=True)
class PathDraws:
    """a and b by draw and mediator (n_draws_used, K).

    ``spread`` (n_draws_used, K) is the residual standard deviation of the outcome, all mediators held,
    over that of the mediator, others not held.
    """

    a: FloatArray
    b: FloatArray
    spread: FloatArray

    @property
    def indirect(self) -> FloatArray:
        """ab (n_draws_used, K)."""
        return np.asarray(self.a * self.b)


def path_draws(
    columns: FloatArray,
    unit: IntArray,
    time: IntArray,
    cluster: IntArray,
    *,
    n_mediators: int,
    effects: tuple[Effect, ...],
    n_draws: int,
    seed: int,
) -> PathDraws:
    """Paths by draw and mediator.

    `columns` (n, k + 1 + n_mediators + 1) are controls, treatment, mediators and outcome.

    Unit effects are taken out once: a unit's means are the same in every draw that has it. All
    other regressors are turned into orthonormal columns of the whole sample, and a draw is solved
    in those: it then is as well-posed as its cities make it, whatever the units and means of the
    columns. Each cluster becomes its cross-products of all columns (p x p); those of a draw are
    their sum weighted by how often each cluster was drawn. So a draw costs one product of weights
    and cross-products and two small systems, whatever the number of rows.

    Raises PanelRegressionError where a unit lies in two clusters, or half the draws can't be solved.
    """
    if "unit" in effects and not is_nested(unit, cluster):
        raise PanelRegressionError(
            "a unit lies in two clusters: a bootstrap over clusters needs each unit in one"
        )
    basis = _basis(columns[:, :-1], columns[:, -1], unit, time, n_mediators, effects)
    order = np.argsort(cluster, kind="stable")
    starts = np.searchsorted(cluster[order], np.arange(int(cluster.max()) + 1))
    p = basis.columns.shape[1]
    products = np.stack(
        [part.T @ part for part in np.split(basis.columns[order], starts[1:])]
    ).reshape(-1, p * p)
    n_clusters = len(products)
    rng = np.random.default_rng(seed)
    found: list[PathDraws] = []
    lost = np.zeros(2, dtype=np.int64)
    for start in range(0, n_draws, BLOCK):
        size = min(BLOCK, n_draws - start)
        picked = rng.integers(0, n_clusters, size=(size, n_clusters))
        times = np.zeros((size, n_clusters))
        np.add.at(times, (np.arange(size)[:, None], picked), 1.0)
        paths, without = _solved((times @ products).reshape(size, p, p), basis)
        found.append(paths)
        lost += without
    if lost.sum() > n_draws / 2:
        what, why = (
            ("treatment", "there are too few treated clusters for a bootstrap over clusters")
            if lost[0] >= lost[1]
            else ("mediators", "too few clusters tell them from the controls")
        )
        raise PanelRegressionError(
            f"{lost.sum()} of {n_draws} bootstrap draws leave the {what} no variation of their own: "
            f"{why}"
        )
    return PathDraws(
        *(np.concatenate([getattr(part, name) for part in found]) for name in ("a", "b", "spread"))
    )


@dataclass(frozen=True)
class _Basis:
    """The sample's regressors as orthonormal columns, and its own a and b (n_mediators,).

    ``columns`` (n, p): nuisance (effects, controls), treatment, mediators, and what all of them
    leave of the outcome. ``chosen`` says how the regressors are made of them.
    """

    columns: FloatArray
    chosen: Factor
    n_mediators: int
    a: FloatArray
    b: FloatArray


def _basis(
    x: FloatArray,
    y: FloatArray,
    unit: IntArray,
    time: IntArray,
    n_mediators: int,
    effects: tuple[Effect, ...],
) -> _Basis:
    n = len(y)
    dummies = np.zeros((n, int(time.max()) + 1))
    dummies[np.arange(n), time] = 1.0
    # A dummy less: the last is the constant, or what unit effects hold, minus the others.
    design = np.column_stack([*([dummies[:, :-1]] if "time" in effects else []), x])
    groups = (unit,) if "unit" in effects else ()
    stacked = np.column_stack([design, y])
    left = take_out(stacked - stacked.mean(axis=0), groups)
    chosen = factor(design, left[:, :-1], [str(j) for j in range(design.shape[1])])
    own = 1 + n_mediators
    if chosen.kept[-own:] != tuple(range(design.shape[1] - own, design.shape[1])):
        raise PanelRegressionError(
            "treatment and mediators can't be told apart from the controls and effects"
        )
    outcome = left[:, -1] - chosen.basis @ (chosen.basis.T @ left[:, -1])
    scale = np.linalg.norm(outcome)
    constant = [] if groups else [np.full((n, 1), 1 / np.sqrt(n))]
    at = len(chosen.length) - own
    triangle, length = chosen.triangle, chosen.length
    return _Basis(
        columns=np.column_stack([*constant, chosen.basis, outcome / scale]),
        chosen=replace(chosen, length=length / scale),
        n_mediators=n_mediators,
        a=triangle[at, at + 1 :] / triangle[at, at] * length[at + 1 :] / length[at],
        b=chosen.slopes(left[:, -1])[-n_mediators:],
    )


def _solved(gram: FloatArray, basis: _Basis) -> tuple[PathDraws, IntArray]:
    """Paths of the draws that can be solved, of cross-products `gram` (draws, p, p), and how many can't.

    The second counts draws in which the treatment has no variation of its own, and those in which
    a mediator has none (2,). Controls that coincide in a draw, or vanish, are no reason.
    """
    n_mediators = basis.n_mediators
    at = gram.shape[1] - n_mediators - 2  # the treatment's place
    rest = _given_nuisance(gram, at)
    own, cross = rest[:, 0, 0], rest[:, 0, 1:-1]
    treated = own > SHARE_LEFT**2 * gram[:, at, at]
    beside = (
        rest[:, 1:-1, 1:-1]
        - cross[:, :, None] * (cross / np.where(treated, own, 1.0)[:, None])[:, None, :]
    )
    size = np.sqrt(np.maximum(np.einsum("ijj->ij", gram[:, at + 1 : -1, at + 1 : -1]), 1e-300))
    least = np.linalg.eigvalsh(beside / (size[:, :, None] * size[:, None, :]))[:, 0]
    able = treated & (least > SHARE_LEFT**2)
    rest, own, cross = rest[able], own[able], cross[able]
    triangle = basis.chosen.triangle[-n_mediators - 1 :, -n_mediators - 1 :]
    length = basis.chosen.length[-n_mediators - 1 :]
    mediators = triangle[1:, 1:]
    moved = (cross / own[:, None]) @ mediators / triangle[0, 0]
    a = basis.a + moved * length[1:] / length[0]
    slopes = np.linalg.solve(rest[:, :-1, :-1], rest[:, :-1, -1:])[:, :, 0]
    gamma = slopes[:, 1:]
    b = basis.b + np.linalg.solve(mediators, gamma.T).T / length[1:]
    left = beside[able]
    own_spread = np.einsum("kj,ijl,kl->ik", mediators.T, left, mediators.T)
    rest_of_outcome = rest[:, -1, -1] - (slopes * rest[:, :-1, -1]).sum(axis=1)
    spread = np.sqrt(np.maximum(rest_of_outcome, 0.0)[:, None] / own_spread) / length[1:]
    return PathDraws(a, b, spread), np.array([(~treated).sum(), (treated & ~able).sum()])


def _given_nuisance(gram: FloatArray, at: int) -> FloatArray:
    """Cross-products of the columns from `at` on, with those before it taken out in each draw."""
    if not at:
        return gram
    size = np.sqrt(np.einsum("ijj->ij", gram[:, :at, :at]))
    size = np.where(size > SHARE_LEFT, size, 1.0)  # a column that vanishes in the draw
    correlation = gram[:, :at, :at] / (size[:, :, None] * size[:, None, :])
    value, vector = np.linalg.eigh(correlation)
    root = np.where(value > SHARE_LEFT**2, value, np.inf) ** -0.5
    loads = (vector * root[:, None, :]).transpose(0, 2, 1) @ (gram[:, :at, at:] / size[:, :, None])
    return np.asarray(gram[:, at:, at:] - loads.transpose(0, 2, 1) @ loads)


__all__ = ["PathDraws", "path_draws"]
