"""A regression with effects and controls taken out: what every error of its slopes is made of.

Belongs here: least squares once, in an order of rows of its own, the weights and residuals that it leaves,
and what it has of any clusters. Does not belong here: any error (the modules beside it), the fit that
tables show (`analysis.regression.panel`), whose slopes these are.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.regression.conventions import FitCounts
from analysis.regression.effects import IntArray, connected_sets, is_nested, mean_of, take_out
from analysis.regression.panel import PanelFit
from analysis.regression.rank import SHARE_LEFT, FloatArray, lengths
from analysis.regression.rows import Effect, PanelRegressionError, sortable

LARGEST_BASIS = 40_000_000
"""Numbers in a basis of effects and regressors: beyond it (320 MB) an error that needs it is refused."""


@dataclass(frozen=True)
class Groups:
    """Rows by cluster, period or city: `codes` (n) 0, 1, ... in the order of the sorted `names` (G)."""

    codes: IntArray
    names: npt.NDArray[np.str_]

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self.names)


@dataclass(frozen=True)
class Projected:
    """Slopes b (k) of y on x, with what clusters need of the regression.

    Rows are sorted by unit and period, whatever order they came in: ``order`` (n) takes arrays of the
    caller there. ``weights`` H (n, k): b = H'y; ``residuals`` e (n). Of a weighted regression all arrays
    are those of rows times ``root`` (n), the root of their weights (1 without). ``left`` (n, k) is what effects
    leave of the regressors, orthonormal to each other (its span is theirs). ``effects`` are the codes
    of the sets of fixed effects. ``is_exact`` says that nothing is left of the outcome.
    """

    names: tuple[str, ...]
    coefficients: FloatArray
    weights: FloatArray
    residuals: FloatArray
    left: FloatArray
    x: FloatArray
    units: Groups
    times: Groups
    effects: tuple[IntArray, ...]
    order: npt.NDArray[np.intp]
    root: FloatArray
    level: float
    _bases: dict[tuple[int, ...], FloatArray] = field(default_factory=dict, repr=False)

    @property
    def n_obs(self) -> int:
        """Rows."""
        return len(self.residuals)

    def groups(self, labels: npt.ArrayLike, what: str) -> Groups:
        """Clusters from labels (n) in the caller's order; none may be missing.

        Raises PanelRegressionError that names `what` where one is.
        """
        return groups_of(np.asarray(labels)[self.order], what)

    def scores(self, groups: Groups) -> FloatArray:
        """What each group contributes to the slopes, (G, k): the sums of its rows' H e."""
        return sums(self.weights * self.residuals[:, None], groups)

    def counts(self, groups: Groups) -> FitCounts:
        """What conventions of degrees of freedom count, with these groups as clusters."""
        return FitCounts(
            n_obs=self.n_obs,
            n_clusters=groups.n,
            n_slopes=len(self.names),
            effect_sizes=tuple(int(codes.max()) + 1 for codes in self.effects),
            effect_nested=tuple(is_nested(codes, groups.codes) for codes in self.effects),
            n_repeated=connected_sets(*self.effects) if len(self.effects) == 2 else 0,
        )

    def basis(self, groups: Groups) -> FloatArray:
        """Orthonormal basis Q (n, p) of regressors and effects, less one set that is nested in groups.

        The nested set's dummies don't matter to an error by these groups: a regressor that they are
        taken out of is orthogonal to them within each group (Pustejovsky and Tipton 2018, theorem 2).
        Raises PanelRegressionError where it would be too large.
        """
        nested = [k for k, codes in enumerate(self.effects) if is_nested(codes, groups.codes)]
        out = max(nested, key=lambda k: int(self.effects[k].max()), default=-1)
        key = (out,)
        if key not in self._bases:
            self._bases[key] = self._basis_without(out)
        return self._bases[key]

    def _basis_without(self, out: int) -> FloatArray:
        kept = [codes for k, codes in enumerate(self.effects) if k != out]
        size = sum(int(codes.max()) + 1 for codes in kept) + len(self.names)
        if self.n_obs * size > LARGEST_BASIS:
            raise PanelRegressionError(
                f"{size} effects and regressors that aren't nested in the clusters, for {self.n_obs}"
                " rows: too many for this error; cluster by the effects' own groups or by wider ones"
            )
        parts = [self.left]
        weights = self.root**2
        taken: tuple[IntArray, ...] = () if out < 0 else (self.effects[out],)
        for codes in sorted(kept, key=lambda each: -int(each.max())):
            dummies = np.zeros((self.n_obs, int(codes.max()) + 1))
            dummies[np.arange(self.n_obs), codes] = 1.0
            dummies /= lengths(dummies * self.root[:, None])
            if taken:
                dummies = take_out(dummies, taken, weights) * self.root[:, None]
                vectors, size_left, _ = np.linalg.svd(dummies, full_matrices=False)
                dummies = vectors[:, size_left > SHARE_LEFT]
            else:
                dummies *= self.root[:, None]
            parts.append(dummies)
            taken = (*taken, codes)
        if not self.effects:
            parts.append((self.root / lengths(self.root[:, None]))[:, None])
        return np.column_stack(parts)


def project(
    fit: PanelFit,
    y: npt.ArrayLike,
    x: npt.ArrayLike,
    unit: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    effects: tuple[Effect, ...],
    names: tuple[str, ...],
    weights: npt.ArrayLike | None = None,
    time_by: npt.ArrayLike | None = None,
    trends: bool = False,
) -> Projected:
    """The projection behind `fit`, which was made of these arrays: y (n), x (n, k) with k names.

    `weights`, `time_by` (n) and `trends` are those of the fit, if it had any.

    Raises PanelRegressionError for a row that the fit had to leave out, and for a fit that is exact.
    """
    y_all, x_all = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    if fit.n_obs != len(y_all):
        raise PanelRegressionError(
            f"{len(y_all)} rows given, {fit.n_obs} of them fitted: give the rows of the fit alone"
        )
    if trends:
        raise PanelRegressionError(
            "a fit with trends of units has no further errors: its trends aren't in the projection"
        )
    if fit.is_exact:
        raise PanelRegressionError("an identity has no error of any kind")
    units, times = groups_of(np.asarray(unit), "unit"), groups_of(np.asarray(time), "period")
    order = np.lexsort((times.codes, units.codes))
    units = Groups(units.codes[order], units.names)
    times = Groups(times.codes[order], times.names)
    kept = [names.index(name) for name in fit.names[:-1]]
    moments = times.codes
    if time_by is not None:
        own = groups_of(np.asarray(time_by)[order], "group of period effects")
        moments = groups_of(own.codes * times.n + times.codes, "period").codes
    by_name = {"unit": units.codes, "time": moments}
    groups = tuple(by_name[effect] for effect in effects)
    stacked = np.column_stack([y_all, x_all[:, kept]])[order]
    root = np.ones(len(order))
    row_weights = None
    if weights is not None:
        row_weights = np.asarray(weights, dtype=float)[order]
        row_weights /= row_weights.mean()
        root = np.sqrt(row_weights)
    within = take_out(stacked - mean_of(stacked, row_weights), groups, row_weights)
    within *= root[:, None]
    length = lengths(within[:, 1:])
    basis, triangle = np.linalg.qr(within[:, 1:] / length)
    coefficients = np.linalg.solve(triangle, basis.T @ within[:, 0]) / length
    return Projected(
        names=fit.names[:-1],
        coefficients=coefficients,
        weights=np.linalg.solve(triangle, basis.T).T / length,
        residuals=within[:, 0] - basis @ (basis.T @ within[:, 0]),
        left=basis,
        x=stacked[:, 1:],
        units=units,
        times=times,
        effects=groups,
        order=order,
        root=root,
        level=fit.level,
    )


def groups_of(labels: npt.ArrayLike, what: str) -> Groups:
    """Codes of labels (n), in the order of the sorted labels."""
    values = sortable(labels, what)
    missing = int(pd.isna(values).sum())
    if missing:
        raise PanelRegressionError(f"{missing} rows have no {what}: give every row one")
    names, codes = np.unique(values, return_inverse=True)
    return Groups(codes.astype(np.intp), names.astype(str))


def sums(values: FloatArray, groups: Groups) -> FloatArray:
    """Sums (G, m) of values (n, m) over the rows of each group."""
    columns = [np.bincount(groups.codes, weights=v, minlength=groups.n) for v in values.T]
    return np.column_stack(columns).astype(float)


__all__ = ["Groups", "Projected", "groups_of", "project", "sums"]
