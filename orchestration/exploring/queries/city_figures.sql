with marked as (
    select
        city_code,
        year,
        indicator_code,
        scope,
        check_flags,
        suspect_figures
    from marts.indicator_value
    where check_flags is not null or suspect_figures is not null
),

figure as (
    select
        lineage.city_code,
        lineage.year,
        lineage.indicator_code || case lineage.scope when 'total' then '' else '_' || lineage.scope end as subject,
        lineage.value,
        case when lineage.correction_id is not null then 'c' else left(lineage.value_kind, 1) end as kind,
        place.place_no,
        lineage.cell_address,
        lineage.cell_text,
        case
            when lineage.fill_method is not null or lineage.correction_id is not null
                or lineage.merged_cells is not null or marked.suspect_figures is not null
                or marked.check_flags is not null
                then {
                        'year': lineage.year, 'fill': lineage.fill_method,
                        'before': lineage.neighbour_year_before, 'after': lineage.neighbour_year_after,
                        'published': lineage.published_value, 'correction': lineage.correction_reason,
                        'correction_source': lineage.correction_source, 'merged': lineage.merged_cells,
                        'flags': marked.check_flags, 'suspect': marked.suspect_figures
                    }
        end as remark
    from marts.number_lineage as lineage
    left join marked
        on
            lineage.city_code = marked.city_code
            and lineage.year = marked.year
            and lineage.indicator_code = marked.indicator_code
            and lineage.scope = marked.scope
    left join explorer_place as place
        on
            lineage.relative_path = place.relative_path
            and lineage.sheet_name is not distinct from place.sheet_name
            and lineage.heading_printed is not distinct from place.heading_printed
            and lineage.unit_printed is not distinct from place.unit_printed
            and lineage.unit_factor is not distinct from place.unit_factor
            and lineage.source_id is not distinct from place.source_id
            and lineage.edition is not distinct from place.edition
),

series as (
    select
        city_code,
        subject,
        to_json({
            's': subject,
            'y': list(year order by year),
            'v': list(value order by year),
            'k': string_agg(kind, '' order by year),
            'p': list(place_no order by year),
            'a': list(cell_address order by year),
            't': list(cell_text order by year),
            'x': list(remark order by year) filter (remark is not null)
        })::varchar as told
    from figure
    group by city_code, subject
)

select
    city_code,
    '[' || string_agg(told, ',' order by subject) || ']' as body
from series
group by city_code
order by city_code
