"""Every query of the docs runs on a release, and the data dictionary describes what is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

REPO = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MAY_BE_EMPTY = "-- empty"  # first words of a query that finds nothing on the sample
PYTHON_PAGES = ("docs/how-to/query-the-release.md",)  # pages whose Python is whole programs


def blocks(language: str) -> list[object]:
    """The code blocks of a language in all docs, each with a name."""
    found = []
    for path in sorted((REPO / "docs").rglob("*.md")):
        page = path.relative_to(REPO).as_posix()
        for position, (info, code) in enumerate(FENCE.findall(path.read_text(encoding="utf-8"))):
            if info == language:
                found.append(pytest.param(page, code, id=f"{path.stem}-{position}"))
    return found


@pytest.fixture
def reader_folder(sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory as the docs assume it: release/current, and an older release beside it."""
    archive = tmp_path / "release" / "archive"
    archive.mkdir(parents=True)
    (archive / "OLDER").symlink_to(sample.current.resolve())
    (tmp_path / "release" / "current").symlink_to(sample.current.resolve())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def connection(reader_folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse as a reader opens it."""
    opened = duckdb.connect("release/current/warehouse.duckdb", read_only=True)
    yield opened
    opened.close()


def test_docs_have_queries() -> None:
    assert len(blocks("sql")) > 30
    assert len(blocks("python")) > 3


@pytest.mark.parametrize(("page", "query"), blocks("sql"))
def test_sql_block_runs(page: str, query: str, connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(query).fetchall()
    assert rows or query.startswith(MAY_BE_EMPTY), f"{page}: the query finds nothing on the sample"


@pytest.mark.parametrize(
    ("page", "code"), [block for block in blocks("python") if block.values[0] in PYTHON_PAGES]
)
def test_python_block_runs(page: str, code: str, reader_folder: Path) -> None:
    names: dict[str, object] = {}
    exec(compile(code, page, "exec"), names)
    frames = [value for value in names.values() if hasattr(value, "columns")]
    assert frames and all(len(frame) for frame in frames)


def test_r_block_names_what_is_there(
    reader_folder: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """R isn't installed with the project: its queries and its paths are tried without it."""
    code = "\n".join(block.values[1] for block in blocks("r"))
    queries = re.findall(r'dbGetQuery\(\w+, "([^"]+)"\)', code)
    paths = re.findall(r'"(release/[^"]+)"', code)
    assert queries and paths
    for query in queries:
        assert connection.execute(query).fetchall()
    for path in paths:
        assert Path(path).is_file(), path


def described_columns() -> dict[str, dict[str, str]]:
    """Columns and types by public table, as the data dictionary and the pages of methods have them."""
    pages = [REPO / "docs" / "data-dictionary.md"]
    pages += sorted((REPO / "analysis" / "methods").glob("*/tables.md"))
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    tables = {}
    for section in re.split(r"^##+ ", text, flags=re.MULTILINE)[1:]:
        name = section.partition("\n")[0].strip("` ")
        if name.startswith(("marts.", "estimates.")):
            tables[name] = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", section, re.MULTILINE))
    return tables


def test_dictionary_describes_the_release(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        "select schema_name || '.' || table_name, column_name, lower(data_type) from duckdb_columns()"
        " where schema_name in ('marts', 'estimates') and database_name = current_database()"
        " order by schema_name, table_name, column_index"
    ).fetchall()
    released: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        released.setdefault(table, {})[column] = kind
    assert described_columns() == released
