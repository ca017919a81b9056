"""The stages of a refresh, in order: what dbt builds, which gate stands behind, what is said and kept.

Belongs here: one declaration per stage. Does not belong here: running one (`build`), the rules of
its gate (`expectations/suites`), which model is of which stage (tags in `dbt_project.yml`).

A test holds the declarations against dbt's tags and the suites.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.estimating import measures


@dataclass(frozen=True)
class Stage:
    """A stage of a refresh.

    `select` is dbt's selection, None where Python makes the tables. `gate` says whether a suite of the
    same name stands behind it.
    Rows of the tables in `shown` are told when it is done; those in `working` only repeat what raw
    and the marts hold, and are not released.
    """

    name: str
    select: str | None = None
    gate: bool = True
    shown: tuple[str, ...] = ()
    working: tuple[str, ...] = ()


STAGES = {
    stage.name: stage
    for stage in (
        Stage(
            "observations",
            select="resource_type:seed tag:stage_observations",
            shown=("staging.stg_yearbook__observation", "staging.stg_yearbook__quarantine"),
            working=("staging.stg_yearbook__cell", "staging.stg_yearbook__value_cell"),
        ),
        Stage(
            "indicators",
            select="tag:stage_indicators",
            shown=(
                "marts.indicator_value",
                "marts.quarantine",
                "marts.source_disagreement",
                "marts.figure_check",
            ),
        ),
        Stage(
            "indices",
            select="tag:stage_indices",
            shown=("marts.index_weight", "marts.index_score"),
        ),
        Stage(
            "measures",
            gate=False,
            working=tuple(f"{measures.SCHEMA}.{name}" for name in measures.TABLES),
        ),
        Stage(
            "panel",
            select="tag:stage_panel",
            shown=("marts.city_year", "marts.policy_exposure"),
        ),
        Stage("estimates"),
    )
}
"""All of them by name, in the order of the data's way."""

GATES = tuple(stage.name for stage in STAGES.values() if stage.gate)
DBT_STAGES = tuple(stage for stage in STAGES.values() if stage.select is not None)
NOT_RELEASED = tuple(name for stage in STAGES.values() for name in stage.working)
