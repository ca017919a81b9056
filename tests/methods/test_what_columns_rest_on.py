"""What columns say of themselves: few treated, few clusters, identities, negative weights, clusters."""

import numpy as np
import pandas as pd
import pytest
from study_results import estimate_study, own_tables

from analysis.studies import parse_study
from analysis.study import StudyError
from analysis.study.data import EstimationError

STUDY = """\
id: small
title: Small
outcome: {column: y, label: Y, unit: points, scale: 1}
policies: {pilot: {policy_id: pilot, label: Pilot, coverage: whole, timing: pilot_year}}
panel: {unit: city_code, time: year, years: [2010, 2019], balanced: allow}
variables:
  structure: {column: q, label: Structure, unit: ratio}
  density: {column: z, label: Density, unit: ratio}
  mediator: {column: m, label: Mediator, unit: ratio}
controls: [density]
cluster: city_code
regression:
  - id: baseline
    title: Baseline
    columns:
      - {id: "1", label: All, regressors: [pilot], controls: true, effects: [city, year]}
      - {id: "2", label: City, regressors: [pilot], controls: false, effects: [city]}
      - {id: "3", label: No policy, regressors: [density], controls: false, effects: [city, year]}
mediation:
  - id: path
    title: Path
    mediators: [mediator]
    controls: true
    effects: [city, year]
    draws: 100
    seed: 3
threshold:
  - id: industry
    title: By structure
    variable: structure
    controls: true
    year_effects: true
    at_most: 2
    convention: xthreg
    grid: {rule: quantile, points: 40, trim: 0.1, min_active: 2}
    schemes: [{scheme: xthreg, resample: wild}]
    draws: 100
    seed: 7
"""
SOLVERS = 1e-9


def study_of(*changes):
    text = STUDY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_study(text, "small.yml")


def panel_of(n_treated=30, n=60, seed=1, cohorts=(2013, 2015)):
    rng = np.random.default_rng(seed)
    years = np.arange(2010, 2020)
    city, year = np.repeat(np.arange(n), 10), np.tile(years, n)
    first = np.where(np.arange(n) < n_treated, rng.choice(cohorts, n), 9999)[city]
    pilot = (year >= first).astype(int)
    level = rng.normal(size=n)[city]
    q = 1 + 0.3 * rng.normal(size=n)[city] + 0.15 * rng.normal(size=len(city))
    z = rng.normal(size=len(city)) + level
    m = 0.8 * pilot + 0.3 * z + level + rng.normal(size=len(city))
    y = (1 + 2 * (q > 1)) * pilot + 0.5 * m + 0.3 * z + level + rng.normal(size=len(city))
    return pd.DataFrame(
        {"city_code": [f"{110000 + c}" for c in city], "province_code": [f"{11 + c % 15}" for c in city],
         "year": year, "y": y, "q": q, "z": z, "m": m, "pilot": pilot}
    )  # fmt: skip


@pytest.fixture(scope="module")
def many():
    return estimate_study(study_of(), panel_of())


@pytest.fixture(scope="module")
def few():
    return estimate_study(study_of(), panel_of(n_treated=4))


def column(results, method, design, column_id, table="model_fit"):
    rows = getattr(results, table)
    return rows[(rows.method == method) & (rows.design == design) & (rows.column_id == column_id)]


def test_treated_and_effective_clusters_stand_in_the_row(many):
    (fit,) = column(many, "regression", "baseline", "1").to_dict("records")
    assert (fit["n_treated_units"], fit["n_treated_clusters"]) == (30, 30)
    assert 20 < fit["effective_clusters"] <= 60
    assert (fit["n_singletons"], fit["n_empty_clusters"]) == (0, 0)
    assert fit["negative_weight_share"] == fit["n_negative_weights"] / (panel_of()["pilot"].sum())
    (other,) = column(many, "regression", "baseline", "3").to_dict("records")
    assert pd.isna(other["n_treated_units"]) and other["detail"] == ""
    estimate = column(many, "regression", "baseline", "1", "estimate")
    assert set(estimate[estimate.term == "pilot"].stars) == {"***"}


def test_few_treated_lose_their_stars_and_say_why(few):
    """In the table, in the mediation and in each regime; what rests on enough keeps its stars."""
    (fit,) = column(few, "regression", "baseline", "1").to_dict("records")
    assert fit["status"] == "estimated"
    assert fit["n_treated_units"] == 4
    assert fit["detail"].startswith("pilot rests on 4 treated clusters, fewer than 10 and rests on")
    assert "no stars" in fit["detail"]
    estimate = column(few, "regression", "baseline", "1", "estimate").set_index("term")
    assert (estimate.loc["pilot", "stars"], estimate.loc["density", "stars"]) == ("", "***")
    assert estimate.loc["pilot", "p_value"] < 0.01

    (path,) = few.mediation.to_dict("records")
    assert path["status"] == "estimated" and path["stars"] == ""
    assert "a rests on 4 treated clusters, fewer than 10" in path["detail"]

    slopes = few.threshold_slope[few.threshold_slope.regime.notna()]
    assert (slopes.n_active_units <= 4).all() and (slopes.stars == "").all()
    assert (slopes.n_active_clusters == slopes.n_active_units).all()
    (linear,) = column(few, "threshold", "industry", "0").to_dict("records")
    assert "pilot in regime 1 rests on 4 treated clusters" in linear["detail"]


def test_an_identity_is_a_finding_and_no_estimate():
    panel = panel_of()
    panel["y"] = panel["z"] - 2 * panel["q"]
    both = ("regressors: [density]", "regressors: [density, structure]")
    found = estimate_study(study_of(both), panel)
    (fit,) = column(found, "regression", "baseline", "3").to_dict("records")
    assert fit["status"] == "skipped"
    assert fit["detail"] == (
        "y is an exact combination of density, structure and the effects: an identity is no"
        " estimate; leave one of them out"
    )
    assert column(found, "regression", "baseline", "3", "estimate").empty
    assert len(column(found, "regression", "baseline", "1", "estimate")) == 3


def test_an_outcome_that_effects_hold_is_named():
    panel = panel_of()
    panel["y"] = panel["city_code"].astype(float)
    with pytest.raises(EstimationError, match="y is absorbed by unit effects"):
        estimate_study(study_of(), panel, only={"regression"})


def test_one_treated_city_with_city_effects_has_no_error():
    found = estimate_study(study_of(), panel_of(n_treated=1), only={"regression"})
    (fit,) = column(found, "regression", "baseline", "2").to_dict("records")
    assert fit["status"] == "skipped"
    assert "the error of pilot can't be told" in fit["detail"]


def test_negative_weights_are_said():
    """Cohorts without a never-treated city: the last years of the first cohort count negatively."""
    panel = panel_of(n_treated=60, cohorts=(2011, 2014, 2017))
    found = estimate_study(study_of(), panel, only={"regression"})
    (fit,) = column(found, "regression", "baseline", "1").to_dict("records")
    assert fit["n_negative_weights"] > 0 > fit["negative_weight_sum"]
    assert "effects with a negative weight" in fit["detail"]
    (pooled,) = column(found, "regression", "baseline", "2").to_dict("records")
    assert (
        "negative weight" not in pooled["detail"]
    )  # city effects alone compare with one's own past


def test_a_study_that_clusters_by_province_does_in_every_method():
    by_province = study_of(("cluster: city_code", "cluster: province_code"))
    found = estimate_study(by_province, panel_of())
    fits = found.model_fit
    assert set(fits.cluster) == {"province_code"} and set(fits.n_clusters) == {15}
    threshold = fits[fits.method == "threshold"]
    assert set(threshold.se_convention) == {"xthreg, clustered by province"}
    (model,) = found.threshold_model.to_dict("records")
    assert (model["cluster"], model["n_clusters"], model["n_units"]) == ("province_code", 15, 60)
    assert set(found.mediation.cluster) == {"province_code"}
    # linearmodels makes the errors again, with the same clusters.
    check = found.reference_check
    assert check.agrees.all() and set(check.method) == {"regression", "mediation", "threshold"}
    cities = own_tables("threshold", study_of(), panel_of())["threshold_slope"]
    provinces = found.threshold_slope
    np.testing.assert_allclose(provinces.estimate, cities.estimate, rtol=SOLVERS)
    assert (provinces.se_cluster != cities.se_cluster).all()


def test_draws_of_whole_cities_are_refused_where_provinces_are_clusters():
    with pytest.raises(StudyError, match="unit draws cities as if independent"):
        study_of(
            ("cluster: city_code", "cluster: province_code"), ("resample: wild", "resample: unit")
        )


def test_robust_sets_stand_beside_hansen_s(many):
    found = many.threshold_search.set_index(["n_thresholds", "threshold_no"])
    shown = found[found.robust_low.notna()]
    assert (2, 1) in shown.index and (2, 2) in shown.index
    assert (shown.robust_low <= shown.estimate).all() and (
        shown.estimate <= shown.robust_high
    ).all()
    assert (shown.robust_draws == 199).all()
    whole = found[~found.lower_cut & ~found.upper_cut]
    assert not found[found.lower_cut | found.upper_cut].is_interval.any()
    assert len(whole) + (found.lower_cut | found.upper_cut).sum() == len(found)


def test_a_control_that_effects_hold_is_dropped_by_table_and_threshold_model_alike():
    panel = panel_of()
    panel["z"] = panel["city_code"].astype(float) + 1e-9 * panel["z"]
    text = STUDY.splitlines(keepends=True)
    study = parse_study("".join(line for line in text if "No policy" not in line), "small.yml")
    found = estimate_study(study, panel)
    dropped = found.dropped_term
    for method, column_id in (("regression", "1"), ("threshold", "0"), ("threshold", "2")):
        rows = dropped[(dropped.method == method) & (dropped.column_id == column_id)]
        assert list(zip(rows.term, rows.reason, strict=True)) == [
            ("density", "absorbed by unit effects and time effects")
        ]
