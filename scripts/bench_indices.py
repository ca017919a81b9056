"""Print what a hundred indices of thirty indicators take over 2,800 units and twenty years.

The index models run through dbt on a warehouse of made-up indicators, on a copy of the project whose
seeds define the indices: all weightings, periods, scalings and aggregations are among them. Machines
are noisy: read the ratio of processor times, to the same scores in numpy from a matrix in memory.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

REPO = Path(__file__).resolve().parents[1]
UNITS, YEARS, INDICATORS = 2800, 20, 200
INDICES, COMPONENTS, DIMENSIONS = 100, 30, 3
FIRST_YEAR = 2001
SEEDS = "index_definition index_component city_status published_index_weight"
MODELS = "path:models/intermediate/index path:models/marts/indices"


def definition(number: int) -> dict[str, object]:
    """An index of the mix: in each ten one is equal, one by principal components, one TOPSIS, one of z-scores."""
    kind, period = number % 10, ("pooled", "pooled", "per_year", "base", "pooled")[number // 10 % 5]
    return {
        "index_id": f"index_{number:03d}",
        "weighting": {0: "equal", 1: "principal_component"}.get(kind, "entropy"),
        "period": period,
        "scaling": {2: "vector", 3: "z_score"}.get(kind, "min_max"),
        "aggregation": "topsis" if kind == 2 else "weighted_sum",
        "population": "continuing",
        "base_year_from": FIRST_YEAR if period == "base" else None,
        "base_year_to": FIRST_YEAR + 4 if period == "base" else None,
        "has_dimensions": str(kind == 4).lower(),
        "has_obstacles": str(number == 4).lower(),
    }


def members(number: int) -> np.ndarray:
    """The indicators of an index."""
    return np.sort(np.random.default_rng(number).permutation(INDICATORS)[:COMPONENTS])


def write_seed(path: Path, rows: list[dict[str, object]]) -> None:
    """Replace the rows of a seed; columns that a row leaves out stay empty."""
    with path.open(encoding="utf-8") as file:
        columns = next(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def made_up_project(folder: Path, indices: int) -> Path:
    """A copy of the dbt project whose seeds hold the indices of the mix."""
    shutil.copytree(
        REPO / "dbt_project", folder / "dbt_project", ignore=shutil.ignore_patterns("target")
    )
    shutil.copytree(REPO / "seeds", folder / "seeds")
    seeds = folder / "seeds"
    write_seed(seeds / "index_definition.csv", [definition(number) for number in range(indices)])
    write_seed(
        seeds / "index_component.csv",
        [
            {"index_id": f"index_{number:03d}", "indicator_code": f"made_up_{member:03d}", "scope": "total",
             "dimension": f"dimension_{place % DIMENSIONS}", "second_level": "all",
             "direction": "-" if member % 5 == 0 else "+"}
            for number in range(indices)
            for place, member in enumerate(members(number))
        ],
    )  # fmt: skip
    write_seed(
        seeds / "city_status.csv",
        [
            {"city_code": f"{980000 + unit}", "year_from": 1995, "level": "prefecture_city"}
            for unit in range(UNITS)
        ],
    )
    return folder / "dbt_project"


def make_warehouse(path: Path) -> np.ndarray:
    """A warehouse that holds indicator_value alone; the figures as a matrix, city-years in rows."""
    import duckdb
    import pyarrow as pa

    random = np.random.default_rng(1)
    figures = np.exp(random.normal(0, 1, (UNITS * YEARS, INDICATORS)))
    figures[random.uniform(size=figures.shape) < 0.0005] = np.nan
    codes = np.repeat(np.arange(980000, 980000 + UNITS), YEARS)
    years = np.tile(np.arange(FIRST_YEAR, FIRST_YEAR + YEARS), UNITS)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.indicator_value (city_code varchar, year integer, indicator_code varchar,"
            " scope varchar, value double, is_imputed boolean)"
        )
        for column in range(INDICATORS):
            known = ~np.isnan(figures[:, column])
            part = pa.table(
                {"code": codes[known], "year": years[known], "value": figures[known, column]}
            )
            connection.register("part", part)
            connection.execute(
                "insert into marts.indicator_value select code::varchar, year,"
                f" 'made_up_{column:03d}', 'total', value, random() < 0.01 from part"
            )
            connection.unregister("part")
    return figures


def numpy_seconds(figures: np.ndarray, indices: int) -> float:
    """Processor seconds of min-max scaling, entropy weights and scores in numpy, ranks and tables left out."""
    begun = time.process_time()
    low, high = np.nanmin(figures, axis=0), np.nanmax(figures, axis=0)
    scaled = (figures - low) / (high - low)
    share = scaled / np.nansum(scaled, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.nansum(share * np.log(share), axis=0) / np.log(len(figures))
    total = 0.0
    for number in range(indices):
        columns = members(number)
        weight = (1 - entropy[columns]) / (1 - entropy[columns]).sum()
        total += float(np.nansum(scaled[:, columns] @ weight))
    assert total > 0
    return time.process_time() - begun


def run(command: list[str], environment: dict[str, str]) -> float:
    """Seconds of a process that must succeed."""
    begun = time.perf_counter()
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=REPO
    )
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    return time.perf_counter() - begun


def processor_seconds() -> float:
    """Processor time of the processes run so far; other work on the machine hardly counts."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run the models once and print what each took."""
    import duckdb

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--indices", type=int, default=INDICES)
    parser.add_argument("--memory", default="3GB", help="what DuckDB may use")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = made_up_project(folder, arguments.indices)
        path = folder / "warehouse.duckdb"
        figures = make_warehouse(path)
        floor = numpy_seconds(figures, arguments.indices)
        environment = {
            **os.environ,
            "CITYPANEL_WAREHOUSE": str(path),
            "CITYPANEL_MEMORY": arguments.memory,
        }
        dbt = str(Path(sys.executable).with_name("dbt"))
        where = [
            "--project-dir", str(project), "--profiles-dir", str(project),
            "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"), "--quiet",
        ]  # fmt: skip
        start = run([dbt, "seed", *where, "--select", *SEEDS.split()], environment)
        before = processor_seconds()
        models = run([dbt, "run", *where, "--select", *MODELS.split()], environment)
        processor = processor_seconds() - before
        results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        with duckdb.connect(str(path), read_only=True) as connection:
            scores, known = connection.execute(
                "select count(*), count(score) from marts.index_score"
            ).fetchall()[0]
    print(
        f"{arguments.indices} indices of {COMPONENTS} indicators, {UNITS:,} units x {YEARS} years"
    )
    for result in sorted(results["results"], key=lambda result: result["unique_id"]):
        print(f"  {result['unique_id'].split('.')[-1]:<27} {result['execution_time']:7.1f} s")
    print(f"  all models, dbt started     {models:7.1f} s")
    print(f"  of that by dbt alone        {results['elapsed_time']:7.1f} s")
    print(
        f"  processor time of both      {processor:7.1f} s   {processor / floor:6.1f} x the scores in numpy"
    )
    print(f"  start of dbt and seeds      {start:7.1f} s")
    print(f"  processor time of numpy     {floor:7.1f} s")
    print(f"  scores                      {scores:>9,}, of which {known:,} complete")
    print(f"  peak memory of a process    {peak / 1024:7.0f} MB")


if __name__ == "__main__":
    main()
