"""The data tests of the dbt project can fail: each finds the rows that it is there to find.

Here: the project's own generic and singular tests on rows made for them. Not here: dbt's built-in
tests (not_null, unique, ...), and unit tests of models.
"""

import shutil
from dataclasses import replace

import duckdb
import pytest

from orchestration.refresh.dbt_runner import DbtFailure

OBSERVED = {
    "city_code": "130100",
    "year": 2015,
    "indicator_code": "gdp",
    "scope": "total",
    "value": 1.0,
    "unit": "10_000_yuan",
    "value_kind": "observed",
    "is_imputed": False,
    "is_corrected": False,
    "cell_id": "f!1!A1",
    "values_published": 1,
    "neighbour_year_before": None,
    "neighbour_year_after": None,
}
INTERPOLATED = OBSERVED | {
    "value_kind": "interpolated",
    "is_imputed": True,
    "cell_id": None,
    "values_published": 0,
    "neighbour_year_before": 2014,
    "neighbour_year_after": 2016,
}
DERIVED = OBSERVED | {"value_kind": "derived", "cell_id": None, "values_published": 0}
WEIGHT = {
    "index_id": "nqpf",
    "period": "pooled",
    "indicator_code": "average_wage",
    "dimension": "laborers",
    "second_level": "ability",
    "direction": "+",
    "figures": 10,
    "entropy": 0.5,
    "weight": 1.0,
}
SCORE = {
    "index_id": "nqpf",
    "city_code": "130100",
    "year": 2015,
    "score": 0.5,
    "components": 15,
    "components_present": 15,
    "is_imputed": False,
}


def _test_named(bench, name, model=None):
    """The name of the node of a generic test (on a model) or of a singular test."""
    found = [
        node["name"]
        for node in bench.nodes.values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {"name": node["name"]})["name"] == name
        and (model is None or node["attached_node"].endswith(f".{model}"))
    ]
    assert len(found) == 1, f"{name} on {model}: {found}"
    return found[0]


def test_unique_combination_finds_the_double_and_only_it(bench):
    test = _test_named(bench, "unique_combination", "index_score")
    bench.fill(
        "marts.index_score",
        [SCORE, SCORE | {"year": 2016}, SCORE | {"index_id": "nqpf_per_year"}],
    )
    assert bench.query(test).empty
    bench.fill("marts.index_score", [SCORE, SCORE | {"score": 0.6}, SCORE | {"year": 2016}])
    found = bench.query(test)
    assert found.to_dict("records") == [
        {"index_id": "nqpf", "city_code": "130100", "year": 2015, "occurrences": 2}
    ]


def test_unique_combination_takes_two_nulls_as_the_same(bench):
    test = _test_named(bench, "unique_combination", "stg_yearbook__value_cell")
    bench.fill(
        "staging.stg_yearbook__value_cell",
        [{"sheet_index": 1, "value": 1.0}, {"sheet_index": 1, "value": 2.0}],
    )
    assert bench.query(test)["occurrences"].tolist() == [2]


@pytest.mark.parametrize(
    ("weights", "is_good"),
    [
        ([1.0], True),
        ([0.25, 0.75], True),
        ([0.1] * 10, True),  # adds up but for rounding
        ([0.25, 0.74], False),
        ([0.5, 0.5 + 1e-8], False),
        ([float("nan"), 0.5], False),
    ],
)
def test_weights_add_up(bench, weights, is_good):
    test = _test_named(bench, "weights_add_up")
    bench.fill(
        "marts.index_weight",
        [
            WEIGHT | {"indicator_code": f"c{number}", "weight": weight}
            for number, weight in enumerate(weights)
        ]
        # Another period that is right doesn't make up for a wrong one.
        + [WEIGHT | {"period": "2015"}],
    )
    found = bench.query(test)
    assert found["period"].tolist() == ([] if is_good else ["pooled"])


@pytest.mark.parametrize(
    "row",
    [
        OBSERVED,
        OBSERVED | {"value_kind": "corrected", "is_corrected": True},
        OBSERVED | {"value_kind": "added"},
        OBSERVED | {"value_kind": "added", "is_corrected": True},
        INTERPOLATED,
        DERIVED,
        DERIVED | {"is_imputed": True},
        DERIVED | {"is_corrected": True},
    ],
)
def test_value_kinds_that_fit_pass(bench, row):
    bench.fill("marts.indicator_value", [row])
    assert bench.query(_test_named(bench, "value_kind_matches_flags")).empty


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(OBSERVED | {"is_imputed": True}, id="observed but imputed"),
        pytest.param(OBSERVED | {"is_corrected": True}, id="observed but corrected"),
        pytest.param(OBSERVED | {"cell_id": None}, id="observed without a cell"),
        pytest.param(OBSERVED | {"value_kind": "corrected"}, id="corrected without the flag"),
        pytest.param(
            OBSERVED | {"value_kind": "corrected", "is_corrected": True, "cell_id": None},
            id="corrected without a cell",
        ),
        pytest.param(INTERPOLATED | {"is_imputed": False}, id="interpolated without the flag"),
        pytest.param(INTERPOLATED | {"cell_id": "f!1!A1"}, id="interpolated with a cell"),
        pytest.param(INTERPOLATED | {"neighbour_year_after": None}, id="half a gap"),
        pytest.param(DERIVED | {"cell_id": "f!1!A1"}, id="derived with a cell"),
        pytest.param(OBSERVED | {"value_kind": "guessed", "cell_id": None}, id="unknown kind"),
        pytest.param(
            OBSERVED | {"value_kind": "added", "cell_id": None}, id="added without a cell"
        ),
    ],
)
def test_value_kinds_that_contradict_are_found(bench, change):
    bench.fill("marts.indicator_value", [OBSERVED | {"year": 2000}, change])
    found = bench.query(_test_named(bench, "value_kind_matches_flags"))
    assert found["year"].tolist() == [2015]


@pytest.mark.parametrize(
    ("counted", "is_good"), [([7, 3], True), ([7, 2], False), ([7, 4], False), ([], False)]
)
def test_every_cell_is_accounted_for(bench, counted, is_good):
    bench.fill(
        "raw.yearbook_file",
        [
            {"file_key": "f", "relative_path": "a.xls", "status": "loaded", "cell_count": 10},
            {"file_key": "r", "relative_path": "b.xls", "status": "refused", "cell_count": 99},
        ],
    )
    bench.fill(
        "marts.cell_account",
        [
            {
                "file_key": "f",
                "relative_path": "a.xls",
                "sheet_index": 1,
                "sheet_name": "s",
                "source_id": "o",
                "cell_class": f"class {number}",
                "cells": cells,
            }
            for number, cells in enumerate(counted)
        ],
    )
    found = bench.query("every_cell_is_accounted_for")
    assert found["relative_path"].tolist() == ([] if is_good else ["a.xls"])


@pytest.mark.parametrize(("expected", "is_good"), [(90.0, True), (90.5, False)])
def test_corrections_still_needed(bench, expected, is_good):
    key = {"city_code": "130100", "year": 2015, "indicator_code": "gdp", "scope": "total"}
    bench.fill("intermediate.int_city_year__reconciled", [key | {"value": 90.0}])
    bench.fill("seed.correction", [key | {"correction_id": "k1", "expected_value": expected}])
    found = bench.query("corrections_still_needed")
    assert found["correction_id"].tolist() == ([] if is_good else ["k1"])


@pytest.mark.parametrize(
    ("row", "is_good"),
    [
        (OBSERVED | {"value": 0.1}, True),
        (OBSERVED | {"value": 0.1 + 2**-56}, False),  # the last bit
        (OBSERVED | {"value": 5.0, "value_kind": "corrected", "is_corrected": True}, True),
    ],
)
def test_unimputed_values_never_change(bench, row, is_good):
    bench.fill("staging.stg_yearbook__observation", [{"cell_id": "f!1!A1", "value_in_unit": 0.1}])
    bench.fill("marts.indicator_value", [row])
    found = bench.query("unimputed_values_never_change")
    assert len(found) == (0 if is_good else 1)


@pytest.mark.parametrize(
    ("change", "is_good"),
    [
        ({}, True),
        ({"fill_method": None}, False),
        ({"fill_method": "none"}, False),
        ({"neighbour_year_after": 2017}, False),  # nothing printed in 2017: extrapolation
        ({"neighbour_year_before": 2012}, False),  # a gap of 3, longer than the rule's 2
        ({"year": 2016}, False),  # not between its neighbours
        ({"indicator_code": "nqpf_published"}, False),  # no neighbours of this indicator
    ],
)
def test_interpolation_stays_inside_the_series(bench, change, is_good):
    bench.fill("seed.fill_rule", [{"indicator_code": "gdp", "method": "linear", "max_gap": 2}])
    filled = INTERPOLATED | {"fill_method": "linear"} | change
    bench.fill(
        "marts.indicator_value",
        [OBSERVED | {"year": year} for year in (2012, 2014, 2016)] + [filled],
    )
    found = bench.query("interpolation_stays_inside_the_series")
    assert len(found) == (0 if is_good else 1)


@pytest.mark.parametrize(
    ("kind", "decision", "reason", "is_good"),
    [
        ("merge", "keep_apart", "r", True),
        ("merge", "drop", "r", True),
        ("rename", "same_city", "r", True),
        ("merge", "keep_apart", " ", False),
        ("merge", "same_city", "r", False),
        ("split", "add_into", "r", False),
        ("merge", "add_into", "r", True),
        ("abolish", "add_into", "r", True),
        ("merge", "add_into", " ", False),
        ("rename", "add_into", "r", False),
        ("establish", None, "r", False),
        ("rename", "keep_apart", "r", False),
    ],
)
def test_city_decisions_can_be_carried_out(bench, kind, decision, reason, is_good):
    bench.fill(
        "seed.city_event",
        [
            {
                "event_id": "e",
                "kind": kind,
                "decision": decision,
                "reason": reason,
                "from_code": "a",
                "to_code": "b",
            }
        ],
    )
    found = bench.query("city_decisions_can_be_carried_out")
    assert found["event_id"].tolist() == ([] if is_good else ["e"])


@pytest.mark.parametrize(
    ("events", "refused", "told"),
    [
        ([("a", "c", "add_into"), ("b", "c", "add_into")], [], ""),
        ([("a", "b", "add_into"), ("b", "c", "keep_apart")], [], ""),
        (
            [("a", "b", "add_into"), ("b", "c", "add_into")],
            ["0"],
            "write the last place as to_code",
        ),
        ([("a", "b", "add_into"), ("b", "c", "drop")], ["0"], "write the last place as to_code"),
        ([("a", "b", "add_into"), (None, "b", "drop")], ["0"], "write the last place as to_code"),
        ([("a", "b", "add_into"), ("a", "c", "add_into")], ["0", "1"], "counted twice"),
        ([("a", "b", "add_into"), ("a", "c", "drop")], ["0"], "counted twice or not at all"),
        ([("a", None, "add_into")], ["0"], "needs the codes of two places"),
        ([("a", "a", "add_into")], ["0"], "needs the codes of two places"),
    ],
)
def test_a_place_is_added_once_and_into_one_that_stays(bench, events, refused, told):
    bench.fill(
        "seed.city_event",
        [
            {"event_id": str(number), "kind": "merge", "decision": decision, "reason": "r"}
            | {"from_code": before, "to_code": after}
            for number, (before, after, decision) in enumerate(events)
        ],
    )
    found = bench.query("city_decisions_can_be_carried_out").sort_values("event_id")
    assert found["event_id"].tolist() == refused
    assert all(told in words for words in found["what_to_do"])


@pytest.mark.parametrize(
    ("change", "is_good"),
    [
        ({}, True),
        ({"period": "base", "base_year_from": 2009, "base_year_to": 2013}, True),
        ({"scaling": "vector", "aggregation": "topsis"}, True),
        ({"index_id": "variant", "components_of": "i"}, True),
        ({"period": "base"}, False),  # which years?
        ({"base_year_from": 2009, "base_year_to": 2013}, False),  # used by nothing
        ({"period": "base", "base_year_from": 2013, "base_year_to": 2009}, False),
        ({"scaling": "vector"}, False),  # a sum of vectors
        ({"index_id": "empty"}, False),  # no components
        ({"components_of": "j"}, False),  # two sets of them
        ({"index_id": "variant", "components_of": "empty"}, False),  # of one that has none
    ],
)
def test_index_definitions_fit_together(bench, change, is_good):
    definition = {
        "index_id": "i",
        "period": "pooled",
        "scaling": "min_max",
        "aggregation": "weighted_sum",
    }
    bench.fill("seed.index_component", [{"index_id": "i"}, {"index_id": "j"}])
    bench.fill("seed.index_definition", [definition | change])
    assert len(bench.query("index_definitions_fit_together")) == (0 if is_good else 1)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({}, None),
        ({"policy_id": "q"}, "no such batch"),
        ({"batch": 2}, "no such batch"),
        ({"pilot_year": 2011}, "another pilot_year"),
        ({"pilot_year": None}, "another pilot_year"),
    ],
)
def test_policies_fit_together(bench, change, complaint):
    row = {"policy_id": "p", "batch": 1, "pilot_year": 2010}
    bench.fill("seed.policy_batch", [row])
    bench.fill(
        "seed.policy_roster", [row | {"roster_id": "r1"}, row | {"roster_id": "r2"} | change]
    )
    found = bench.query("policies_fit_together")
    assert list(found["row_id"]) == (["r2"] if complaint else [])
    if complaint:
        assert complaint in found["what_to_do"][0]


@pytest.mark.parametrize(
    ("batch", "complaint"),
    [
        ({"batch": 2, "pilot_year": 2012}, "nobody is in it"),
        ({"batch": 1, "pilot_year": None}, "state the year"),
    ],
)
def test_batches_have_members_and_a_year(bench, batch, complaint):
    bench.fill("seed.policy", [{"policy_id": "p"}])
    bench.fill("seed.policy_batch", [{"policy_id": "p"} | batch])
    bench.fill(
        "seed.policy_roster",
        [{"policy_id": "p", "batch": 1, "pilot_year": None, "roster_id": "r"}]
        if batch["batch"] == 1
        else [],
    )
    found = bench.query("policies_fit_together")
    assert list(found["row_id"]) == [f"p, batch {batch['batch']}"]
    assert complaint in found["what_to_do"][0]


def test_every_test_of_the_project_is_tried_here(bench):
    own = {
        (node.get("test_metadata") or {"name": node["name"]})["name"]
        for node in bench.nodes.values()
        if node["resource_type"] == "test"
    } - {"unique", "not_null", "accepted_values", "relationships"}
    assert own == {
        "unique_combination",
        "weights_add_up",
        "value_kind_matches_flags",
        "every_cell_is_accounted_for",
        "corrections_still_needed",
        "unimputed_values_never_change",
        "interpolation_stays_inside_the_series",
        "city_decisions_can_be_carried_out",
        "index_definitions_fit_together",
        "policies_fit_together",
    }


def test_a_failing_test_stops_dbt_and_shows_its_rows(empty_project, tmp_path):
    broken = replace(empty_project, warehouse=tmp_path / empty_project.warehouse.name)
    shutil.copy(empty_project.warehouse, broken.warehouse)
    with duckdb.connect(str(broken.warehouse)) as connection:
        connection.execute(
            "insert into marts.index_weight by name select 'nqpf' as index_id, '2015' as period,"
            " 'average_wage' as indicator_code, 'd' as dimension, 's' as second_level,"
            " '+' as direction, 3 as figures, 0.5 as entropy, 0.875 as weight"
        )
    with pytest.raises(DbtFailure) as caught:
        broken.run("test", "--select", "index_weight", "--exclude", "test_type:unit")
    message = str(caught.value)
    assert "weights_add_up_index_weight_" in message
    assert "0.875" in message
    assert "unique_combination" not in message
