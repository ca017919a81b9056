{# Lists of numbers, element by element: what only one engine says so. Positions count from 1; null stays null. #}

{# The values of a group, in any order: the same for all lists of one group. #}
{% macro list_of(expression) -%}
    {{ return(adapter.dispatch('list_of', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__list_of(expression) -%}
    list({{ expression }})
{%- endmacro %}

{# The values of a group, ordered by a key. #}
{% macro list_by(expression, key) -%}
    {{ return(adapter.dispatch('list_by', 'citypanel')(expression, key)) }}
{%- endmacro %}

{% macro duckdb__list_by(expression, key) -%}
    list({{ expression }} order by {{ key }})
{%- endmacro %}

{# A list of `size` elements that has each item at its position and null where there is none. #}
{% macro list_placed(items, positions, size) -%}
    {{ return(adapter.dispatch('list_placed', 'citypanel')(items, positions, size)) }}
{%- endmacro %}

{% macro duckdb__list_placed(items, positions, size) -%}
    list_select(
        {{ items }},
        list_transform(
            range(1, {{ size }} + 1),
            lambda place: coalesce(list_position({{ positions }}, place), len({{ positions }}) + 1)
        )
    )
{%- endmacro %}

{# The items at the given positions, in the order of these. #}
{% macro list_picked(items, positions) -%}
    {{ return(adapter.dispatch('list_picked', 'citypanel')(items, positions)) }}
{%- endmacro %}

{% macro duckdb__list_picked(items, positions) -%}
    list_select({{ items }}, {{ positions }})
{%- endmacro %}

{# The item at one position. #}
{% macro list_item(items, position) -%}
    {{ return(adapter.dispatch('list_item', 'citypanel')(items, position)) }}
{%- endmacro %}

{% macro duckdb__list_item(items, position) -%}
    list_extract({{ items }}, {{ position }})
{%- endmacro %}

{# How many items are numbers, neither null nor NaN. #}
{% macro list_numbers(items) -%}
    {{ return(adapter.dispatch('list_numbers', 'citypanel')(items)) }}
{%- endmacro %}

{% macro duckdb__list_numbers(items) -%}
    len(list_filter({{ items }}, lambda item: not isnan(item)))
{%- endmacro %}

{# Sum of the products, item by item; no item may be null. #}
{% macro list_dot(left, right) -%}
    {{ return(adapter.dispatch('list_dot', 'citypanel')(left, right)) }}
{%- endmacro %}

{% macro duckdb__list_dot(left, right) -%}
    list_inner_product({{ left }}, {{ right }})
{%- endmacro %}

{# (item - shift) / divisor; NaN for null, since no list with nulls multiplies. #}
{% macro list_scaled(items, shifts, divisors) -%}
    {{ return(adapter.dispatch('list_scaled', 'citypanel')(items, shifts, divisors)) }}
{%- endmacro %}

{% macro duckdb__list_scaled(items, shifts, divisors) -%}
    list_transform(
        list_zip({{ items }}, {{ shifts }}, {{ divisors }}),
        lambda item: coalesce((item[1] - item[2]) / item[3], 'nan'::double)
    )
{%- endmacro %}

{# Items times factors; an item below 0 or above 1 counts as there, NaN stays. #}
{% macro list_cut_times(items, factors) -%}
    {{ return(adapter.dispatch('list_cut_times', 'citypanel')(items, factors)) }}
{%- endmacro %}

{% macro duckdb__list_cut_times(items, factors) -%}
    list_transform(
        list_zip({{ items }}, {{ factors }}),
        lambda item: case
            when item[1] < 0 then 0
            when item[1] > 1 and not isnan(item[1]) then item[2]
            else item[1] * item[2]
        end
    )
{%- endmacro %}

{# Euclidean distance of two lists. #}
{% macro list_gap(left, right) -%}
    {{ return(adapter.dispatch('list_gap', 'citypanel')(left, right)) }}
{%- endmacro %}

{% macro duckdb__list_gap(left, right) -%}
    list_distance({{ left }}, {{ right }})
{%- endmacro %}

{# Items less a number. #}
{% macro list_less(items, number) -%}
    {{ return(adapter.dispatch('list_less', 'citypanel')(items, number)) }}
{%- endmacro %}

{% macro duckdb__list_less(items, number) -%}
    list_transform({{ items }}, lambda item: item - {{ number }})
{%- endmacro %}

{# Sum of the items. #}
{% macro list_total(items) -%}
    {{ return(adapter.dispatch('list_total', 'citypanel')(items)) }}
{%- endmacro %}

{% macro duckdb__list_total(items) -%}
    list_sum({{ items }})
{%- endmacro %}

{# Product of the items, the first times the second times the third. #}
{% macro list_product(items) -%}
    {{ return(adapter.dispatch('list_product', 'citypanel')(items)) }}
{%- endmacro %}

{% macro duckdb__list_product(items) -%}
    list_reduce({{ items }}, lambda so_far, item: so_far * item)
{%- endmacro %}

{# Mean of the items; null where there is none. #}
{% macro list_mean(items) -%}
    {{ return(adapter.dispatch('list_mean', 'citypanel')(items)) }}
{%- endmacro %}

{% macro duckdb__list_mean(items) -%}
    list_avg({{ items }})
{%- endmacro %}

{# Standard deviation of the items, as of a whole population; null where there is none. #}
{% macro list_deviation(items) -%}
    {{ return(adapter.dispatch('list_deviation', 'citypanel')(items)) }}
{%- endmacro %}

{% macro duckdb__list_deviation(items) -%}
    list_stddev_pop({{ items }})
{%- endmacro %}

{# Two columns, one row per item: the item and its position. #}
{% macro unnest_with_position(items, item_name, position_name) -%}
    {{ return(adapter.dispatch('unnest_with_position', 'citypanel')(items, item_name, position_name)) }}
{%- endmacro %}

{% macro duckdb__unnest_with_position(items, item_name, position_name) -%}
    unnest({{ items }}) as {{ item_name }}, generate_subscripts({{ items }}, 1) as {{ position_name }}
{%- endmacro %}

{# Sum of the squares of a matrix, which is a list of its rows. #}
{% macro matrix_size(matrix) -%}
    {{ return(adapter.dispatch('matrix_size', 'citypanel')(matrix)) }}
{%- endmacro %}

{% macro duckdb__matrix_size(matrix) -%}
    list_sum(list_transform({{ matrix }}, lambda line: list_inner_product(line, line)))
{%- endmacro %}

{# A symmetric matrix times itself, over a number. #}
{% macro matrix_squared(matrix, divisor) -%}
    {{ return(adapter.dispatch('matrix_squared', 'citypanel')(matrix, divisor)) }}
{%- endmacro %}

{% macro duckdb__matrix_squared(matrix, divisor) -%}
    list_transform(
        {{ matrix }},
        lambda line: list_transform({{ matrix }}, lambda other: list_inner_product(line, other) / {{ divisor }})
    )
{%- endmacro %}

{# The diagonal of a matrix. #}
{% macro matrix_diagonal(matrix) -%}
    {{ return(adapter.dispatch('matrix_diagonal', 'citypanel')(matrix)) }}
{%- endmacro %}

{% macro duckdb__matrix_diagonal(matrix) -%}
    list_transform({{ matrix }}, lambda line, place: line[place])
{%- endmacro %}
