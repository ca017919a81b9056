"""Efficiency models on the warehouse's figures: from long frames to tidy tables.

Belongs here: the calls of the numerics for every model and variant, and the tables that come of it,
with a status and a reason wherever there is no score. Does not belong here: the numerics, what the
seeds declare and the units (`efficiency`), storing and showing.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.measures.efficiency import (
    Efficiency,
    EfficiencyError,
    additive_efficiency,
    compare_returns,
    radial_efficiency,
    sbm_efficiency,
)
from analysis.measures.efficiency.additive import RANGES, Ranges
from analysis.measures.efficiency.changes import productivity_rows
from analysis.measures.efficiency.data import EFFICIENT
from analysis.measures.efficiency.declared import (
    Variant,
    absent_terms,
    roles_of,
    terms_without_zero,
    variants_of,
)
from analysis.measures.efficiency.radial import Orientation
from analysis.measures.efficiency.sbm import SbmOrientation
from analysis.measures.efficiency.simplex import Floats
from analysis.measures.efficiency.tables import TABLES
from analysis.measures.efficiency.units import Units, reasons_of, status_of, units_of

MEASURED, LEFT_OUT = "measured", "left_out"

Progress = Callable[[str, str], None]


def measure_efficiency(
    models: pd.DataFrame,
    variants: pd.DataFrame,
    terms: pd.DataFrame,
    values: pd.DataFrame,
    progress: Progress | None = None,
    no_zero: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, pd.DataFrame]:
    """Every variant of every model; frames by the names of `TABLES`.

    `models`, `variants` and `terms` are the seeds of these names. `values` has one row per model,
    city, year and term: model_id, city_code, year, term, value, is_imputed; a missing value is a
    row with a null or no row. `no_zero` says why an indicator has no true zero
    (`analysis.measures.true_zero`); indices and their dimensions never have one.

    A model one of whose terms has no value anywhere is left out, with a row in
    ``efficiency_status`` that names the term. Otherwise every city-year of `values` has a row in
    ``efficiency_score`` for each variant (``productivity`` for Malmquist ones), those that can't
    be judged with a status (see `analysis.measures.efficiency.STATUSES`) and a reason. Peers and targets
    are kept for variants that say so.

    `progress` is told (model, variant) when one is done.

    Raises EfficiencyError for a seed that doesn't fit together, naming model, variant or term, for a
    variant that takes ratios of a term without a true zero, and for a city-year that has a term twice.
    """
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    for name, frame in (("efficiency_variant", variants), ("efficiency_term", terms)):
        stray = sorted(set(frame["model_id"]) - set(models["model_id"]))
        if stray:
            raise EfficiencyError(
                f"seed {name}: model {stray[0]!r} is not in efficiency_model; add it there"
            )
    for model in models.sort_values("model_id")["model_id"]:
        declared = roles_of(model, terms)
        wanted = variants_of(model, variants, declared, terms_without_zero(model, terms, no_zero))
        mine = values[values["model_id"] == model]
        status: dict[str, Any] = {
            "city_years": len(mine[["city_code", "year"]].drop_duplicates()),
            "inputs": "+".join(declared["input"]),
            "outputs": "+".join(declared["output"]),
            "undesirable": "+".join(declared["undesirable"]),
        }
        absent = absent_terms(model, terms, mine)
        if absent:
            reason = f"no value anywhere of {', '.join(absent)}"
            status |= {"status": LEFT_OUT, "reason": reason, "variants": 0}
            status["city_years_complete"] = 0
        else:
            units = units_of(model, declared, mine)
            for name, frame in _measure(units, wanted, model, progress):
                found[name].append(frame.assign(model_id=model))
            complete = int((status_of(units) == "ok").sum())
            status |= {"status": MEASURED, "variants": len(wanted), "city_years_complete": complete}
        found["efficiency_status"].append(pd.DataFrame([{"model_id": model, **status}]))
    return {name: TABLES[name].joined(frames) for name, frames in found.items()}


def empty_tables() -> dict[str, pd.DataFrame]:
    """The tables without rows, with their columns and types."""
    return {name: TABLES[name].frame() for name in TABLES}


def _measure(
    units: Units, variants: list[Variant], model: str, progress: Progress | None
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
            rows = productivity_rows(units, variant, (of_year[0], of_year[1]), pooled)
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


def _group(units: Units, frontier: str) -> NDArray[np.int64] | None:
    return units.year if frontier == "per_year" else None


def _fit(units: Units, variant: Variant) -> Efficiency:
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
    if variant.method in RANGES:
        return additive_efficiency(
            units.values["input"],
            units.values["output"],
            units.undesirable,
            ranges=cast(Ranges, variant.method),
            group=group,
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
    units: Units, variant: Variant, score: Floats, status: NDArray[np.str_]
) -> pd.DataFrame:
    able = status_of(units, amounts=variant.method not in RANGES) == "ok"
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
            "reason": reasons_of(units, status),
            "is_on_frontier": pd.arrays.BooleanArray(judged & (score >= 1 - EFFICIENT), ~judged),
            "units_compared": compared,
            "is_imputed": units.imputed,
        }
    )


def _peers(units: Units, fit: Efficiency) -> pd.DataFrame:
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


def _targets(units: Units, variant: Variant, fit: Efficiency) -> pd.DataFrame:
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
