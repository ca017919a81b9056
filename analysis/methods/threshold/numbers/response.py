"""Does the threshold variable itself respond to treatment?

If it does, treatment moves units across the threshold and the regimes are an outcome: slopes by
regime then mix the effect within a regime with the effect on being in it. Here belongs the test;
the remedies (lag it, freeze it before treatment) belong to `regimes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.methods.threshold.numbers.panel import prepare_panel
from analysis.methods.threshold.numbers.slopes import estimate_slopes


@dataclass(frozen=True)
class ThresholdResponse:
    """Effects of treatment on q and on being above each threshold, unit and year effects removed.

    Rows: `outcome` "q", then "q > 1.3028" and so on. Errors clustered by unit, or by `cluster`; p
    values from t with one degree of freedom less than clusters. `share_of_sd` is the effect on q in
    standard deviations of q. `responds` is true if any p value, times the number of rows
    (Bonferroni), is below `alpha`.
    """

    outcome: tuple[str, ...]
    effect: tuple[float, ...]
    se_cluster: tuple[float, ...]
    p_value: tuple[float, ...]
    share_of_sd: float
    n_obs: int
    n_clusters: int
    alpha: float
    responds: bool

    def warning(self) -> str | None:
        """A sentence for the report, or None where nothing was found."""
        if not self.responds:
            return None
        found = ", ".join(
            f"{o}: {e:.4g} (p = {p:.3g})"
            for o, e, p in zip(self.outcome, self.effect, self.p_value, strict=True)
        )
        return (
            f"The threshold variable responds to treatment ({found}). Regimes are then partly an "
            "outcome of treatment, and slopes by regime are not effects in fixed groups; use the "
            "variable lagged or frozen before treatment."
        )


def threshold_response(
    q: ArrayLike,
    treatment: ArrayLike,
    unit: ArrayLike,
    time: ArrayLike,
    *,
    controls: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    thresholds: Sequence[float] = (),
    alpha: float = 0.05,
) -> ThresholdResponse:
    """Regress q, and 1(q > threshold) for each threshold, on treatment; two-way fixed effects.

    All arguments (n,), `controls` (n, k). With staggered adoption and effects that differ by
    cohort the two-way estimate mixes cohorts; it is meant as an alarm, not as an estimate.
    """
    from scipy.stats import t as t_distribution

    values = np.asarray(q, dtype=float)
    outcomes = [("q", values)]
    outcomes += [(f"q > {t:.6g}", (values > t).astype(float)) for t in thresholds]
    effect, error, p_value = [], [], []
    for _, outcome in outcomes:
        panel = prepare_panel(
            outcome,
            treatment,
            values,
            unit,
            time,
            controls=controls,
            year_effects=True,
            convention="xthreg",
            cluster=cluster,
        )
        fit = estimate_slopes(panel, ())
        b, se = (float(a[0]) for a in fit.slopes())
        effect.append(b)
        error.append(se)
        ratio = abs(b) / se if se > 0 else 0.0
        p_value.append(float(2 * t_distribution.sf(ratio, fit.n_clusters - 1)))
    return ThresholdResponse(
        outcome=tuple(name for name, _ in outcomes),
        effect=tuple(effect),
        se_cluster=tuple(error),
        p_value=tuple(p_value),
        share_of_sd=effect[0] / float(values.std()),
        n_obs=panel.n_obs,
        n_clusters=panel.n_clusters,
        alpha=alpha,
        responds=bool(min(p_value) * len(p_value) < alpha),
    )
