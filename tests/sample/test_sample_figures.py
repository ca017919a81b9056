"""The simulated figures: counts, coherence of parts and totals, nothing impossible."""

import csv
from pathlib import Path

import numpy as np
import pytest

from orchestration.sample import SampleWorld, headings, simulate
from orchestration.sample.entropy import entropy_index
from orchestration.sample.places import YEARS, smart_city
from orchestration.sample.printing import fill_gaps
from orchestration.sample.tables import TABLES, columns

RATES = (
    "harmless_waste_treatment_rate",
    "sewage_central_treatment_rate",
    "solid_waste_utilisation_rate",
)
COUNTS = (
    "college_students",
    "patent_applications",
    "ai_enterprises",
    "emerging_industry_employees",
    "primary_teachers",
    "doctors",
    "hospital_beds",
    "unemployed",
)
# Figures that may be below zero.
SIGNED = ("natural_growth_rate", "gdp_growth_rate")


def test_panel_is_285_cities_by_14_years(sample_world: SampleWorld) -> None:
    places = sample_world.places
    assert places.n_panel == 285
    assert len(YEARS) == 14
    assert sample_world.components().shape == (3990, 15)
    assert places.exists[:285].all()
    assert not places.exists[285:].all(axis=1).any()
    assert len(set(places.code)) == places.n


def test_names_and_spans_follow_the_years(sample_world: SampleWorld) -> None:
    places = sample_world.places
    printed = {
        int(year): {places.name_zh[i][t] for i in range(places.n) if places.exists[i, t]}
        for t, year in enumerate(YEARS)
    }
    assert "襄樊市" in printed[2009]
    assert "襄阳市" not in printed[2009]
    assert "襄阳市" in printed[2010]
    assert "巢湖市" in printed[2010]
    assert "巢湖市" not in printed[2011]
    assert "莱芜市" in printed[2018]
    assert "莱芜市" not in printed[2019]
    for name, first in (("毕节市", 2011), ("海东市", 2013), ("儋州市", 2015), ("那曲市", 2018)):
        assert name in printed[first]
        assert name not in printed[first - 1]


def test_every_printed_indicator_of_the_seed_has_a_column(repo_dir: Path) -> None:
    with (repo_dir / "seeds" / "indicator.csv").open(encoding="utf-8") as handle:
        seed = {
            row["indicator_code"]: row for row in csv.DictReader(handle) if row["kind"] == "printed"
        }
    ours = {
        column.code: (table.number, column.scopes) for table in TABLES for column in table.columns
    }
    for code, (number, scopes) in ours.items():
        assert seed[code]["table_no"] == number, code
        assert set(scopes) <= set(seed[code]["scopes"].split("|")), code
    for code, row in seed.items():
        if row["table_no"]:
            assert code in ours, f"{code} of seeds/indicator.csv is printed nowhere"


def test_headings_cover_each_edition_once() -> None:
    cover: dict[tuple[str, str], list[int]] = {}
    for row in headings():
        editions = range(int(row["edition_from"]), int(row["edition_to"]) + 1)
        cover.setdefault((str(row["indicator_code"]), str(row["scope"])), []).extend(editions)
    assert all(sorted(years) == list(range(2010, 2024)) for years in cover.values())
    drifting = {c.code for c in columns() if len(c.headings) > 1}
    assert len(drifting) >= 6
    units = {
        row["unit"] for row in headings() if row["indicator_code"] == "telecom_business_volume"
    }
    assert units == {"10_000_yuan", "100_million_yuan"}


def test_three_sectors_add_up_to_gdp(sample_world: SampleWorld) -> None:
    v = sample_world.values
    parts = sum(v[f"gdp_{k}", "total"] for k in ("primary", "secondary", "tertiary"))
    np.testing.assert_array_equal(parts, v["gdp", "total"])
    assert (v["industrial_value_added", "total"] <= v["gdp_secondary", "total"]).all()
    # Printed in whole yuan.
    per_head = v["gdp", "total"] / v["population_resident", "total"]
    assert np.abs(per_head - v["gdp_per_capita", "total"]).max() <= 0.5


def test_parts_stay_within_totals(sample_world: SampleWorld) -> None:
    v = sample_world.values
    for code in ("population_registered", "population_average", "population_resident", "land_area",
                 "gdp"):  # fmt: skip
        assert (v[code, "districts"] <= v[code, "total"]).all(), code
    assert (v["population_urban", "total"] <= v["population_resident", "total"]).all()
    assert (v["built_up_area", "districts"] <= v["land_area", "districts"]).all()
    spending = v["fiscal_expenditure", "total"]
    assert (
        v["science_expenditure", "total"] + v["education_expenditure", "total"] < spending
    ).all()
    assert (v["loans", "total"] < v["deposits", "total"]).all()


def test_nothing_is_impossible(sample_world: SampleWorld) -> None:
    for (code, scope), values in sample_world.values.items():
        assert np.isfinite(values).all(), (code, scope)
        if code not in SIGNED:
            assert (values >= 0).all(), (code, scope)
    for code in (*RATES,):
        assert (sample_world.values[code, "total"] <= 100).all(), code
    for code in COUNTS:
        values = sample_world.values[code, "total"]
        np.testing.assert_array_equal(values, np.round(values))
    assert (sample_world.values["green_coverage", "districts"] <= 100).all()


def test_gaps_are_short_inside_and_the_same_in_both_worlds(
    sample_world: SampleWorld, sample_world_without: SampleWorld
) -> None:
    share = []
    for key, gap in sample_world.gaps.items():
        np.testing.assert_array_equal(gap, sample_world_without.gaps[key])
        assert not gap[:, 0].any()
        assert not gap[:, -1].any()
        assert not (gap[:, :-2] & gap[:, 1:-1] & gap[:, 2:]).any(), f"{key}: three years"
        assert not gap[285:].any()
        share.append(gap[:285].mean())
    assert 0.002 < np.mean(share) < 0.004


def test_policy_moves_no_control_and_no_untreated_figure(
    sample_world: SampleWorld, sample_world_without: SampleWorld, sample_did: np.ndarray
) -> None:
    before, after = sample_world_without.regressors(), sample_world.regressors()
    for name in before:
        if name not in ("human_capital", "science_share"):
            np.testing.assert_array_equal(before[name], after[name])
    for key, values in sample_world.values.items():
        same = values[:285] == sample_world_without.values[key][:285]
        assert same[sample_did == 0].all(), key


def test_treatment_is_the_roster_of_whole_cities() -> None:
    exposure = smart_city()
    # 96 whole prefecture-level cities less the four that were not cities in all of 2009-2022.
    assert (exposure.start > 0).sum() == 92
    assert set(np.unique(exposure.start)) == {0, 2012, 2013, 2014}


def test_fill_is_linear_in_years() -> None:
    values = np.arange(14.0)[None, :] ** 2
    gap = np.zeros((1, 14), dtype=bool)
    gap[0, 5:7] = True
    filled = fill_gaps(values, gap)
    np.testing.assert_allclose(filled[0, 5:7], [16 + 33 / 3, 16 + 66 / 3])


def test_entropy_index_by_hand() -> None:
    # Two observations at the ends: p = (0, 1), entropy 0, weight 1 - 0 = 1 for each of two columns.
    index = entropy_index(np.array([[1.0, 5.0], [3.0, 2.0]]))
    np.testing.assert_allclose(index.weight, [0.5, 0.5])
    np.testing.assert_allclose(index.score, [0.5, 0.5])
    # z = (0, 1/2, 1), p = (0, 1/3, 2/3): e = 1 - (2/3) ln 2 / ln 3; z = (0, 0, 1): e = 0.
    index = entropy_index(np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 1.0]]))
    d = 2 / 3 * np.log(2) / np.log(3)
    np.testing.assert_allclose(index.weight, [d / (1 + d), 1 / (1 + d)])
    with pytest.raises(ValueError, match="constant indicator in column 1"):
        entropy_index(np.array([[0.0, 7.0], [1.0, 7.0]]))
    with pytest.raises(ValueError, match="missing"):
        entropy_index(np.array([[0.0, np.nan], [1.0, 7.0]]))


def test_another_seed_is_another_world_and_the_same_seed_is_not(sample_world: SampleWorld) -> None:
    again, other = simulate(), simulate(seed=7)
    for key, values in sample_world.values.items():
        np.testing.assert_array_equal(values, again.values[key])
    assert not np.array_equal(other.values["gdp", "total"], sample_world.values["gdp", "total"])
