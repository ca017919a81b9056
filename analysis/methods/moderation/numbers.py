"""The effect of a treatment as a line in a moderator, and in bins of it as a check of that line.

Belongs here: both regressions, marginal effects with intervals and bands, the test that the line holds, counts of
rows by the moderator; on arrays. Does not belong here: which moderator, and from which years (`run`).

Notation of Hainmueller, Mummolo and Xu (2019): outcome y, treatment D, moderator X; the line is
``y = a D + b D (X - c) + ...`` with c the mean of X, the binned estimator (their eq. 4)
``y = sum_j [a_j D G_j + b_j D (X - x_j) G_j] + ...`` with x_j the median of X in bin j: a_j is the effect there.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.regression.conventions import DEFAULT_CONVENTION, Convention
from analysis.regression.inference import WildJointTest, project, wild_joint_test
from analysis.regression.panel import PanelFit, PanelRegressionError, fit_panel
from analysis.regression.rows import Effect
from analysis.regression.simultaneous import JointTest, SupT, joint_test, sup_t

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COLUMNS = 20
"""Columns of the histogram under the figure."""


@dataclass(frozen=True)
class Inputs:
    """Rows of both regressions: y, d, m (n), other regressors x (n, k), and what errors cluster by.

    `levels` says that the moderator's own level is a regressor (it isn't where the effects of units take a
    constant one out); `year_slopes` that each period has a slope of its own on the moderator.
    """

    y: Floats
    d: Floats
    m: Floats
    x: Floats
    unit: npt.NDArray[np.object_]
    time: npt.NDArray[np.int64]
    cluster: npt.NDArray[np.object_]
    effects: tuple[Effect, ...]
    names: tuple[str, ...]
    levels: bool
    year_slopes: bool
    convention: Convention = DEFAULT_CONVENTION


@dataclass(frozen=True)
class Term:
    """A regressor made here: effect, slope (of the effect), level (of the moderator), bin or year_slope.

    `point` is where it is taken: the mean, a bin or a period; '' where there is one.
    """

    kind: str
    point: str

    @property
    def name(self) -> str:
        """Its name in the regression and in messages."""
        if self.kind == "bin":
            return self.point
        where = {"": "", "mean": " at the mean"}.get(self.point, f" in {self.point}")
        words = {
            "effect": "effect",
            "slope": "slope of the effect",
            "level": "moderator",
            "year_slope": "moderator",
        }
        return words[self.kind] + where


EFFECT, SLOPE = Term("effect", "mean"), Term("slope", "")
"""Of the line."""


@dataclass(frozen=True)
class Curve:
    """Marginal effects (K) at values of the moderator, with intervals and a band that covers all K at once."""

    at: Floats
    estimates: Floats
    std_errors: Floats
    t_values: Floats
    p_values: Floats
    low: Floats
    high: Floats
    band_low: Floats
    band_high: Floats
    band: SupT


@dataclass(frozen=True)
class Fitted:
    """A regression with the terms made here, what it was given, and its marginal effects."""

    fit: PanelFit
    arrays: dict[str, object]
    terms: tuple[Term, ...]
    curve: Curve
    weaknesses: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Line:
    """The effect as a line: at the mean `centre` of the moderator, and its slope there."""

    made: Fitted
    centre: float


@dataclass(frozen=True)
class Bins:
    """Effects by bins (J) of the moderator: `cuts` (J+1), rows with and without treatment in each.

    `linear` tests that all a_j and b_j lie on one line, 2(J - 1) restrictions, `wild` the same by a bootstrap.
    """

    made: Fitted
    cuts: Floats
    n_treated: Ints
    n_others: Ints
    linear: JointTest
    wild: WildJointTest


def fit_line(inputs: Inputs, grid: Floats, seed: int) -> Line:
    """The effect at the values `grid` (K) of the moderator, from one interaction.

    Raises PanelRegressionError where the treatment or its product can't be told from the other terms.
    """
    centre = float(inputs.m.mean())
    m = inputs.m - centre
    own = [(EFFECT, inputs.d), (SLOPE, inputs.d * m)]
    if inputs.levels:
        own.append((Term("level", ""), m))
    # Slopes of years are on the deviation from the mean, so that its origin decides about no digit.
    terms, fit, arrays = _fitted(inputs, own, m)
    pair = [fit.position(EFFECT.name), fit.position(SLOPE.name)]
    weights = np.column_stack([np.ones(len(grid)), grid - centre])
    weak = tuple(dict.fromkeys((*fit.weaknesses(EFFECT.name), *fit.weaknesses(SLOPE.name))))
    curve = _curve(fit, grid, pair, weights, seed)
    return Line(Fitted(fit, arrays, terms, curve, (weak,) * len(grid)), centre)


def fit_bins(inputs: Inputs, cuts: Floats, seed: int, n_draws: int = 999) -> Bins:
    """The effect at the median of each bin; `cuts` (J + 1) are the ends of the bins, ascending.

    `seed` is of the band and of the `n_draws` draws of the test that the bins lie on a line.

    A bin has its upper end, the first its lower one too. Raises PanelRegressionError that names a bin in which
    the effect can't be told: no row is treated, or none isn't, or the moderator has one value.
    """
    code = bin_of(inputs.m, cuts)
    n = len(cuts) - 1
    treated = np.bincount(code[inputs.d > 0], minlength=n)
    others = np.bincount(code[inputs.d == 0], minlength=n)
    own: list[tuple[Term, Floats]] = []
    medians = np.empty(n)
    centre = float(inputs.m.mean())
    for j in range(n):
        at = code == j
        where = f"bin {j + 1} ({cuts[j]:.4g} to {cuts[j + 1]:.4g})"
        if not treated[j] or not others[j]:
            lacks = "with the policy" if not treated[j] else "without the policy"
            raise PanelRegressionError(f"{where} has no row {lacks}: ask for fewer bins")
        medians[j] = np.median(inputs.m[at])
        inside = np.where(at, inputs.m - medians[j], 0.0)
        point = f"bin {j + 1}"
        own.append((Term("effect", point), inputs.d * at))
        own.append((Term("slope", point), inputs.d * inside))
        if inputs.levels:
            own.append((Term("level", point), inside))
            if j:
                own.append((Term("bin", f"{point} itself"), at.astype(float)))
    terms, fit, arrays = _fitted(inputs, own, inputs.m - centre)
    names = [Term("effect", f"bin {j + 1}").name for j in range(n)]
    effects = [fit.position(name) for name in names]
    slopes = [fit.position(Term("slope", f"bin {j + 1}").name) for j in range(n)]
    contrasts = _line_contrasts(len(fit.names), effects, slopes, medians)
    given = {name: value for name, value in arrays.items() if name != "cluster"}
    projected = project(fit, **given)  # type: ignore[arg-type]
    return Bins(
        made=Fitted(
            fit, arrays, terms, _curve(fit, medians, effects, np.eye(n), seed),
            tuple(fit.weaknesses(name) for name in names),
        ),
        cuts=cuts,
        n_treated=treated,
        n_others=others,
        linear=joint_test(
            contrasts @ fit.coefficients, contrasts @ fit.covariance @ contrasts.T, fit.df_resid
        ),
        wild=wild_joint_test(
            projected, projected.groups(inputs.cluster, "cluster"), contrasts[:, :-1],
            n_draws=n_draws, seed=seed,
        ),
    )  # fmt: skip


def bin_of(values: Floats, cuts: Floats) -> Ints:
    """Bin (n) of each value: the upper end belongs to a bin, and to the first its lower one as well."""
    code = np.searchsorted(cuts[1:-1], values, side="left")
    return np.asarray(code, dtype=np.int64)


def quantile_cuts(values: Floats, n_bins: int) -> Floats:
    """Ends (J + 1) of bins with the same number of rows, as far as ties allow.

    Raises PanelRegressionError where ties leave fewer bins.
    """
    cuts = np.quantile(values, np.linspace(0, 1, n_bins + 1), method="inverted_cdf")
    if len(np.unique(cuts)) < len(cuts):
        raise PanelRegressionError(
            f"{n_bins} bins of the moderator with as many rows each don't exist: too many rows have the"
            " same value; ask for fewer bins"
        )
    return np.asarray(cuts, dtype=float)


def common_support(treated: Floats, others: Floats, trim: float) -> tuple[float, float, int]:
    """Where marginal effects are shown, and how many treated rows lie beyond the others' range.

    From the quantile `trim` of the treated rows' moderator to that of 1 - trim, within the others' range.
    Raises PanelRegressionError without a value in common.
    """
    low, high = np.quantile(treated, [trim, 1 - trim], method="inverted_cdf")
    low, high = max(float(low), float(others.min())), min(float(high), float(others.max()))
    beyond = int(((treated < others.min()) | (treated > others.max())).sum())
    if not low < high:
        raise PanelRegressionError(
            "rows with and without the policy have no range of the moderator in common"
            f" ({beyond} of {len(treated)} treated rows lie beyond the others'): no effect can be shown"
            " over it"
        )
    return low, high, beyond


def histogram(m: Floats, d: Floats) -> tuple[Floats, Ints, Ints]:
    """Ends (COLUMNS + 1) of columns of one width, and rows with and without treatment in each."""
    ends = np.linspace(float(m.min()), float(m.max()), COLUMNS + 1)
    under, others = (np.histogram(m[d == value], ends)[0] for value in (1.0, 0.0))
    return ends, under.astype(np.int64), others.astype(np.int64)


def _fitted(
    inputs: Inputs, own: list[tuple[Term, Floats]], m: Floats
) -> tuple[tuple[Term, ...], PanelFit, dict[str, object]]:
    """The regression on terms of its own, slopes of periods and the other regressors, in this order."""
    if inputs.year_slopes:
        # The moderator's level is that of the first period; without one of its own, that of all is taken out.
        for period in np.unique(inputs.time)[1:]:
            column = np.where(inputs.time == period, m, 0.0)
            own = [*own, (Term("year_slope", str(period)), column)]
    terms = tuple(term for term, _ in own)
    arrays: dict[str, object] = {
        "y": inputs.y,
        "x": np.column_stack([*(values for _, values in own), inputs.x]),
        "unit": inputs.unit,
        "time": inputs.time,
        "effects": inputs.effects,
        "cluster": inputs.cluster,
        "names": (*(term.name for term in terms), *inputs.names),
    }
    fit = fit_panel(**arrays, convention=inputs.convention)  # type: ignore[arg-type]
    if fit.is_exact:
        raise PanelRegressionError("an identity is no estimate: the regressors leave nothing of y")
    policy = {term.name for term in terms if term.kind in ("effect", "slope")}
    for term in fit.dropped:
        if term.name in policy:
            linked = "" if term.reason.startswith("does not") else "is "
            raise PanelRegressionError(f"the {term.name} can't be told: it {linked}{term.reason}")
    lost = [
        name
        for name in fit.names
        if name in policy and not np.isfinite(fit.std_errors[fit.position(name)])
    ]
    if lost:
        raise PanelRegressionError(
            f"the error of the {lost[0]} can't be told: it varies in a cluster alone"
        )
    return terms, fit, arrays


def _curve(fit: PanelFit, at: Floats, places: list[int], weights: Floats, seed: int) -> Curve:
    """Effects ``weights @ b[places]`` (K) with their pointwise intervals and the sup-t band."""
    from scipy import stats

    covariance = weights @ fit.covariance[np.ix_(places, places)] @ weights.T
    estimates = weights @ fit.coefficients[places]
    errors = np.sqrt(np.diag(covariance))
    band = sup_t(covariance, fit.df_resid, level=fit.level, seed=seed)
    t_values = estimates / errors
    return Curve(
        at=at,
        estimates=estimates,
        std_errors=errors,
        t_values=t_values,
        p_values=2 * stats.t.sf(np.abs(t_values), fit.df_resid),
        low=estimates - band.pointwise * errors,
        high=estimates + band.pointwise * errors,
        band_low=estimates - band.critical * errors,
        band_high=estimates + band.critical * errors,
        band=band,
    )


def _line_contrasts(n_terms: int, effects: list[int], slopes: list[int], at: Floats) -> Floats:
    """Contrasts (2(J-1), terms) that are 0 if the lines of all bins are one: same slope, same effect there."""
    n = len(effects)
    contrasts = np.zeros((2 * (n - 1), n_terms))
    for j in range(1, n):
        contrasts[j - 1, [slopes[j], slopes[0]]] = 1.0, -1.0
        row = n - 2 + j
        contrasts[row, [effects[j], effects[0]]] = 1.0, -1.0
        contrasts[row, slopes[0]] = -(at[j] - at[0])
    return contrasts


__all__ = [
    "COLUMNS",
    "Bins",
    "Curve",
    "Fitted",
    "Inputs",
    "Line",
    "Term",
    "bin_of",
    "common_support",
    "fit_bins",
    "fit_line",
    "histogram",
    "quantile_cuts",
]
