"""The sample of an equation: which rows of a study it uses, with an account of every other.

Belongs here: filters, groups and balance, and the arrays that methods are given. Does not belong here:
values (`values`), who is in which group (`groups`), what is estimated.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.study.data import StudyData
from analysis.study.equations import Equation, cluster_of, rule_name
from analysis.study.groups import NO_LEVEL, Groups
from analysis.study.keys import Balance
from analysis.study.marks import MARKS, SUSPECT
from analysis.study.panel import SHOWN, EstimationError, Mask, numbers_of
from analysis.study.spec import FIRST_YEAR
from analysis.study.values import Values

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """What an equation is estimated from: arrays (n,) by unit and time, `x` (n, k), and the account.

    ``names`` are those of the columns of `x`: regressors, then controls. ``treated`` is the study's
    policy, 0 or 1. ``account`` says how all rows of the panel became the n: steps that add up, "used"
    and what each took out. ``missing`` counts rows without a value: (variable, reason, rows).
    ``rows`` (n,) are the positions in the study's rows. ``year_by`` (n,) is whose years have effects of
    their own, None where all rows share those of a year. ``marks`` has, by (mark, name), the rows (n,) whose
    value rests on a figure with the mark (`analysis.study.marks`), where there is any.
    """

    y: Floats
    x: Floats
    treated: Floats
    unit: npt.NDArray[Any]
    time: npt.NDArray[Any]
    cluster: npt.NDArray[Any]
    names: tuple[str, ...]
    account: dict[str, int]
    missing: tuple[tuple[str, str, int], ...]
    rows: npt.NDArray[np.int64]
    first_years: Floats | None
    year_by: npt.NDArray[Any] | None = None
    marks: Mapping[tuple[str, str], Mask] = field(default_factory=dict)

    @property
    def cohort(self) -> Floats:
        """First treated year (n,) of the study's policy, NaN for units that never are.

        Raises EstimationError where the data were prepared without it: a method that uses it names
        `<policy>_first_year` among its needs.
        """
        if self.first_years is None:
            raise EstimationError(
                "the panel has no first treated year of the policy; a method that uses cohorts names"
                " <policy>_first_year in its needs"
            )
        return self.first_years

    def column(self, name: str) -> Floats:
        """One column (n,) of `x` by name."""
        return self.x[:, self.names.index(name)]

    @property
    def n_never_treated(self) -> int | None:
        """Units that the study's policy never treats; None where first years aren't known."""
        if self.first_years is None:
            return None
        return len(set(self.unit[np.isnan(self.first_years)].tolist()))

    def among(self, kept: Mask, **account: int) -> "Sample":
        """The rows (n,) that are kept; `account` has the steps that took the others out."""

        def of(values: npt.NDArray[Any] | None) -> Any:
            return None if values is None else values[kept]

        before = {step: n for step, n in self.account.items() if step != "used"}
        return replace(
            self,
            **{each: of(getattr(self, each)) for each in _BY_ROW},
            account={**before, **account, "used": int(kept.sum())},
            marks={key: mask[kept] for key, mask in self.marks.items() if mask[kept].any()},
        )

    @property
    def n_dropped(self) -> int:
        """Rows lost to missing values, those of incomplete units included."""
        return self.account["missing"] + self.account["incomplete_unit"]


_BY_ROW = ("y", "x", "treated", "unit", "time", "cluster", "rows", "first_years", "year_by")


def sample_of(
    data: StudyData,
    equation: Equation,
    shared: tuple[str, ...],
    where: str,
    groups: Groups | None = None,
) -> Sample:
    """The rows of an equation that have a value of all its names, under the study's rule on balance.

    `shared` are the names that a complete unit has: those of all equations of the design, which so
    share a sample. Raises EstimationError if units lack a year where the study requires balance, or
    for a filter that can't be asked. The sample may be empty; `empty_reason` says why.
    """
    filtered = data.meets(equation.sample, where)
    account = {**data.steps, "sample_filter": int((~filtered).sum())}
    sampled = filtered
    if groups is not None and equation.split is not None and equation.level is not None:
        sampled = filtered & groups.rows_of(equation.split.levels.index(equation.level))
        ungrouped = groups.level == NO_LEVEL
        account["no_group"] = int((filtered & ungrouped).sum())
        account["other_group"] = int((filtered & ~sampled & ~ungrouped).sum())
    if equation.reading.leave_out:
        left_out = _left_out(data, equation)
        account["left_out_event_time"] = int((sampled & left_out).sum())
        sampled = sampled & ~left_out
    if equation.reading.without_suspect:
        each = [_marked(data, equation, name, SUSPECT) for name in equation.names]
        suspect = np.logical_or.reduce(each)
        account["suspect_figure"] = int((sampled & suspect).sum())
        sampled = sampled & ~suspect
    asked = asked_of_all(data, shared, equation)
    complete = complete_units(data, asked, data.study.panel.balanced, where)
    return _taken(data, equation, sampled, complete, account)


def balanced_sample(data: StudyData, equation: Equation, where: str) -> tuple[Sample, int]:
    """The rows of units that have every year of the study, and how many units these leave out.

    Raises EstimationError where the study requires balance and units lack a year.
    """
    rule: Balance = "drop_incomplete_units"
    if data.study.panel.balanced == "require":
        rule = "require"
    values = _values(data, equation, equation.names)
    complete = complete_units(data, values, rule, where)
    everyone = np.ones(len(data.rows), dtype=bool)
    account = {**data.steps, "sample_filter": 0}
    usable = np.isfinite(values.to_numpy()).all(axis=1)
    lost = usable & ~complete
    left_out = int(data.rows.loc[lost, data.study.panel.unit].nunique())
    sample = _taken(data, equation, everyone, complete, account)
    sample.account["incomplete_unit"] = int(lost.sum())
    sample.account["missing"] = int((~usable).sum())
    return sample, left_out


def _taken(
    data: StudyData, equation: Equation, sampled: Mask, complete: Mask, account: dict[str, int]
) -> Sample:
    study, rows = data.study, data.rows
    offered = sampled & complete
    values = _values(data, equation, equation.names)
    cluster = cluster_of(study, equation)
    without_cluster = rows[cluster].isna().to_numpy()
    if equation.year_by is not None:
        without_cluster = without_cluster | rows[equation.year_by].isna().to_numpy()
    lost = ~np.isfinite(values.to_numpy()).all(axis=1) | without_cluster
    used = offered & ~lost
    account |= {
        "incomplete_unit": int((sampled & ~complete).sum()),
        "missing": int((offered & lost).sum()),
        "used": int(used.sum()),
    }
    missing = [
        (name, reason, int((sampled & mask).sum()))
        for name in equation.names
        for reason, mask in _read(data, equation, name)[1].items()
    ]
    missing.append((cluster, "missing", int((sampled & without_cluster).sum())))
    taken, where = values[used], rows[used]
    taken = _winsorised(data, equation, taken)
    cohort = FIRST_YEAR.format(policy=_treatment(data, equation))
    return Sample(
        y=taken[equation.outcome].to_numpy(),
        x=taken.loc[:, list(equation.terms)].to_numpy(),
        treated=_read(data, equation, study.treatment)[0][used],
        unit=where[study.panel.unit].to_numpy(),
        time=where[study.panel.time].to_numpy(),
        cluster=where[cluster].to_numpy(),
        names=equation.terms,
        account=account,
        missing=tuple(each for each in missing if each[2]),
        rows=np.flatnonzero(used),
        first_years=data.value(cohort)[0][used] if cohort in rows else None,
        year_by=None if equation.year_by is None else where[equation.year_by].to_numpy(),
        marks={key: mask for key, mask in _marks(data, equation, used) if mask.any()},
    )


def _marks(
    data: StudyData, equation: Equation, used: Mask
) -> Iterator[tuple[tuple[str, str], Mask]]:
    """By mark and name the rows of the sample that have it."""
    for mark in MARKS:
        for name in equation.names:
            yield (mark, name), _marked(data, equation, name, mark)[used]


def _treatment(data: StudyData, equation: Equation) -> str:
    """Column of the panel with the treatment, by the equation's rule."""
    treatment, rule = data.study.treatment, equation.reading.policy
    return treatment if rule is None else rule_name(treatment, rule)


def _read(data: StudyData, equation: Equation, name: str) -> Values:
    """Values of a name as the equation reads them."""
    if name == data.study.treatment:
        return data.value(_treatment(data, equation))
    return data.value(name, _lag(data, equation, name))


def _marked(data: StudyData, equation: Equation, name: str, mark: str) -> Mask:
    """Rows whose value of a name, as the equation reads it, rests on a figure with a mark."""
    return data.marked(name, mark, _lag(data, equation, name))


def _lag(data: StudyData, equation: Equation, name: str) -> int:
    """By how many years the equation takes a name earlier than the study declares."""
    lagged = name in equation.controls and name in data.study.variables
    return equation.reading.lag_controls if lagged else 0


def _values(data: StudyData, equation: Equation, names: Iterable[str]) -> pd.DataFrame:
    read = {name: _read(data, equation, name)[0] for name in names}
    return pd.DataFrame(read, index=data.rows.index)


def _winsorised(data: StudyData, equation: Equation, taken: pd.DataFrame) -> pd.DataFrame:
    """Outcome and controls of the rows used, without what lies beyond their quantiles at either end.

    Quantiles are of all rows of the sample together, interpolated linearly; policies stay 0 or 1.
    """
    share = equation.reading.winsorise
    if share is None or taken.empty:
        return taken
    cut = [equation.outcome, *(n for n in equation.controls if n in data.study.variables)]
    low, high = np.quantile(taken[cut].to_numpy(), [share, 1 - share], axis=0)
    return taken.assign(**{n: taken[n].clip(a, b) for n, a, b in zip(cut, low, high, strict=True)})


def _left_out(data: StudyData, equation: Equation) -> Mask:
    """Rows in a year since the first treated year that the equation leaves out."""
    first = data.value(FIRST_YEAR.format(policy=_treatment(data, equation)))[0]
    time = numbers_of(data.rows, data.study.panel.time, f"study {data.study.id}")
    return np.isin(time - first, equation.reading.leave_out)


def empty_reason(sample: Sample) -> str:
    """What took the rows out of an empty sample."""
    listed = ", ".join(f"{step} {n}" for step, n in sample.account.items() if n)
    return (
        f"the sample is empty; rows by what took them out: {listed or 'no rows'}."
        " Correct the years, filters or columns of the study"
    )


def complete_units(data: StudyData, values: pd.DataFrame, balanced: Balance, where: str) -> Mask:
    """Rows (n) that a rule on balance lets in (`Panel.balanced`).

    A unit is complete if it has every year of the study with all `values`.
    """
    study, rows = data.study, data.rows
    if balanced == "allow":
        return np.ones(len(rows), dtype=bool)
    first, last = study.panel.years
    usable = np.isfinite(values.to_numpy()).all(axis=1) & rows[study.cluster].notna().to_numpy()
    n_years = last - first + 1
    unit = rows[study.panel.unit]
    complete = pd.Series(usable).groupby(unit.to_numpy()).transform("sum").to_numpy() == n_years
    if balanced == "require" and not complete.all():
        units = unit[~complete].drop_duplicates()
        shown = ", ".join(str(value) for value in units.head(SHOWN))
        raise EstimationError(
            f"{where}: {len(units)} units lack a year of {first}-{last} "
            f"or a value in one ({shown}{', ...' if len(units) > SHOWN else ''}), and the study "
            "requires balance; fill the gaps, or set panel.balanced to drop_incomplete_units or "
            "allow"
        )
    return complete


def asked_of_all(data: StudyData, names: tuple[str, ...], equation: Equation) -> pd.DataFrame:
    """The values that a complete unit must have, as the equation reads them.

    A variable without any value makes no unit incomplete (its columns are skipped), and neither do
    the first years of a lagged one.
    """
    study = data.study
    told = [n for n in names if n == study.outcome.column or data.has(n)]
    asked = _values(data, equation, told)
    time = numbers_of(data.rows, study.panel.time, f"study {study.id}")
    for name in map(str, asked.columns):
        if name not in study.variables:
            continue
        lag = study.variables[name].lag or 0
        lag += equation.reading.lag_controls if name in equation.controls else 0
        if lag:
            asked.loc[time < study.panel.years[0] + lag, name] = 0.0
    return asked


__all__ = [
    "Sample",
    "asked_of_all",
    "balanced_sample",
    "complete_units",
    "empty_reason",
    "sample_of",
]
