{# The columns of this model whose `meta` has the given key, in the order of the contract. #}
{% macro contract_columns(meta_key) %}
    {%- set found = [] -%}
    {%- for name, column in model.columns.items() -%}
        {%- set meta = column.get('meta') or column.get('config', {}).get('meta') or {} -%}
        {%- if meta_key in meta -%}
            {%- do found.append({'name': name, 'meta': meta}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}
