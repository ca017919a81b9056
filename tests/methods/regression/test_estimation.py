"""Studies run on panels: samples, transformations, results against statsmodels, fingerprints."""

import hashlib
import re
import struct

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from study_results import estimate_study

from analysis.methods.tables import ESTIMATE, MODEL_FIT
from analysis.regression.significance import significance_stars
from analysis.studies import load_studies, parse_study
from analysis.study.data import EstimationError, data_fingerprint

COEFFICIENT = 1e-8  # two exact algorithms on data of order one: rounding stays far below

STUDY = """\
id: toy
title: Toy
outcome: {column: index, label: Index, unit: points, scale: 100}
policies: {did: {policy_id: pilot, label: Pilot, coverage: whole, timing: pilot_year}}
panel: {unit: city_code, time: year, years: [2010, 2017], balanced: allow}
variables:
  density: {column: population_density, transform: log, label: ln density, unit: ln}
  openness: {ratio: [fdi, gdp], scale: 10, label: Openness, unit: ratio}
controls: [density, openness]
cluster: city_code
regression:
  - id: main
    title: Main
    columns:
      - {id: "1", label: Pooled, regressors: [did], controls: false, effects: []}
      - {id: "2", label: Pooled+, regressors: [did], controls: true, effects: []}
      - {id: "3", label: City, regressors: [did], controls: false, effects: [city]}
      - {id: "4", label: Both, regressors: [did], controls: false, effects: [city, year]}
      - {id: "5", label: Both+, regressors: [did], controls: true, effects: [city, year]}
"""


def toy_panel(seed: int = 0, n_cities: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    years = np.arange(2009, 2019)
    city = np.repeat(np.arange(n_cities), len(years))
    year = np.tile(years, n_cities)
    first = rng.choice([2012, 2013, 2014, 9999], n_cities)[city]
    did = (year >= first).astype(int)
    density = np.exp(rng.normal(5, 1, len(city)))
    gdp = np.exp(rng.normal(3, 1, len(city)))
    fdi = gdp * rng.uniform(0, 0.2, len(city))
    trend = rng.normal(size=n_cities)[city] + 0.1 * (year - 2009)
    index = 0.01 * (2 + 0.5 * did + 0.2 * np.log(density) + 3 * fdi / gdp + trend)
    return pd.DataFrame(
        {
            "city_code": [f"{c:06d}" for c in 110000 + city],
            "year": year,
            "did": did,
            "population_density": density,
            "gdp": gdp,
            "fdi": fdi,
            "index": index + 0.003 * rng.normal(size=len(city)),
            "is_municipality": city < 3,
            "region": np.array(["east", "west"])[city % 2],
        }
    )


def run(panel: pd.DataFrame, *changes: tuple[str, str]):
    text = STUDY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return estimate_study(parse_study(text, "toy.yml"), panel)


def estimate_of(result, column: str, term: str) -> pd.Series:
    frame = result.labelled
    (row,) = frame[(frame.column_id == column) & (frame.term == term)].to_dict("records")
    return pd.Series(row)


def steps_of(result, column: str = "1") -> dict[str, int]:
    frame = result.sample_account[result.sample_account.column_id == column]
    return dict(zip(frame.step, frame.n_rows, strict=True))


def test_five_columns_agree_with_dummy_variables_in_statsmodels():
    panel = toy_panel()
    result = run(panel)
    data = panel[panel.year.between(2010, 2017)].assign(
        y=lambda d: 100 * d["index"],
        density=lambda d: np.log(d.population_density),
        openness=lambda d: 10 * d.fdi / d.gdp,
    )
    formulas = {
        "1": "y ~ did",
        "2": "y ~ did + density + openness",
        "3": "y ~ did + C(city_code)",
        "4": "y ~ did + C(city_code) + C(year)",
        "5": "y ~ did + density + openness + C(city_code) + C(year)",
    }
    groups = {"groups": pd.factorize(data.city_code)[0]}
    n, clusters = len(data), data.city_code.nunique()
    for column, formula in formulas.items():
        theirs = smf.ols(formula, data).fit(cov_type="cluster", cov_kwds=groups)
        fit = result.model_fit.set_index("column_id").loc[column]
        # fixest: city effects are nested in the clusters, so all but one aren't counted.
        counted = len(theirs.params) - (clusters - 1 if "city" in formula else 0)
        to_fixest = np.sqrt((n - len(theirs.params)) / (n - counted))
        terms = ["did", "density", "openness"] if "density" in formula else ["did"]
        for term in terms:
            ours = estimate_of(result, column, term)
            assert ours.estimate == pytest.approx(theirs.params[term], abs=COEFFICIENT)
            assert ours.std_error == pytest.approx(theirs.bse[term] * to_fixest, rel=COEFFICIENT)
            assert ours.statistic == pytest.approx(ours.estimate / ours.std_error)
        assert fit.r2 == pytest.approx(theirs.rsquared, rel=COEFFICIENT)
        assert fit.r2_adjusted == pytest.approx(theirs.rsquared_adj, rel=COEFFICIENT)
        assert (fit.n_obs, fit.n_units, fit.n_periods, fit.n_clusters) == (160, 20, 8, 20)
        assert (fit.df_resid, fit.se_convention, fit.cluster) == (19, "fixest", "city_code")


def test_frames_have_the_agreed_columns_in_the_order_of_the_study():
    result = run(toy_panel())
    assert tuple(result.estimate.columns) == ESTIMATE.names
    assert tuple(result.model_fit.columns) == MODEL_FIT.names
    assert result.model_fit.column_id.tolist() == list("12345")
    assert result.model_fit.effects.tolist() == ["", "", "city", "city+year", "city+year"]
    assert result.model_fit.controls.tolist() == [
        "",
        *["density+openness", "", ""],
        "density+openness",
    ]
    assert result.estimate.term[result.estimate.column_id == "2"].tolist() == [
        "did", "density", "openness", "constant",
    ]  # fmt: skip
    assert estimate_of(result, "2", "density").label == "ln density"
    assert estimate_of(result, "2", "did").label == "Pilot"
    assert set(result.model_fit.spec_hash) == {result.spec_hash}
    assert result.sample_missing.empty
    assert result.dropped_term.empty
    did = estimate_of(result, "5", "did")
    assert did.ci_low < did.estimate < did.ci_high
    assert did.stars == significance_stars(did.p_value)


def test_the_order_of_rows_and_columns_changes_nothing():
    panel = toy_panel()
    first = run(panel)
    shuffled = panel.sample(frac=1, random_state=1)[sorted(panel.columns)]
    second = run(shuffled)
    assert first.data_fingerprint == second.data_fingerprint
    pd.testing.assert_frame_equal(first.estimate, second.estimate, check_exact=True)
    pd.testing.assert_frame_equal(first.model_fit, second.model_fit, check_exact=True)


def test_rows_without_values_are_counted_by_variable_and_reason():
    panel = toy_panel()
    at = panel.index[panel.year == 2012]
    panel.loc[at[0], "index"] = np.nan
    panel.loc[at[[0, 1]], "population_density"] = [0.0, -3.0]
    panel.loc[at[2], "gdp"] = 0.0
    panel.loc[at[3], "fdi"] = np.nan
    panel.loc[panel.index[panel.year == 2009][0], "index"] = np.nan  # outside the years
    result = run(panel)
    table = result.sample_missing[result.sample_missing.column_id == "2"]
    assert list(zip(table.variable, table.reason, table.n_rows, strict=True)) == [
        ("index", "missing", 1),
        ("density", "outside_logarithm", 2),
        ("openness", "missing", 1),
        ("openness", "zero_denominator", 1),
    ]
    fits = result.model_fit.set_index("column_id")
    assert fits.n_dropped_missing.tolist() == [1, 4, 1, 1, 4]
    assert fits.n_obs.tolist() == [159, 156, 159, 159, 156]
    assert steps_of(result, "2") == {
        "outside_years": 40, "restricted": 0, "sample_filter": 0, "incomplete_unit": 0,
        "missing": 4, "used": 156,
    }  # fmt: skip


def test_an_outcome_in_logarithms_is_the_logarithm_of_its_column():
    panel = toy_panel().assign(index=lambda d: np.exp(d["index"]))
    logged = panel.assign(index=lambda d: np.log(d["index"]))
    panel.loc[panel.index[panel.year == 2012][:2], "index"] = [0.0, -1.0]
    logged.loc[logged.index[logged.year == 2012][:2], "index"] = np.nan
    ours = run(panel, ("column: index,", "column: index, transform: log,"))
    theirs = run(logged)
    np.testing.assert_array_equal(ours.estimate.estimate, theirs.estimate.estimate)
    missing = ours.sample_missing[ours.sample_missing.variable == "index"]
    assert set(zip(missing.reason, missing.n_rows, strict=True)) == {("outside_logarithm", 2)}


@given(
    holes=st.lists(st.integers(0, 199), max_size=20),
    balanced=st.sampled_from(["allow", "drop_incomplete_units"]),
    region=st.sampled_from(["east", "west"]),
)
@settings(max_examples=8, deadline=None)
def test_every_row_of_the_panel_is_accounted_for(holes, balanced, region):
    panel = toy_panel()
    panel.loc[holes, "population_density"] = np.nan
    result = run(
        panel,
        (
            "balanced: allow",
            f"balanced: {balanced}, restrict: [{{column: is_municipality, equals: false}}]",
        ),
        ("controls: false, effects: []",
         f"controls: false, effects: [], sample: [{{column: region, equals: {region}}}]"),
    )  # fmt: skip
    for column in "12345":
        steps = steps_of(result, column)
        assert sum(steps.values()) == len(panel)
        fit = result.model_fit.set_index("column_id").loc[column]
        assert fit.n_obs == steps["used"]
        assert fit.n_dropped_missing == steps["missing"] + steps["incomplete_unit"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("{column: is_municipality, equals: false}", lambda d: ~d.is_municipality),
        ("{column: region, one_of: [east]}", lambda d: d.region == "east"),
        ("{column: region, none_of: [east]}", lambda d: d.region == "west"),
        ("{column: year, at_most: 2015}", lambda d: d.year <= 2015),
        ("{column: year, one_of: [2011, 2013, 2014]}", lambda d: d.year.isin([2011, 2013, 2014])),
        ("{column: gdp, at_least: 10.5}", lambda d: d.gdp >= 10.5),
    ],
)
def test_filters_keep_the_rows_they_describe(condition, expected):
    panel = toy_panel()
    result = run(panel, ("balanced: allow", f"balanced: allow, restrict: [{condition}]"))
    wanted = int((panel.year.between(2010, 2017) & expected(panel)).sum())
    assert result.model_fit.n_obs.tolist() == [wanted] * 5


def test_a_missing_value_meets_no_filter():
    panel = toy_panel().astype({"region": object, "is_municipality": object})
    panel.loc[panel.city_code == "110005", "region"] = None
    panel.loc[panel.city_code == "110006", "is_municipality"] = None
    for condition in (
        "{column: region, none_of: [east]}",
        "{column: region, one_of: [east, west]}",
    ):
        result = run(panel, ("balanced: allow", f"balanced: allow, restrict: [{condition}]"))
        assert steps_of(result)["restricted"] % 8 == 0
        kept = 9 if "none_of" in condition else 19
        assert result.model_fit.n_units.tolist() == [kept] * 5
    condition = "{column: is_municipality, equals: false}"
    result = run(panel, ("balanced: allow", f"balanced: allow, restrict: [{condition}]"))
    assert result.model_fit.n_units.tolist() == [16] * 5


def test_incomplete_cities_leave_all_columns_of_a_table():
    panel = toy_panel()
    panel.loc[(panel.city_code == "110004") & (panel.year == 2013), "fdi"] = np.nan
    panel = panel[~((panel.city_code == "110007") & (panel.year == 2016))]
    result = run(panel, ("balanced: allow", "balanced: drop_incomplete_units"))
    assert result.model_fit.n_obs.tolist() == [18 * 8] * 5
    assert result.model_fit.n_dropped_missing.tolist() == [8 + 7] * 5
    with pytest.raises(EstimationError, match=r"2 units lack a year of 2010-2017 .*110004, 110007"):
        run(panel, ("balanced: allow", "balanced: require"))
    assert run(toy_panel(), ("balanced: allow", "balanced: require")).model_fit.n_obs[0] == 160


def test_collinear_controls_are_dropped_by_name():
    panel = toy_panel()
    panel["population_density"] = panel.groupby("city_code").population_density.transform("first")
    result = run(panel)
    dropped = result.dropped_term
    assert list(zip(dropped.column_id, dropped.term, dropped.reason, strict=True)) == [
        ("5", "density", "absorbed by unit effects and time effects")
    ]
    assert "density" not in set(result.estimate[result.estimate.column_id == "5"].term)


def without_treated(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.assign(did=0)


@pytest.mark.parametrize(
    ("change_panel", "changes", "message"),
    [
        (without_treated, [], "study toy, regression main, column 1: .*did does not vary in the sample"),
        (
            lambda d: d.assign(did=(d.city_code < "110005").astype(int)),
            [],
            "column 3: .*did absorbed by unit effects",
        ),
        (
            lambda d: d.assign(did=(d.city_code < "110005").astype(int)),
            [("effects: [city]", "effects: []"), ("controls: false, effects: [city, year]",
             "controls: [density], effects: [city, year]")],
            "column 4: did is absorbed by unit effects and time effects, so its coefficient",
        ),
        (lambda d: d.assign(did=d.did * 2), [], r"did is neither 0 nor 1 in \d+ rows \(110"),
        (lambda d: d.assign(did=d.did.where(d.did == 1)), [], "0, also for cities never treated"),
        (lambda d: pd.concat([d, d.head(11)]), [], r"8 rows repeat a city_code and year \(110000"),
        (lambda d: d.rename(columns={"index": "idx"}), [], "study toy, .*the panel has no column 'index'"),
        (lambda d: d.rename(columns={"gdp": "gdpp"}), [], r"'gdp' \(did you mean 'gdpp'\?\)"),
        (lambda d: d.assign(gdp="much"), [], "variable openness: column 'gdp' is not"),
        (lambda d: d, [("controls: false, effects: []", "controls: false, effects: [], sample: "
                       "[{column: region, equals: north}]")],
         "column 1: the sample is empty; .* sample_filter 160"),
        (lambda d: d, [("cluster: city_code", "cluster: region"),
                       ("balanced: allow", "balanced: allow, restrict: [{column: region, equals: "
                        "east}]")], "column 1: one cluster only"),
        (lambda d: d, [("balanced: allow", "balanced: allow, restrict: [{column: year, equals: "
                        "'2010'}]")], "filter on 'year' compares with '2010', but .* numbers"),
        (lambda d: d, [("balanced: allow", "balanced: allow, restrict: [{column: region, equals: "
                        "1}]")], "filter on 'region' compares with 1, but the column holds text"),
        (lambda d: d.assign(city_code=d.city_code.where(d.city_code != "110003")), [],
         "rows without city_code or year"),
    ],
)  # fmt: skip
def test_what_cannot_be_estimated_names_study_table_and_column(change_panel, changes, message):
    with pytest.raises(EstimationError, match=re.compile(message, re.DOTALL)):
        run(change_panel(toy_panel()), *changes)


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        (lambda d: d.assign(index=np.nan), "no outcome", "index has no value in this input"),
        (lambda d: d.head(0), "no values", "the panel has no row of the study in 2010 to 2017"),
        (lambda d: d.assign(year=d.year + 100), "no values", "no row of the study in 2010"),
    ],
)  # fmt: skip
def test_data_that_can_not_answer_a_study_are_no_failure(change, status, reason):
    found = run(change(toy_panel()))
    assert found.design_status.status.tolist() == ["skipped"]
    assert reason in found.design_status.detail[0]
    assert found.study_status.status.tolist() == [status]
    assert found.estimate.empty and found.model_fit.empty


def test_standard_errors_of_another_convention_can_be_asked_for():
    study = parse_study(STUDY, "toy.yml")
    ours = estimate_study(study, toy_panel())
    theirs = estimate_study(study, toy_panel(), convention="linearmodels")
    assert set(theirs.model_fit.se_convention) == {"linearmodels"}
    np.testing.assert_array_equal(ours.estimate.estimate, theirs.estimate.estimate)
    assert (ours.estimate.std_error != theirs.estimate.std_error).all()


def test_stars_follow_the_printed_tables():
    assert [significance_stars(p) for p in (0.0, 0.0099, 0.01, 0.049, 0.05, 0.099, 0.1, 1.0)] == [
        "***", "***", "**", "**", "*", "*", "", "",
    ]  # fmt: skip
    assert significance_stars(float("nan")) == ""


def test_the_shipped_study_runs_on_a_panel_of_its_shape():
    study = load_studies()["smart_city_nqpf"]
    rng = np.random.default_rng(1)
    n, years = 40, np.arange(2009, 2023)
    city = np.repeat(np.arange(n), len(years))
    panel = pd.DataFrame({"city_code": city.astype(str), "year": np.tile(years, n)})
    first = rng.choice([2012, 2013, 2014, 9999], n)[city]
    panel["did"] = (panel.year >= first).astype(int)
    panel["did_first_year"] = np.where(first < 9999, first, np.nan)
    for rule, first_year in (("whole_announcement", first + 1), ("any_part_pilot", first)):
        panel[f"did_by_{rule}_year"] = (panel.year >= first_year).astype(int)
        panel[f"did_by_{rule}_year_first_year"] = np.where(first < 9999, first_year, np.nan)
    panel["broadband_china"] = (panel.year >= rng.choice([2014, 2015, 9999], n)[city]).astype(int)
    panel["is_municipality"], panel["province_code"] = city < 2, (city // 4).astype(str)
    for name in ("population_density", "gdp_per_capita", "urbanisation",
                 "government_intervention", "industrialisation",
                 "tertiary_to_secondary", "human_capital",
                 "science_expenditure_share", "index_nqpf_equal", "index_nqpf_pca",
                 "index_nqpf_per_year", "index_nqpf_fixed_base"):  # fmt: skip
        panel[name] = rng.uniform(0.1, 1, len(panel))
    panel["region"] = np.array(["east", "west", "central"])[city % 3]
    panel["is_large_city"] = city % 2 == 0
    panel["province_code"] = np.array([f"{11 + p}0000" for p in range(25)])[city % 25]
    panel["did_part"] = False
    panel["longitude"], panel["latitude"] = 100.0 + city % 25, 30.0 + city // 25
    panel["population_registered"] = 100.0
    panel["population_registered_districts"] = rng.uniform(20, 80, len(panel))
    panel["suspect_columns"] = panel["imputed_columns"] = pd.Series(pd.NA, panel.index, "string")
    panel["index_nqpf"] = 0.02 + 0.005 * panel["did"] + 0.01 * rng.normal(size=n)[city]
    panel["index_nqpf"] += 1e-6 * rng.normal(size=len(panel))  # without it, an identity
    result = estimate_study(study, panel)
    did = result.estimate[result.estimate.term == "did"]
    assert set(result.column_status.status) == {"estimated"}
    # Mediators are drawn at random here: the policy does nothing to them.
    on_mediator = (did.design == "mechanisms") & did.column_id.isin(["2", "4"])
    # Before the policy, and under a policy moved to earlier years, there is nothing to find.
    did = did[~on_mediator & did.method.isin(["regression", "mediation"])]
    # An exact effect of 0.005 on an index of 0 to 1 is half an index point.
    np.testing.assert_allclose(did.estimate[2:], 0.5, atol=2e-4)


# --- fingerprints ---------------------------------------------------------------------------

cells = st.one_of(st.none(), st.floats(allow_nan=False, width=32))
words = st.one_of(st.none(), st.text(max_size=4))
tables = st.lists(st.tuples(words, cells, cells), min_size=1, max_size=8)


def frame_of(rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["city", "a", "b"])
    return frame.astype({"city": object, "a": "float64", "b": "float64"})


@given(rows=tables, order=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_fingerprint_ignores_row_and_column_order(rows, order):
    frame = frame_of(rows)
    permuted = list(range(len(rows)))
    order.shuffle(permuted)
    other = frame.iloc[permuted][["b", "city", "a"]]
    names = ["city", "a", "b"]
    assert data_fingerprint(frame, names) == data_fingerprint(other, reversed(names))


@given(rows=tables, at=st.integers(0, 7), column=st.sampled_from(["a", "b"]), value=cells)
@settings(max_examples=60, deadline=None)
def test_fingerprint_follows_every_value(rows, at, column, value):
    frame = frame_of(rows)
    at %= len(frame)
    other = frame.copy()
    other.loc[at, column] = np.nan if value is None else value
    same = frame.loc[at, column] == other.loc[at, column] or (
        frame.loc[[at], column].isna().all() and value is None
    )
    names = ["city", "a", "b"]
    assert (data_fingerprint(frame, names) == data_fingerprint(other, names)) == same


def test_fingerprint_of_equal_values_in_other_types():
    frame = pd.DataFrame({"city": ["a", "b"], "did": [0, 1], "x": [0.0, 2.0]})
    same = pd.DataFrame({"city": ["b", "a"], "did": [True, False], "x": [2, -0.0]})
    names = ["city", "did", "x"]
    expected = data_fingerprint(frame, names)
    assert data_fingerprint(same, names) == expected
    for other in (
        frame.astype({"city": "category", "did": "Int8", "x": "float32"}),
        frame.astype({"did": object, "x": object}),
    ):
        assert data_fingerprint(other, names) == expected
    assert data_fingerprint(frame.astype({"x": str}), names) != expected
    assert data_fingerprint(frame, ["city", "x"]) != data_fingerprint(frame, ["city", "did"])
    assert data_fingerprint(pd.concat([frame, frame]), names) != expected
    # Text that looks like a missing mark isn't one, and cells don't run into each other.
    a = pd.DataFrame({"s": ["ab", "c", None]})
    b = pd.DataFrame({"s": ["a", "bc", None]})
    c = pd.DataFrame({"s": ["ab", "c", "None"]})
    assert len({data_fingerprint(f, ["s"]) for f in (a, b, c)}) == 3
    with pytest.raises(EstimationError, match="fingerprint: the panel has no column 'z'"):
        data_fingerprint(frame, ["z"])


def test_fingerprint_is_the_same_in_every_release():
    """The recipe in bytes: to change it would make every vintage look like new data."""
    frame = pd.DataFrame({"x": [1.5, float("nan")], "city": ["110000", None]})
    text = (1).to_bytes(8, "little") + b"\x00" + (7).to_bytes(8, "little") + b"\x01110000"
    numbers = struct.pack("<Q", 0x7FF8000000000000) + struct.pack("<d", 1.5)
    recipe = b"2 rows\ntext 4 city 24\n" + text + b"\nnumber 1 x 16\n" + numbers
    assert data_fingerprint(frame, ["city", "x"]) == hashlib.sha256(recipe).hexdigest()


def test_only_the_data_of_the_study_counts_in_its_fingerprint():
    panel = toy_panel()
    base = run(panel).data_fingerprint
    assert run(panel.assign(unused=1)).data_fingerprint == base
    outside = panel.copy()
    outside.loc[outside.year == 2018, "index"] += 1
    assert run(outside).data_fingerprint == base
    inside = panel.copy()
    inside.loc[5, "index"] += 1e-12
    assert run(inside).data_fingerprint != base
