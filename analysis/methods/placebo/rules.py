"""Rules of the last gate on placebos, beyond those that follow from the tables' declarations.

Belongs here: what must hold between the tables of a placebo, and what a reader should be warned of.
Does not belong here: columns and their roles (`tables`).
"""

from analysis.methods.base import GateRule
from analysis.regression.randomised.draws import KEPT

RULES = (
    GateRule(
        id="placebo_draws_add_up",
        severity="critical",
        table="placebo",
        key=("study", "design"),
        reason="Every draw is either absorbed or in a bin of the density, and the first ones are kept:"
        " a p value over other draws than those that are shown is a wrong one.",
        query=f"""
select *
from (
    select
        placebo.study,
        placebo.design,
        placebo.draws,
        placebo.draws_absorbed,
        (
            select sum(bins.draws) from estimates.placebo_density as bins
            where
                bins.vintage = placebo.vintage
                and bins.study = placebo.study
                and bins.design = placebo.design
        ) as draws_in_bins,
        (
            select count(*) from estimates.placebo_draw as drawn
            where
                drawn.vintage = placebo.vintage
                and drawn.study = placebo.study
                and drawn.design = placebo.design
        ) as draws_kept
    from {{batch}} as placebo
    inner join marts.dataset_version using (vintage)
) as counted
where
    draws_in_bins is distinct from draws - draws_absorbed
    or draws_kept is distinct from least(draws, {KEPT})
order by study, design""",
    ),
    GateRule(
        id="placebo_is_of_the_estimate",
        severity="critical",
        table="placebo",
        key=("study", "design"),
        reason="The estimate among the random ones is that of the equation, by another way of computing"
        " it: a difference means that cohorts and treatment contradict each other, or an error.",
        query="""
select placebo.study, placebo.design, placebo.estimate, found.estimate as of_equation
from {batch} as placebo
inner join marts.dataset_version using (vintage)
left join estimates.estimate as found
    on
        placebo.vintage = found.vintage
        and placebo.study = found.study
        and placebo.design = found.design
        and found.method = 'placebo'
        and found.column_id = 'true'
        and found.term = placebo.treatment
where
    found.estimate is null
    or abs(placebo.estimate - found.estimate) > 1e-6 * placebo.std_error
    or abs(placebo.std_error - found.std_error) > 1e-6 * placebo.std_error
order by placebo.study, placebo.design""",
    ),
    GateRule(
        id="placebo_clustered_error_holds",
        severity="warn",
        table="placebo",
        key=("study", "design"),
        advice="read the randomisation p value in place of the clustered one",
        reason="Of treatments drawn at random 5 % should be significant at 5 %. Far more are where the"
        " clustered error is too small for these data (few treated cities, shocks shared by neighbours):"
        " read the randomisation p value.",
        query="""
select study, design, share_p_below_5, draws
from {batch}
inner join marts.dataset_version using (vintage)
where
    scheme = 'cities'
    and share_p_below_5 > 0.05 + 4 * sqrt(0.05 * 0.95 / draws)
order by study, design""",
    ),
    GateRule(
        id="placebo_draws_can_be_estimated",
        severity="warn",
        table="placebo",
        key=("study", "design"),
        advice="see which controls or effects absorb a random treatment, and read the p value as of fewer draws",
        reason="A draw that effects and controls absorb has no estimate. Where more than one in twenty"
        " is, the rest is no longer a draw of what could have been.",
        query="""
select study, design, draws, draws_absorbed, draws_without_error
from {batch}
inner join marts.dataset_version using (vintage)
where draws_absorbed + draws_without_error > 0.05 * draws
order by study, design""",
    ),
)

__all__ = ["RULES"]
