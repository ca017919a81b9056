{# Whether figures between these bounds differ by more than rounding; null where there is no figure. #}
{% macro varies(minimum, maximum) -%}
    {{ maximum }} - {{ minimum }} > {{ rounding_share() }} * greatest(abs({{ minimum }}), abs({{ maximum }}))
{%- endmacro %}
