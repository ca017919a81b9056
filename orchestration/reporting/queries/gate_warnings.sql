-- One row per cause of a warning; the finding shown is the first of the first status.
with told as (
    select
        *,
        list_position(['new', 'changed', 'known', 'acknowledged', 'gone'], status) as place_of_status,
        rowid as place_of_row
    from release.gate_warning
),

first_of_cause as (
    select *
    from told
    qualify
        row_number() over (
            partition by gate, rule_id, cause
            order by place_of_status, position
        ) = 1
),

counted as (
    select
        gate,
        rule_id,
        cause,
        count(*) as findings,
        count(*) filter (where status = 'new') as new,
        count(*) filter (where status = 'changed') as changed
    from told
    group by gate, rule_id, cause
)

select
    shown.gate,
    shown.rule_id,
    shown.cause,
    shown.status,
    counted.findings,
    counted.new,
    counted.changed,
    shown.subject,
    shown.says,
    shown.relative_path
    || case when shown.sheet_name <> '' then ', ' || shown.sheet_name else '' end
    || case when shown.cell_address <> '' then ', ' || shown.cell_address else '' end as place,
    shown.advice
from first_of_cause as shown
inner join counted
    on shown.gate = counted.gate and shown.rule_id = counted.rule_id and shown.cause = counted.cause
order by shown.place_of_status, shown.place_of_row
