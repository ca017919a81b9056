"""The placebo test: a treatment drawn at random many times, and what the true one is beside it.

Belongs here: the draws in blocks, what is kept of them, and the p value of randomisation inference
with its Monte Carlo error. Does not belong here: how a draw is made (`assignments`) and fitted
(`projected`), which column of a study is tried.

With r of R draws at least as large as the true statistic, p = (r + 1)/(R + 1): the true assignment
is one of those that could have been (Phipson and Smyth 2010), and the test has its size for any R.
The t value is the better statistic where the groups differ in size or variance (MacKinnon and Webb
2020); the coefficient is what the applied literature shows.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.blas import one_thread
from analysis.regression.conventions import DEFAULT_CONVENTION, Convention
from analysis.regression.effects import IntArray
from analysis.regression.panel import Effect, PanelRegressionError
from analysis.regression.randomised.assignments import Assignment, Scheme, true_assignment
from analysis.regression.randomised.projected import Projection, project
from analysis.regression.rank import DroppedTerm, FloatArray
from analysis.regression.significance import STAR_LEVELS

BLOCK = 250
"""Draws that are fitted at a time; bounds memory and changes no number."""
KEPT = 2_000
"""Draws of which every number is kept; of the others, counts, moments and the binned density."""
N_BINS = 80
REACH = 5.0
"""Bins span this many standard deviations of the first draws to either side of their mean."""
FIRST = 250
"""Draws that set the bins' ends; the first ones, whatever the number of draws."""
SAME = 1e-9
"""Draws within this share of the true statistic are as large: equal but for rounding."""


@dataclass(frozen=True)
class RandomisationTest:
    """How often a random assignment's statistic is at least as large as the true one's, in size.

    ``p_value`` is (n_as_large + 1)/(n_draws + 1), ``mc_error`` the standard error that it has
    because only so many assignments were drawn, sqrt(p(1 - p)/n_draws). NaN where the true one has no
    such statistic.
    """

    statistic: float
    n_as_large: int
    n_draws: int
    p_value: float
    mc_error: float


@dataclass(frozen=True)
class Density:
    """Draws by size of their coefficient: `counts` (bins) between `edges` (bins + 1).

    ``below`` and ``above`` count draws beyond the ends. ``smoothed`` (bins) is the Gaussian kernel
    density at the middle of each bin, of draws as if they were there (Silverman 1986, sections 3.4
    and 3.5).
    """

    edges: FloatArray
    counts: IntArray
    below: int
    above: int
    smoothed: FloatArray


@dataclass(frozen=True)
class Placebo:
    """The true estimate beside those of random assignments.

    ``coefficient``, ``std_error``, ``t_value`` and ``p_value`` are of the true assignment, with the
    clustered error of ``convention`` on ``df_resid`` degrees of freedom. ``draws_*`` hold the first
    min(KEPT, n_draws) draws, NaN where a draw has no number. Of ``n_draws`` draws ``n_absorbed``
    have no coefficient (their dummy is absorbed by effects and controls), a further
    ``n_without_error`` no clustered error; both are left out of what lacks them. ``mean`` and ``sd``
    are of the draws' coefficients, ``share_below`` the shares of draws whose own p value is below
    the levels of the stars (by level).
    """

    coefficient: float
    std_error: float
    t_value: float
    p_value: float
    by_coefficient: RandomisationTest
    by_t: RandomisationTest
    mean: float
    sd: float
    share_below: dict[float, float]
    density: Density
    draws_coefficients: FloatArray
    draws_std_errors: FloatArray
    draws_p_values: FloatArray
    n_draws: int
    n_absorbed: int
    n_without_error: int
    seed: int
    scheme: Scheme
    assignment: Assignment
    n_strata: int
    n_obs: int
    n_units: int
    n_periods: int
    n_clusters: int
    df_resid: int
    convention: Convention
    dropped: tuple[DroppedTerm, ...]


@one_thread
def run_placebo(
    y: npt.ArrayLike,
    controls: npt.ArrayLike,
    unit: npt.ArrayLike,
    time: npt.ArrayLike,
    cohort: npt.ArrayLike,
    *,
    n_draws: int,
    seed: int,
    effects: tuple[Effect, ...] = (),
    cluster: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
    scheme: Scheme = "cities",
    names: tuple[str, ...] = (),
    convention: Convention = DEFAULT_CONVENTION,
    kept: int = KEPT,
) -> Placebo:
    """Draw the treatment `n_draws` times and estimate its effect each time.

    Parameters
    ----------
    y, controls, unit, time
        Outcome (n), controls (n, k) with k `names`, unit and period (n); no value missing.
    cohort
        The first treated period of each row's unit (n), NaN if never. The true treatment is 1 from
        that period on, else 0.
    effects, cluster, convention
        As for `regression.fit_panel`.
    strata
        Set within which a unit's cohort is drawn (n), such as its province.
    scheme
        "cities": anybody's cohort may become anybody's. "timing": among treated units.

    Raises PanelRegressionError if a value is missing, nobody is treated, nothing can be permuted,
    the true treatment is absorbed, or every draw is.
    """
    columns, labels, first = _rows(y, controls, unit, time, cohort, cluster, strata)
    codes = {
        name: np.unique(labels[name], return_inverse=True)[1]
        for name in ("unit", "time", "cluster")
    }
    assignment = true_assignment(
        labels["unit"], labels["time"], first, scheme=scheme, strata=labels.get("strata")
    )
    projection = project(
        columns[:, 0], columns[:, 1:], codes["unit"], codes["time"],
        np.asarray(labels["time"], dtype=float), codes["cluster"], assignment,
        effects=effects, names=names, convention=convention,
    )  # fmt: skip
    true = projection.fit(assignment.codes[None, :], convention)
    coefficient, std_error = float(true.coefficients[0]), float(true.std_errors[0])
    if true.absorbed[0]:
        raise PanelRegressionError(
            "the true treatment is absorbed by the effects and controls (all treated at once?): "
            "there is no estimate to compare draws with"
        )
    df_resid = projection.df_resid(convention)
    tally = _Tally(coefficient, coefficient / std_error, df_resid, min(kept, n_draws))
    _draw(projection, assignment, tally, n_draws, seed, convention)
    return Placebo(
        coefficient=coefficient,
        std_error=std_error,
        t_value=coefficient / std_error,
        p_value=_p_values(np.array([coefficient / std_error]), df_resid)[0],
        **tally.result(n_draws),
        n_draws=n_draws,
        seed=seed,
        scheme=scheme,
        assignment=assignment,
        n_strata=len(pd.unique(labels["strata"])) if "strata" in labels else 1,
        n_obs=len(columns),
        n_units=len(assignment.units),
        n_periods=int(codes["time"].max()) + 1,
        n_clusters=projection.counts.n_clusters,
        df_resid=df_resid,
        convention=convention,
        dropped=projection.dropped,
    )


def _draw(
    projection: Projection,
    assignment: Assignment,
    tally: "_Tally",
    n_draws: int,
    seed: int,
    convention: Convention,
) -> None:
    """Make the draws, a block at a time, and count them."""
    rng = np.random.default_rng(seed)
    for done in range(0, n_draws, BLOCK):
        drawn = projection.fit(assignment.draw(rng, min(BLOCK, n_draws - done)), convention)
        tally.add(drawn.coefficients, drawn.std_errors)
    if not tally.n_coefficients:
        raise PanelRegressionError(
            f"all {n_draws} draws are absorbed by the effects and controls: nothing to compare with"
        )


def _rows(
    y: npt.ArrayLike,
    controls: npt.ArrayLike,
    unit: npt.ArrayLike,
    time: npt.ArrayLike,
    cohort: npt.ArrayLike,
    cluster: npt.ArrayLike | None,
    strata: npt.ArrayLike | None,
) -> tuple[FloatArray, dict[str, npt.NDArray[Any]], FloatArray]:
    """Outcome and controls (n, 1 + k), labels and cohort, sorted by unit and period.

    Sorted, so that sums and therefore every digit don't depend on the order of the rows.
    """
    outcome = np.asarray(y, dtype=float)
    columns = np.column_stack(
        [outcome, np.asarray(controls, dtype=float).reshape(len(outcome), -1)]
    )
    labels = {"unit": unit, "time": time, "cluster": unit if cluster is None else cluster}
    labels |= {} if strata is None else {"strata": strata}
    arrays = {name: np.asarray(column) for name, column in labels.items()}
    lost = ~np.isfinite(columns).all(axis=1)
    for name in ("unit", "time", "cluster"):
        lost |= pd.isna(arrays[name])
    if lost.any() or not len(columns):
        raise PanelRegressionError(
            f"{int(lost.sum())} of {len(columns)} rows have a missing value: a placebo takes rows "
            "without, leave them out"
        )
    order = np.lexsort(
        [np.unique(arrays[name], return_inverse=True)[1] for name in ("time", "unit")]
    )
    sorted_labels = {name: column[order] for name, column in arrays.items()}
    same = (sorted_labels["unit"][1:] == sorted_labels["unit"][:-1]) & (
        sorted_labels["time"][1:] == sorted_labels["time"][:-1]
    )
    if same.any():
        raise PanelRegressionError(
            f"{int(same.sum())} rows repeat a unit and period: expected one row each"
        )
    if np.ptp(columns[:, 0]) == 0.0:
        raise PanelRegressionError("the outcome does not vary in the sample: nothing to explain")
    return columns[order], sorted_labels, np.asarray(cohort, dtype=float)[order]


def _p_values(t_values: FloatArray, df: int) -> FloatArray:
    from scipy import special

    return 2 * special.stdtr(df, -np.abs(t_values))


class _Tally:
    """What is kept of the draws while they are made: its size doesn't depend on their number."""

    def __init__(self, coefficient: float, t_value: float, df: int, kept: int) -> None:
        self._true = {"coefficient": coefficient, "t": t_value}
        self._df, self._kept = df, kept
        self._coefficients = np.full(kept, np.nan)
        self._std_errors = np.full(kept, np.nan)
        self._filled = 0
        self._as_large = {"coefficient": 0, "t": 0}
        self._below = dict.fromkeys((level for level, _ in STAR_LEVELS), 0)
        self.n_coefficients = self._n_t = 0
        self._mean = self._squares = 0.0
        self._edges: FloatArray | None = None
        self._counts = np.zeros(N_BINS, dtype=np.intp)
        self._outside = [0, 0]

    def add(self, coefficients: FloatArray, std_errors: FloatArray) -> None:
        """Take in a block of draws (B)."""
        free = min(self._kept - self._filled, len(coefficients))
        at = slice(self._filled, self._filled + free)
        self._coefficients[at], self._std_errors[at] = coefficients[:free], std_errors[:free]
        self._filled += free
        b = coefficients[np.isfinite(coefficients)]
        t = (coefficients / std_errors)[np.isfinite(std_errors)]
        for name, values in (("coefficient", b), ("t", t)):
            reached = np.abs(self._true[name]) * (1 - SAME)
            self._as_large[name] += int((np.abs(values) >= reached).sum())
        p_values = _p_values(t, self._df)
        for level in self._below:
            self._below[level] += int((p_values < level).sum())
        self._n_t += len(t)
        if not len(b):
            return
        # Chan, Golub and LeVeque (1983): moments of what came before and of the block.
        total, shift = self.n_coefficients + len(b), float(b.mean()) - self._mean
        self._squares += float(((b - b.mean()) ** 2).sum())
        self._squares += shift**2 * self.n_coefficients * len(b) / total
        self._mean += shift * len(b) / total
        self.n_coefficients = total
        if self._edges is None:
            first = b[:FIRST]
            half = REACH * max(float(first.std()), SAME * (1 + abs(self._mean)))
            self._edges = np.linspace(first.mean() - half, first.mean() + half, N_BINS + 1)
        self._counts += np.histogram(b, bins=self._edges)[0]
        self._outside[0] += int((b < self._edges[0]).sum())
        self._outside[1] += int((b > self._edges[-1]).sum())

    def result(self, n_draws: int) -> dict[str, Any]:
        """Fields of `Placebo`."""
        assert self._edges is not None
        n = self.n_coefficients
        return {
            "by_coefficient": self._test("coefficient", n),
            "by_t": self._test("t", self._n_t),
            "mean": self._mean,
            "sd": float(np.sqrt(self._squares / (n - 1))) if n > 1 else float("nan"),
            "share_below": {
                level: count / self._n_t if self._n_t else float("nan")
                for level, count in self._below.items()
            },
            "density": Density(
                edges=self._edges,
                counts=self._counts,
                below=self._outside[0],
                above=self._outside[1],
                smoothed=self._smoothed(),
            ),
            "draws_coefficients": self._coefficients,
            "draws_std_errors": self._std_errors,
            "draws_p_values": _p_values(self._coefficients / self._std_errors, self._df),
            "n_absorbed": n_draws - n,
            "n_without_error": n - self._n_t,
        }

    def _smoothed(self) -> FloatArray:
        assert self._edges is not None
        n, width = self.n_coefficients, self._edges[1] - self._edges[0]
        middle = (self._edges[1:] + self._edges[:-1]) / 2
        spread = np.sqrt(self._squares / n)
        bandwidth = max(0.9 * float(spread) * n**-0.2, width)
        distance = (middle[:, None] - middle[None, :]) / bandwidth
        kernel = np.exp(-(distance**2) / 2) / np.sqrt(2 * np.pi)
        return kernel @ self._counts / (n * bandwidth)

    def _test(self, name: str, n: int) -> RandomisationTest:
        known = n > 0 and np.isfinite(self._true[name])
        p_value = (self._as_large[name] + 1) / (n + 1) if known else float("nan")
        return RandomisationTest(
            statistic=self._true[name],
            n_as_large=self._as_large[name],
            n_draws=n,
            p_value=p_value,
            mc_error=float(np.sqrt(p_value * (1 - p_value) / n)) if known else float("nan"),
        )


__all__ = ["BLOCK", "KEPT", "Density", "Placebo", "RandomisationTest", "run_placebo"]
