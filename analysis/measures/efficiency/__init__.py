"""Data envelopment analysis: how close cities come to what the best of them do with their means.

Pure numerics on arrays of inputs and outputs, one row per unit (a city in a year):
`radial_efficiency` (CCR, BCC), `sbm_efficiency` (slacks-based), `additive_efficiency` (RAM, BAM: for data
without a true zero), `returns_to_scale`, `malmquist`.
No warehouse, no choice of indicators. See docs/efficiency.md.
"""

from analysis.measures.efficiency.additive import additive_efficiency
from analysis.measures.efficiency.data import RETURNS, STATUSES, EfficiencyError
from analysis.measures.efficiency.productivity import Malmquist, malmquist
from analysis.measures.efficiency.radial import radial_efficiency
from analysis.measures.efficiency.result import Efficiency
from analysis.measures.efficiency.sbm import sbm_efficiency
from analysis.measures.efficiency.scale import ScaleEfficiency, compare_returns, returns_to_scale

__all__ = [
    "RETURNS",
    "STATUSES",
    "Efficiency",
    "EfficiencyError",
    "Malmquist",
    "ScaleEfficiency",
    "additive_efficiency",
    "compare_returns",
    "malmquist",
    "radial_efficiency",
    "returns_to_scale",
    "sbm_efficiency",
]
