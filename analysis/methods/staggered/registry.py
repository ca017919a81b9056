"""The estimators that there are, in the order in which they are shown.

Belongs here: one line per estimator, its key and its label. A new estimator is this line and the module of its
key in `numbers`, which ends with its `ESTIMATOR`. Does not belong here: anything else about any of them.
"""

LABELS: dict[str, str] = {
    "two_way": "Two-way effects",
    "group_time": "Group-time (Callaway and Sant'Anna)",
    "sun_abraham": "Interaction-weighted (Sun and Abraham)",
    "imputation": "Imputation (Borusyak, Jaravel and Spiess)",
    "local_projections": "Local projections (LP-DID)",
    "stacked": "Stacked (Wing, Freedman and Hollingsworth)",
    "two_stage": "Two-stage (Gardner)",
    "extended_two_way": "Extended two-way effects (Wooldridge)",
    "switchers": "Switchers (de Chaisemartin and D'Haultfoeuille)",
}

__all__ = ["LABELS"]
