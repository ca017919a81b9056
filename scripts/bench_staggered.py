"""Time the estimators for staggered adoption on one sample, beside the best library where one is installed.

    python scripts/bench_staggered.py [--check]

Each panel: all estimators with event times, bands of 1,000 multiplier draws, and the decomposition, from raw
arrays. Printed are processor seconds by estimator, their sum with its limit, and the peak of memory. Group-time,
imputation and two-stage effects are also asked of diff-diff in the same run, with the ratio of its seconds to
ours; it is no dependency, and its absence is said. Everything runs on one BLAS thread, as the package does.
`--check` exits with 1 if a limit is missed.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from analysis.blas import one_thread
from analysis.methods.staggered.estimators import ESTIMATORS, Asked
from analysis.methods.staggered.numbers.bacon import decompose
from analysis.methods.staggered.numbers.effects import PanelRows, widened
from analysis.methods.staggered.numbers.multiplier import multiplier_bootstrap
from analysis.methods.staggered.spec import Staggered
from analysis.regression.conventions import DEFAULT_CONVENTION

MEMORY_LIMIT_MB = 2000


@dataclass(frozen=True)
class Case:
    """One panel with its limit in seconds."""

    name: str
    n_units: int
    n_years: int
    n_controls: int
    limit: float


CASES = (
    Case("3,990 x 5", 285, 14, 5, 10.0),
    Case("2,800 units x 20 years", 2800, 20, 2, 60.0),
)
DESIGN = Staggered(
    id="bench", title="Bench", column="a.b", window=(-4, 8), stacked_window=(-2, 2), seed=1
)


def panel_of(case: Case) -> PanelRows:
    """Four cohorts and never treated units, a third each of the years apart; effects that grow."""
    rng = np.random.default_rng(7)
    years = np.arange(2000, 2000 + case.n_years)
    starts = np.array([*(2000 + np.linspace(4, case.n_years - 3, 4).astype(int)), np.inf])
    first = starts[rng.integers(0, len(starts), case.n_units)]
    unit, time_ = np.repeat(np.arange(case.n_units), case.n_years), np.tile(years, case.n_units)
    own = first[unit]
    x = rng.normal(size=(len(unit), case.n_controls))
    since = np.where(np.isfinite(own), time_ - np.where(np.isfinite(own), own, 0), -1)
    y = rng.normal(size=case.n_units)[unit] + x.sum(axis=1) * 0.1 + rng.normal(size=len(unit))
    y += np.where(since >= 0, 1 + 0.1 * since, 0.0)
    names = tuple(f"x{j}" for j in range(case.n_controls))
    return PanelRows(y, unit, time_, np.where(np.isinf(own), np.nan, own), unit, x, names)


def seconds_of(call: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds of one call, and what it gives."""
    start = time.process_time()
    found = call()
    return time.process_time() - start, found


@one_thread
def ours(rows: PanelRows) -> dict[str, float]:
    """Seconds by estimator, its band included; `panel` is the shared picture, `decomposition` the last."""
    found: dict[str, float] = {}
    found["panel"], wide = seconds_of(lambda: widened(rows))
    asked = Asked(rows, wide, DESIGN, DEFAULT_CONVENTION)
    for name, estimator in ESTIMATORS.items():

        def one(run: Callable[[Asked], Any] = estimator.run) -> None:
            effects = run(asked)
            multiplier_bootstrap(
                effects.influence, effects.scale, draws=DESIGN.draws, level=0.95, seed=1
            )

        found[name], _ = seconds_of(one)
    found["decomposition"], _ = seconds_of(
        lambda: decompose(widened(rows.where(np.ones(len(rows.y), dtype=bool), controls=False)))
    )
    return found


def theirs(rows: PanelRows) -> dict[str, float] | None:
    """Seconds of diff-diff by our names; None where it isn't installed."""
    try:
        import diff_diff
        import pandas as pd
    except ImportError:
        return None
    frame = pd.DataFrame(rows.x, columns=list(rows.names)).assign(
        y=rows.y, unit=rows.unit, year=rows.time, g=np.where(np.isnan(rows.cohort), 0, rows.cohort)
    )
    what = ("y", "unit", "year", "g")
    cov = list(rows.names)
    calls: dict[str, Callable[[], Any]] = {
        "group_time": lambda: diff_diff.CallawaySantAnna(
            control_group="not_yet_treated", estimation_method="reg", n_bootstrap=1000, seed=1,
            base_period="universal",
        ).fit(frame, *what, covariates=cov, aggregate="event_study"),
        "imputation": lambda: diff_diff.ImputationDiD().fit(
            frame, *what, covariates=cov, aggregate="event_study"
        ),
        "two_stage": lambda: diff_diff.TwoStageDiD().fit(
            frame, *what, covariates=cov, aggregate="event_study"
        ),
    }  # fmt: skip
    return {name: seconds_of(call)[0] for name, call in calls.items()}


def main() -> int:
    """Print a table per case; 1 where a limit is missed and `--check` asks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is missed")
    asked = parser.parse_args()
    missed = False
    for case in CASES:
        rows = panel_of(case)
        mine = ours(rows)
        library = theirs(rows)
        total = sum(mine.values())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        missed |= total > case.limit or (library is None and peak > MEMORY_LIMIT_MB)
        print(
            f"{case.name}: {total:.2f} s of processor (limit {case.limit:.0f}), peak {peak:.0f} MB"
        )
        for name, seconds in mine.items():
            beside = ""
            if library is not None and name in library:
                beside = (
                    f"   diff-diff {library[name]:.2f} s, {library[name] / seconds:.1f} times ours"
                )
            print(f"  {name:20s} {seconds:8.3f}{beside}")
        if library is None:
            print("  no library beside: diff-diff isn't installed")
    return int(missed and asked.check)


if __name__ == "__main__":
    sys.exit(main())
