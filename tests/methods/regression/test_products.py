"""Products in equations: interactions against arrays, a triple difference against means, what is refused."""

import numpy as np
import pandas as pd
import pytest
from contract_toy import STUDY, toy_panel

from analysis.methods.notes import _sides
from analysis.methods.registry import METHODS
from analysis.methods.studies import estimate_study
from analysis.regression.panel import fit_panel
from analysis.studies import parse_study
from analysis.study import StudyError

ROUNDING = 1e-9  # the same numbers in another order of operations

PRODUCTS = """\
variables:
  by_skill: {product: [pilot, skill], label: Pilot x skill, unit: ratio}
  by_skill_centred: {product: [pilot, skill], centred: true, label: Pilot x skill, unit: ratio}
  in_east: {product: [pilot, east], label: Pilot x east, unit: ratio}
  east: {column: east, label: East, unit: ratio}
"""
COLUMN = "{{id: {0}, label: L, regressors: [{1}], controls: [{2}], effects: [city, year]}}"
BASE = STUDY.replace("variables:\n", PRODUCTS)


def designs(*columns: tuple[str, str, str]) -> str:
    listed = ", ".join(COLUMN.format(*column) for column in columns)
    return f"regression: [{{id: main, title: M, columns: [{listed}]}}]\n"


def panel() -> pd.DataFrame:
    found = toy_panel().assign(east=lambda p: (p.region == "east").astype(int))
    found.loc[found.index[5], "skill"] = np.nan
    return found


def column_of(frames: dict[str, pd.DataFrame], column: str) -> pd.DataFrame:
    mine = frames["estimate"].query("column_id == @column").set_index("term")
    return mine[["estimate", "std_error"]].astype(float)


def test_a_product_is_the_two_columns_multiplied_and_lacks_what_either_lacks():
    text = BASE + designs(
        ("a", "pilot, by_skill", "skill"), ("b", "pilot, by_skill_centred", "skill")
    )
    frames = estimate_study(parse_study(text, "t.yml"), panel(), METHODS).frames
    rows = panel().query("2010 <= year <= 2019").sort_values(["city_code", "year"])
    mean, used = rows.skill.mean(), rows.dropna(subset=["skill"])
    for column, at in (("a", 0.0), ("b", mean)):
        x = np.column_stack([used.pilot, used.pilot * (used.skill - at), used.skill])
        fit = fit_panel(10 * used["index"], x, used.city_code, used.year, effects=("unit", "time"),
                        names=("pilot", "by", "skill"))  # fmt: skip
        ours = column_of(frames, column)
        np.testing.assert_allclose(ours["estimate"][:3], fit.coefficients[:3], rtol=ROUNDING)
        np.testing.assert_allclose(ours["std_error"][:3], fit.std_errors[:3], rtol=ROUNDING)
    one, two = column_of(frames, "a")["estimate"], column_of(frames, "b")["estimate"]
    assert two["pilot"] == pytest.approx(one["pilot"] + mean * one["by_skill"], rel=ROUNDING)


def test_a_triple_difference_of_four_cells_and_two_groups_is_that_of_their_means():
    rng = np.random.default_rng(0)
    cities = pd.DataFrame({"city_code": [f"{c:06d}" for c in range(40)]})
    cities["treated"], cities["east"] = np.arange(40) % 2, np.arange(40) // 20
    rows = cities.merge(pd.DataFrame({"year": [2010, 2019]}), how="cross")
    rows["pilot"] = rows.treated * (rows.year == 2019)
    rows["pilot_first_year"] = np.where(rows.treated == 1, 2019.0, np.nan)
    rows["other"], rows["index"] = 0, rng.normal(size=len(rows))
    # The group's own change is beside the product: years of each group by itself.
    variation = "{id: v, label: V, year_by: east}"
    text = BASE + designs(("a", "pilot, in_east", "")).replace("controls: []", "controls: false")
    text += f"robustness: [{{id: r, title: R, column: main.a, variations: [{variation}]}}]\n"
    frames = estimate_study(parse_study(text, "t.yml"), rows, METHODS).frames
    ours = frames["estimate"].query("method == 'robustness' and term == 'in_east'")["estimate"]
    wide = rows.pivot(index=["treated", "east", "city_code"], columns="year", values="index")
    change = (10 * (wide[2019] - wide[2010])).groupby(["treated", "east"]).mean()
    double = change[1] - change[0]
    assert ours.item() == pytest.approx(double[1] - double[0], rel=ROUNDING)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            BASE.replace("[pilot, skill], label", "[pilot, skil], label"),
            "'skil' .did you mean 'skill'",
        ),
        (BASE.replace("[pilot, skill], label", "[pilot, in_east], label"), "found 'in_east'"),
        (BASE.replace("[pilot, skill], label", "[skill, skill], label"), "two names of the study"),
        (
            BASE.replace("[pilot, skill], label", "[pilot, skill], lag: 1, label"),
            "give its factors",
        ),
        (BASE.replace("{column: east,", "{column: east, centred: true,"), "beside a product alone"),
        (BASE.replace("controls: [density,", "controls: [by_skill,"), "found 'by_skill'"),
    ],
)
def test_what_is_no_product_is_told(text, message):
    with pytest.raises(StudyError, match=message):
        parse_study(text + designs(("a", "pilot", "density")), "t.yml")


@pytest.mark.parametrize(
    ("design", "message"),
    [
        ("placebo: [{id: p, title: P, column: main.a, draws: 100, seed: 1}]\n", "without products of 'pilot'"),
        ("robustness: [{id: r, title: R, column: main.a, variations: [{id: v, label: V, coverage: any_part}]}]\n",
         "no other rule of the policy"),
    ],
)  # fmt: skip
def test_a_policy_in_a_product_is_not_drawn_or_dated_otherwise(design, message):
    with pytest.raises(StudyError, match=message):
        parse_study(BASE + designs(("a", "pilot, in_east", "density")) + design, "t.yml")


FIXED = BASE.replace(
    "variables:\n",
    "variables:\n"
    "  share: {column: skill, as_of: 2011, label: Share, unit: ratio}\n"
    "  by_share: {product: [pilot, share], label: Pilot x share, unit: ratio}\n"
    "  by_ratio: {product: [pilot, quotient], label: Pilot x quotient, unit: ratio}\n"
    "  quotient: {ratio: [skill, wealth], label: Quotient, unit: ratio}\n",
)


def test_the_intensity_of_a_year_is_that_in_all_years():
    text = FIXED + designs(("a", "by_share", ""))
    lost = panel().assign(
        skill=lambda p: p.skill.where((p.year != 2011) | (p.city_code != "110003"))
    )
    frames = estimate_study(parse_study(text, "t.yml"), lost, METHODS).frames
    rows = panel().query("2010 <= year <= 2019 and city_code != '110003'")
    share = rows.city_code.map(rows.query("year == 2011").set_index("city_code").skill)
    fit = fit_panel(10 * rows["index"], np.column_stack([rows.pilot * share]), rows.city_code, rows.year,
                    effects=("unit", "time"), names=("by",))  # fmt: skip
    ours = column_of(frames, "a").loc["by_share"]
    assert ours["estimate"] == pytest.approx(fit.coefficients[0], rel=ROUNDING)
    assert ours["std_error"] == pytest.approx(fit.std_errors[0], rel=ROUNDING)
    assert frames["sample_missing"].query("variable == 'by_share'")["n_rows"].tolist() == [10]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("as_of: 2011", "as_of: 2031", "a year of the study, 2010 to 2019"),
        ("as_of: 2011", "as_of: 2011, lag: 1", "lag: years before, or as_of: one year, not both"),
        (
            "product: [pilot, share]",
            "product: [pilot, share], as_of: 2011",
            "a product as it stands",
        ),
    ],
)
def test_a_year_that_can_not_be_taken_is_told(old, new, expected):
    with pytest.raises(StudyError, match=expected):
        parse_study(FIXED.replace(old, new) + designs(("a", "by_share", "")), "t.yml")


def test_a_product_shares_the_figures_of_its_factors():
    """Of a policy and a ratio it has three columns, which are no ratio of two."""
    study = parse_study(FIXED + designs(("a", "pilot, by_ratio, by_skill", "quotient")), "t.yml")
    (sides,) = _sides(study, METHODS["regression"], study.regression[0]).values()
    assert sides == {"quotient": ("skill", "wealth"), "skill": ("skill",)}
