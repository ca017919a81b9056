"""`make lint` reads again what has changed, and nothing that has not.

Here: which files are given to sqlfluff. Not here: the style.
"""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture
def linter(repo_dir, monkeypatch, tmp_path):
    """The script on a checkout of two files, with what it gives to sqlfluff in `given`."""
    spec = importlib.util.spec_from_file_location("lint_sql", repo_dir / "scripts/lint_sql.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    models = tmp_path / "dbt_project" / "models"
    models.mkdir(parents=True)
    for name in ("a", "b"):
        (models / f"{name}.sql").write_text(f"select 1 as {name}\n")
    (tmp_path / ".sqlfluff").write_text("[sqlfluff]\ndialect = duckdb\n")
    module.given, module.code = [], 0

    def lint(names: list[str], folder: Path) -> int:
        module.given.append([Path(name).stem for name in names])
        return module.code

    monkeypatch.setattr(module, "lint", lint)
    module.run = lambda: module.main(["dbt_project/models"], tmp_path)
    return module


def test_a_bare_checkout_reads_everything_and_the_next_run_nothing(linter):
    assert linter.run() == 0
    assert linter.run() == 0
    assert linter.given == [["a", "b"]]


def test_a_changed_file_is_read_again(linter, tmp_path):
    linter.run()
    (tmp_path / "dbt_project/models/b.sql").write_text("select 2 as b\n")
    linter.run()
    assert linter.given[1:] == [["b"]]


def test_a_change_of_configuration_or_version_reads_everything(linter, tmp_path, monkeypatch):
    linter.run()
    with (tmp_path / ".sqlfluff").open("a") as file:
        file.write("max_line_length = 120\n")
    linter.run()
    monkeypatch.setattr(linter, "version", lambda _: "0")
    linter.run()
    assert linter.given[1:] == [["a", "b"], ["a", "b"]]


def test_what_failed_is_read_again(linter):
    linter.code = 1
    assert linter.run() == 1
    linter.code = 0
    assert linter.run() == 0
    assert linter.given == [["a", "b"], ["a", "b"]]


@pytest.mark.parametrize("broken", ["", "[", "[1]", "null"])
def test_a_broken_cache_is_none(linter, tmp_path, broken):
    linter.run()
    (tmp_path / ".sqlfluff_cache/passed.json").write_text(broken)
    linter.run()
    assert len(linter.given) == 2


def test_a_folder_without_sql_is_told(linter, tmp_path, capsys):
    assert linter.main(["seeds"], tmp_path) == 2
    assert "no SQL below seeds" in capsys.readouterr().err
