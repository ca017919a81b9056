"""Errors clustered by one key, or by two at once.

Belongs here: the sandwiches by one and two ways. Does not belong here: few clusters (`reduced`, `wild`),
distances in space or time (`conley`, `driscoll_kraay`).
"""

from dataclasses import replace
from typing import Literal

import numpy as np

from analysis.regression.conventions import DEFAULT_CONVENTION, Convention, FitCounts
from analysis.regression.inference.errors import Errors, factor_and_df, mended, tested
from analysis.regression.inference.projected import Groups, Projected, groups_of
from analysis.regression.rank import FloatArray, cancels
from analysis.regression.rows import PanelRegressionError

TwoWayFactor = Literal["fewer", "each"]
"""Clusters that the factor of a two-way error counts: the fewer of the two ways in all three sandwiches, as
fixest and reghdfe do, or those of each sandwich, as Cameron, Gelbach and Miller do."""


def at_least_two(groups: Groups, what: str) -> None:
    """Raises PanelRegressionError for a single cluster."""
    if groups.n < 2:
        only = groups.names[0] if groups.n else "none"
        raise PanelRegressionError(
            f"one cluster only by {what} ({only}): a clustered error needs two or more; widen the sample or"
            " cluster by something finer"
        )


def known_scores(projected: Projected, groups: Groups) -> FloatArray:
    """Scores (G, k) of groups; 0 for a slope whose rows cancel in every group: it has no error."""
    scores = projected.scores(groups)
    rows = projected.weights * projected.residuals[:, None]
    scores[:, cancels(scores, rows)] = 0.0
    return scores


def one_way(
    projected: Projected,
    groups: Groups,
    what: str = "cluster",
    convention: Convention = DEFAULT_CONVENTION,
) -> Errors:
    """The sandwich by `groups`, with the factor of a convention.

    Raises PanelRegressionError for a single cluster, named `what`.
    """
    at_least_two(groups, what)
    scores = known_scores(projected, groups)
    factor, df = factor_and_df(convention, projected.counts(groups))
    return tested(
        projected, scores.T @ scores * factor, df, n_groups=groups.n, convention=convention
    )


def two_way(
    projected: Projected,
    first: Groups,
    second: Groups,
    what: tuple[str, str] = ("first", "second"),
    convention: Convention = DEFAULT_CONVENTION,
    factor_of: TwoWayFactor = "fewer",
) -> Errors:
    """V_first + V_second - V_both (Cameron, Gelbach and Miller 2011), made positive where it isn't.

    t has the degrees of freedom of the way with fewer clusters. Effects that are nested in either way
    cost none, as in fixest. Raises PanelRegressionError for a single cluster either way.
    """
    for groups, name in zip((first, second), what, strict=True):
        at_least_two(groups, name)
    both = groups_of(first.codes * second.n + second.codes, "cluster")
    counts = [projected.counts(groups) for groups in (first, second, both)]
    nested = tuple(np.any([c.effect_nested for c in counts[:2]], axis=0).tolist())
    fewest = min(counts[:2], key=lambda c: c.n_clusters)
    total = np.zeros((len(projected.names),) * 2)
    scale = np.zeros(len(projected.names))
    for sign, groups, own in zip((1, 1, -1), (first, second, both), counts, strict=True):
        n_clusters = fewest.n_clusters if factor_of == "fewer" else own.n_clusters
        factor, _ = factor_and_df(convention, _with(own, n_clusters, nested))
        scores = known_scores(projected, groups)
        part = scores.T @ scores * factor
        total += sign * part
        scale += np.diag(part) if sign > 0 else 0.0
    _, df = factor_and_df(convention, _with(fewest, fewest.n_clusters, nested))
    total, is_mended = mended(total, np.sqrt(np.where(scale > 0, scale, 1.0)))
    return tested(
        projected, total, df, n_groups=fewest.n_clusters, convention=convention, is_mended=is_mended
    )


def _with(counts: FitCounts, n_clusters: int, nested: tuple[bool, ...]) -> FitCounts:
    return replace(counts, n_clusters=n_clusters, effect_nested=nested)


__all__ = ["TwoWayFactor", "at_least_two", "known_scores", "one_way", "two_way"]
