"""City-years of an efficiency model: the values of its terms, which of them can be judged, and why not.

Belongs here: the step from long rows to arrays, and the words for what is missing. Does not belong
here: which terms there are (`declared`), scores.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.measures.efficiency.data import EfficiencyError, check_production
from analysis.measures.efficiency.declared import ROLES
from analysis.measures.efficiency.simplex import Floats


@dataclass(frozen=True)
class Units:
    """City-years of a model (n,), sorted by city and year, and their terms (n, k) by role."""

    city: NDArray[np.object_]
    year: NDArray[np.int64]
    terms: dict[str, list[str]]
    values: dict[str, Floats]
    imputed: NDArray[np.bool_]

    @property
    def undesirable(self) -> Floats | None:
        """Undesirable outputs, or None for a model without."""
        return self.values["undesirable"] if self.terms["undesirable"] else None


def units_of(model: str, declared: dict[str, list[str]], rows: pd.DataFrame) -> Units:
    """Units of a model from its long rows; raises EfficiencyError for a term that is there twice."""
    repeated = rows.loc[rows.duplicated(["city_code", "year", "term"])]
    if len(repeated):
        first = repeated.iloc[0]
        raise EfficiencyError(
            f"model {model}: {first['city_code']} has {first['term']} of {first['year']} twice;"
            " expected one value per city, year and term"
        )
    keys = ["city_code", "year"]
    wide = rows.pivot(index=keys, columns="term", values="value").sort_index()
    imputed = rows.groupby(keys, sort=True)["is_imputed"].any()
    places = wide.index.to_frame(index=False)
    return Units(
        city=places["city_code"].to_numpy(dtype=object),
        year=places["year"].to_numpy(dtype=np.int64),
        terms=declared,
        values={
            role: wide.reindex(columns=terms).to_numpy(dtype=float, na_value=np.nan)
            for role, terms in declared.items()
        },
        imputed=imputed.reindex(wide.index).fillna(False).to_numpy(dtype=bool),
    )


def status_of(units: Units, *, amounts: bool = True) -> NDArray[np.str_]:
    """Which units can be judged, and the word for why not (n,)."""
    return check_production(
        units.values["input"], units.values["output"], units.undesirable, amounts=amounts
    ).status


def reasons_of(units: Units, status: NDArray[np.str_]) -> NDArray[np.object_]:
    """Why each unit has no number, in words (n,); None where it has one."""
    names = np.array([term for role in ROLES for term in units.terms[role]])
    everything = np.concatenate([units.values[role] for role in ROLES], axis=1)
    outputs = np.array([role == "output" for role in ROLES for _ in units.terms[role]])
    reasons = np.full(len(status), None, dtype=object)
    for i in np.flatnonzero(status != "ok"):
        row = everything[i]
        reasons[i] = {
            "missing": f"no finite value of {', '.join(names[~np.isfinite(row)])}",
            "negative": f"below zero: {', '.join(names[row < 0])}",
            "no_input": "all inputs are zero",
            "no_output": "all outputs are zero",
            "zero_output": f"zero: {', '.join(names[outputs & (row == 0)])}; slacks count relative to it",
            "infeasible": "no combination of the others can stand in for it",
            "unsolved": "the program could not be solved",
        }[str(status[i])]
    return reasons
