"""Inequality between cities and where it comes from.

Pure numerics on arrays: `gini`, `dagum`, `theil`, `sigma_convergence`, `beta_convergence`,
`panel_beta_convergence`. No warehouse, no choice of indicators.
See docs/inequality.md.
"""

from analysis.measures.inequality.convergence import (
    BetaConvergence,
    PanelBetaConvergence,
    SigmaConvergence,
    beta_convergence,
    panel_beta_convergence,
    sigma_convergence,
)
from analysis.measures.inequality.gini import Dagum, dagum, gini
from analysis.measures.inequality.theil import Theil, theil
from analysis.measures.inequality.values import InequalityError, per_period

__all__ = [
    "BetaConvergence",
    "Dagum",
    "InequalityError",
    "PanelBetaConvergence",
    "SigmaConvergence",
    "Theil",
    "beta_convergence",
    "dagum",
    "gini",
    "panel_beta_convergence",
    "per_period",
    "sigma_convergence",
    "theil",
]
