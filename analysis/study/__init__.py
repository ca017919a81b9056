"""Study files: what a study is, and reading it from YAML.

Belongs here: the shape of a study, its checks and its hash. Does not belong here: data and
regressions; `analysis.estimation` runs a study on a panel.
"""

from analysis.study.loading import (
    STUDIES_FOLDER,
    StudyError,
    StudyProblem,
    load_studies,
    load_study,
    parse_study,
)
from analysis.study.spec import (
    TREATMENT,
    Column,
    Filter,
    Outcome,
    Panel,
    Policy,
    Published,
    Study,
    Table,
    Variable,
)

__all__ = [
    "STUDIES_FOLDER",
    "TREATMENT",
    "Column",
    "Filter",
    "Outcome",
    "Panel",
    "Policy",
    "Published",
    "Study",
    "StudyError",
    "StudyProblem",
    "Table",
    "Variable",
    "load_studies",
    "load_study",
    "parse_study",
]
