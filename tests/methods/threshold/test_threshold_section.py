"""The section of a threshold model: each number in its place, beside what was printed."""

import lxml.html
import numpy as np
import pandas as pd
import pytest
from demo_report import render_html, values_of
from demo_thresholds import CUTS, F_STATISTICS, MODEL, P_VALUES, PRINTED_SLOPES, SLOPES, STUDY

from analysis.methods.threshold.section import SHOWN_CHANGES

SECTION = "//section[@class='threshold']"


def sections_of(data, study):
    return values_of(data, study, "threshold")["models"]


@pytest.fixture(scope="module")
def section(demo):
    (found,) = sections_of(demo, STUDY)
    return found


@pytest.fixture(scope="module")
def block(demo_html):
    (found,) = lxml.html.fromstring(demo_html).xpath(SECTION)
    return found


def text_of(node) -> str:
    return " ".join(node.text_content().split())


def test_tests_stand_with_the_printed_one_first(block):
    for n, printed in {1: (55.87, 0.0033), 2: (36.3, 0.02), 3: (18.08, 0.61)}.items():
        rows = block.xpath(f".//table[@class='tests']//tr[@data-thresholds='{n}']")
        assert [row.get("data-source") for row in rows] == ["published", "estimated", "estimated"]
        assert [row.get("data-resample") for row in rows] == [None, "unit", "wild"]
        values = [
            tuple(float(cell.get("data-value")) for cell in row.xpath("td[@data-value]"))
            for row in rows
        ]
        expected = [(F_STATISTICS[n], P_VALUES[resample][n - 1]) for resample in ("unit", "wild")]
        assert values == [printed, *expected]
        assert text_of(rows[0]).startswith(("Single", "Double", "Triple")[n - 1])


def test_printed_thresholds_stand_beside_the_double_model_alone(section):
    published = {(r.n_thresholds, r.threshold_no): r.published for r in section.thresholds}
    assert published == {
        (1, 1): None, (2, 1): 0.5337, (2, 2): 1.3028, (3, 1): None, (3, 2): None, (3, 3): None,
    }  # fmt: skip
    assert any("single threshold test the paper prints 0.5337 and 1.3028" in note
               for note in section.test_notes)  # fmt: skip


def test_slopes_by_regime_stand_beside_the_printed_table(section, block):
    (model,) = section.models
    table = model.slopes
    assert [c.sources for c in table.columns] == [("published", "estimated")] * 3
    upper, under = table.coefficients
    values = [cell.number.value for cell in upper.cells]
    printed = [row[3] for row in PRINTED_SLOPES[1:]]
    assert values[::2] == printed and tuple(values[1::2]) == SLOPES[2]
    assert [c.number.value for c in under.cells][::2] == [0.178961, 1.89, 3.36]
    assert table.shows_t
    texts = {row.label: [cell.text for cell in row.cells] for row in table.fits}
    assert texts["Regime"] == [
        "q ≤ 0.5337", "q ≤ 0.5400", "0.5337 < q < 1.3028", "0.5400 < q ≤ 1.3100", "q > 1.3028",
        "q > 1.3100",
    ]  # fmt: skip
    assert texts["of these treated"] == ["–", "101", "–", "102", "–", "103"]
    # Every estimate leads to its row with all three errors.
    links = block.xpath(".//table[@class='regression']//td[@data-source='estimated']//a")
    assert len(links) == 3
    for link, b in zip(links, SLOPES[2], strict=True):
        (row,) = block.xpath(f".//tr[@id='{link.get('href')[1:]}']")
        assert float(row.xpath("td[@data-value]")[0].get("data-value")) == b


def test_the_printed_standard_error_is_named(section):
    (model,) = section.models
    table = model.slopes
    assert [c.mark for c in table.columns] == ["a", "", ""]
    ((letter, text),) = table.footnotes
    assert letter == "a"
    assert "0.178961" in text and "standard error" in text and "t = −3.89" in text
    assert any("constant of −11.2 (t = −7.55)" in note for note in table.notes)


def test_without_a_printed_table_only_estimates_stand(demo_with, demo):
    models = demo["threshold_models"].assign(paper_id=None, tests_table=None, slopes_table=None)
    (section,) = sections_of(demo_with(threshold_models=models), STUDY)
    assert {row.source for row in section.tests} == {"estimated"}
    assert all(row.published is None for row in section.thresholds)
    table = section.models[0].slopes
    assert not table.side_by_side and not table.shows_t
    np.testing.assert_allclose(
        [cell.number.value for cell in table.coefficients[1].cells], [0.09, 0.11, 0.13]
    )


def test_printed_slopes_of_another_number_of_regimes_stand_nowhere(demo_with, demo):
    counts = demo["regime_counts"].assign(n_thresholds=1)
    (section,) = sections_of(demo_with(regime_counts=counts[counts["regime"] < 3]), STUDY)
    (model,) = section.models
    assert model.n_thresholds == 1 and not model.slopes.side_by_side
    assert not model.slopes.footnotes


def test_a_lower_regime_without_its_threshold_is_written_so(demo_with, demo):
    models = demo["threshold_models"].assign(lower_regime="<")
    (section,) = sections_of(demo_with(threshold_models=models), STUDY)
    (regimes,) = (row for row in section.models[0].slopes.fits if row.label == "Regime")
    assert [cell.text for cell in regimes.cells][1::2] == [
        "q < 0.5400", "0.5400 ≤ q < 1.3100", "q ≥ 1.3100",
    ]  # fmt: skip


def test_what_the_tests_support_is_said(section, demo_with, demo):
    assert section.supported == (
        "Thresholds that the tests support at 5 %, under every scheme: two."
    )
    tests = demo["threshold_tests"].copy()
    tests.loc[tests["resample"] == "wild", "p_value"] = 0.2
    models = demo["threshold_models"].assign(n_supported=0)
    data = demo_with(threshold_tests=tests, threshold_models=models)
    (other,) = sections_of(data, STUDY)
    assert "whole cities drawn (xthreg), two; random signs (xthreg), none" in other.supported
    assert "are not a finding" in render_html(data)


def test_counts_by_year_and_the_latest_changes_are_listed(section, block):
    (model,) = section.models
    assert [y.year for y in model.years] == list(range(2009, 2023))
    rows = block.xpath(".//tr[@data-thresholds='2'][@data-year]")
    assert len(rows) == 14
    cells = [text_of(cell) for cell in rows[-1]]
    assert cells == ["2022", "91", "10", "1", "92", "20", "2", "93", "30", "3"]
    assert (model.n_changes, model.n_changed_cities) == (24, 3)
    assert len(block.xpath(".//tr[@data-city]")) == SHOWN_CHANGES
    assert "the latest 15 of 24 changes by 3 cities" in text_of(block)


def test_each_threshold_has_its_likelihood_ratio_figure(block):
    figures = block.xpath(".//figure[@class='drawing']//*[local-name()='title']")
    assert len(figures) == len(CUTS[2])
    for figure, cut in zip(figures, CUTS[2], strict=True):
        assert f"estimate {cut:.4f}" in figure.text


def test_the_sample_and_what_was_left_out_are_said(block):
    text = text_of(block)
    assert "3,990 city-years of 285 cities over 14 years; city and year effects, controls." in text
    assert "2 cities that lack a year or a value in one (26 city-years with all values)" in text
    assert "107 city-years without a value" in text


def test_a_warning_and_a_failure_are_shown(demo_with, demo, block):
    assert not block.xpath(".//p[@class='warning']")
    models = demo["threshold_models"].assign(responds=True, warning="Treatment moves q <much>.")
    page = lxml.html.fromstring(render_html(demo_with(threshold_models=models)))
    (warning,) = page.xpath(f"{SECTION}/p[@class='warning']")
    assert text_of(warning) == "Treatment moves q <much>."

    bare = {
        name: demo[name].iloc[:0]
        for name in ("threshold_tests", "threshold_search", "threshold_profile",
                     "threshold_slopes", "threshold_diagnostics", "regime_counts",
                     "regime_changes", "published_thresholds")
    }  # fmt: skip
    models = demo["threshold_models"].assign(
        status="not estimated", detail="no candidate is left", n_supported=None, responds=None
    )
    page = lxml.html.fromstring(render_html(demo_with(threshold_models=models, **bare)))
    (told,) = page.xpath(f"{SECTION}/p[@class='warning']")
    assert text_of(told) == "Not estimated: no candidate is left"
    assert not page.xpath(f"{SECTION}//table")


def test_whole_numbers_survive_a_column_with_gaps(demo_with, demo):
    slopes = demo["threshold_slopes"]
    assert slopes["regime"].dtype == float  # missing for controls
    (section,) = sections_of(demo_with(threshold_slopes=slopes), STUDY)
    assert {r["regime"] for r in section.slopes} == {None, 1, 2, 3, 4}
    assert all(not isinstance(r["regime"], float) for r in section.slopes)
    assert isinstance(section.about, dict) and section.model_id == MODEL
    assert pd.api.types.is_float_dtype(demo["regime_changes"]["previous_regime"])
    assert section.models[0].changes[0]["previous_regime"] == 1
