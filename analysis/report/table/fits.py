"""The rows under the coefficients: controls, effects, sample and fit, estimated beside published.

Belongs here: which statistics a table shows, and how each is written. Does not belong here: the
coefficients (`build`), notes (`notes`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from analysis.report.data import records
from analysis.report.table.model import ESTIMATED, Cell, Column, Row
from analysis.report.table.printed import key_of
from analysis.typeset.numbers import MISSING, count, fixed, is_missing
from analysis.typeset.texts import N_, _

CITY_WORDS: Final = {"city", "cities", "unit", "units", "entity", "individual"}
YEAR_WORDS: Final = {"year", "years", "time", "times", "period"}

Record = dict[str, Any]


@dataclass(frozen=True)
class Statistic:
    """A row: its label, its name in a printed table, and its text for an estimate and as printed."""

    label: str
    name: str
    estimated: Callable[[Record], str]
    printed: Callable[[Any], str]


def has_effect(effects: Any, names: set[str]) -> bool:
    """Whether the text on fixed effects ('city+year') names one of the words."""
    return not is_missing(effects) and bool(
        names & set(re.findall(r"[a-z]+", str(effects).lower()))
    )


def _yes_no(value: bool) -> str:
    return _("Yes") if value else _("No")


def _printed_yes_no(value: Any) -> str:
    return _yes_no(str(value).strip().lower() in {"yes", "true", "1", "1.0"})


def _controls(fit: Record) -> str:
    text = "" if is_missing(fit["controls"]) else str(fit["controls"]).strip().lower()
    return _yes_no(text not in {"", "no", "none", "false", "[]"})


def _whole(value: Any) -> str:
    return count(float(value))


def _two(value: Any) -> str:
    return fixed(value, 2)


STATISTICS: Final = (
    Statistic(N_("Controls"), "controls", _controls, _printed_yes_no),
    Statistic(
        N_("City effects"), "city_effects",
        lambda fit: _yes_no(has_effect(fit["effects"], CITY_WORDS)), _printed_yes_no,
    ),
    Statistic(
        N_("Year effects"), "year_effects",
        lambda fit: _yes_no(has_effect(fit["effects"], YEAR_WORDS)), _printed_yes_no,
    ),
    Statistic(N_("Observations"), "n", lambda fit: count(fit["n_obs"]), _whole),
    Statistic(N_("Cities"), "units", lambda fit: count(fit["n_units"]), _whole),
    Statistic(
        N_("Treated cities"), "treated_units", lambda fit: count(fit["n_treated_units"]), _whole
    ),
    Statistic(
        N_("Never treated"), "never_treated_units",
        lambda fit: count(fit["n_never_treated_units"]), _whole,
    ),
    Statistic(
        N_("Effective clusters"), "effective_clusters",
        lambda fit: fixed(fit["effective_clusters"], 1), _two,
    ),
    Statistic(N_("Years"), "periods", lambda fit: count(fit["n_periods"]), _whole),
    Statistic(N_("R²"), "r2", lambda fit: fixed(fit["r2"]), fixed),
    Statistic(N_("Within R²"), "r2_within", lambda fit: fixed(fit["r2_within"]), fixed),
    Statistic(N_("F"), "f", lambda fit: _two(fit["f_statistic"]), _two),
)  # fmt: skip


def fit_rows(
    columns: list[Column], fits: pd.DataFrame, printed: pd.DataFrame | None
) -> tuple[Row, ...]:
    """The rows; one that nobody has a value for is left out."""
    by_column = {str(r["column_id"]): r for r in records(fits)}
    by_statistic: dict[tuple[str, str], Any] = {}
    if printed is not None:
        by_statistic = {
            (key_of(r["column_no"]), str(r["statistic"])): r["value"] for r in records(printed)
        }
    rows: list[Row] = []
    for statistic in STATISTICS:
        cells: list[Cell] = []
        for column in columns:
            for source in column.sources:
                text = MISSING
                if source == ESTIMATED:
                    fit = by_column.get(column.column_id)
                    text = MISSING if fit is None else statistic.estimated(fit)
                else:
                    value = by_statistic.get((column.column_id, statistic.name))
                    text = MISSING if is_missing(value) else statistic.printed(value)
                cells.append(Cell(source, column.column_id, statistic.name, text=text))
        if any(cell.text != MISSING for cell in cells):
            rows.append(Row(_(statistic.label), tuple(cells)))
    return tuple(rows)
