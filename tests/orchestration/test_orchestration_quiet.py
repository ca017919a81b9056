"""DuckDB draws no bar of its own in the midst of what the command line says, however slow a query."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

# To DuckDB a program without a file is an interactive session, where it draws bars.
PROGRAM = """
import json, sys
from pathlib import Path
import duckdb, yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments import create
from orchestration.settings import DBT_PROJECT
from orchestration.engine.warehouse import open_release, open_warehouse

def draws(connection):
    return connection.execute("select current_setting('enable_progress_bar')").fetchone()[0]

path = Path(sys.argv[1]) / "warehouse.duckdb"
found = {"DuckDB": draws(duckdb.connect())}
with open_warehouse(path) as connection:
    found["open_warehouse"] = draws(connection.connection)
with open_release(path) as connection:
    found["open_release"] = draws(connection.connection)
profile = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text(encoding="utf-8"))
output = profile["citypanel"]["outputs"]["build"]
other = str(path.with_name("other.duckdb"))
credentials = DuckDBCredentials(
    schema="main", database="other", path=other, settings=output["settings"]
)
environment = create(credentials)
found["dbt"] = draws(environment.handle().cursor())
print(json.dumps(found))
"""


def test_no_bar_where_duckdb_would_draw_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "DuckDB": True,
        "open_warehouse": False,
        "open_release": False,
        "dbt": False,
    }
