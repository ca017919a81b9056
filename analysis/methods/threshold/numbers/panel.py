"""The panel as the threshold estimator needs it: sorted once, projected once.

Here belong the checks of the input, the within transformation under a named convention, the basis
of everything that does not depend on the threshold (controls, year effects, the regressor itself),
and the degrees of freedom. No search, no test statistic, no standard error.

Notation follows Hansen (1999): y_it = mu_i + theta'z_it + sum_j beta_j'x_it 1(q_it in regime j)
+ e_it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.blas import one_thread
from analysis.methods.threshold.numbers.within import Basis, Floats, Ints, Within, orthonormal
from analysis.regression.effects import take_out
from analysis.regression.rank import (
    DroppedTerm,
    exact,
    factor,
    nothing_left,
    variation,
)
from analysis.regression.rows import sortable

Convention = Literal["hansen", "xthreg"]
LowerRegime = Literal["<=", "<"]


@dataclass(frozen=True)
class ThresholdPanel:
    """A checked panel, rows sorted by unit and time, with everything projected that can be.

    `x` (n, p) holds the columns whose slope may change at the threshold (the last one is the
    constant if `regime_intercept`), `q` (n,) the threshold variable, `z` (n, k) the controls and,
    after the first `n_controls`, the dummies of the year effects; a control that x, the effects and
    the controls before it span is a column of zeros, and `dropped` says why. `row` says which row of
    the input each row was. `y_residual` (m,) is the transformed outcome after projection on `base`,
    which spans z and x: the linear model.

    `values` are the distinct values of q, ascending, and `upto[i]` is the number of rows in the
    lower regime of the threshold values[i]: q <= it or q < it, as `lower_regime` says. `scale_dof`
    multiplies (S0 - S1) / S1 in F and LR. `cluster_code` (n,) is what errors and random signs are
    clustered by: the units unless told otherwise, and no unit lies in two.
    """

    convention: Convention
    lower_regime: LowerRegime
    y: Floats
    x: Floats
    q: Floats
    z: Floats
    unit: NDArray[Any]
    time: NDArray[Any]
    row: Ints
    unit_code: Ints
    cluster_code: Ints
    within: Within
    regime_intercept: bool
    control_names: tuple[str, ...]
    n_controls: int
    dropped: tuple[DroppedTerm, ...]
    balanced: bool
    n_years: int
    n_singletons: int
    order: Ints
    values: Floats
    upto: Ints
    base: Basis
    y_residual: Floats
    ssr_linear: float
    scale_dof: float

    @property
    def n_obs(self) -> int:
        """Rows of the panel, before the convention drops any."""
        return len(self.q)

    @property
    def n_units(self) -> int:
        """Units with at least two rows."""
        return len(self.within.start)

    @property
    def n_slopes(self) -> int:
        """Columns of `x`, the constant included if regimes have their own intercept."""
        return self.x.shape[1]

    @property
    def n_clusters(self) -> int:
        """Clusters of the errors: the units, or what they lie in."""
        return int(self.cluster_code.max()) + 1

    @property
    def clustered_by_unit(self) -> bool:
        """Whether each unit is a cluster of its own."""
        return self.n_clusters == self.n_units

    def by_cluster(self, rows: Floats) -> Floats:
        """Sums by cluster (G, k) of transformed rows (m, k)."""
        code = (
            self.cluster_code if self.within.kept is None else self.cluster_code[self.within.kept]
        )
        sums = np.zeros((self.n_clusters, rows.shape[1]))
        np.add.at(sums, code, rows)
        return sums


def _matrix(values: ArrayLike | None, n: int, what: str) -> Floats:
    if values is None:
        return np.empty((n, 0))
    a = np.asarray(values, dtype=float)
    if a.ndim == 1:
        a = a[:, None]
    if a.ndim != 2 or len(a) != n:
        raise ValueError(
            f"{what}: expected {n} rows like y, got an array of shape {np.shape(values)}"
        )
    return a


def _check_finite(a: Floats, what: str) -> None:
    bad = ~np.isfinite(a)
    if bad.any():
        rows = np.flatnonzero(bad.any(axis=1) if bad.ndim == 2 else bad)
        raise ValueError(
            f"{what}: {len(rows)} rows are missing or not finite (first: row {rows[0]}); "
            "drop or fill them before the threshold model"
        )


def _year_dummies(
    time_code: Ints, labels: NDArray[Any], group: NDArray[Any] | None
) -> tuple[Floats, list[str]]:
    """Dummies of year, or of year by group; the first of each group is left to the unit effects."""
    groups = np.zeros(len(time_code), dtype=np.int64) if group is None else group
    columns, names = [], []
    for g in np.unique(groups):
        inside = groups == g
        for t in np.unique(time_code[inside])[1:]:
            columns.append((inside & (time_code == t)).astype(float))
            names.append(f"year[{labels[t]}]" + ("" if group is None else f":group[{g}]"))
    return np.column_stack(columns) if columns else np.empty((len(groups), 0)), names


def _named(names: Sequence[str] | None, n: int, argument: str, what: str, letter: str) -> list[str]:
    found = list(names or [f"{letter}{i}" for i in range(n)])
    if len(found) != n:
        raise ValueError(f"{argument}: {len(found)} names for {n} {what}")
    return found


def _spanned(
    x: Floats, z: Floats, groups: tuple[NDArray[np.intp], ...], names: list[str]
) -> tuple[DroppedTerm, ...]:
    """Controls `z` (n, k) to leave out, chosen as a table's regression chooses: x comes first.

    Raises ValueError where a column of `x` (n, p) isn't told apart from the effects and the others.
    """
    columns = np.column_stack([x, z])
    absorbed_by = "unit effects" + (" and time effects" if len(groups) > 1 else "")
    left = take_out(columns - columns.mean(axis=0), groups)
    dropped = factor(columns, left, names, absorbed_by=absorbed_by).dropped
    for term in dropped:
        if term.name in names[: x.shape[1]]:
            raise ValueError(f"{term.name} {term.reason}: its slopes by regime are not identified")
    return dropped


def _check_outcome(raw: Floats, left: Floats, residual: Floats, outcome: str) -> None:
    """Refuse an outcome (n,) that leaves nothing to a threshold; `left`, `residual` are (m,)."""
    if not variation(raw[:, None])[0] > 0:
        raise ValueError(f"{outcome} does not vary in the sample: nothing to explain")
    if nothing_left(raw[:, None], left[:, None])[0]:
        raise ValueError(f"{outcome} is absorbed by unit effects: nothing is left to explain")
    if exact(raw, left, residual):
        raise ValueError(
            f"{outcome} is an exact combination of the regressors and effects: nothing is left "
            "for a threshold to explain"
        )


@one_thread
def prepare_panel(
    y: ArrayLike,
    x: ArrayLike,
    q: ArrayLike,
    unit: ArrayLike,
    time: ArrayLike,
    *,
    controls: ArrayLike | None = None,
    control_names: Sequence[str] | None = None,
    year_effects: bool = False,
    year_groups: ArrayLike | None = None,
    regime_intercept: bool = False,
    convention: Convention = "hansen",
    lower_regime: LowerRegime | None = None,
    cluster: ArrayLike | None = None,
    x_names: Sequence[str] | None = None,
    outcome: str = "y",
    q_name: str = "q",
) -> ThresholdPanel:
    """Check, sort and project a panel for the threshold model.

    `y`, `q` (n,); `x` (n,) or (n, p) regressors whose slopes depend on the regime; `controls`
    (n, k) with one slope for all; `unit`, `time` (n,) any sortable labels, the pair unique.
    `year_effects` adds year dummies; with `year_groups` (n,), constant within a unit (a province,
    say), one set of year effects per group. `regime_intercept` lets the intercept change with the
    regime too (Bick 2010).

    `convention="hansen"`: after demeaning the last row of each unit is dropped (it is minus the
    sum of the others) and F scales with the number of remaining rows, n(T-1) when balanced.
    `convention="xthreg"`: all rows stay and F scales with n_obs (N-1)/N, that is (N-1)T when
    balanced (Wang 2015). `lower_regime` says whether a row with q equal to the threshold belongs to
    the lower regime; by default "<" under "hansen", as in the author's program, and "<=" under
    "xthreg" and in both papers' formulas.

    An unbalanced panel is demeaned by unit over its own years; under "hansen" each unit's own last
    row is dropped. Units observed once carry no information about slopes after demeaning: they are
    left out and counted. A control that x, the effects or the controls before it span is dropped
    with the reason, as the regressions of a table drop it; `x_names`, `outcome` and `q_name` name
    columns in messages. `cluster` (n,), constant within a unit, clusters errors and random signs more
    widely than by unit.

    Raises ValueError, naming argument and row, for missing values, duplicate unit-times, an x that
    the effects absorb, an outcome that they absorb or that x and the controls explain exactly, a
    threshold variable that doesn't vary, or a panel with fewer than two units.
    """
    if convention not in get_args(Convention):
        raise ValueError(f"convention: expected one of {get_args(Convention)}, got {convention!r}")
    if lower_regime is None:
        lower_regime = "<" if convention == "hansen" else "<="
    if lower_regime not in get_args(LowerRegime):
        raise ValueError(f"lower_regime: expected '<=' or '<', got {lower_regime!r}")
    y_all = np.asarray(y, dtype=float)
    if y_all.ndim != 1:
        raise ValueError(f"y: expected one column, got shape {y_all.shape}")
    n_all = len(y_all)
    x_all, z_all = _matrix(x, n_all, "x"), _matrix(controls, n_all, "controls")
    q_all = _matrix(q, n_all, "q")[:, 0]
    for a, what in ((y_all, "y"), (x_all, "x"), (q_all, "q"), (z_all, "controls")):
        _check_finite(a, what)
    units, unit_of = np.unique(sortable(unit, "unit"), return_inverse=True)
    times, time_of = np.unique(sortable(time, "time"), return_inverse=True)
    if len(unit_of) != n_all or len(time_of) != n_all:
        raise ValueError(f"unit, time: expected {n_all} labels, one per row of y")
    names = _named(control_names, z_all.shape[1], "control_names", "controls", "z")
    x_terms = _named(x_names, x_all.shape[1], "x_names", "regressors", "x")

    row = np.lexsort((time_of, unit_of))
    doubled = (np.diff(unit_of[row]) == 0) & (np.diff(time_of[row]) == 0)
    if doubled.any():
        at = row[np.flatnonzero(doubled)[0]]
        raise ValueError(
            f"unit {units[unit_of[at]]!r}, time {times[time_of[at]]!r}: more than one row "
            f"({int(doubled.sum())} duplicates in all); keep one row per unit and time"
        )
    single = np.bincount(unit_of) == 1
    row = row[~single[unit_of[row]]]
    codes, unit_start, unit_code, unit_count = np.unique(
        unit_of[row], return_index=True, return_inverse=True, return_counts=True
    )
    if len(codes) < 2:
        raise ValueError("unit: fewer than two units with two rows or more; nothing to estimate")
    time_code = time_of[row]

    cluster_code = unit_code
    if cluster is not None:
        cluster_code = np.unique(np.asarray(cluster)[row], return_inverse=True)[1]
        if np.any(cluster_code != np.repeat(cluster_code[unit_start], unit_count)):
            raise ValueError("cluster: must not change within a unit, whose rows belong together")
        if int(cluster_code.max()) < 1:
            raise ValueError("cluster: one cluster only; errors need two or more")
    y_rows, q_rows, z_cols, x_cols = y_all[row], q_all[row], z_all[row], x_all[row]
    if not variation(q_rows[:, None])[0] > 0:
        raise ValueError(
            f"{q_name}: the threshold variable does not vary in the sample; there is nothing to "
            "cut into regimes"
        )
    groups = [unit_code.astype(np.intp)]
    dummies = np.empty((len(row), 0))
    if year_effects or year_groups is not None:
        group = None if year_groups is None else np.asarray(year_groups)[row]
        if group is not None and np.any(group != np.repeat(group[unit_start], unit_count)):
            raise ValueError("year_groups: must not change within a unit (unit effects absorb it)")
        dummies, dummy_names = _year_dummies(time_code, times, group)
        group_code = np.unique(group, return_inverse=True)[1] if group is not None else 0
        cells = np.unique(group_code * len(times) + time_code, return_inverse=True)[1]
        groups.append(cells.astype(np.intp))
        names += dummy_names
    dropped = _spanned(x_cols, z_cols, tuple(groups), [*x_terms, *names[: z_cols.shape[1]]])
    gone = [names.index(term.name) for term in dropped]
    z_cols[:, gone] = 0.0
    z_cols = np.column_stack([z_cols, dummies])
    if regime_intercept:
        x_cols = np.column_stack([x_cols, np.ones(len(row))])

    kept = None
    if convention == "hansen":
        kept = np.ones(len(row), dtype=bool)
        kept[unit_start + unit_count - 1] = False

    within = Within(unit_start.astype(np.int64), unit_count.astype(np.int64), kept)
    base = orthonormal(within, np.column_stack([z_cols, x_cols[:, : x_all.shape[1]]]))
    y_kept = within.transform(y_rows - y_rows.mean())
    y_residual = y_kept - base.columns @ (base.columns.T @ y_kept)
    _check_outcome(y_rows, y_kept, y_residual, outcome)

    order = np.argsort(q_rows, kind="stable")
    values, counts = np.unique(q_rows, return_counts=True)
    n, n_units, n_years = len(row), len(codes), len(np.unique(time_code))
    return ThresholdPanel(
        convention=convention,
        lower_regime=lower_regime,
        y=y_rows,
        x=x_cols,
        q=q_rows,
        z=z_cols,
        unit=np.asarray(unit)[row],
        time=np.asarray(time)[row],
        row=row.astype(np.int64),
        unit_code=unit_code.astype(np.int64),
        cluster_code=cluster_code.astype(np.int64),
        within=within,
        regime_intercept=regime_intercept,
        control_names=tuple(names),
        n_controls=z_all.shape[1],
        dropped=dropped,
        balanced=bool(np.all(unit_count == n_years)),
        n_years=n_years,
        n_singletons=int(single.sum()),
        order=order.astype(np.int64),
        values=values,
        upto=np.cumsum(counts) - (counts if lower_regime == "<" else 0),
        base=base,
        y_residual=y_residual,
        ssr_linear=float(y_residual @ y_residual),
        scale_dof=float(n - n_units) if kept is not None else n * (n_units - 1) / n_units,
    )
