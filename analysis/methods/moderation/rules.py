"""Rules of the last gate on moderated effects, beyond those that follow from the tables' declarations.

Belongs here: what must hold between their numbers, and what a reader should be warned of. Does not belong
here: columns and their roles (`tables`).
"""

from analysis.methods.base import GateRule

RULES = (
    GateRule(
        id="marginal_effects_are_on_their_line",
        severity="critical",
        table="marginal_effect",
        key=("study", "design", "column_id", "position"),
        reason="The effect at a value is that at the mean and the slope times the distance: another number"
        " would draw a line that was not estimated.",
        query="""
select effect.study, effect.design, effect.column_id, effect.position, effect.at_value, effect.estimate
from {batch} as effect
inner join marts.dataset_version using (vintage)
left join estimates.moderation as whole using (vintage, study, design)
where
    effect.column_id = 'linear'
    and not coalesce(
        abs(whole.at_mean + whole.slope * (effect.at_value - whole.centre) - effect.estimate)
        <= 1e-9 * greatest(effect.std_error, abs(effect.estimate)),
        false
    )
order by effect.study, effect.design, effect.column_id, effect.position""",
    ),
    GateRule(
        id="marginal_band_holds_the_interval",
        severity="critical",
        table="marginal_effect",
        key=("study", "design", "column_id", "position"),
        reason="A band that covers all effects at once is nowhere narrower than the interval of one.",
        query="""
select study, design, column_id, position, ci_low, ci_high, band_low, band_high
from {batch}
inner join marts.dataset_version using (vintage)
where not coalesce(
    band_low <= ci_low + 1e-9 * std_error and ci_high <= band_high + 1e-9 * std_error, false
)
order by study, design, column_id, position""",
    ),
    GateRule(
        id="effect_is_a_line_in_its_moderator",
        severity="warn",
        table="moderation",
        key=("study", "design"),
        advice="read the effects of the bins instead of the line, or take a transformation of the moderator",
        reason="Where the bins' effects don't lie on a line, the line says what no part of the data does"
        " (Hainmueller, Mummolo and Xu 2019).",
        query="""
select study, design, moderator, linear_f, linear_df, linear_p
from {batch}
inner join marts.dataset_version using (vintage)
where linear_p < 0.05
order by study, design""",
    ),
    GateRule(
        id="moderator_is_of_before_the_policy",
        severity="warn",
        table="moderation",
        key=("study", "design"),
        advice="give the design `over`: years before the first treated one",
        reason="A moderator of years under the policy may answer to it; effects over such a variable compare"
        " cities that the policy itself has sorted.",
        query="""
select study, design, moderator, over_last, first_treated
from {batch}
inner join marts.dataset_version using (vintage)
where coalesce(over_last >= first_treated, true)
order by study, design""",
    ),
)

__all__ = ["RULES"]
