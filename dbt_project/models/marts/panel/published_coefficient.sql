-- One row per coefficient that a paper prints, with the statistic and the interval that its printed error implies.
with implied as (
    select
        *,
        coalesce(std_error_printed, abs(estimate / nullif(t_value, 0))) as std_error,
        coalesce(t_value, estimate / nullif(std_error_printed, 0)) as statistic
    from {{ ref('published_estimate') }}
)

select
    paper_id,
    table_no::integer as table_no,
    column_no::integer as column_no,
    term,
    label,
    estimate::double as estimate,
    t_value::double as t_value,
    std_error_printed::double as std_error_printed,
    stars,
    std_error::double as std_error,
    statistic::double as statistic,
    -- 1.959964 is the normal quantile of 97.5 %: papers print no degrees of freedom.
    (estimate - 1.959964 * std_error)::double as ci_low,
    (estimate + 1.959964 * std_error)::double as ci_high
from implied
