{# Query: each year that a text of a relation of distinct texts (`text`) prints, with what kind of year it is by the words
   before and after it (seed year_word; the first that fits decides). #}
{% macro year_words(texts) -%}
    select
        text,
        place,
        year,
        kind
    from (
        select
            occurrence.text,
            occurrence.place,
            occurrence.year,
            year_word.kind,
            row_number() over (
                partition by occurrence.text, occurrence.place
                order by year_word.word_order
            ) as word_rank
        from ({{ year_places(texts) }}) as occurrence
        inner join {{ ref('year_word') }} as year_word
            on
                (year_word.before is null or {{ matches('occurrence.text_before', 'year_word.before') }})
                and (year_word.after is null or {{ matches('occurrence.text_after', 'year_word.after') }})
    ) as ranked
    where word_rank = 1
{%- endmacro %}
