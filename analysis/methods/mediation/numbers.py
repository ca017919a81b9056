"""Mediation by regressions: how much of an effect runs through one mediator, or several at once.

Belongs here: the paths a, b, direct and indirect and Sobel's error, on arrays. Does not belong here: the
bootstrap (`draws`), which mediators a study has, and the tables of the regressions.

With mediators m_1 ... m_K, taken in parallel,

    m_k,it = a_k d_it + x_it'g_k + effects + u_k,it
    y_it   = c' d_it + b_1 m_1,it + ... + b_K m_K,it + x_it'h + effects + v_it

on the same rows; the indirect effect through m_k is a_k b_k, the others held, and the total effect
c = c' + sum a_k b_k (exactly, as all are least squares on one sample; Baron and Kenny 1986, MacKinnon
et al. 1995; several mediators: Preacher and Hayes 2008). To read a_k b_k as an effect
*through* m_k takes sequential ignorability (Imai, Keele and Yamamoto 2010): nothing unobserved, and
nothing that the policy moves, may drive both m_k and y; of several mediators, none may move another.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.methods.mediation.draws import PathDraws, path_draws
from analysis.methods.mediation.sensitivity import Sensitivity, sensitivity
from analysis.regression.conventions import DEFAULT_CONVENTION, Convention
from analysis.regression.panel import Effect, PanelFit, PanelRegressionError, fit_panel
from analysis.regression.rank import FloatArray

CONVENTION = (
    "product of coefficients; percentile and bias-corrected intervals of a bootstrap over clusters, "
    "effects estimated again in each draw; Sobel's first-order error from the clustered errors of a and b"
)


@dataclass(frozen=True)
class MediationPath:
    """One mediator's path: a, b and ab with Sobel's error and the bootstrap.

    ``first`` is the fit of the mediator; ``draws`` (n_draws_used) holds ab of each draw. ``ci`` are
    percentiles of them, ``bc`` bias-corrected percentiles.
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
    bc_low: float
    bc_high: float
    draws: FloatArray
    weaknesses: tuple[str, ...]


@dataclass(frozen=True)
class MediationFit:
    """Paths of mediators that are held together, and what runs through all of them.

    ``paths`` are in the order of the mediators; ``second`` is the fit of the outcome. ``indirect``
    is the sum of the paths', with the bootstrap of the sum; of ``n_draws`` drawn all but
    ``n_draws_used`` had no variation of the treatment or of a mediator. ``total`` is direct plus
    indirect, ``share`` indirect over it, NaN where it is 0. ``sensitivity`` is that of a
    mediator taken by itself, else None.
    """

    paths: tuple[MediationPath, ...]
    second: PanelFit
    direct: float
    direct_se: float
    indirect: float
    bootstrap_se: float
    ci_low: float
    ci_high: float
    bc_low: float
    bc_high: float
    total: float
    share: float
    level: float
    n_draws: int
    n_draws_used: int
    sensitivity: Sensitivity | None


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
    draws = path_draws(
        np.column_stack([x[:, kept], d, m, y]),
        *(np.unique(np.asarray(v), return_inverse=True)[1] for v in (unit, time, clusters)),
        n_mediators=n_mediators,
        effects=effects,
        n_draws=n_draws,
        seed=seed,
    )
    paths = tuple(
        _path(first, second, words[k], draws.indirect[:, k], level)
        for k, first in enumerate(firsts)
    )
    direct, direct_se = _term(second, "treatment")
    indirect = float(sum(path.indirect for path in paths))
    total = direct + indirect
    sums = draws.indirect.sum(axis=1)
    low, high, spread = _percentiles(sums, level)
    bc_low, bc_high = bias_corrected(sums, indirect, level)
    return MediationFit(
        paths=paths,
        second=second,
        direct=direct,
        direct_se=direct_se,
        indirect=indirect,
        bootstrap_se=spread,
        ci_low=low,
        ci_high=high,
        bc_low=bc_low,
        bc_high=bc_high,
        total=total,
        share=indirect / total if total else float("nan"),
        level=level,
        n_draws=n_draws,
        n_draws_used=len(sums),
        sensitivity=_sensitivity(paths[0], second, draws, level) if n_mediators == 1 else None,
    )


def bias_corrected(draws: FloatArray, estimate: float, level: float) -> tuple[float, float]:
    """Ends of the bias-corrected percentile interval of draws (n,) (Efron 1981).

    The percentiles are moved by how far the estimate is from the median of its draws; an estimate
    beyond all draws is taken half a draw beyond them.
    """
    from scipy import stats

    n = len(draws)
    below = (np.count_nonzero(draws < estimate) + 0.5 * np.count_nonzero(draws == estimate)) / n
    shift = stats.norm.ppf(np.clip(below, 0.5 / n, 1 - 0.5 / n))
    reach = stats.norm.ppf([(1 - level) / 2, (1 + level) / 2])
    ends = np.asarray(stats.norm.cdf(2 * shift + reach))
    return float(np.quantile(draws, ends[0])), float(np.quantile(draws, ends[1]))


def _sensitivity(
    path: MediationPath, second: PanelFit, draws: PathDraws, level: float
) -> Sensitivity:
    spread = float(np.sqrt(second.rss / path.first.rss))
    drawn = (draws.a[:, 0], draws.b[:, 0], draws.spread[:, 0])
    return sensitivity((path.a, path.b, spread), drawn, level)


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
    bc_low, bc_high = bias_corrected(draws, a * b, level)
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
        bc_low=bc_low,
        bc_high=bc_high,
        draws=draws,
        weaknesses=(
            *(f"a {weakness}" for weakness in first.weaknesses("treatment")),
            *(f"b {weakness}" for weakness in second.weaknesses(mediator)),
        ),
    )


def _said(reason: str) -> str:
    return reason if reason.startswith("does") else f"is {reason}"


__all__ = [
    "CONVENTION",
    "MediationFit",
    "MediationPath",
    "bias_corrected",
    "fit_mediation",
    "sobel_error",
]
