"""Robustness tables: each variation against the column spelt out, the difference against brute force."""

import numpy as np
import pandas as pd
import pytest
from contract_toy import STUDY, toy_panel

from analysis.methods.registry import METHODS
from analysis.methods.studies import estimate_study
from analysis.regression.panel import fit_panel
from analysis.studies import parse_study
from analysis.study import StudyError
from analysis.study.references import column_named, exposures_of

ROUNDING = 1e-9  # the same numbers in another order of operations
BRUTE = 1e-7  # dummies of every city and year, in one large least squares

BASE = """\
regression:
  - id: main
    title: Main
    columns:
      - {id: "1", label: Pooled, regressors: [pilot], controls: true, effects: []}
      - {id: "2", label: Both effects, regressors: [pilot], controls: true, effects: [city, year]}
      - id: region
        label: Region
        regressors: [pilot]
        controls: true
        effects: [city, year]
        split: {by: region, levels: [{id: e, value: east, label: East}, {id: w, value: west, label: West}]}
"""
TABLE = (
    "robustness:\n  - {id: otherwise, title: Otherwise, column: main.2, variations: [VARIATIONS]}\n"
)


def robust(*variations: str) -> str:
    return BASE + TABLE.replace("VARIATIONS", ", ".join(f"{{label: V, {v}}}" for v in variations))


def frames(text: str, panel: pd.DataFrame | None = None, study: str = STUDY):
    made = estimate_study(
        parse_study(study + text, "toy.yml"), toy_panel() if panel is None else panel, METHODS
    )
    return made.frames


def column_of(found, method: str, column_id: str) -> pd.DataFrame:
    mine = found["estimate"].query("method == @method and column_id == @column_id")
    return mine.set_index("term")[["estimate", "std_error", "p_value", "df"]].astype(float)


SPELT_OUT = {
    "id: v, sample: [{column: region, none_of: [west]}]": "sample: [{column: region, none_of: [west]}]",
    "id: v, add: [other]": "controls: [other, density, wealth]",
    "id: v, controls: [wealth]": "controls: [wealth]",
    "id: v, outcome: skill": "outcome: skill",
    "id: v, effects: [city]": "effects: [city]",
    "id: v, lag_controls: 1": "controls: [density_before, wealth_before]",
    "id: v, lag_controls: 2, sample: [{column: year, at_least: 2013}]": (
        "controls: [density_two, wealth_two], sample: [{column: year, at_least: 2013}]"
    ),
}
LAGGED = STUDY.replace(
    "variables:\n",
    "variables:\n"
    + "".join(
        f"  {name}_{word}: {{column: {name}, lag: {lag}, label: L, unit: ratio}}\n"
        for name in ("density", "wealth")
        for word, lag in (("before", 1), ("two", 2))
    ),
)


@pytest.mark.parametrize("line", SPELT_OUT)
def test_a_variation_is_the_column_that_it_would_be_spelt_out(line):
    keys = {"regressors": "[pilot]", "controls": "true", "effects": "[city, year]"}
    given = SPELT_OUT[line]
    told = ", ".join(f"{k}: {v}" for k, v in keys.items() if f"{k}:" not in given)
    whole = BASE.replace(
        "      - id: region",
        f"      - {{id: spelt, label: S, {told}, {given}}}\n      - id: region",
    )
    found = frames(whole + robust(line).removeprefix(BASE), study=LAGGED)
    ours, spelt = column_of(found, "robustness", "v"), column_of(found, "regression", "spelt")
    named = spelt.rename(index=lambda term: term.removesuffix("_before").removesuffix("_two"))
    pd.testing.assert_frame_equal(ours, named.loc[ours.index], rtol=ROUNDING)
    assert len(ours) == len(spelt)


def test_winsorised_values_beyond_the_quantiles_of_the_sample_are_set_to_them():
    panel = toy_panel()
    panel.loc[panel.index[7], "density"] = 1e3  # what winsorising is for
    panel.loc[panel.index[9], "wealth"] = np.nan  # not in the sample, nor in its quantiles
    found = frames(
        robust("id: v, winsorise: 0.05, sample: [{column: region, none_of: [west]}]"), panel
    )
    rows = panel[panel.year.between(2010, 2019) & (panel.region != "west")].dropna(
        subset=["wealth"]
    )
    rows = rows.sort_values(["city_code", "year"])
    low, high = 0.05, 0.95
    cut = {
        n: rows[n].clip(rows[n].quantile(low), rows[n].quantile(high))
        for n in ("index", "density", "wealth")
    }
    fit = fit_panel(
        10 * cut["index"], np.column_stack([rows["pilot"], cut["density"], cut["wealth"]]),
        rows.city_code, rows.year, effects=("unit", "time"), names=("pilot", "density", "wealth"),
    )  # fmt: skip
    ours = column_of(found, "robustness", "v")
    assert ours.loc["pilot"].tolist() == pytest.approx(
        [fit.coefficients[0], fit.std_errors[0], fit.p_values[0], fit.df_resid], rel=ROUNDING
    )
    assert (column_of(found, "regression", "2").loc["density"] != ours.loc["density"]).any()


def with_rules(panel: pd.DataFrame) -> pd.DataFrame:
    """The panel with two further rules of the pilot: a year later, and one city more."""
    later = panel["pilot_first_year"] + 1
    part = panel["pilot_first_year"].where(panel["city_code"] != "110003", 2015)
    for name, first in (("whole_announcement_year", later), ("any_part_pilot_year", part)):
        panel[f"pilot_by_{name}"] = (panel.year >= first).astype(int)
        panel[f"pilot_by_{name}_first_year"] = first
    return panel


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("id: v, timing: announcement_year", "pilot_by_whole_announcement_year"),
        ("id: v, coverage: any_part", "pilot_by_any_part_pilot_year"),
    ],
)
def test_another_rule_of_the_policy_is_its_own_treatment_under_the_same_name(line, rule):
    panel = with_rules(toy_panel())
    found = frames(robust(line), panel)
    swapped = panel.assign(pilot=panel[rule], pilot_first_year=panel[f"{rule}_first_year"])
    expected = column_of(frames(BASE, swapped), "regression", "2")
    ours = column_of(found, "robustness", "v")
    pd.testing.assert_frame_equal(ours, expected.loc[ours.index], rtol=ROUNDING)
    (fit,) = found["model_fit"].query("method == 'robustness'").to_dict("records")
    assert (
        fit["n_treated_units"]
        == panel.loc[panel.year.between(2010, 2019) & (panel[rule] == 1), "city_code"].nunique()
    )


def test_years_since_the_first_by_that_rule_are_left_out_and_counted():
    panel = with_rules(toy_panel())
    found = frames(robust("id: v, timing: announcement_year, leave_out: [0]"), panel)
    rule = "pilot_by_whole_announcement_year"
    swapped = panel.assign(pilot=panel[rule])[panel.year != panel[f"{rule}_first_year"]]
    expected = column_of(frames(BASE, swapped), "regression", "2")
    ours = column_of(found, "robustness", "v")
    pd.testing.assert_frame_equal(ours, expected.loc[ours.index], rtol=ROUNDING)
    steps = found["sample_account"].query("method == 'robustness'").set_index("step").n_rows
    assert (
        steps["left_out_event_time"]
        == panel.query("2010 <= year <= 2019 and pilot_first_year + 1 == year").shape[0]
    )
    assert steps.drop("used").sum() + steps["used"] == len(panel)


def test_a_rule_that_the_policy_has_not_skips_its_variation_alone():
    found = frames(robust("id: v, timing: announcement_year", "id: w, add: [other]"))
    fits = found["model_fit"].query("method == 'robustness'").set_index("column_id")
    assert fits.status.to_dict() == {"v": "skipped", "w": "estimated"}
    assert "timing 'announcement_year'" in fits.detail["v"]
    assert found["variation"].column_id.tolist() == ["w"]


def test_a_variation_without_rows_takes_no_other_with_it():
    found = frames(
        robust("id: v, sample: [{column: region, equals: north}]", "id: w, add: [other]")
    )
    fits = found["model_fit"].query("method == 'robustness'").set_index("column_id")
    assert fits.status.to_dict() == {"v": "skipped", "w": "estimated"}
    assert "the sample is empty" in fits.detail["v"]


def test_other_clusters_change_the_error_alone():
    found = frames(robust("id: v, cluster: region"))
    ours, base = column_of(found, "robustness", "v"), column_of(found, "regression", "2")
    assert ours.loc["pilot", "estimate"] == base.loc["pilot", "estimate"]
    assert ours.loc["pilot", "df"] == 2
    (row,) = found["variation"].to_dict("records")
    assert row["difference"] == 0 and pd.isna(row["difference_std_error"])


def stacked_by_brute_force(
    one: pd.DataFrame, two: pd.DataFrame, controls: list[str]
) -> tuple[float, float]:
    """The difference of pilot's coefficients and its error: both samples in one regression of dummies."""
    blocks, outcomes, clusters = [], [], []
    for k, rows in enumerate((one, two)):
        x = [rows["pilot"], *(rows[c] for c in controls)]
        x += [(rows.city_code == c) for c in sorted(one.city_code.unique())]
        x += [(rows.year == t) for t in range(2011, 2020)]
        x = np.column_stack([np.asarray(c, dtype=float) for c in x])
        blocks.append(np.hstack([np.zeros_like(x)] * k + [x] + [np.zeros_like(x)] * (1 - k)))
        outcomes.append(10 * rows["index"].to_numpy())
        clusters.append(rows.city_code.to_numpy())
    x, y, cluster = np.vstack(blocks), np.concatenate(outcomes), np.concatenate(clusters)
    half = x.shape[1] // 2
    pinv = np.linalg.pinv(x)
    residual = y - x @ (pinv @ y)
    scores = (pinv[half] - pinv[0]) * residual
    sums = pd.Series(scores).groupby(cluster).sum()
    b = pinv @ y
    return b[half] - b[0], float(np.sqrt((sums**2).sum()))


def test_the_difference_and_its_error_are_those_of_both_equations_stacked():
    panel = toy_panel()
    found = frames(robust("id: v, sample: [{column: density, at_most: 1.0}]"))
    rows = panel[panel.year.between(2010, 2019)]
    difference, bare = stacked_by_brute_force(
        rows, rows[rows.density <= 1.0], ["density", "wealth"]
    )
    (row,) = found["variation"].to_dict("records")
    assert row["difference"] == pytest.approx(difference, rel=BRUTE)
    n, g = len(rows) + (rows.density <= 1.0).sum(), 48
    counted = 2 * 3 + 2 * 10 - 1 + 1  # slopes and years of both; cities are nested in the clusters
    factor = g / (g - 1) * (n - 1) / (n - counted)
    assert row["difference_std_error"] == pytest.approx(bare * np.sqrt(factor), rel=2e-3)
    assert row["n_shared"] == row["n_obs"] == (rows.density <= 1.0).sum()


def test_a_reference_finds_columns_of_both_kinds_of_tables():
    study = parse_study(STUDY + robust("id: v, timing: announcement_year"), "toy.yml")
    assert column_named(study, "main.1").effects == ()
    assert column_named(study, "otherwise.v").reading.policy.timing == "announcement_year"
    assert list(exposures_of(study)) == ["pilot", "other", "pilot_by_whole_announcement_year"]
    with pytest.raises(KeyError):
        column_named(study, "otherwise.v", own=True)


@pytest.mark.parametrize(
    ("lines", "change", "message"),
    [
        (("id: v, add: [other]",), ("main.2", "main.3"), "did you mean 'main.2'.*there are main.1, main.2$"),
        (("id: v, add: [other]",), ("main.2", "otherwise.v"), "a column of this study as design.column"),
        (("id: v, add: [other]",), ("main.2", "main.e"), "is for the group 'East'"),
        (("id: v",), None, "what is done otherwise: one of sample, add"),
        (("id: v, add: [othr]",), None, "'othr' .did you mean 'other'"),
        (("id: v, outcome: density",), None, "as the outcome or on the right-hand side"),
        (("id: v, add: [density]",), None, "each once, found 'density' again"),
        (("id: v, add: [pilot]",), None, "found 'pilot'"),
        (("id: v, timing: pilot_year",), None, "another rule than the study's own"),
        (("id: v, winsorise: 0.5",), None, "a share between 0 and 0.5"),
        (("id: v, published_column: 1, add: [other]",), None, "a key 'published' in 'otherwise'"),
        (("id: v, add: [other]", "id: v, controls: false"), None, "found 'v' again"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_study_file_is_told_before_the_work(lines, change, message):
    text = robust(*lines)
    text = text.replace(*change) if change else text
    with pytest.raises(StudyError, match=message):
        parse_study(STUDY + text, "toy.yml")


TAKEN_UP = {
    "event_study": "{id: d, title: T, KEYS, window: [-3, 4], seed: 5}",
    "placebo": "{id: d, title: T, KEYS, draws: 100, moved: [1], seed: 5}",
}


@pytest.mark.parametrize("method", TAKEN_UP)
def test_a_column_that_is_taken_up_is_the_equation_spelt_out(method):
    def run(keys: str) -> dict[str, pd.DataFrame]:
        design = f"{method}: [{TAKEN_UP[method].replace('KEYS', keys)}]\n"
        found = frames(
            robust("id: v, sample: [{column: region, none_of: [west]}], add: [other]") + design
        )
        return {n: found[n] for n in ("estimate", "model_fit", "event_time", "placebo_draw")}

    spelt = "controls: [other, density, wealth], effects: [city, year]"
    spelt += ", sample: [{column: region, none_of: [west]}]"
    taken, own = run("column: otherwise.v"), run(spelt)
    for name in taken:
        mine, other = (
            f[f["method"] == method] if "method" in f else f for f in (taken[name], own[name])
        )
        assert len(mine) or name != "estimate"
        pd.testing.assert_frame_equal(mine.drop(columns="spec_hash", errors="ignore"),
                                      other.drop(columns="spec_hash", errors="ignore"))  # fmt: skip


def test_an_event_study_of_another_rule_counts_years_by_it():
    panel = with_rules(toy_panel())
    design = "event_study: [{id: d, title: T, column: otherwise.v, window: [-3, 4], seed: 5}]\n"
    found = frames(robust("id: v, timing: announcement_year") + design, panel)
    rule = "pilot_by_whole_announcement_year"
    swapped = panel.assign(pilot=panel[rule], pilot_first_year=panel[f"{rule}_first_year"])
    plain = "event_study: [{id: d, title: T, controls: true, effects: [city, year], window: [-3, 4], seed: 5}]\n"
    expected = frames(plain, swapped)["event_time"]
    pd.testing.assert_frame_equal(found["event_time"], expected)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("column: main.2, controls: true", "either column: design.column, which has them all"),
        ("controls: true", "controls and effects, or column"),
        ("column: main.9", "a column of this study as design.column, found 'main.9'"),
        ("column: main.e", "is for the group 'East'"),
    ],
)
def test_a_design_takes_up_one_column_or_spells_its_equation_out(keys, message):
    design = f"placebo: [{TAKEN_UP['placebo'].replace('KEYS', keys)}]\n"
    with pytest.raises(StudyError, match=message):
        parse_study(STUDY + BASE + design, "toy.yml")


def test_years_by_group_and_trends_are_fits_with_them_and_say_so():
    panel = toy_panel()
    panel.loc[panel.index[:3], "region"] = None  # rows without a group are left out, and counted
    found = frames(robust("id: v, year_by: region", "id: w, city_trends: true"), panel)
    rows = panel[panel.year.between(2010, 2019)].sort_values(["city_code", "year"])
    for column, options, used in (
        ("v", {"time_by": rows.region.dropna()}, rows.dropna(subset=["region"])),
        ("w", {"trends": True}, rows),
    ):
        fit = fit_panel(
            10 * used["index"], used[["pilot", "density", "wealth"]], used.city_code, used.year,
            effects=("unit", "time"), names=("pilot", "density", "wealth"), **options,
        )  # fmt: skip
        ours = column_of(found, "robustness", column).loc["pilot"]
        assert ours.tolist()[:2] == pytest.approx(
            [fit.coefficients[0], fit.std_errors[0]], rel=ROUNDING
        )
    effects = found["model_fit"].query("method == 'robustness'").effects.tolist()
    assert effects == ["city+year by region", "city+year+city trends"]
    changes = found["variation"].set_index("column_id").difference_p
    assert changes.notna().tolist() == [True, False]


def test_trends_and_years_by_group_are_not_taken_up_where_they_can_not_be_drawn():
    design = f"placebo: [{TAKEN_UP['placebo'].replace('KEYS', 'column: otherwise.v')}]\n"
    with pytest.raises(StudyError, match="effects of cities and years alone, without trends"):
        parse_study(STUDY + robust("id: v, city_trends: true") + design, "toy.yml")
    with pytest.raises(StudyError, match="city_trends: expected a column with city effects"):
        parse_study(STUDY + robust("id: v, city_trends: true").replace("main.2", "main.1"), "t.yml")
