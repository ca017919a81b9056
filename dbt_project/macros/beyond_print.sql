{# Whether a figure is larger or nearer to zero than any that is printed: real ones lie between 0.01 and 3e9 in the
   units of their indicators. It would be a number still, and what is computed of it none: 1e300 persons are no
   density, and nobody would be told why. #}
{% macro beyond_print(value) -%}
    (abs({{ value }}) > 1e15 or ({{ value }} <> 0 and abs({{ value }}) < 1e-12))
{%- endmacro %}
