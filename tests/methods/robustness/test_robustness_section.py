"""Robustness in the report: the printed table beside, the list of variations, what was skipped."""

import re

import pandas as pd
import pytest
from contract_toy import STUDY, toy_panel

from analysis.methods.registry import METHODS
from analysis.methods.studies import estimate_study
from analysis.report import ReportData
from analysis.report.page import render_html
from analysis.report.sections import contents
from analysis.studies import parse_study

DESIGNS = """\
regression:
  - id: main
    title: Main
    columns:
      - {id: "5", label: Both effects, regressors: [pilot], controls: true, effects: [city, year]}
robustness:
  - id: otherwise
    title: The toy otherwise
    column: main.5
    published: {paper_id: paper, table_no: 3}
    variations:
      - {id: "1", published_column: 1, label: Without the west, sample: [{column: region, none_of: [west]}]}
      - {id: cut, label: Winsorised, winsorise: 0.05}
      - {id: measure, label: Another outcome, outcome: skill}
      - {id: announced, label: Announced, timing: announcement_year}
  - id: further
    title: Another table against the same printed one
    column: main.5
    published: {paper_id: paper, table_no: 3}
    variations:
      - {id: "7", published_column: 4, label: Other policy held, add: [other]}
"""


@pytest.fixture(scope="module")
def page() -> str:
    frames = estimate_study(parse_study(STUDY + DESIGNS, "t.yml"), toy_panel(), METHODS).frames
    about = frames["study_column"]
    key = ["study", "method", "design", "column_id"]
    estimates = frames["estimate"].merge(about[[*key, "column_label"]], on=key)
    labels = frames["study_term"][["study", "term", "label"]]
    estimates = estimates.merge(
        labels.rename(columns={"label": "term_label"}), on=["study", "term"]
    )
    status = about.merge(frames["model_fit"][[*key, "status", "detail"]], on=key)
    tables = about.drop_duplicates(["study", "method", "design"]).rename(
        columns={"design_title": "title"}
    )
    printed = pd.DataFrame(
        {
            "paper_id": "paper", "table_no": "3", "column_no": ["1", "3", "4"],
            "label": ["w", "matched", "o"], "term": "pilot", "estimate": [0.7, 0.2, 0.1],
            "t_value": [3.0, 1.7, 1.0], "std_error_printed": None, "stars": ["***", "*", ""],
            "statistic": [3.0, 1.7, 1.0], "ci_low": [0.1, 0.0, -0.1], "ci_high": [0.9, 0.4, 0.3],
        }
    )  # fmt: skip
    data = {
        "estimates": estimates,
        "fits": frames["model_fit"].query("status == 'estimated'"),
        "column_status": status,
        "study_tables": tables,
        "published": printed,
        "variation": frames["variation"],
    }
    return render_html(
        ReportData("published", "v", "c", "f", data), contents((METHODS["robustness"].section(),))
    )


def rows_of(page: str, mark: str) -> list[str]:
    return re.findall(rf"<tr[^>]*{mark}.*?</tr>", page, flags=re.DOTALL)


def test_every_variation_is_a_row_under_the_column_that_it_varies(page):
    base, _ = rows_of(page, 'data-base="main.5"')
    assert "Nothing: column main.5" in base
    rows = rows_of(page, "data-variation=")
    assert [re.search(r'data-variation="(\w+)"', row)[1] for row in rows[:3]] == [
        "1",
        "cut",
        "measure",
    ]
    assert rows[2].count("–") == 2, "another outcome has neither change nor p"
    assert "outcome and controls beyond the 5 % and 95 % quantiles" in page


def test_the_printed_table_has_the_columns_that_stand_against_it_of_any_design(page):
    table = re.search(
        r'<table class="regression" id="table-toy-robustness-otherwise.*?</table>', page, re.S
    )[0]
    models = re.search(r'<tr class="models">.*?</tr>', table, re.S)[0]
    assert re.findall(r">\((\w+)\)", models) == ["1", "3", "4"]
    assert "matched" in table and "Winsorised" not in table and "Other policy held" in table
    effect = re.search(r'<tr class="coefficient first".*?</tr>', table, re.S)[0]
    values = dict(
        re.findall(r'data-column="(\d)" data-source="estimated"(?: data-value="([^"]*)")?', effect)
    )
    assert values["1"] and values["4"] and not values["3"], "a place without an estimate is kept"
    assert 'href="#e-toy-robustness-further-7-pilot"' in effect


def test_what_is_not_estimated_says_so(page):
    assert re.search(r'data-variation="announced">Not estimated: Announced: .*no such rule', page)
