"""What a coefficient and its error rest on: clusters, effective clusters, treated ones, weights.

Belongs here: counts of one regressor's rows, the effective number of clusters, the weights with
which a two-way coefficient averages the effects on treated rows, and the bounds below which an
asymptotic error isn't to be believed. Does not belong here: the error itself (`panel`), an error
that can be believed with few clusters.

Least squares is linear in the outcome: b_j = sum_i h_ij y_i. Everything here follows from h.
"""

from dataclasses import dataclass

import numpy as np

from analysis.regression.effects import IntArray
from analysis.regression.rank import SHARE_LEFT, FloatArray

ROUNDING = 1e-9
"""Weights below this share of the largest are rounding, and count as none."""

LEAST_TREATED_CLUSTERS = 10
"""Clusters with rows where an indicator is 1, below which its clustered error isn't to be believed.
Of 100 cities with 1, 2, 3, 5, 8, 10, 20 treated a 5 % test rejects a true zero in 82, 37, 21, 12, 10, 8
and 5 % of samples (docs/decisions/0012-few-clusters.md; the table is made by `make verify`)."""

LEAST_EFFECTIVE_CLUSTERS = 10
"""Effective clusters, likewise: in samples with fewer the 5 % test rejects up to 30 %, in those with
as many or more 6 to 8 %, whether clusters are few, unequal or hardly treated."""

FEW_CLUSTERS = 20
"""Clusters, treated clusters or periods below which a table says so by itself and shows a wild bootstrap's p
value beside the coefficient (Cameron and Miller 2015, section VI)."""

LEAST_PERIODS = 400
"""Periods below which an error after Driscoll and Kraay isn't to be believed for a policy that stays: with
year effects and errors correlated by .6 its 5 % test rejects a true zero in 24, 20, 16, 12 and 10 % of
samples with 14, 40, 100, 200 and 400 periods, and more with a longer bandwidth (`make verify`)."""

LEAST_SATTERTHWAITE = 4
"""Satterthwaite degrees of freedom below which a bias-reduced error isn't to be believed either: the t
distribution is no good approximation then (Pustejovsky and Tipton 2018, section 5)."""

NEGATIVE_WEIGHT = 0.01
"""Share of negative weights worth a warning: with less, effects would have to differ a hundredfold
between cohorts or years to turn the sign of their average. They are counted all the same."""


@dataclass(frozen=True)
class TermSupport:
    """What one coefficient rests on.

    ``n_active_units`` and ``n_active_clusters`` are those with a row where the regressor isn't 0
    (of a policy: the treated ones), ``n_inactive_clusters`` those without. ``is_indicator`` says
    that the regressor is 0 or 1 throughout.

    ``effective_clusters`` is G* = G / (1 + the squared coefficient of variation of the clusters'
    parts in the variance) (Carter, Schnepel and Steigerwald 2017, eq. 6): as many clusters of one
    size and one treatment would give an error as good. Their parts are those of errors that are
    fully correlated in a cluster (`correlation` 1), their worst case; where effects take each
    cluster's mean out such errors vanish, and the parts are those of independent ones (0; MacKinnon,
    Nielsen and Webb 2023, section 4.3).

    ``n_weights``, ``n_negative_weights`` and ``negative_weight_sum`` describe the weights, adding up
    to 1, with which the coefficient of an indicator averages the effects on its rows (de Chaisemartin
    and D'Haultfoeuille 2020, theorem 1; with controls, their appendix): effects that differ may
    even turn its sign where weights are negative. 0, 0 and NaN for other regressors.
    """

    n_active_units: int
    n_active_clusters: int
    n_inactive_clusters: int
    is_indicator: bool
    effective_clusters: float
    correlation: float
    n_weights: int
    n_negative_weights: int
    negative_weight_sum: float

    @property
    def weaknesses(self) -> tuple[str, ...]:
        """Why the clustered error isn't to be believed, in words; empty where it may be."""
        found = []
        if self.is_indicator and self.n_active_clusters < LEAST_TREATED_CLUSTERS:
            found.append(
                f"rests on {self.n_active_clusters} treated clusters, fewer than "
                f"{LEAST_TREATED_CLUSTERS}"
            )
        if not self.effective_clusters >= LEAST_EFFECTIVE_CLUSTERS:
            found.append(
                f"rests on {self.effective_clusters:.1f} effective clusters, fewer than "
                f"{LEAST_EFFECTIVE_CLUSTERS}"
            )
        return tuple(found)

    @property
    def few(self) -> str:
        """What it rests on, in words, where that is worth a look though it may be believed; or ''."""
        n_clusters = self.n_active_clusters + self.n_inactive_clusters
        if n_clusters < FEW_CLUSTERS:
            return f"rests on {n_clusters} clusters, fewer than {FEW_CLUSTERS}"
        if self.is_indicator and self.n_active_clusters < FEW_CLUSTERS:
            return f"rests on {self.n_active_clusters} treated clusters, fewer than {FEW_CLUSTERS}"
        return ""


def effective_clusters(h: FloatArray, clusters: IntArray, correlation: float = 1.0) -> float:
    """G* of a coefficient that is sum h y, for h (n) and cluster codes (n); see `TermSupport`.

    `correlation` is that of any two errors of a cluster, 0 to 1.
    """
    part = correlation * np.bincount(clusters, weights=h) ** 2
    part += (1 - correlation) * np.bincount(clusters, weights=h**2)
    if not part.mean() > 0:
        return float("nan")
    spread = float(np.mean((part / part.mean() - 1) ** 2))
    return len(part) / (1 + spread)


def treatment_weights(h: FloatArray, treatment: FloatArray) -> FloatArray:
    """Weights (treated rows) of the effects in the coefficient sum h y of a 0/1 `treatment` (n).

    They add up to 1; those that rounding can't tell from 0 are 0.
    """
    weights = h[treatment != 0]
    return np.where(np.abs(weights) > ROUNDING * np.abs(weights).max(initial=0.0), weights, 0.0)


def term_support(h: FloatArray, x: FloatArray, units: IntArray, clusters: IntArray) -> TermSupport:
    """Support of the coefficient sum h y (n) of the regressor `x` (n), by unit and cluster codes."""
    active = x != 0
    is_indicator = bool(np.isin(x, (0.0, 1.0)).all())
    sums = np.bincount(clusters, weights=h)
    # Means of clusters that the effects took out are rounding.
    means_out = bool(np.linalg.norm(sums) <= SHARE_LEFT * np.linalg.norm(h))
    weights = treatment_weights(h, x) if is_indicator else np.empty(0)
    n_clusters = int(clusters.max()) + 1
    n_active = len(np.unique(clusters[active]))
    return TermSupport(
        n_active_units=len(np.unique(units[active])),
        n_active_clusters=n_active,
        n_inactive_clusters=n_clusters - n_active,
        is_indicator=is_indicator,
        effective_clusters=effective_clusters(h, clusters, 0.0 if means_out else 1.0),
        correlation=0.0 if means_out else 1.0,
        n_weights=int((weights != 0).sum()),
        n_negative_weights=int((weights < 0).sum()),
        negative_weight_sum=(float(weights[weights < 0].sum()) if is_indicator else float("nan")),
    )


__all__ = [
    "FEW_CLUSTERS",
    "LEAST_EFFECTIVE_CLUSTERS",
    "LEAST_PERIODS",
    "LEAST_SATTERTHWAITE",
    "LEAST_TREATED_CLUSTERS",
    "NEGATIVE_WEIGHT",
    "TermSupport",
    "effective_clusters",
    "term_support",
    "treatment_weights",
]
