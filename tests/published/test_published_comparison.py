"""Printed coefficients beside estimated ones: pairing, agreement, and why one has no counterpart."""

import re

import pandas as pd
import pytest

from analysis.published.compare import Estimated, compare, papers_of
from analysis.published.tables import PUBLISHED_COMPARISON
from analysis.report import ReportData
from analysis.report.page import render_html
from analysis.report.sections import contents
from analysis.report.table.build import ESTIMATES
from analysis.studies import load_studies

PRINTED = pd.DataFrame(
    [
        # table, column, term, estimate, t, printed error
        ("2", "1", "did", 0.2, 4.0, None),
        ("2", "1", "wealth", 0.0, -7.3, None),
        ("2", "2", "did", 0.1, 1.0, None),
        ("2", "2", "constant", 1.0, 9.0, None),
        ("6", "1", "did", -0.7, None, 0.18),
        ("6", "0", "constant", -11.2, -7.6, None),
        ("9", "1", "did", 0.1, 1.0, None),
    ],
    columns=["table_no", "column_no", "term", "estimate", "t_value", "std_error_printed"],
).assign(paper_id="paper", label="l", stars="*")
PRINTED["std_error"] = (
    PRINTED["std_error_printed"]
    .astype(float)
    .fillna((PRINTED["estimate"] / PRINTED["t_value"]).abs())
)
PRINTED["statistic"] = PRINTED["t_value"].fillna(PRINTED["estimate"] / PRINTED["std_error"])
KEY = ["method", "design", "column_id"]


def frame(rows, *names) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=names)


OWN = Estimated(
    columns=frame(
        [
            ("regression", "base", "a", "paper", "2", "1", "estimated", ""),
            ("regression", "base", "b", "paper", "2", "2", "skipped", "finance has no value"),
            ("regression", "again", "a", "paper", "2", "1", "estimated", ""),
            ("threshold", "cut", "2", "paper", "6", None, "estimated", ""),
            ("regression", "other", "x", None, None, None, "estimated", ""),
        ],
        *KEY, "paper_id", "table_no", "published_column", "status", "detail",
    ),
    estimates=frame(
        [
            ("regression", "base", "a", "did", None, 0.31, 0.10, 3.1, 0.002, "***", "1"),
            ("regression", "again", "a", "did", None, 9.0, 0.1, 90.0, 0.0, "***", "1"),
            ("regression", "base", "a", "wealth", None, 0.4, 0.4, 1.0, 0.3, "", "1"),
            ("threshold", "cut", "2", "did", "1", -0.66, 0.2, -3.3, 0.001, "***", "1"),
            ("threshold", "cut", "2", "did", "2", 0.25, 0.1, 2.5, 0.01, "**", "2"),
        ],
        *KEY, "term", "at_point", "estimate", "std_error", "statistic", "p_value", "stars",
        "published_column",
    ),
    dropped=frame([], *KEY, "term", "reason"),
    status="estimated",
    detail="",
)  # fmt: skip


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    made = compare("toy", PRINTED, OWN)
    assert {c: str(t) for c, t in made.dtypes.items()} == PUBLISHED_COMPARISON.kinds
    return made.set_index(["table_no", "column_no", "term"])


def test_every_printed_coefficient_has_a_row_and_the_first_that_stands_against_it(found):
    assert len(found) == len(PRINTED)
    row = found.loc[("2", "1", "did")]
    assert (row["design"], row["column_id"], row["estimate"]) == ("base", "a", 0.31)
    regime = found.loc[("6", "1", "did")]
    assert (regime["method"], regime["at_point"], regime["estimate"]) == ("threshold", "1", -0.66)


def test_agreement_of_sign_significance_and_size(found):
    row = found.loc[("2", "1", "did")]  # printed 0.2 with an error of 0.05
    assert row["difference_in_errors"] == pytest.approx(2.2)
    assert (row["same_sign"], row["same_significance"], row["same_size"]) == (True, True, False)
    regime = found.loc[("6", "1", "did")]  # an error is printed, not a t value
    assert regime["difference_in_errors"] == pytest.approx(0.04 / 0.18)
    assert (regime["same_sign"], regime["same_significance"], regime["same_size"]) == (True,) * 3


def test_a_coefficient_that_prints_as_nought_has_the_sign_of_its_t_value_and_no_size(found):
    row = found.loc[("2", "1", "wealth")]
    assert row["published_statistic"] == -7.3
    assert (row["same_sign"], row["same_significance"]) == (False, False)
    assert row[["published_std_error", "difference_in_errors", "same_size"]].isna().all()


def test_what_has_no_counterpart_says_why(found):
    without = found[found["status"] != "estimated"]["detail"].to_dict()
    assert without == {
        ("2", "2", "did"): "column b of regression base is not estimated: finance has no value",
        (
            "2",
            "2",
            "constant",
        ): "column b of regression base is not estimated: finance has no value",
        (
            "6",
            "0",
            "constant",
        ): "threshold cut: no such coefficient stands against printed column 0",
        ("9", "1", "did"): "no design of the study stands against table 9",
    }


def test_a_term_that_was_dropped_or_is_not_in_the_equation_says_so():
    dropped = frame(
        [("regression", "base", "a", "wealth", "does not vary in the sample")],
        *KEY,
        "term",
        "reason",
    )
    estimates = OWN.estimates[OWN.estimates["design"] == "none"]
    own = Estimated(
        OWN.columns[OWN.columns["design"] == "base"], estimates, dropped, "estimated", ""
    )
    made = compare("toy", PRINTED.head(2), own)["detail"].tolist()
    assert made == [
        "regression base, column a: the equation has no such term",
        "column a of regression base leaves the term out: does not vary in the sample",
    ]


def test_a_study_that_is_not_estimated_has_no_counterpart_at_all():
    own = Estimated(
        OWN.columns.head(0), OWN.estimates.head(0), OWN.dropped, "no outcome", "index is empty"
    )
    made = compare("toy", PRINTED, own)
    assert set(made["detail"]) == {"the study isn't estimated (no outcome): index is empty"}
    assert made["estimate"].isna().all()


def test_papers_are_those_that_designs_stand_against():
    studies = load_studies()
    found = {name: papers_of(d for _, d in study.designs()) for name, study in studies.items()}
    assert found["smart_city_nqpf"] == ("zhu_chen_2025",)
    assert found["broadband_nqpf_real"] == ()


def test_the_report_counts_by_printed_table_and_lists_every_coefficient():
    studies = pd.DataFrame(
        {"study": ["toy"], "title": ["A toy"], "outcome_label": "o", "outcome_unit": "u", "policy": "p",
         "first_year": 2010, "last_year": 2012, "effect_term": "did", "policy_label": "P"}
    )  # fmt: skip
    estimates = pd.DataFrame([dict.fromkeys(ESTIMATES.columns)]).astype(object)
    estimates[["study", "term", "term_label"]] = ["toy", "did", "The policy"]
    frames = {"published_comparison": compare("toy", PRINTED, OWN), "studies": studies}
    frames["estimates"] = estimates
    page = render_html(ReportData("published", "v", "c", "f", frames), contents(()))
    lines = re.findall(r'<tr[^>]*data-comparison="(\w+)">(.*?)</tr>', page)
    counted = {name: re.sub("<[^>]+>", " ", cells).split() for name, cells in lines}
    # name, printed, with counterpart, then "k of n" for sign, significance and size
    assert counted["2"][2:] == ["4", "2", "1", "of", "2", "1", "of", "2", "0", "of", "1"]
    assert counted["all"][1:] == ["7", "3", "2", "of", "3", "2", "of", "3", "1", "of", "2"]
    assert counted["policy"][-9:] == ["2", "of", "2", "2", "of", "2", "1", "of", "2"]
    assert page.count("data-printed=") == len(PRINTED)
    assert (
        "Without counterpart, table 9: The policy (1): no design of the study stands against table 9."
        in page
    )
