"""The parse of the dbt project: whole or not there, and made again when it can't be read; its connection."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
import yaml

from orchestration.engine.warehouse import BUILDING, MEMORY_LIMIT
from orchestration.refresh import dbt_runner
from orchestration.refresh.dbt_runner import ensure_manifest, target_folder
from orchestration.settings import DBT_PROJECT


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state whose parse was cut off in the middle, beside one of another project."""
    folder = tmp_path_factory.mktemp("state")
    target = target_folder(folder)
    target.mkdir(parents=True)
    (target / "manifest.json").write_text('{"metadata": {"dbt_version": "1.1')
    (folder / "dbt" / "0123456789ab").mkdir()
    return folder


def test_a_parse_that_was_cut_off_is_made_again(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYPANEL_WAREHOUSE", "")
    manifest = ensure_manifest(state)
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    assert "model.citypanel.city_year" in nodes
    assert [path.name for path in (state / "dbt").iterdir()] == [manifest.parent.name]
    # Models are to stand in the file being built, whatever its path.
    assert {node["database"] for node in nodes.values()} == {"building"}


def test_a_whole_parse_is_used_again(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse_again(*_: object, **__: object) -> None:
        pytest.fail("parsed again")

    monkeypatch.setattr(dbt_runner, "_invoke", parse_again)
    assert ensure_manifest(state).is_file()


def test_every_public_column_has_a_description(state: Path) -> None:
    described = dbt_runner.descriptions(state)
    marts = {name: columns for name, (_, columns) in described.items() if name.startswith("marts.")}
    assert len(marts) > 10
    for name, columns in marts.items():
        assert described[name][0], name
        assert columns
        assert all(columns.values()), name


def test_dbt_opens_the_warehouse_as_python_does() -> None:
    """Or DuckDB refuses the second of two connections that are open at once."""
    profiles = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    options = profiles["citypanel"]["outputs"]["build"]["config_options"]
    memory, threads = options.pop("memory_limit"), options.pop("threads")
    assert {**options, "threads": 1} == BUILDING
    assert threads == "{{ env_var('CITYPANEL_QUERY_THREADS', '1') }}"
    assert memory == "{{ env_var('CITYPANEL_MEMORY', '350MB') }}"
    assert os.environ.get("CITYPANEL_MEMORY", "350MB") == MEMORY_LIMIT


def test_an_interrupt_while_dbt_begins_shows_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Before it has read its flags dbt prints what stops it, whatever it is told to print."""

    def interrupted(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("dbt.cli.requires.Flags", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            dbt_runner._invoke(["parse"], tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)
    shown = capfd.readouterr()
    assert shown.out + shown.err == ""
