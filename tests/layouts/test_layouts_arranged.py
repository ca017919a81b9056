"""Pages as offices, vendors and colleagues arrange them, written by hand: each figure right, or set aside.

Here: cities across the top, tables beside each other, pages about one city, and what only a workbook
or a web page can do (percentages, raised notes, hidden parts). Not here: the yearbook's own
arrangement (`test_layouts_by_hand`) and drawn pages (`test_layouts_fuzz`).
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from layouts_warehouse import FIGURES, Resolved
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.worksheet import Worksheet

FIRST_EDITION = 2001
"""Each page is an edition of its own, so that none contradicts another; it reports the year before."""

REGISTERED, REVENUE, EDUCATION = "population_registered", "fiscal_revenue", "education_expenditure"
SHIJIAZHUANG, TANGSHAN, TAIYUAN, DATONG = "130100", "130200", "140100", "140200"

# Name of the page -> its text as CSV; the figures as (cell, city, year or None for the edition's,
# indicator, value); the rest as (cell, reason).
TEXTS: dict[str, tuple[str, list[tuple], list[tuple]]] = {
    # ------------------------------------------------------------------ cities across the top
    "turned_with_units_and_totals": (
        "2-1 主要指标\n指标,单位,全省,石家庄市,唐山市\n年末户籍人口,万人,7500,1028.84,780.1\n"
        "公共财政收入,亿元,2600,375,…\n",
        [
            ("D3", SHIJIAZHUANG, None, REGISTERED, 1028.84),
            ("D4", SHIJIAZHUANG, None, REVENUE, 3_750_000),
            ("E3", TANGSHAN, None, REGISTERED, 780.1),
        ],
        [("C3", "aggregate"), ("C4", "aggregate")],
    ),
    # The first heading is repeated; each table has its unit line, and notes belong to none.
    "turned_twice": (
        "2-1 人口\n,,,单位：万人\n指标,石家庄市,唐山市\n年末户籍人口,1,2\n注：不含县\n"
        "2-5 财政\n单位：亿元\n指标,太原市,大同市\n公共财政收入,3,4\n",
        [
            ("B4", SHIJIAZHUANG, None, REGISTERED, 1),
            ("B9", TAIYUAN, None, REVENUE, 30_000),
            ("C4", TANGSHAN, None, REGISTERED, 2),
            ("C9", DATONG, None, REVENUE, 40_000),
        ],
        [],
    ),
    # The unit of one table is not that of another.
    "turned_above_another": (
        "2-1 人口\n单位：万人\n指标,石家庄市,唐山市\n年末户籍人口,1,2\n\n2-5 财政\n城市,公共财政收入\n"
        "石家庄市,5\n",
        [("B4", SHIJIAZHUANG, None, REGISTERED, 1), ("C4", TANGSHAN, None, REGISTERED, 2)],
        [("B8", "no_unit")],
    ),
    "turned_below_another": (
        "2-5 财政\n单位：万元\n城市,公共财政收入\n石家庄市,5\n\n2-1 人口\n指标,石家庄市,唐山市\n"
        "年末户籍人口,1,2\n",
        [("B4", SHIJIAZHUANG, None, REVENUE, 5)],
        [("B8", "no_unit"), ("C8", "no_unit")],
    ),
    "turned_with_years_below": (
        "指标,单位,石家庄市,,唐山市,\n,,2009,2010,2009,2010\n年末户籍人口,万人,1,2,3,4\n",
        [
            ("C3", SHIJIAZHUANG, 2009, REGISTERED, 1),
            ("D3", SHIJIAZHUANG, 2010, REGISTERED, 2),
            ("E3", TANGSHAN, 2009, REGISTERED, 3),
            ("F3", TANGSHAN, 2010, REGISTERED, 4),
        ],
        [],
    ),
    "turned_with_years_above": (
        "指标,2009年,,2010年,\n,石家庄市,唐山市,石家庄市,唐山市\n年末户籍人口(万人),1,2,3,4\n",
        [
            ("B3", SHIJIAZHUANG, 2009, REGISTERED, 1),
            ("C3", TANGSHAN, 2009, REGISTERED, 2),
            ("D3", SHIJIAZHUANG, 2010, REGISTERED, 3),
            ("E3", TANGSHAN, 2010, REGISTERED, 4),
        ],
        [],
    ),
    "turned_with_years_down_the_side": (
        "2-1 年末户籍人口 单位：万人\n年份,石家庄市,唐山市\n2009年,1,2\n2010年,3,4\n",
        [
            ("B3", SHIJIAZHUANG, 2009, REGISTERED, 1),
            ("B4", SHIJIAZHUANG, 2010, REGISTERED, 3),
            ("C3", TANGSHAN, 2009, REGISTERED, 2),
            ("C4", TANGSHAN, 2010, REGISTERED, 4),
        ],
        [],
    ),
    "turned_with_codes_and_numbers": (
        "序号,指标,石家庄市,唐山市\n,城市代码,130100,130200\n1,年末户籍人口(万人),5,6\n",
        [("C3", SHIJIAZHUANG, None, REGISTERED, 5), ("D3", TANGSHAN, None, REGISTERED, 6)],
        [],
    ),
    # A row without a name is not that of the row above; figures that look like years are figures.
    "turned_without_a_name": (
        "指标,单位,石家庄市,唐山市\n年末户籍人口,万人,2010,2011\n,户,3,4\n",
        [("C2", SHIJIAZHUANG, None, REGISTERED, 2010), ("D2", TANGSHAN, None, REGISTERED, 2011)],
        [("C3", "unknown_heading"), ("D3", "unknown_heading")],
    ),
    # Cities on both sides are distances, or a table whose columns nobody named.
    "matrix": (
        "城市,石家庄市,唐山市\n石家庄市,0,366\n唐山市,366,0\n",
        [],
        [(cell, "unknown_heading") for cell in ("B2", "B3", "C2", "C3")],
    ),
    # ------------------------------------------------------------------ tables beside each other
    "beside_with_a_caption_each": (
        "表1 人口,,,表2 财政\n单位：万人,,,单位：亿元\n序号,城市,年末户籍人口,序号,城市,公共财政收入\n"
        "1,石家庄市,1,1,太原市,2\n2,唐山市,3,2,大同市,4\n3,秦皇岛市,5\n",
        [
            ("C4", SHIJIAZHUANG, None, REGISTERED, 1),
            ("C5", TANGSHAN, None, REGISTERED, 3),
            ("C6", "130300", None, REGISTERED, 5),
            ("F4", TAIYUAN, None, REVENUE, 20_000),
            ("F5", DATONG, None, REVENUE, 40_000),
        ],
        [],
    ),
    "beside_and_below": (
        "2-1 人口,,,单位：万人\n城市,年末户籍人口,城市,年末户籍人口\n石家庄市,1,太原市,2\n"
        "2-2 财政,,,单位：亿元\n城市,公共财政收入,城市,公共财政收入\n石家庄市,3,太原市,4\n",
        [
            ("B3", SHIJIAZHUANG, None, REGISTERED, 1),
            ("B6", SHIJIAZHUANG, None, REVENUE, 30_000),
            ("D3", TAIYUAN, None, REGISTERED, 2),
            ("D6", TAIYUAN, None, REVENUE, 40_000),
        ],
        [],
    ),
    "beside_with_years": (
        "城市,年份,年末户籍人口(万人),,城市,年份,年末户籍人口(万人)\n石家庄市,2009,1,,太原市,2009,2\n",
        [("C2", SHIJIAZHUANG, 2009, REGISTERED, 1), ("G2", TAIYUAN, 2009, REGISTERED, 2)],
        [],
    ),
    # ------------------------------------------------------------------ one city
    "one_city_years_across": (
        "石家庄市主要经济指标\n指标,单位,2010,2009,比上年增长(%)\n一、综合\n年末户籍人口,万人,1,2,3\n"
        "教育支出,亿元,4,5,6\n注：快报数\n",
        [
            ("C4", SHIJIAZHUANG, 2010, REGISTERED, 1),
            ("C5", SHIJIAZHUANG, 2010, EDUCATION, 40_000),
            ("D4", SHIJIAZHUANG, 2009, REGISTERED, 2),
            ("D5", SHIJIAZHUANG, 2009, EDUCATION, 50_000),
        ],
        [("E4", "unknown_heading"), ("E5", "unknown_heading")],
    ),
    "one_city_years_down": (
        "石家庄市历年主要指标\n年份,年末户籍人口(万人)\n2009年,1\n2010年,2\n",
        [
            ("B3", SHIJIAZHUANG, 2009, REGISTERED, 1),
            ("B4", SHIJIAZHUANG, 2010, REGISTERED, 2),
        ],
        [],
    ),
    "唐山市主要指标": (  # the file's own name
        "指标,全市,市辖区\n年末户籍人口(万人),9,5\n",
        [
            ("B2", TANGSHAN, None, REGISTERED, 9),
            ("C2", TANGSHAN, None, "districts", 5),
        ],
        [],
    ),
    "a_district_is_not_its_city": (
        "石家庄市长安区主要指标\n指标,2010,2009\n年末户籍人口(万人),1,2\n",
        [],
        [],
    ),
    "half_a_year_is_none": (
        "石家庄市2010年1-6月主要指标\n指标,单位,数值\n年末户籍人口,万人,1\n",
        [],
        [("C3", "part_of_a_year")],
    ),
    "two_cities_are_not_one": (
        "石家庄市主要指标\n指标,2010\n年末户籍人口(万人),1\n唐山市主要指标\n指标,2010\n"
        "年末户籍人口(万人),2\n",
        [],
        [],
    ),
    "indicators_in_rows_years_across": (
        "城市,指标,单位,2009,2010年\n石家庄市,年末户籍人口,万人,1,2\n唐山市,教育支出,亿元,3,…\n",
        [
            ("D2", SHIJIAZHUANG, 2009, REGISTERED, 1),
            ("D3", TANGSHAN, 2009, EDUCATION, 30_000),
            ("E2", SHIJIAZHUANG, 2010, REGISTERED, 2),
        ],
        [],
    ),
    # ------------------------------------------------------------------ units, names, years
    "units_by_blanks": (
        "2-1 人口与财政   单位：万元  万人　%\n城市,公共财政收入,年末户籍人口\n石家庄市,5,6\n",
        [("B3", SHIJIAZHUANG, None, REVENUE, 5), ("C3", SHIJIAZHUANG, None, REGISTERED, 6)],
        [],
    ),
    # 两 is no unit that is known, so that none of the line is believed.
    "units_by_blanks_unknown": (
        "单位：万元 两\n城市,公共财政收入\n石家庄市,5\n",
        [],
        [("B3", "unknown_unit")],
    ),
    "unit_in_two_languages": (
        "单位：万人  Unit: 10 000 persons\n城市,年末户籍人口\n石家庄市,5\n",
        [("B3", SHIJIAZHUANG, None, REGISTERED, 5)],
        [],
    ),
    "unit_behind_a_title": (
        "教育支出 亿元\n城市,2009,2010\n石家庄市,5,6\n",
        [
            ("B3", SHIJIAZHUANG, 2009, EDUCATION, 50_000),
            ("C3", SHIJIAZHUANG, 2010, EDUCATION, 60_000),
        ],
        [],
    ),
    # 万人 measures no expenditure.
    "unit_of_something_else_behind_a_title": (
        "教育支出 万人\n城市,2009\n石家庄市,5\n",
        [],
        [("B3", "unknown_heading")],
    ),
    "notes_behind_names": (
        "城市,年末户籍人口(万人)\n石家庄市 a),1\n唐山市(1),2\n太原市[注1],3\n大同市（注）,4\n秦皇岛市²,5\n"
        "小计,15\n河北省合计,3\n",
        [
            ("B2", SHIJIAZHUANG, None, REGISTERED, 1),
            ("B3", TANGSHAN, None, REGISTERED, 2),
            ("B4", TAIYUAN, None, REGISTERED, 3),
            ("B5", DATONG, None, REGISTERED, 4),
            ("B6", "130300", None, REGISTERED, 5),
        ],
        [("B7", "aggregate"), ("B8", "aggregate")],
    ),
    "years_in_words": (
        "城市,统计时间,年末户籍人口(万人)\n石家庄市,2009年末,1\n唐山市,2009-2010,2\n太原市,2009/10,3\n"
        "大同市,09,4\n",
        [("C2", SHIJIAZHUANG, 2009, REGISTERED, 1)],
        # 2009/10 is October as well as two years.
        [("C3", "no_statistic_year"), ("C4", "part_of_a_year"), ("C5", "no_statistic_year")],
    ),
    "percent_signs": (
        "城市,建成区绿化覆盖率(%),自然增长率(‰),教育支出(万元)\n石家庄市,45.12%,5.5‰,12.5%\n唐山市,41%,0.5%,1\n",
        [
            ("B2", SHIJIAZHUANG, None, "green_coverage", 45.12),
            ("B3", TANGSHAN, None, "green_coverage", 41),
            ("C2", SHIJIAZHUANG, None, "natural_growth_rate", 5.5),
            ("D3", TANGSHAN, None, "education_expenditure", 1),
        ],
        # 0.5% under ‰ contradicts its heading.
        [("C3", "unit_contradicted"), ("D2", "text_in_number_cell")],
    ),
    "two_languages": (
        "城市 City,Household Registered Population 年末户籍人口(万人),年平均人口/Average population(万人)\n"
        "石家庄市 Shijiazhuang,1,2\nTangshan 唐山,3,4\n太原市(Taiyuan),5,6\n",
        [
            ("B2", SHIJIAZHUANG, None, REGISTERED, 1),
            ("B3", TANGSHAN, None, REGISTERED, 3),
            ("B4", TAIYUAN, None, REGISTERED, 5),
            ("C2", SHIJIAZHUANG, None, "population_average", 2),
            ("C3", TANGSHAN, None, "population_average", 4),
            ("C4", TAIYUAN, None, "population_average", 6),
        ],
        [],
    ),
    "english_headings": (
        "2-4 GDP\nCity,Value-added of Primary Industry (10 000 yuan),Primary Industry (10 000 yuan),"
        "Number of Hospital Beds (bed)\nShijiazhuang,1,2,3\nHebei Total,4,5,6\n",
        [
            ("B3", SHIJIAZHUANG, None, "gdp_primary", 1),
            ("D3", SHIJIAZHUANG, None, "hospital_beds", 3),
        ],
        [
            ("B4", "aggregate"),
            ("C3", "unknown_heading"),
            ("C4", "unknown_heading"),
            ("D4", "aggregate"),
        ],
    ),
    # Its words are no title of the table below.
    "a_last_row_without_a_figure": (
        "城市,年份,指标,数值,口径\n石家庄市,2009,年末户籍人口,1,全市\n石家庄市,2009,年末户籍人口,,市辖区\n"
        "2-1 续表,,,,\n,,,单位：万人,\n城市,年份,指标,数值,口径\n唐山市,2009,年末户籍人口,2,全市\n",
        [("D7", TANGSHAN, 2009, REGISTERED, 2)],
        [("D2", "no_unit")],
    ),
    # A unit in a row without a name is no place below 北京市.
    "a_municipality_before_a_unit_line": (
        "单位：万人,\n城市,年末户籍人口\n北京市,1\n石家庄市,2\n,单位：人\n",
        [
            ("B3", "110000", None, REGISTERED, 1),
            ("B4", SHIJIAZHUANG, None, REGISTERED, 2),
        ],
        [],
    ),
    "parts_in_rows": (
        "石家庄市主要指标\n指标,单位,2014,2015\n地区生产总值,万元,10,11\n#第一产业,,1,2\n第二产业,万元,3,4\n"
        "国有单位,万元,5,6\n#第三产业,万元,7,8\n",
        [
            ("C3", SHIJIAZHUANG, 2014, "gdp", 10),
            ("C4", SHIJIAZHUANG, 2014, "gdp_primary", 1),
            ("C5", SHIJIAZHUANG, 2014, "gdp_secondary", 3),
            ("D3", SHIJIAZHUANG, 2015, "gdp", 11),
            ("D4", SHIJIAZHUANG, 2015, "gdp_primary", 2),
            ("D5", SHIJIAZHUANG, 2015, "gdp_secondary", 4),
        ],
        # Of what nobody knows, the part is unknown too.
        [(cell, "unknown_heading") for cell in ("C6", "C7", "D6", "D7")],
    ),
    "parts_across": (
        "指标,单位,石家庄市,唐山市\n地区生产总值,万元,10,11\n其中：第一产业,万元,1,2\n第三产业,,3,4\n",
        [
            ("C2", SHIJIAZHUANG, None, "gdp", 10),
            ("C3", SHIJIAZHUANG, None, "gdp_primary", 1),
            ("D2", TANGSHAN, None, "gdp", 11),
            ("D3", TANGSHAN, None, "gdp_primary", 2),
        ],
        # Without a mark it may be a share: it takes no unit over.
        [("C4", "no_unit"), ("D4", "no_unit")],
    ),
    # English headings that no mapping knows: the figures stand in quarantine, with their cities.
    "english_only": (
        "2-1 Population\nCity,Mystery (10 000 persons)\nShijiazhuang,5\n",
        [],
        [("B3", "unknown_heading")],
    ),
    "a_figure_without_name_and_heading": (
        "城市,年末户籍人口(万人),某种指标\n石家庄市,5,6\n,7,8\n,,未经审计\n",
        [("B2", SHIJIAZHUANG, None, REGISTERED, 5)],
        [("B3", "no_city"), ("C2", "unknown_heading"), ("C3", "no_city")],
    ),
}


def _merged_over_years(sheet: Worksheet) -> None:
    for row in (
        ["城市", "年份", "年末户籍人口(万人)"],
        ["石家庄市", "2009年", 1],
        [None, "2010年", 2],
        ["唐山市", date(2009, 12, 31), 3],
        [None, 2010, 4],
    ):
        sheet.append(row)
    sheet.merge_cells("A2:A3")


def _percentages(sheet: Worksheet) -> None:
    for row in (
        ["城市", "建成区绿化覆盖率(%)", "自然增长率(‰)"],
        ["石家庄市", 0.4512, 5.1],
        ["唐山市", 41.5, 4.2],
    ):
        sheet.append(row)
    sheet["B2"].number_format = "0.0%"
    sheet["B3"].number_format = '0.0"%"'  # a mere sign: the number is what is meant


def _raised(sheet: Worksheet) -> None:
    def note(text: str, *after: str) -> CellRichText:
        return CellRichText(text, TextBlock(InlineFont(vertAlign="superscript"), "2"), *after)

    sheet.append(["城市", note("行政区域土地面积(km", ")"), "年末户籍人口(万人)"])
    sheet.append([note("石家庄市"), 7, note("1,028.84")])


def _formulas(sheet: Worksheet) -> None:
    for row in (["城市", "年末户籍人口(万人)"], ["石家庄市", "=1000+28"], ["唐山市", 5]):
        sheet.append(row)


def _hidden(sheet: Worksheet) -> None:
    for row in (["城市", "年末户籍人口(万人)"], ["石家庄市", 5], ["唐山市", 6]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True


BOOKS: dict[str, tuple[Callable[[Worksheet], None], list[tuple], list[tuple]]] = {
    "merged_over_years": (
        _merged_over_years,
        [
            ("C2", SHIJIAZHUANG, 2009, REGISTERED, 1),
            ("C3", SHIJIAZHUANG, 2010, REGISTERED, 2),
            ("C4", TANGSHAN, 2009, REGISTERED, 3),
        ],
        [("C5", "no_city")],
    ),
    "percentages": (
        _percentages,
        [
            ("B2", SHIJIAZHUANG, None, "green_coverage", 45.12),
            ("B3", TANGSHAN, None, "green_coverage", 41.5),
            ("C2", SHIJIAZHUANG, None, "natural_growth_rate", 5.1),
            ("C3", TANGSHAN, None, "natural_growth_rate", 4.2),
        ],
        [],
    ),
    "raised": (
        _raised,
        [
            ("B2", SHIJIAZHUANG, None, "land_area", 7),
            ("C2", SHIJIAZHUANG, None, REGISTERED, 1028.84),
        ],
        [],
    ),
    "formulas": (
        _formulas,
        [("B3", TANGSHAN, None, REGISTERED, 5)],
        [("B2", "text_in_number_cell")],
    ),
    "hidden": (
        _hidden,
        [("B2", SHIJIAZHUANG, None, REGISTERED, 5), ("B3", TANGSHAN, None, REGISTERED, 6)],
        [],
    ),
    "web": (
        lambda sheet: None,
        [("B3", SHIJIAZHUANG, None, REGISTERED, 1028.84)],
        [],
    ),
}
WEB_PAGE = """<html><body><h3>2-1 人口</h3><table><tr><th>城市<th>年末户籍人口(万人)</tr>
<tr><td>石家庄市<sup>1</sup><td>1,028.84<sup>2</sup></table></body></html>"""

CASES = {**TEXTS, **BOOKS}
EDITIONS = {name: FIRST_EDITION + number for number, name in enumerate(CASES)}


@pytest.fixture(scope="module")
def resolved(
    tmp_path_factory: pytest.TempPathFactory, resolve: Callable[[Path], Resolved]
) -> Resolved:
    inbox = tmp_path_factory.mktemp("arranged")
    for name, (page, _, _) in CASES.items():
        folder = inbox / f"中国城市统计年鉴{EDITIONS[name]}"
        folder.mkdir()
        if isinstance(page, str):
            (folder / f"{name}.csv").write_text(page, encoding="utf-8")
        elif name == "web":
            (folder / f"{name}.xls").write_text(WEB_PAGE, encoding="utf-8")
        else:
            book = openpyxl.Workbook()
            page(book.active)
            book.save(folder / f"{name}.xlsx")
    return resolve(inbox)


@pytest.mark.parametrize("name", CASES)
def test_figures_arrive_or_are_set_aside(resolved: Resolved, name: str) -> None:
    _, figures, reasons = CASES[name]
    edition = EDITIONS[name]
    found = resolved.rows(
        "select split_part(cell_id, '!', 3), city_code, year, indicator_code, scope, figure"
        f" from {FIGURES} where edition = ? order by cell_id",
        edition,
    )
    expected = [
        (cell, city, year or edition - 1)
        + ((REGISTERED, "districts") if what == "districts" else (what, "total"))
        + (pytest.approx(value, rel=1e-12),)
        for cell, city, year, what, value in figures
    ]
    assert found == expected
    set_aside = resolved.rows(
        "select split_part(cell_id, '!', 3) as cell, reason from staging.stg_yearbook__quarantine"
        " where edition = $1 union all"
        " select split_part(cell_id, '!', 3), reason from intermediate.int_city_year__quarantine"
        " where edition = $1 and reason <> 'conflict_in_edition' order by cell",
        edition,
    )
    assert set_aside == reasons


def test_every_cell_is_accounted_for(resolved: Resolved) -> None:
    rows = resolved.rows(
        "select relative_path, cell_count, sum(cells)::integer from raw.yearbook_file"
        " inner join marts.cell_account using (file_key, relative_path) group by all"
    )
    assert len(rows) == len(CASES)
    assert [row for row in rows if row[1] != row[2]] == []
    # Pages of which no city is certain say so.
    unread = resolved.rows(
        "select distinct regexp_extract(relative_path, '([^/]+)[.]csv', 1) as name"
        " from marts.cell_account where cell_class = 'no_table' order by name"
    )
    assert [name for (name,) in unread] == [
        "a_district_is_not_its_city",
        "two_cities_are_not_one",
    ]


def test_an_address_is_the_printed_one(resolved: Resolved) -> None:
    # The text in the raw layer at the address that a figure names is the figure.
    differing = resolved.rows(
        "with raw_cell as (select file_key || '!' || sheet_index || '!'"
        " || chr(64 + column_number) || row_number as cell_id, text from raw.yearbook_cell)"
        " select cell_id, value_text, text from staging.stg_yearbook__observation"
        " left join raw_cell using (cell_id) where text is distinct from value_text"
    )
    assert differing == []
