"""Errors of the slopes of a panel regression, of many kinds: what a table may choose from.

Belongs here: pure functions on arrays that return small frozen dataclasses; `project` once, then any of
them. Does not belong here: keys of study files, rows of tables (`analysis.methods`).

docs/inference.md says which when.
"""

from analysis.regression.inference.clusters import one_way, two_way
from analysis.regression.inference.conley import conley, great_circle
from analysis.regression.inference.driscoll_kraay import driscoll_kraay
from analysis.regression.inference.errors import Errors
from analysis.regression.inference.projected import Groups, Projected, project
from analysis.regression.inference.reduced import reduced
from analysis.regression.inference.wild import WildTest, wild_test
from analysis.regression.inference.wild_joint import WildJointTest, wild_joint_test

__all__ = [
    "Errors",
    "Groups",
    "Projected",
    "WildJointTest",
    "WildTest",
    "conley",
    "driscoll_kraay",
    "great_circle",
    "one_way",
    "project",
    "reduced",
    "two_way",
    "wild_joint_test",
    "wild_test",
]
