"""What the effects and trends of a fit leave of its columns, and how many parameters they are.

Belongs here: from a fit's rows to projections and counts. Does not belong here: the projections
themselves (`effects`), what a convention makes of the counts (`conventions`).
"""

import numpy as np
import numpy.typing as npt

from analysis.regression.conventions import FitCounts
from analysis.regression.effects import connected_sets, is_nested, take_out, take_out_trends
from analysis.regression.rank import FloatArray
from analysis.regression.rows import Effect, PanelRegressionError, Rows, sortable


def left_within(
    columns: FloatArray,
    rows: Rows,
    effects: tuple[Effect, ...],
    weights: FloatArray | None,
    moments: FloatArray | None,
) -> FloatArray:
    """What effects, and trends of units in `moments` (n) where given, leave of columns (n x k)."""
    if moments is None:
        return take_out(columns, rows.groups, weights)
    if "unit" not in effects:
        raise PanelRegressionError("trends of units need the effects of units beside them")
    other = rows.groups[effects.index("time")] if "time" in effects else None
    return take_out_trends(columns, rows.units, moments, other, weights)


def moments_of(time: npt.ArrayLike, rows: Rows) -> FloatArray:
    """Periods of the rows that are used as numbers: a gap between two counts."""
    try:
        return sortable(time, "period")[rows.used].astype(np.float64)
    except (TypeError, ValueError) as error:
        raise PanelRegressionError(f"trends need periods that are numbers: {error}") from error


def counts_of(rows: Rows, n_slopes: int, trends: bool) -> FitCounts:
    """What conventions need to know; raises where no degrees of freedom are left.

    Trends are a third set of effects, one per unit with two periods; with effects of time each
    connected set repeats one more, the trend that its units share.
    """
    groups = rows.groups
    sizes = [int(codes.max()) + 1 for codes in groups]
    nested = [is_nested(codes, rows.clusters) for codes in groups]
    n_repeated = connected_sets(*groups) if len(groups) == 2 else 0
    if trends:
        sizes.append(int((np.bincount(rows.units) > 1).sum()))
        nested.append(is_nested(rows.units, rows.clusters))
        n_repeated *= 2
    counts = FitCounts(
        n_obs=len(rows.y),
        n_clusters=int(rows.clusters.max()) + 1,
        n_slopes=n_slopes,
        effect_sizes=tuple(sizes),
        effect_nested=tuple(nested),
        n_repeated=n_repeated,
    )
    if counts.n_parameters >= counts.n_obs:
        raise PanelRegressionError(
            f"{counts.n_parameters} coefficients, effects included, for {counts.n_obs} "
            "observations: no degrees of freedom are left; widen the sample or leave out effects"
        )
    return counts


__all__ = ["counts_of", "left_within", "moments_of"]
