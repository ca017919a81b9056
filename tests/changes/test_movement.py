"""The movement of an estimate: a known change in each cause is found there, and the parts add up."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml
from contract_toy import STUDY, contract, toy_panel

from analysis.studies import parse_study
from analysis.study import Study
from analysis.study.facts import NO_FACTS
from orchestration.changes.movement import (
    CODE,
    FIGURES,
    ORDER,
    POLICIES,
    YEARS,
    Answer,
    headline,
    panels_between,
    split,
)
from orchestration.changes.movement import (
    STUDY as DECLARED,
)

OF_POLICIES = (
    "pilot",
    "pilot_first_year",
    "pilot_listed",
    "pilot_unsure",
    "other",
    "other_first_year",
)
ROUNDING = 1e-12
"""A part of a cause that changed nothing: the same numbers are estimated again."""


def study_of(controls: str = "[density, wealth]", years: str = "[2010, 2019]") -> Study:
    design = contract("regression")["design"]
    text = STUDY.replace("controls: [density, wealth]", f"controls: {controls}").replace(
        "years: [2010, 2019]", f"years: {years}"
    )
    first = design["columns"][0]["id"]
    named = f"headline: {{design: {design['id']}, column: {first!r}}}\n"
    return parse_study(text + named + yaml.safe_dump({"regression": [design]}), "toy.yml")


def older() -> pd.DataFrame:
    panel = toy_panel()
    return panel[panel["year"] < 2018].reset_index(drop=True)


def newer(*changes: str) -> pd.DataFrame:
    """The panel of the later release, with some changes: years, figures, policies."""
    panel = toy_panel()
    if YEARS not in changes:
        panel = panel[panel["year"] < 2018].reset_index(drop=True)
    if FIGURES in changes:
        revised = (panel["city_code"] == "110003") & panel["year"].between(2012, 2014)
        panel.loc[revised, "index"] += 0.5
    if POLICIES in changes:
        city = panel.loc[panel["pilot_first_year"].isna(), "city_code"].iloc[0]
        named = panel["city_code"] == city
        panel.loc[named, "pilot_first_year"] = 2014.0
        panel.loc[named, "pilot_listed"] = True
        panel["pilot"] = (panel["year"] >= panel["pilot_first_year"]).astype(int)
    return panel


def parts_of(*changes: str) -> dict[str, float]:
    """Changes by cause on the way from the older to the newer panel and study."""
    before = study_of()
    after = study_of("[density]") if DECLARED in changes else before
    old, new = older(), newer(*changes)
    start = headline(before, old, NO_FACTS)
    if CODE in changes:  # what is stored came of other code
        start = replace(start, estimate=start.estimate - 0.25)
    steps = {
        cause: headline(before, panel, NO_FACTS)
        for cause, panel in panels_between(old, new, OF_POLICIES).items()
    }
    end = headline(after, new, NO_FACTS)
    found = split((start, end), steps, {})
    assert math.isclose(
        sum(part.change for part in found), end.estimate - start.estimate, abs_tol=ROUNDING
    )
    return {part.causes[-1]: part.change for part in found}


@pytest.mark.parametrize("cause", ORDER)
def test_a_change_is_found_where_it_was_made_and_nowhere_else(cause: str) -> None:
    parts = parts_of(cause)
    assert set(parts) == set(ORDER)
    assert abs(parts.pop(cause)) > 1e-4
    assert all(abs(change) <= ROUNDING for change in parts.values())


def test_all_at_once_add_up_to_the_whole() -> None:
    assert all(abs(change) > 1e-4 for change in parts_of(*ORDER).values())


def test_a_step_that_can_t_be_estimated_is_told_with_the_next() -> None:
    none = Answer(math.nan, math.nan, 0, "no such column")
    steps = {CODE: none, YEARS: Answer(1.5, 0.1, 10), FIGURES: none, POLICIES: none}
    parts = split(
        (Answer(1.0, 0.1, 9), Answer(2.0, 0.1, 12)), steps, {CODE: "code", YEARS: "new years"}
    )
    assert [(part.causes, part.cause, part.change) for part in parts] == [
        ((CODE, YEARS), "code and new years", 0.5),
        ((FIGURES, POLICIES, DECLARED), "figures and policies and study", 0.5),
    ]


def test_panels_on_the_way_take_one_thing_at_a_time() -> None:
    old, new = older(), newer(YEARS, FIGURES, POLICIES)
    new = new[new["city_code"] != "110047"].reset_index(drop=True)  # a city that is gone
    way = panels_between(old, new, OF_POLICIES)
    assert list(way) == [CODE, YEARS, FIGURES, POLICIES]
    pd.testing.assert_frame_equal(way[CODE], old)
    years = way[YEARS]
    pd.testing.assert_frame_equal(
        years[years["year"] < 2018].reset_index(drop=True), old, check_dtype=False
    )
    assert set(years["year"]) == set(new["year"])
    figures = way[FIGURES]
    assert "110047" not in set(figures["city_code"])
    np.testing.assert_array_equal(figures["index"], new["index"])
    common = figures.merge(old, on=["city_code", "year"], suffixes=("", "_old"))
    np.testing.assert_array_equal(common["pilot"], common["pilot_old"])
    pd.testing.assert_frame_equal(way[POLICIES], new)
