"""Made-up frames for the report: the shape of a release, no figure of it is real or estimated.

The published numbers are the first rows of the printed Table 2, so that the typesetting meets
numbers as they come: a coefficient that prints as 0.000, a negative constant, missing rows.
"""

import zlib

import numpy as np
import pandas as pd
from demo_thresholds import printed_slopes, threshold_frames

from analysis.methods.registry import METHODS as ALL_METHODS
from analysis.report import ReportData
from analysis.report.page import needed_frames
from analysis.report.page import render_html as render_sections
from analysis.report.section import Context, Values
from analysis.report.sections import contents
from analysis.report.sections.estimates import estimates
from analysis.report.table.build import other_tables
from analysis.report.table.build import tables_of as tables_of_method
from analysis.typeset.drawing import drawing

METHODS = tuple(method.section() for method in ALL_METHODS.values() if method.section)
SECTIONS = contents(METHODS)
FRAMES = needed_frames(SECTIONS)
META = ("title", "data_kind", "vintage", "code_version", "created_from")

PAPER = "zhu_chen_2025"
COLUMN_LABELS = (
    "no controls, no fixed effects",
    "controls, no fixed effects",
    'no controls, "Times YES Individual NO"',
    'no controls, "Times NO Individual YES"',
    "controls, city and year fixed effects",
)
ESTIMATED_LABELS = (
    "no controls, no effects",
    "controls, no effects",
    "city effects",
    "city and year effects",
    "controls, city and year effects",
)
TERMS = {
    "did": "Smart-city pilot (did)",
    "population_density": "Population density",
    "gdp_per_capita": "GDP per capita (log)",
    "urbanisation": "Urbanisation",
    "government_intervention": "Government intervention",
    "industrialisation": "Industrialisation",
    "constant": "Constant",
}
# term: (estimate, t) by column, as printed in Table 2.
PRINTED = {
    "did": {1: (0.758, 10.365), 2: (0.675, 9.165), 3: (1.345, 23.088), 4: (0.187, 2.968),
            5: (0.184, 2.911)},
    "population_density": {2: (0.09, 2.463), 5: (0.031, 0.397)},
    "gdp_per_capita": {2: (0.429, 5.23), 5: (0.096, 1.18)},
    "urbanisation": {2: (0.119, 0.384), 5: (0.305, 0.755)},
    "government_intervention": {2: (1.757, 5.87), 5: (0.472, 2.944)},
    "industrialisation": {2: (-0.0, -1.448), 5: (0.0, 7.272)},
    "constant": {1: (1.956, 52.163), 2: (-3.542, -4.319), 3: (1.801, 83.204), 4: (2.106, 99.506),
                 5: (0.637, 0.648)},
}  # fmt: skip
PRINTED_FIT = {
    "n": (3990,) * 5,
    "r2": (0.026, 0.045, 0.745, 0.842, 0.842),
    "f": (107.44, 31.44, 533.038, 8.807, 10.523),
}
CITIES = ("襄阳市", "鄂尔多斯市", "毕节市", "亳州市", "儋州市", "呼和浩特市", "衢州市", "漯河市")
INDICATORS = (
    ("emerging_industry_employees", "Employees of listed emerging-industry firms",
     "战略性新兴产业从业人员数", "laborers", 0.171, 0.184),
    ("average_wage", "Average wage of staff and workers", "在岗职工平均工资", "laborers",
     0.021, 0.018),
    ("college_students", "Students of regular higher education", "普通本专科在校学生数", "laborers",
     0.108, 0.101),
    ("mobile_phone_users", "Mobile phone users at year-end", "移动电话年末用户数", "means_of_labor",
     0.052, 0.047),
    ("patent_applications", "Patent applications", "专利申请数", "means_of_labor", 0.061, 0.048),
    ("ai_enterprises", "Artificial-intelligence enterprises", "人工智能企业数", "objects_of_labor",
     0.231, 0.222),
    ("sewage_central_treatment_rate", "Centralised treatment rate of sewage",
     "污水处理厂集中处理率", "objects_of_labor", 0.176, 0.182),
)  # fmt: skip

HEADLINES = {("nqpf_smart_city", "5"), ("nqpf_broadband_china", "2")}


def stars_of(t: float) -> str:
    return "*" * sum(abs(t) > bound for bound in (1.645, 1.96, 2.576))


def estimate_row(study: str, column: int, label: str, term: str, *, b: float, se: float) -> dict:
    return {
        "study": study, "method": "regression", "design": "table2", "column_id": str(column),
        "column_label": label, "at_point": None,
        "term": term, "term_label": TERMS.get(term, term), "estimate": b, "std_error": se,
        "statistic": b / se, "p_value": 0.0312, "ci_low": b - 1.97 * se, "ci_high": b + 1.97 * se,
        "stars": stars_of(b / se), "published_column": str(column),
    }  # fmt: skip


def fit_row(study: str, column: int, effects: str, controls: str) -> dict:
    return {
        "study": study, "method": "regression", "design": "table2", "column_id": str(column),
        "outcome": "nqpf", "effects": effects, "controls": controls,
        "n_obs": 3990, "n_units": 285, "n_periods": 14, "n_clusters": 285, "r2": 0.8317,
        "r2_within": 0.0213, "f_statistic": 9.4412, "df_resid": 284,
        "se_convention": "CRV1, small-sample factor G/(G−1)·(N−1)/(N−K), K without nested effects",
        "cluster": "city", "spec_hash": "4f1c09ab77e2d0c1",
    }  # fmt: skip


def make_demo(**changes: object) -> ReportData:
    """The demo, with some fields replaced."""
    rng = np.random.default_rng(20250101)
    effects = ("", "", "city", "city+year", "city+year")
    estimates, fits, published = [], [], []
    for term, columns in PRINTED.items():
        for column, (b, t) in columns.items():
            published.append(
                {"paper_id": PAPER, "table_no": 2, "column_no": column,
                 "label": COLUMN_LABELS[column - 1], "term": term, "estimate": b, "t_value": t,
                 "std_error_printed": np.nan, "stars": stars_of(t), "statistic": t,
                 "ci_low": b - abs(1.96 * b / t), "ci_high": b + abs(1.96 * b / t)}
            )  # fmt: skip
            if term == "constant" and effects[column - 1]:
                continue
            value = 2.93e-5 if term == "industrialisation" else b * 1.04 + 0.011
            se = abs(value / t) if t else 1.0
            label = ESTIMATED_LABELS[column - 1]
            estimates.append(estimate_row("nqpf_smart_city", column, label, term, b=value, se=se))
    for column in range(1, 6):
        controls = "population_density, gdp_per_capita" if column in {2, 5} else ""
        fits.append(fit_row("nqpf_smart_city", column, effects[column - 1], controls))
    for column, (b, se) in {1: (0.0413, 0.0122), 2: (0.0127, 0.0098)}.items():
        label = ("city and year effects", "and controls")[column - 1]
        row = estimate_row("nqpf_broadband_china", column, label, "did", b=b, se=se)
        estimates.append(row | {"term_label": "Broadband China (did)"})
        fits.append(fit_row("nqpf_broadband_china", column, "city+year", "x" * (column - 1)))

    years = np.arange(2009, 2023)
    trend, regions = [], []
    for study in ("nqpf_smart_city", "nqpf_broadband_china"):
        for group, start, slope in (("treated", 2.1, 0.16), ("control", 1.7, 0.09)):
            for year in years:
                mean = start + slope * (year - 2009) + 0.25 * (group == "treated") * (year > 2012)
                mean += float(rng.normal(0, 0.02))
                trend.append((study, year, group, mean, mean - 0.13, mean + 0.13, 100))
    for region, start in (("east", 2.6), ("central", 1.9), ("west", 1.84), ("northeast", 1.7)):
        for year in years:
            mean = start + 0.11 * (year - 2009) * (1 + 0.1 * (region == "east"))
            regions.append(("nqpf", region, year, mean + float(rng.normal(0, 0.02)), 80))

    files = [
        {"file_name": f"中国城市统计年鉴{edition}_表{table}.xlsx", "publisher": "Sample publisher",
         "edition": edition, "licence": "CC0-1.0", "citation": "Embedded sample (simulated)",
         "sha256": f"{zlib.crc32(f'{edition}{table}'.encode()):08x}" * 8, "cells_read": 4120,
         "status": "loaded", "reason": None}
        for edition in range(2010, 2024) for table in ("2-1", "2-4")
    ]  # fmt: skip
    files.append(
        files[0] | {"file_name": "photo.xlsx", "cells_read": 0, "status": "refused",
                    "reason": "The content is a PNG picture, not a workbook; save the page as "
                              ".xlsx and drop it in again."}
    )  # fmt: skip
    read = 28 * 4120
    classes = {
        "heading": 3136,
        "key": 16240,
        "value_quarantined": 14,
        "aggregate": 868,
        "note": 224,
    }
    classes["value_resolved"] = read - sum(classes.values())
    ratios = [1.83, 0.62, 1.31, 0.81, 1.22, 0.9, 1.08, 0.94] * 4
    content: dict = {
        "title": "City yearbooks to policy estimates: smart-city pilots and new quality "
        "productive forces",
        "data_kind": "simulated",
        "vintage": "2025-sample-1",
        "code_version": "0.1.0+g311d6ea",
        "created_from": "sha256:6a663d310d7a1d7030e07008251bc3696a663d310d7a1d7030e07008251bc369",
        "input_files": pd.DataFrame(files),
        "cell_account": pd.DataFrame({"class": list(classes), "cells": list(classes.values())}),
        "quarantine": pd.DataFrame(
            [("unknown city", 9, "中国城市统计年鉴2012_表2-1.xlsx", "2-1", "A131", "襄樊新市"),
             ("text in a number cell", 5, "中国城市统计年鉴2015_表2-4.xlsx", "2-4 续表", "F27",
              "约 1200")],
            columns=["reason", "cells", "example_file", "example_sheet", "example_cell",
                     "example_text"]),
        "imputed": pd.DataFrame(
            [("ai_enterprises", "Artificial-intelligence enterprises", 3990, 37, 37 / 3990),
             ("gdp", "Gross regional product", 3990, 0, 0.0),
             ("college_students", "Students of regular higher education", 3990, 4, 4 / 3990)],
            columns=["indicator_code", "indicator_name", "values", "imputed", "share"]),
        "disagreement": pd.DataFrame(
            [(CITIES[i % len(CITIES)], 2003 + i, "gdp", "panel_gdp.xlsx", 1234567.0 * r,
              "panel_structure.xlsx", 1234567.0, r) for i, r in enumerate(ratios)],
            columns=["city_name", "year", "indicator", "source_a", "value_a", "source_b",
                     "value_b", "ratio"]),
        "disagreement_counts": pd.DataFrame(
            [(412, 6210, 0.05)], columns=["differing", "compared", "tolerance"]),
        "input_health": pd.DataFrame(
            [("files", "all", 29, 29), ("files", "loaded", 28, 29), ("files", "refused", 1, 29),
             ("figures_quarantined", "all", 0, 0)],
            columns=["measure", "detail", "value", "total"],
        ),
        "gate_warnings": pd.DataFrame(
            [("indicators", "jump_in_one_city", "indicator_code gdp", "new", 3, 2, 0,
              "city_code 420600 襄阳市, year 2015", "value 2", "2-4.xlsx, sheet 1, D7", "look at it"),
             ("panel", "cities_per_year_steady", "all", "known", 1, 0, 0, "year 2015", "cities 12",
              "", "count them")],
            columns=["gate", "rule_id", "cause", "status", "findings", "new", "changed", "subject",
                     "says", "place", "advice"],
        ),
        "city_events": pd.DataFrame(
            [(2011, "split", "巢湖市", "合肥市", "keep_apart", "divided among 3"),
             (2019, "merge", "莱芜市", "济南市", "keep_apart", "its totals jump in this year")],
            columns=["year", "kind", "from_name", "to_name", "decision", "reason"],
        ),
        "row_counts": pd.DataFrame(
            {"mart": ["indicator_value", "city_year", "index_score", "estimate"],
             "rows": [183540, 3990, 3990, 19]}),
        "checks": pd.DataFrame(
            [("observations", "row_count_by_edition", "critical", True, True, "285", "285"),
             ("observations", "jump_at_edition_border", "warn", False, True, "3 series x10.2",
              "none"),
             ("indicators", "share_imputed", "warn", True, True, "0.9 %", "at most 5 %"),
             ("panel", "coverage_against_last_release", "critical", True, False, None,
              "same cities")],
            columns=["gate", "rule_id", "severity", "success", "applicable", "observed",
                     "expected"]),
        "estimates": pd.DataFrame(estimates),
        "fits": pd.DataFrame(fits),
        "column_status": pd.DataFrame(
            [("nqpf_smart_city", "regression", "table2", str(k), label, "estimated", None, str(k))
             for k, label in enumerate(ESTIMATED_LABELS, start=1)],
            columns=["study", "method", "design", "column_id", "column_label", "status", "detail",
                     "published_column"]),
        "published": pd.DataFrame([*published, *printed_slopes(PAPER)]),
        "published_fit": pd.DataFrame(
            [(PAPER, 2, c + 1, s, v) for s, vs in PRINTED_FIT.items() for c, v in enumerate(vs)],
            columns=["paper_id", "table_no", "column_no", "statistic", "value"]),
        "published_notes": pd.DataFrame(
            [(PAPER, 2, c, "The printed labels of columns 3 and 4 do not fit their numbers: column "
              "3 behaves like city effects alone, column 4 like city and year effects. The "
              "estimates follow the numbers.") for c in (3, 4)],
            columns=["paper_id", "table_no", "column_no", "note"]),
        "papers": pd.DataFrame(
            [(PAPER, "Zhu Shenghu and Chen Tian (2025), Research on the Impact of Smart City "
              "Construction on New Quality Productivity, Global Academic Frontiers 3(4), 60-80, "
              "doi 10.5281/zenodo.17836466 (CC BY).")], columns=["paper_id", "citation"]),
        "studies": pd.DataFrame(
            [("nqpf_smart_city", "Smart-city pilots and new quality productive forces",
              "new quality productive forces", "index x 100", "smart_city",
              "did", 2009, 2022),
             ("nqpf_broadband_china", "Broadband China and new quality productive forces",
              "published NQPF measure", "index", "broadband_china", "did", 2010, 2021)],
            columns=["study", "title", "outcome_label", "outcome_unit", "policy", "effect_term",
                     "first_year", "last_year"]),
        "study_tables": pd.DataFrame(
            [("nqpf_smart_city", "regression", "table2", "Smart-city pilots and NQPF, baseline", PAPER, 2.0),
             ("nqpf_broadband_china", "regression", "table2", "Broadband China and NQPF", None,
              None)],
            columns=["study", "method", "design", "title", "paper_id", "table_no"]),
        "trend": pd.DataFrame(
            trend, columns=["study", "year", "group", "mean", "ci_low", "ci_high", "n"]),
        "index_by_region": pd.DataFrame(
            regions, columns=["index_id", "region", "year", "mean", "n"]),
        "index_weight": pd.DataFrame(
            [("nqpf", c, n, d, w, p, w - p, zh, "New quality productive forces (新质生产力)")
             for c, n, zh, d, w, p in INDICATORS],
            columns=["index_id", "indicator_code", "indicator_name", "dimension", "weight",
                     "published_weight", "difference", "indicator_name_zh", "index_title"]),
        "roster": pd.DataFrame(
            [("smart_city", "1", 90, 88, 37, 36, "the count of 37 takes in Jiyuan", 2012),
             ("smart_city", "2", 103, 60, 40, 39, "districts and towns incomplete", 2013),
             ("broadband_china", "2014", 39, 39, 41, 40, None, 2014)],
            columns=["policy", "batch", "announced", "listed", "whole_prefecture", "in_panel",
                     "note", "year"]),
        "trace_examples": pd.DataFrame(
            [("襄阳市", 2015, "gdp", 33821200.0, "10_000_yuan", "中国城市统计年鉴2016_表2-4.xlsx",
              "2-4", "C187", "33 821 200"),
             ("鄂尔多斯市", 2012, "college_students", 4821.0, "persons",
              "中国城市统计年鉴2013_表2-9.xlsx", "2-9 续表", "B44", "４８２１")],
            columns=["city_name", "year", "indicator_code", "value", "unit", "file_name", "sheet",
                     "cell", "text"]),
        "second_opinion": pd.DataFrame(
            [("another library", 41, 9, 3e-9)],
            columns=["library", "terms", "columns", "difference"]),
        "headlines": pd.DataFrame(
            [r | {"n_obs": 3990, "n_units": 285} for r in estimates
             if r["term"] == "did" and (r["study"], r["column_id"]) in HEADLINES]),
        "latin_names": pd.DataFrame([("襄阳市", "Xiangyang")], columns=["name", "latin"]),
        **threshold_frames(PAPER),
    }  # fmt: skip
    return make_release(**(content | changes))


def make_release(**content: object) -> ReportData:
    """A release of the given facts and frames, checked as the page checks it."""
    meta = {
        "title": "Nothing",
        "data_kind": "published",
        "vintage": "v",
        "code_version": "c",
        "created_from": "f",
    }
    meta |= {name: content.pop(name) for name in META if name in content}
    return ReportData(**meta, frames=content).checked(FRAMES)


def render_html(data: ReportData, translations=None) -> str:
    """The page with all sections."""
    return render_sections(data, SECTIONS, translations)


def tables_of(data: ReportData, study: str) -> list:
    """All regression tables of a study, in the order of the page."""
    keys = [section.id for section in METHODS]
    found = [table for key in keys for table in tables_of_method(data, study, key)]
    return found + other_tables(data, study, keys)


def values_of(data: ReportData, study: str, method: str) -> Values:
    """What the section of a method shows of a study."""
    section = estimates(METHODS)
    with drawing(data.simulated) as pen:
        built = Context(data, pen, {}, section).piece(section).values["studies"]
    (found,) = (one for one in built if one["study"] == study)
    (piece,) = (piece for piece, _ in found["pieces"] if piece.section.id == method)
    return piece.values
