"""Efficiency models on the warehouse's figures: from long frames to tidy tables.

Belongs here: models, variants and terms as the seeds declare them, the calls of the numerics, and
the tables that come of it, with a status and a reason wherever there is no score. Does not belong
here: the numerics (`efficiency`), which indicators are terms (seeds), storing and showing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.measures.efficiency import (
    RETURNS,
    Efficiency,
    EfficiencyError,
    compare_returns,
    malmquist,
    radial_efficiency,
    sbm_efficiency,
)
from analysis.measures.efficiency.data import check_production, require
from analysis.measures.efficiency.radial import Orientation
from analysis.measures.efficiency.sbm import EFFICIENT, SbmOrientation
from analysis.measures.efficiency.simplex import Floats, Ints
from analysis.measures.efficiency.tables import TABLES

METHODS = ("radial", "super_radial", "scale", "sbm", "super_sbm", "malmquist")
ROLES = ("input", "output", "undesirable")
MEASURED, LEFT_OUT = "measured", "left_out"

Progress = Callable[[str, str], None]


@dataclass(frozen=True)
class _Variant:
    """One row of the seed efficiency_variant, checked."""

    variant: str
    method: str
    orientation: str
    returns: str
    frontier: str
    keeps_detail: bool


@dataclass(frozen=True)
class _Units:
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


def measure_efficiency(
    models: pd.DataFrame,
    variants: pd.DataFrame,
    terms: pd.DataFrame,
    values: pd.DataFrame,
    progress: Progress | None = None,
) -> dict[str, pd.DataFrame]:
    """Every variant of every model; frames by the names of `TABLES`.

    `models`, `variants` and `terms` are the seeds of these names. `values` has one row per model,
    city, year and term: model_id, city_code, year, term, value, is_imputed; a missing value is a
    row with a null or no row.

    A model one of whose terms has no value anywhere is left out, with a row in
    ``efficiency_status`` that names the term. Otherwise every city-year of `values` has a row in
    ``efficiency_score`` for each variant (``productivity`` for Malmquist ones), those that can't
    be judged with a status (see `analysis.measures.efficiency.STATUSES`) and a reason. Peers and targets
    are kept for variants that say so.

    `progress` is told (model, variant) when one is done.

    Raises EfficiencyError for a seed that doesn't fit together, naming model, variant or term,
    and for a city-year that has a term twice.
    """
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    for name, frame in (("efficiency_variant", variants), ("efficiency_term", terms)):
        stray = sorted(set(frame["model_id"]) - set(models["model_id"]))
        if stray:
            raise EfficiencyError(
                f"seed {name}: model {stray[0]!r} is not in efficiency_model; add it there"
            )
    for model in models.sort_values("model_id")["model_id"]:
        declared = _roles(model, terms)
        wanted = _checked_variants(model, variants, declared)
        mine = values[values["model_id"] == model]
        status: dict[str, Any] = {
            "city_years": len(mine[["city_code", "year"]].drop_duplicates()),
            "inputs": "+".join(declared["input"]),
            "outputs": "+".join(declared["output"]),
            "undesirable": "+".join(declared["undesirable"]),
        }
        absent = _absent(model, terms, mine)
        if absent:
            reason = f"no value anywhere of {', '.join(absent)}"
            status |= {"status": LEFT_OUT, "reason": reason, "variants": 0}
            status["city_years_complete"] = 0
        else:
            units = _units(model, declared, mine)
            for name, frame in _measure(units, wanted, model, progress):
                found[name].append(frame.assign(model_id=model))
            complete = int((_status_of(units) == "ok").sum())
            status |= {"status": MEASURED, "variants": len(wanted), "city_years_complete": complete}
        found["efficiency_status"].append(pd.DataFrame([{"model_id": model, **status}]))
    return {name: TABLES[name].joined(frames) for name, frames in found.items()}


def empty_tables() -> dict[str, pd.DataFrame]:
    """The tables without rows, with their columns and types."""
    return {name: TABLES[name].frame() for name in TABLES}


def _roles(model: str, terms: pd.DataFrame) -> dict[str, list[str]]:
    """Terms of a model by role, in the order of the seed."""
    mine = terms[terms["model_id"] == model]
    stray = sorted(set(mine["role"]) - set(ROLES))
    if stray:
        raise EfficiencyError(
            f"seed efficiency_term: model {model}: role {stray[0]!r}: choose one of"
            f" {', '.join(ROLES)}"
        )
    twice = mine.loc[mine["term"].duplicated(), "term"]
    if len(twice):
        raise EfficiencyError(
            f"seed efficiency_term: model {model}: term {twice.iloc[0]!r} is there twice; give"
            " each its own name"
        )
    found = {role: [str(term) for term in mine.loc[mine["role"] == role, "term"]] for role in ROLES}
    for role in ("input", "output"):
        if not found[role]:
            raise EfficiencyError(
                f"seed efficiency_term: model {model} has no {role}; a frontier needs inputs and"
                " outputs"
            )
    return found


def _checked_variants(
    model: str, variants: pd.DataFrame, declared: dict[str, list[str]]
) -> list[_Variant]:
    found = []
    for row in variants[variants["model_id"] == model].to_dict("records"):
        where = f"seed efficiency_variant: model {model}, variant {row['variant']}: "

        def ask(column: str, allowed: tuple[str, ...], row: Any = row, where: str = where) -> str:
            value = "" if pd.isna(row[column]) else str(row[column])
            require(value, allowed, where + column)
            return value

        method = ask("method", METHODS)
        has_returns = method not in ("scale", "malmquist")
        sbm = method in ("sbm", "super_sbm")
        if declared["undesirable"] and not sbm:
            raise EfficiencyError(
                f"{where}method {method!r} takes no undesirable outputs; use sbm or super_sbm, or"
                " make them inputs in efficiency_term"
            )
        found.append(
            _Variant(
                variant=str(row["variant"]),
                method=method,
                orientation=ask(
                    "orientation", ("none", "input", "output") if sbm else ("input", "output")
                ),
                returns=ask("returns", RETURNS if has_returns else ("",)),
                frontier=ask("frontier", ("pooled", "per_year")),
                keeps_detail=bool(row["keeps_detail"]),
            )
        )
        if found[-1].keeps_detail and not has_returns:
            raise EfficiencyError(
                f"{where}method {method!r} has no peers and targets of its own: keeps_detail must"
                " be false"
            )
    names = [variant.variant for variant in found]
    for name in names:
        if names.count(name) > 1:
            raise EfficiencyError(
                f"seed efficiency_variant: model {model} has variant {name!r} twice; rename one"
            )
    return found


def _absent(model: str, terms: pd.DataFrame, values: pd.DataFrame) -> list[str]:
    """Terms of a model without a value anywhere, with what they are made of."""
    present = set(values.loc[values["value"].notna(), "term"])
    return [
        f"{row['term']} ({' '.join(str(row[c]) for c in ('code', 'dimension') if pd.notna(row[c]))})"
        for row in terms[terms["model_id"] == model].to_dict("records")
        if row["term"] not in present
    ]


def _units(model: str, declared: dict[str, list[str]], rows: pd.DataFrame) -> _Units:
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
    return _Units(
        city=places["city_code"].to_numpy(dtype=object),
        year=places["year"].to_numpy(dtype=np.int64),
        terms=declared,
        values={
            role: wide.reindex(columns=terms).to_numpy(dtype=float, na_value=np.nan)
            for role, terms in declared.items()
        },
        imputed=imputed.reindex(wide.index).fillna(False).to_numpy(dtype=bool),
    )


def _status_of(units: _Units) -> NDArray[np.str_]:
    return check_production(units.values["input"], units.values["output"], units.undesirable).status


def _reasons(units: _Units, status: NDArray[np.str_]) -> NDArray[np.object_]:
    """Why each unit has no number, in words (n,); None where it has one."""
    names = np.array([term for role in ROLES for term in units.terms[role]])
    everything = np.concatenate([units.values[role] for role in ROLES], axis=1)
    reasons = np.full(len(status), None, dtype=object)
    for i in np.flatnonzero(status != "ok"):
        row = everything[i]
        reasons[i] = {
            "missing": f"no finite value of {', '.join(names[~np.isfinite(row)])}",
            "negative": f"below zero: {', '.join(names[row < 0])}",
            "no_input": "all inputs are zero",
            "no_output": "all outputs are zero",
            "infeasible": "no combination of the others can stand in for it",
            "unsolved": "the program could not be solved",
        }[str(status[i])]
    return reasons


def _measure(
    units: _Units, variants: list[_Variant], model: str, progress: Progress | None
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Tables of one model, part by part; radial fits are shared between variants."""
    needed = {
        (v.orientation, v.returns, v.frontier)
        for v in variants
        if v.method == "radial" and v.keeps_detail
    }
    fits: dict[tuple[str, str, str], Efficiency] = {}

    def radial(orientation: str, returns: str, frontier: str) -> Efficiency:
        key = (orientation, returns, frontier)
        if key not in fits:
            fits[key] = radial_efficiency(
                units.values["input"],
                units.values["output"],
                orientation=cast(Orientation, orientation),
                returns=returns,  # type: ignore[arg-type]
                group=_group(units, frontier),
                slacks=key in needed,
            )
        return fits[key]

    for variant in variants:
        name = variant.variant
        orientation, frontier = variant.orientation, variant.frontier
        if variant.method == "malmquist":
            of_year = [radial(orientation, returns, "per_year") for returns in ("crs", "vrs")]
            pooled = radial(orientation, "crs", "pooled") if frontier == "pooled" else None
            rows = _productivity(units, variant, (of_year[0], of_year[1]), pooled)
            yield "productivity", rows.assign(variant=name)
        elif variant.method == "scale":
            split = compare_returns(
                *(radial(orientation, returns, frontier) for returns in ("crs", "vrs", "nirs"))
            )
            rows = _scores(units, variant, split.scale, split.status)
            rows["returns_to_scale"] = pd.Series(split.returns).replace("", None)
            yield "efficiency_score", rows
        else:
            if variant.method == "radial":
                fit = radial(orientation, variant.returns, frontier)
            else:
                fit = _fit(units, variant)
            yield "efficiency_score", _scores(units, variant, fit.score, fit.status)
            if variant.keeps_detail:
                yield "efficiency_peer", _peers(units, fit).assign(variant=name)
                yield "efficiency_target", _targets(units, variant, fit).assign(variant=name)
        if progress is not None:
            progress(model, name)


def _group(units: _Units, frontier: str) -> NDArray[np.int64] | None:
    return units.year if frontier == "per_year" else None


def _fit(units: _Units, variant: _Variant) -> Efficiency:
    """The fit of a variant that shares it with no other."""
    group = _group(units, variant.frontier)
    beyond = variant.method.startswith("super_")
    if variant.method == "super_radial":
        return radial_efficiency(
            units.values["input"],
            units.values["output"],
            orientation=cast(Orientation, variant.orientation),
            returns=variant.returns,  # type: ignore[arg-type]
            group=group,
            super_efficiency=True,
            slacks=variant.keeps_detail,
        )
    return sbm_efficiency(
        units.values["input"],
        units.values["output"],
        units.undesirable,
        orientation=cast(SbmOrientation, variant.orientation),
        returns=variant.returns,  # type: ignore[arg-type]
        group=group,
        super_efficiency=beyond,
    )


def _scores(
    units: _Units, variant: _Variant, score: Floats, status: NDArray[np.str_]
) -> pd.DataFrame:
    able = _status_of(units) == "ok"
    if variant.frontier == "per_year":
        compared = pd.Series(able).groupby(units.year).transform("sum").to_numpy()
    else:
        compared = np.full(len(able), able.sum())
    judged = status == "ok"
    return pd.DataFrame(
        {
            "variant": variant.variant,
            "method": variant.method,
            "orientation": variant.orientation,
            "returns": variant.returns or None,
            "frontier": variant.frontier,
            "city_code": units.city,
            "year": units.year,
            "score": np.where(judged, score, np.nan),
            "status": status,
            "reason": _reasons(units, status),
            "is_on_frontier": pd.arrays.BooleanArray(judged & (score >= 1 - EFFICIENT), ~judged),
            "units_compared": compared,
            "is_imputed": units.imputed,
        }
    )


def _peers(units: _Units, fit: Efficiency) -> pd.DataFrame:
    row, place = np.nonzero(fit.peer >= 0)
    peer = fit.peer[row, place]
    return pd.DataFrame(
        {
            "city_code": units.city[row],
            "year": units.year[row],
            "position": place + 1,
            "peer_city_code": units.city[peer],
            "peer_year": units.year[peer],
            "weight": fit.weight[row, place],
        }
    )


def _targets(units: _Units, variant: _Variant, fit: Efficiency) -> pd.DataFrame:
    """Targets of all judged units: value, changed in proportion (radial models), less the slack."""
    judged = np.flatnonzero(fit.status == "ok")
    score = fit.score[judged]
    shrink, grow, ahead = np.ones(len(judged)), np.ones(len(judged)), np.ones(len(judged))
    if variant.method.endswith("radial"):
        shrink, grow = (score, grow) if variant.orientation == "input" else (shrink, 1 / score)
    elif variant.method == "super_sbm":
        # Super-SBM tells how far a unit is ahead of the others, not behind them.
        ahead = np.where(score >= 1 - EFFICIENT, -1.0, 1.0)
    parts = []
    for role, slack in (
        ("input", fit.input_slack),
        ("output", fit.output_slack),
        ("undesirable", fit.undesirable_slack),
    ):
        factor, sign = (grow, 1.0) if role == "output" else (shrink, -1.0)
        for position, term in enumerate(units.terms[role]):
            value = units.values[role][judged, position]
            left = ahead * slack[judged, position]
            parts.append(
                pd.DataFrame(
                    {
                        "city_code": units.city[judged],
                        "year": units.year[judged],
                        "role": role,
                        "term": term,
                        "value": value,
                        "target": factor * value + sign * left,
                        "slack": left,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _productivity(
    units: _Units,
    variant: _Variant,
    of_year: tuple[Efficiency, Efficiency],
    pooled: Efficiency | None,
) -> pd.DataFrame:
    n = len(units.year)
    frontier: Literal["adjacent", "global"] = (
        "global" if variant.frontier == "pooled" else "adjacent"
    )
    change = malmquist(
        units.values["input"],
        units.values["output"],
        units.city,
        units.year,
        orientation=cast(Orientation, variant.orientation),
        frontier=frontier,
        by_period=of_year,
        pooled_crs=pooled,
    )
    row_of = {place: i for i, place in enumerate(zip(units.city, units.year, strict=True))}
    at: Ints = np.array(
        [row_of[place] for place in zip(change.unit, change.period_to, strict=True)], dtype=np.intp
    )
    before: Ints = np.full(n, -1, dtype=np.intp)
    before[at] = [row_of[place] for place in zip(change.unit, change.period_from, strict=True)]
    years = np.unique(units.year)
    earlier = np.searchsorted(years, units.year) - 1
    own = _status_of(units)
    status = own.astype("U20")
    status[(own == "ok") & (before < 0)] = "no_year_before"
    status[at] = change.status
    rows = pd.DataFrame(
        {
            "orientation": variant.orientation,
            "frontier": variant.frontier,
            "city_code": units.city,
            "year": units.year,
            "year_from": pd.array(
                [int(years[k]) if k >= 0 else None for k in earlier], dtype="Int64"
            ),
            "status": status,
            "reason": _productivity_reasons(units, status, own, before, years[earlier]),
            "is_imputed": units.imputed | np.where(before >= 0, units.imputed[before], False),
        }
    )
    judged = status[at] == "ok"
    for column, numbers in (
        ("productivity", change.malmquist),
        ("efficiency_change", change.efficiency_change),
        ("technical_change", change.technical_change),
        ("pure_change", change.pure_change),
        ("scale_change", change.scale_change),
    ):
        placed = np.full(n, np.nan)
        placed[at] = np.where(judged, numbers, np.nan)
        rows[column] = placed
    # Units stand by city and year: a chain begins where the data do and ends at the first gap.
    chain = np.where((earlier < 0) & (own == "ok"), 1.0, np.nan)
    step = rows["productivity"].to_numpy()
    for i in np.flatnonzero((before >= 0) & (status == "ok")):
        chain[i] = chain[before[i]] * step[i]
    rows["cumulated"] = chain
    return rows


def _productivity_reasons(
    units: _Units,
    status: NDArray[np.str_],
    own: NDArray[np.str_],
    before: Ints,
    year_before: NDArray[np.int64],
) -> NDArray[np.object_]:
    """Why each city-year has no index (n,): its own fault, or that of the year before."""
    of_level = _reasons(units, own)
    reasons = of_level.copy()
    first = int(units.year.min())
    for i in np.flatnonzero((status != "ok") & (own == "ok")):
        if units.year[i] == first:
            reasons[i] = f"{first} is the first year of the data"
        elif before[i] < 0:
            reasons[i] = f"no row in {year_before[i]}"
        elif own[before[i]] != "ok":
            reasons[i] = f"{year_before[i]}: {of_level[before[i]]}"
        else:
            reasons[i] = "the frontier of the other year can't reach it"
    return reasons
