"""The bootstrap of several restrictions: one of them as the bootstrap of a slope, two by refitting every draw."""

import numpy as np
import pytest

from analysis.regression.inference import project, wild_joint_test, wild_test
from analysis.regression.inference.wild import weight_vectors
from analysis.regression.panel import PanelRegressionError, fit_panel

BRUTE = 1e-8  # statistics by least squares on dummies written out, another order of sums
NAMES = ("a", "b", "c")


def panel(seed=0, n=9, years=5):
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(n), years), np.tile(np.arange(years), n)
    x = rng.normal(size=(n * years, 3)) + rng.normal(size=(n, 3))[unit]
    y = x @ [0.3, 0.0, 0.1] + rng.normal(size=n)[unit] + rng.normal(size=n * years)
    return y, x, unit, time


def projected(y, x, unit, time):
    given = {"effects": ("unit", "time"), "names": NAMES}
    fit = fit_panel(y, x, unit, time, cluster=unit, **given)
    made = project(fit, y, x, unit, time, **given)
    return made, made.groups(unit, "city")


@pytest.mark.parametrize("weights", ["rademacher", "webb"])
def test_one_restriction_is_the_test_of_a_slope(weights):
    made, groups = projected(*panel())
    one = wild_test(made, groups, "b", n_draws=599, seed=4, weights=weights)
    joint = wild_joint_test(
        made, groups, np.array([[0.0, 1.0, 0.0]]), n_draws=599, seed=4, weights=weights
    )
    assert (joint.p_value, joint.n_as_large, joint.n_draws, joint.is_enumerated) == (
        one.p_value, one.n_as_large, one.n_draws, one.is_enumerated,
    )  # fmt: skip
    assert joint.wald == pytest.approx(one.t_value**2, rel=BRUTE)


def test_two_restrictions_by_refitting_every_draw():
    y, x, unit, time = panel(1)
    made, groups = projected(y, x, unit, time)
    contrasts = np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 2.0]])
    found = wild_joint_test(made, groups, contrasts, n_draws=99, seed=7, weights="webb")

    dummies = np.column_stack([unit[:, None] == np.arange(9), time[:, None] == np.arange(1, 5)])
    design = np.column_stack([x, dummies]).astype(float)
    bread = np.linalg.inv(design.T @ design)
    limits = np.column_stack([contrasts, np.zeros((2, dummies.shape[1]))])

    def wald(outcome):
        b = bread @ design.T @ outcome
        scores = np.array(
            [design[unit == g].T @ (outcome - design @ b)[unit == g] for g in range(9)]
        )
        spread = limits @ bread @ scores.T @ scores @ bread @ limits.T
        return (limits @ b) @ np.linalg.solve(spread, limits @ b)

    b = bread @ design.T @ y
    held = b - bread @ limits.T @ np.linalg.solve(limits @ bread @ limits.T, limits @ b)
    assert found.wald == pytest.approx(wald(y), rel=BRUTE)
    (vectors,), _ = weight_vectors(9, "webb", 99, 7)
    drawn = np.array([wald(design @ held + v[unit] * (y - design @ held)) for v in vectors])
    assert found.n_as_large == int((drawn >= wald(y) * (1 - 1e-9)).sum())
    assert found.p_value == (found.n_as_large + 1) / 100


def test_restrictions_that_say_the_same_are_refused():
    made, groups = projected(*panel())
    twice = np.array([[1.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
    with pytest.raises(PanelRegressionError, match="tells less than the restrictions ask apart"):
        wild_joint_test(made, groups, twice, n_draws=99, seed=1)
