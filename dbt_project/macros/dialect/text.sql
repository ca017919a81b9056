{# SQL that only one engine understands. A second engine adds its own `spark__...` beside these. #}

{# Text as it is compared: half-width, lower case, no white space of any kind. orchestration.headings does the same to
   texts that Python compares; a test holds both against each other over all of Unicode's first plane. #}
{% macro text_key(expression) -%}
    {{ return(adapter.dispatch('text_key', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__text_key(expression) -%}
    case
        -- Nearly all text is as it is compared already; to find that out costs a tenth of making it so.
        when regexp_full_match({{ expression }}, '[a-z0-9_.,%()+/:;#*\p{Han}-]*') then {{ expression }}
        else lower(regexp_replace(
            translate(
                {{ expression }},
                '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～−',
                '!"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~-'
            ),
            '[\s\v\x{1C}-\x{1F}\x{85}\p{Z}\x{200B}\x{FEFF}]+', '', 'g'
        ))
    end
{%- endmacro %}

{# A text as it is compared, in which a year that stands apart from the number before it stays apart: 2-2 2020年. #}
{% macro title_key(expression) -%}
    {{ return(adapter.dispatch('title_key', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__title_key(expression) -%}
    {{ text_key(
        "regexp_replace(" ~ expression
        ~ ", '([0-9０-９])[\\s\\x{00A0}\\x{3000}]+((?:19|20|１９|２０)[0-9０-９]{2}(?:[^0-9０-９]|$))', '\\1_\\2', 'g')"
    ) }}
{%- endmacro %}

{# A heading's own words: of lines that hold Chinese, where any does, the Chinese without its translation; else all. #}
{% macro heading_words(expression) -%}
    {{ return(adapter.dispatch('heading_words', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__heading_words(expression) -%}
    {#- A translation begins with "Total", or with lower case after a space; "GDP" is none. -#}
    {%- set english = '(?:\s*[/／]?\s*[A-Z][a-z]|\s+[a-z]{2})[^\p{Han}]*' -%}
    {#- 人口 Population (万人): the unit stays. -#}
    {%- set before_unit = '^(.*\p{Han}[^\p{Han}]*?)' ~ english ~ '([(（][^()（）]*\p{Han}[^()（）]*[)）])\s*$' -%}
    case
        when regexp_matches({{ expression }}, '\p{Han}')
            then array_to_string(
                list_transform(
                    list_filter(
                        string_split_regex(
                            -- A line such as GDP or R&D above the Chinese is its first word.
                            regexp_replace(
                                -- Population 年末户籍人口: a translation in front, without a unit of its own.
                                regexp_replace({{ expression }}, '^\s*[A-Z][a-z][^\p{Han}()（）\r\n]*[ \t/／]+(\p{Han})', '\1'),
                                '^\s*([A-Z][A-Z&]{1,5})\s*[\r\n]+', '\1'
                            ), '[\r\n]+'
                        ),
                        lambda line: regexp_matches(line, '\p{Han}')
                    ),
                    lambda line: case
                        when regexp_matches(line, '{{ before_unit }}')
                            then regexp_replace(line, '{{ before_unit }}', '\1\2')
                        -- What is left must not break off inside brackets.
                        when regexp_matches(
                            regexp_replace(line, '{{ english }}$', ''),
                            '^[^()（）]*([(（][^()（）]*[)）][^()（）]*)*$'
                        )
                            then regexp_replace(line, '{{ english }}$', '')
                        else line
                    end
                ), chr(10)
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

{# A group of the first match of a pattern that a column holds; empty when there is none. #}
{% macro matched_group(expression, pattern, group) -%}
    {{ return(adapter.dispatch('matched_group', 'citypanel')(expression, pattern, group)) }}
{%- endmacro %}

{% macro duckdb__matched_group(expression, pattern, group) -%}
    regexp_extract({{ expression }}, {{ pattern }}, {{ group }})
{%- endmacro %}

{% macro matches(expression, pattern) -%}
    {{ return(adapter.dispatch('matches', 'citypanel')(expression, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches(expression, pattern) -%}
    regexp_matches({{ expression }}, {{ pattern }})
{%- endmacro %}

{# Footnote marks at the end of a key: 襄樊市①, 12.5*, 33[1], 7注2. #}
{% macro without_footnote_marks(expression) -%}
    {{ return(adapter.dispatch('without_footnote_marks', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__without_footnote_marks(expression) -%}
    regexp_replace({{ expression }}, '([①-⑳]|\*+|[⁰¹²³⁴-⁹₀-₉]|\[[0-9]{1,2}\]|注[0-9]{0,2})+$', '')
{%- endmacro %}

{# Notes behind a name: 襄樊市①, 襄樊市(1), 襄樊市a), 襄樊市[注1], and a raised figure that lost its place: 襄樊市1; and its
   translation: 石家庄市 Shijiazhuang. #}
{% macro without_name_marks(expression) -%}
    {{ return(adapter.dispatch('without_name_marks', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__without_name_marks(expression) -%}
    {%- set latin = "[a-z][a-z''’.-]{2,}" -%}
    regexp_replace(
        case
            when regexp_matches({{ expression }}, '[a-z]{2}') and regexp_matches({{ expression }}, '\p{Han}')
                then regexp_replace(
                    regexp_replace({{ expression }}, '(\p{Han}[^a-z]*?)[/(]?{{ latin }}[)]?$', '\1'),
                    '^{{ latin }}[/(]?(\p{Han}[^a-z()]*)[)]?$', '\1'
                )
            else {{ expression }}
        end,
        '(\p{Han})(?:[①-⑳⑴-⒇⁰¹²³⁴-⁹*※#]+|[0-9]{1,2}|\[(?:注|note)?[0-9a-z]{0,2}\]|\((?:注|note)?[0-9a-z]{0,2}\)|[0-9a-z]{1,2}\)|注[0-9]*)+$',
        '\1'
    )
{%- endmacro %}

{# A printed number in a key: thousands separators and footnote marks taken off; null when it is none. #}
{% macro parse_number(expression) -%}
    {{ return(adapter.dispatch('parse_number', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__parse_number(expression) -%}
    case
        when regexp_matches({{ expression }}, '^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$')
            then try_cast({{ expression }} as double)
        when regexp_matches(
            {{ without_footnote_marks(expression) }},
            '^[+-]?([0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?|[0-9]+\.?[0-9]*|\.[0-9]+)$'
        )
            then try_cast(replace({{ without_footnote_marks(expression) }}, ',', '') as double)
    end
{%- endmacro %}

{# A share in a key, 45.12% or 5.3‰: the number before the sign; null when it is none. #}
{% macro parse_share(expression) -%}
    {{ return(adapter.dispatch('parse_share', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__parse_share(expression) -%}
    case
        when right({{ expression }}, 1) in ('%', '‰')
            then try_cast(regexp_extract({{ expression }}, '^([+-]?[0-9]+(?:\.[0-9]+)?)[%‰]$', 1) as double)
    end
{%- endmacro %}

{# A year as a heading of its own, 2014 or 2014年; null when it is none. #}
{% macro year_alone(expression) -%}
    {{ return(adapter.dispatch('year_alone', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__year_alone(expression) -%}
    try_cast(nullif(regexp_extract({{ expression }}, '^((?:19|20)[0-9]{2})(?:年|年度|年末)?$', 1), '') as integer)
{%- endmacro %}

{# Text without what a pattern matches. #}
{% macro without_match(expression, pattern) -%}
    {{ return(adapter.dispatch('without_match', 'citypanel')(expression, pattern)) }}
{%- endmacro %}

{% macro duckdb__without_match(expression, pattern) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '')
{%- endmacro %}

{# One row per line of a text. #}
{% macro unnest_lines(expression) -%}
    {{ return(adapter.dispatch('unnest_lines', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__unnest_lines(expression) -%}
    unnest(string_split({{ expression }}, chr(10)))
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

{# How far apart neighbouring values are as a number was printed: 0.01 of 12.50, 1 of 12. #}
{% macro rounding_step(expression) -%}
    {{ return(adapter.dispatch('rounding_step', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__rounding_step(expression) -%}
    power(10.0, -length(coalesce(nullif(regexp_extract({{ expression }}, '[.．]([0-9０-９]+)', 1), ''), '')))
{%- endmacro %}

{# Whether a pattern is found in a text beside what another pattern (or null) takes out of it first. #}
{% macro matches_beside(expression, pattern, except_pattern) -%}
    {{ return(adapter.dispatch('matches_beside', 'citypanel')(expression, pattern, except_pattern)) }}
{%- endmacro %}

{% macro duckdb__matches_beside(expression, pattern, except_pattern) -%}
    regexp_matches(
        case
            when {{ except_pattern }} is null then {{ expression }}
            else regexp_replace({{ expression }}, {{ except_pattern }}, ' ', 'g')
        end,
        {{ pattern }}
    )
{%- endmacro %}

{# Query: each place of each distinct text (`text`) at which four digits that may be a year stand, not behind another
   digit: `place`, `year` and the text before and after it. #}
{% macro year_places(texts) -%}
    {{ return(adapter.dispatch('year_places', 'citypanel')(texts)) }}
{%- endmacro %}

{% macro duckdb__year_places(texts) -%}
    select
        text, place, try_cast(substr(text, place, 4) as integer) as year,
        left(text, place - 1) as text_before, substr(text, place + 4) as text_after
    from (
        select text, unnest(generate_series(1, length(text) - 3)) as place
        from {{ texts }}
        where regexp_matches(text, '(19|20)[0-9]{2}')
    )
    where
        regexp_matches(substr(text, place, 4), '^(19|20)[0-9]{2}$')
        and not regexp_matches(left(text, place - 1), '[0-9]$')
{%- endmacro %}

{# The key of a printed text as that of a figure: null where digits would join that a blank or a break keeps apart
   (1028 756, - 5.3), for nobody declared blanks as separators; and where noughts lead (028.84 is half a figure). #}
{% macro figure_key(text, key) -%}
    {{ return(adapter.dispatch('figure_key', 'citypanel')(text, key)) }}
{%- endmacro %}

{% macro duckdb__figure_key(text, key) -%}
    {%- set blank = '[\\s\\x{0085}\\x{00A0}\\x{1680}\\x{2000}-\\x{200B}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}]' -%}
    case
        when
            {{ text }} <> {{ key }}
            and regexp_matches(
                {{ text }},
                '(?:[0-9０-９.．,，]{{ blank }}+[.．,，]?|^{{ blank }}*[+＋－-]{{ blank }}+)[0-9０-９]'
            )
            then null
        when regexp_matches({{ key }}, '^[+-]?0[0-9]') then null
        else {{ key }}
    end
{%- endmacro %}

{# Text without all that a pattern matches; the pattern may be a column's. #}
{% macro without_matches(expression, pattern) -%}
    {{ return(adapter.dispatch('without_matches', 'citypanel')(expression, pattern)) }}
{%- endmacro %}

{% macro duckdb__without_matches(expression, pattern) -%}
    regexp_replace({{ expression }}, {{ pattern }}, '', 'g')
{%- endmacro %}
