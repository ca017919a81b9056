"""Random pages of two more kinds: what compilers computed, and what should be read though it is said in an odd way.

Here: makers of pages with the truth about each of their figures, as in `layouts_kinds`. Not here: what is checked
(`test_layouts_kinds`).
"""

# ruff: noqa: E501 - Chinese letters count twice

from collections.abc import Callable

from layouts_kinds import CITIES, COLUMNS, Draw, KindPage

ENGLISH_CITIES = {
    "Shijiazhuang": "130100", "Tangshan": "130200", "Qinhuangdao": "130300", "Taiyuan": "140100", "Datong": "140200",
    "Nanjing": "320100", "Wuxi": "320200", "Hangzhou": "330100",
}  # fmt: skip
ENGLISH_COLUMNS = {
    "Household Registered Population at Year-end (10 000 persons)": "population_registered",
    "Total Population at Year-end (10 000 persons)": "population_registered",
    "Annual Average Population (10,000 persons)": "population_average",
    "Expenditure for Education (10 000 yuan)": "education_expenditure",
    "Gross Regional Product (10000 yuan)": "gdp",
    "Value-added of Primary Industry (10 000 yuan)": "gdp_primary",
    "Number of Beds of Hospitals (bed)": "hospital_beds",
    "Full-time Teachers of Primary Schools (person)": "primary_teachers",
    "Per Capita GDP (yuan)": "gdp_per_capita",
    "Average Wage of Staff and Workers (yuan)": "average_wage",
    "Permanent Population at Year-end (10 000 persons)": "population_resident",
}
TRANSLATIONS = {
    "年末户籍人口(万人)": "Household Registered Population",
    "年平均人口(万人)": "Average Population",
    "教育支出(万元)": "Expenditure for Education",
    "地区生产总值(万元)": "Gross Regional Product",
}
PARTS = {
    "地区生产总值": (
        "gdp",
        {
            "第一产业": "gdp_primary",
            "第二产业": "gdp_secondary",
            "第三产业增加值": "gdp_tertiary",
            "工业": "industrial_value_added",
        },
    ),
    "一般公共预算支出": (
        "fiscal_expenditure",
        {
            "教育支出": "education_expenditure",
            "科学技术": "science_expenditure",
            "社会保障": None,
        },
    ),
    "国有经济": (None, {"第一产业": None, "教育支出": None}),
}
"""Wholes and what stands below them; None where nobody knows."""

FLAGS = {
    "是": True, "否": False, "1": True, "0": False, "线性插值": True, "原始": False, "插补": True, "实际值": False,
    "": False, "待查": None, "三号文": None,
}  # fmt: skip
"""What a column of flags says: computed, printed, or nobody knows."""


def _rows(
    draw: Draw, page: KindPage, first: list[str], headings: list[str], between: int = 0
) -> list[int]:
    """Rows of cities with figures behind `between` further columns; true for the page's year. Their numbers."""
    page.rows.append([*first, *headings])
    numbers = []
    for city in draw.cities():
        values = [draw.figure() for _ in headings]
        page.rows.append([city, *[""] * between, *values])
        for column, (heading, value) in enumerate(zip(headings, values, strict=True)):
            cell = f"{'ABCDEFG'[column + 1 + between]}{len(page.rows)}"
            page.truth[cell] = (CITIES[city], draw.year, COLUMNS[heading], "total", value)
        numbers.append(len(page.rows))
    return numbers


def computed_by_a_compiler(draw: Draw) -> KindPage:
    """Flags, stars, notes, titles, tabs and names that say which figures were filled in."""
    part = draw.one(
        "row_flag",
        "row_flag",
        "column_flag",
        "star",
        "note",
        "below",
        "title",
        "tab",
        "name",
        "denied",
    )
    title, headings = draw.title(), draw.headings()
    word = draw.one("线性插值", "插值", "插补", "填补", "补齐", "内插")
    if part in ("row_flag", "column_flag"):
        page = draw.page(title)
        page.rows = [[line, "", "", ""] for line, *_ in page.rows]
        heading = draw.one("是否插值", "是否为插值", "插值标记", "是否填补", "imputed", "插补标识")
        if part == "column_flag":
            heading = headings[0].split("(")[0] + draw.one(
                "_是否插值", "_插值标记", "是否插补", "（插值标识）"
            )
        for number in _rows(draw, page, ["城市", heading], headings, between=1):
            flag = draw.one(*FLAGS)
            page.rows[number - 1][1] = flag
            cells = [f"{column}{number}" for column in ("C" if part == "column_flag" else "CD")]
            if FLAGS[flag]:
                page.computed |= set(cells)
            if FLAGS[flag] is None:
                page.truth |= dict.fromkeys(cells)
        return page
    if part == "star":
        page = draw.page(title)
        starred = []
        for number in _rows(draw, page, ["城市"], headings):
            for column in (1, 2):
                if draw.random.random() < 0.5:
                    page.rows[number - 1][column] = f"{page.rows[number - 1][column]}*"
                    starred.append(f"{'ABC'[column]}{number}")
        # Stars that were lost mark nothing: then any figure may be computed.
        page.computed = set(starred or page.truth)
        page.rows.append(
            [
                draw.one(f"注：带*为{word}数据", f"注：*为{word}所得。", f"说明：加星号的为{word}"),
                "",
            ]
        )
        return page
    if part in ("note", "below"):
        note = draw.one(
            f"注：缺失值采用{word}",
            f"缺失值用{word}法处理",
            f"注：部分数据为{word}所得",
            f"说明：{word}处理",
        )
        page = draw.page(title, note) if part == "note" else draw.page(title)
        _rows(draw, page, ["城市"], headings)
        if part == "below":
            page.rows.append([note, ""])
        page.computed = set(page.truth)
        return page
    if part == "denied":
        page = draw.page(title, draw.one("注：数据未插值", "注：无插值", "注：未填补缺失值"))
        _rows(draw, page, ["城市"], headings)
        return page
    if part == "title":
        page = draw.page(title + draw.one(f"（{word}）", f" {word}数据"))
    elif part == "tab":
        page = draw.page(tab=draw.one(word, f"{word}数据"))
    else:
        page = draw.page(title, name=f"2-1 {word}")
    _rows(draw, page, ["城市"], headings)
    page.computed = set(page.truth)
    return page


def _parts(draw: Draw) -> KindPage:
    """其中 and # below or beside their whole, on a page of one city, across the top, or in columns."""
    whole = draw.one(*PARTS)
    code, parts = PARTS[whole]
    names = draw.random.sample(sorted(parts), 2)
    mark = draw.one("#", "其中：", "#", "其中:", "＃")
    unit = "万元"
    lines = [(whole, code)] + [(mark + name, parts[name]) for name in names]
    shape = draw.one("one_city", "across", "columns")
    # The unit of a part is that of its whole where it prints none.
    blank = draw.random.random() < 0.5
    if shape == "columns":
        page = draw.page(draw.title())
        page.rows = [[line, "", "", ""] for line, *_ in page.rows]
        page.rows.append(
            [
                "城市",
                f"{whole}({unit})",
                *[name if blank else f"{name}({unit})" for name, _ in lines[1:]],
            ]
        )
        for city in draw.cities():
            values = [draw.figure() for _ in lines]
            page.rows.append([city, *values])
            for column, ((_, indicator), value) in enumerate(zip(lines, values, strict=True)):
                page.truth[f"{'BCD'[column]}{len(page.rows)}"] = (
                    (CITIES[city], draw.year, indicator, "total", value) if indicator else None
                )
        return page
    cities = draw.cities(1 if shape == "one_city" else 2)
    page = draw.page(f"{cities[0]}主要指标" if shape == "one_city" else draw.title())
    page.rows = [[line, "", ""] for line, *_ in page.rows]
    page.rows.append(["指标", "单位", *([str(draw.year)] if shape == "one_city" else cities)])
    for number, (name, indicator) in enumerate(lines):
        values = [draw.figure() for _ in cities]
        page.rows.append([name, "" if number and blank else unit, *values])
        for column, (city, value) in enumerate(zip(cities, values, strict=True)):
            page.truth[f"{'CD'[column]}{len(page.rows)}"] = (
                (CITIES[city], draw.year, indicator, "total", value) if indicator else None
            )
    return page


def _totals(draw: Draw) -> KindPage:
    """Totals of provinces and regions among the cities."""
    page = draw.page(draw.title())
    headings = draw.headings()
    page.rows = [[line, "", ""] for line, *_ in page.rows]
    _rows(draw, page, ["城市"], headings)
    for name in draw.random.sample(
        [
            "河北省合计",
            "江苏总计",
            "合计",
            "全省合计",
            "浙江省小计",
            "东部地区",
            "合计（山西省）",
            "山西省平均",
            "地级市合计",
        ],
        3,
    ):
        page.rows.append([name, draw.figure(), draw.figure()])
        page.truth |= {f"{column}{len(page.rows)}": None for column in "BC"}
    return page


def _noted_unit(draw: Draw) -> KindPage:
    """The unit in a note, in a line below the table, or one that a line above contradicts."""
    heading = draw.one(*COLUMNS)
    words, unit = heading.split("(")[0], heading.split("(")[1].rstrip(")")
    short = words[-2:]
    place = draw.one("note", "note", "line_below", "other_subject", "contradicted")
    page = draw.page(
        draw.title(),
        *(["单位：亿元" if unit == "万元" else "单位：人"] if place == "contradicted" else []),
    )
    page.rows.append(["城市", words])
    for city in draw.cities():
        value = draw.figure()
        page.rows.append([city, value])
        page.truth[f"B{len(page.rows)}"] = (
            CITIES[city],
            draw.year,
            COLUMNS[heading],
            "total",
            value,
        )
    note = {
        "note": draw.one(
            f"注：{short}单位为{unit}。",
            f"注：单位为{unit}",
            f"说明：{words}以{unit}为单位",
            f"注：本表计量单位：{unit}",
        ),
        "line_below": draw.one(
            f"单位：{unit}", f"单位 {unit}", f"（单位：{unit}）", f"计量单位：{unit}"
        ),
        "other_subject": f"注：面积单位为{unit}",
        "contradicted": f"注：{words}单位为{unit}",
    }[place]
    page.rows.append([note, ""])
    if place in ("other_subject", "contradicted"):
        page.truth = dict.fromkeys(page.truth)
    return page


def _english(draw: Draw) -> KindPage:
    """A page in English only."""
    page = draw.page(draw.one("2-1 Main Indicators", "Population and Economy", "2-3 Cities"))
    headings = draw.random.sample(sorted(ENGLISH_COLUMNS), 2)
    page.rows = [[line, "", ""] for line, *_ in page.rows]
    page.rows.append(
        [draw.one("City", "Cities", "Name of City"), *[f'"{heading}"' for heading in headings]]
    )
    for city in draw.random.sample(sorted(ENGLISH_CITIES), 3):
        values = [draw.random.randint(3000, 99_999) for _ in headings]
        page.rows.append([city + draw.one("", " City", " Municipality"), *values])
        for column, (heading, value) in enumerate(zip(headings, values, strict=True)):
            page.truth[f"{'BC'[column]}{len(page.rows)}"] = (
                ENGLISH_CITIES[city], draw.year, ENGLISH_COLUMNS[heading], "total", float(value),
            )  # fmt: skip
    page.rows.append(["Hebei Total", draw.figure(), draw.figure()])
    page.truth |= {f"{column}{len(page.rows)}": None for column in "BC"}
    return page


def _two_languages(draw: Draw) -> KindPage:
    """Headings and names in two languages, in either order."""
    page = draw.page(draw.title())
    headings = draw.headings()
    page.rows = [[line, "", ""] for line, *_ in page.rows]
    numbers = _rows(draw, page, ["城市 City"], headings)
    order = draw.one("chinese", "english", "slash")
    for column, heading in enumerate(headings):
        words, unit = heading.split("(")
        page.rows[numbers[0] - 2][column + 1] = {
            "chinese": f"{words} {TRANSLATIONS[heading]}({unit}",
            "english": f"{TRANSLATIONS[heading]} {words}({unit}",
            "slash": f"{words}/{TRANSLATIONS[heading]}({unit}",
        }[order]
    english = {code: name for name, code in ENGLISH_CITIES.items()}
    for number in numbers:
        city = str(page.rows[number - 1][0])
        translation = english[CITIES[city]]
        page.rows[number - 1][0] = draw.one(
            f"{city} {translation}", f"{translation} {city}", f"{city}({translation})"
        )
    return page


def _two_signs(draw: Draw) -> KindPage:
    """Shares with a sign of their own, the heading's or the other."""
    page = draw.page(draw.title())
    sign = draw.one("%", "‰")
    page.rows.append(["城市", f"自然增长率({sign})"])
    for city in draw.cities():
        value = draw.random.randint(10, 90) / 10
        own = draw.one("", "%", "‰")
        page.rows.append([city, f"{value}{own}"])
        page.truth[f"B{len(page.rows)}"] = None
        if own in ("", sign):
            page.truth[f"B{len(page.rows)}"] = (
                CITIES[city], draw.year, "natural_growth_rate", "total", value * (10 if sign == "%" else 1),
            )  # fmt: skip
    return page


def said_in_an_odd_way(draw: Draw) -> KindPage:
    """Pages that should be read: parts, totals, units in notes, English, two languages, signs."""
    makers: list[Callable[[Draw], KindPage]] = [
        _parts, _parts, _totals, _noted_unit, _noted_unit, _english, _two_languages, _two_signs,
    ]  # fmt: skip
    return draw.random.choice(makers)(draw)


READ_KINDS: dict[str, tuple[Callable[[Draw], KindPage], set[str]]] = {
    "computed_by_a_compiler": (computed_by_a_compiler, {"unknown_key"}),
    "said_in_an_odd_way": (
        said_in_an_odd_way,
        {"aggregate", "unknown_heading", "no_unit", "unit_contradicted"},
    ),
}
"""Makers by kind, and the reasons for which a figure of the kind may be set aside."""
