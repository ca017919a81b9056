"""Study files: what a study is, and reading it from YAML with any set of methods.

Belongs here: the shape of a study, its checks, its hash, its data and samples. Does not belong here:
methods, which are given to it (`analysis.methods`), and the files (`analysis.studies`).
"""

from analysis.study.equations import Equation
from analysis.study.keys import Filter, Published, Split, SplitLevel
from analysis.study.loading import StudyError, StudyProblem
from analysis.study.spec import Outcome, Panel, Policy, Study, Variable

__all__ = [
    "Equation",
    "Filter",
    "Outcome",
    "Panel",
    "Policy",
    "Published",
    "Split",
    "SplitLevel",
    "Study",
    "StudyError",
    "StudyProblem",
    "Variable",
]
