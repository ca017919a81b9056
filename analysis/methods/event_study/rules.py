"""Rules of the last gate on event studies, beyond those that follow from the tables' declarations.

Belongs here: what must hold between the tables of an event study, and what a reader should be warned
of. Does not belong here: columns and their roles (`tables`).
"""

from analysis.methods.base import GateRule

RULES = (
    GateRule(
        id="event_times_are_complete",
        severity="critical",
        table="event_study",
        key=("study", "design", "column_id"),
        reason="Each event time of the window has a row: with an effect, as a base, or without a city. One"
        " that is missing would be read as one that nobody asked for.",
        query="""
select study, design, column_id, asked, found, bases, without_reason
from (
    select
        whole.study,
        whole.design,
        whole.column_id,
        whole.last_time - whole.first_time + 1 as asked,
        count(event.event_time) as found,
        count(*) filter (where event.is_base) as bases,
        count(*) filter (
            where event.estimate is null and not event.is_base and event.n_rows > 0
        ) as without_reason
    from {batch} as whole
    inner join marts.dataset_version using (vintage)
    left join estimates.event_time as event
        on
            whole.vintage = event.vintage
            and whole.study = event.study
            and whole.design = event.design
            and whole.column_id = event.column_id
            and event.event_time between whole.first_time and whole.last_time
    group by all
) as counted
where found <> asked or bases = 0 or without_reason > 0
order by study, design, column_id""",
    ),
    GateRule(
        id="event_band_holds_the_interval",
        severity="critical",
        table="event_time",
        key=("study", "design", "column_id", "event_time"),
        reason="A band that covers all effects at once is nowhere narrower than the interval of one.",
        query="""
select study, design, column_id, event_time, ci_low, ci_high, band_low, band_high
from {batch}
inner join marts.dataset_version using (vintage)
where
    estimate is not null
    and not coalesce(
        band_low <= ci_low + 1e-9 * std_error and ci_high <= band_high + 1e-9 * std_error, false
    )
order by study, design, column_id, event_time""",
    ),
    GateRule(
        id="no_effect_before_the_policy",
        severity="warn",
        table="event_study",
        key=("study", "design", "column_id"),
        advice="read the leads in the figure of the event study before relying on the effect after it",
        reason="Effects before the policy that are jointly significant say that treated cities moved apart"
        " already: the estimate after it is not the policy's alone.",
        query="""
select study, design, column_id, leads_f, leads_df, leads_p, before
from {batch}
inner join marts.dataset_version using (vintage)
where leads_p < 0.05
order by study, design, column_id""",
    ),
)

__all__ = ["RULES"]
