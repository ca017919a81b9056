"""Rules of the last gate on paths through mediators, beyond those that follow from their declaration.

Belongs here: what must hold between numbers of these tables. Does not belong here: rules of one column
by its role (they are made of the declarations).
"""

from analysis.methods.base import GateRule

RULES = (
    GateRule(
        id="mediation_adds_up",
        severity="critical",
        table="mediation",
        reason=(
            "On one sample the total effect is the direct one plus a times b, exactly; a rest means that"
            " the regressions used different rows."
        ),
        query="""
select study, design, mediator, a, b, direct, indirect, total
from {batch}
where status = 'estimated' and not coalesce(
  abs(a * b - indirect) <= 1e-9 * greatest(1, abs(indirect))
  and abs(direct + indirect - total) <= 1e-9 * greatest(1, abs(total))
  and ci_low <= ci_high, false)
order by study, design, mediator
""",
    ),
    GateRule(
        id="joint_mediation_adds_up",
        severity="critical",
        table="mediation_joint",
        reason=(
            "The paths through mediators that are held together add up to the path through all of them,"
            " and with the direct effect to the total, exactly; a rest means that a mediator is missing."
        ),
        query="""
select whole.study, whole.design, whole.indirect, sum(each.indirect) as paths, whole.direct,
  whole.total
from {batch} as whole
inner join marts.dataset_version using (vintage)
left join estimates.mediation_joint as each
  on each.vintage = whole.vintage and each.study = whole.study
    and each.design = whole.design and each.path <> 'all'
where whole.path = 'all' and whole.status = 'estimated'
group by all
having not coalesce(
  abs(whole.indirect - sum(each.indirect)) <= 1e-9 * greatest(1, abs(whole.indirect))
  and abs(whole.direct + whole.indirect - whole.total) <= 1e-9 * greatest(1, abs(whole.total)),
  false)
order by whole.study, whole.design
""",
    ),
    GateRule(
        id="sensitivity_starts_at_the_estimate",
        severity="critical",
        table="mediation_sensitivity",
        reason=(
            "Without correlation of the errors the indirect effect is that of the table, and each"
            " estimated path has all correlations; else the curve is another sample's."
        ),
        query="""
select path.study, path.design, path.mediator, path.indirect, count(curve.rho) as correlations
from estimates.mediation as path
inner join marts.dataset_version using (vintage)
left join {batch} as curve
  on curve.vintage = path.vintage and curve.study = path.study and curve.design = path.design
    and curve.mediator = path.mediator
where path.status = 'estimated'
group by all
having not coalesce(
  count(curve.rho) = 19
  and abs(max(curve.indirect) filter (where abs(curve.rho) < 1e-9) - path.indirect)
    <= 1e-9 * greatest(1, abs(path.indirect)),
  false)
order by path.study, path.design, path.mediator
""",
    ),
)

__all__ = ["RULES"]
