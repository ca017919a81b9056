"""Splits, tests between groups, other outcomes, lags, and columns that data can't answer."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import f as f_distribution
from study_results import estimate_study

from analysis.methods.regression.tables import TABLES
from analysis.methods.tables import DROPPED_TERM
from analysis.regression.difference import coefficient_difference, joint_equality
from analysis.regression.panel import PanelRegressionError, fit_panel
from analysis.studies import parse_study
from analysis.study import Split, SplitLevel
from analysis.study.data import EstimationError
from analysis.study.groups import NO_LEVEL, group_rows

# Two exact algorithms on data of order one: rounding stays far below.
SOLVERS = 1e-8

STUDY = """\
id: toy
title: Toy
outcome: {column: index, label: Index, unit: points, scale: 100}
policies: {did: {policy_id: pilot, label: Pilot, coverage: whole, timing: pilot_year}}
panel: {unit: city_code, time: year, years: [2010, 2017], balanced: allow}
variables:
  density: {column: population_density, transform: log, label: ln density, unit: ln}
  density_before: {column: population_density, transform: log, lag: 1, label: L, unit: ln}
  skill: {column: skill, label: Skill, unit: ratio}
  other: {column: other, scale: 10, label: Other outcome, unit: points}
controls: [density]
cluster: city_code
regression:
  - id: groups
    title: By groups
    columns:
      - id: region
        label: Region
        regressors: [did]
        controls: true
        effects: [city, year]
        split:
          by: region
          levels:
            - {id: w, value: west, label: West}
            - {id: e, value: east, label: East}
            - {id: c, value: central, label: Central}
      - id: wealth
        label: Wealth
        regressors: [did, skill]
        controls: true
        effects: [city, year]
        split:
          by: wealth
          at: median
          over: [2010, 2011]
          levels:
            - {id: rich, value: high, label: Rich}
            - {id: poor, value: low, label: Poor}
  - id: measures
    title: Other measures
    outcome: other
    columns:
      - {id: "1", label: Of the table, regressors: [did], controls: true, effects: [city, year]}
      - {id: "2", label: Own, outcome: skill, regressors: [did], controls: true, effects: [city, year]}
      - {id: "3", label: Lagged, regressors: [did], controls: [density_before], effects: [city, year]}
"""


def toy_panel(seed: int = 0, n_cities: int = 36) -> pd.DataFrame:
    """Cities by year, the effect of `did` differing by region; some rows are missing."""
    rng = np.random.default_rng(seed)
    years = np.arange(2009, 2019)
    city, year = np.repeat(np.arange(n_cities), len(years)), np.tile(years, n_cities)
    first = rng.choice([2012, 2013, 2014, 9999], n_cities)[city]
    did = (year >= first).astype(int)
    region = np.array(["east", "west", "central"])[city % 3]
    effect = np.array([0.5, 1.0, -0.5])[city % 3]
    density = np.exp(rng.normal(5, 1, len(city)))
    skill = rng.normal(size=len(city)) + 0.4 * did + rng.normal(size=n_cities)[city]
    trend = rng.normal(size=n_cities)[city] + 0.1 * (year - 2009)
    noise = rng.normal(size=len(city)) * rng.uniform(0.5, 2, n_cities)[city]
    index = effect * did + 0.2 * np.log(density) + 0.3 * skill + trend + 0.5 * noise
    panel = pd.DataFrame(
        {
            "city_code": [f"{c:06d}" for c in 110000 + city],
            "year": year,
            "did": did,
            "population_density": density,
            "index": index / 100,
            "skill": skill,
            "other": index / 10 + rng.normal(size=len(city)),
            "wealth": rng.normal(size=n_cities)[city] + 0.1 * rng.normal(size=len(city)) + did,
            "region": region,
            "province": city // 4,
        }
    )
    return panel.drop(index=panel.index[::37]).reset_index(drop=True)


def run(panel: pd.DataFrame, *changes: tuple[str, str]):
    text = STUDY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return estimate_study(parse_study(text, "toy.yml"), panel)


def row_of(frame: pd.DataFrame, **key: str) -> pd.Series:
    for name, value in key.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1, frame
    return frame.iloc[0]


def in_years(panel: pd.DataFrame) -> pd.DataFrame:
    data = panel[panel.year.between(2010, 2017)]
    return data.assign(y=100 * data["index"], density=np.log(data.population_density))


def wealth_groups(data: pd.DataFrame) -> pd.Series:
    early = data[data.year <= 2011].groupby("city_code").wealth.mean()
    own = data.city_code.map(early)
    return pd.Series(np.where(own > early.median(), "high", "low"), data.index).where(own.notna())


# --- groups --------------------------------------------------------------------------------


def test_each_group_is_the_regression_on_its_cities_alone():
    panel = toy_panel()
    result = run(panel)
    data = in_years(panel)
    data["rich"] = wealth_groups(data)
    samples = {
        "w": (data.region == "west", "y ~ did + density"),
        "e": (data.region == "east", "y ~ did + density"),
        "c": (data.region == "central", "y ~ did + density"),
        "rich": (data.rich == "high", "y ~ did + skill + density"),
        "poor": (data.rich == "low", "y ~ did + skill + density"),
    }
    for column, (mask, formula) in samples.items():
        theirs = smf.ols(f"{formula} + C(city_code) + C(year)", data[mask]).fit()
        ours = row_of(result.estimate, design="groups", column_id=column, term="did")
        fit = row_of(result.model_fit, design="groups", column_id=column)
        assert ours.estimate == pytest.approx(theirs.params["did"], abs=SOLVERS)
        assert fit.n_obs == int(mask.sum()) == theirs.nobs
        assert fit.n_units == data[mask].city_code.nunique()


def test_groups_of_a_split_share_out_the_rows_of_the_study():
    panel = toy_panel()
    result = run(panel)
    steps = result.sample_account[result.sample_account.design == "groups"]
    by_column = steps.pivot(index="column_id", columns="step", values="n_rows")
    assert (by_column.sum(axis=1) == len(panel)).all()
    n = len(in_years(panel))
    assert by_column.loc[["w", "e", "c"], "used"].sum() == n
    assert by_column.loc[["rich", "poor"], "used"].sum() == n - by_column.loc["rich", "no_group"]
    # Tables without a split have the steps that they had.
    plain = result.sample_account[result.sample_account.design == "measures"]
    assert not {"no_group", "other_group"} & set(plain.step)


@pytest.mark.parametrize("cluster", ["city_code", "province"])
@pytest.mark.parametrize("effects", ["city + year", "city", "none"])
def test_the_difference_is_that_of_the_fully_interacted_regression(effects, cluster):
    """Against statsmodels with every dummy interacted; a province lies in both groups."""
    panel = in_years(toy_panel(3))
    panel = panel[panel.region != "central"]
    west = panel.region == "west"
    keys = {"city + year": ("unit", "time"), "city": ("unit",), "none": ()}[effects]
    fits = [
        fit_panel(
            part.y, part[["did", "density"]], part.city_code, part.year, effects=keys,
            cluster=part[cluster], names=("did", "density"),
        )
        for part in (panel[west], panel[~west])
    ]  # fmt: skip
    ours = coefficient_difference(*fits, "did")
    inside = west.to_numpy(float)[:, None]
    slopes = panel[["did", "density"]].to_numpy(float)
    city = pd.get_dummies(panel.city_code).to_numpy(float)
    year = pd.get_dummies(panel.year).to_numpy(float)[:, 1:]
    dummies = {
        "city + year": [city, year * (1 - inside), year * inside],
        "city": [city],
        "none": [np.ones_like(inside), inside],
    }[effects]
    design = np.column_stack([slopes[:, :1] * inside, slopes, slopes[:, 1:] * inside, *dummies])
    rank = design.shape[1]
    assert np.linalg.matrix_rank(design) == rank
    theirs = sm.OLS(panel.y.to_numpy(), design).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(panel[cluster])[0]}
    )
    assert ours.difference == pytest.approx(theirs.params[0], abs=SOLVERS)
    # statsmodels counts every coefficient; fixest none of the city effects that lie in clusters.
    n, n_cities, n_years = len(panel), panel.city_code.nunique(), panel.year.nunique()
    counted = {
        "none": rank,
        # Nested effects count as one in all; of the years of two groups, fixest takes out one set.
        "city": 4 + 1,
        "city + year": 4 + 2 * n_years,
    }[effects]
    to_fixest = np.sqrt((n - rank) / (n - counted))
    assert ours.std_error == pytest.approx(theirs.bse[0] * to_fixest, rel=SOLVERS)
    assert (ours.n_obs, ours.n_clusters) == (n, panel[cluster].nunique())
    assert n_cities > ours.n_clusters or cluster == "city_code"


def fits_by_region(panel: pd.DataFrame, effects, cluster: str):
    return [
        fit_panel(
            part.y, part[["did", "density"]], part.city_code, part.year, effects=effects,
            cluster=part[cluster], names=("did", "density"),
        )
        for _, part in panel.groupby("region")
    ]  # fmt: skip


@pytest.mark.parametrize("cluster", ["city_code", "province"])
@pytest.mark.parametrize("effects", ["city + year", "city", "none"])
def test_the_joint_test_is_the_wald_test_of_the_fully_interacted_regression(effects, cluster):
    """Three regions at once, against statsmodels; a province lies in all of them."""
    panel = in_years(toy_panel(3))
    keys = {"city + year": ("unit", "time"), "city": ("unit",), "none": ()}[effects]
    ours = joint_equality(fits_by_region(panel, keys, cluster), "did")
    inside = pd.get_dummies(panel.region).to_numpy(float)
    slopes = [panel[[name]].to_numpy(float) * inside for name in ("did", "density")]
    city = pd.get_dummies(panel.city_code).to_numpy(float)
    year = pd.get_dummies(panel.year).to_numpy(float)[:, 1:]
    dummies = {
        "city + year": [city, *(year * inside[:, [k]] for k in range(3))],
        "city": [city],
        "none": [inside],
    }[effects]
    design = np.column_stack([*slopes, *dummies])
    rank = design.shape[1]
    assert np.linalg.matrix_rank(design) == rank
    theirs = sm.OLS(panel.y.to_numpy(), design).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(panel[cluster])[0]}, use_t=True
    )
    contrasts = np.zeros((2, rank))
    contrasts[:, :3] = [[1, -1, 0], [0, 1, -1]]
    test = theirs.f_test(contrasts)
    n, n_years = len(panel), panel.year.nunique()
    # statsmodels counts every coefficient; fixest none of the city effects that lie in clusters.
    counted = {"none": rank, "city": 6 + 1, "city + year": 6 + 3 * n_years}[effects]
    assert ours.f_statistic == pytest.approx(
        float(test.fvalue) * (n - counted) / (n - rank), rel=SOLVERS
    )
    assert (ours.df_test, ours.df_resid) == (2, panel[cluster].nunique() - 1)
    assert (ours.n_obs, ours.n_clusters) == (n, panel[cluster].nunique())
    assert ours.df_resid == test.df_denom
    assert ours.p_value == pytest.approx(f_distribution.sf(ours.f_statistic, 2, test.df_denom))


@pytest.mark.parametrize("effects", [("unit", "time"), ("unit",), ()])
def test_of_two_groups_the_joint_test_is_the_pairwise_one(effects):
    fits = fits_by_region(in_years(toy_panel(4)), effects, "province")[:2]
    pair, joint = coefficient_difference(*fits, "did"), joint_equality(fits, "did")
    assert joint.f_statistic == pytest.approx(pair.t_value**2, rel=SOLVERS)
    assert joint.p_value == pytest.approx(pair.p_value, rel=SOLVERS)
    with pytest.raises(PanelRegressionError, match="one fit alone"):
        joint_equality(fits[:1], "did")


def test_the_order_of_groups_changes_no_joint_test():
    fits = fits_by_region(in_years(toy_panel(5)), ("unit", "time"), "city_code")
    first = joint_equality(fits, "did")
    for order in ([1, 2, 0], [2, 1, 0]):
        other = joint_equality([fits[k] for k in order], "did")
        assert other.f_statistic == pytest.approx(first.f_statistic, rel=SOLVERS)


def test_every_split_and_regressor_has_a_joint_test():
    result = run(toy_panel())
    joint = result.split_joint_test
    cells = joint[["split_id", "term", "n_groups", "columns", "labels"]].to_numpy().tolist()
    assert cells == [
        ["region", "did", 3, "w+e+c", "West; East; Central"],
        ["wealth", "did", 2, "rich+poor", "Rich; Poor"],
        ["wealth", "skill", 2, "rich+poor", "Rich; Poor"],
    ]
    pairs = result.split_test.query("split_id == 'wealth'")
    np.testing.assert_allclose(
        joint.f_statistic.iloc[1:].to_numpy(float), pairs.t_value.to_numpy(float) ** 2
    )
    used = result.model_fit.query("column_id in ['w', 'e', 'c']")
    assert joint.n_obs.iloc[0] == used.n_obs.sum()
    # The effects planted in the regions are 1, 0.5 and -0.5.
    assert joint.p_value.iloc[0] < 0.01
    assert {c: str(t) for c, t in joint.dtypes.items()} == TABLES["split_joint_test"].kinds


def test_every_pair_of_groups_and_every_regressor_is_compared():
    result = run(toy_panel())
    tests = result.split_test
    assert list(zip(tests.split_id, tests.term, tests.column_a, tests.column_b, strict=True)) == [
        ("region", "did", "w", "e"),
        ("region", "did", "w", "c"),
        ("region", "did", "e", "c"),
        ("wealth", "did", "rich", "poor"),
        ("wealth", "skill", "rich", "poor"),
    ]
    np.testing.assert_allclose(
        (tests.estimate_a - tests.estimate_b).to_numpy(float), tests.difference.to_numpy(float)
    )
    assert tests.label_b.iloc[0] == "East"
    assert {c: str(t) for c, t in tests.dtypes.items()} == TABLES["split_test"].kinds


@pytest.mark.verify
def test_equal_effects_are_refused_as_often_as_they_should_be():
    """Size of the test at 5 % under equal effects, 1,000 panels of 60 cities, three groups."""
    rng = np.random.default_rng(11)
    n_cities, n_years, draws = 60, 6, 1000
    city, year = np.repeat(np.arange(n_cities), n_years), np.tile(np.arange(n_years), n_cities)
    rejected = {"pair": 0, "all": 0}
    for _ in range(draws):
        did = (year >= rng.choice([2, 3, 99], n_cities)[city]).astype(float)
        # Noise that lasts within cities, as outcomes do.
        noise = rng.normal(size=(n_cities, n_years)).cumsum(axis=1).ravel()
        fits = [
            fit_panel(
                noise[part], did[part, None], city[part], year[part],
                effects=("unit", "time"), names=("did",),
            )
            for part in (city % 3 == 0, city % 3 == 1, city % 3 == 2)
        ]  # fmt: skip
        rejected["pair"] += coefficient_difference(*fits[:2], "did").p_value < 0.05
        rejected["all"] += joint_equality(fits, "did").p_value < 0.05
    print({name: n / draws for name, n in rejected.items()})
    # Three standard errors of 1,000 draws at 5 % are 2.1 points; clusters are few (20 in a group),
    # so clustered errors are a bit short.
    assert all(0.029 < n / draws < 0.1 for n in rejected.values())


def test_fits_that_can_not_be_compared_are_refused():
    panel = in_years(toy_panel())
    x, names = panel[["did"]], ("did",)
    both = fit_panel(panel.y, x, panel.city_code, panel.year, effects=("unit", "time"), names=names)
    city = fit_panel(panel.y, x, panel.city_code, panel.year, effects=("unit",), names=names)
    with pytest.raises(PanelRegressionError, match="the same effects"):
        coefficient_difference(both, city, "did")
    with pytest.raises(PanelRegressionError, match="one convention"):
        coefficient_difference(both, both.under("linearmodels"), "did")
    with pytest.raises(PanelRegressionError, match="no term 'x'"):
        coefficient_difference(both, both, "x")


# --- who is in which group ------------------------------------------------------------------


def split_of(**keys) -> Split:
    values = keys.pop("values")
    levels = tuple(SplitLevel(id=f"c{k}", value=v, label=str(v)) for k, v in enumerate(values))
    return Split(levels=levels, **keys)


def test_a_city_keeps_the_group_of_the_year_it_is_told_by():
    rows = pd.DataFrame(
        {
            "city": list("aaabbbccc"),
            "year": [2010, 2011, 2012] * 3,
            "large": [False, True, True, True, True, False, None, True, True],
        }
    )
    split = split_of(by="large", as_of=2010, values=(True, False))
    groups = group_rows(split, rows, "city", "year")
    assert groups.level.tolist() == [1] * 3 + [0] * 3 + [NO_LEVEL] * 3
    by_row = group_rows(split_of(by="large", values=(True, False)), rows, "city", "year")
    assert by_row.level.tolist() == [1, 0, 0, 0, 0, 1, NO_LEVEL, 0, 0]


@given(
    values=st.lists(st.one_of(st.none(), st.integers(-5, 5).map(float)), min_size=12, max_size=12)
)
@settings(max_examples=60, deadline=None)
def test_the_median_parts_cities_by_their_early_mean(values):
    rows = pd.DataFrame(
        {"city": np.repeat(list("abcdef"), 4), "year": np.tile([2010, 2011, 2012, 2013], 6)}
    )
    rows["x"] = 99.0  # later years say nothing
    rows.loc[rows.year <= 2011, "x"] = np.array(values, dtype=float)
    groups = group_rows(
        split_of(by="x", at="median", over=(2010, 2011), values=("low", "high")),
        rows.sample(frac=1, random_state=2), "city", "year",
    )  # fmt: skip
    order = rows.sample(frac=1, random_state=2)
    means = {}
    for city in "abcdef":
        early = [*rows[(rows.city == city) & (rows.year <= 2011)].x.dropna()]
        if early:
            means[city] = sum(early) / len(early)
    cut = float(np.median(list(means.values()))) if means else np.nan
    expected = [NO_LEVEL if c not in means else int(means[c] > cut) for c in order.city]
    assert groups.level.tolist() == expected
    assert groups.cut == cut or not means
    if means:
        n_low = sum(m <= cut for m in means.values())
        assert n_low >= len(means) / 2


def test_levels_must_be_written_as_the_column_has_them():
    with pytest.raises(EstimationError, match="column w: split by 'region' has the level 1, but"):
        run(toy_panel(), ("value: west", "value: 1"))
    with pytest.raises(EstimationError, match="at the median needs numbers"):
        run(toy_panel(), ("by: wealth", "by: region"))


# --- other outcomes and lags ----------------------------------------------------------------


def test_a_column_may_explain_another_variable():
    panel = toy_panel()
    result = run(panel)
    data = in_years(panel).assign(other=lambda d: 10 * d.other)
    for column, outcome in (("1", "other"), ("2", "skill")):
        theirs = smf.ols(f"{outcome} ~ did + density + C(city_code) + C(year)", data).fit()
        ours = row_of(result.estimate, design="measures", column_id=column, term="did")
        assert ours.estimate == pytest.approx(theirs.params["did"], abs=SOLVERS)
        assert row_of(result.model_fit, design="measures", column_id=column).outcome == outcome


def test_a_lag_is_the_value_of_the_year_before_and_not_of_the_row_before():
    panel = toy_panel()
    result = run(panel.sample(frac=1, random_state=4))
    data = in_years(panel)
    # The study's first year finds its year before in the panel.
    earlier = panel.assign(year=panel.year + 1, density=np.log(panel.population_density))
    before = earlier[["city_code", "year", "density"]]
    joined = data.merge(before, on=["city_code", "year"], suffixes=("", "_before"))
    theirs = smf.ols("other ~ did + density_before + C(city_code) + C(year)",
                     joined.assign(other=10 * joined.other)).fit()  # fmt: skip
    ours = row_of(result.estimate, design="measures", column_id="3", term="did")
    assert ours.estimate == pytest.approx(theirs.params["did"], abs=SOLVERS)
    missing = row_of(result.sample_missing, column_id="3", reason="no_earlier_year")
    assert missing.n_rows == len(data) - len(joined) > 0
    assert (joined.year == data.year.min()).any()


def test_the_year_before_the_study_is_input_and_the_year_after_is_not():
    panel = toy_panel()
    found = [
        run(panel.assign(population_density=panel.population_density + (panel.year == year)))
        for year in (2009, 2018)
    ]
    own = run(panel).data_fingerprint
    assert [each.data_fingerprint == own for each in found] == [False, True]


# --- what the data can't answer -------------------------------------------------------------


def test_a_variable_without_values_skips_its_columns_and_says_so():
    panel = toy_panel().assign(other=np.nan)
    result = run(panel, ("balanced: allow", "balanced: drop_incomplete_units"))
    status = result.column_status[result.column_status.design == "measures"]
    assert status.status.tolist() == ["skipped", "estimated", "skipped"]
    assert status.detail.iloc[0] == (
        "Other outcome (other) has no value in these rows of the panel"
    )
    fits = result.model_fit[result.model_fit.design == "measures"]
    assert fits.column_id[fits.n_obs.notna()].tolist() == ["2"]


def test_a_split_without_values_skips_its_columns_and_the_rest_goes_on():
    result = run(toy_panel().assign(wealth=np.nan))
    status = result.column_status.set_index("column_id")
    assert status.status[["rich", "poor"]].tolist() == ["skipped"] * 2
    assert "no city has a group: wealth has no value" in status.detail["rich"]
    assert status.status[["w", "e", "c"]].tolist() == ["estimated"] * 3
    assert set(result.split_test.split_id) == {"region"}


def test_a_group_that_can_not_carry_the_regression_is_skipped_with_the_reason():
    panel = toy_panel()
    untreated = panel.assign(did=panel.did.where(panel.region != "east", 0))
    result = run(untreated)
    status = result.column_status.set_index("column_id")
    assert status.status["e"] == "skipped"
    assert "did" in status.detail["e"] and "does not vary" in status.detail["e"]
    tests = result.split_test[result.split_test.split_id == "region"]
    assert list(zip(tests.column_a, tests.column_b, strict=True)) == [("w", "c")]
    # Nothing half-made stays of the skipped column.
    for frame in (result.estimate, result.sample_account, result.sample_missing):
        assert "e" not in set(frame.column_id[frame.design == "groups"])
    none = run(panel[panel.region != "east"])
    status = none.column_status.set_index("column_id")
    assert status.detail["e"] == "no city in the group east (by region)"
    misspelt = run(panel.assign(region=panel.region.replace("east", "easten")))
    status = misspelt.column_status.set_index("column_id")
    assert status.detail["e"] == (
        "no city in the group east (by region); values that no group names: easten"
    )
    assert tuple(none.dropped_term.columns) == DROPPED_TERM.names
