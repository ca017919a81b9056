"""Rules of the last gate on matching, beyond those that follow from the tables' declarations.

Belongs here: what must hold between the tables of a matching, and what a reader should be warned of. Does
not belong here: columns and their roles (`tables`).
"""

from analysis.methods.base import GateRule
from analysis.methods.matching.numbers.bounds import (
    LARGEST_B,
    LARGEST_DIFFERENCE,
    LARGEST_R,
    LEAST_R,
)

RULES = (
    GateRule(
        id="matching_weights_carry_the_treated",
        severity="critical",
        table="matching",
        key=("study", "design", "column_id"),
        reason="Controls stand in for the treated that are matched: their weights add up to the number of"
        " these, each treated counts as 1, and nobody else has a weight. Other sums mean other cities"
        " in the regression than in the balance table.",
        query="""
select *
from (
    select
        about.study,
        about.design,
        about.column_id,
        about.n_matched,
        sum(given.weight) filter (where given.is_treated) as of_treated,
        sum(given.weight) filter (where not given.is_treated) as of_controls,
        count(*) filter (where (given.weight > 0) <> (given.state = 'matched')) as contradicting
    from {batch} as about
    inner join marts.dataset_version using (vintage)
    left join estimates.matching_weight as given
        on
            given.vintage = about.vintage
            and given.study = about.study
            and given.design = about.design
            and given.column_id = about.column_id
    where about.matched_by <> 'support'
    group by all
) as summed
where
    of_treated is distinct from n_matched
    or not coalesce(abs(of_controls - n_matched) <= 1e-6 * n_matched, false)
    or contradicting > 0
order by study, design, column_id""",
    ),
    GateRule(
        id="matching_pairs_are_their_weights",
        severity="critical",
        table="matched_pair",
        key=("study", "design", "column_id"),
        reason="A control's weight is the sum of its shares in the treated it serves, and no treated has"
        " itself as a control: pairs that say otherwise are those of another matching.",
        query="""
select *
from (
    select
        given.study,
        given.design,
        given.column_id,
        given.city_code,
        given.year,
        given.weight,
        coalesce((
            select sum(pair.share)
            from {batch} as pair
            where
                pair.vintage = given.vintage
                and pair.study = given.study
                and pair.design = given.design
                and pair.column_id = given.column_id
                and pair.control_city_code = given.city_code
                and pair.control_year is not distinct from given.year
        ), 0) as of_pairs
    from estimates.matching_weight as given
    inner join marts.dataset_version using (vintage)
    inner join estimates.matching as about
        on
            about.vintage = given.vintage
            and about.study = given.study
            and about.design = given.design
            and about.column_id = given.column_id
    where about.matched_by in ('nearest', 'mahalanobis') and not given.is_treated
) as held
where abs(weight - of_pairs) > 1e-9
order by study, design, column_id, city_code, year""",
    ),
    GateRule(
        id="matching_rows_are_those_of_the_equation",
        severity="critical",
        table="matching",
        key=("study", "design", "column_id"),
        reason="The equation is estimated on the cities that were matched, no others.",
        query="""
select about.study, about.design, about.column_id, about.n_cities_matched, fit.n_units
from {batch} as about
inner join marts.dataset_version using (vintage)
left join estimates.model_fit as fit
    on
        fit.vintage = about.vintage
        and fit.study = about.study
        and fit.method = 'matching'
        and fit.design = about.design
        and fit.column_id = about.column_id
where fit.n_units is distinct from about.n_cities_matched
order by about.study, about.design, about.column_id""",
    ),
    GateRule(
        id="matching_balances_covariates",
        severity="warn",
        table="matching",
        key=("study", "design"),
        advice="add a rule that balances better to the design, such as entropy, and read its columns",
        reason="A standardised difference above 0.1, Rubin's B above 25 or R outside 0.5 to 2 after"
        " matching, in every column of the design: however they are matched, treated and controls still"
        " differ in what they are matched on. Add a rule that balances better, such as entropy.",
        query=f"""
select study, design, min(largest_difference_after) as least_of_largest, min(rubin_b_after) as least_b
from {{batch}}
inner join marts.dataset_version using (vintage)
where matched_by <> 'support'
group by study, design
having not bool_or(
    coalesce(largest_difference_after <= {LARGEST_DIFFERENCE}, true)
    and coalesce(rubin_b_after <= {LARGEST_B}, true)
    and coalesce(rubin_r_after between {LEAST_R} and {LARGEST_R}, true)
)
order by study, design""",
    ),
    GateRule(
        id="matching_leans_on_many_controls",
        severity="warn",
        table="matching",
        key=("study", "design", "column_id"),
        advice="take more neighbours, a kernel, or no replacement",
        reason="Where a single control carries more than a quarter of all controls' weight, the comparison is"
        " with that city: take more neighbours, a kernel, or no replacement.",
        query="""
select study, design, column_id, largest_share, n_matched, n_controls_used
from {batch}
inner join marts.dataset_version using (vintage)
where largest_share > 0.25
order by study, design, column_id""",
    ),
)

__all__ = ["RULES"]
