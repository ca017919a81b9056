"""The referee: it agrees with sound fits, and finds each planted error."""

from dataclasses import replace

import numpy as np
import pytest
from test_estimation import STUDY, toy_panel
from test_panel_regression import COLUMN_TYPES, random_panel

import analysis.methods.regression.run
from analysis.methods.regression.run import estimate_study
from analysis.methods.tables import REFERENCE_CHECK
from analysis.regression import CONVENTIONS, fit_panel
from analysis.regression.reference import AGREEMENT, SSR_AGREEMENT, check_fit
from analysis.study import parse_study
from expectations import load_suite

ROUNDING = 1e-9  # of a standard error: what two exact algorithms leave, far below AGREEMENT
PLANTED = 10 * AGREEMENT  # a tenth of it would pass; seven digits are more than any table prints

FURTHER_TABLES = """\
  - id: second
    title: Second
    columns:
      - {id: "1", label: Both, regressors: [did], controls: false, effects: [city, year]}
      - {id: "2", label: City, regressors: [did], controls: false, effects: [city]}
  - id: groups
    title: Groups
    columns:
      - id: half
        label: Half
        regressors: [did]
        controls: true
        effects: [city, year]
        split:
          by: half
          levels:
            - {id: n, value: none, label: None}
            - {id: o, value: odd, label: Odd}
            - {id: e, value: even, label: Even}
mediation:
  - id: paths
    title: Paths
    mediators: [empty, skill]
    controls: true
    effects: [city, year]
    draws: 100
    seed: 3
"""


WITH_MEDIATORS = STUDY.replace(
    "variables:\n",
    "variables:\n"
    "  empty: {column: nothing, label: Empty, unit: ratio}\n"
    "  skill: {column: skill, label: Skill, unit: ratio}\n",
)


def fitted(effects=("unit", "time"), k=4, seed=3, **options):
    """A fit, and what the referee is given of it."""
    y, x, unit, time = random_panel(seed)
    arrays = {"y": y, "x": x[:, :k], "unit": unit, "time": time}
    arrays |= {"effects": effects, "names": tuple("abcd"[:k])}
    arrays |= {"cluster": options.pop("cluster")(unit)} if "cluster" in options else {}
    return fit_panel(**arrays, **options), arrays


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("kind", COLUMN_TYPES)
def test_agrees_in_every_convention(kind, convention):
    effects, k = COLUMN_TYPES[kind]
    fit, arrays = fitted(effects, k, convention=convention)
    check = check_fit(fit, **arrays)
    assert check.names == fit.names
    assert check.differences.max() < ROUNDING
    assert check.agrees.all()
    assert check.detail == ""
    assert check.library.startswith("linearmodels ")


@pytest.mark.parametrize("effects", [(), ("unit",), ("time",), ("unit", "time")])
@pytest.mark.parametrize(
    "cluster", [lambda u: u // 3, lambda u: (7 * u) % 11], ids=["coarse", "mixed"]
)
def test_agrees_with_clusters_wider_than_units(effects, cluster):
    fit, arrays = fitted(effects, cluster=cluster)
    assert fit.n_clusters < fit.n_units
    assert check_fit(fit, **arrays).differences.max() < ROUNDING


def test_agrees_on_missing_values_dropped_terms_and_any_unit_of_measurement():
    y, x, unit, time = random_panel(5)
    y[3], x[10, 1], x[20, 2] = np.nan, np.inf, np.nan
    x = np.column_stack([x, x[:, 1] - x[:, 3]]) * [1, 1e9, 1e-9, 1, 1]
    x[:, 4] = x[:, 1] / 1e9 - x[:, 3]
    arrays = {"y": y, "x": x, "unit": unit.astype(str), "time": time}
    arrays |= {"effects": ("unit", "time"), "names": ("a", "b", "c", "d", "e")}
    fit = fit_panel(**arrays)
    assert [term.name for term in fit.dropped] == ["e"]
    check = check_fit(fit, **arrays)
    assert check.names == ("a", "b", "c", "d", "constant")
    assert check.differences.max() < ROUNDING


@pytest.mark.parametrize("part", ["coefficients", "std_errors"])
@pytest.mark.parametrize("term", range(5))
def test_finds_a_planted_error_at_its_term(part, term):
    fit, arrays = fitted()
    wrong = getattr(fit, part).copy()
    wrong[term] += PLANTED * fit.std_errors[term]
    check = check_fit(replace(fit, **{part: wrong}), **arrays)
    assert list(np.flatnonzero(~check.agrees)) == [term]
    assert check.differences[term] == pytest.approx(PLANTED, rel=1e-3)


def test_finds_a_lost_row_other_clusters_another_sum_and_another_convention():
    fit, arrays = fitted()
    rows = ("y", "x", "unit", "time")
    lost = fit_panel(**arrays | {name: arrays[name][1:] for name in rows})
    assert not check_fit(lost, **arrays).agrees.any()
    wider = fit_panel(**arrays, cluster=arrays["unit"] // 3)
    assert not check_fit(wider, **arrays).agrees.any()
    other_sum = replace(fit, rss=fit.rss * (1 + 10 * SSR_AGREEMENT))
    assert not check_fit(other_sum, **arrays).agrees.any()
    mislabelled = replace(fit.under("stata_areg"), df_convention="fixest")
    assert not check_fit(mislabelled, **arrays).agrees.any()


def test_says_why_it_has_no_number():
    fit, arrays = fitted()
    absorbed = arrays["x"].copy()
    absorbed[:, 1] = arrays["unit"]
    check = check_fit(fit, **arrays | {"x": absorbed})
    assert not check.agrees.any()
    assert np.isnan(check.differences).all()
    assert "linearmodels" in check.detail
    assert "absorbed" in check.detail


def test_a_study_has_its_tables_refereed():
    study = parse_study(WITH_MEDIATORS + FURTHER_TABLES, "toy.yml")
    panel = toy_panel()
    panel["half"] = np.where(panel["city_code"].rank(method="dense") % 2, "odd", "even")
    panel["nothing"] = np.nan
    panel["skill"] = panel["index"] + np.cos(np.arange(len(panel)))
    found = estimate_study(study, panel)
    check = found.reference_check
    place = ["study", "table_id", "column_id", "term"]
    columns = check[["part", "table_id", "column_id"]].drop_duplicates()
    first = found.model_fit.query("table_id == 'main'").column_id
    assert columns.to_numpy().tolist() == [
        *(["first_table", "main", column] for column in first),
        ["further_table", "second", "1"],
        # No city is in the group "none": the first group that can be estimated.
        ["further_table", "groups", "o"],
        # The first mediator has no value: the total effect, and both steps of the second.
        ["mediation", "paths", "1"],
        ["mediation", "paths", "4"],
        ["mediation", "paths", "5"],
    ]
    released = found.estimate.merge(check[["table_id", "column_id"]].drop_duplicates())
    for name in (*place, "estimate", "std_error"):
        assert check[name].tolist() == released[name].tolist()
    assert check["agrees"].all()
    assert check["difference"].max() < ROUNDING
    assert check["ssr_difference"].max() < ROUNDING / 10
    assert (check["detail"] == "").all()
    assert {c: str(t) for c, t in check.dtypes.items()} == REFERENCE_CHECK.kinds


def test_an_engine_with_an_error_is_found_in_the_study(monkeypatch):
    def careless(*args, **kwargs):
        fit = fit_panel(*args, **kwargs)
        return replace(fit, std_errors=fit.std_errors * (1 + 1 / fit.n_obs))

    monkeypatch.setattr(analysis.methods.regression.run, "fit_panel", careless)
    check = estimate_study(parse_study(STUDY, "toy.yml"), toy_panel()).reference_check
    assert not check["agrees"].any()
    n_obs = 160
    assert check["difference"].to_numpy() == pytest.approx(np.full(len(check), 1 / n_obs))


def test_the_gate_asks_for_the_same_agreement():
    rule = next(r for r in load_suite("estimates").rules if r.id == "engine_agrees_with_reference")
    query = rule.unexpected_rows_query
    assert f"difference <= {AGREEMENT:.0e}".replace("e-06", "e-6") in query
    assert f"<= {SSR_AGREEMENT:.0e} * reference_ssr".replace("e-09", "e-9") in query
