"""What a sensitivity analysis and a thousand specifications take, in processor seconds.

Belongs here: made-up event effects and a made-up panel of the size of the studies. Does not belong here: whole
refreshes (`bench.py`), estimators (`bench_staggered.py`).
"""

import time

import numpy as np

from analysis.blas import one_thread
from analysis.methods.sensitivity.analysis import Used, analyse
from analysis.methods.sensitivity.numbers.moments import EventEffects
from analysis.methods.specification_curve.numbers import Setting, curve_of

BOUNDS = (0.0, 0.5, 1.0, 1.5, 2.0)
N, YEARS, CONTROLS, SETTINGS, DRAWS = 285, 14, 6, 16, 199


def event_effects() -> float:
    """Seconds of both effects of an event study with four years before and nine after."""
    rng = np.random.default_rng(1)
    root = rng.normal(size=(12, 40))
    effects = EventEffects(rng.normal(size=12) * 0.2 + 1, root @ root.T / 400, 3)
    times = tuple(k for k in range(-4, 9) if k != -1)
    start = time.process_time()
    for effect in ("average", "first"):
        analyse(Used(times, effects, ""), effect, BOUNDS, None)
    return time.process_time() - start


def specifications() -> tuple[int, float]:
    """How many specifications, and seconds of them all with their joint test."""
    rng = np.random.default_rng(1)
    unit, year = (
        each.ravel() for each in np.meshgrid(range(N), range(2009, 2009 + YEARS), indexing="ij")
    )
    first = np.where(np.arange(N) % 3 == 0, 2013.0 + np.arange(N) % 2, np.nan)
    treated = (year >= first[unit]).astype(float)
    controls = rng.normal(size=(len(unit), CONTROLS))
    sets = np.array([[k >> j & 1 for j in range(CONTROLS)] for k in range(2**CONTROLS)], dtype=bool)
    start = time.process_time()
    settings = [
        Setting(
            treated + controls.sum(axis=1) + rng.normal(size=len(unit)), treated, controls, unit, year,
            first[unit], cluster=unit, effects=("unit", "time"),
            names=tuple(f"x{j}" for j in range(CONTROLS)), sets=sets, convention="fixest",
        )
        for _ in range(SETTINGS)
    ]  # fmt: skip
    curve_of(settings, [first] * SETTINGS, [np.arange(N)] * SETTINGS, draws=DRAWS, seed=1)
    return SETTINGS * len(sets), time.process_time() - start


@one_thread
def main() -> None:
    """Print both."""
    print(f"sensitivity, one event study, both effects: {event_effects():.2f} s")
    n, seconds = specifications()
    print(
        f"{n} specifications on {N * YEARS} rows, {DRAWS} permutations of all: {seconds:.1f} s (goal: 30 s)"
    )


if __name__ == "__main__":
    main()
