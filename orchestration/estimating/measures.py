"""Measures: what Python computes of indicators and indices before the panel is made.

Belongs here: reading the terms of the efficiency models, running them, and the tables of the
schema `measures`, which dbt reads as a source. Does not belong here: the numerics and the tables'
columns (`analysis.measures.efficiency_study`), SQL that changes the warehouse (`engine`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.measures.efficiency.tables import TABLES
from orchestration.engine.protocol import Warehouse
from orchestration.estimating.lineage import no_zero
from orchestration.progress import log

SCHEMA = "measures"
"""The schema of the tables; the marts of the same names are their public form."""

MODELS = "select * from seed.efficiency_model order by model_id"
VARIANTS = "select * from seed.efficiency_variant order by model_id, variant"
TERMS = "select * from seed.efficiency_term order by model_id, role, term"
VALUES = """
select model_id, city_code, year, term, value, is_imputed
from intermediate.int_efficiency__term
order by model_id, city_code, year, term
"""


@dataclass(frozen=True)
class MeasuresWritten:
    """Rows per table, and what was measured in words, one line per model."""

    rows: dict[str, int]
    lines: list[str]


def write_measures(connection: Warehouse) -> MeasuresWritten:
    """Measure the efficiency of all models on the warehouse's figures and write the schema.

    A model whose terms this input lacks is left out, and its line says so. Raises EfficiencyError
    for seeds that don't fit together.
    """
    from analysis.measures.efficiency_study import measure_efficiency

    begun = time.perf_counter()

    def done(model: str, variant: str) -> None:
        nonlocal begun
        now = time.perf_counter()
        log.debug("measured %s %s in %.2f s", model, variant, now - begun)
        begun = now

    made = measure_efficiency(
        connection.frame(MODELS),
        connection.frame(VARIANTS),
        connection.frame(TERMS),
        connection.frame(VALUES),
        done,
        no_zero(connection),
    )
    _write(connection, made)
    return MeasuresWritten(
        {f"{SCHEMA}.{name}": len(made[name]) for name in TABLES},
        [
            _in_words(model, made["efficiency_score"])
            for model in made["efficiency_status"].to_dict("records")
        ],
    )


def declare_measures(connection: Warehouse) -> None:
    """The tables without rows: dbt's models find their sources before anything is measured."""
    from analysis.measures.efficiency_study import empty_tables

    _write(connection, empty_tables())


def _write(connection: Warehouse, frames: dict[str, pd.DataFrame]) -> None:
    for name, table in TABLES.items():
        connection.write(SCHEMA, name, frames[name], table.comments)


def _in_words(model: dict[Any, Any], scores: pd.DataFrame) -> str:
    """What became of a model, for the progress line."""
    if model["status"] != "measured":
        return f"{model['model_id']}: {model['status'].replace('_', ' ')}, {model['reason']}"
    mine = scores.loc[scores["model_id"] == model["model_id"], "score"]
    return (
        f"{model['model_id']}: {model['variants']} variants, {model['city_years']:,} city-years,"
        f" {mine.notna().sum():,} scores, {mine.isna().sum():,} without"
    )
