{# Floating-point figures: sums that follow no order of rows, and comparisons that rounding does not decide.
   Decisions: docs/decisions/0006-one-thread-for-sums.md and 0011-last-digits.md. #}

{# Sum of a group in the order of a key that is unique in it; null where there is no value. #}
{% macro ordered_sum(expression, key) -%}
    {{ list_total(list_by(expression, key)) }}
{%- endmacro %}

{# What part of the size of the data is rounding. Figures are made in some tens of steps of relative error 1e-16; no
   yearbook prints more than nine digits. The one tolerance of all comparisons of computed figures. #}
{% macro rounding_share() -%}
    1e-10
{%- endmacro %}

{# Whether figures between these bounds differ by more than rounding; null where there is no figure. #}
{% macro varies(minimum, maximum) -%}
    {{ maximum }} - {{ minimum }} > {{ rounding_share() }} * greatest(abs({{ minimum }}), abs({{ maximum }}))
{%- endmacro %}
