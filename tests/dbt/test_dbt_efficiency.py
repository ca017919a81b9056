"""Efficiency on a small warehouse: from indicators and indices through Python to the marts.

Here: the whole road of the shipped models, `int_efficiency__term` -> schema `measures` -> marts ->
panel columns, and what an input without the terms gets. Not here: the numbers (tests/measures/efficiency),
the worked examples of each model (`_unit_tests.yml`).
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from analysis.measures.efficiency import radial_efficiency
from analysis.measures.efficiency_study import TABLES as DECLARED
from orchestration.estimating.measures import SCHEMA, TABLES, declare_measures, write_measures
from orchestration.refresh.stages import NOT_RELEASED

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
EXACT = 1e-12  # the same program on the same numbers
CITIES, YEARS = ("130100", "130200", "130300", "130400", "130500", "130600"), (2015, 2016, 2017)
GAP = ("130300", 2016)  # has no figure of one service
OUTSIDE = "130600"  # has spending and staff alone
MODELS = ("public_service", "public_service_index", "public_service_unemployment")
INPUTS = ("spending", "staff")
LINEAGE = {  # what decides whether an indicator has a true zero
    "indicator": ("indicator_code", "unit", "kind", "valid_min"),
    "derived_term": ("indicator_code", "input_indicator_code", "coefficient"),
}
MARTS = ("efficiency_status", "efficiency_score", "efficiency_peer", "efficiency_target")


def seed(name):
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


def fill(bench, with_staff=True):
    """Random figures of all terms of the shipped models; returns them by term, city and year."""
    rng = np.random.default_rng(7)
    for name in ("efficiency_model", "efficiency_term"):
        bench.fill(f"seed.{name}", seed(name))
    for name in ("relative_indicator", "deflated_indicator"):
        bench.fill(f"seed.{name}", seed(name))
    for name, numbers in (("indicator", ("valid_min",)), ("derived_term", ("coefficient",))):
        rows = [row | {n: row[n] and float(row[n]) for n in numbers} for row in seed(name)]
        bench.fill(f"seed.{name}", [{k: row[k] for k in LINEAGE[name]} for row in rows])
    flags = ("keeps_detail", "in_panel")
    bench.fill(
        "seed.efficiency_variant",
        [row | {f: row[f] == "true" for f in flags} for row in seed("efficiency_variant")],
    )
    values, indicators, dimensions = {}, {}, {}
    for term in seed("efficiency_term"):
        for city in CITIES:
            for year in YEARS:
                place = (city, year)
                key = (term["code"], term["dimension"], place)
                if term["kind"] == "indicator":
                    if term["term"] == "staff" and not with_staff:
                        continue
                    if term["term"] not in INPUTS and city == OUTSIDE:
                        continue
                    if term["term"] == "library_books" and place == GAP:
                        continue
                    row = {
                        "city_code": city, "year": year, "indicator_code": term["code"],
                        "scope": term["scope"], "unit": "u", "value_kind": "observed",
                        "is_imputed": place == ("130100", 2015), "is_corrected": False,
                        "has_suspect_figure": False,
                        "values_published": 1, "value": float(np.exp(rng.normal())),
                    }  # fmt: skip
                    row = indicators.setdefault(key, row)
                    values[term["model_id"], term["term"], place] = row["value"]
                elif city != OUTSIDE and not (place == GAP and term["dimension"] == "culture"):
                    row = {
                        "index_id": term["code"], "dimension": term["dimension"],
                        "city_code": city, "year": year, "score": float(rng.uniform()),
                        "weight": 0.1, "contribution": 0.1,
                    }  # fmt: skip
                    row = dimensions.setdefault(key, row)
                    values[term["model_id"], term["term"], place] = row["score"]
    bench.fill("marts.indicator_value", list(indicators.values()))
    bench.fill("marts.index_dimension_score", list(dimensions.values()))
    bench.fill(
        "marts.index_score",
        [
            {
                "index_id": "public_service_level", "city_code": city, "year": year, "score": 0.5,
                "components": 7, "components_present": 7, "is_imputed": False,
            }
            for city in CITIES if city != OUTSIDE
            for year in YEARS
        ],
    )  # fmt: skip
    bench.build("int_efficiency__term")
    return values


def records(bench, query):
    return bench.connection.execute(query).df().to_dict("records")


def test_shipped_models_go_all_the_way(bench):
    values = fill(bench)
    written = write_measures(bench.warehouse)
    for line, model in zip(written.lines, MODELS, strict=True):
        assert line.startswith(f"{model}: ") and "18 city-years" in line
    for name in (*MARTS, "productivity"):
        bench.build(name)
        rows = bench.connection.execute(f"select count(*) from marts.{name}").fetchone()
        assert rows == (written.rows[f"{SCHEMA}.{name}"],)
        assert rows[0] > 0
    # The pooled CCR scores are those of the complete city-years, in the order of the mart.
    places = [
        (city, year) for city in CITIES for year in YEARS if city != OUTSIDE and (city, year) != GAP
    ]
    terms = [row for row in seed("efficiency_term") if row["model_id"] == "public_service"]
    sides = [
        np.array(
            [
                [
                    values["public_service", row["term"], place]
                    for row in terms
                    if row["role"] == role
                ]
                for place in places
            ]
        )
        for role in ("input", "output")
    ]
    want = radial_efficiency(*sides).score
    found = records(
        bench,
        "select * from marts.efficiency_score where model_id = 'public_service'"
        " and variant = 'ccr' order by city_code, year",
    )
    assert len(found) == len(CITIES) * len(YEARS)
    scored = {(row["city_code"], row["year"]): row for row in found if row["status"] == "ok"}
    assert list(scored) == places
    assert [row["score"] for row in scored.values()] == pytest.approx(want.tolist(), abs=EXACT)
    assert {place for place, row in scored.items() if row["is_imputed"]} == {("130100", 2015)}
    reasons = {
        (row["city_code"], row["year"]): row["reason"] for row in found if row["status"] != "ok"
    }
    assert reasons[GAP] == "no finite value of library_books"
    assert reasons[OUTSIDE, 2015].startswith("no finite value of buses, doctors, greenery,")
    assert set(reasons) == {GAP, *((OUTSIDE, year) for year in YEARS)}
    # Panel columns are cells of the marts.
    bench.build("city_size")
    bench.build("dim_city")
    bench.fill(
        "raw.yearbook_file",
        [{"file_key": "f", "status": "loaded", "data_kind": "simulated", "cell_count": 1}],
    )
    bench.build("dataset_version")
    panel = {
        (row["city_code"], row["year"]): row for row in bench.query("city_year").to_dict("records")
    }
    for place, row in scored.items():
        assert panel[place]["efficiency_public_service_ccr"] == row["score"]
    cumulated = records(
        bench,
        "select city_code, year, productivity, cumulated from marts.productivity"
        " where variant = 'malmquist'",
    )
    for row in cumulated:
        cell = panel[row["city_code"], row["year"]]
        for column, name in (("productivity", ""), ("cumulated", "_cumulated")):
            np.testing.assert_equal(cell[f"productivity_public_service{name}"], row[column])
    assert (
        sum(not np.isnan(row["cumulated"]) for row in cumulated) == 13
    )  # all but GAP and after it


def test_an_input_without_the_terms_leaves_the_models_out(bench):
    fill(bench, with_staff=False)
    written = write_measures(bench.warehouse)
    assert written.lines == [
        f"{model}: left out, no value anywhere of staff (public_service_staff_per_10000)"
        for model in MODELS
    ]
    for name in (*MARTS, "productivity"):
        bench.build(name)
    rows = records(bench, "select * from marts.efficiency_status order by model_id")
    assert [(row["status"], row["city_years"]) for row in rows] == [("left_out", 18)] * 3
    assert records(bench, "select * from marts.efficiency_score") == []
    bench.fill("marts.indicator_value", [])
    bench.fill("marts.index_dimension_score", [])
    bench.build("int_efficiency__term")
    line, *_ = write_measures(bench.warehouse).lines
    assert "left out, no value anywhere of " in line
    assert "spending (fiscal_expenditure_per_resident_real)" in line


def test_tables_have_the_same_columns_measured_or_declared(bench):
    query = (
        "select table_name, column_name, data_type from duckdb_columns()"
        f" where schema_name = '{SCHEMA}' and database_name = 'building' order by all"
    )
    comments = (
        "select count(*) from duckdb_columns()"
        f" where schema_name = '{SCHEMA}' and database_name = 'building' and comment is null"
    )
    declare_measures(bench.warehouse)
    declared = bench.connection.execute(query).fetchall()
    assert {row[0] for row in declared} == set(TABLES) == set(DECLARED)
    assert bench.connection.execute(comments).fetchone() == (0,)
    fill(bench)
    write_measures(bench.warehouse)
    assert bench.connection.execute(query).fetchall() == declared
    assert set(NOT_RELEASED) >= {f"{SCHEMA}.{name}" for name in TABLES}


def test_marts_show_every_measured_column(nodes):
    for name, table in DECLARED.items():
        assert set(table.names) <= set(nodes[name]["columns"]), name
