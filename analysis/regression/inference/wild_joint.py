"""The wild cluster bootstrap of several restrictions at once, with the null imposed.

Belongs here: draws of a Wald statistic. Does not belong here: one slope with its interval (`wild`), which
restrictions (the methods).

As in `wild`, in the form of scores: R b = 0 is tested, H are the slopes' weights, L = H R', and the residuals of
the regression under the null are ``u = e + L (L'L)^-1 R b``. With Q a basis of the regression and v the clusters'
weights, a draw has

    R b* = sum_g v_g L_g'u_g;    scores of g: v_g L_g'u_g - (L_g'Q_g) sum_f Q_f'u_f v_f

and the statistic is ``(R b*)' (sum_g s_g s_g')^-1 (R b*)``. A clustered Wald test of several restrictions rejects
too often with as many clusters as a single t test bears (Pustejovsky and Tipton 2018, section 5); this one
doesn't (`make verify`).
"""

from dataclasses import dataclass

import numpy as np

from analysis.regression.inference.clusters import at_least_two
from analysis.regression.inference.projected import Groups, Projected, sums
from analysis.regression.inference.wild import (
    SAME,
    Weights,
    default_weights,
    weight_vectors,
)
from analysis.regression.rank import FloatArray
from analysis.regression.rows import PanelRegressionError

LEAST_PIVOT = 1e-10
"""Eigenvalue of the scores' correlation below which the clusters don't tell the restrictions apart."""


@dataclass(frozen=True)
class WildJointTest:
    """Restrictions R b = 0: the Wald statistic with the bare sandwich, and the draws as large.

    ``p_value`` is n_as_large / n_draws where all signs are enumerated, else (n_as_large + 1) / (n_draws + 1);
    ``mc_error`` its standard error by simulation, 0 where enumerated.
    """

    wald: float
    p_value: float
    mc_error: float
    n_as_large: int
    n_draws: int
    n_clusters: int
    weights: Weights
    is_enumerated: bool


def wild_joint_test(
    projected: Projected,
    groups: Groups,
    contrasts: FloatArray,
    *,
    n_draws: int,
    seed: int,
    weights: Weights | None = None,
    what: str = "cluster",
) -> WildJointTest:
    """Test that ``contrasts @ b`` (r) is 0; `contrasts` (r, k) are of the slopes `projected.names`.

    Raises PanelRegressionError for a single cluster, named `what`, and where clusters don't tell the
    restrictions apart.
    """
    at_least_two(groups, what)
    load = projected.weights @ contrasts.T
    gap = contrasts @ projected.coefficients
    scores = sums(load * projected.residuals[:, None], groups)
    length = np.sqrt((scores**2).sum(axis=0))
    if not (length > 0).all():
        raise PanelRegressionError(f"a restriction varies in one {what} alone: nothing to draw")
    least = np.linalg.eigvalsh((scores / length).T @ (scores / length))[0]
    if least < LEAST_PIVOT:
        raise PanelRegressionError(f"each {what} tells less than the restrictions ask apart")
    wald = _wald(gap[None, :] / length, scores[None] / length)[0]
    load, gap = load / length, gap / length
    residual = projected.residuals + load @ np.linalg.solve(load.T @ load, gap)
    basis = projected.basis(groups)
    own = sums(load * residual[:, None], groups)  # (G, r)
    with_basis = sums(basis * residual[:, None], groups)  # (G, p)
    loads = [sums(basis * each[:, None], groups) for each in load.T]  # r times (G, p)
    kind = weights or default_weights(groups.n)
    vectors, enumerated = weight_vectors(groups.n, kind, n_draws, seed)
    as_large = total = 0
    for v in vectors:
        common = v @ with_basis
        drawn = np.stack([v * own[:, r] - common @ each.T for r, each in enumerate(loads)], axis=2)
        as_large += int((_wald(v @ own, drawn) >= wald * (1 - SAME)).sum())
        total += len(v)
    p_value = as_large / total if enumerated else (as_large + 1) / (total + 1)
    return WildJointTest(
        wald=float(wald),
        p_value=p_value,
        mc_error=0.0 if enumerated else float(np.sqrt(p_value * (1 - p_value) / total)),
        n_as_large=as_large,
        n_draws=total,
        n_clusters=groups.n,
        weights=kind,
        is_enumerated=enumerated,
    )


def _wald(gaps: FloatArray, scores: FloatArray) -> FloatArray:
    """Wald statistics (B) of gaps (B, r) by the cross-products of scores (B, G, r); inf without spread."""
    spread = np.einsum("bgr,bgs->brs", scores, scores)
    told = np.linalg.eigvalsh(spread)[:, 0] > 0
    found = np.full(len(gaps), np.inf)
    solved = np.linalg.solve(spread[told], gaps[told][:, :, None])[:, :, 0]
    found[told] = (gaps[told] * solved).sum(axis=1)
    return found


__all__ = ["WildJointTest", "wild_joint_test"]
