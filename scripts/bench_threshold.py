"""Time the panel threshold search and its bootstrap tests, beside the products they can't avoid.

    python scripts/bench_threshold.py [--check]

Each line: a panel, single + double + triple test from raw arrays to p values; seconds (best of
the repeats), the limit, and two yardsticks measured in the same run with the same shapes:

- floor: the matrix products that remain, per draw and test: drawn residuals with the basis of the
  null model, and its loads back onto the candidates;
- dense: what the textbook route would multiply, drawn residuals with one demeaned column per
  candidate, which cumulative sums replace.

Everything runs on one BLAS thread, as the package does. Ratios are seconds / yardstick. `--check`
exits with 1 if a limit is missed.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from analysis.blas import one_thread
from analysis.methods.threshold.numbers import (
    Grid,
    bootstrap_tests,
    prepare_panel,
    search_thresholds,
)

MEMORY_LIMIT_MB = 1500
DENSE_COLUMNS = 64  # the dense product is timed on so many draws and scaled


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    name: str
    n_units: int
    n_times: int
    rule: str
    n_draws: int
    limit: float
    scheme: str = "hansen"
    resample: str | None = None
    treatment: bool = True
    repeats: int = 3


CASES = (
    Case("3,990 x 6, grid 400, 300 draws", 285, 14, "quantile", 300, 1.5),
    Case("  the same, null searched again", 285, 14, "quantile", 300, 1.5, scheme="xthreg"),
    Case("  the same, continuous regressor", 285, 14, "quantile", 300, 1.5, treatment=False),
    Case("  the same, wild by unit", 285, 14, "quantile", 300, 1.5, resample="wild"),
    Case("3,990 x 6, all values, 300 draws", 285, 14, "all", 300, 10.0),
    Case("  the same, null searched again", 285, 14, "all", 300, 10.0, scheme="xthreg", repeats=1),
    Case("3,990 x 6, grid 400, 10,000 draws", 285, 14, "quantile", 10_000, 40.0, repeats=2),
    Case(
        "  the same, null searched again",
        285, 14, "quantile", 10_000, 40.0, scheme="xthreg", repeats=1,
    ),
    Case("2,800 units x 20, grid 400, 300 draws", 2800, 20, "quantile", 300, 15.0, repeats=2),
    Case(
        "  the same, null searched again",
        2800, 20, "quantile", 300, 15.0, scheme="xthreg", repeats=1,
    ),
)  # fmt: skip


def simulate(case: Case) -> tuple[np.ndarray, ...]:
    """A panel with two thresholds in the effect of a staggered treatment, five controls."""
    rng = np.random.default_rng(20250403)
    n_units, n_times = case.n_units, case.n_times
    unit, year = np.repeat(np.arange(n_units), n_times), np.tile(np.arange(n_times), n_units)
    mu = rng.normal(size=n_units)[unit]
    q = np.exp(0.5 * (mu + rng.normal(size=len(unit))))
    start = rng.choice([4, 5, 6, n_times + 1], size=n_units, p=[0.12, 0.12, 0.12, 0.64])[unit]
    x = (year >= start).astype(float) if case.treatment else rng.normal(size=len(unit)) + mu
    z = rng.normal(size=(len(unit), 5)) + mu[:, None]
    slope = np.array([-0.7, 0.25, 0.78])[np.searchsorted([0.5337, 1.3028], q)]
    y = mu + 0.05 * year + z @ np.full(5, 0.2) + slope * x + rng.normal(size=len(unit))
    return y, x, q, unit, year, z


def run(case: Case, data: tuple[np.ndarray, ...]) -> int:
    """The whole way; returns the number of candidates of the first search."""
    y, x, q, unit, year, z = data
    panel = prepare_panel(y, x, q, unit, year, controls=z, convention="xthreg")
    search = search_thresholds(panel, 3, Grid(case.rule, 400, 0.01))  # type: ignore[arg-type]
    bootstrap_tests(
        search,
        case.n_draws,
        seed=1,
        scheme=case.scheme,
        resample=case.resample,  # type: ignore[arg-type]
    )
    return search.models[0].n_candidates


@one_thread
def best_time(function: Callable[[], object], repeats: int) -> float:
    """Smallest of `repeats` wall times, seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def yardsticks(case: Case, n_candidates: int) -> tuple[float, float]:
    """Seconds of the products that remain, and of those that cumulative sums replace."""
    n, n_basis = case.n_units * case.n_times, 6
    rng = np.random.default_rng(0)
    block = min(case.n_draws, 512)
    draws = rng.normal(size=(n, block))
    floor = 0.0
    for stage in range(3):
        basis = rng.normal(size=(n_basis + stage, n))
        loads = rng.normal(size=(n_candidates, n_basis + stage))
        once = best_time(lambda basis=basis, loads=loads: loads @ (basis @ draws), 9)
        floor += once * case.n_draws / block
    rows = np.ascontiguousarray(draws[:, :DENSE_COLUMNS])
    columns = rng.normal(size=(min(n_candidates, 400), n))
    dense = best_time(lambda: columns @ rows, 3) * n_candidates / len(columns)
    return floor, 3 * dense * case.n_draws / DENSE_COLUMNS


def main() -> int:
    """Print the table; 1 if `--check` and a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is missed")
    check = parser.parse_args().check
    print(
        f"{'panel and test':<40}{'seconds':>9}{'limit':>7}{'floor':>8}{'ratio':>7}"
        f"{'dense':>9}{'ratio':>7}"
    )
    missed = False
    for case in CASES:
        data = simulate(case)
        n_candidates = run(case, data)  # also warms up imports
        seconds = best_time(lambda case=case, data=data: run(case, data), case.repeats)
        floor, dense = yardsticks(case, n_candidates)
        late = seconds > case.limit
        missed |= late
        print(
            f"{case.name:<40}{seconds:>9.3f}{case.limit:>7.1f}{floor:>8.3f}{seconds / floor:>7.1f}"
            f"{dense:>9.2f}{seconds / dense:>7.2f}{'  LATE' if late else ''}",
            flush=True,
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    missed |= peak > MEMORY_LIMIT_MB
    print(f"peak memory {peak:.0f} MB (limit {MEMORY_LIMIT_MB})")
    return int(check and missed)


if __name__ == "__main__":
    sys.exit(main())
