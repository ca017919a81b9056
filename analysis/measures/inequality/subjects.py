"""Subjects whose inequality is measured: what the seed declares of them, and the rows that count.

Belongs here: reading the seed comparison_subject, and which city-years a subject has. Does not
belong here: measures (`analysis.measures.inequality_study`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from analysis.measures.true_zero import why_no_zero

UNIT, TIME = "city_code", "year"
SUSPECT = "suspect_columns"
"""Column of the panel that lists the columns of the row which can't be relied on."""
ALL = "all"
"""Group of the rows that are about all cities."""

MIN_UNITS = 2
"""Cities that a year needs: one city alone has no inequality."""

NOT_DEFINED, NO_VALUES = "not defined", "no values"


@dataclass(frozen=True)
class Subject:
    """What is measured: a column of the panel, the groupings, a weight and controls.

    no_zero: why the column has no true zero, None where it has one; without one only what no shift
    changes is measured. price_basis: current, constant, None where the column is no money; growth in
    current prices is growth of prices too.
    """

    id: str
    column: str
    groupings: tuple[str, ...]
    weight: str | None = None
    controls: tuple[str, ...] = ()
    no_zero: str | None = None
    leaves_out_suspect: bool = False
    price_basis: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that the subject uses, each once."""
        weight = () if self.weight is None else (self.weight,)
        names = (UNIT, TIME, self.column, *self.groupings, *weight, *self.controls)
        return tuple(dict.fromkeys(names))

    def is_suspect(self, panel: pd.DataFrame) -> "pd.Series[bool]":
        """Which rows of the panel have a value that fails a check, or is made of a figure that does."""
        if SUSPECT not in panel:
            return pd.Series(False, index=panel.index)
        listed = ", " + panel[SUSPECT].fillna("") + ","
        return listed.str.contains(f" {self.column},", regex=False)


def subjects_of(
    seed: pd.DataFrame, no_zero: Mapping[str, str] = MappingProxyType({})
) -> list[Subject]:
    """Subjects of the rows of the seed `comparison_subject`, in their order.

    Each has its indicator's `price_basis` too, where there is one. `no_zero` says why an indicator has no
    true zero (`analysis.measures.true_zero`); indices have none.
    Raises ValueError for a kind that is neither indicator nor index, and a subject without groups.
    """
    return [_subject(row, no_zero) for row in seed.to_dict("records")]


def _subject(row: dict[Any, Any], no_zero: Mapping[str, str]) -> Subject:
    def listed(name: str) -> tuple[str, ...]:
        return () if pd.isna(row[name]) else tuple(filter(None, str(row[name]).split("|")))

    name, kind = str(row["subject_id"]), row["kind"]
    if kind not in ("indicator", "index"):
        raise ValueError(f"comparison_subject {name!r}: kind {kind!r}; expected indicator or index")
    if not listed("group_columns"):
        raise ValueError(
            f"comparison_subject {name!r}: group_columns is empty; name at least one, as region"
        )
    suffix = "" if pd.isna(row["scope"]) or row["scope"] == "total" else f"_{row['scope']}"
    column = f"index_{row['code']}" if kind == "index" else f"{row['code']}{suffix}"
    weight = None if pd.isna(row["weight_indicator"]) else str(row["weight_indicator"])
    reason = why_no_zero(str(kind), str(row["code"]), no_zero)
    leaves_out = row.get("suspect_figures") == "leave_out"
    groupings, controls = listed("group_columns"), listed("controls")
    basis = row.get("price_basis")
    basis = None if pd.isna(basis) else str(basis)
    return Subject(name, column, groupings, weight, controls, reason, leaves_out, basis)


def place_of(rows: pd.DataFrame) -> str:
    """Where the first of the rows stands, in words."""
    first = rows.iloc[0]
    return f"the first: {first[UNIT]} in {first[TIME]}"


def usable_rows(
    subject: Subject, panel: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[str, list[str]] | None, int]:
    """Rows with `value` and `weight`, by year and city; or the status and why there are none."""
    absent = [c for c in subject.columns if c not in panel and c not in subject.controls]
    if absent:
        return panel.iloc[:0], (NO_VALUES, [f"the panel has no column {', '.join(absent)}"]), 0
    known = [c for c in subject.columns if c in panel]
    counts = panel[subject.column].notna()
    if subject.leaves_out_suspect:
        counts &= ~subject.is_suspect(panel)
    rows = panel.loc[counts, known].sort_values([TIME, UNIT], kind="stable")
    twice = rows.duplicated([TIME, UNIT])
    if twice.any():
        raise ValueError(f"{subject.id}: the panel has {place_of(rows[twice])} twice")
    value = rows[subject.column].astype("float64")
    weight = 1.0 if subject.weight is None else rows[subject.weight].astype("float64")
    rows = rows.assign(value=value, weight=weight, **{TIME: rows[TIME].astype("int64")})
    if rows.empty:
        return rows, (NO_VALUES, [f"{subject.column} has no value in this input"]), 0
    weighed = rows[rows["weight"] > 0]
    dropped = len(rows) - len(weighed)
    full = weighed[weighed.groupby(TIME)[UNIT].transform("size") >= MIN_UNITS]
    if weighed.empty:
        reason = f"{subject.weight} has no value above zero where {subject.column} has one"
        return weighed, (NO_VALUES, [reason]), dropped
    if full.empty:
        return full, (NO_VALUES, [f"no year has {MIN_UNITS} cities"]), dropped
    negative = full[full["value"] < 0]
    if len(negative) and subject.no_zero is None:
        reason = (
            f"{len(negative)} values are negative ({place_of(negative)}); these measures are for"
            " amounts of zero or more"
        )
        return full, (NOT_DEFINED, [reason]), dropped
    return full, None, dropped
