"""The methods that there are, in the order in which a study's designs are estimated and shown.

Belongs here: one line per method. Does not belong here: anything about any of them. The list is
explicit: a room that is not in it, or gone, fails a test, while a search of folders would say nothing.
"""

from analysis.methods.base import Method
from analysis.methods.event_study import METHOD as EVENT_STUDY
from analysis.methods.matching import METHOD as MATCHING
from analysis.methods.mediation import METHOD as MEDIATION
from analysis.methods.moderation import METHOD as MODERATION
from analysis.methods.placebo import METHOD as PLACEBO
from analysis.methods.regression import METHOD as REGRESSION
from analysis.methods.robustness import METHOD as ROBUSTNESS
from analysis.methods.roster_bounds import METHOD as ROSTER_BOUNDS
from analysis.methods.sensitivity import METHOD as SENSITIVITY
from analysis.methods.specification_curve import METHOD as SPECIFICATION_CURVE
from analysis.methods.staggered import METHOD as STAGGERED
from analysis.methods.threshold import METHOD as THRESHOLD

METHODS: dict[str, Method] = {
    method.key: method
    for method in (
        REGRESSION,
        ROBUSTNESS,
        ROSTER_BOUNDS,
        EVENT_STUDY,
        STAGGERED,
        SENSITIVITY,
        SPECIFICATION_CURVE,
        PLACEBO,
        MATCHING,
        MODERATION,
        MEDIATION,
        THRESHOLD,
    )
}

__all__ = ["METHODS"]
