-- One row per measure of the input, in all and by detail: files, cells, and what became of the figures.
with file_facts as (
    select
        status,
        reason_code
    from {{ source('raw', 'yearbook_file') }}
),

-- Each member of `measured` gives its total under 'all', also where it is nought, and its parts beside it.
measured as (
    select
        'files' as measure,
        status as detail,
        count(*) as amount
    from file_facts
    group by status
    union all
    select
        'files_refused' as measure,
        reason_code as detail,
        count(*) as amount
    from file_facts
    where status = 'refused'
    group by reason_code
    union all
    select
        'cells' as measure,
        cell_class as detail,
        sum(cells) as amount
    from {{ ref('cell_account') }}
    group by cell_class
    union all
    select
        'figures_resolved' as measure,
        source_id as detail,
        count(*) as amount
    from {{ ref('int_city_year__observation') }}
    group by source_id
    union all
    select
        'figures_quarantined' as measure,
        reason as detail,
        count(*) as amount
    from {{ ref('quarantine') }}
    where reason <> 'aggregate'  -- totals of provinces are no figures of cities
    group by reason
    union all
    select
        'values_released' as measure,
        value_kind as detail,
        count(*) as amount
    from {{ ref('indicator_value') }}
    group by value_kind
    union all
    select
        'values_interpolated' as measure,
        indicator_code as detail,
        count(*) as amount
    from {{ ref('indicator_value') }}
    where value_kind = 'interpolated'
    group by indicator_code
    union all
    select
        'values_corrected' as measure,
        indicator_code as detail,
        count(*) as amount
    from {{ ref('indicator_value') }}
    where value_kind = 'corrected'
    group by indicator_code
    union all
    select
        'figures_revised' as measure,
        source_id as detail,
        count(*) as amount
    from {{ ref('observation_revision') }}
    where is_revised
    group by source_id
    union all
    select
        'source_disagreements' as measure,
        indicator_code as detail,
        count(*) as amount
    from {{ ref('source_disagreement') }}
    group by indicator_code
),

measure_list as (
    select
        position,
        measure
    from (
        values
        (1, 'files'),
        (2, 'files_refused'),
        (3, 'cells'),
        (4, 'figures_resolved'),
        (5, 'figures_quarantined'),
        (6, 'values_released'),
        (7, 'values_interpolated'),
        (8, 'values_corrected'),
        (9, 'figures_revised'),
        (10, 'source_disagreements')
    ) as listed (position, measure) -- noqa: AL05
),

total as (
    select
        measure_list.position,
        measure_list.measure,
        coalesce(sum(measured.amount), 0) as amount
    from measure_list
    left join measured on measure_list.measure = measured.measure
    group by measure_list.position, measure_list.measure
)

select
    position::integer as position,
    measure,
    'all' as detail,
    amount::bigint as value,
    amount::bigint as total
from total
union all
select
    total.position::integer as position,
    total.measure,
    measured.detail,
    measured.amount::bigint as value,
    total.amount::bigint as total
from measured
inner join total on measured.measure = total.measure
