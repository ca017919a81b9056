"""Moderated effects of a study: keys, the moderator's values, rows of tables, what is skipped and why."""

import numpy as np
import pytest
from contract_toy import STUDY, toy_estimates, toy_panel

from analysis.methods.registry import METHODS
from analysis.methods.studies import estimate_study
from analysis.studies import parse_study
from analysis.study import StudyError

DESIGN = """\
moderation:
  - id: by_structure
    title: By structure
    controls: true
    effects: [city, year]
    moderator: structure
    over: [2010, 2012]
    seed: 3
"""


def frames(panel=None, *changes):
    text = STUDY + DESIGN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    panel = toy_panel() if panel is None else panel
    return estimate_study(parse_study(text, "toy.yml"), panel, METHODS).frames


def test_the_toys_effect_grows_with_the_structure():
    """The toy's effect has steps from .1 to 1.5 between structures of .85 and 1.15, and skill's share in all."""
    made = toy_estimates("moderation", toy_panel()).frames
    whole = made["moderation"].iloc[0]
    assert whole["slope"] / whole["slope_std_error"] > 4
    effects = made["marginal_effect"]
    bins = effects[effects["column_id"] == "binned"]
    assert bins["estimate"].is_monotonic_increasing and len(bins) == 3
    assert (whole["over_last"], whole["first_treated"]) == (2012, 2013)
    counts = made["moderator_count"]
    used = made["sample_account"].query("column_id == 'linear' and step == 'used'")["n_rows"].item()
    assert counts[["n_treated", "n_others"]].to_numpy().sum() == used
    assert bins[["n_treated", "n_others"]].to_numpy().sum() == used


def test_a_city_keeps_its_mean_and_one_without_is_counted():
    panel = toy_panel()
    gone = (panel["city_code"] == "110000") & panel["year"].between(2010, 2012)
    panel.loc[gone, "structure"] = np.nan
    made = frames(panel)
    steps = made["sample_account"].set_index(["column_id", "step"])["n_rows"]
    assert steps["linear", "no_moderator"] == 10 and steps["linear", "used"] == 470
    later = toy_panel()
    later.loc[later["year"] > 2012, "structure"] += 100
    same, base = frames(later)["marginal_effect"], frames()["marginal_effect"]
    assert same["estimate"].tolist() == base["estimate"].tolist()


def test_a_moderator_of_the_year_is_no_control_beside_its_level():
    change = (
        ("    over: [2010, 2012]\n", ""),
        ("controls: [density, wealth]", "controls: [structure, wealth]"),
    )
    made = frames(None, *change)
    terms = made["estimate"].query("column_id == 'linear'")
    levels = terms[(terms["term"] == "structure") & terms["at_point"].isna()]
    assert len(levels) == 1 and made["dropped_term"].empty
    assert made["moderation"]["over_first"].isna().all()
    assert made["reference_check"]["agrees"].all()
    bins = made["estimate"].query("column_id == 'binned' and term == 'structure'")["at_point"]
    assert {"bin 1", "bin 2 itself", "2011"} <= set(bins)


def test_bins_that_can_not_be_had_leave_the_line():
    panel = toy_panel()
    high = panel["city_code"].map(
        panel.query("2010 <= year <= 2012").groupby("city_code")["structure"].mean()
    )
    treated = panel["pilot_first_year"].notna() & (high > high.quantile(0.66))
    panel.loc[treated, ["pilot", "pilot_first_year"]] = [0, np.nan]
    made = frames(panel)
    fit = made["model_fit"].set_index("column_id")
    assert (fit["status"].to_dict()) == {"linear": "estimated", "binned": "skipped"}
    assert (
        "bin 3" in fit["detail"]["binned"]
        and "has no row with the policy" in fit["detail"]["binned"]
    )
    assert set(made["marginal_effect"]["column_id"]) == {"linear"}
    assert made["moderation"]["bins_detail"].item() == fit["detail"]["binned"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda p: p.assign(structure=np.nan), "Structure (structure) has no value"),
        (lambda p: p.assign(structure=1.0), "no range of the moderator in common"),
        (lambda p: p.assign(pilot=0, pilot_first_year=np.nan), "no row is under the policy"),
    ],
)
def test_data_without_an_answer_are_skipped_with_the_reason(change, reason):
    (status,) = frames(change(toy_panel()))["design_status"].to_dict("records")
    assert status["status"] == "skipped" and reason in status["detail"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("moderator: structure", "moderator: nothing", "the name of a variable of this study"),
        ("over: [2010, 2012]", "over: [2010, 2030]", "years of the study, 2010 to 2019"),
        ("effects: [city, year]", "effects: [city]", "a column with year effects"),
        ("seed: 3", "seed: 3\n    bins: 1", "2 to 10 bins"),
        ("seed: 3", "seed: 3\n    trim: 0.5", "a share from 0 to below 0.25"),
    ],
)
def test_keys_that_contradict_are_told(old, new, expected):
    with pytest.raises(StudyError, match=expected):
        parse_study((STUDY + DESIGN).replace(old, new), "toy.yml")
