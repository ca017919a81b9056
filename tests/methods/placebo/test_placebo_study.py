"""Placebos of a study: keys, samples, rows of tables, what is skipped and why."""

import numpy as np
import pandas as pd
import pytest

from analysis.methods.placebo import METHOD
from analysis.methods.registry import METHODS
from analysis.methods.studies import estimate_study
from analysis.regression import fit_panel
from analysis.regression.randomised import run_placebo
from analysis.studies import parse_study
from analysis.study import StudyError

ROUNDING = 1e-9  # the same numbers in another order of operations

STUDY = """\
id: toy
title: Toy
outcome: {column: index, label: Index, unit: points, scale: 100}
policies:
  pilot: {policy_id: pilot, label: Pilot, coverage: whole, timing: pilot_year}
panel: {unit: city_code, time: year, years: [2010, 2017], balanced: allow}
variables:
  density: {column: population_density, transform: log, label: ln density, unit: ln}
controls: [density]
cluster: city_code
placebo:
  - id: random
    title: Pilots drawn at random
    controls: true
    effects: [city, year]
    moved: [1, 2]
    draws: 300
    seed: 5
"""


def toy_panel(seed=0, n_cities=24):
    rng = np.random.default_rng(seed)
    years = np.arange(2009, 2019)
    city, year = np.repeat(np.arange(n_cities), len(years)), np.tile(years, n_cities)
    first = np.resize([2013.0, 2014.0, np.nan, np.nan], n_cities)[city]
    pilot = (year >= first).astype(int)
    density = np.exp(rng.normal(5, 1, len(city)))
    noise = rng.normal(size=n_cities)[city] + 0.3 * rng.normal(size=len(city))
    index = 0.01 * (2 + 0.5 * pilot + 0.2 * np.log(density) + 0.1 * (year - 2009) + noise)
    return pd.DataFrame(
        {
            "city_code": [f"{c:06d}" for c in 110000 + city], "year": year, "pilot": pilot,
            "pilot_first_year": first, "population_density": density, "index": index,
            "province": np.array(["north", "south", "west"])[city % 3],
        }
    )  # fmt: skip


def run(panel, *changes, text=STUDY):
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return estimate_study(parse_study(text, "toy.yml"), panel, METHODS).frames


def arrays(panel):
    data = panel[panel.year.between(2010, 2017)]
    y, x = 100 * data["index"].to_numpy(), np.log(data[["population_density"]].to_numpy())
    return y, x, data.city_code, data.year, data.pilot_first_year


def test_rows_are_those_of_the_numbers():
    frames = run(toy_panel())
    y, x, unit, time, cohort = arrays(toy_panel())
    found = run_placebo(
        y, x, unit, time, cohort, n_draws=300, seed=5, effects=("unit", "time"), names=("density",)
    )
    (row,) = frames["placebo"].to_dict("records")
    assert row["estimate"] == pytest.approx(found.coefficient, rel=ROUNDING)
    assert row["p_value"] == pytest.approx(found.p_value, rel=ROUNDING)
    assert row["n_as_large"] == found.by_coefficient.n_as_large
    assert row["p_randomisation"] == found.by_coefficient.p_value
    assert row["p_randomisation_error"] == pytest.approx(found.by_coefficient.mc_error)
    assert row["p_randomisation_t"] == found.by_t.p_value
    assert row["share_p_below_5"] == found.share_below[0.05]
    assert row["cohorts"] == "2013: 6, 2014: 6"
    assert (row["n_treated"], row["n_movable"], row["draws"], row["seed"]) == (12, 24, 300, 5)
    draws = frames["placebo_draw"]
    assert draws["draw"].tolist() == list(range(1, 301))
    np.testing.assert_allclose(
        draws["estimate"].to_numpy(dtype=float), found.draws_coefficients, rtol=ROUNDING
    )
    density = frames["placebo_density"]
    assert density["draws"].sum() == 300
    assert density["bin"].tolist() == list(range(1, len(found.density.counts) + 3))
    assert density["bin_low"].isna().tolist() == [True, *[False] * (len(density) - 1)]
    assert density["bin_high"].isna().tolist() == [*[False] * (len(density) - 1), True]


def test_common_tables_hold_the_true_estimate_and_the_moved_ones():
    frames = run(toy_panel())
    y, x, unit, time, cohort = arrays(toy_panel())
    estimates = frames["estimate"].query("term == 'pilot'").set_index("column_id")
    assert list(estimates.index) == ["true", "moved_1", "moved_2"]
    assert estimates.estimate["true"] == pytest.approx(
        frames["placebo"].estimate.item(), rel=ROUNDING
    )
    for years in (1, 2):
        rows = ~(time >= cohort)
        did = (time >= cohort - years).astype(float)
        fit = fit_panel(
            y[rows], np.column_stack([did, x])[rows], unit[rows], time[rows],
            effects=("unit", "time"), names=("pilot", "density"),
        )  # fmt: skip
        own = estimates.loc[f"moved_{years}"]
        assert own.estimate == pytest.approx(fit.coefficients[0], rel=ROUNDING)
        assert own.std_error == pytest.approx(fit.std_errors[0], rel=ROUNDING)
        account = frames["sample_account"].query(f"column_id == 'moved_{years}'")
        steps = dict(zip(account.step, account.n_rows, strict=True))
        assert (steps["used"], steps["already_treated"]) == (rows.sum(), (~rows).sum())
        assert sum(steps.values()) == len(toy_panel())
    fits = frames["model_fit"].set_index("column_id")
    assert fits.status.tolist() == ["estimated"] * 3
    assert fits.seed["true"] == 5
    assert frames["study_column"].column_id.tolist() == ["true", "moved_1", "moved_2"]
    assert frames["design_status"].status.tolist() == ["estimated"]


def test_linearmodels_makes_the_true_estimate_again():
    check = run(toy_panel())["reference_check"]
    assert set(check.column_id) == {"true"}
    assert check.agrees.all()


def test_a_policy_moved_too_far_is_skipped_by_itself():
    panel = toy_panel()
    frames = run(panel, ("moved: [1, 2]", "moved: [3]"))
    fits = frames["model_fit"].set_index("column_id")
    assert fits.status.to_dict() == {"true": "estimated", "moved_3": "estimated"}
    frames = run(panel, ("moved: [1, 2]", "moved: [7]"))
    fits = frames["model_fit"].set_index("column_id")
    assert fits.status.to_dict() == {"true": "estimated", "moved_7": "skipped"}
    assert "absorbed" in fits.detail["moved_7"]
    assert frames["design_status"].status.tolist() == ["estimated"]


def test_strata_are_the_cities_values_in_the_panel():
    panel = toy_panel()
    panel.loc[panel.year < 2012, "province"] = None  # the first year that has one counts
    frames = run(panel, ("draws: 300", "within: province\n    draws: 300"))
    y, x, unit, time, cohort = arrays(panel)
    province = np.resize(["north", "south", "west"], 24)
    found = run_placebo(
        y, x, unit, time, cohort, n_draws=300, seed=5, effects=("unit", "time"), names=("density",),
        strata=province[pd.factorize(unit)[0]],
    )  # fmt: skip
    np.testing.assert_allclose(
        frames["placebo_draw"]["estimate"].to_numpy(dtype=float), found.draws_coefficients,
        rtol=ROUNDING,
    )  # fmt: skip
    assert frames["placebo"].within.item() == "province"
    lost = toy_panel()
    lost.loc[lost.city_code == "110003", "province"] = None
    status = run(lost, ("draws: 300", "within: province\n    draws: 300"))["design_status"]
    assert status.status.item() == "skipped"
    assert "110003" in status.detail.item()


@pytest.mark.parametrize(
    ("first", "status", "words"),
    [
        (lambda city: np.full(len(city), np.nan), "failed", "pilot does not vary"),
        (lambda city: np.full(len(city), 2013.0), "failed", "pilot is absorbed"),
        (lambda city: np.full(len(city), 2000.0), "failed", "pilot does not vary"),
        (lambda city: np.where(city == 3, 2013.0, np.nan), "estimated", ""),
        (lambda city: 2012.0 + city % 4, "estimated", ""),
    ],
    ids=["nobody", "all at once", "always", "one", "all, in turn"],
)
def test_who_is_treated(first, status, words):
    panel = toy_panel()
    city = pd.factorize(panel.city_code)[0]
    panel["pilot_first_year"] = first(city)
    panel["pilot"] = (panel.year >= panel.pilot_first_year).astype(int)
    frames = run(panel)
    row = frames["design_status"].iloc[0]
    assert row.status == status
    assert words in row.detail
    assert len(frames["placebo"]) == (status == "estimated")


def test_treatment_that_does_not_follow_from_first_years_is_refused():
    panel = toy_panel()
    panel.loc[(panel.year == 2017) & (panel.city_code == "110000"), "pilot"] = 0
    row = run(panel)["design_status"].iloc[0]
    assert row.status == "failed"
    assert "110000 2017" in row.detail
    assert "no cohorts" in row.detail


def test_row_order_changes_nothing():
    first, second = run(toy_panel()), run(toy_panel().sample(frac=1, random_state=3))
    for name in ("placebo", "placebo_draw", "placebo_density", "estimate"):
        pd.testing.assert_frame_equal(first[name], second[name])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("draws: 300", "draws: 50", "100 or more"),
        ("draws: 300", "scheme: lottery\n    draws: 300", "scheme"),
        ("moved: [1, 2]", "moved: [0]", "1 or more"),
        ("moved: [1, 2]", "moved: [12]", "fewer years than the study has, 8"),
        ("controls: true", "controls: [nothing]", "nothing"),
        ("controls: true", "outcome: nothing\n    controls: true", "nothing"),
        ("effects: [city, year]", "effects: [city, city]", "effects"),
        ("controls: true", "controls: true\n    outcome: density", "density"),
    ],
)
def test_wrong_keys_are_told_before_any_data(old, new, words):
    assert old in STUDY
    with pytest.raises(StudyError, match=words):
        parse_study(STUDY.replace(old, new), "toy.yml")


def test_tables_are_declared_and_filled_as_declared():
    frames = run(toy_panel())
    for table in METHOD.tables:
        assert {c: str(k) for c, k in frames[table.name].dtypes.items()} == table.kinds
        assert not frames[table.name].duplicated(list(table.keys)).any()
        filled = frames[table.name].notna().any()
        assert filled[[c for c in table.names if c != "within"]].all()
