"""Time the efficiency models and the inequality measures on panels as large as the studies'.

    python scripts/bench_efficiency.py [--check] [--large]

285 cities x 14 years. First all variants of the shipped model of public services, as a refresh
measures them: two inputs, seven outputs, from seeds to tables. Then single models with three
inputs, three outputs, one undesirable output; each line: seconds, the time HiGHS would take for
the same programs one by one (measured on some of them, scaled up), the ratio, and the largest
difference of scores on those. `--check` exits with 1 if either part misses its limit or a score
is off; `--large` adds 2,800 units x 20 years.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from analysis.measures.efficiency import malmquist, radial_efficiency, sbm_efficiency
from analysis.measures.efficiency import simplex as engine
from analysis.measures.efficiency_study import measure_efficiency
from analysis.measures.inequality import dagum, theil

REPO = Path(__file__).resolve().parents[1]
LIMIT = 20.0  # seconds, pooled and yearly frontiers of all models together; and of the shipped ones
TOLERANCE = 1e-6
SAMPLE = 60  # programs that HiGHS solves for comparison


def panel(n_cities: int, n_years: int) -> tuple[np.ndarray, ...]:
    """Inputs, outputs, undesirable output, unit, year of cities of very different size."""
    rng = np.random.default_rng(20250406)
    n = n_cities * n_years
    unit, year = np.repeat(np.arange(n_cities), n_years), np.tile(np.arange(n_years), n_cities)
    size = np.exp(rng.normal(size=n_cities))[unit, None]
    x = size * np.exp(rng.normal(0, 0.35, (n, 3)) + 0.05 * year[:, None]) * [1e4, 30, 500]
    made = np.exp(np.log(x / x.mean(axis=0)).mean(axis=1))[:, None] ** 0.95
    waste = np.abs(rng.normal(0, 0.3, n))[:, None]
    y = made * np.exp(rng.normal(0, 0.25, (n, 3)) - waste + 0.04 * year[:, None]) * [1, 2e3, 7]
    return x, y, size * np.exp(rng.normal(0, 0.4, (n, 1))), unit, year


def shipped_models() -> float:
    """Seconds that a refresh takes for all variants of the seeds' models; prints them."""
    rng = np.random.default_rng(20261122)
    n_cities, n_years = 285, 14
    n = n_cities * n_years
    unit, year = np.repeat(np.arange(n_cities), n_years), np.tile(np.arange(n_years), n_cities)
    quality = rng.normal(size=n_cities)[unit]
    level = rng.beta(2, 6, (n_cities, 7))[unit] + 0.01 * year[:, None] + 0.03 * quality[:, None]
    services = np.clip(level + rng.normal(0, 0.02, (n, 7)), 0, 1)
    means = np.exp(rng.normal(0, 0.25, (n, 3)) + 0.3 * quality[:, None]) * [6000, 300, 8]
    seeds = [
        pd.read_csv(REPO / "seeds" / f"efficiency_{name}.csv")
        for name in ("model", "variant", "term")
    ]
    # A term of two models has the same figures in both.
    is_output = seeds[2]["role"] == "output"
    columns = {
        term: figures[:, position]
        for chosen, figures in ((is_output, services), (~is_output, means))
        for position, term in enumerate(dict.fromkeys(seeds[2].loc[chosen, "term"]))
    }
    values = pd.concat(
        [
            pd.DataFrame(
                {
                    "model_id": row["model_id"],
                    "city_code": [f"{code:06d}" for code in unit],
                    "year": 2009 + year,
                    "term": row["term"],
                    "value": columns[row["term"]],
                    "is_imputed": False,
                }
            )
            for row in seeds[2].to_dict("records")
        ]
    )
    begun = last = time.perf_counter()

    def done(model: str, variant: str) -> None:
        nonlocal last
        now = time.perf_counter()
        print(f"  {model + ': ' + variant:<48}{now - last:>8.2f}", flush=True)
        last = now

    print(f"{n:,} city-years: shipped models, from values to tables, in seconds")
    measure_efficiency(*seeds, values, done)
    seconds = time.perf_counter() - begun
    print(f"  {'all variants, tables counted in':<48}{seconds:>8.2f}   limit {LIMIT:.0f}")
    return seconds


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result."""
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def by_highs(call: Callable[[], Any]) -> tuple[float, np.ndarray, np.ndarray]:
    """Seconds per program with HiGHS on a sample, its first-stage objectives and the simplex's."""
    asked: list[engine.Programs] = []
    original = engine._solve_block

    def record(programs: engine.Programs, *rest: Any) -> Any:
        asked.append(programs)
        return original(programs, *rest)

    engine._solve_block = record  # type: ignore[assignment]
    try:
        call()
    finally:
        engine._solve_block = original
    programs = max(asked, key=lambda p: len(p.rhs) * p.frontier.shape[1])
    some = np.linspace(0, len(programs.rhs) - 1, min(SAMPLE, len(programs.rhs))).astype(int)
    part = engine.Programs(
        programs.frontier,
        programs.own[some],
        programs.rhs[some],
        tuple(cost[some] for cost in programs.costs),
        programs.basis[some],
        programs.excluded[some],
        programs.first_is_feasibility,
    )
    seconds, theirs = timed(lambda: engine.solve(part, method="highs"))
    ours = engine.solve(part)
    main = int(programs.first_is_feasibility)
    return seconds / len(some), theirs.objective[:, main], ours.objective[:, main]


def main() -> int:
    """Print the table; 1 if `--check` and something is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is missed")
    parser.add_argument("--large", action="store_true", help="add 2,800 units x 20 years")
    options = parser.parse_args()
    refresh = shipped_models()
    x, y, bad, unit, year = panel(285, 14)
    n = len(x)
    cases: list[tuple[str, Callable[[Any], Any]]] = [
        ("CCR, input", lambda g: radial_efficiency(x, y, group=g)),
        ("BCC, input", lambda g: radial_efficiency(x, y, returns="vrs", group=g)),
        (
            "BCC, output",
            lambda g: radial_efficiency(x, y, returns="vrs", orientation="output", group=g),
        ),
        (
            "super-BCC, input",
            lambda g: radial_efficiency(x, y, returns="vrs", super_efficiency=True, group=g),
        ),
        (
            "super-SBM, CRS, undesirable",
            lambda g: sbm_efficiency(x, y, bad, super_efficiency=True, group=g),
        ),
        (
            "super-SBM, VRS, undesirable",
            lambda g: sbm_efficiency(x, y, bad, returns="vrs", super_efficiency=True, group=g),
        ),
    ]
    print(f"{n:,} city-years: {'model':<32}{'seconds':>8}{'HiGHS':>8}{'ratio':>7}{'off by':>10}")
    total, worst = 0.0, 0.0
    for name, call in cases:
        for frontier, group in (("pooled", None), ("yearly", year)):
            seconds, fit = timed(lambda call=call, group=group: call(group))
            one, theirs, ours = by_highs(lambda call=call, group=group: call(group))
            off = float(np.max(np.abs(theirs - ours)))
            total, worst = total + seconds, max(worst, off)
            print(
                f"  {name + ', ' + frontier:<48}{seconds:>8.2f}{one * n:>8.1f}"
                f"{one * n / seconds:>7.0f}{off:>10.1e}{'' if not fit.n_highs else ' fallback'}",
                flush=True,
            )
    for name, frontier in (("Malmquist, adjacent", "adjacent"), ("Malmquist, global", "global")):
        seconds, _ = timed(lambda f=frontier: malmquist(x, y, unit, year, frontier=f))
        total += seconds
        print(f"  {name:<48}{seconds:>8.2f}")
    print(f"  {'all together':<48}{total:>8.2f}   limit {LIMIT:.0f}")
    incomes = np.exp(np.random.default_rng(1).normal(size=1_000_000))
    region = np.random.default_rng(2).integers(0, 31, len(incomes))
    print(
        f"  {'Dagum, 1,000,000 values, 31 groups':<48}{timed(lambda: dagum(incomes, region))[0]:>8.2f}"
    )
    print(
        f"  {'Theil, 1,000,000 values, 31 groups':<48}{timed(lambda: theil(incomes, region))[0]:>8.2f}"
    )
    if options.large:
        x2, y2, bad2, _, year2 = panel(2800, 20)
        for name, call in (
            ("CCR, pooled", lambda: radial_efficiency(x2, y2)),
            ("BCC, yearly", lambda: radial_efficiency(x2, y2, returns="vrs", group=year2)),
            ("super-SBM, pooled", lambda: sbm_efficiency(x2, y2, bad2, super_efficiency=True)),
        ):
            print(f"  {'56,000: ' + name:<48}{timed(call)[0]:>8.2f}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB; largest difference to HiGHS {worst:.1e}")
    return int(options.check and (max(total, refresh) > LIMIT or worst > TOLERANCE))


if __name__ == "__main__":
    sys.exit(main())
