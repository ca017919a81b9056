"""What must not change a threshold estimate: order, constants, scale, threads, block sizes."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threshold_helpers import panel_of, simulate

from analysis.methods.threshold.numbers import (
    Grid,
    bootstrap,
    bootstrap_tests,
    estimate_slopes,
    search_thresholds,
)

SAME = 1e-7  # rounding of F, which divides a difference of sums of squares
RULES = ("all", "quantile", "hansen", "xthreg")
options = st.tuples(
    st.integers(0, 10_000),
    st.sampled_from(RULES),
    st.sampled_from(["hansen", "xthreg"]),
    st.booleans(),
)
quick = settings(max_examples=20, deadline=None)


def results(data, rule, convention, **more):
    panel = panel_of(data, convention=convention)
    search = search_thresholds(panel, 2, Grid(rule, 25, 0.08, min_active=3), **more)
    tests = bootstrap_tests(search, 19, seed=1)
    return search, tests


def agree(a, b):
    for x, y in zip(a[0].models, b[0].models, strict=True):
        assert x.f_statistic == pytest.approx(y.f_statistic, rel=SAME, abs=SAME)
    for x, y in zip(a[1], b[1], strict=True):
        assert x.f_draws == pytest.approx(y.f_draws, rel=SAME, abs=SAME)


def same_thresholds(a, b, change=lambda t: t):
    for x, y in zip(a[0].models, b[0].models, strict=True):
        assert [change(t) for t in x.thresholds] == pytest.approx(list(y.thresholds), rel=1e-12)


@quick
@given(options)
def test_row_order(case):
    seed, rule, convention, unbalanced = case
    data = simulate(12, 6, seed=seed, unbalanced=unbalanced)
    order = np.random.default_rng(seed).permutation(len(data["y"]))
    a = results(data, rule, convention)
    b = results({k: v[order] for k, v in data.items()}, rule, convention)
    same_thresholds(a, b)
    assert [m.f_statistic for m in a[0].models] == [m.f_statistic for m in b[0].models]
    assert all(np.array_equal(x.f_draws, y.f_draws) for x, y in zip(a[1], b[1], strict=True))


@quick
@given(options)
def test_unit_constants_and_scale(case):
    seed, rule, convention, unbalanced = case
    data = simulate(12, 6, seed=seed, unbalanced=unbalanced)
    constants = np.random.default_rng(seed).normal(scale=5, size=12)[data["unit"]]
    a = results(data, rule, convention)
    b = results({**data, "y": data["y"] + constants, "x": data["x"] * 250.0}, rule, convention)
    same_thresholds(a, b)
    agree(a, b)
    slopes = [estimate_slopes(r[0].panel, r[0].models[1].thresholds).slopes()[0] for r in (a, b)]
    assert slopes[1] * 250.0 == pytest.approx(slopes[0], rel=1e-6, abs=1e-9)


@quick
@given(options)
def test_monotone_transformation_of_q(case):
    seed, rule, convention, unbalanced = case
    data = simulate(12, 6, seed=seed, unbalanced=unbalanced)
    a = results(data, rule, convention)
    b = results({**data, "q": np.exp(2 * data["q"])}, rule, convention)
    same_thresholds(a, b, lambda t: np.exp(2 * t))
    agree(a, b)


def test_labels_of_units_and_years_do_not_matter():
    data = simulate(12, 6, seed=5)
    names = np.array([f"city {i:02d}" for i in range(12)])[data["unit"]]
    agree(results(data, "all", "hansen"), results({**data, "unit": names}, "all", "hansen"))


@pytest.mark.parametrize("scheme", ["hansen", "xthreg"])
@pytest.mark.parametrize("resample", ["unit", "wild"])
def test_block_size_and_number_of_draws(monkeypatch, resample, scheme):
    search, _ = results(simulate(15, 6, seed=7), "quantile", "xthreg")
    run = {"seed": 11, "resample": resample, "scheme": scheme}
    whole = bootstrap_tests(search, 150, **run)
    fewer = bootstrap_tests(search, 40, **run)
    monkeypatch.setattr(bootstrap, "MAX_BLOCK", 16)
    blocks = bootstrap_tests(search, 150, **run)
    for a, b, c in zip(whole, fewer, blocks, strict=True):
        assert a.f_draws[:40] == pytest.approx(b.f_draws, rel=1e-9)
        assert a.f_draws == pytest.approx(c.f_draws, rel=1e-9)
        assert a.p_value == c.p_value


@pytest.mark.parametrize("scheme", ["hansen", "xthreg"])
def test_signs_without_the_table_of_contributions(monkeypatch, scheme):
    """What is done where the table would not fit in memory gives the same draws."""
    data = simulate(15, 6, seed=7, unbalanced=True)
    panel = panel_of(data, convention="hansen", regime_intercept=True)
    search = search_thresholds(panel, 2, Grid("quantile", 25, 0.1, min_active=3))
    table = bootstrap_tests(search, 30, resample="wild", scheme=scheme)
    monkeypatch.setattr(bootstrap, "TABLE_BYTES", 0)
    rows = bootstrap_tests(search, 30, resample="wild", scheme=scheme)
    for a, b in zip(table, rows, strict=True):
        assert a.f_draws == pytest.approx(b.f_draws, rel=1e-8)


def test_seed_decides():
    search, tests = results(simulate(15, 6, seed=7), "quantile", "xthreg")
    again, other = bootstrap_tests(search, 19, seed=1), bootstrap_tests(search, 19, seed=2)
    assert np.array_equal(tests[0].f_draws, again[0].f_draws)
    assert not np.array_equal(tests[0].f_draws, other[0].f_draws)


PROGRAM = """
import sys, hashlib
sys.path.insert(0, sys.argv[1])
from threshold_helpers import panel_of, simulate
from analysis.methods.threshold.numbers import Grid, bootstrap_tests, search_thresholds
panel = panel_of(simulate(150, 12, seed=1, n_controls=5), convention="xthreg", year_effects=True)
search = search_thresholds(panel, 3, Grid("quantile", 300))
digest = hashlib.sha256()
for resample in ("unit", "wild"):
    for scheme in ("hansen", "xthreg"):
        for test in bootstrap_tests(search, 200, resample=resample, scheme=scheme):
            digest.update(test.f_draws.tobytes())
print(digest.hexdigest())
"""


def test_number_of_threads_changes_no_bit(repo_dir):
    found = set()
    for threads in ("1", "2"):
        env = {
            **os.environ,
            "OPENBLAS_NUM_THREADS": threads,
            "OMP_NUM_THREADS": threads,
            "PYTHONPATH": str(repo_dir),
        }
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(Path(__file__).parent)],
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout)
    assert len(found) == 1
