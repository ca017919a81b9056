"""Running the inequality of a subject: from the wide city-year frame to tidy tables.

Belongs here: which rows each measure uses, what is said where one is not defined, and the tables
that come of it. Does not belong here: the numerics and the subjects (`inequality`), storing and
showing the tables.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.measures.inequality import (
    Dagum,
    InequalityError,
    MeanDifference,
    SigmaConvergence,
    SigmaOfLevels,
    Theil,
    VarianceSplit,
    beta_convergence,
    dagum,
    mean_difference,
    panel_beta_convergence,
    per_period,
    sigma_convergence,
    sigma_of_levels,
    theil,
    variance_split,
)
from analysis.measures.inequality.convergence import INITIAL, Scale
from analysis.measures.inequality.subjects import (
    ALL,
    MIN_UNITS,
    TIME,
    UNIT,
    Subject,
    place_of,
    usable_rows,
)
from analysis.measures.inequality.tables import TABLES

MIN_CONVERGENCE_UNITS = 30
"""Cities that a group needs for convergence: robust and clustered errors of fewer are too small."""

SPAN_COVERAGE = 0.9
"""Convergence runs from the first to the last year that has this share of the fullest year's cities."""

RATIO, INTERVAL = "ratio", "interval"

ESTIMATED, IN_PART = "estimated", "estimated in part"

Rows = list[dict[str, Any]]


def measure_inequality(subject: Subject, panel: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Every measure of `subject` on `panel`; frames by the names of `TABLES`.

    `panel` has one row per `city_code` and whole `year`, and the subject's columns. A row counts
    where the subject (and its weight) has a value; a year where at least two do. A subject without a
    true zero is measured by what no shift changes: half the mean difference in the place of the Gini
    coefficient, the variance in that of Theil's indices, spread and growth of the values themselves in
    that of logarithms. A subject without values, or an amount with negative ones, has a row in
    ``inequality_status`` alone, which says so; what
    single measures lack (zeros, too few cities) is said in its `detail`.

    Raises ValueError if a city has a year twice.
    """
    found: dict[str, Rows] = {name: [] for name in TABLES}
    facts: dict[str, Any] = {
        "subject_id": subject.id,
        "column_name": subject.column,
        "weight_column": subject.weight,
        "scale": RATIO if subject.no_zero is None else INTERVAL,
        "price_basis": subject.price_basis,
    }
    rows, reason, dropped = usable_rows(subject, panel)
    facts["n_dropped_weight"] = dropped
    notes: list[str] = []
    if reason:
        facts["status"], notes = reason
    else:
        facts |= {
            "first_year": rows[TIME].min(),
            "last_year": rows[TIME].max(),
            "n_obs": len(rows),
            "n_units": rows[UNIT].nunique(),
        }
        for grouping in subject.groupings:
            grouped = rows[rows[grouping].notna()]
            if len(grouped):
                found["inequality"] += _inequality_rows(subject, grouping, grouped)
                found["dagum_pair"] += _pair_rows(subject, grouping, grouped)
            if len(grouped) < len(rows):
                notes.append(f"{len(rows) - len(grouped)} city-years have no {grouping}")
        found["convergence"] = _convergence_rows(subject, rows, notes)
        zeros = rows[rows["value"] == 0]
        if len(zeros) and subject.no_zero is None:
            notes.append(
                f"{len(zeros)} city-years are zero ({place_of(zeros)}): no Theil L, no sd_log in"
                " their years"
            )
        facts["status"] = IN_PART if notes else ESTIMATED
    found["inequality_status"] = [{**facts, "detail": "; ".join(notes) or None}]
    return {name: _typed(name, made) for name, made in found.items()}


def no_inequality() -> dict[str, pd.DataFrame]:
    """The tables without rows."""
    return {name: _typed(name, []) for name in TABLES}


def _typed(name: str, made: Rows) -> pd.DataFrame:
    frame = TABLES[name].frame(made)
    numbers = [column.name for column in TABLES[name].columns if column.type == "Float64"]
    values = frame[numbers].astype("float64")
    frame[numbers] = values.where(np.isfinite(values)).astype("Float64")
    return frame


def _parts(rows: pd.DataFrame, grouping: str) -> dict[str, npt.NDArray[Any]]:
    return {"group": rows[grouping].to_numpy(dtype=object), "weights": rows["weight"].to_numpy()}


def _inequality_rows(subject: Subject, grouping: str, rows: pd.DataFrame) -> Rows:
    """Totals, components and groups of every measure and year."""
    period, values = rows[TIME].to_numpy(), rows["value"].to_numpy()
    made: Rows = []
    key = {"subject_id": subject.id, "group_column": grouping}
    if subject.no_zero is not None:
        return [{**key, **part} for part in _score_parts(rows, grouping)]
    for year, fit in per_period(dagum, period, values, **_parts(rows, grouping)).items():
        for part in _dagum_parts(fit):
            made.append({**key, "year": year, "measure": "gini", "n_units": fit.n, **part})
    for index in ("T", "L"):
        for year in np.unique(period):
            some = rows[period == year]
            split = theil(some["value"].to_numpy(), index=index, **_parts(some, grouping))
            measure = f"theil_{index.lower()}"
            for part in _theil_parts(split):
                made.append({**key, "year": year, "measure": measure, "n_units": split.n, **part})
    groups = [(ALL, rows), *((str(name), some) for name, some in rows.groupby(grouping))]
    for name, some in groups:
        for part in _spread_parts(some):
            component = "total" if name == ALL else "group"
            made.append({**key, "group_name": name, "component": component, **part})
    return made


def _score_parts(rows: pd.DataFrame, grouping: str) -> Iterator[dict[str, Any]]:
    """Totals, components and groups of the measures of a score, by year."""
    period, values = rows[TIME].to_numpy(), rows["value"].to_numpy()
    by_row = _parts(rows, grouping)
    for year, fit in per_period(mean_difference, period, values, **by_row).items():
        for part in _difference_parts(fit):
            yield {"year": year, "measure": "mean_difference", "n_units": fit.n, **part}
    for year, split in per_period(variance_split, period, values, **by_row).items():
        for part in _variance_parts(split):
            yield {"year": year, "measure": "variance", "n_units": split.n, **part}
    for name, some in [(ALL, rows), *((str(n), g) for n, g in rows.groupby(grouping))]:
        sigma = sigma_of_levels(some["value"].to_numpy(), some[TIME].to_numpy())
        about = {"component": "total" if name == ALL else "group", "group_name": name}
        for year, sd, n in zip(sigma.period, sigma.sd, sigma.n, strict=True):
            if n >= MIN_UNITS:
                yield {"year": year, "measure": "sd", **about, "value": sd, "n_units": n}


def _component(component: str, value: float, total: float, group: str = ALL) -> dict[str, Any]:
    share = value / total if 0 < total < np.inf else float("nan")
    return {"component": component, "group_name": group, "value": value, "share": share}


def _dagum_parts(fit: Dagum) -> Iterator[dict[str, Any]]:
    yield _component("total", fit.total, fit.total)
    yield _component("within", fit.within, fit.total)
    yield _component("between", fit.net_between, fit.total)
    yield _component("transvariation", fit.transvariation, fit.total)
    for j, group in enumerate(fit.groups):
        part = _component("group", fit.part[j, j], fit.total, str(group))
        yield {**part, "value": fit.group_gini[j]}


def _difference_parts(fit: MeanDifference) -> Iterator[dict[str, Any]]:
    yield _component("total", fit.total, fit.total)
    yield _component("within", fit.within, fit.total)
    yield _component("between", fit.net_between, fit.total)
    yield _component("transvariation", fit.transvariation, fit.total)
    for j, group in enumerate(fit.groups):
        part = _component("group", fit.part[j, j], fit.total, str(group))
        yield {**part, "value": fit.group_difference[j]}


def _variance_parts(fit: VarianceSplit) -> Iterator[dict[str, Any]]:
    yield _component("total", fit.total, fit.total)
    yield _component("within", fit.within, fit.total)
    yield _component("between", fit.between, fit.total)
    for group, own, added in zip(fit.groups, fit.group_variance, fit.contribution, strict=True):
        yield {**_component("group", added, fit.total, str(group)), "value": own}


def _theil_parts(fit: Theil) -> Iterator[dict[str, Any]]:
    yield _component("total", fit.total, fit.total)
    yield _component("within", fit.within, fit.total)
    yield _component("between", fit.between, fit.total)
    for group, own, added in zip(fit.groups, fit.group_index, fit.contribution, strict=True):
        yield {**_component("group", added, fit.total, str(group)), "value": own}


def _spread_parts(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """sd_log and cv by year, of years without a zero and with at least two cities."""
    positive = rows[rows.groupby(TIME)["value"].transform("min") > 0]
    if positive.empty:
        return
    fit = sigma_convergence(positive["value"].to_numpy(), positive[TIME].to_numpy())
    for year, sd_log, cv, n in zip(fit.period, fit.sd_log, fit.cv, fit.n, strict=True):
        if n >= MIN_UNITS:
            yield {"year": year, "measure": "sd_log", "value": sd_log, "n_units": n}
            yield {"year": year, "measure": "cv", "value": cv, "n_units": n}


def _pair_rows(subject: Subject, grouping: str, rows: pd.DataFrame) -> Rows:
    """What each two groups have between them, by year."""
    period, values = rows[TIME].to_numpy(), rows["value"].to_numpy()
    made: Rows = []
    measure: Callable[..., Dagum | MeanDifference] = (
        dagum if subject.no_zero is None else mean_difference
    )
    for year, fit in per_period(measure, period, values, **_parts(rows, grouping)).items():
        if isinstance(fit, MeanDifference):
            mean, between = fit.group_mean, np.full_like(fit.part, np.nan)
        else:
            mean, between = fit.value_share / fit.population_share, fit.between_gini
        for j, h in combinations(range(len(fit.groups)), 2):
            upper, lower = (h, j) if mean[h] > mean[j] else (j, h)
            part = fit.part[j, h]
            made.append(
                {
                    "subject_id": subject.id,
                    "group_column": grouping,
                    "year": year,
                    "group_a": str(fit.groups[upper]),
                    "group_b": str(fit.groups[lower]),
                    "between_gini": between[j, h],
                    "affluence": fit.affluence[j, h],
                    "net_between": part * fit.affluence[j, h],
                    "transvariation": part * (1 - fit.affluence[j, h]),
                    "share": part / fit.total if fit.total > 0 else float("nan"),
                }
            )
    return made


def covered_span(year: Sequence[int] | npt.NDArray[Any]) -> tuple[int, int]:
    """First and last year whose rows are `SPAN_COVERAGE` of the fullest year's."""
    years, counts = np.unique(np.asarray(year), return_counts=True)
    full = years[counts >= SPAN_COVERAGE * counts.max()]
    return int(full[0]), int(full[-1])


def _convergence_rows(subject: Subject, rows: pd.DataFrame, notes: list[str]) -> Rows:
    """Convergence of all cities and of each group of the first grouping that is large enough.

    What can't be estimated goes to `notes`.
    """
    first, last = covered_span(rows[TIME].to_numpy())
    if last == first:
        notes.append("convergence: there is one year only")
        return []
    inside = rows[rows[TIME].between(first, last)]
    present = [c for c in subject.controls if c in inside and inside[c].notna().any()]
    lacking = [c for c in subject.controls if c not in present]
    if lacking:
        notes.append(f"convergence: no values of the controls {', '.join(lacking)}")
    controls = tuple(present) if subject.controls and not lacking else ()
    scale: Scale = "log" if subject.no_zero is None else "level"
    grouping = subject.groupings[0]
    groups = [(ALL, ALL, inside)] + [
        (grouping, str(name), some)
        for name, some in inside.groupby(grouping)
        if some[UNIT].nunique() >= MIN_CONVERGENCE_UNITS
    ]
    made: Rows = []
    failed: dict[str, list[str]] = {}
    for column, name, some in groups:
        key = {
            "subject_id": subject.id,
            "group_column": column,
            "group_name": name,
            "first_year": first,
            "last_year": last,
        }
        for kind in ("sigma", "beta_absolute", "beta_conditional", "beta_panel"):
            if kind == "beta_conditional" and not controls:
                continue
            try:
                estimated = _convergence(kind, some, (first, last), controls, scale)
                made.append({**key, "kind": kind, **estimated})
            except (ValueError, KeyError) as error:
                failed.setdefault(f"{kind}: {error}", []).append(name)
    notes += [f"{reason} ({', '.join(names)})" for reason, names in failed.items()]
    return made


def _convergence(
    kind: str,
    rows: pd.DataFrame,
    span: tuple[int, int],
    controls: tuple[str, ...],
    scale: Scale,
) -> dict[str, Any]:
    """One regression; raises ValueError or KeyError where the rows can't carry it."""
    first, last = span
    zeros = rows[rows["value"] == 0]
    if len(zeros) and scale == "log":
        raise InequalityError(f"logarithms need values above zero; {place_of(zeros)} is zero")
    if kind == "sigma":
        return _sigma(rows, scale)
    if kind == "beta_panel":
        return _panel_beta(rows, controls, scale)
    start = rows[rows[TIME] == first].set_index(UNIT)
    end = rows.loc[rows[TIME] == last].set_index(UNIT)["value"].reindex(start.index)
    held = controls if kind == "beta_conditional" else ()
    fit = beta_convergence(
        start["value"].to_numpy(),
        end.to_numpy(),
        last - first,
        start[list(held)].to_numpy(dtype="float64") if held else None,
        control_names=held,
        scale=scale,
    )
    return {
        "controls": "+".join(held),
        "coefficient": fit.beta,
        "std_error": fit.std_errors[0],
        "t_value": fit.t_values[0],
        "p_value": fit.p_values[0],
        "speed": fit.speed,
        "half_life": fit.half_life,
        "r2": fit.r2,
        "n_obs": fit.n,
        "n_units": fit.n,
    }


def _sigma(rows: pd.DataFrame, scale: Scale) -> dict[str, Any]:
    years = rows[TIME].nunique()
    always = rows[rows.groupby(UNIT)[TIME].transform("size") == years]
    n_units = always[UNIT].nunique()
    if n_units < MIN_UNITS:
        raise InequalityError(f"{n_units} cities have every year")
    measure: Callable[..., SigmaConvergence | SigmaOfLevels] = (
        sigma_convergence if scale == "log" else sigma_of_levels
    )
    fit = measure(always["value"].to_numpy(), always[TIME].to_numpy())
    if not np.isfinite(fit.trend):
        raise InequalityError(f"a trend needs three years; there are {years}")
    return {
        "coefficient": fit.trend,
        "std_error": fit.trend_se,
        "t_value": fit.trend / fit.trend_se if fit.trend_se > 0 else float("nan"),
        "p_value": fit.trend_p,
        "n_obs": years,
        "n_units": n_units,
    }


def _panel_beta(rows: pd.DataFrame, controls: tuple[str, ...], scale: Scale) -> dict[str, Any]:
    made = panel_beta_convergence(
        rows["value"].to_numpy(),
        rows[UNIT].to_numpy(dtype=object),
        rows[TIME].to_numpy(),
        rows[list(controls)].to_numpy(dtype="float64") if controls else None,
        control_names=controls,
        scale=scale,
    )
    fit = made.fit
    at = fit.position(INITIAL)
    return {
        "controls": "+".join(controls),
        "coefficient": made.beta,
        "std_error": fit.std_errors[at],
        "t_value": fit.t_values[at],
        "p_value": fit.p_values[at],
        "speed": made.speed,
        "half_life": made.half_life,
        "r2": fit.r2,
        "n_obs": fit.n_obs,
        "n_units": fit.n_units,
    }
