{# SQL that only one engine understands. A second engine adds its own `spark__...` beside these. #}

{# Text as it is compared: half-width, lower case, no white space of any kind. #}
{% macro text_key(expression) -%}
    {{ return(adapter.dispatch('text_key', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__text_key(expression) -%}
    lower(regexp_replace(
        translate(
            {{ expression }},
            '０１２３４５６７８９（）：，．％／－＿＋ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ',
            '0123456789():,.%/-_+ABCDEFGHIJKLMNOPQRSTUVWXYZ'
        ),
        '[\s\x{00A0}\x{3000}\x{200B}\x{FEFF}]+', '', 'g'
    ))
{%- endmacro %}

{# A heading's own words: the lines that hold Chinese where any does, else all of it. #}
{% macro heading_words(expression) -%}
    {{ return(adapter.dispatch('heading_words', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__heading_words(expression) -%}
    case
        when regexp_matches({{ expression }}, '\p{Han}')
            then array_to_string(
                list_filter(
                    string_split_regex({{ expression }}, '[\r\n]+'),
                    lambda line: regexp_matches(line, '\p{Han}')
                ), ''
            )
        else {{ expression }}
    end
{%- endmacro %}

{# First group of the first match, null when there is none. #}
{% macro first_match(expression, pattern) -%}
    {{ return(adapter.dispatch('first_match', 'citypanel')(expression, pattern)) }}
{%- endmacro %}

{% macro duckdb__first_match(expression, pattern) -%}
    nullif(regexp_extract({{ expression }}, '{{ pattern }}', 1), '')
{%- endmacro %}

{% macro matches(expression, pattern) -%}
    {{ return(adapter.dispatch('matches', 'citypanel')(expression, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches(expression, pattern) -%}
    regexp_matches({{ expression }}, {{ pattern }})
{%- endmacro %}

{# A printed number: thousands separators, footnote marks and spaces taken off; null when it is none. #}
{% macro parse_number(expression) -%}
    {{ return(adapter.dispatch('parse_number', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__parse_number(expression) -%}
    try_cast(
        regexp_replace(
            case
                when regexp_matches({{ expression }}, '^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?[^0-9]*$')
                    then replace({{ expression }}, ',', '')
                else {{ expression }}
            end,
            '([①-⑳]|\*+|[¹²³]|\[[0-9]+\]|注[0-9]*)+$', ''
        ) as double
    )
{%- endmacro %}

{# Where a cell stands, as a spreadsheet names it: column letters and row. #}
{% macro cell_address(row_number, column_number) -%}
    {{ return(adapter.dispatch('cell_address', 'citypanel')(row_number, column_number)) }}
{%- endmacro %}

{% macro duckdb__cell_address(row_number, column_number) -%}
    case
        when {{ column_number }} <= 26 then chr((64 + {{ column_number }})::integer)
        when {{ column_number }} <= 702
            then chr((64 + ({{ column_number }} - 1) // 26)::integer) || chr((65 + ({{ column_number }} - 1) % 26)::integer)
        else chr((65 + ({{ column_number }} - 703) // 676)::integer)
            || chr((65 + (({{ column_number }} - 703) // 26) % 26)::integer)
            || chr((65 + ({{ column_number }} - 703) % 26)::integer)
    end || {{ row_number }}
{%- endmacro %}

{# The key of a cell: file, sheet and address; it stays with a number to the release. #}
{% macro cell_id(file_key, sheet_index, row_number, column_number) -%}
    {{ file_key }} || '!' || {{ sheet_index }} || '!' || {{ cell_address(row_number, column_number) }}
{%- endmacro %}
