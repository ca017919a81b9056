"""The search for units that move a coefficient most: brute force, closed form, and where it ends."""

from itertools import combinations

import numpy as np
import pytest

from analysis.methods.roster_bounds.numbers import furthest_out
from analysis.regression.panel import fit_panel

CITIES, YEARS, TREATED = 14, 6, 6
ROUNDING = 1e-10
"""Coefficients of order 1 from the same rows in another order."""
SHORT_OF = 0.02
"""Share of the way to the true extreme that one city at a time may miss: none was seen to in 40 panels."""


def arrays(seed: int) -> dict:
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(CITIES), YEARS), np.tile(np.arange(YEARS), CITIES)
    treated = ((unit < TREATED) & (time >= 3)).astype(float)
    slope = rng.normal(size=CITIES)[unit]  # cities grow apart: some controls matter more
    y = 0.5 * treated + slope * time + rng.normal(size=len(unit))
    return {
        "y": y, "x": treated[:, None], "unit": unit, "time": time, "effects": ("unit", "time"),
        "cluster": unit, "names": ("did",),
    }  # fmt: skip


def without(given: dict, gone: tuple[int, ...]) -> float:
    kept = ~np.isin(given["unit"], gone)
    parts = {name: given[name][kept] for name in ("y", "x", "unit", "time", "cluster")}
    return float(fit_panel(**parts, effects=given["effects"], names=given["names"]).coefficients[0])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("direction", ["lowest", "highest"])
def test_the_search_reaches_what_trying_all_sets_finds(seed, direction):
    given, controls = arrays(seed), range(TREATED, CITIES)
    sign = 1 if direction == "lowest" else -1
    sets = [gone for n in range(4) for gone in combinations(controls, n)]
    best = min(sign * without(given, gone) for gone in sets)
    found = furthest_out(given, "did", controls, 3, direction)
    assert found.coefficient == pytest.approx(without(given, found.left_out), abs=ROUNDING)
    start = sign * without(given, ())
    assert start - sign * found.coefficient >= (1 - SHORT_OF) * (start - best)


def test_with_constant_growth_the_fastest_controls_go_first():
    """Closed form: the coefficient is the treated's rise less the controls' mean rise."""
    given = arrays(0)
    rise = np.where(given["unit"] < TREATED, 0.0, given["unit"] - TREATED + 1.0)
    given["y"] = np.where(given["time"] >= 3, rise, 0.0) + 2.0 * given["x"][:, 0]
    found = furthest_out(given, "did", range(TREATED, CITIES), 2, "highest")
    assert found.left_out == (12, 13)  # rises of 7 and 8; the others' mean is 3.5
    assert found.coefficient == pytest.approx(2.0 - 3.5, abs=ROUNDING)
    found = furthest_out(given, "did", range(TREATED, CITIES), 2, "lowest")
    assert found.left_out == (6, 7) and found.coefficient == pytest.approx(2.0 - 5.5, abs=ROUNDING)


def test_it_ends_where_nothing_moves_it_further_or_nothing_could_be_compared():
    given = arrays(1)
    everyone = furthest_out(given, "did", range(TREATED, CITIES), CITIES, "lowest")
    assert len(everyone.left_out) < CITIES - TREATED  # some control is always left to compare with
    assert furthest_out(given, "did", (), 3, "lowest").left_out == ()
    assert furthest_out(given, "did", range(TREATED, CITIES), 0, "lowest").left_out == ()
