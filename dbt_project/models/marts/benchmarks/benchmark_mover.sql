-- One row per subject x city x year with a value in the year and in the one before: how far the city moved.
-- Ranks are among the cities that have both years, so that a city which comes or goes moves nobody else.
{% set movers = 10 %}
with moved as (
    select
        present.subject_id,
        present.city_code,
        present.year,
        present.value,
        earlier.value as value_before,
        present.value - earlier.value as change,
        case
            -- A difference that rounding makes is none.
            when abs(present.value - earlier.value)
                <= {{ rounding_share() }} * greatest(abs(present.value), abs(earlier.value)) then 0
            when subject.direction = '-' then -{{ significant('present.value - earlier.value') }}
            else {{ significant('present.value - earlier.value') }}
        end as improvement,
        rank() over (both_years order by present.national_rank) as national_rank,
        rank() over (both_years order by earlier.national_rank) as national_rank_before,
        count(*) over both_years as cities,
        present.has_suspect_figure or earlier.has_suspect_figure as has_suspect_figure,
        nullif(concat_ws(', ', earlier.suspect_figures, present.suspect_figures), '') as suspect_figures
    from {{ ref('city_benchmark') }} as present
    inner join {{ ref('city_benchmark') }} as earlier
        on
            present.subject_id = earlier.subject_id
            and present.city_code = earlier.city_code
            and present.year = earlier.year + 1
    inner join {{ ref('comparison_subject') }} as subject on present.subject_id = subject.subject_id
    window both_years as (partition by present.subject_id, present.year)
),

ranked as (
    select
        *,
        rank() over (partition by subject_id, year order by improvement desc) as change_rank,
        rank() over (partition by subject_id, year order by improvement) as change_rank_from_bottom
    from moved
)

select
    subject_id,
    city_code,
    year,
    value,
    value_before,
    change,
    case when value_before > 0 then change / value_before end as relative_change,
    cities::integer as cities,
    national_rank::integer as national_rank,
    national_rank_before::integer as national_rank_before,
    (national_rank_before - national_rank)::integer as ranks_gained,
    change_rank::integer as change_rank,
    -- The second condition: where few cities moved, or all alike, nobody is at both ends.
    change_rank <= {{ movers }} and change_rank < change_rank_from_bottom as is_top_mover,
    change_rank_from_bottom <= {{ movers }} and change_rank_from_bottom < change_rank as is_bottom_mover,
    has_suspect_figure,
    suspect_figures
from ranked
