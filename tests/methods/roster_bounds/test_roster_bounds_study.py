"""Bounds for an incomplete roster on the toy study: which cities go, what is said, when there are none."""

import numpy as np
import pandas as pd
import pytest
from contract_toy import TOY_FACTS, toy_panel, toy_study

from analysis.methods.registry import METHODS
from analysis.methods.studies import estimate_study
from analysis.study.facts import Batch, Facts

COLUMNS = ["as_listed", "sure", "listed", "lowest", "highest"]


def bounds(panel: pd.DataFrame, facts: Facts = TOY_FACTS) -> dict[str, pd.DataFrame]:
    return estimate_study(toy_study("roster_bounds"), panel, METHODS, facts=facts).frames


def test_each_column_leaves_out_untreated_cities_alone():
    panel = toy_panel()
    found = bounds(panel)["roster_bound"].set_index("column_id")
    cities = panel.groupby("city_code").first()
    assert found.index.tolist() == COLUMNS
    assert set(found["n_entries_missing"]) == {4}
    assert found.loc["as_listed", "n_left_out"] == 0
    assert found.loc["sure", "n_left_out"] == cities["pilot_unsure"].sum() > 0
    assert found.loc["listed", "n_left_out"] == (~cities["pilot_listed"]).sum()
    for column in ("lowest", "highest"):
        gone = found.loc[column, "left_out"].split("|")
        assert len(gone) == found.loc[column, "n_left_out"] <= 4
        assert not cities.loc[gone, "pilot_listed"].any()
    estimates = found["estimate"].astype(float)
    assert estimates["lowest"] < estimates["as_listed"] < estimates["highest"]


def test_chosen_cities_have_no_stars_and_say_why():
    frames = bounds(toy_panel())
    chosen = frames["estimate"]["column_id"].isin(["lowest", "highest"])
    assert set(frames["estimate"].loc[chosen, "stars"]) == {""}
    assert "***" in set(frames["estimate"].loc[~chosen, "stars"])
    details = frames["model_fit"].set_index("column_id")["detail"]
    assert "chosen for the estimate" in details["lowest"]
    assert "chosen" not in details["as_listed"]


def test_rows_left_out_are_accounted_for():
    frames = bounds(toy_panel())
    account = frames["sample_account"]
    total = account.groupby("column_id")["n_rows"].sum()
    assert set(total) == {len(toy_panel())}


def test_what_leaving_hidden_pilots_out_would_give_lies_between_the_bounds():
    """Four pilots that the roster lost pull the estimate to zero; without just these it is in the bounds."""
    panel = toy_panel()
    whole = bounds(panel)["roster_bound"].set_index("column_id")["estimate"].astype(float)
    lost = panel.loc[panel["pilot_first_year"] == 2013, "city_code"].unique()[:4]
    hidden = panel["city_code"].isin(lost)
    short = panel.assign(
        pilot=np.where(hidden, 0, panel["pilot"]),
        pilot_first_year=panel["pilot_first_year"].mask(hidden),
        pilot_listed=panel["pilot_listed"] & ~hidden,
    )
    found = bounds(short)["roster_bound"].set_index("column_id")["estimate"].astype(float)
    assert found["as_listed"] < whole["as_listed"]
    known = bounds(short[~hidden])["roster_bound"].set_index("column_id")["estimate"].astype(float)
    assert found["as_listed"] < known["as_listed"] < found["highest"]


@pytest.mark.parametrize(
    ("facts", "says"),
    [(Facts(), "isn't known"), (Facts({"pilot": (Batch(1, 30, 30),)}), "lacks no announced entry")],
)
def test_without_a_gap_there_are_no_bounds(facts, says):
    (status,) = bounds(toy_panel(), facts)["design_status"].to_dict("records")
    assert status["status"] == "skipped" and says in status["detail"]


def test_a_column_that_the_panel_can_not_tell_says_so():
    frames = bounds(toy_panel().drop(columns="pilot_unsure"))
    fit = frames["model_fit"].set_index("column_id")
    assert fit.loc["sure", "status"] == "skipped" and "pilot_unsure" in fit.loc["sure", "detail"]
    assert "sure" not in set(frames["roster_bound"]["column_id"])
