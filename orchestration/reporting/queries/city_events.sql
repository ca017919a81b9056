select
    event_id,
    year,
    kind,
    from_name,
    to_name,
    decision,
    reason,
    figures_from,
    figures_to,
    figures_added,
    figures_left_out,
    figures_without_partner
from marts.city_event_decision
where touches_panel and kind in ('merge', 'split', 'abolish')
order by year, event_id
