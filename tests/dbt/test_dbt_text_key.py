"""The key that texts are compared by is one in SQL and in Python.

Here: every character of Unicode's first plane, alone and between letters, through the macro and the function.
Not here: what a key is used for.
"""

import re

import duckdb
import jinja2
import pytest

from orchestration.headings.likeness import text_key

SURROGATES = range(0xD800, 0xE000)


@pytest.fixture(scope="module")
def in_sql(repo_dir):
    """The macro as SQL runs it, on a list of texts."""
    source = (repo_dir / "dbt_project/macros/dialect/text.sql").read_text(encoding="utf-8")
    macro = re.search(r"{% macro duckdb__text_key.*?{%- endmacro %}", source, re.DOTALL)
    assert macro is not None
    template = jinja2.Environment().from_string(macro.group(0) + "{{ duckdb__text_key('text') }}")
    sql = template.render()

    def keys(texts: list[str]) -> list[str]:
        with duckdb.connect() as connection:
            connection.execute("create table given as select unnest(?::varchar[]) as text", [texts])
            rows = connection.execute(f"select {sql} from given order by rowid").fetchall()
        return [key for (key,) in rows]

    return keys


@pytest.mark.parametrize("frame", ["{}", "A{}b", "人 {}", "ΑΒ{}Σ"])
def test_every_character_of_the_first_plane(in_sql, frame):
    texts = [frame.format(chr(code)) for code in range(1, 0x10000) if code not in SURROGATES]
    differ = {
        text: (sql, python)
        for text, sql, python in zip(texts, in_sql(texts), map(text_key, texts), strict=True)
        if sql != python
    }
    assert differ == {}


def test_what_a_key_is(in_sql):
    printed = {
        " ＧＤＰ （亿　元）": "gdp(亿元)",
        "ｇｄｐ\u2009［1］": "gdp[1]",
        "−１．５％": "-1.5%",
        "Year-end\nPopulation": "year-endpopulation",
        "行政\u200b区\ufeff划": "行政区划",
    }
    assert dict(zip(printed, in_sql(list(printed)), strict=True)) == printed
