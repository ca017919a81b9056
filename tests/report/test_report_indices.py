"""The section on indices: variants stand in one table beside the index; sources are listed once."""

import re

import duckdb
import lxml.html
import numpy as np
import pandas as pd
import pytest
from demo_report import render_html

SAME = 1e-12
"""Two ways to sum a few dozen ranks in double precision."""


@pytest.fixture(scope="module")
def warehouse():
    """An index of 40 cities over three years and two variants, one of them by year."""
    rng = np.random.default_rng(5)
    scores = []
    for year in (2019, 2020, 2021):
        main = rng.normal(size=40)
        for index_id, noise in (("i", 0.0), ("i_equal", 0.4), ("i_year", 1.5)):
            score = main + noise * rng.normal(size=40)
            rank = pd.Series(-score).rank().astype(int)
            scores += [
                (index_id, f"{city:06}", year, float(s), int(r))
                for city, (s, r) in enumerate(zip(score, rank, strict=True))
            ]
    score = pd.DataFrame(scores, columns=["index_id", "city_code", "year", "score", "rank"])
    weight = pd.DataFrame(
        [
            ("i", "pooled", "a", 0.7),
            ("i_equal", "pooled", "a", 0.5),
            ("i_year", "2019", "a", 0.2),
            ("i_year", "2020", "a", 0.4),
        ],
        columns=["index_id", "period", "indicator_code", "weight"],
    )
    connection = duckdb.connect()
    for name, frame in (("index_score", score), ("index_weight", weight)):
        connection.register("made", frame)
        connection.execute(f"create table {name} as from made")
    connection.execute(
        "create table index_definition as from (values ('i', null, 'I'),"
        " ('i_equal', 'i', 'I, equal weights'), ('i_year', 'i', 'I, weights by year'))"
        " as t (index_id, components_of, name_en)"
    )
    yield connection, score
    connection.close()


def model(connection, repo_dir, name):
    """A mart of the indices on these tables, by its key."""
    text = (repo_dir / f"dbt_project/models/marts/indices/{name}.sql").read_text()
    query = re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", text)
    return connection.execute(f"select * from ({query}) order by variant_id").df()


def test_rank_correlations_of_variants_are_spearmans(warehouse, repo_dir):
    connection, score = warehouse
    found = model(connection, repo_dir, "index_variant").set_index("variant_id")
    assert list(found.index) == ["i_equal", "i_year"]
    wide = score.pivot(index=["year", "city_code"], columns="index_id", values="score")
    ranks = score.pivot(index=["year", "city_code"], columns="index_id", values="rank")
    for variant, row in found.iterrows():
        by_year = [
            rows["i"].corr(rows[variant], method="spearman") for _, rows in wide.groupby("year")
        ]
        assert abs(row["rank_correlation"] - np.mean(by_year)) < SAME
        assert row["largest_rank_change"] == (ranks[variant] - ranks["i"]).abs().max()
        assert row["index_id"] == "i"


def test_weights_of_a_variant_are_means_over_its_periods(warehouse, repo_dir):
    found = model(warehouse[0], repo_dir, "index_variant_weight")
    assert list(found["variant_id"]) == ["i_equal", "i_year"]
    assert found["mean_weight"].tolist() == pytest.approx([0.5, 0.3], abs=SAME)


def test_variants_stand_in_one_table_beside_the_index(demo, demo_with):
    index_id = demo["index_weight"]["index_id"].iloc[0]
    code = demo["index_weight"]["indicator_code"].iloc[0]
    title = demo["index_weight"]["index_title"].iloc[0]
    html = render_html(
        demo_with(
            index_variants=pd.DataFrame(
                [
                    (index_id, "v1", f"{title}, equal weights", 0.876, 41),
                    (index_id, "v2", "Another <b>way</b>", None, None),
                    ("other", "v3", "Of another index", 0.1, 1),
                ],
                columns=[
                    "index_id", "variant_id", "title", "rank_correlation", "largest_rank_change",
                ],
            ),
            index_variant_weight=pd.DataFrame(
                [("v1", code, 0.4321)], columns=["variant_id", "indicator_code", "weight"]
            ),
        )
    )  # fmt: skip
    page = lxml.html.fromstring(html)
    (table,) = page.xpath("//table[.//th[@data-index='v1']]")
    heads = [th.text_content() for th in table.xpath("./thead//th")]
    assert heads == ["Indicator", "Index", "Equal weights", "Another <b>way</b>"]
    rows = [[c.text_content() for c in tr] for tr in table.xpath("./tbody/tr")]
    assert rows[0][2:] == ["0.432", "–"]
    assert rows[-2][1:] == ["1.000", "0.876", "–"]
    assert rows[-1][1:] == ["0", "41", "–"]
    assert "Of another index" not in html


def test_index_without_published_weights_has_no_column_and_no_figure_for_them(demo, demo_with):
    html = render_html(
        demo_with(index_weight=demo["index_weight"].assign(published_weight=float("nan")))
    )
    section = html[html.index('id="indices"') : html.index('id="efficiency"')]
    assert "Published" not in section and "Difference" not in section
    assert "fig_2dweights" not in section


def test_editions_that_are_cited_alike_are_one_source(demo, demo_with):
    files = (
        demo["input_files"]
        .head(3)
        .assign(
            publisher="P",
            licence="L",
            edition=["2015", "2016", "2019"],
            citation=["Yearbook 2015, p. 20150", "Yearbook 2016, p. 20160", "Other book"],
        )
    )
    html = render_html(demo_with(input_files=files))
    page = lxml.html.fromstring(html)
    (table,) = page.xpath("//table[.//th[text()='Citation']]")
    rows = [[c.text_content() for c in tr] for tr in table.xpath("./tbody/tr")]
    # A page number is no edition: the two stay apart where anything else differs.
    assert [(r[1], r[-1]) for r in rows] == [
        ("2015", "Yearbook 2015, p. 20150"),
        ("2016", "Yearbook 2016, p. 20160"),
        ("2019", "Other book"),
    ]
    alike = files.assign(citation=[f"Yearbook {e}" for e in files["edition"]])
    page = lxml.html.fromstring(render_html(demo_with(input_files=alike)))
    (table,) = page.xpath("//table[.//th[text()='Citation']]")
    (row,) = table.xpath("./tbody/tr")
    assert row[1].text_content() == "2015–2016, 2019"
    assert row[-1].text_content() == "Yearbook 2015–2016, 2019"
