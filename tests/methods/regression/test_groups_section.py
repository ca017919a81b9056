"""Groups of cities, mediators and other outcomes in the report: from estimates to the page."""

import lxml.html
import numpy as np
import pandas as pd
import pytest
from demo_report import render_html, tables_of
from study_results import estimate_study

from analysis.studies import parse_study

STUDY = """\
id: toy
title: A toy study
outcome: {column: y, label: Efficiency, unit: points}
policies: {did: {policy_id: pilot, label: Pilot, coverage: whole, timing: pilot_year}}
panel: {unit: city, time: year, years: [2010, 2017], balanced: allow}
variables:
  skill: {column: m, label: Skill, unit: ratio}
  luck: {column: w, label: Luck, unit: ratio}
  empty: {column: nothing, label: Nothing, unit: ratio}
controls: []
cluster: city
regression:
  - id: groups
    title: By region
    columns:
      - id: region
        label: Region
        regressors: [did]
        controls: false
        effects: [city, year]
        split:
          by: region
          levels:
            - {id: "1", value: east, label: East}
            - {id: "2", value: west, label: West}
            - {id: "3", value: north, label: North <b>}
            - {id: "4", value: south, label: South}
  - id: measures
    title: Other measures
    columns:
      - {id: "1", label: Own, regressors: [did], controls: false, effects: [city, year]}
      - {id: "2", label: Skill, outcome: skill, regressors: [did], controls: false, effects: [city]}
mediation:
  - id: paths
    title: Mechanisms
    mediators: [skill, luck, empty]
    joint: [skill, luck]
    controls: false
    effects: [city, year]
    draws: 100
    seed: 3
"""


def toy_panel() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    city, year = np.repeat(np.arange(24), 8), np.tile(np.arange(2010, 2018), 24)
    did = (year >= rng.choice([2012, 2014, 9999], 24)[city]).astype(int)
    m = did + rng.normal(size=len(city))
    y = 2 * did * (city % 2) + m + rng.normal(size=len(city))
    return pd.DataFrame(
        {"city": city, "year": year, "did": did, "m": 0.0001 * m, "y": y, "nothing": np.nan,
         "w": rng.normal(size=len(city)) - did,
         "region": np.array(["east", "west", "south"])[city % 3]}
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(demo_with):
    study = parse_study(STUDY, "toy.yml")
    result = estimate_study(study, toy_panel())
    paths = result.mediation
    labels = result.study_column.set_index(["method", "design", "column_id"])
    at = ["method", "design", "column_id"]
    estimates = result.labelled.join(labels["column_label"], on=at)
    fits = result.model_fit.query("status == 'estimated'").drop(columns="outcome")
    fits = fits.join(labels["outcome_label"].rename("outcome"), on=at)
    designs = result.study_column.groupby(["study", "method", "design"], sort=False).first()
    data = demo_with(
        estimates=estimates.rename(columns={"label": "term_label"}),
        fits=fits,
        column_status=result.column_status,
        estimate_error=result.estimate_error,
        split_test=result.split_test,
        split_joint_test=result.split_joint_test,
        mediation=paths,
        mediation_joint=result.mediation_joint,
        studies=pd.DataFrame(
            [{"study": "toy", "title": study.title, "outcome_label": study.outcome.label,
              "outcome_unit": study.outcome.unit, "policy": "pilot", "effect_term": "did", "first_year": 2000,
              "last_year": 2003}]
        ),
        study_tables=designs.reset_index().rename(columns={"design_title": "title"}),
    )  # fmt: skip
    return data, result, paths, lxml.html.fromstring(render_html(data))


def test_tables_stand_in_the_order_of_the_study(page):
    data = page[0]
    tables = tables_of(data, "toy")
    assert [table.design for table in tables] == ["groups", "measures", "paths"]
    groups, measures, paths = tables
    assert groups.split and not measures.split
    assert (groups.outcome, groups.outcomes) == ("Efficiency", ())
    assert (measures.outcome, measures.outcomes) == ("", ("Efficiency", "Skill"))
    assert paths.outcomes[:4] == ("Efficiency", "Skill", "Efficiency", "Luck")


def test_a_skipped_column_is_named_with_its_reason_and_has_no_numbers(page):
    data, _, _, html = page
    groups, _, paths = tables_of(data, "toy")
    assert [column.column_id for column in groups.columns] == ["1", "2", "4"]
    (said,) = [note for note in groups.notes if note.startswith("Not estimated")]
    assert said == ("Not estimated: column (3), North <b>: no city in the group north (by region).")
    assert len([note for note in paths.notes if note.startswith("Not estimated")]) == 2
    text = html.text_content()
    assert "North <b>: no city" in text and "Nothing has no value in the panel" in text


def test_groups_on_few_clusters_have_a_bootstrap_under_their_effect(page):
    _, result, _, html = page
    beside = result.estimate_error.query("design == 'groups'")
    assert beside["column_id"].tolist() == ["1", "2", "4"]
    rows = html.xpath('//table[@data-table="groups"]//tr[@data-term="did"]')
    (line,) = [row for row in rows if "Wild bootstrap by city" in row.text_content()]
    shown = [float(cell.get("data-value")) for cell in line.xpath("td[@data-value]")]
    assert shown == beside["p_value"].tolist()
    assert line.text_content().count("[") == 3
    assert "no study asks for" in html.text_content()


def test_every_difference_and_path_is_on_the_page(page):
    _, result, paths, html = page
    assert len(result.split_test) == 3
    for r in result.split_test.itertuples():
        (row,) = html.xpath(
            f'//tr[@data-study="toy"][@data-split="{r.split_id}"]'
            f'[@data-columns="{r.column_a}-{r.column_b}"]'
        )
        (cell,) = row.xpath("td[@data-value]")
        assert float(cell.get("data-value")) == r.difference
        assert cell.text_content().startswith(f"{r.difference:.3f}".replace("-", "\u2212"))
    estimated = paths[paths.status == "estimated"]
    assert len(estimated) == 2
    for r in estimated.itertuples():
        (row,) = html.xpath(f'//tr[@data-table="paths"][@data-mediator="{r.mediator}"]')
        (cell,) = row.xpath("td[@data-value]")
        assert float(cell.get("data-value")) == r.indirect
        # A small path keeps three digits that mean something.
        shown = row.xpath("td")[0].text_content().split(" (")[0].replace("\u2212", "-")
        assert float(shown) == pytest.approx(r.a, rel=0.005)


def test_the_joint_test_and_the_paths_held_together_are_on_the_page(page):
    data, result, _, html = page
    (joint,) = result.split_joint_test.to_dict("records")
    (said,) = html.xpath('//p[@data-joint="region"]')
    assert float(said.get("data-value")) == joint["f_statistic"]
    shown = said.text_content()
    assert shown.startswith("The same in all 3 groups (East; West; South)?")
    assert f"F(2, {joint['df_resid']}) = {joint['f_statistic']:.2f}" in shown
    rows = html.xpath('//tr[@data-table="paths"][@data-path]')
    assert [row.get("data-path") for row in rows] == ["skill", "luck", "all"]
    for row, indirect in zip(rows, data["mediation_joint"].indirect, strict=True):
        (cell,) = row.xpath("td[@data-value]")
        assert float(cell.get("data-value")) == indirect


def test_the_assumption_of_mediation_is_stated_under_its_table(page):
    html = page[3]
    (table,) = html.xpath("//figure[.//tr[@data-mediator]]")
    assert "needs sequential ignorability" in table.text_content()


def test_other_outcomes_head_their_columns_and_stay_out_of_the_figure(page):
    html = page[3]
    (head,) = html.xpath(
        '//table[@id="table-toy-regression-measures"]//tr[contains(@class, "outcomes")]'
    )
    assert [cell.text_content() for cell in head] == ["Dependent variable", "Efficiency", "Skill"]
    assert not html.xpath(
        '//table[@id="table-toy-regression-groups"]//tr[contains(@class, "outcomes")]'
    )
    labels = [node.text_content() for node in html.xpath("//svg/title")]
    assert sum("column of Other measures" in label for label in labels) == 1
