"""One declaration per stage of a refresh, and dbt's tags and the suites agree with it.

What stands in two languages is held against each other here: a stage that one of them doesn't know
would be built by nobody, or checked by nobody, and nobody would notice.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import expectations
from expectations.suite import SUITE_FOLDER
from orchestration.estimating import measures
from orchestration.refresh.dbt_runner import ensure_manifest
from orchestration.refresh.stages import DBT_STAGES, GATES, NOT_RELEASED, STAGES

TAG = "stage_"


@pytest.fixture(scope="module")
def nodes(
    new_state: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """All nodes of the dbt project."""
    state = new_state(tmp_path_factory.mktemp("stages"))
    return [*json.loads(ensure_manifest(state).read_text(encoding="utf-8"))["nodes"].values()]


def tags_of(node: dict[str, Any]) -> list[str]:
    return [tag for tag in node["tags"] if tag.startswith(TAG)]


def selected(select: str) -> set[str]:
    return {word.removeprefix("tag:") for word in select.split() if word.startswith("tag:")}


def test_every_model_is_of_one_stage_that_dbt_builds(nodes: list[dict[str, Any]]) -> None:
    by_tag = {tag: stage.name for stage in DBT_STAGES for tag in selected(stage.select or "")}
    models = [node for node in nodes if node["resource_type"] == "model"]
    assert len(models) > 50
    for node in models:
        assert len(tags_of(node)) == 1, f"{node['unique_id']} has the tags {node['tags']}"
        assert tags_of(node)[0] in by_tag, node["unique_id"]
    assert {tags_of(node)[0] for node in models} == set(by_tag), "a stage without a model"


def test_a_stage_reads_only_what_is_built_by_then(nodes: list[dict[str, Any]]) -> None:
    order = [tag for stage in DBT_STAGES for tag in sorted(selected(stage.select or ""))]
    stage_of = {node["unique_id"]: tags_of(node)[0] for node in nodes if tags_of(node)}
    for node in nodes:
        if node["resource_type"] == "model":
            for parent in set(node["depends_on"]["nodes"]) & set(stage_of):
                assert order.index(stage_of[parent]) <= order.index(stage_of[node["unique_id"]]), (
                    f"{node['unique_id']} reads {parent}, which is built after it"
                )


def test_conventions_of_dbt_know_the_same_stages(repo_dir: Path) -> None:
    checks = yaml.safe_load((repo_dir / "dbt-bouncer.yml").read_text(encoding="utf-8"))
    (asked,) = [
        one["tags"] for one in checks["manifest_checks"] if one["name"] == "check_model_has_tags"
    ]
    assert set(asked) == {tag for stage in DBT_STAGES for tag in selected(stage.select or "")}


def test_seeds_are_built_first(nodes: list[dict[str, Any]]) -> None:
    assert [stage.name for stage in DBT_STAGES if "resource_type:seed" in (stage.select or "")] == [
        DBT_STAGES[0].name
    ]
    assert not [
        node["unique_id"] for node in nodes if node["resource_type"] == "seed" and tags_of(node)
    ]


def test_gates_and_suites_are_the_same_in_the_same_order() -> None:
    assert expectations.GATES == GATES
    assert {path.stem for path in SUITE_FOLDER.glob("*.yml")} == set(GATES)


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_looks_at_tables_that_are_there(gate: str, nodes: list[dict[str, Any]]) -> None:
    built = {
        f"{node['schema']}.{node['name']}": next(
            (
                stage.name
                for stage in DBT_STAGES
                if tags_of(node)[0] in selected(stage.select or "")
            ),
            "",
        )
        for node in nodes
        if tags_of(node)
    }
    order = [*STAGES]
    for rule, _, table in expectations.rule_names(gate):
        if table.startswith(("raw.", "seed.", "estimates.")):
            assert not table.startswith("estimates.") or gate == "estimates", rule
            continue
        assert order.index(built[table]) <= order.index(gate), f"{gate}.{rule} looks at {table}"


def test_tables_that_are_named_exist(nodes: list[dict[str, Any]]) -> None:
    models = {f"{node['schema']}.{node['name']}": node for node in nodes}
    measured = {f"{measures.SCHEMA}.{name}" for name in measures.TABLES}
    for stage in STAGES.values():
        for table in (*stage.shown, *stage.working):
            assert table in models or table in measured, f"{stage.name} names {table}"
    assert not [name for name in NOT_RELEASED if name.startswith(("marts.", "estimates."))]
