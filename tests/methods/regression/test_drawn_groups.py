"""Groups drawn at random: every draw against two refitted regressions, size by simulation, rows of a study."""

import numpy as np
import pytest
from contract_toy import STUDY, toy_panel
from study_results import estimate_study

from analysis.regression.difference import coefficient_difference
from analysis.regression.panel import PanelRegressionError, fit_panel
from analysis.regression.randomised import draw_groups
from analysis.studies import parse_study
from analysis.study import StudyError

REFITTED = 1e-10  # units' cross-products against least squares on the rows
SIMULATED = 4  # standard errors of a simulated share that a test of it allows
NAMES = ("d", "p", "q")


def panel(seed=0, n=14, years=5, lost=0.1, noise=None):
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(n), years), np.tile(np.arange(years), n)
    d = ((unit % 2 == 0) & (time >= years // 2)).astype(float)
    x = np.column_stack([d, rng.normal(size=n * years), 1e5 * rng.normal(size=n * years)])
    spread = np.ones(n) if noise is None else noise
    y = 50 + d + x[:, 1] + rng.normal(size=n)[unit] + spread[unit] * rng.normal(size=n * years)
    kept = rng.random(n * years) > lost
    return y[kept], x[kept], unit[kept], time[kept], (unit < n // 2)[kept]


def refitted(y, x, unit, time, first, effects):
    fits = [
        fit_panel(y[m], x[m], unit[m], time[m], effects=effects, cluster=unit[m], names=NAMES,
                  convention="uncorrected")
        for m in (first, ~first)
    ]  # fmt: skip
    test = coefficient_difference(*fits, "d")
    return test.difference, test.t_value


@pytest.mark.parametrize("effects", [("unit", "time"), ("unit",), ("time",), ()])
def test_every_permutation_is_two_regressions(effects):
    y, x, unit, time, first = panel()
    n_draws = 99
    found = draw_groups(y, x, 0, unit, time, first, n_draws=n_draws, seed=8, effects=effects)
    true = refitted(y, x, unit, time, first, effects)
    assert (found.difference, found.by_t.statistic) == pytest.approx(true, rel=REFITTED)
    rng, label = np.random.default_rng(8), np.arange(14) < 7
    drawn = rng.permuted(np.tile(label, (n_draws, 1)), axis=1)
    made = np.array([refitted(y, x, unit, time, each[unit], effects) for each in drawn])
    large = (np.abs(made) >= np.abs(true) * (1 - 1e-9)).sum(axis=0)
    assert (found.by_difference.n_as_large, found.by_t.n_as_large) == tuple(large)
    greater = (np.sign(true[0]) * made[:, 0] >= abs(true[0]) * (1 - 1e-9)).sum()
    assert found.n_greater == greater and found.by_difference.p_value == (large[0] + 1) / 100


def test_every_resample_is_two_regressions_on_copied_units():
    y, x, unit, time, first = panel(1)
    found = draw_groups(y, x, 0, unit, time, first, n_draws=99, seed=8, effects=("unit", "time"))
    rng = np.random.default_rng(8)
    rng.permuted(np.tile(np.arange(14) < 7, (99, 1)), axis=1)
    counts = [rng.multinomial(7, np.full(7, 1 / 7), size=99) for _ in range(2)]
    drawn = []
    for k in range(99):
        b = []
        for group, taken in enumerate(counts):
            rows, copies = [], []
            for u, times in enumerate(taken[k]):
                at = np.flatnonzero(unit == 7 * group + u)
                for copy in range(times):
                    rows.append(at)
                    copies.append(np.full(len(at), 100 * u + copy))
            at = np.concatenate(rows)
            try:
                fit = fit_panel(y[at], x[at], np.concatenate(copies), time[at],
                                effects=("unit", "time"), names=NAMES)  # fmt: skip
                b.append(fit.coefficients[fit.position("d")])
            except (PanelRegressionError, KeyError):
                b.append(np.nan)
        drawn.append(b[0] - b[1])
    told = np.array(drawn)[np.isfinite(drawn)]
    assert found.boot_n == len(told)
    assert found.boot_std_error == pytest.approx(told.std(ddof=1), rel=REFITTED)
    assert (found.boot_low, found.boot_high) == pytest.approx(
        np.quantile(told, [0.025, 0.975]), rel=REFITTED
    )


def test_the_order_of_rows_and_the_unit_of_a_control_decide_nothing():
    y, x, unit, time, first = panel(2)
    given = {"n_draws": 199, "seed": 3, "effects": ("unit", "time")}
    one = draw_groups(y, x, 0, unit, time, first, **given)
    order = np.random.default_rng(0).permutation(len(y))
    other = draw_groups(
        y[order], x[order] * [1, 1, 1e-8], 0, unit[order], time[order], first[order], **given
    )
    assert other.by_difference.p_value == one.by_difference.p_value
    assert other.boot_std_error == pytest.approx(one.boot_std_error, rel=1e-9)


def test_what_can_not_be_drawn_is_named():
    y, x, unit, time, _ = panel(3)
    given = {"n_draws": 99, "seed": 1, "effects": ("unit", "time")}
    with pytest.raises(PanelRegressionError, match="units are in both groups, in different years"):
        draw_groups(y, x, 0, unit, time, time > 2, **given)
    with pytest.raises(PanelRegressionError, match="groups of 1 and 13 units"):
        draw_groups(y, x, 0, unit, time, unit == 0, **given)
    with pytest.raises(PanelRegressionError, match="can't be told in one of the groups"):
        draw_groups(y, x, 0, unit, time, unit % 2 == 1, **given)


SPLIT = """\
regression:
  - id: groups
    title: Groups
    columns:
      - id: region
        label: Region
        regressors: [pilot]
        controls: true
        effects: [city, year]
        split: {by: region, levels: [{id: e, value: east, label: East}, {id: w, value: west, label: West}]}
        drawn_tests: {draws: 199, seed: 5}
"""


def test_rows_of_a_study_stand_beside_their_difference():
    found = estimate_study(parse_study(STUDY + SPLIT, "toy.yml"), toy_panel())
    rows, (pair,) = found.split_drawn_test.set_index("kind"), found.split_test.itertuples()
    assert rows["difference"].tolist() == pytest.approx([pair.difference] * 3, rel=1e-9)
    assert rows["std_error"]["bootstrap"] == pytest.approx(pair.std_error, rel=0.25)
    assert rows[["n_units_a", "n_units_b"]].to_numpy().tolist() == [[16, 16]] * 3
    moved = toy_panel()
    moved.loc[(moved["city_code"] == "110000") & (moved["year"] > 2015), "region"] = "west"
    skipped = estimate_study(parse_study(STUDY + SPLIT, "toy.yml"), moved).split_drawn_test
    assert set(skipped["status"]) == {"skipped"} and "(as_of)" in skipped["detail"].iloc[0]


def test_draws_without_groups_are_refused():
    text = STUDY + SPLIT.replace(
        next(line for line in SPLIT.splitlines() if "split:" in line) + "\n", ""
    )
    with pytest.raises(StudyError, match="a split beside it"):
        parse_study(text, "toy.yml")


@pytest.mark.verify
@pytest.mark.parametrize(("noisy", "holds"), [(False, ("difference", "t")), (True, ("t",))])
def test_size(noisy, holds):
    """Of 500 samples without a difference: the t value keeps 5 % where one group is a quarter as large and
    three times as noisy, the difference by itself only where groups are alike."""
    n, rejected = 500, {"difference": 0, "t": 0}
    for seed in range(n):
        noise = np.where(np.arange(60) < 15, 3.0, 1.0) if noisy else None
        y, x, unit, time, _ = panel(seed, n=60, noise=noise, lost=0.0)
        found = draw_groups(
            y, x, 0, unit, time, unit < 15, n_draws=199, seed=seed, effects=("unit", "time")
        )
        rejected["difference"] += found.by_difference.p_value <= 0.05
        rejected["t"] += found.by_t.p_value <= 0.05
    noise_of_share = SIMULATED * np.sqrt(0.05 * 0.95 / n)
    for name, count in rejected.items():
        if name in holds:
            assert abs(count / n - 0.05) < noise_of_share + 0.02 * noisy, rejected
        else:
            assert count / n > 0.15, rejected
