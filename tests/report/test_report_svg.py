"""Figures inside the page: what they share, what is left out, and the size of a page full of them."""

import re

import lxml.etree
import pandas as pd
import pytest
from demo_report import render_html

from analysis.report import ReportData
from analysis.report.sections.input.disagreement import ratio_figure
from analysis.typeset import drawing

SIZE_LIMIT = 1_500_000
"""Bytes of the page of a release: what a mail server passes on, and a phone opens at once."""
TABLES, FIGURES = 45, 20
"""A release of two studies has no fewer (55 and 22)."""
SHARE_OF_PLAIN = 0.5
"""Of matplotlib's own bytes for the same figures; measured at 0.3 for two small figures."""


def frame(city: str = "襄阳市") -> pd.DataFrame:
    return pd.DataFrame(
        {"city_name": [city], "year": [2015], "indicator": ["gdp"], "ratio": [1.25]}
    )


def test_figures_share_their_characters_and_nothing_else():
    with drawing.drawing(simulated=True) as pen:
        drawn = [ratio_figure(pen, key, "label", frame(), {}) for key in "ab"]
    own = [set(re.findall(r'\sid="([^"]+)"', svg)) for svg in drawn]
    assert own[0] and not own[0] & own[1]
    shared = re.findall(r'\sid="([^"]+)"', pen.shared.definitions)
    assert len(shared) == len(set(shared)) > 20
    for svg, ids in zip(drawn, own, strict=True):
        used = set(re.findall(r'href="#([^"]+)"', svg)) | set(re.findall(r"url\(#([^)]+)", svg))
        assert used <= ids | set(shared)
        assert "<path id=" not in re.sub(r'<path id="f\d', "", svg)  # no outline of its own
        lxml.etree.fromstring(svg)  # balanced, although groups were taken out
    lxml.etree.fromstring(pen.shared.definitions)


def test_page_without_figures_has_no_definitions():
    with drawing.drawing(simulated=False) as pen:
        assert pen.shared.definitions == ""


def test_figures_are_a_fraction_of_what_matplotlib_writes(monkeypatch):
    import io

    plain = []
    real = drawing.inline_svg

    def measured(figure, *rest):
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg")
        plain.append(len(buffer.getvalue()))
        return real(figure, *rest)

    monkeypatch.setattr(drawing, "inline_svg", measured)
    with drawing.drawing(simulated=True) as pen:
        drawn = [ratio_figure(pen, key, "label", frame(), {}) for key in "ab"]
    size = sum(map(len, drawn)) + len(pen.shared.definitions)
    assert size < SHARE_OF_PLAIN * sum(plain)


def copies(original: pd.DataFrame, column: str, number: int) -> pd.DataFrame:
    """The frame under as many names."""
    return pd.concat(
        [
            original.assign(**{column: original[column].astype(str) + f"_{i}"})
            for i in range(number)
        ],
        ignore_index=True,
    )


@pytest.fixture(scope="module")
def release(demo: ReportData, demo_with) -> ReportData:
    """As much as the release of a sample: studies, tables, indices, subjects, files."""
    changed = {
        name: copies(demo[name], "study", 2)
        for name in (
            "studies", "trend", "threshold_model", "threshold_test", "threshold_search",
            "threshold_profile", "threshold_slope", "threshold_diagnostic", "regime_count",
            "regime_changes",
        )
    }  # fmt: skip
    for name in ("study_tables", "estimates", "fits"):
        changed[name] = copies(copies(demo[name], "study", 2), "design", 3)
    for name in ("index_weight", "index_by_region"):
        changed[name] = copies(demo[name], "index_id", 3)
    years = range(2009, 2023)
    subjects = [f"s{i}" for i in range(4)]
    changed["inequality_status"] = pd.DataFrame(
        {"subject_id": subjects, "title": subjects, "status": "estimated", "detail": None,
         "unit": "yuan", "weight_column": None}
    )  # fmt: skip
    changed["inequality"] = pd.DataFrame(
        [(s, "region", y, 0.3, 0.1, 0.15, 0.05, 1 / 3, 0.5, 1 / 6, 0.2, 0.6, 285)
         for s in subjects for y in years],
        columns=[
            "subject_id", "group_column", "year", "total", "within", "between", "transvariation",
            "within_share", "between_share", "transvariation_share", "theil_t", "spread", "n_units",
        ],
    )  # fmt: skip
    changed["movers"] = pd.DataFrame(
        [
            (s, 2022, 2021, "襄阳市", "420600", 6.1, 5.0, 1.1, rank, 9, rank < 6)
            for s in subjects
            for rank in range(1, 11)
        ],
        columns=[
            "subject_id", "year", "year_before", "city_name", "city_code", "value", "value_before", "change",
            "national_rank", "national_rank_before", "is_top_mover",
        ],
    )  # fmt: skip
    changed["input_files"] = pd.concat([demo["input_files"]] * 9, ignore_index=True).head(252)
    changed["imputed"] = pd.concat([demo["imputed"]] * 40, ignore_index=True).head(80)
    changed["checks"] = pd.concat([demo["checks"]] * 40, ignore_index=True).head(120)
    return demo_with(**changed)


def test_page_of_a_whole_release_stays_small(release):
    html = render_html(release)
    assert html.count("<b>Table ") >= TABLES
    assert html.count("<b>Figure ") >= FIGURES
    assert len(html.encode()) < SIZE_LIMIT
