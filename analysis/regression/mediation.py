"""Mediation by two regressions: how much of an effect runs through a mediator.

Belongs here: the paths a, b, direct and indirect, Sobel's error and a bootstrap over clusters, on
arrays. Does not belong here: which mediators a study has, and the tables of the regressions.

    m_it = a  d_it + x_it'g + effects + u_it
    y_it = c' d_it + b m_it + x_it'h + effects + v_it

on the same rows; the indirect effect is ab, the total effect c = c' + ab (exactly, as both are
least squares on one sample; Baron and Kenny 1986, MacKinnon et al. 1995). To read ab as an effect
*through* m takes sequential ignorability (Imai, Keele and Yamamoto 2010): nothing unobserved, and
nothing that the policy moves, may drive both m and y.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.regression.conventions import DEFAULT_CONVENTION, Convention
from analysis.regression.effects import FloatArray, IntArray, is_nested, take_out
from analysis.regression.panel import Effect, PanelFit, PanelRegressionError, fit_panel

# A draw whose regressors are this near to collinear says nothing of the paths: the smallest
# eigenvalue of their correlations, for draws that e.g. hold no treated city.
SINGULAR = 1e-9
BLOCK = 250
"""Draws that are solved at a time; bounds memory."""

CONVENTION = (
    "product of coefficients; percentile interval of a bootstrap over clusters, effects estimated "
    "again in each draw; Sobel's first-order error from the clustered errors of a and b"
)


@dataclass(frozen=True)
class MediationFit:
    """The paths of one mediator, and the bootstrap of the indirect effect.

    ``first`` and ``second`` are the fits of the mediator and of the outcome. ``indirect_draws``
    (n_draws_used) holds ab of each draw that could be solved; of ``n_draws`` drawn the others had
    collinear regressors. ``share`` is ab / (c' + ab), NaN where the total is 0.
    """

    first: PanelFit
    second: PanelFit
    a: float
    a_se: float
    b: float
    b_se: float
    direct: float
    direct_se: float
    indirect: float
    total: float
    share: float
    sobel_se: float
    sobel_z: float
    sobel_p: float
    bootstrap_se: float
    ci_low: float
    ci_high: float
    level: float
    n_draws: int
    n_draws_used: int
    indirect_draws: FloatArray


def sobel_error(a: float, a_se: float, b: float, b_se: float) -> float:
    """First-order standard error of ab, a and b taken as independent (Sobel 1982)."""
    return float(np.hypot(a * b_se, b * a_se))


def fit_mediation(
    outcome: npt.ArrayLike,
    mediator: npt.ArrayLike,
    treatment: npt.ArrayLike,
    controls: npt.ArrayLike,
    unit: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    effects: tuple[Effect, ...] = (),
    cluster: npt.ArrayLike | None = None,
    control_names: tuple[str, ...] = (),
    n_draws: int,
    seed: int,
    level: float = 0.95,
    convention: Convention = DEFAULT_CONVENTION,
) -> MediationFit:
    """The effect of `treatment` on `outcome` through `mediator`.

    Parameters
    ----------
    outcome, mediator, treatment, unit, time
        Arrays (n); `controls` is (n, k) with k names. No value may be missing.
    effects
        Any of "unit" and "time"; units must then lie in one cluster each.
    cluster
        What the errors are clustered by and the bootstrap draws (n); the unit where left out.
    n_draws, seed
        Draws of clusters with replacement, as many as there are; a cluster drawn twice counts as
        two, each with its own unit effects.

    Raises PanelRegressionError if a regression can't be done, values are missing, a unit lies in
    two clusters, or fewer than half of the draws can be solved.
    """
    from scipy import stats

    y, m, d = (np.asarray(v, dtype=float) for v in (outcome, mediator, treatment))
    x = np.asarray(controls, dtype=float).reshape(len(y), -1)
    columns = np.column_stack([d, m, x, y])
    if not np.isfinite(columns).all():
        raise PanelRegressionError("a mediation takes rows without missing values: leave them out")
    clusters = unit if cluster is None else cluster
    shared: dict[str, Any] = {"effects": effects, "cluster": clusters, "convention": convention}
    first = fit_panel(
        m, np.column_stack([d, x]), unit, time,
        names=("treatment", *control_names), outcome="mediator", **shared,
    )  # fmt: skip
    second = fit_panel(
        y, np.column_stack([d, m, x]), unit, time,
        names=("treatment", "mediator", *control_names), **shared,
    )  # fmt: skip
    for fit, needed in ((first, {"treatment"}), (second, {"treatment", "mediator"})):
        for term in fit.dropped:
            if term.name in needed:
                raise PanelRegressionError(f"the {term.name} is {term.reason}")
    a, b = (
        float(fit.coefficients[fit.position(name)])
        for fit, name in ((first, "treatment"), (second, "mediator"))
    )
    a_se, b_se = (
        float(fit.std_errors[fit.position(name)])
        for fit, name in ((first, "treatment"), (second, "mediator"))
    )
    direct = float(second.coefficients[second.position("treatment")])
    kept = [name not in {t.name for t in second.dropped} for name in control_names]
    draws = _indirect_draws(
        np.column_stack([d, m, x[:, kept], y]),
        *(np.unique(np.asarray(v), return_inverse=True)[1] for v in (unit, time, clusters)),
        effects=effects,
        n_draws=n_draws,
        seed=seed,
    )
    if len(draws) < n_draws / 2:
        raise PanelRegressionError(
            f"{n_draws - len(draws)} of {n_draws} bootstrap draws have collinear regressors: there "
            "are too few treated clusters for a bootstrap over clusters"
        )
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    indirect = a * b
    total = direct + indirect
    sobel = sobel_error(a, a_se, b, b_se)
    z = indirect / sobel if sobel > 0 else float("nan")
    return MediationFit(
        first=first,
        second=second,
        a=a,
        a_se=a_se,
        b=b,
        b_se=b_se,
        direct=direct,
        direct_se=float(second.std_errors[second.position("treatment")]),
        indirect=indirect,
        total=total,
        share=indirect / total if total else float("nan"),
        sobel_se=sobel,
        sobel_z=z,
        sobel_p=float(2 * stats.norm.sf(abs(z))),
        bootstrap_se=float(draws.std(ddof=1)),
        ci_low=float(low),
        ci_high=float(high),
        level=level,
        n_draws=n_draws,
        n_draws_used=len(draws),
        indirect_draws=draws,
    )


def _indirect_draws(
    columns: FloatArray,
    unit: IntArray,
    time: IntArray,
    cluster: IntArray,
    *,
    effects: tuple[Effect, ...],
    n_draws: int,
    seed: int,
) -> FloatArray:
    """ab of each draw; `columns` (n, k + 3) are treatment, mediator, controls and outcome.

    Unit effects are taken out once: a unit's means are the same in every draw that has it. Time
    effects become dummies, and each cluster its cross-products of all columns (p x p); those of a
    draw are their sum weighted by how often each cluster was drawn. So a draw costs one product of
    weights and cross-products and two small systems, whatever the number of rows.
    """
    n = len(columns)
    if "unit" in effects and not is_nested(unit, cluster):
        raise PanelRegressionError(
            "a unit lies in two clusters: a bootstrap over clusters needs each unit in one"
        )
    n_times = int(time.max()) + 1
    dummies = np.zeros((n, n_times))
    dummies[np.arange(n), time] = 1.0
    if "unit" in effects:
        # A dummy less: with unit effects the last is one minus the others.
        design = [dummies[:, :-1]] if "time" in effects else []
        stacked = take_out(np.column_stack([columns, *design]), (unit,))
    else:
        stacked = np.column_stack([columns, dummies if "time" in effects else np.ones(n)])
    scale = np.sqrt(np.einsum("ij,ij->j", stacked, stacked))
    if not (scale > 0).all():
        raise PanelRegressionError("a column has no variation left once the effects are out")
    stacked = stacked / scale
    outcome = columns.shape[1] - 1
    treatment, mediator = 0, 1

    order = np.argsort(cluster, kind="stable")
    starts = np.searchsorted(cluster[order], np.arange(int(cluster.max()) + 1))
    ordered = stacked[order]
    p = stacked.shape[1]
    products = np.stack([part.T @ part for part in np.split(ordered, starts[1:])]).reshape(
        -1, p * p
    )
    n_clusters = len(products)
    right = [j for j in range(p) if j not in (mediator, outcome)]
    full = [*right, mediator]
    rng = np.random.default_rng(seed)
    found: list[FloatArray] = []
    for start in range(0, n_draws, BLOCK):
        size = min(BLOCK, n_draws - start)
        picked = rng.integers(0, n_clusters, size=(size, n_clusters))
        times = np.zeros((size, n_clusters))
        np.add.at(times, (np.arange(size)[:, None], picked), 1.0)
        gram = (times @ products).reshape(size, p, p)
        diagonal = np.sqrt(np.einsum("ijj->ij", gram))
        able = (diagonal > 0).all(axis=1)
        gram, diagonal = gram[able], diagonal[able]
        correlation = gram / (diagonal[:, :, None] * diagonal[:, None, :])
        able = np.linalg.eigvalsh(correlation[:, full][:, :, full])[:, 0] > SINGULAR
        gram, diagonal, correlation = gram[able], diagonal[able], correlation[able]
        to_mediator = np.linalg.solve(
            correlation[:, right][:, :, right], correlation[:, right, mediator, None]
        )[:, treatment, 0]
        to_outcome = np.linalg.solve(
            correlation[:, full][:, :, full], correlation[:, full, outcome, None]
        )[:, -1, 0]
        # Back from correlations to the columns' own units; the mediator's scale cancels.
        back = diagonal[:, outcome] / diagonal[:, treatment]
        found.append(to_mediator * to_outcome * back * scale[outcome] / scale[treatment])
    return np.concatenate(found)


__all__ = ["CONVENTION", "MediationFit", "fit_mediation", "sobel_error"]
