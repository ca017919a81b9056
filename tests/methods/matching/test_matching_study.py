"""Matching as a study asks for it: what is estimated on whom, accounts, and data that can't answer."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import yaml
from contract_toy import FIRST, LAST, STUDY, toy_panel

from analysis.methods.registry import METHODS
from analysis.methods.studies import StudyEstimates, estimate_study
from analysis.studies import parse_study
from analysis.study.loading import StudyError

ROUNDING = 1e-9
"""Two exact ways of computing an estimate of size 1."""
RESCALED = 1e-6
"""What a factor of 1e6 on the outcome or covariates leaves of rounding, relative to the error."""

REGRESSION = """\
regression:
  - id: plain
    title: Plain
    columns:
      - {id: "1", label: Plain, regressors: [pilot], controls: true, effects: [city, year]}
"""
NEAREST = {"id": "1", "label": "Nearest", "by": "nearest"}
ENTROPY = {"id": "2", "label": "Entropy", "by": "entropy"}
ALL_WAYS = [
    NEAREST,
    ENTROPY,
    {"id": "3", "label": "Kernel", "by": "kernel"},
    {"id": "4", "label": "Radius", "by": "radius", "caliper": 0.2},
    {"id": "5", "label": "Mahalanobis", "by": "mahalanobis"},
    {"id": "6", "label": "Once", "by": "nearest", "replacement": False, "cases": "each_year"},
    {"id": "7", "label": "Pooled", "by": "support", "cases": "pooled", "treated": "now"},
]


def design(columns, **keys) -> str:
    made = {"id": "matched", "title": "Matched", "controls": True, "effects": ["city", "year"],
            "columns": columns} | keys  # fmt: skip
    return yaml.safe_dump({"matching": [made]}, sort_keys=False)


def estimates(columns, panel=None, **keys) -> StudyEstimates:
    study = parse_study(STUDY + REGRESSION + design(columns, **keys), "toy.yml")
    return estimate_study(study, toy_panel() if panel is None else panel, METHODS)


@cache
def all_ways() -> dict[str, pd.DataFrame]:
    return estimates(ALL_WAYS).frames


def own(frames, name: str) -> pd.DataFrame:
    frame = frames[name]
    return frame[frame["method"] == "matching"] if "method" in frame else frame


# --- what is estimated ---------------------------------------------------------------------------


def test_with_one_batch_the_estimate_is_the_weighted_difference_of_mean_changes():
    """Closed form: balanced, one first year, no controls."""
    panel = toy_panel()
    treated = panel["pilot_first_year"].eq(2015)
    panel["pilot_first_year"] = np.where(treated, 2015.0, np.nan)
    panel["pilot"] = (treated & (panel["year"] >= 2015)).astype(int)
    frames = estimates(ALL_WAYS[:5], panel, controls=False).frames
    rows = panel[panel["year"].between(FIRST, LAST)]
    later = rows["year"] >= 2015
    change = 10 * (rows[later].groupby("city_code")["index"].mean()
                   - rows[~later].groupby("city_code")["index"].mean())  # fmt: skip
    found = own(frames, "estimate").set_index("column_id")
    given = frames["matching_weight"]
    for column in ("1", "2", "3", "4", "5"):
        weights = given[given["column_id"] == column].set_index("city_code")
        weight, ours = weights["weight"].astype(float), weights["is_treated"].astype(bool)
        moved = change.loc[weight.index]
        expected = np.average(moved[ours], weights=weight[ours]) - np.average(
            moved[~ours], weights=weight[~ours]
        )
        pilot = found[found["term"] == "pilot"].loc[column, "estimate"]
        assert pilot == pytest.approx(expected, abs=ROUNDING), column


def test_years_are_matched_one_by_one():
    """Each year's score and pairs don't depend on the years before."""
    column = [{**NEAREST, "cases": "each_year"}]
    whole = estimates(column).frames
    for year in (2012, 2015):
        alone = estimates(column, sample=[{"column": "year", "at_least": float(year)}]).frames
        for table in ("propensity_score", "matched_pair"):
            parts = [
                frames[table][frames[table]["year"] == year].reset_index(drop=True)
                for frames in (whole, alone)
            ]
            pd.testing.assert_frame_equal(*parts, rtol=ROUNDING)


def test_means_before_are_those_of_the_declared_years():
    frames = estimates([ENTROPY], over=[2010, 2011]).frames
    panel = toy_panel()
    means = panel[panel["year"].isin([2010, 2011])].groupby("city_code")["density"].mean()
    treated = panel.groupby("city_code")["pilot_first_year"].first().notna()
    balance = frames["balance"].set_index("term").loc["density"]
    assert balance["mean_treated_before"] == pytest.approx(means[treated].mean())
    assert balance["mean_control_before"] == pytest.approx(means[~treated].mean())
    assert balance["mean_control_after"] == pytest.approx(means[treated].mean())
    assert frames["matching"]["last_year"].tolist() == [2011]


def test_every_row_of_the_panel_is_accounted_for():
    frames = all_ways()
    account = own(frames, "sample_account")
    assert set(account.groupby("column_id")["n_rows"].sum()) == {len(toy_panel())}
    used = account[account["step"] == "used"].set_index("column_id")["n_rows"]
    fits = own(frames, "model_fit").set_index("column_id")
    assert used.to_dict() == fits["n_obs"].to_dict()


def test_counts_are_those_of_the_weights():
    frames = all_ways()
    weights = frames["matching_weight"]
    for r in frames["matching"].to_dict("records"):
        mine = weights[weights["column_id"] == r["column_id"]]
        ours = mine[mine["is_treated"]]
        assert r["n_matched"] == (ours["weight"] > 0).sum()
        assert r["n_treated"] == r["n_matched"] + r["n_off_support"] + r["n_unmatched"]
        controls = mine[~mine["is_treated"] & (mine["weight"] > 0)]
        assert r["n_controls_used"] == len(controls)
        if r["matched_by"] in ("nearest", "mahalanobis", "kernel", "radius"):
            assert r["most_uses"] == controls["n_uses"].max()
    pairs = frames["matched_pair"]
    once = pairs[pairs["column_id"] == "6"]
    assert not once.duplicated(["control_city_code", "control_year"]).any()
    assert (once["year"] == once["control_year"]).all()


def test_new_names_of_cities_and_other_units_change_no_estimate():
    """Cities renamed in another order; outcome and covariates in other units."""
    panel = toy_panel()
    codes = np.sort(panel["city_code"].unique())
    names = dict(zip(codes, np.random.default_rng(5).permutation(codes), strict=True))
    moved = panel.assign(
        city_code=panel["city_code"].map(names), density=1e6 * panel["density"],
        index=1e6 * panel["index"],
    ).sort_values(["city_code", "year"])  # fmt: skip
    plain, other = all_ways(), estimates(ALL_WAYS, moved).frames
    a, b = own(plain, "estimate"), own(other, "estimate")
    key = ["column_id", "term"]
    both = a.merge(b, on=key, suffixes=("", "_other")).query("term in ('pilot', 'wealth')")
    assert len(both) == 2 * len(ALL_WAYS)
    error = both["std_error"].to_numpy(float)
    for name in ("estimate", "std_error"):
        there = both[f"{name}_other"].to_numpy(float) / 1e6
        assert (np.abs(there - both[name].to_numpy(float)) / error).max() < RESCALED


def test_rows_can_be_estimated_without_weights():
    frames = estimates([NEAREST, {**NEAREST, "id": "2", "weighted": False}]).frames
    fits = own(frames, "model_fit").set_index("column_id")
    assert fits.loc["1", "n_obs"] == fits.loc["2", "n_obs"]
    pilot = own(frames, "estimate").query("term == 'pilot'").set_index("column_id")["estimate"]
    assert abs(pilot["1"] - pilot["2"]) > 1e-4


# --- data that can't answer ----------------------------------------------------------------------


def treated_in(panel: pd.DataFrame, cities) -> pd.DataFrame:
    among = panel["city_code"].isin(list(cities))
    first = np.where(among, 2014.0, np.nan)
    return panel.assign(pilot_first_year=first, pilot=(panel["year"] >= first).astype(int))


def codes_of(panel: pd.DataFrame) -> list[str]:
    return sorted(panel["city_code"].unique())


def ever(panel: pd.DataFrame) -> pd.Series:
    return panel["pilot_first_year"].notna()


CASES = {
    "nobody is treated": (
        lambda p: treated_in(p, []),
        {"1": "no city is treated after 2010", "2": "no city is treated after 2010"},
    ),
    "all are treated": (
        lambda p: treated_in(p, codes_of(p)),
        {"1": "no city with all covariates is without treatment", "2": "is without treatment"},
    ),
    "a covariate is missing for all treated": (
        lambda p: p.assign(density=p["density"].mask(ever(p) & (p["year"] <= 2012))),
        {"1": "no city with all covariates is treated", "2": "no city with all covariates is treated"},
    ),
    "a covariate has no value": (
        lambda p: p.assign(wealth=np.nan),
        {"1": "Wealth (wealth) has no value", "2": "Wealth (wealth) has no value"},
    ),
    "the groups are separated": (
        lambda p: p.assign(wealth=p["wealth"] + 10 * ever(p)),
        {"1": "wealth separates the treated from the others", "2": "the mean of wealth of the treated"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_data_can_not_answer_is_told_in_its_columns_and_others_run(case):
    change, reasons = CASES[case]
    frames = estimates([NEAREST, ENTROPY], change(toy_panel())).frames
    fits = own(frames, "model_fit").set_index("column_id")
    for column, reason in reasons.items():
        assert fits.loc[column, "status"] == "skipped"
        assert reason in fits.loc[column, "detail"]
    status = frames["design_status"].set_index("method")
    assert status.loc["matching", "status"] == "skipped"
    assert own(frames, "estimate").empty
    if case in ("the groups are separated", "a covariate is missing for all treated"):
        assert status.loc["regression", "status"] == "estimated"


def test_a_caliper_that_matches_nobody_takes_no_other_column_with_it():
    narrow = {**NEAREST, "id": "9", "caliper": 1e-12}
    frames = estimates([narrow, ENTROPY]).frames
    fits = own(frames, "model_fit").set_index("column_id")
    assert fits.loc["9", "status"] == "skipped"
    assert "treated cities have no control in reach" in fits.loc["9", "detail"]
    assert fits.loc["2", "status"] == "estimated"
    assert set(own(frames, "study_column")["column_id"]) == {"9", "2"}


def test_without_common_support_nobody_is_matched_by_the_score():
    """Treated cities lie on both sides of the others, so nothing separates; none is among them."""
    panel = toy_panel()
    cities = codes_of(panel)
    place = dict.fromkeys(cities, 0.0) | dict.fromkeys(cities[:3], 4.0)
    place |= dict.fromkeys(cities[3:6], -4.0)
    rng = np.random.default_rng(0)
    place = {c: v + 0.1 * rng.normal() for c, v in place.items()}
    squared = panel["city_code"].map(place)
    panel = treated_in(panel, cities[:6]).assign(density=squared, wealth=squared**2)
    frames = estimates([NEAREST, {**NEAREST, "id": "3", "by": "mahalanobis"}], panel).frames
    fits = own(frames, "model_fit").set_index("column_id")
    assert "wealth separates the treated" in fits.loc["1", "detail"]
    assert fits.loc["3", "status"] == "estimated"


def test_one_treated_city_is_estimated_without_stars():
    panel = treated_in(toy_panel(), codes_of(toy_panel())[20:21])
    frames = estimates([NEAREST, {"id": "3", "label": "Kernel", "by": "kernel"}], panel).frames
    fits = own(frames, "model_fit").set_index("column_id")
    kernel = own(frames, "estimate").query("term == 'pilot' and column_id == '3'")
    assert kernel["stars"].tolist() == [""]
    assert "pilot rests on 1 treated clusters" in fits.loc["3", "detail"]
    # Two cities, one regressor each for the effects and the policy: no error can be told.
    assert fits.loc["1", "status"] == "skipped"


def test_cities_treated_within_the_years_of_the_means_are_left_out_and_counted():
    frames = estimates([ENTROPY], over=[2010, 2014]).frames
    state = frames["matching_weight"].groupby("state")["city_code"].count()
    assert state["treated_before"] == 12
    assert (
        "12 cities are treated by 2014, within 2010-2014" in frames["matching"]["warning"].iloc[0]
    )


def test_a_year_without_a_fit_is_left_out_and_told():
    panel = toy_panel()
    apart = (panel["year"] == 2012) & ever(panel)
    panel["wealth"] = panel["wealth"] + 10 * apart
    frames = estimates([{**NEAREST, "cases": "each_year"}], panel).frames
    (fit,) = own(frames, "model_fit").to_dict("records")
    assert fit["status"] == "estimated"
    assert "2012: wealth separates the treated" in fit["detail"]
    weights = frames["matching_weight"]
    assert set(weights[weights["year"] == 2012]["state"]) == {"no_score"}
    assert 2012 not in set(frames["propensity"]["year"])


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "keys", "said"),
    [
        ({**ENTROPY, "caliper": 0.1}, {}, "no caliper where by is entropy"),
        ({**NEAREST, "bandwidth": 0.1}, {}, "no bandwidth where by is nearest"),
        ({**NEAREST, "by": "radius"}, {}, "a caliper, the radius within which"),
        ({**NEAREST, "caliper_unit": "sd"}, {}, "caliper_unit beside a caliper only"),
        ({**NEAREST, "treated": "now"}, {}, "nobody is treated before"),
        ({**NEAREST, "caliper": -1.0}, {}, "a number above 0"),
        ({**NEAREST, "neighbours": 0}, {}, "1 or more"),
        (NEAREST, {"covariates": ["density", "weal"]}, "did you mean 'wealth'"),
        (NEAREST, {"covariates": False}, "variables to match on"),
        (NEAREST, {"covariates": ["pilot"]}, "cities are matched on what isn't a policy"),
        (NEAREST, {"over": [1999, 2003]}, "years of the study, 2010 to 2019"),
    ],
)
def test_keys_that_contradict_are_told_before_any_data_are_read(column, keys, said):
    with pytest.raises(StudyError) as told:
        parse_study(STUDY + design([column], **keys), "toy.yml")
    assert said in str(told.value)


def test_a_column_that_stands_twice_is_told():
    with pytest.raises(StudyError, match="each once, found '1' again"):
        parse_study(STUDY + design([NEAREST, NEAREST]), "toy.yml")
