"""Inequality between cities and where it comes from.

Pure numerics on arrays: `gini`, `dagum`, `theil`, `sigma_convergence`, `beta_convergence`,
`panel_beta_convergence`; for scores, whose zero is a choice, `mean_difference`, `variance_split` and
`sigma_of_levels`. No warehouse, no choice of indicators.
See docs/inequality.md.
"""

from analysis.measures.inequality.absolute import (
    MeanDifference,
    VarianceSplit,
    mean_difference,
    variance_split,
)
from analysis.measures.inequality.convergence import (
    BetaConvergence,
    PanelBetaConvergence,
    SigmaConvergence,
    SigmaOfLevels,
    beta_convergence,
    panel_beta_convergence,
    sigma_convergence,
    sigma_of_levels,
)
from analysis.measures.inequality.gini import Dagum, dagum, gini
from analysis.measures.inequality.theil import Theil, theil
from analysis.measures.inequality.values import InequalityError, per_period

__all__ = [
    "BetaConvergence",
    "Dagum",
    "InequalityError",
    "MeanDifference",
    "PanelBetaConvergence",
    "SigmaConvergence",
    "SigmaOfLevels",
    "Theil",
    "VarianceSplit",
    "beta_convergence",
    "dagum",
    "gini",
    "mean_difference",
    "panel_beta_convergence",
    "per_period",
    "sigma_convergence",
    "sigma_of_levels",
    "theil",
    "variance_split",
]
