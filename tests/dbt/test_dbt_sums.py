"""No sum of figures follows the order in which rows come: the SQL of models is read for aggregates that would.

Here: reading the text of models and macros. Not here: whether built tables are the same bytes
(`test_e2e_row_order`). A sum over fractions is `ordered_sum(figure, key)` or an aggregate with
`order by` in its argument; what adds whole numbers, whose sums
are exact in any order, is named below.
"""

import re
from pathlib import Path

import pytest

FRACTIONAL = re.compile(
    r"\b(sum|avg|mean|favg|fsum|sumkahan|kahan_sum|product|stddev\w*|std|var_\w+|variance|corr|covar_\w+"
    r"|regr_\w+|skewness|kurtosis\w*|sem|entropy|list_sum|list_avg|list_aggregate|list_of"
    r"|list_stddev\w*|list_var\w*)\s*\(\s*(.*)"
)
"""Aggregates, and unordered lists, that follow the order of rows; second group: how the argument begins."""

WHOLE_NUMBERS = {
    # Median and largest of a list are the same in any order.
    "models/intermediate/check/int_check__neighbour.sql": ["around, 'median'", "around, 'max'"],
    "models/intermediate/city_year/int_city_year__deflator.sql": [
        "case when is_imputed",
        "case when is_corrected",
    ],
    "models/intermediate/city_year/int_city_year__joined.sql": ["values_published"],
    # Placed by their positions afterwards.
    "models/intermediate/index/int_index__figure.sql": ["'figure'", "'position'"],
    "models/intermediate/index/int_index__member.sql": [""],  # years, on the next line
    "models/intermediate/index/int_index__principal.sql": ["cities"],
    "models/marts/health/input_health.sql": ["cells", "measured.amount"],
    "models/marts/indicators/cell_account.sql": ["moved.cells"],
    "models/marts/panel/dataset_version.sql": ["cell_count"],
    "models/staging/yearbook/figure/stg_yearbook__cell_account.sql": ["cells"],
    "models/staging/yearbook/heading/stg_yearbook__block.sql": [
        "(not coalesce(is_continuation, false))::integer",
    ],
    "models/staging/yearbook/heading/stg_yearbook__extent.sql": ["begins::integer"],
    "models/staging/yearbook/page/stg_yearbook__region.sql": ["lines + 16"],
    # Lists that macros are given: `list_by` has put them in order.
    "macros/dialect/list.sql": [
        "{{ items }}",
        "list_transform({{ matrix }}",
        "expression) -%}",
    ],
}
"""Sums that are exact in any order, by file: how their argument begins. One that is found nowhere fails too."""


def aggregates(path: Path) -> list[str]:
    """How the arguments of aggregates over fractions begin in a file, comments left out."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        sql = re.sub(r"\{#.*?#\}", "", line.split("--")[0])
        while match := FRACTIONAL.search(sql):
            if " order by " not in match.group(2):
                found.append(match.group(2))
            sql = match.group(2)
    return found


def unordered(path: Path, whole: list[str]) -> list[str]:
    return [
        a for a in aggregates(path) if not any(a == w if not w else a.startswith(w) for w in whole)
    ]


@pytest.fixture(scope="module")
def files(repo_dir: Path) -> dict[str, Path]:
    project = repo_dir / "dbt_project"
    return {
        path.relative_to(project).as_posix(): path
        for part in ("models", "macros")
        for path in sorted((project / part).rglob("*.sql"))
    }


def test_every_sum_over_fractions_has_an_order(files):
    assert len(files) > 60
    wrong = {
        name: found
        for name, path in files.items()
        if (found := unordered(path, WHOLE_NUMBERS.get(name, [])))
    }
    assert wrong == {}, (
        "use ordered_sum(figure, key), or name the sum of whole numbers in WHOLE_NUMBERS"
    )


def test_every_exception_is_still_there(files):
    stale = {
        (name, word)
        for name, words in WHOLE_NUMBERS.items()
        for word in words
        if not any(a == word if not word else a.startswith(word) for a in aggregates(files[name]))
    }
    assert stale == set()


def test_queries_of_orchestration_have_an_order(repo_dir):
    for path in sorted((repo_dir / "orchestration").rglob("*.sql")):
        assert unordered(path, ["cells"]) == [], path


@pytest.mark.parametrize(
    "line",
    [
        "    sum(value) as total,",
        "    avg(value) over (partition by year)",
        "    sqrt(sum(x * x))",
        "    corr(a, b)",
        "    {{ list_total(list_of('value')) }}",
        "    1 + sum (value)",
    ],
)
def test_an_unordered_sum_is_found(line, tmp_path):
    (tmp_path / "model.sql").write_text(f"select\n{line}\nfrom figures -- sum(of nothing)\n")
    assert len(unordered(tmp_path / "model.sql", [])) == 1


@pytest.mark.parametrize(
    "ordered", ["{{ ordered_sum('value', 'city_code') }}", "exp(avg(ln(value) order by city_code))"]
)
def test_an_ordered_sum_is_none(ordered, tmp_path):
    (tmp_path / "model.sql").write_text(f"select {ordered} as total\n")
    assert unordered(tmp_path / "model.sql", []) == []
