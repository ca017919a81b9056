"""Panels of studies: the wide city-year panel with the policies that a study names.

Belongs here: the query, and which rules of policies the warehouse has. Does not belong here: rows and
variables of a study (`analysis.study`), how exposure is made (dbt).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.errors import NotFound

if TYPE_CHECKING:
    import pandas as pd

    from analysis.study import Study
    from orchestration.engine.protocol import Warehouse

RULES = """
select distinct policy_id, coverage, timing
from marts.policy_exposure
order by all
"""
PANEL = """
select *
from marts.city_year
order by city_code, year
"""
EXPOSURE = """
select
    exposure.city_code,
    exposure.year,
    exposure.did as treated,
    exposure.first_treated_year,
    exposure.first_treated_year is not null as is_listed,
    exposure.first_treated_year is null and city.is_listed_in_part as is_in_part,
    exposure.first_treated_year is null and city.is_possibly_missing as is_unsure
from marts.policy_exposure as exposure
inner join marts.policy_city as city using (policy_id, city_code)
where exposure.policy_id = ? and exposure.coverage = ? and exposure.timing = ?
"""


def panel(warehouse: Warehouse) -> pd.DataFrame:
    """The wide panel, one row per city and year."""
    return warehouse.frame(PANEL)


def study_panel(warehouse: Warehouse, study: Study, wide: pd.DataFrame) -> pd.DataFrame:
    """The wide panel with each policy's 0 or 1 under its name, and what else it says (`own_columns`).

    A further rule of the treatment that an equation asks for has its own columns, where the warehouse
    has it. Raises NotFound for a rule of a policy that it doesn't have.
    """
    from analysis.study.references import exposures_of
    from analysis.study.spec import FIRST_YEAR, LISTED, PART, UNSURE

    known = warehouse.rows(RULES)
    found = wide
    for name, policy in exposures_of(study).items():
        rule = (policy.policy_id, policy.coverage, policy.timing)
        if rule not in known and name not in study.policies:
            continue  # columns that ask for it are skipped, and say so
        if rule not in known:
            offered = "; ".join(" / ".join(each) for each in known) or "none"
            raise NotFound(
                f"key policies.{name}: policy {rule[0]!r} with coverage {rule[1]!r} and timing"
                f" {rule[2]!r} is not in marts.policy_exposure; it has: {offered}. A policy has timing"
                " announcement_year when every batch in seeds/policy_batch.csv has its day"
            )
        exposure = warehouse.frame(EXPOSURE, *rule).rename(
            columns={
                "treated": name,
                "first_treated_year": FIRST_YEAR.format(policy=name),
                "is_listed": LISTED.format(policy=name),
                "is_in_part": PART.format(policy=name),
                "is_unsure": UNSURE.format(policy=name),
            }
        )
        found = found.merge(exposure, on=["city_code", "year"], how="inner", validate="1:1")
    return found


__all__ = ["panel", "study_panel"]
