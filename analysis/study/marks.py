"""Marks on the figures behind a study's values: those that fail a check, and those that are interpolated.

Belongs here: which rows of a name rest on a marked figure, by the panel's columns that list the marked ones.
Does not belong here: how a figure comes by its mark (dbt), rows of an equation (`sample`), notes on them
(`analysis.methods.notes`).
"""

from typing import Final

import numpy as np
import pandas as pd

from analysis.study.panel import Mask
from analysis.study.spec import Study
from analysis.study.values import years_before

SUSPECT, IMPUTED = "suspect", "imputed"
MARKS: Final = {SUSPECT: "suspect_columns", IMPUTED: "imputed_columns"}
"""Column of the panel, by mark, that names a row's columns with it, parted by commas."""


def marked(
    study: Study,
    name: str,
    mark: str,
    rows: pd.DataFrame,
    before: int = 0,
    earlier: pd.DataFrame | None = None,
) -> Mask:
    """Rows (n) whose value of a name is made of a figure with the mark, as `values.value_of` reads it.

    No row where the panel doesn't say which columns have the mark.
    """
    nobody = np.zeros(len(rows), dtype=bool)
    if MARKS[mark] not in rows:
        return nobody
    variable = study.variables.get(name)
    if variable is not None and variable.product is not None:
        factors = (
            marked(study, each, mark, rows, before if each in study.variables else 0, earlier)
            for each in variable.product
        )
        return np.asarray(np.logical_or.reduce([nobody, *factors]))
    lag = (variable.lag or 0) + before if variable is not None else 0
    known = rows if not lag or earlier is None or earlier.empty else pd.concat([rows, earlier])
    found = _listed(known[MARKS[mark]], study.columns_of(name))
    if not lag:
        return found
    at = years_before(study, known, len(rows), lag)
    return np.asarray((at >= 0) & found[at])


def _listed(lists: pd.Series, columns: tuple[str, ...]) -> Mask:
    """Rows (n) whose list names one of some columns."""
    place, told = pd.factorize(lists)
    named = [bool(set(columns).intersection(str(each).split(", "))) for each in told]
    return np.array([*named, False])[place]  # a missing list is at place -1, the last


__all__ = ["IMPUTED", "MARKS", "SUSPECT", "marked"]
