"""The placebo in the report: its numbers are those of the frames, its figure reads without colour."""

import re

import numpy as np
import pandas as pd
import pytest

from analysis.methods.placebo.figure import placebo_figure
from analysis.methods.placebo.section import (
    DENSITY,
    DRAWS,
    ESTIMATES,
    PLACEBOS,
    SECTION,
    STATUS,
)
from analysis.report.data import ReportData
from analysis.report.page import render_html
from analysis.report.section import Context, Section, Values
from analysis.typeset.drawing import drawing

ABOUT = {
    "study": "toy", "outcome_with_unit": "Index (points)", "axis": "points", "effect_term": "pilot",
}  # fmt: skip


def frames(**changes):
    rng = np.random.default_rng(0)
    draws = rng.normal(0, 0.05, 120)
    about = {
        "study": "toy", "design": "random", "title": "Pilots drawn at random", "scheme": "cities",
        "within": None, "estimate": 0.1856978, "std_error": 0.07, "p_value": 0.0085, "draws": 120,
        "draws_absorbed": 0, "n_as_large": 1, "p_randomisation": 2 / 121,
        "p_randomisation_error": 0.0116, "p_randomisation_t": 3 / 121, "draws_mean": 0.001,
        "draws_sd": 0.05, "share_p_below_10": 0.11, "share_p_below_5": 0.04,
        "share_p_below_1": 0.01, "n_treated": 12, "cohorts": "2013: 6, 2014: 6", "n_movable": 24,
    } | changes  # fmt: skip
    middle = np.linspace(-0.2, 0.2, 40)
    key = {"study": "toy", "design": "random"}
    return {
        PLACEBOS.name: pd.DataFrame([about]),
        DRAWS.name: pd.DataFrame(
            {**key, "draw": range(1, 121), "estimate": draws, "p_value": np.abs(draws)}
        ),
        DENSITY.name: pd.DataFrame(
            {**key, "bin_middle": middle, "density": 8 * np.exp(-(middle**2) / 0.005)}
        ),
        ESTIMATES.name: pd.DataFrame(
            [{**key, "method": method, "column_id": f"moved_{k}", "term": term,
              "estimate": -0.01 * k, "std_error": 0.06, "p_value": 0.8, "stars": ""}
             for method in ("placebo", "another") for k in (1, 2) for term in ("pilot", "density")]
        ),
        STATUS.name: pd.DataFrame(
            [{**key, "method": "placebo", "title": "Pilots", "status": "estimated", "detail": ""}]
        ),
    }  # fmt: skip


def page(tmp_path, found, kind="published"):
    def build(context: Context) -> Values:
        piece = context.piece(SECTION, ABOUT)
        return {"pieces": [piece] if piece.values else []}

    template = tmp_path / "whole.html.j2"
    template.write_text("{% for piece in pieces %}{{ show(piece) }}{% endfor %}", encoding="utf-8")
    whole = Section("whole", "Whole", (), build, template, within=(SECTION,))
    return render_html(ReportData(kind, "v", "c", "f", found), [whole])


def test_numbers_are_those_of_the_frames(tmp_path):
    html = page(tmp_path, frames())
    row = re.search(r'<tr data-study="toy" data-placebo="random">.*?</tr>', html, re.S).group()
    assert [float(v) for v in re.findall(r'data-value="([^"]+)"', row)] == [0.1856978, 2 / 121]
    assert "1 of 120" in row
    moved = re.findall(r'data-moved="(moved_\d)">.*?data-value="([^"]+)"', html, re.S)
    assert [(name, float(value)) for name, value in moved] == [
        ("moved_1", -0.01), ("moved_2", -0.02),
    ]  # fmt: skip
    assert "1 year earlier" in html
    assert "2 years earlier" in html
    assert "2013: 6, 2014: 6" in html
    assert html.count('<svg class="figure"') == 1


def test_what_a_reader_must_know_is_said(tmp_path):
    assert "Simulated data" in page(tmp_path, frames(), kind="simulated")
    assert "clustered error means nothing" in page(tmp_path, frames(n_treated=1))
    absorbed = page(tmp_path, frames(draws_absorbed=7))
    assert "7 draws are absorbed" in absorbed
    assert "1 of 113" in absorbed
    assert "treated cities alone" in page(tmp_path, frames(scheme="timing"))
    assert "Within province_code: 24 of" in page(tmp_path, frames(within="province_code"))


def test_one_that_was_not_estimated_is_named_with_its_reason(tmp_path):
    empty = {name: frame.iloc[:0] for name, frame in frames().items()}
    row = {"study": "toy", "design": "random", "title": "Pilots at random", "detail": "no one"}
    skipped = empty | {
        STATUS.name: pd.DataFrame(
            [row | {"method": method, "status": "skipped"} for method in ("placebo", "another")]
        )
    }
    assert page(tmp_path, skipped).count("Not estimated: Pilots at random: no one.") == 1
    assert "<figure" not in page(tmp_path, empty)


@pytest.mark.parametrize("true", [-3.0, 0.0, 0.19, 40.0])
def test_the_true_estimate_is_in_the_picture(true):
    found = frames()
    with drawing(False) as pen:
        svg = placebo_figure(
            pen, "key", "Label", found[DENSITY.name], found[DRAWS.name], true, "points"
        )
    assert "<title" in svg
    assert "stroke-dasharray" in svg  # the true line differs from the curve without colour
    assert "http" not in svg.replace("http://www.w3.org", "")
    with drawing(False) as pen:
        again = placebo_figure(
            pen, "key", "Label", found[DENSITY.name], found[DRAWS.name], true, "points"
        )
    assert svg == again
