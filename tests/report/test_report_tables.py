"""The regression table as a model: what stands where, beside what, with which note."""

import re

import numpy as np
import pandas as pd
import pytest
from demo_report import tables_of

from analysis.report.table.model import anchor

STUDY = "nqpf_smart_city"


@pytest.fixture(scope="module")
def table(demo):
    (found,) = tables_of(demo, STUDY)
    return found


def cell_of(table, term, column, source, under=False):
    for row in table.coefficients:
        for cell in row.cells:
            if (cell.term, cell.column_id, cell.source, row.under) == (term, column, source, under):
                return cell
    raise AssertionError((term, column, source, under))


def test_every_column_has_published_left_of_estimated(table):
    assert [c.column_id for c in table.columns] == ["1", "2", "3", "4", "5"]
    assert all(c.sources == ("published", "estimated") for c in table.columns)
    for row in table.coefficients + table.fits:
        assert [(c.column_id, c.source) for c in row.cells] == [
            (str(i), s) for i in range(1, 6) for s in ("published", "estimated")
        ]


def test_every_printed_and_estimated_number_stands_in_its_cell(demo, table):
    seen = 0
    for r in demo["published"][demo["published"]["table_no"] == 2].to_dict("records"):
        column = str(r["column_no"])
        assert cell_of(table, r["term"], column, "published").number.value == r["estimate"]
        under = cell_of(table, r["term"], column, "published", under=True)
        assert under.number.value == r["t_value"] and under.number.whole.startswith("(")
        seen += 1
    for r in demo["estimates"][demo["estimates"]["study"] == STUDY].to_dict("records"):
        cell = cell_of(table, r["term"], r["column_id"], "estimated")
        assert cell.number.value == r["estimate"]
        assert cell.link == anchor("e", STUDY, "table2", r["column_id"], r["term"])
        seen += 1
    filled = [c for r in table.coefficients if not r.under for c in r.cells if c.number]
    assert len(filled) == seen  # and no other cell has a number


def test_column_shares_one_width(table):
    for position in range(10):
        cells = [row.cells[position] for row in table.coefficients]
        assert len({c.width for c in cells}) == 1
        for cell in cells:
            if cell.number:
                assert cell.width[0] >= cell.number.widths[0]
                assert cell.width[1] >= cell.number.widths[1]


def test_constant_stands_last_and_rows_come_in_pairs(table):
    assert [row.under for row in table.coefficients] == [False, True] * 7
    assert table.coefficients[-2].label == "Constant"
    assert table.coefficients[0].label == "Smart-city pilot (did)"


def test_effects_sample_and_fit_rows(table):
    rows = {row.label: [c.text for c in row.cells] for row in table.fits}
    assert rows["City effects"] == ["–", "No", "–", "No", "–", "Yes", "–", "Yes", "–", "Yes"]
    assert rows["Year effects"] == ["–", "No", "–", "No", "–", "No", "–", "Yes", "–", "Yes"]
    assert rows["Controls"][1::2] == ["No", "Yes", "No", "No", "Yes"]
    assert rows["Observations"] == ["3,990"] * 10
    assert rows["Cities"] == ["–", "285"] * 5
    assert rows["R²"][:4] == ["0.026", "0.832", "0.045", "0.832"]
    assert rows["F"][4] == "533.04"


def test_notes_state_parentheses_convention_clusters_and_stars(table):
    text = " ".join(table.notes)
    assert "t values in parentheses" in text
    assert "CRV1" in text and "clustered by city (285 clusters)" in text
    assert "284 residual degrees of freedom" in text
    assert "*** p < 0.01, ** p < 0.05, * p < 0.10" in text.replace("\u00a0", " ")


def test_conventions_that_differ_name_their_columns(demo, demo_with):
    fits = demo["fits"].copy()
    mine = (fits["study"] == STUDY) & fits["column_id"].isin(["3", "4", "5"])
    fits.loc[mine, "df_resid"] = 283
    (table,) = tables_of(demo_with(fits=fits), STUDY)
    text = " ".join(table.notes)
    for columns, df in (("(1), (2)", 284), ("(3), (4), (5)", 283)):
        assert re.search(
            rf"columns {re.escape(columns)}: clustered by city [^.]*; {df} resid", text
        )


def test_codes_of_convention_cluster_and_grouping_are_said_in_words(demo, demo_with):
    fits = demo["fits"].assign(se_convention="fixest", cluster="city_code")
    status = pd.DataFrame(
        [(STUDY, "table2", str(k), "x", "estimated", None, "did", "is_large_city", "true",
          "by is_large_city in 2011") for k in range(1, 6)],
        columns=["study", "table_id", "column_id", "column_label", "status", "detail", "outcome",
                 "split_by", "split_value", "split_rule"],
    )  # fmt: skip
    (table,) = tables_of(demo_with(fits=fits, column_status=status), STUDY)
    text = " ".join(table.notes)
    assert "clustered by city (285 clusters); small-sample factor of R's fixest" in text
    assert "grouped by size (large: a million residents" in text and "in 2011 in columns" in text
    assert "_" not in text


def test_notes_on_a_whole_printed_table_say_what_they_are_about(demo, demo_with):
    extra = pd.DataFrame(
        [("zhu_chen_2025", 2, None, "N is 3,990.")], columns=demo["published_notes"].columns
    )
    notes = pd.concat([demo["published_notes"], extra], ignore_index=True)
    (table,) = tables_of(demo_with(published_notes=notes), STUDY)
    assert "On the published table: N is 3,990." in table.notes


def test_mislabelled_columns_carry_one_footnote(table):
    assert {c.column_id: c.mark for c in table.columns if c.mark} == {"3": "a", "4": "a"}
    ((letter, text),) = table.footnotes
    assert letter == "a" and "labels of columns 3 and 4" in text


def test_table_without_a_paper_has_one_number_per_column_and_standard_errors(demo):
    (table,) = tables_of(demo, "nqpf_broadband_china")
    assert not table.side_by_side
    assert not table.shows_t
    assert cell_of(table, "did", "1", "estimated", under=True).number.value == 0.0122
    assert "Standard errors in parentheses" in table.notes[0]


def test_column_that_only_the_paper_has_shows_a_dash_beside_it(demo, demo_with):
    without = demo["estimates"][demo["estimates"]["column_id"] != "4"]
    (table,) = tables_of(demo_with(estimates=without), STUDY)
    assert [c.column_id for c in table.columns] == ["1", "2", "3", "4", "5"]
    assert cell_of(table, "did", "4", "published").number.value == 0.187
    assert cell_of(table, "did", "4", "estimated").number is None


def test_standard_error_printed_among_t_values_is_named(demo, demo_with):
    published = demo["published"].copy()
    odd = (published["term"] == "did") & (published["column_no"] == 1)
    published.loc[odd, ["t_value", "std_error_printed"]] = [np.nan, 0.178961]
    (table,) = tables_of(demo_with(published=published), STUDY)
    assert any("Column (1) prints a standard error, 0.178961" in note for note in table.notes)


def test_printed_effects_are_shown_when_given(demo, demo_with):
    extra = pd.DataFrame(
        [("zhu_chen_2025", 2, 3, "city_effects", "yes"), ("zhu_chen_2025", 2, 1, "controls", "no")],
        columns=demo["published_fit"].columns,
    )
    frame = pd.concat([demo["published_fit"].astype(object), extra.astype(object)])
    (table,) = tables_of(demo_with(published_fit=frame), STUDY)
    rows = {row.label: [c.text for c in row.cells] for row in table.fits}
    assert rows["City effects"][4] == "Yes" and rows["Controls"][0] == "No"


def test_undeclared_table_of_the_estimates_is_shown_under_its_id(demo, demo_with):
    data = demo_with(study_tables=demo["study_tables"].iloc[:0])
    (table,) = tables_of(data, STUDY)
    assert table.title == "table2" and not table.side_by_side


def test_anchor_keeps_different_texts_apart():
    names = ["a b", "a_b", "a-b", "襄阳", "衢州", "a.b", "", " ", "A b"]
    anchors = [anchor("x", name) for name in names]
    assert len(set(anchors)) == len(names)
    assert all(a.replace("-", "").replace("_", "").isalnum() and a.isascii() for a in anchors)


def test_missing_column_of_a_frame_is_named(demo_with, demo):
    with pytest.raises(ValueError, match=r"'roster' lacks column\(s\) \['in_panel'\]"):
        demo_with(roster=demo["roster"].drop(columns="in_panel"))


def test_unknown_data_kind_is_refused(demo_with):
    with pytest.raises(ValueError, match="data_kind is 'real'"):
        demo_with(data_kind="real")
