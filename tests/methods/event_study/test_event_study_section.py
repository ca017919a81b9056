"""The event study in the report: its numbers are those of the frames, its figure reads without colour."""

import re

import pandas as pd
import pytest

import analysis.methods.event_study.section as section_module
from analysis.methods.event_study.figure import event_study_figure
from analysis.methods.event_study.section import SECTION, STATUS, STUDIES, TIMES
from analysis.report.data import ReportData
from analysis.report.page import render_html
from analysis.report.section import Context, Section, Values
from analysis.typeset.drawing import drawing

ABOUT = {"study": "toy", "outcome_with_unit": "Index (points)", "axis": "points"}
KEY = {"study": "toy", "design": "dynamic", "column_id": "two_way"}


def times():
    rows = []
    for k in range(-3, 4):
        told = {
            "estimate": 0.1 * k, "std_error": 0.05, "p_value": 0.03, "stars": "**",
            "ci_low": 0.1 * k - 0.1, "ci_high": 0.1 * k + 0.1, "band_low": 0.1 * k - 0.14,
            "band_high": 0.1 * k + 0.14,
        }  # fmt: skip
        missing = dict.fromkeys(told)
        rows.append(
            {
                **KEY, "event_time": k, "is_base": k == -1, "is_binned": k in (-3, 3),
                "n_units": 0 if k == 2 else 9, "n_rows": 0 if k == 2 else 11,
                **(missing if k in (-1, 2) else told),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def frames(**changes):
    about = {
        **KEY, "title": "Before and after", "ends": "bin", "first_time": -3, "last_time": 3,
        "n_left_out": 0, "n_never": 12, "leads_f": 0.3611, "leads_df": 2, "leads_p": 0.78,
        "lags_f": 1.5, "lags_df": 3, "lags_p": 0.2, "before": -0.25, "before_std_error": 0.06,
        "after": 0.13, "after_std_error": 0.07, "critical": 2.79, "critical_pointwise": 1.97,
        "df_resid": 23,
    } | changes  # fmt: skip
    return {
        STUDIES.name: pd.DataFrame([about]),
        TIMES.name: times(),
        STATUS.name: pd.DataFrame(columns=list(STATUS.columns)),
    }


def page(tmp_path, found):
    def build(context: Context) -> Values:
        piece = context.piece(SECTION, ABOUT)
        return {"pieces": [piece] if piece.values else []}

    template = tmp_path / "whole.html.j2"
    template.write_text("{% for piece in pieces %}{{ show(piece) }}{% endfor %}", encoding="utf-8")
    whole = Section("whole", "Whole", (), build, template, within=(SECTION,))
    return render_html(ReportData("published", "v", "c", "f", found), [whole])


def test_numbers_are_those_of_the_frames(tmp_path):
    html = page(tmp_path, frames())
    rows = re.findall(r'<tr [^>]*data-event-time="(-?\d)">(.*?)</tr>', html, re.S)
    assert [int(k) for k, _ in rows] == list(range(-3, 4))
    shown = {
        int(k): float(value)
        for k, row in rows
        for value in re.findall(r'data-value="([^"]+)"', row)
        if value
    }
    frame = times().dropna(subset=["estimate"])
    assert shown == dict(zip(frame.event_time, frame.estimate, strict=True))
    assert "base, 0" in dict(rows)["-1"]
    assert "≤ −3" in dict(rows)["-3"]
    assert "≥ 3" in dict(rows)["3"]
    assert float(re.search(r'data-leads="dynamic" data-value="([^"]+)"', html).group(1)) == 0.3611
    assert "F(2, 23) = 0.36" in html
    assert html.count('<svg class="figure"') == 1


def test_what_is_left_out_is_said(tmp_path):
    assert "5 city-years are left out" in page(tmp_path, frames(ends="leave_out", n_left_out=5))
    assert "12 cities are never treated" in page(tmp_path, frames())
    alone = page(tmp_path, frames(leads_f=None, leads_p=None, before=None, before_std_error=None))
    assert "Mean before" not in alone


def test_one_that_was_not_estimated_is_named_with_its_reason(tmp_path):
    empty = {name: frame.iloc[:0] for name, frame in frames().items()}
    skipped = empty | {
        STATUS.name: pd.DataFrame(
            [
                {
                    "study": "toy",
                    "method": "event_study",
                    "design": "dynamic",
                    "title": "Before",
                    "status": "skipped",
                    "detail": "no city",
                }
            ]
        )
    }
    assert "Not estimated: Before: no city." in page(tmp_path, skipped)
    assert "<figure" not in page(tmp_path, empty)


@pytest.mark.parametrize("n", [1, 3])
def test_estimators_stand_side_by_side(n):
    frame = times().dropna(subset=["event_time"])
    frame = frame[frame["estimate"].notna() | frame["is_base"]].assign(mark="k")
    with drawing(False) as pen:
        svg = event_study_figure(
            pen, "key", "Label", {f"estimator {k}": frame for k in range(n)}, "points"
        )
    assert "<title" in svg
    assert "http" not in svg.replace("http://www.w3.org", "")
    # The band that covers all at once belongs to one estimator alone.
    assert ("stroke-dasharray:3" in svg) == (n == 1)


def test_the_base_period_has_its_place_in_the_figure(tmp_path, monkeypatch):
    drawn = []

    def keep(pen, key, label, series, unit):
        drawn.extend(series.values())
        return event_study_figure(pen, key, label, series, unit)

    monkeypatch.setattr(section_module, "event_study_figure", keep)
    page(tmp_path, frames())
    (frame,) = drawn
    # Event time 2 has no city and is not drawn; -1 is the base, without an estimate and yet drawn.
    assert list(frame["event_time"]) == [-3, -2, -1, 0, 1, 3]
    assert frame.loc[frame["event_time"] == -1, "is_base"].all()
