"""Rules of the last gate on variations, beyond those that follow from their declaration.

Belongs here: what must hold between numbers of these tables. Does not belong here: rules of one column by
its role (they are made of the declarations).
"""

from analysis.methods.base import GateRule

RULES = (
    GateRule(
        id="variation_is_of_its_columns",
        severity="critical",
        table="variation",
        reason=(
            "A variation that isn't the coefficient of its column, or is set beside another column than it"
            " says, compares numbers that nobody printed."
        ),
        query="""
select varied.study, varied.design, varied.column_id, varied.varies, varied.estimate, varied.base_estimate,
  own.estimate as of_column, base.estimate as of_base
from {batch} as varied
inner join marts.dataset_version using (vintage)
left join estimates.estimate as own
  on own.vintage = varied.vintage and own.study = varied.study and own.method = 'robustness'
    and own.design = varied.design and own.column_id = varied.column_id and own.term = varied.term
left join estimates.estimate as base
  on base.vintage = varied.vintage and base.study = varied.study and base.term = varied.term
    and base.method = 'regression' and base.design || '.' || base.column_id = varied.varies
where not coalesce(
  abs(own.estimate - varied.estimate) <= 1e-9 * greatest(1, abs(own.estimate))
  and abs(coalesce(base.estimate, varied.base_estimate) - varied.base_estimate)
    <= 1e-9 * greatest(1, abs(varied.base_estimate))
  and abs(coalesce(varied.difference, varied.estimate - varied.base_estimate)
    - (varied.estimate - varied.base_estimate)) <= 1e-9 * greatest(1, abs(varied.estimate))
  and varied.n_shared <= least(varied.n_obs, varied.base_n_obs), false)
order by varied.study, varied.design, varied.column_id
""",
    ),
)

__all__ = ["RULES"]
