"""A study run in a test: frames of its tables as attributes, and a design that fails as an error.

Here: what tests of several methods ask of a study's results. Not here: panels and studies.
"""

from typing import Any

import pandas as pd

from analysis.methods.base import FAILED
from analysis.methods.registry import METHODS
from analysis.methods.studies import StudyEstimates
from analysis.methods.studies import estimate_study as run_study
from analysis.study import Study
from analysis.study.data import EstimationError


class Results:
    """Frames of a study's estimates by attribute."""

    def __init__(self, made: StudyEstimates) -> None:
        self.made = made
        self.data_fingerprint = made.fingerprint
        self.spec_hash = made.study.spec_hash

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name not in self.made.frames:
            raise AttributeError(name)
        return self.made.frames[name]

    @property
    def column_status(self) -> pd.DataFrame:
        """What each column is and what became of it."""
        key = ["study", "method", "design", "column_id"]
        status = self.made.frames["model_fit"][[*key, "status", "detail"]]
        return self.made.frames["study_column"].merge(status, on=key)

    @property
    def labelled(self) -> pd.DataFrame:
        """Estimates with the labels of their terms."""
        terms = self.made.frames["study_term"][["study", "term", "label"]]
        return self.made.frames["estimate"].merge(terms, on=["study", "term"])


def estimate_study(study: Study, panel: pd.DataFrame, **given: Any) -> Results:
    """All designs of a study; raises EstimationError for the first that fails."""
    made = run_study(study, panel, METHODS, **given)
    for row in made.frames["design_status"].to_dict("records"):
        if row["status"] == FAILED:
            raise EstimationError(
                f"study {row['study']}, {row['method']} {row['design']}, {row['detail']}"
            )
    return Results(made)


def own_tables(key: str, study: Study, panel: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Frames of one method's own tables, and of its referee; designs of other methods aren't run."""
    found = estimate_study(study, panel, only={key})
    names = [*(table.name for table in METHODS[key].tables), "reference_check"]
    return {name: found.made.frames[name] for name in names}
