"""The unit tests of the SQL models (`unit_tests:` beside the models), run on an empty warehouse."""

from collections import Counter

EXPECTED_TESTS = 42
"""Unit tests there are at least; raise it when some are added, so that none gets lost."""

MODELS_THAT_COMPUTE = {
    "stg_yearbook__sheet",
    "stg_yearbook__cell",
    "stg_yearbook__block",
    "stg_yearbook__heading",
    "stg_yearbook__row",
    "stg_yearbook__value_cell",
    "stg_yearbook__observation",
    "stg_yearbook__quarantine",
    "stg_yearbook__cell_account",
    "int_place__printed",
    "int_city_year__placed",
    "int_city_year__reconciled",
    "int_city_year__corrected",
    "int_city_year__interpolated",
    "int_city_year__base",
    "int_city_year__derived",
    "int_index__input",
    "int_index__scaled",
    "int_index__entropy",
    "indicator_value",
    "source_disagreement",
    "cell_account",
    "dim_indicator",
    "index_weight",
    "index_score",
    "policy_exposure",
    "policy_roster_coverage",
    "dataset_version",
    "city_year",
}


def test_every_unit_test_passes(empty_project):
    # A failing one raises, with its rows.
    results = empty_project.run("test", "--select", "test_type:unit")
    assert Counter(result.status for result in results) == {"pass": len(results)}
    assert len(results) >= EXPECTED_TESTS
    tested = {result.unique_id.split(".")[2] for result in results}
    assert tested >= MODELS_THAT_COMPUTE, f"without a unit test: {MODELS_THAT_COMPUTE - tested}"


def test_models_without_a_unit_test_only_select(empty_project):
    """The rest renames, unions or looks up: whoever adds a model decides where it belongs."""
    only_select = {
        "int_city_year__observation",  # the placed ones
        "int_city_year__quarantine",  # the others
        "quarantine",  # union of both quarantines
        "dim_city",  # the seed with types
    }
    models = {
        node["name"]
        for node in empty_project.manifest()["nodes"].values()
        if node["resource_type"] == "model"
    }
    assert models - MODELS_THAT_COMPUTE == only_select
