"""What a reader calls a city or a number, and which one is meant.

Belongs here: names, codes and columns, and the nearest to one that nothing has. Does not belong here:
values.
"""

from __future__ import annotations

from orchestration.engine.protocol import Warehouse
from orchestration.errors import NotFound
from orchestration.trace.attributes import ATTRIBUTES, CITY_FACTS
from orchestration.trace.number import row, rows

LIKE = 55
"""Likeness of names from 0 to 100 from which on one is offered; 吉林 is like 吉林市 by 80."""

CATALOGUE = """
with figure as (
    select indicator_code, name_zh, name_en,
        unnest(string_split(scopes, '|')) as scope,
        string_split(scopes, '|')[1] as main_scope
    from seed.indicator
),

figure_column as (
    select *, indicator_code || case when scope = 'total' then '' else '_' || scope end as column_name
    from figure
),

variant as (
    select *, model_id || replace(variant, 'malmquist', '') as productivity_of
    from seed.efficiency_variant
),

catalogue as (
    select column_name as called, column_name, 'figure' as kind, indicator_code as name, scope as part
    from figure_column
    union
    select unnest([indicator_code, name_zh, name_en]), column_name, 'figure', indicator_code, scope
    from figure_column
    where scope = main_scope
    union
    select unnest(['index_' || index_id, index_id, name_zh, name_en]), 'index_' || index_id, 'index', index_id, ''
    from seed.index_definition
    union
    select unnest(['index_' || dimension_of.called, dimension_of.called]), dimension_of.called,
        'dimension', dimension_of.index_id, dimension_of.dimension
    from (
        select distinct definition.index_id, component.dimension,
            definition.index_id || '.' || component.dimension as called
        from seed.index_definition as definition
        inner join seed.index_component as component
            on component.index_id = coalesce(definition.components_of, definition.index_id)
        where definition.has_dimensions and definition.aggregation = 'weighted_sum'
    ) as dimension_of
    union
    select 'efficiency_' || model_id || '_' || variant, 'efficiency_' || model_id || '_' || variant,
        'efficiency', model_id, variant
    from variant
    where method <> 'malmquist'
    union
    select 'productivity_' || productivity_of, 'productivity_' || productivity_of,
        'productivity', model_id, variant
    from variant
    where method = 'malmquist'
    union
    select 'productivity_' || productivity_of || '_cumulated',
        'productivity_' || productivity_of || '_cumulated', 'cumulated', model_id, variant
    from variant
    where method = 'malmquist'
    union
    select unnest([policy_id, name_en, name_zh]), policy_id, 'policy', policy_id, ''
    from seed.policy
    union
    select unnest(['did', 'first_treated_year']) as exposure, exposure, 'policy', policy_id, ''
    from seed.policy
)

select called, column_name, kind, name, part
from catalogue
where called is not null
order by all
"""


def city(connection: Warehouse, called: str) -> tuple[str, str]:
    """Code and Chinese name of a city, given by code, name (also a former or short one) or pinyin."""
    codes = rows(
        connection,
        "select city_code from marts.dim_city"
        " where city_code = $1 or name_zh = $1 or lower(name_en) = lower($1)"
        " union select city_code from seed.city_alias where alias = $1 order by all",
        called,
    )
    if not codes:
        known = connection.rows(
            "select name_zh, city_code from marts.dim_city union select name_en, city_code"
            " from marts.dim_city union select alias, city_code from seed.city_alias order by all"
        )
        raise NotFound(
            f"no city is called {called!r}{_nearest(called, known)}; give its Chinese name, its pinyin"
            " or its six-digit code"
        )
    if len(codes) > 1:
        raise NotFound(f"{called!r} fits {', '.join(of.city_code for of in codes)}: give the code")
    code = str(codes[0].city_code)
    found = row(connection, "select name_zh from marts.dim_city where city_code = ?", code)
    return code, str(found.name_zh) if found else code


def numbers(connection: Warehouse, called: str, scope: str | None) -> list[tuple[str, str, str]]:
    """Kind, name and part of what is called so, as in `Key`: one, or a policy's under each rule.

    `scope` is for indicators: None takes what the name says.
    """
    known = connection.rows(CATALOGUE)
    known += [(name, name, "attribute", name, "") for name in (*CITY_FACTS, *ATTRIBUTES)]
    wanted = called.casefold()
    fitting = [of for of in known if of[1] == wanted] or [
        of for of in known if of[0].casefold() == wanted
    ]
    columns = sorted({of[1] for of in fitting})
    if len(columns) > 1:
        raise NotFound(f"{called!r} is the name of {', '.join(columns)}: give one of these")
    if not columns:
        near = _nearest(called, [(of[0], of[1]) for of in known])
        raise NotFound(
            f"no indicator, index, policy or column of marts.city_year is called {called!r}{near}; all"
            " indicators are in marts.dim_indicator, indices in marts.index_score"
        )
    found = list(dict.fromkeys(of[2:] for of in fitting))
    kind, name, part = found[0]
    if scope is not None and kind != "figure":
        raise NotFound(f"{columns[0]} has no scope: leave --scope out")
    if scope is not None and scope != part and wanted == columns[0] != name:
        raise NotFound(f"{columns[0]} is {name} of scope {part}: leave --scope out")
    if kind == "figure":
        return [(kind, name, scope or part)]
    return found


def _nearest(text: str, names: list[tuple[str, str]]) -> str:
    """The names that are most like a text; `names` are (name, code)."""
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        text, [name for name, _ in names], scorer=fuzz.ratio, limit=9,
        score_cutoff=LIKE, processor=utils.default_process,
    )  # fmt: skip
    codes: dict[str, str] = {}
    for name, _, position in found:
        codes.setdefault(names[position][1], name)
    likely = [code if code == name else f"{name} ({code})" for code, name in codes.items()]
    return f"; nearest: {', '.join(likely[:3])}" if likely else ""
