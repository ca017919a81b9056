"""Mediation by regressions: how much of an effect runs through one mediator, or several at once.

Belongs here: the paths a, b, direct and indirect, Sobel's error and a bootstrap over clusters, on
arrays. Does not belong here: which mediators a study has, and the tables of the regressions.

With mediators m_1 ... m_K, taken in parallel,

    m_k,it = a_k d_it + x_it'g_k + effects + u_k,it
    y_it   = c' d_it + b_1 m_1,it + ... + b_K m_K,it + x_it'h + effects + v_it

on the same rows; the indirect effect through m_k is a_k b_k, the others held, and the total effect
c = c' + sum a_k b_k (exactly, as all are least squares on one sample; Baron and Kenny 1986, MacKinnon
et al. 1995; several mediators: Preacher and Hayes 2008). To read a_k b_k as an effect
*through* m_k takes sequential ignorability (Imai, Keele and Yamamoto 2010): nothing unobserved, and
nothing that the policy moves, may drive both m_k and y; of several mediators, none may move another.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.regression.conventions import DEFAULT_CONVENTION, Convention
from analysis.regression.effects import IntArray, is_nested, take_out
from analysis.regression.panel import Effect, PanelFit, PanelRegressionError, fit_panel
from analysis.regression.rank import SHARE_LEFT, Factor, FloatArray, factor

BLOCK = 250
"""Draws that are solved at a time; bounds memory."""

CONVENTION = (
    "product of coefficients; percentile interval of a bootstrap over clusters, effects estimated "
    "again in each draw; Sobel's first-order error from the clustered errors of a and b"
)


@dataclass(frozen=True)
class MediationPath:
    """One mediator's path: a, b and ab with Sobel's error and the bootstrap.

    ``first`` is the fit of the mediator; ``draws`` (n_draws_used) holds ab of each draw.
    ``weaknesses`` say why the clustered error of a or b isn't to be believed, and with it Sobel's.
    """

    first: PanelFit
    a: float
    a_se: float
    b: float
    b_se: float
    indirect: float
    sobel_se: float
    sobel_z: float
    sobel_p: float
    bootstrap_se: float
    ci_low: float
    ci_high: float
    draws: FloatArray
    weaknesses: tuple[str, ...]


@dataclass(frozen=True)
class MediationFit:
    """Paths of mediators that are held together, and what runs through all of them.

    ``paths`` are in the order of the mediators; ``second`` is the fit of the outcome. ``indirect``
    is the sum of the paths', with the bootstrap of the sum; of ``n_draws`` drawn all but
    ``n_draws_used`` had no variation of the treatment or of a mediator. ``total`` is direct plus
    indirect, ``share`` indirect over it, NaN where it is 0.
    """

    paths: tuple[MediationPath, ...]
    second: PanelFit
    direct: float
    direct_se: float
    indirect: float
    bootstrap_se: float
    ci_low: float
    ci_high: float
    total: float
    share: float
    level: float
    n_draws: int
    n_draws_used: int


def sobel_error(a: float, a_se: float, b: float, b_se: float) -> float:
    """First-order standard error of ab, a and b taken as independent (Sobel 1982)."""
    return float(np.hypot(a * b_se, b * a_se))


def fit_mediation(
    outcome: npt.ArrayLike,
    mediators: npt.ArrayLike,
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
    """The effect of `treatment` on `outcome` through `mediators`, held together.

    Parameters
    ----------
    outcome, treatment, unit, time
        Arrays (n); `mediators` is (n,) or (n, K), `controls` (n, k) with k names. No value may be
        missing.
    effects
        Any of "unit" and "time"; units must then lie in one cluster each.
    cluster
        What the errors are clustered by and the bootstrap draws (n); the unit where left out.
    n_draws, seed
        Draws of clusters with replacement, as many as there are; a cluster drawn twice counts as
        two, each with its own unit effects.

    Raises PanelRegressionError if a regression can't be done, values are missing, a mediator or the
    outcome is an identity of the others, a unit lies in two clusters, or fewer than half of the
    draws can be solved.
    """
    y, d = (np.asarray(v, dtype=float) for v in (outcome, treatment))
    m = np.asarray(mediators, dtype=float).reshape(len(y), -1)
    x = np.asarray(controls, dtype=float).reshape(len(y), -1)
    if not np.isfinite(np.column_stack([d, m, x, y])).all():
        raise PanelRegressionError("a mediation takes rows without missing values: leave them out")
    n_mediators = m.shape[1]
    words = (
        ("mediator",)
        if n_mediators == 1
        else tuple(f"mediator {k + 1}" for k in range(n_mediators))
    )
    clusters = unit if cluster is None else cluster
    shared: dict[str, Any] = {"effects": effects, "cluster": clusters, "convention": convention}
    firsts = [
        fit_panel(
            m[:, k], np.column_stack([d, x]), unit, time,
            names=("treatment", *control_names), outcome=words[k], **shared,
        )
        for k in range(n_mediators)
    ]  # fmt: skip
    second = fit_panel(
        y, np.column_stack([d, x, m]), unit, time,
        names=("treatment", *control_names, *words), **shared,
    )  # fmt: skip
    for fit, needed in (
        *((first, {"treatment"}) for first in firsts),
        (second, {"treatment", *words}),
    ):
        for term in fit.dropped:
            if term.name in needed:
                raise PanelRegressionError(f"the {term.name} {_said(term.reason)}")
    if second.is_exact:
        terms = zip(second.names[:-1], second.coefficients[:-1], strict=True)
        raise PanelRegressionError(
            f"the outcome is an exact combination of {', '.join(n for n, b in terms if b)} and the "
            "effects: an identity carries no effect; leave one of them out"
        )
    for fit, asked in (
        *((first, "treatment") for first in firsts),
        *((second, word) for word in ("treatment", *words)),
    ):
        if not np.isfinite(_term(fit, asked)[1]):
            raise PanelRegressionError(
                f"the error of the {asked} can't be told: it varies in one cluster alone"
            )
    kept = [name not in {t.name for t in second.dropped} for name in control_names]
    draws = _indirect_draws(
        np.column_stack([x[:, kept], d, m, y]),
        *(np.unique(np.asarray(v), return_inverse=True)[1] for v in (unit, time, clusters)),
        n_mediators=n_mediators,
        effects=effects,
        n_draws=n_draws,
        seed=seed,
    )
    paths = tuple(
        _path(first, second, words[k], draws[:, k], level) for k, first in enumerate(firsts)
    )
    direct, direct_se = _term(second, "treatment")
    indirect = float(sum(path.indirect for path in paths))
    total = direct + indirect
    low, high, spread = _percentiles(draws.sum(axis=1), level)
    return MediationFit(
        paths=paths,
        second=second,
        direct=direct,
        direct_se=direct_se,
        indirect=indirect,
        bootstrap_se=spread,
        ci_low=low,
        ci_high=high,
        total=total,
        share=indirect / total if total else float("nan"),
        level=level,
        n_draws=n_draws,
        n_draws_used=len(draws),
    )


def _term(fit: PanelFit, name: str) -> tuple[float, float]:
    """Coefficient and standard error of a term."""
    at = fit.position(name)
    return float(fit.coefficients[at]), float(fit.std_errors[at])


def _percentiles(draws: FloatArray, level: float) -> tuple[float, float, float]:
    """Ends of the percentile interval and the standard deviation of draws (n,)."""
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high), float(draws.std(ddof=1))


def _path(
    first: PanelFit, second: PanelFit, mediator: str, draws: FloatArray, level: float
) -> MediationPath:
    from scipy import stats

    (a, a_se), (b, b_se) = _term(first, "treatment"), _term(second, mediator)
    sobel = sobel_error(a, a_se, b, b_se)
    z = a * b / sobel if sobel > 0 else float("nan")
    low, high, spread = _percentiles(draws, level)
    return MediationPath(
        first=first,
        a=a,
        a_se=a_se,
        b=b,
        b_se=b_se,
        indirect=a * b,
        sobel_se=sobel,
        sobel_z=z,
        sobel_p=float(2 * stats.norm.sf(abs(z))),
        bootstrap_se=spread,
        ci_low=low,
        ci_high=high,
        draws=draws,
        weaknesses=(
            *(f"a {weakness}" for weakness in first.weaknesses("treatment")),
            *(f"b {weakness}" for weakness in second.weaknesses(mediator)),
        ),
    )


def _indirect_draws(
    columns: FloatArray,
    unit: IntArray,
    time: IntArray,
    cluster: IntArray,
    *,
    n_mediators: int,
    effects: tuple[Effect, ...],
    n_draws: int,
    seed: int,
) -> FloatArray:
    """ab by draw and mediator (n_draws_used, n_mediators).

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
    found: list[FloatArray] = []
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
    return np.concatenate(found)


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


def _solved(gram: FloatArray, basis: _Basis) -> tuple[FloatArray, IntArray]:
    """ab (draws that can be solved, K) of cross-products `gram` (draws, p, p), and how many can't.

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
    gamma = np.linalg.solve(rest[:, :-1, :-1], rest[:, :-1, -1:])[:, 1:, 0]
    b = basis.b + np.linalg.solve(mediators, gamma.T).T / length[1:]
    return a * b, np.array([(~treated).sum(), (treated & ~able).sum()])


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


def _said(reason: str) -> str:
    return reason if reason.startswith("does") else f"is {reason}"


__all__ = ["CONVENTION", "MediationFit", "MediationPath", "fit_mediation", "sobel_error"]
