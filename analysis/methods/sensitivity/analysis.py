"""One event study's sensitivity: its effects, the bounds that are tried, intervals, breakdown values, power.

Belongs here: the order of calls, from effects to one frozen result. Does not belong here: rows (`run`), the
numbers themselves (`numbers`).
"""

from dataclasses import dataclass

import numpy as np

from analysis.methods.sensitivity.numbers.conditional import (
    ALPHA,
    HybridTest,
    Interval,
    breakdown,
    interval,
)
from analysis.methods.sensitivity.numbers.fixed_length import (
    fixed_length,
    frontier,
)
from analysis.methods.sensitivity.numbers.moments import (
    EventEffects,
    SensitivityError,
    kinks,
    relative_magnitudes,
    smoothness,
    steps,
)
from analysis.methods.sensitivity.numbers.pretest import Undetected, undetected
from analysis.methods.staggered.numbers.effects import StaggeredEffects
from analysis.regression.rank import FloatArray

BASE = -1
EFFECTS = ("average", "first")
POWERS = (0.5, 0.8)
STEPS = 6
UPPER = 1.6448536269514722
"""One-sided 95 %: the default bounds on kinks end at the largest kink before plus so many of its errors."""
WIDE = 8.0
"""Errors to either side at which an interval is first looked for."""


@dataclass(frozen=True)
class Used:
    """Effects of consecutive event times about the base: `times` (k,), and in words which weren't told."""

    times: tuple[int, ...]
    effects: EventEffects
    said: str

    @property
    def largest_step(self) -> float:
        """Largest change from one year to the next before the policy, in size."""
        own, _ = steps(self.effects.before, self.effects.after)
        return float(np.abs(own @ self.effects.estimates).max())

    @property
    def largest_kink(self) -> float:
        """Largest change of that change; NaN with one effect before."""
        own, _ = kinks(self.effects.before, self.effects.after)
        return float(np.abs(own @ self.effects.estimates).max()) if len(own) else float("nan")


def used_of(found: StaggeredEffects, window: tuple[int, int]) -> Used:
    """The event times of a window that are told without a gap about the base.

    Raises SensitivityError if they aren't enough, or their covariance is singular.
    """
    told = dict(zip((int(k) for k in found.times), range(len(found.times)), strict=True))
    told = {k: j for k, j in told.items() if np.isfinite(found.std_errors[j])}
    first, last = BASE, BASE
    while first - 1 in told and first - 1 >= window[0]:
        first -= 1
    while last + 1 in told and last + 1 <= window[1]:
        last += 1
    times = tuple(k for k in range(first, last + 1) if k != BASE)
    at = [told[k] for k in times]
    effects = EventEffects(
        found.estimates[at], found.covariance[np.ix_(at, at)], sum(k < BASE for k in times)
    )
    lacking = [k for k in range(window[0], window[1] + 1) if k != BASE and k not in times]
    said = f"not told: event times {', '.join(map(str, lacking))}" if lacking else ""
    return Used(times, effects, said)


@dataclass(frozen=True)
class Bound:
    """An interval under one bound, and its kind."""

    restriction: str
    kind: str
    step: int
    bound: float
    interval: Interval


@dataclass(frozen=True)
class Analysis:
    """What is found of one effect of one event study; breakdown values are infinite where nothing overturns it."""

    estimate: float
    std_error: float
    low: float
    high: float
    bounds: tuple[Bound, ...]
    breakdown_relative: float
    breakdown_smoothness: float
    power: tuple[Undetected, ...]


def default_kinks(effects: EventEffects) -> tuple[float, ...]:
    """Six bounds from 0 to the largest kink that the years before allow; with one such year to its error."""
    own, _ = kinks(effects.before, effects.after)
    if len(own):
        error = np.sqrt(np.einsum("ij,jk,ik->i", own, effects.covariance, own))
        upper = float((np.abs(own @ effects.estimates) + UPPER * error).max())
    else:
        upper = float(np.sqrt(effects.covariance[0, 0]))
    return tuple(float(v) for v in np.linspace(0.0, upper, STEPS))


def weights_of(effect: str, after: int) -> FloatArray:
    """Weights (after,) of the years from the policy on that make an effect."""
    return np.full(after, 1.0 / after) if effect == "average" else np.eye(after)[0]


def analyse(
    used: Used, effect: str, relative: tuple[float, ...], kinked: tuple[float, ...] | None
) -> Analysis:
    """Intervals, breakdown values and power of one effect."""
    effects = used.effects
    weights = weights_of(effect, effects.after)
    estimate, error = effects.of(weights)
    reach = 1.959963984540054 * error
    path = frontier(effects, weights)
    smooth = kinked if kinked is not None else default_kinks(effects)
    side = np.sign(estimate)

    def hybrid(kind: str, bound: float) -> HybridTest:
        make = relative_magnitudes if kind == "relative_magnitudes" else smoothness
        return HybridTest(make(effects, weights, bound))

    found = [
        Bound(kind, "c_lf", j + 1, m, interval(hybrid(kind, m), estimate, WIDE * error))
        for kind, bounds in (("relative_magnitudes", relative), ("smoothness", smooth))
        for j, m in enumerate(bounds)
    ]
    for j, m in enumerate(smooth):
        own = fixed_length(effects, path, m, ALPHA)
        found.append(Bound("smoothness", "flci", j + 1, m, Interval(own.low, own.high)))

    def relative_holds(bound: float) -> bool:
        return not bool(hybrid("relative_magnitudes", bound).accepts(np.zeros(1))[0])

    def smooth_holds(bound: float) -> bool:
        own = fixed_length(effects, path, bound, ALPHA)
        return bool(side * own.estimate > own.half_length)

    significant = abs(estimate) > reach
    return Analysis(
        estimate=estimate,
        std_error=error,
        low=estimate - reach,
        high=estimate + reach,
        bounds=tuple(found),
        breakdown_relative=breakdown(relative_holds, 1.0) if significant else 0.0,
        breakdown_smoothness=breakdown(smooth_holds, error) if significant else 0.0,
        power=powers_of(effects, weights),
    )


def powers_of(effects: EventEffects, weights: FloatArray) -> tuple[Undetected, ...]:
    """The trends found with each power that one can have; the test's own size leaves some out."""
    found = []
    for power in POWERS:
        try:
            found.append(undetected(effects, weights, power))
        except SensitivityError:
            continue
    return tuple(found)


__all__ = ["BASE", "EFFECTS", "Analysis", "Used", "analyse", "used_of"]
