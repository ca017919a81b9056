{# What part of the size of the data is rounding: the one tolerance of all comparisons of computed figures. They are made
   in some tens of steps of relative error 1e-16; no yearbook prints more than nine digits
   (docs/decisions/0011-last-digits.md). #}
{% macro rounding_share() -%}
    1e-10
{%- endmacro %}
