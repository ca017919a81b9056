"""Bias-reduced clustered errors CR2 and CR3 with Satterthwaite degrees of freedom.

Belongs here: the adjustment matrices, the sandwich and the degrees of freedom. Does not belong here: the plain
sandwich (`clusters`), draws (`wild`).

With e_g the residuals of cluster g, X_g its rows and H the projection on all of the regression, effects
included: V = M sum_g X_g'A_g e_g e_g'A_g'X_g M, M = (X'X)^-1, and A_g = (I - H_gg)^-1/2 (CR2: unbiased if
errors are independent and alike; Bell and McCaffrey 2002) or (I - H_gg)^-1 (CR3: a jackknife over clusters).
H_gg has eigenvalues of 1 along effects that lie in one cluster: A_g is the generalised inverse, and effects
nested in clusters can be left out of H (Pustejovsky and Tipton 2018, theorems 1 and 2). The degrees of
freedom are those of the chi-square with the mean and variance that V has for independent errors.
"""

from typing import Literal

import numpy as np

from analysis.regression.inference.clusters import at_least_two
from analysis.regression.inference.errors import Errors, tested
from analysis.regression.inference.projected import Groups, Projected
from analysis.regression.rank import SHARE_LEFT, FloatArray

Reduced = Literal["cr2", "cr3"]
ReducedConvention = Literal["satterthwaite", "clusters", "jackknife"]
"""satterthwaite: V as above, degrees of freedom by Satterthwaite (clubSandwich's). clusters: the same V, G - 1
degrees of freedom. jackknife: (G - 1)/G V and G - 1, the CV3 of MacKinnon, Nielsen and Webb (2023)."""

POWER = {"cr2": -0.5, "cr3": -1.0}


def reduced(
    projected: Projected,
    groups: Groups,
    kind: Reduced,
    what: str = "cluster",
    convention: ReducedConvention = "satterthwaite",
) -> Errors:
    """CR2 or CR3 by `groups`. Raises PanelRegressionError for a single cluster, named `what`."""
    at_least_two(groups, what)
    basis = projected.basis(groups)
    h, e = projected.weights, projected.residuals
    k, p = h.shape[1], basis.shape[1]
    scores = np.zeros((groups.n, k))
    sizes = np.zeros((groups.n, k))  # |a_g|^2 with a_g = A_g X_g M, by slope
    loads = np.zeros((groups.n, k, p))  # Q_g'a_g
    order = np.argsort(groups.codes, kind="stable")
    ends = np.cumsum(np.bincount(groups.codes, minlength=groups.n))
    for g, rows in enumerate(np.split(order, ends[:-1])):
        adjusted = _adjusted(basis[rows], h[rows], POWER[kind])
        scores[g] = adjusted.T @ e[rows]
        sizes[g] = np.square(adjusted).sum(axis=0)
        loads[g] = adjusted.T @ basis[rows]
    scores[:, ~(np.abs(scores).max(axis=0) > SHARE_LEFT * _largest(h, e))] = 0.0
    factor = (groups.n - 1) / groups.n if convention == "jackknife" else 1.0
    covariance = scores.T @ scores * factor
    df = (
        _satterthwaite(sizes, loads)
        if convention == "satterthwaite"
        else np.full(k, groups.n - 1.0)
    )
    return tested(projected, covariance, df, n_groups=groups.n, convention=convention)


def _largest(h: FloatArray, e: FloatArray) -> FloatArray:
    return np.asarray(np.abs(h * e[:, None]).max(axis=0), dtype=float)


def _adjusted(basis: FloatArray, h: FloatArray, power: float) -> FloatArray:
    """A_g h (m, k) for the rows of a cluster: Q_g (m, p), h (m, k); (I - Q_g Q_g')^power by its SVD."""
    vectors, lengths, _ = np.linalg.svd(basis, full_matrices=False)
    rest = 1.0 - lengths**2
    powers = np.zeros_like(rest)
    left = rest > SHARE_LEFT**2
    powers[left] = rest[left] ** power
    return h + vectors @ ((powers - 1.0)[:, None] * (vectors.T @ h))


def _satterthwaite(sizes: FloatArray, loads: FloatArray) -> FloatArray:
    """Degrees of freedom (k): the trace squared of the clusters' Gram matrix over its squared length.

    p_g = (I - H)_g'a_g is what cluster g's score is of independent errors; p_g'p_h =
    a_g'a_g (g = h) - (Q_g'a_g)'(Q_h'a_h).
    """
    df = np.empty(sizes.shape[1])
    for j in range(sizes.shape[1]):
        gram = np.diag(sizes[:, j]) - loads[:, j] @ loads[:, j].T
        trace, square = np.trace(gram), np.square(gram).sum()
        df[j] = trace**2 / square if square > 0 else np.nan
    return df


__all__ = ["Reduced", "ReducedConvention", "reduced"]
