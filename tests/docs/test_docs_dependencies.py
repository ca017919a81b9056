"""docs/dependencies.md agrees with pyproject.toml and with what the code imports."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions

from docs_repository import REPO, read, repository_files

PAGE = REPO / "docs" / "dependencies.md"
RUNTIME = ("analysis", "expectations", "orchestration")
OURS = {*RUNTIME, "tests", "scripts"}
# Packages that share the namespace `dbt`: told apart by the module below it.
DBT = {"dbt.adapters.duckdb": "dbt-duckdb", "dbt.cli": "dbt-core"}


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> tuple[set[str], set[str]]:
    """Runtime and development dependencies of pyproject.toml."""
    project = tomllib.loads(read(REPO / "pyproject.toml"))

    def names(requirements: list[str]) -> set[str]:
        return {normal(re.match(r"[\w.-]+", item).group(0)) for item in requirements}

    return names(project["project"]["dependencies"]), names(project["dependency-groups"]["dev"])


def listed(heading: str) -> set[str]:
    """First column of the table under a heading of the page."""
    section = re.search(rf"^#+ {heading}\n(.*?)(?=^#|\Z)", read(PAGE), re.MULTILINE | re.DOTALL)
    assert section, f"no section {heading}"
    return {normal(name) for name in re.findall(r"^\| `([\w.-]+)`", section.group(1), re.MULTILINE)}


@cache
def imported(folders: tuple[str, ...]) -> frozenset[str]:
    """Packages whose modules are imported anywhere below the folders, also inside functions."""
    modules = set()
    for path in repository_files():
        if path.suffix != ".py" or path.relative_to(REPO).parts[0] not in folders:
            continue
        for node in ast.walk(ast.parse(read(path))):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                modules.add(node.module)
    packages = packages_distributions()
    found = set()
    for module in modules:
        top = module.partition(".")[0]
        if top == "dbt":
            found |= {name for prefix, name in DBT.items() if module.startswith(prefix)}
        elif top not in OURS and top not in sys.stdlib_module_names:
            found |= {normal(name) for name in packages.get(top, [])}
    return frozenset(found)


def test_every_dependency_is_explained_once() -> None:
    runtime, development = declared()
    assert listed("Runtime") == runtime
    assert listed("Development") == development


def test_unused_dependencies_are_named_as_such() -> None:
    runtime, _ = declared()
    assert listed("Not imported by the code at present") == runtime - imported(RUNTIME)


def test_imports_are_declared_or_named_as_brought_by_another() -> None:
    runtime, development = declared()
    brought = listed("Imported, and brought by another")
    assert imported(RUNTIME) <= runtime | brought
    assert imported((*RUNTIME, "tests", "scripts")) <= runtime | development | brought
    assert brought <= imported((*RUNTIME, "tests", "scripts"))
