-- One row per index x period x position, for indices weighted by their first principal component: squared loadings of
-- the unit eigenvector, which add up to 1. The correlation matrix C is that of the reference city-years that have every
-- component. Its power 2^24, by squaring it 24 times, keeps the first eigenvector alone: with C = sum of l_i v_i v_i'
-- the share of v_2 falls as (l_2 / l_1)^(2^24). What is left is v_1 v_1', so the diagonal holds the squared loadings;
-- with equal first eigenvalues it is their mean over the plane, which needs no choice either.
with recursive component as (
    select
        index_id,
        frame_number,
        position,
        components,
        row_number() over (partition by index_id order by position) as place
    from {{ ref('int_index__component') }}
    where weighting = 'principal_component'
),

selection as (
    select
        index_id,
        frame_number,
        components,
        {{ list_by('position', 'place') }} as positions
    from component
    group by index_id, frame_number, components
),

-- Figures as they are: correlations don't depend on their scaling.
picked as (
    select
        selection.index_id,
        selection.components,
        member.period,
        member.city_code,
        member.year,
        {{ list_picked('figure.figures', 'selection.positions') }} as figures
    from selection
    inner join {{ ref('int_index__member') }} as member on selection.frame_number = member.frame_number
    inner join {{ ref('int_index__figure') }} as figure
        on member.city_code = figure.city_code and member.year = figure.year
    where member.is_reference
),

figure_in_place as (
    select
        index_id,
        period,
        city_code,
        year,
        {{ unnest_with_position('figures', 'figure', 'place') }}
    from picked
    where {{ list_numbers('figures') }} = components
),

-- Each component as one list per year, cities in the same order, so that sums of products are products of lists.
column_of_year as (
    select
        index_id,
        period,
        year,
        place,
        {{ list_by('figure', 'city_code') }} as figures,
        count(*) as cities,
        {{ ordered_sum('figure', 'city_code') }} as total,
        min(figure) as minimum,
        max(figure) as maximum
    from figure_in_place
    group by index_id, period, year, place
),

whole_column as (
    select
        index_id,
        period,
        place,
        {{ ordered_sum('total', 'year') }} / sum(cities) as mean,
        {{ varies('min(minimum)', 'max(maximum)') }} as varies
    from column_of_year
    group by index_id, period, place
),

centred as (
    select
        column_of_year.index_id,
        column_of_year.period,
        column_of_year.year,
        column_of_year.place,
        whole_column.varies,
        {{ list_less('column_of_year.figures', 'whole_column.mean') }} as figures
    from column_of_year
    inner join whole_column
        on
            column_of_year.index_id = whole_column.index_id
            and column_of_year.period = whole_column.period
            and column_of_year.place = whole_column.place
),

product as (
    select
        line.index_id,
        line.period,
        line.place as line,
        other.place as other,
        line.varies and other.varies as varies,
        {{ ordered_sum(list_dot('line.figures', 'other.figures'), 'line.year') }} as product
    from centred as line
    inner join centred as other
        on
            line.index_id = other.index_id
            and line.period = other.period
            and line.year = other.year
            and line.place <= other.place
    group by line.index_id, line.period, line.place, other.place, line.varies, other.varies
),

-- A component that does not vary has correlation 0 with all, itself included, and so no loading.
correlation as (
    select
        product.index_id,
        product.period,
        product.line,
        product.other,
        case
            when not product.varies then 0
            when product.line = product.other then 1
            else product.product / sqrt(line.product * other.product)
        end as correlation
    from product
    inner join product as line
        on
            product.index_id = line.index_id
            and product.period = line.period
            and product.line = line.line
            and product.line = line.other
    inner join product as other
        on
            product.index_id = other.index_id
            and product.period = other.period
            and product.other = other.line
            and product.other = other.other
),

matrix_line as (
    select
        index_id,
        period,
        line,
        {{ list_by('correlation', 'other') }} as correlations
    from (
        select
            index_id,
            period,
            line,
            other,
            correlation
        from correlation
        union all
        select
            index_id,
            period,
            other as line,
            line as other,
            correlation
        from correlation
        where line < other
    ) as whole
    group by index_id, period, line
),

power as (
    select
        index_id,
        period,
        0 as squarings,
        {{ list_by('correlations', 'line') }} as matrix
    from matrix_line
    group by index_id, period
    union all
    select
        measured.index_id,
        measured.period,
        measured.squarings + 1 as squarings,
        {{ matrix_squared('measured.matrix', 'measured.size') }} as matrix
    from (
        select
            index_id,
            period,
            squarings,
            matrix,
            {{ matrix_size('matrix') }} as size
        from power
        where squarings < 24
    ) as measured
    where measured.size > 0
),

loading as (
    select
        index_id,
        period,
        {{ unnest_with_position(matrix_diagonal('matrix'), 'loading', 'place') }}
    from power
    where squarings = 24
),

whole as (
    select
        index_id,
        period,
        {{ ordered_sum('loading', 'place') }} as loading
    from loading
    group by index_id, period
)

select
    loading.index_id,
    loading.period,
    component.position,
    loading.loading / whole.loading as squared_loading
from loading
inner join whole on loading.index_id = whole.index_id and loading.period = whole.period
inner join component on loading.index_id = component.index_id and loading.place = component.place
