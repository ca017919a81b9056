"""Print what a refresh takes: each step, process starts, memory, the whole, beside the bare floor.

Machines are noisy: read the ratios, which come from one run, and the processor's seconds. The floor is
what no refresh can do without: importing Dagster, dbt and Great Expectations once, and dbt's build alone.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
STEP = re.compile(r"INFO ✓ (?P<name>.+?)(?:: .*)? \((?P<seconds>[\d.]+) s\)$")

IMPORTS = "import dagster, dagster_dbt, dbt.cli.main, great_expectations"

COUNTING = """
import sys
starts = []
def hook(event, arguments):
    if event in ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec"):
        starts.append(event)
sys.addaudithook(hook)
from orchestration.commands.main import main
code = main(sys.argv[1:])
print(f"process starts: {len(starts)}", file=sys.stderr)
sys.exit(code)
"""

DBT_ALONE = """
import sys
from pathlib import Path
from orchestration.refresh.build import Build
from orchestration.refresh.steps import land_inbox
from orchestration.refresh.dbt_runner import run_dbt
from orchestration.estimating.measures import declare_measures
from orchestration.settings import Settings
from orchestration.engine.warehouse import open_warehouse
import time
settings = Settings.from_environment()
build = Build(settings, Path(sys.argv[1]))
land_inbox(build)
with open_warehouse(build.warehouse) as connection:
    declare_measures(connection)
begun = time.perf_counter()
run_dbt(["build", "--exclude", "resource_type:unit_test"], warehouse=build.warehouse,
        state=settings.state, fingerprint="bench")
print(time.perf_counter() - begun)
"""


@dataclass(frozen=True)
class Timed:
    """Seconds of the clock and of the processor (user and system), and all that was said."""

    clock: float
    processor: float
    said: str


def peak_memory() -> float:
    """MB of the largest process so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def processor_seconds() -> float:
    """Of all processes that have ended, their children's counted in."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(command: list[str], environment: dict[str, str]) -> Timed:
    """Run a command to its end."""
    begun, used = time.perf_counter(), processor_seconds()
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=REPO
    )
    seconds = time.perf_counter() - begun
    if done.returncode:
        sys.exit(done.stderr[-3000:] or done.stdout[-3000:])
    return Timed(seconds, processor_seconds() - used, done.stderr + done.stdout)


def main() -> None:
    """Run the floor, a cold refresh, a forced one and an unchanged one."""
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        state, release = Path(folder) / "state", Path(folder) / "release"
        environment = {**os.environ, "CITYPANEL_STATE": str(state), "CITYPANEL_INBOX": ""}
        imports = timed([python, "-c", IMPORTS], environment)
        refresh = [python, "-c", COUNTING, "refresh", "--release", str(release)]
        cold = timed(refresh, environment)
        peak = peak_memory()
        log = (state / "logs" / "refresh.log").read_text(encoding="utf-8")
        warm = timed([*refresh, "--force"], environment)
        unchanged = timed(refresh, environment)
        alone = Path(folder) / "alone"
        alone.mkdir()
        dbt = timed([python, "-c", DBT_ALONE, str(alone)], environment)
    dbt_alone = float(dbt.said.strip().splitlines()[-1])
    floor = imports.clock + dbt_alone

    def row(name: str, seconds: float, processor: float | None = None) -> None:
        also = f"  {processor:7.2f} s of the processor" if processor is not None else ""
        print(f"  {name:<52} {seconds:7.2f} s  {seconds / floor:5.2f} x floor{also}")

    print("the floor")
    row("imports of Dagster, dbt and Great Expectations", imports.clock, imports.processor)
    row("dbt build alone", dbt_alone)
    print("steps of the first refresh of the sample")
    for line in log.splitlines():
        found = STEP.search(line)
        if found:
            row(found["name"], float(found["seconds"]))
    print("the whole")
    row("first refresh (writes the sample, parses dbt)", cold.clock, cold.processor)
    row("refresh again, forced", warm.clock, warm.processor)
    row("unchanged input", unchanged.clock, unchanged.processor)
    print(f"  peak memory of the largest process {peak:18.0f} MB")
    print("  " + next(line for line in cold.said.splitlines() if line.startswith("process starts")))


if __name__ == "__main__":
    main()
