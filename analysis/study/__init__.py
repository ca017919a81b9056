"""Study files: what a study is, and reading it from YAML.

Belongs here: the shape of a study, its checks, its equations and its hash. Does not belong here: data and
regressions; `analysis.methods.regression.run` runs a study on a panel.
"""

from analysis.study.equations import Equation, PrintedTable, printed_tables
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
    BootstrapScheme,
    CandidateGrid,
    Column,
    Filter,
    Mediation,
    Outcome,
    Panel,
    Policy,
    Published,
    PublishedThresholds,
    Split,
    SplitLevel,
    Study,
    Table,
    ThresholdDesign,
    Variable,
)

__all__ = [
    "STUDIES_FOLDER",
    "TREATMENT",
    "BootstrapScheme",
    "CandidateGrid",
    "Column",
    "Equation",
    "Filter",
    "Mediation",
    "Outcome",
    "Panel",
    "Policy",
    "PrintedTable",
    "Published",
    "PublishedThresholds",
    "Split",
    "SplitLevel",
    "Study",
    "StudyError",
    "StudyProblem",
    "Table",
    "ThresholdDesign",
    "Variable",
    "load_studies",
    "load_study",
    "parse_study",
    "printed_tables",
]
