"""Rules of the last gate on sensitivity analyses, beyond those that follow from the tables' declarations.

Belongs here: what must hold between their tables, and what a reader should be warned of. Does not belong
here: columns and their roles (`tables`).
"""

from analysis.methods.base import GateRule

RULES = (
    GateRule(
        id="sensitivity_is_of_its_event_times",
        severity="critical",
        table="sensitivity_effect",
        key=("study", "design", "column_id", "effect"),
        reason="An effect is the mean of its event study's years from the policy on, or its first year: other"
        " numbers would be bounded than those that are shown.",
        query="""
select whole.study, whole.design, whole.column_id, whole.effect, whole.estimate, times.average, times.first_year
from {batch} as whole
inner join marts.dataset_version using (vintage)
left join (
    select vintage, study, design, column_id, avg(estimate) as average,
        max(case when at_point = '0' then estimate end) as first_year
    from estimates.estimate
    where method = 'sensitivity' and at_point::integer >= 0
    group by vintage, study, design, column_id
) as times using (vintage, study, design, column_id)
where
    whole.status = 'estimated'
    and not coalesce(
        abs(whole.estimate - case whole.effect when 'average' then times.average else times.first_year end)
        <= 1e-9 * whole.std_error,
        false
    )
order by whole.study, whole.design, whole.column_id, whole.effect""",
    ),
    GateRule(
        id="fixed_length_grows_with_the_bound",
        severity="critical",
        table="sensitivity_interval",
        key=("study", "design", "column_id", "effect", "step"),
        reason="An interval that has to hold for larger violations is no shorter, and its ends are in order.",
        query="""
select study, design, column_id, effect, restriction, interval, step, bound, ci_low, ci_high
from (
    select *, lag(ci_high - ci_low) over (
        partition by vintage, study, design, column_id, effect, restriction, interval order by step
    ) as before
    from {batch}
    inner join marts.dataset_version using (vintage)
) as ordered
where ci_high < ci_low or (interval = 'flci' and (ci_high - ci_low) < before * (1 - 1e-6))
order by study, design, column_id, effect, restriction, interval, step""",
    ),
    GateRule(
        id="effect_survives_trends_as_large_as_before",
        severity="warn",
        table="sensitivity_effect",
        key=("study", "design", "column_id", "effect"),
        advice="write how large a violation the effect survives beside it, and what could have caused one",
        reason="The mean effect is other than 0 under parallel trends, but not once the difference in trends may"
        " change after the policy as much as it did before.",
        query="""
select study, design, column_id, effect, estimate, ci_low, ci_high, breakdown_relative
from {batch}
inner join marts.dataset_version using (vintage)
where
    effect = 'average'
    and column_id = 'two_way'
    and (ci_low > 0 or ci_high < 0)
    and breakdown_relative < 1
order by study, design, column_id""",
    ),
)

__all__ = ["RULES"]
