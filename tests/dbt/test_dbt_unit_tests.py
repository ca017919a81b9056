"""The unit tests of the SQL models (`unit_tests:` beside the models), run on an empty warehouse."""

from collections import Counter

EXPECTED_TESTS = 90
"""Unit tests there are at least; raise it when some are added, so that none gets lost."""

ONLY_SELECT = {
    "int_city_year__observation": "the placed figures without a reason",
    "int_city_year__quarantine": "those with one",
    "quarantine": "both quarantines, one under the other",
    "dim_city": "the seed with its types",
}
"""Models that compute nothing; every other one has a unit test."""


def test_every_unit_test_passes(empty_project):
    # A failing one raises, with its rows.
    results = empty_project.run("test", "--select", "test_type:unit")
    assert Counter(result.status for result in results) == {"pass": len(results)}
    assert len(results) >= EXPECTED_TESTS
    declared = empty_project.manifest()["unit_tests"]
    assert {result.unique_id for result in results} == set(declared)


def test_every_model_that_computes_has_a_unit_test(empty_project):
    manifest = empty_project.manifest()
    models = {
        node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "model"
    }
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    assert models - tested == set(ONLY_SELECT)
