{# What the checks of figures share. #}

{# Whether two figures say the same: larger over smaller within `bound`; where one is negative only equal ones do. #}
{% macro figures_agree(one, other, bound) -%}
    ({{ one }} = {{ other }}
    or (least({{ one }}, {{ other }}) >= 0 and greatest({{ one }}, {{ other }}) <= {{ bound }} * least({{ one }}, {{ other }})))
{%- endmacro %}
