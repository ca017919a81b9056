"""The data of a study, prepared once: its rows, its values, and the sample of any equation.

Belongs here: the years and restriction of a study, checks of its rows, values made when first asked
for. Does not belong here: how a value is made (`values`), which rows an equation uses (`sample`), what
is estimated from them (the methods).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.study.keys import Filter
from analysis.study.marks import MARKS, marked
from analysis.study.panel import (
    SHOWN,
    EstimationError,
    Mask,
    data_fingerprint,
    meets,
    numbers_of,
    require_columns,
)
from analysis.study.references import exposures_of, lags_reach
from analysis.study.spec import Study, own_columns
from analysis.study.values import Values, value_of


@dataclass(frozen=True)
class Needs:
    """What designs read: `names` of the study (outcome, policies, variables), `columns` of the panel."""

    names: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


def columns_used(study: Study, needs: Iterable[Needs]) -> tuple[str, ...]:
    """Columns of the panel that a study reads for some designs, sorted."""
    used = {study.panel.unit, study.panel.time, study.cluster, study.outcome.column}
    used |= {item.column for item in study.panel.restrict}
    for each in needs:
        used |= set(each.columns)
        for name in each.names:
            used |= set(study.columns_of(name))
    return tuple(sorted(used))


@dataclass(frozen=True)
class StudyData:
    """The panel's rows that a study uses, checked, in the order of unit and time.

    ``steps`` counts what took other rows out; ``fingerprint`` is that of the columns that the designs
    need, in the study's years and those that lags reach back to. ``earlier`` are rows of these.
    """

    study: Study
    rows: pd.DataFrame
    steps: Mapping[str, int]
    fingerprint: str
    earlier: pd.DataFrame | None = None
    _made: dict[tuple[str, int], Values] = field(default_factory=dict, repr=False)
    _marked: dict[tuple[str, str, int], Mask] = field(default_factory=dict, repr=False)

    def value(self, name: str, before: int = 0) -> Values:
        """Values (n) of a name, `before` years earlier, and the reasons where there is none; made once.

        Raises EstimationError for a column that holds no numbers.
        """
        key = (name, before)
        if key not in self._made:
            where = f"study {self.study.id}"
            self._made[key] = value_of(self.study, name, self.rows, where, before, self.earlier)
        return self._made[key]

    def marked(self, name: str, mark: str, before: int = 0) -> Mask:
        """Rows (n) whose value of a name, `before` years earlier, rests on a figure with a mark; made once."""
        key = (name, mark, before)
        if key not in self._marked:
            self._marked[key] = marked(self.study, name, mark, self.rows, before, self.earlier)
        return self._marked[key]

    def values(self, names: Iterable[str]) -> pd.DataFrame:
        """Values of some names, one column each."""
        return pd.DataFrame({name: self.value(name)[0] for name in names}, index=self.rows.index)

    def has(self, name: str) -> bool:
        """Whether a name has any value in these rows."""
        return bool(np.isfinite(self.value(name)[0]).any())

    def meets(self, filters: tuple[Filter, ...], where: str) -> Mask:
        """Rows (n) that meet every filter."""
        return meets(self.rows, filters, where)


def prepare(study: Study, panel: pd.DataFrame, needs: Iterable[Needs]) -> StudyData:
    """The rows of `panel` in the study's years that meet its restriction.

    `panel` has a row per unit and period with the columns that the study names, and for each policy
    0 or 1 under its name, and what is known of the rest of its `own_columns` and of the `MARKS` of figures; a
    further rule of the treatment that an equation asks for may be absent, its columns are skipped then.
    Raises EstimationError if a column is absent, a unit has a period twice, or a policy is not 0 or 1.
    """
    used = columns_used(study, needs)
    where = f"study {study.id}"
    require_columns(panel, (*used, study.treatment), where)
    exposures = exposures_of(study)
    further = [name for name in exposures if name not in study.policies and name in panel]
    of_policies = [column for name in exposures for column in own_columns(name)]
    kept = dict.fromkeys((*used, *of_policies, *MARKS.values()))
    rows = panel.loc[:, [name for name in kept if name in panel]].reset_index(drop=True)
    years = numbers_of(rows, study.panel.time, where)
    first, last = study.panel.years
    in_years = (years >= first) & (years <= last)
    before = (years >= first - lags_reach(study)) & (years < first)
    fingerprint = data_fingerprint(rows[in_years | before], (*used, *further))
    wanted = meets(rows, study.panel.restrict, where)
    in_study = in_years & wanted
    steps = {
        "outside_years": int((~in_years).sum()),
        "restricted": int((in_years & ~in_study).sum()),
    }
    earlier, rows = (_ordered(study, rows[each], where) for each in (before & wanted, in_study))
    return StudyData(study, rows, steps, fingerprint, earlier)


def _ordered(study: Study, rows: pd.DataFrame, where: str) -> pd.DataFrame:
    """Rows by unit and time, checked."""
    _check_rows(study, rows, where)
    order = [study.panel.unit, study.panel.time]
    return rows.sort_values(order, kind="stable").reset_index(drop=True)


def _check_rows(study: Study, rows: pd.DataFrame, where: str) -> None:
    keys = [study.panel.unit, study.panel.time]
    if rows[keys].isna().to_numpy().any():
        raise EstimationError(
            f"{where}: rows without {' or '.join(keys)}: give every row of the panel both"
        )
    repeated = rows.loc[rows.duplicated(keys), keys]
    if len(repeated):
        shown = ", ".join(f"{unit} {time}" for unit, time in repeated.head(SHOWN).to_numpy())
        raise EstimationError(
            f"{where}: {len(repeated)} rows repeat a {keys[0]} and {keys[1]} ({shown}): the panel "
            "must have one row each"
        )
    for policy in exposures_of(study):
        if policy not in rows:
            continue
        treated = numbers_of(rows, policy, where)
        wrong = ~np.isin(treated, (0.0, 1.0))
        if wrong.any():
            shown = ", ".join(
                f"{unit} {time}" for unit, time in rows.loc[wrong, keys].head(SHOWN).to_numpy()
            )
            raise EstimationError(
                f"{where}: {policy} is neither 0 nor 1 in {int(wrong.sum())} rows ({shown}): "
                "expected 1 from the first treated year on, else 0, also for cities never treated"
            )


__all__ = ["EstimationError", "Needs", "StudyData", "columns_used", "data_fingerprint", "prepare"]
