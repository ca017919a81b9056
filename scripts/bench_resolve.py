"""Print what large loads take on their way to city-years: many workbooks, and county-sized files.

Both run on a copy of the dbt project whose seeds are extended by made-up places and indicators, so
that every figure resolves. Machines are noisy: read the ratio to the bare scan of the same cells.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

REPO = Path(__file__).resolve().parents[1]
UNITS, YEARS, INDICATORS = 2800, 20, 200
WORKBOOKS, PAGE_ROWS, PAGE_COLUMNS = 1000, 300, 12
# Enough that no two workbooks of an edition print the same figure: they would contradict each other.
KNOWN_INDICATORS = max(INDICATORS, WORKBOOKS // YEARS * (PAGE_COLUMNS - 1))
MEMORY = "2GB"  # large loads are given more than the default
STAGES = "resource_type:seed path:models/staging path:models/intermediate/city_year"


def append(path: Path, rows: list[dict[str, object]]) -> None:
    """Rows at the end of a seed; columns that a row leaves out stay empty."""
    with path.open(encoding="utf-8") as file:
        columns = next(csv.reader(file))
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writerows(rows)


def extended_project(folder: Path) -> Path:
    """A copy of the dbt project that knows the made-up places and indicators."""
    shutil.copytree(
        REPO / "dbt_project", folder / "dbt_project", ignore=shutil.ignore_patterns("target")
    )
    shutil.copytree(REPO / "seeds", folder / "seeds")
    codes = [f"{980000 + number}" for number in range(UNITS)]
    seeds = folder / "seeds"
    append(
        seeds / "city.csv",
        [
            {
                "city_code": code, "name_zh": f"虚{code}市", "name_en": f"U{code}", "province_code": "110000",
                "province_zh": "北京市", "region": "east", "region_four": "east", "level": "prefecture_city",
                "is_municipality": "false", "is_provincial_capital": "false", "is_subprovincial": "false",
                "first_year": 1995,
            }
            for code in codes
        ],
    )  # fmt: skip
    append(
        seeds / "city_status.csv",
        [
            {
                "city_code": code, "year_from": 1995, "official_name": f"虚{code}市",
                "level": "prefecture_city", "code_at_time": code,
            }
            for code in codes
        ],
    )  # fmt: skip
    append(
        seeds / "city_alias.csv",
        [
            {"alias": f"虚{code}市", "city_code": code, "year_from": 1995, "kind": "official"}
            for code in codes
        ],
    )
    names = [f"made_up_{number:03d}" for number in range(KNOWN_INDICATORS)]
    append(
        seeds / "indicator.csv",
        [
            {"indicator_code": name, "name_zh": name, "name_en": name, "unit": "10_000_yuan", "kind": "printed",
             "scopes": "total", "valid_min": 0, "definition": "made up"}
            for name in names
        ],
    )  # fmt: skip
    append(
        seeds / "heading.csv",
        [
            {
                "source_id": "*",
                "heading_key": name,
                "role": "value",
                "indicator_code": name,
                "unit": "亿元",
            }
            for name in names
        ],
    )
    append(
        seeds / "fill_rule.csv",
        [{"indicator_code": name, "method": "linear", "max_gap": 2} for name in names],
    )
    return folder / "dbt_project"


def write_county_file(inbox: Path, scale: float) -> int:
    """One Parquet file of units x years with an indicator per column; its number of figures."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(1)
    units = round(UNITS * scale)
    rows = units * YEARS
    codes = np.repeat([f"{980000 + number}" for number in range(units)], YEARS)
    columns: dict[str, pa.Array] = {
        "城市": pa.array([f"虚{code}市" for code in codes]),
        "城市代码": pa.array(codes),
        "年份": pa.array(np.tile(np.arange(2001, 2001 + YEARS), units)),
    }
    for number in range(INDICATORS):
        columns[f"made_up_{number:03d}"] = pa.array(np.round(random.lognormal(3, 1, rows), 2))
    pq.write_table(pa.table(columns), inbox / "county.parquet")
    return rows * INDICATORS


def write_long_file(inbox: Path, scale: float) -> int:
    """One Parquet file with a row per unit, year and indicator, each with its unit of measure."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(3)
    units = round(UNITS * scale)
    names = [f"made_up_{number:03d}" for number in range(INDICATORS)]
    writer = None
    for number in range(units):  # a unit at a time: memory stays flat
        rows = YEARS * INDICATORS
        code = f"{980000 + number}"
        table = pa.table(
            {
                "城市": [f"虚{code}市"] * rows,
                "城市代码": [code] * rows,
                "年份": np.repeat(np.arange(2001, 2001 + YEARS), INDICATORS),
                "指标": names * YEARS,
                "数值": np.round(random.lognormal(3, 1, rows), 2),
                "计量单位": ["亿元"] * rows,
            }
        )
        writer = writer or pq.ParquetWriter(inbox / "long.parquet", table.schema)
        writer.write_table(table)
    if writer:
        writer.close()
    return units * YEARS * INDICATORS


def write_workbooks(folder: Path, scale: float) -> int:
    """Many small workbooks: a page of units with twelve columns each; the number of figures."""
    import xlsxwriter

    random = np.random.default_rng(2)
    workbooks = round(WORKBOOKS * scale)
    for number in range(workbooks):
        book = xlsxwriter.Workbook(str(folder / f"年鉴{2001 + number % YEARS}-{number}.xlsx"))
        sheet = book.add_worksheet()
        sheet.write_row(
            0,
            0,
            [
                "城市",
                *(
                    f"made_up_{number // YEARS * (PAGE_COLUMNS - 1) + k:03d}"
                    for k in range(PAGE_COLUMNS - 1)
                ),
            ],
        )
        for row in range(PAGE_ROWS):
            sheet.write_string(row + 1, 0, f"虚{980000 + row}市")
            sheet.write_row(row + 1, 1, random.lognormal(3, 1, PAGE_COLUMNS - 1).round(2).tolist())
        book.close()
    return workbooks * PAGE_ROWS * (PAGE_COLUMNS - 1)


LAND = """
import sys
from pathlib import Path
from orchestration.engine import warehouse
from orchestration.landing.inbox import list_files, read_declarations
from orchestration.landing.store import land, load_raw
inbox, state = Path(sys.argv[1]), Path(sys.argv[2])
landed = land(list_files(inbox), state / "cells")
assert all(file.status == "loaded" for file in landed), [file.reason for file in landed if file.reason][:3]
with warehouse.open_warehouse(state / "warehouse.duckdb") as connection:
    load_raw(connection, landed, read_declarations(inbox))
"""


def processor_seconds() -> float:
    """What the processes started so far have computed; a busy machine makes them wait as well."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds of a process that must succeed: passed, and computed."""
    begun, computed = time.perf_counter(), processor_seconds()
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=REPO
    )
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    return time.perf_counter() - begun, processor_seconds() - computed


LOADS: dict[str, tuple[str, Callable[[Path, float], int]]] = {
    "workbooks": ("1,000 workbooks", write_workbooks),
    "county": ("county-sized Parquet, an indicator per column", write_county_file),
    "long": ("county-sized Parquet, a figure per row", write_long_file),
}


def bench(load: str, scale: float, folder: Path) -> None:
    """Land one load, resolve it, and say what it took."""
    import duckdb

    inbox, state = folder / "inbox", folder / "state"
    inbox.mkdir(parents=True)
    state.mkdir()
    project = extended_project(folder)
    name, write = LOADS[load]
    figures = write(inbox, scale)
    environment = {
        **os.environ,
        "CITYPANEL_WAREHOUSE": str(state / "warehouse.duckdb"),
        "CITYPANEL_MEMORY": MEMORY,
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    landing, landing_computed = run(
        [sys.executable, "-c", LAND, str(inbox), str(state)], environment
    )
    dbt = [
        str(Path(sys.executable).with_name("dbt")), "run",
        "--project-dir", str(project), "--profiles-dir", str(project),
        "--target-path", str(state / "target"), "--log-path", str(state / "logs"), "--quiet",
    ]  # fmt: skip
    run([*dbt[:1], "seed", *dbt[2:]], environment)
    resolving, resolving_computed = run([*dbt, "--select", *STAGES.split()], environment)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    with duckdb.connect(str(state / "warehouse.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select count(*) from intermediate.int_city_year__base"
        ).fetchone()
        begun = time.perf_counter()
        connection.execute("select count(*), sum(length(text)) from raw.yearbook_cell").fetchone()
        scan = time.perf_counter() - begun
    of_full_size = "" if scale == 1 else f", {scale:.0%} of full size"
    print(f"{name}{of_full_size}: {figures:,} figures")
    print(f"  landing                     {landing:7.1f} s, computing {landing_computed:7.1f} s")
    print(
        f"  staging and intermediate    {resolving:7.1f} s, computing {resolving_computed:7.1f} s"
    )
    print(f"    of a bare scan of the cells {resolving_computed / scan:7.0f} x")
    print(f"  city-years                  {found[0] if found else 0:>9,}")
    print(f"  peak memory of a process    {max(peak, before) / 1024:7.0f} MB")


def main() -> None:
    """Run all loads, or one of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("load", nargs="?", choices=[*LOADS, "all"], default="all")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="part of the full size, 0.05 to try"
    )
    given = parser.parse_args()
    for load in LOADS if given.load == "all" else [given.load]:
        with tempfile.TemporaryDirectory() as folder:
            bench(load, given.scale, Path(folder))


if __name__ == "__main__":
    main()
