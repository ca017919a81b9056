"""Rules of the last gate on tests between groups, beyond those that follow from their declaration.

Belongs here: what must hold between numbers of these tables. Does not belong here: rules of one column
by its role (they are made of the declarations).
"""

from analysis.methods.base import GateRule

RULES = (
    GateRule(
        id="further_errors_are_of_their_coefficient",
        severity="critical",
        table="estimate_error",
        reason=(
            "A further error stands under a coefficient: of another one, or with a p value that is another"
            " than its draws say, it would lend false certainty."
        ),
        query="""
select error.study, error.method, error.design, error.column_id, error.term, error.error,
  error.at_point, error.estimate, tidy.estimate as of_estimate, error.p_value, error.n_as_large, error.n_draws
from {batch} as error
inner join marts.dataset_version using (vintage)
left join estimates.estimate as tidy
  on tidy.vintage = error.vintage and tidy.study = error.study and tidy.method = error.method
    and tidy.design = error.design and tidy.column_id = error.column_id and tidy.term = error.term
    and tidy.at_point is not distinct from error.at_point
where not coalesce(error.estimate = tidy.estimate, false)
  or (error.status = 'estimated' and not coalesce(
    error.p_value is not null and (error.std_error is not null) = (error.kind not in ('wild', 'randomisation'))
    and (error.n_draws is null or abs(error.p_value - case when error.is_enumerated then
      error.n_as_large / error.n_draws else (error.n_as_large + 1) / (error.n_draws + 1) end) <= 1e-12),
    false))
order by error.study, error.method, error.design, error.column_id, error.term, error.error
""",
    ),
    GateRule(
        id="split_difference_adds_up",
        severity="critical",
        table="split_test",
        reason=(
            "A difference that isn't that of the two printed coefficients compares other groups than it"
            " says."
        ),
        query="""
select study, design, split_id, term, column_a, column_b, estimate_a, estimate_b, difference
from {batch}
where not coalesce(
  abs(estimate_a - estimate_b - difference) <= 1e-9 * greatest(1, abs(difference))
  and std_error > 0, false)
order by study, design, split_id, term, column_a, column_b
""",
    ),
    GateRule(
        id="split_joint_test_fits_its_pairs",
        severity="critical",
        table="split_joint_test",
        reason=(
            "Of two groups the joint test is the pairwise one (F is the square of t); of more it needs as"
            " many pairs as there are. Another number was made of other groups."
        ),
        query="""
select joint.study, joint.design, joint.split_id, joint.term, joint.n_groups,
  joint.f_statistic, joint.p_value, count(pair.term) as pairs, max(pair.t_value) as t_value
from {batch} as joint
inner join marts.dataset_version using (vintage)
left join estimates.split_test as pair using (vintage, study, design, split_id, term)
group by all
having not coalesce(
  joint.p_value between 0 and 1
  and count(pair.term) = joint.n_groups * (joint.n_groups - 1) / 2
  and (joint.n_groups > 2
    or abs(joint.f_statistic - max(pair.t_value) ** 2) <= 1e-9 * greatest(1, joint.f_statistic)),
  false)
order by joint.study, joint.design, joint.split_id, joint.term
""",
    ),
    GateRule(
        id="drawn_tests_are_of_their_difference",
        severity="critical",
        table="split_drawn_test",
        reason=(
            "A drawn test stands beside the difference of two printed coefficients: of another one, or with a"
            " p value that is another than its draws say, it would lend false certainty."
        ),
        query="""
select drawn.study, drawn.design, drawn.split_id, drawn.term, drawn.column_a, drawn.column_b, drawn.kind,
  drawn.difference, pair.difference as of_pair, drawn.p_value, drawn.n_as_large, drawn.n_draws
from {batch} as drawn
inner join marts.dataset_version using (vintage)
left join estimates.split_test as pair
  using (vintage, study, design, split_id, term, column_a, column_b)
where drawn.status = 'estimated' and not coalesce(
  abs(drawn.difference - pair.difference) <= 1e-7 * pair.std_error
  and (drawn.kind <> 'bootstrap' or (drawn.std_error > 0 and drawn.ci_low <= drawn.ci_high))
  and (drawn.kind = 'bootstrap'
    or abs(drawn.p_value - (drawn.n_as_large + 1) / (drawn.n_draws + 1)) <= 1e-12), false)
order by drawn.study, drawn.design, drawn.split_id, drawn.term, drawn.column_a, drawn.column_b, drawn.kind
""",
    ),
)

__all__ = ["RULES"]
