"""Numbers of a study made again by linearmodels at run time, as rows of `reference_check`.

Belongs here: those rows. Does not belong here: which columns are made again (the rooms' `referee`), the
comparison itself (`analysis.regression.reference`).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.methods.base import Job, Row
from analysis.methods.linear import FittedColumn
from analysis.regression.reference import ReferenceCheck, check_fit

FIRST_TABLE, FURTHER_TABLE, MEDIATION, THRESHOLD = (
    "first_table",
    "further_table",
    "mediation",
    "threshold",
)

Floats = npt.NDArray[np.float64]


def column_rows(job: Job, part: str, columns: Sequence[FittedColumn]) -> list[Row]:
    """Each term of some columns beside what linearmodels makes of the same arrays."""
    rows: list[Row] = []
    for column in columns:
        fit = column.fit
        check = check_fit(fit, **column.arrays)
        points = [(name, None) for name in check.names]
        key = {**job.key, "part": part, "column_id": column.equation.column_id}
        rows += check_rows(key, points, check, fit.coefficients, fit.std_errors, fit.rss)
    return rows


def check_rows(
    key: Row,
    points: Sequence[tuple[str, str | None]],
    check: ReferenceCheck,
    coefficients: Floats,
    std_errors: Floats,
    ssr: float,
) -> list[Row]:
    """Rows of `reference_check`, one per (term, point) of `points`."""
    return [
        {
            **key,
            "term": term,
            "at_point": at_point,
            "library": check.library,
            "estimate": coefficients[k],
            "reference_estimate": check.reference_coefficients[k],
            "std_error": std_errors[k],
            "reference_std_error": check.reference_errors[k],
            "difference": check.differences[k],
            "ssr": ssr,
            "reference_ssr": check.reference_ssr,
            "ssr_difference": check.ssr_difference,
            "agrees": check.agrees[k],
            "detail": check.detail,
        }
        for k, (term, at_point) in enumerate(points)
    ]


__all__ = ["FIRST_TABLE", "FURTHER_TABLE", "MEDIATION", "THRESHOLD", "check_rows", "column_rows"]
