"""Event studies of a study: keys, samples, rows of tables, what is skipped and why."""

import numpy as np
import pandas as pd
import pytest

from analysis.methods.event_study import METHOD
from analysis.methods.event_study.numbers import fit_event_study
from analysis.methods.registry import METHODS
from analysis.methods.studies import estimate_study
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
event_study:
  - id: dynamic
    title: Before and after
    controls: true
    effects: [city, year]
    window: [-3, 5]
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
        }
    )  # fmt: skip


def run(panel, *changes):
    text = STUDY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return estimate_study(parse_study(text, "toy.yml"), panel, METHODS).frames


def numbers(panel, **options):
    data = panel[panel.year.between(2010, 2017)]
    return fit_event_study(
        100 * data["index"], np.log(data[["population_density"]]), data.city_code, data.year,
        data.pilot_first_year, names=("density",), seed=5, **{"window": (-3, 5)} | options,
    )  # fmt: skip


def test_rows_are_those_of_the_numbers():
    frames, found = run(toy_panel()), numbers(toy_panel())
    times = frames["event_time"]
    assert times.event_time.tolist() == list(range(-3, 6))
    assert times.n_units.tolist() == found.times.n_units.tolist()
    assert times.is_binned.tolist() == [True, *[False] * 7, True]
    told = ~times.is_base & (times.n_rows > 0)
    for ours, theirs in (
        ("estimate", found.times.estimates), ("std_error", found.times.std_errors),
        ("p_value", found.times.p_values), ("ci_low", found.times.low),
        ("band_low", found.times.band_low), ("band_high", found.times.band_high),
    ):  # fmt: skip
        np.testing.assert_allclose(
            times.loc[told, ours].to_numpy(dtype=float), theirs[told], rtol=ROUNDING
        )
    # 2014 is the last batch and 2017 the last year: nobody is there five years on.
    assert times.loc[times.event_time == 5, "n_units"].item() == 0
    assert times.loc[~told, "estimate"].isna().all()
    assert times.loc[times.is_base, "event_time"].tolist() == [-1]
    (row,) = frames["event_study"].to_dict("records")
    assert row["leads_f"] == pytest.approx(found.leads.f_statistic, rel=1e-7)
    assert row["lags_p"] == pytest.approx(found.lags.p_value, rel=1e-6)
    assert row["after"] == pytest.approx(found.after.estimate, rel=ROUNDING)
    assert row["after_std_error"] == pytest.approx(found.after.std_error, rel=ROUNDING)
    assert row["critical"] == pytest.approx(found.band.critical, rel=1e-6)
    assert (row["n_never"], row["base"], row["ends"]) == (12, "-1", "bin")
    assert (row["n_before_window"], row["n_after_window"]) == (6, 0)


def test_common_tables_have_the_effects_by_event_time():
    frames = run(toy_panel())
    estimates = frames["estimate"]
    effects = estimates[estimates.term == "pilot"]
    assert effects.at_point.tolist() == ["-3", "-2", "0", "1", "2", "3", "4"]
    own = frames["event_time"].dropna(subset=["estimate"])
    assert effects.estimate.tolist() == own.estimate.tolist()
    assert estimates[estimates.term != "pilot"].term.tolist() == ["density", "constant"]
    fit = frames["model_fit"].iloc[0]
    assert (fit.status, fit.n_obs, fit.n_units, fit.seed) == ("estimated", 192, 24, 5)
    steps = frames["sample_account"].set_index("step").n_rows
    assert steps.sum() == len(toy_panel())
    assert steps["outside_window"] == 0
    assert set(frames["study_term"].term) == {"pilot", "density", "constant"}


def test_rows_beyond_the_window_may_be_left_out():
    frames = run(toy_panel(), ("seed: 5", "ends: leave_out\n    seed: 5"))
    found = numbers(toy_panel(), ends="leave_out")
    assert not frames["event_time"].is_binned.any()
    row = frames["event_study"].iloc[0]
    assert (row.n_left_out, row.n_before_window) == (6, 0)
    assert frames["model_fit"].n_obs.item() == 186
    steps = frames["sample_account"].set_index("step").n_rows
    assert (steps["outside_window"], steps["used"]) == (6, 186)
    assert steps.sum() == len(toy_panel())
    effects = frames["event_time"].dropna(subset=["estimate"]).estimate
    expected = found.times.estimates[np.isfinite(found.times.std_errors)]
    np.testing.assert_allclose(effects.to_numpy(dtype=float), expected, rtol=ROUNDING)


@pytest.mark.parametrize("ends", ["bin", "leave_out"])
def test_linearmodels_makes_every_coefficient_again(ends):
    frames = run(toy_panel(), ("seed: 5", f"ends: {ends}\n    seed: 5"))
    check = frames["reference_check"]
    assert check.agrees.all()
    keys = ["term", "at_point"]
    assert check[keys].fillna("").to_numpy().tolist() == (
        frames["estimate"][keys].fillna("").to_numpy().tolist()
    )


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (lambda city: np.full(len(city), np.nan), "no unit is treated within the window"),
        (lambda city: np.full(len(city), 2013.0), "second base period"),
        (lambda city: np.full(len(city), 2000.0), "base event time -1 has no rows"),
    ],
    ids=["nobody", "all at once", "always"],
)
def test_data_that_cannot_answer_are_said(first, words):
    panel = toy_panel()
    panel["pilot_first_year"] = first(pd.factorize(panel.city_code)[0])
    panel["pilot"] = (panel.year >= panel.pilot_first_year).astype(int)
    frames = run(panel)
    row = frames["design_status"].iloc[0]
    assert row.status == "skipped"
    assert words in row.detail
    assert frames["model_fit"].status.tolist() == ["skipped"]
    assert frames["event_time"].empty


def test_one_treated_city_is_counted():
    panel = toy_panel()
    panel["pilot_first_year"] = np.where(panel.city_code == "110004", 2013.0, np.nan)
    panel["pilot"] = (panel.year >= panel.pilot_first_year).astype(int)
    frames = run(panel)
    assert frames["design_status"].status.item() == "estimated"
    assert frames["event_time"].n_units.max() == 1


def test_a_control_without_a_value_is_said():
    frames = run(toy_panel().assign(population_density=np.nan))
    assert frames["design_status"].status.item() == "skipped"
    assert "ln density (population_density) has no value" in frames["design_status"].detail.item()


def test_row_order_changes_nothing():
    first, second = run(toy_panel()), run(toy_panel().sample(frac=1, random_state=3))
    for name in ("event_study", "event_time", "estimate"):
        pd.testing.assert_frame_equal(first[name], second[name])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("window: [-3, 5]", "window: [0, 5]", "below 0"),
        ("window: [-3, 5]", "window: [-3, 5]\n    base: [-4]", "within the window, -3 to 5"),
        ("window: [-3, 5]", "window: [-3, 5]\n    base: [-1, -1]", "base"),
        ("window: [-3, 5]", "window: [-3, 5]\n    ends: trim", "ends"),
        ("controls: true", "controls: [nothing]", "nothing"),
        ("effects: [city, year]", "effects: [city, city]", "effects"),
        ("seed: 5", "sed: 5", "sed"),
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
        assert frames[table.name].notna().any().all()
