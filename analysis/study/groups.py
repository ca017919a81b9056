"""Groups of cities for a split: which rows of a panel belong to which level, and by what rule.

Belongs here: turning a split's rule and a panel into a level per row. Does not belong here: the
regressions within levels, and the tests between them (the methods).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.study.keys import Split

NO_LEVEL = -1


@dataclass(frozen=True)
class Groups:
    """The level of each row: `level` (n) is its position in the split's levels, or NO_LEVEL.

    ``rule`` says in words how it came about; ``cut`` is the value between low and high (NaN for
    text and truth values). ``others`` are values that no level names: cities left out on purpose,
    or what a level was meant to say.
    """

    level: npt.NDArray[np.int64]
    rule: str
    cut: float
    others: tuple[str, ...] = ()

    def rows_of(self, position: int) -> npt.NDArray[np.bool_]:
        """Mask (n) of the rows in a level."""
        return np.asarray(self.level == position)


def group_rows(split: Split, rows: pd.DataFrame, unit: str, time: str) -> Groups:
    """Level of each of `rows`; a row without a value, or with another one, has none.

    `rows` has a row per unit and period, all periods of the study. The median is that of the units
    that have a value in the years `over`, each counted once.
    Raises ValueError if a number is asked of text, or a level is of another type than the column.
    """
    values = rows[split.by]
    if split.at is not None:
        return _by_median(split, rows, unit, time)
    numeric = pd.api.types.is_numeric_dtype(values)
    present = values.dropna()
    text = bool(len(present)) and not numeric and isinstance(present.iloc[0], str)
    for level in split.levels:
        if (numeric and isinstance(level.value, str)) or (
            text and not isinstance(level.value, str)
        ):
            holds = "numbers or truth values" if numeric else "text"
            raise ValueError(
                f"split by {split.by!r} has the level {level.value!r}, but the column holds {holds};"
                " write the value as the column has it"
            )
    rule = f"by {split.by}"
    if split.as_of is not None:
        at = rows.loc[rows[time] == split.as_of].set_index(unit)[split.by]
        values = rows[unit].map(at)
        rule = f"by {split.by} in {split.as_of}"
    level_of = np.full(len(rows), NO_LEVEL, dtype=np.int64)
    for position, level in enumerate(split.levels):
        level_of[values.isin([level.value]).to_numpy(dtype=bool)] = position
    others = tuple(sorted(str(value) for value in values[level_of == NO_LEVEL].dropna().unique()))
    return Groups(level_of, rule, float("nan"), others)


def _by_median(split: Split, rows: pd.DataFrame, unit: str, time: str) -> Groups:
    first, last = split.over or (0, 0)
    try:
        values = pd.to_numeric(rows[split.by]).astype("float64")
    except (ValueError, TypeError) as error:
        raise ValueError(f"split by {split.by!r} at the median needs numbers: {error}") from error
    within = rows[time].between(first, last).to_numpy() & np.isfinite(values.to_numpy())
    means = values[within].groupby(rows.loc[within, unit]).mean()
    cut = float(means.median()) if len(means) else float("nan")
    own = rows[unit].map(means).to_numpy(dtype="float64", na_value=np.nan)
    position = {level.value: k for k, level in enumerate(split.levels)}
    level_of = np.full(len(rows), NO_LEVEL, dtype=np.int64)
    level_of[own <= cut] = position["low"]
    level_of[own > cut] = position["high"]
    span = f"{first}" if first == last else f"{first} to {last}"
    rule = (
        f"by the city's mean of {split.by} over {span}, low up to the median of {len(means)} cities"
    )
    return Groups(level_of, rule, cut)


__all__ = ["NO_LEVEL", "Groups", "group_rows"]
