"""Random pages of the kinds that once went wrong: the meaning of a figure stands outside its heading.

Here: for each kind a maker of pages with the truth about each of their figures. Not here: pages that
must give their table back whole (`layouts_pages`), single cases (`layouts_cases`), what is checked (tests).
"""

# ruff: noqa: E501 - Chinese letters count twice

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter

CITIES = {
    "石家庄市": "130100", "唐山市": "130200", "秦皇岛市": "130300", "太原市": "140100", "大同市": "140200",
    "南京市": "320100", "无锡市": "320200", "杭州市": "330100",
}  # fmt: skip
COLUMNS = {
    "年末户籍人口(万人)": "population_registered",
    "年平均人口(万人)": "population_average",
    "教育支出(万元)": "education_expenditure",
    "地区生产总值(万元)": "gdp",
}
MONEY = ("教育支出(万元)", "地区生产总值(万元)")
Figure = tuple[str, int, str, str, float]
"""City code, year, indicator, scope, value."""


@dataclass
class KindPage:
    """A page: rows of cells, where it is put, and what is true of each of its figures by cell."""

    folder: str
    name: str
    rows: list[list[object]]
    tab: str | None = None
    truth: dict[str, Figure | None] = field(default_factory=dict)
    """None: the cell is no figure of a city and year that the warehouse holds."""
    computed: set[str] = field(default_factory=set)
    """Cells that were filled in by a compiler."""

    def write(self, inbox: Path) -> str:
        """Write it, as a workbook where it has a tab; the path below the inbox."""
        path = f"{self.folder}/{self.name}.{'csv' if self.tab is None else 'xlsx'}"
        (inbox / path).parent.mkdir(parents=True, exist_ok=True)
        if self.tab is None:
            lines = (
                ",".join("" if cell is None else str(cell) for cell in row) for row in self.rows
            )
            (inbox / path).write_text("\n".join(lines) + "\n", encoding="utf-8")
            return path
        with xlsxwriter.Workbook(str(inbox / path)) as workbook:
            sheet = workbook.add_worksheet(self.tab)
            for row, cells in enumerate(self.rows):
                for column, cell in enumerate(cells):
                    if cell not in (None, ""):
                        sheet.write(row, column, cell)
        return path


class Draw:
    """Draws the parts of a page."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.edition = self.random.randint(2008, 2022)
        self.year = self.edition - 1
        self.folder = f"中国城市统计年鉴{self.edition}"

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def earlier(self) -> int:
        """A year before the one that the edition carries."""
        return self.year - self.random.randint(1, 8)

    def figure(self) -> float:
        # Above 2,100: no figure looks like a year.
        return self.random.randint(300_000, 99_999_999) / 100

    def cities(self, count: int = 3) -> list[str]:
        return self.random.sample(sorted(CITIES), count)

    def headings(self, count: int = 2) -> list[str]:
        return self.random.sample(sorted(COLUMNS), count)

    def title(self) -> str:
        number = self.one("", "2-1 ", "2-13 ", "表3-2 ")
        return number + self.one("各市主要指标", "城市基本情况", "人口与经济", "各市综合")

    def table(
        self, page: KindPage, year: int | None, scope: str, headings: list[str] | None = None
    ) -> KindPage:
        """Add a plain table, true for a year and scope; for no year nothing of it is true."""
        headings = headings or self.headings()
        page.rows.append([self.one("城市", "城 市", "市别", "地区", "城市名称"), *headings])
        for city in self.cities():
            values = [self.figure() for _ in headings]
            page.rows.append([city, *values])
            for column, (heading, value) in enumerate(zip(headings, values, strict=True)):
                truth = None
                if year is not None:
                    truth = (CITIES[city], year, COLUMNS[heading], scope, value)
                page.truth[f"{'ABCDEFG'[column + 1]}{len(page.rows)}"] = truth
        return page

    def page(self, *title: str, name: str = "2-1", tab: str | None = None) -> KindPage:
        # A line of a text file needs a second field where all rows have one.
        return KindPage(self.folder, name, [[line, ""] for line in title], tab)


def scope_outside(draw: Draw) -> KindPage:
    """A title, tab, name, folder, section or column says districts or the whole city."""
    scope, word = draw.random.choice(
        (
            ("districts", "市辖区"), ("districts", "市区"), ("districts", "城市市辖区"), ("total", "全市"),
            ("districts", "不含市辖县"), ("districts", "Districts under City"), ("total", "Total City"),
        )
    )  # fmt: skip
    title = draw.title()
    part = draw.one("title", "line", "tab", "name", "folder", "section", "column", "two")
    if part == "title":
        text = title + draw.one(f"（{word}）", f" {word}", f"({word})", f"—{word}")
        return draw.table(draw.page(text), draw.year, scope)
    if part == "line":
        return draw.table(draw.page(title, f"（{word}）"), draw.year, scope)
    if part == "tab":
        return draw.table(
            draw.page(tab=draw.one(word, f"2-1 {word}", f"{word}1")), draw.year, scope
        )
    if part == "name":
        return draw.table(draw.page(title, name=f"2-1 {word}"), draw.year, scope)
    if part == "folder":
        page = draw.page(title)
        page.folder += f"/{word}"
        return draw.table(page, draw.year, scope)
    if part == "two":
        other = "全市" if scope == "districts" else "市辖区"
        page = draw.page(f"{title}（{word}）", tab=other)
        page = draw.table(page, draw.year, scope)
        page.truth = dict.fromkeys(page.truth)
        return page
    page = draw.page(title)
    headings = draw.headings()
    if part == "section":
        short = "市辖区" if scope == "districts" else "全市"
        page.rows.append(["城市", *headings])
        page.rows.append([draw.one(short, f"一、{short}", f"（{short}）", f"{short}：")])
        page.rows[-1] += [""] * len(headings)
        first = 1
    else:
        page.rows.append(
            ["城市", draw.one("区域", "范围", "统计口径", "区域类型", "口径类别"), *headings]
        )
        first = 2
    for city in draw.cities():
        values = [draw.figure() for _ in headings]
        short = "市辖区" if scope == "districts" else "全市"
        page.rows.append([city, *([short] if first == 2 else []), *values])
        for column, (heading, value) in enumerate(zip(headings, values, strict=True)):
            cell = f"{'ABCDEFG'[column + first]}{len(page.rows)}"
            page.truth[cell] = (CITIES[city], draw.year, COLUMNS[heading], scope, value)
    return page


def year_outside(draw: Draw) -> KindPage:
    """A year of the figures that is not the edition's, or a year that is none of the figures."""
    year, title = draw.earlier(), draw.title()
    kind = draw.one("period", "period", "period", "part", "note", "base", "edition", "span")
    words = draw.one("人口", "主要指标", "财政收支", "城市基本情况")
    if kind == "period":
        text = draw.one(
            f"{year}年{words}", f"2-2 {words} ({year}年)", f"2-2 {year}年各市{words}", f"{words}（{year}年底）",
            f"{words}（{year}年末）", f"{words}({year}年度)", f"{year}年度各市{words}", f"{words} {year}",
            f"截至{year}年底{words}",
        )  # fmt: skip
        part = draw.one("title", "line", "tab", "name")
        if part == "title":
            return draw.table(draw.page(text), year, "total")
        if part == "line":
            return draw.table(draw.page(title, f"（{year}年）"), year, "total")
        if part == "tab":
            return draw.table(
                draw.page(tab=draw.one(f"{year}", f"{year}年", text[:30])), year, "total"
            )
        return draw.table(draw.page(title, name=text), year, "total")
    if kind == "part":
        months = draw.one(
            "1-6月", "1—9月", "上半年", "一季度", "第三季度", "前三季度", "1至8月", "6月", "7-12月", "一至六月",
        )  # fmt: skip
        text = draw.one(
            f"{year}年{months}{words}", f"{words}（{draw.year}年{months}）", f"{words}({months})"
        )
        page = draw.page(text) if draw.random.random() < 0.7 else draw.page(title, name=text)
        return draw.table(page, None, "total")
    if kind == "note":
        note = draw.one(
            f"注：{year}年起为新口径", f"本表{year}年以前为旧口径", f"（{year}年口径调整）", f"注：按{year}年行政区划",
            f"（自{year}年起含直管县）", f"说明：{year}年数据见上册", f"（{year}年行政区划）", f"{year}年以来口径一致",
            f"注：{year}年及以前不含县",
        )  # fmt: skip
        return draw.table(draw.page(title, note), draw.year, "total")
    if kind == "base":
        note = draw.one(
            f"（按{year}年不变价格计算）", f"({year}年=100)", f"按{year}年可比价格计算", f"{year}年价格",
            f"（以{year}年为基期）", f"{year}年不变价",
        )  # fmt: skip
        # At the prices of another year, or an index: no gdp at all.
        return draw.table(draw.page(title, note), None, "total", list(MONEY))
    if kind == "edition":
        text = draw.one(
            f"{draw.edition}年中国城市统计年鉴", f"{draw.edition}中国城市统计年鉴", f"中国城市统计年鉴{draw.edition}",
            f"《中国城市统计年鉴—{draw.edition}》", f"China City Statistical Yearbook {draw.edition}",
        )  # fmt: skip
        page = draw.page(text, title)
        page.folder = draw.one(draw.folder, "年鉴", f"{draw.edition}年中国城市统计年鉴")
        return draw.table(page, draw.year, "total")
    text = draw.one(f"{year}-{draw.year}年{words}", f"{words}（{year}—{draw.year}年）")
    return draw.table(draw.page(text), None, "total")


def edition_in_the_path(draw: Draw) -> KindPage:
    """A path with stamps, spans and days of download; the edition stands in one part, or in none."""
    stamp = draw.one(
        "20240115",
        "2024-01-15",
        "2024更新",
        "更新2024",
        "2024年3月整理",
        "2024版",
        "20240115103000",
    )
    page = draw.page(draw.title())
    if draw.random.random() < 0.4:
        page.folder = "资料"
        page.name = draw.one(
            f"中国城市统计年鉴{draw.one('20240115', '_2022-03-17下载', '1999-2023', '（1999-2023）', '2024更新')}",
            f"中国城市统计年鉴 {draw.one('20231201', '2023-12-01', '2024最新')}",
        )
        return draw.table(page, None, "total")
    page.folder = draw.one(
        f"{stamp}/中国城市统计年鉴{draw.edition}", f"中国城市统计年鉴1999-2023/中国城市统计年鉴{draw.edition}",
        f"中国城市统计年鉴（1985-2023）{stamp}/{draw.edition}年中国城市统计年鉴",
        f"中国城市统计年鉴{draw.edition}/{stamp}", f"中国城市统计年鉴-{draw.edition}",
    )  # fmt: skip
    page.name = draw.one("2-1", f"2-1_{stamp}", f"2-1 {draw.edition}")
    return draw.table(page, draw.year, "total")


def measure_of_the_title(draw: Draw) -> KindPage:
    """Shares, growth, values per head, indices, constant prices: none of them the level."""
    word = draw.one(
        "人均", "占全省比重", "占比", "构成", "增长速度", "比上年增长", "比上年增减", "增速", "指数", "同比增长", "比重",
        "不变价", "可比价", "发展速度", "位次", "预测", "规划目标", "每万人", "户均", "比上年增减(%)", "增幅", "为上年%",
    )  # fmt: skip
    what = draw.one("教育支出", "财政收支", "主要指标", "地区生产总值")
    text = f"各市{word}{what}" if word in ("人均", "每万人", "户均") else f"各市{what}{word}"
    headings = list(MONEY)
    part = draw.one("title", "line", "tab", "name", "section", "unit")
    if part == "section":
        page = draw.page(draw.title())
        page.rows.append(["城市", *headings])
        page.rows.append(
            [
                draw.one("二、", "（一）", "") + (text if draw.random.random() < 0.5 else word),
                "",
                "",
            ]
        )
        for city in draw.cities():
            page.rows.append([city, draw.figure(), draw.figure()])
            page.truth |= {f"{column}{len(page.rows)}": None for column in "BC"}
        return page
    if part == "title":
        page = draw.page(draw.one("2-7 ", "") + text)
    elif part == "line":
        page = draw.page(draw.title(), f"（{word}）")
    elif part == "tab":
        page = draw.page(tab=text.replace("/", " "))
    elif part == "name":
        page = draw.page(draw.title(), name=text)
    else:
        page = draw.page(
            draw.title(), f"单位：{draw.one('%', '元/人', '上年=100', '2000年=100', '倍')}"
        )
        headings = [heading.split("(")[0] for heading in headings]
        page.rows.append(["城市", *headings])
        for city in draw.cities():
            page.rows.append([city, draw.figure(), draw.figure()])
            page.truth |= {f"{column}{len(page.rows)}": None for column in "BC"}
        return page
    return draw.table(page, None, "total", headings)


def unknown_key(draw: Draw) -> KindPage:
    """A column beside the city's that says year, part, or another name."""
    heading, values = draw.random.choice(
        (
            ("统计时点", ["2005", "2006"]), ("资料年代", ["2005年", "2006年"]), ("性别", ["男", "女"]), ("产业", ["第一产业"]),
            ("区县", ["长安区", "桥西区"]), ("户口类别", ["农业", "非农业"]), ("城乡", ["城镇", "乡村"]), ("月份", ["1", "6"]),
            ("行业门类", ["制造业", "教育"]), ("登记注册类型", ["国有", "集体"]), ("季度", ["一季度", "二季度"]),
            ("区划名称", ["市本级", "高新区"]), ("年龄段", ["0-14岁", "65岁以上"]), ("数据性质", ["快报", "预计"]),
        )
    )  # fmt: skip
    page = draw.page(draw.title()) if draw.random.random() < 0.5 else draw.page()
    headings = draw.headings()
    page.rows.append(["城市", heading, *headings])
    for city in draw.cities():
        page.rows.append([city, draw.one(*values), *(draw.figure() for _ in headings)])
        page.truth |= {f"{column}{len(page.rows)}": None for column in "CD"}
    return page


def place_by_level_and_province(draw: Draw) -> KindPage:
    """County-level namesakes, and districts under another province."""
    if draw.random.random() < 0.5:
        draw.edition = draw.random.randint(2008, 2011)
        draw.year, draw.folder = draw.edition - 1, f"中国城市统计年鉴{draw.edition}"
        title = draw.one("3-1 县级市主要指标", "县级城市人口", "3-1 人口 (县级市)", "2-1 人口")
        page = draw.page(title)
        page.rows.append(["城市", "年末户籍人口(万人)"])
        for city in draw.random.sample(["铜仁市", "毕节市", "哈密市", "吐鲁番市", "日喀则市"], 3):
            page.rows.append([city, draw.figure()])
            page.truth[f"B{len(page.rows)}"] = None
        return page
    page = draw.page(draw.title())
    page.rows.append(["城市", "年末户籍人口(万人)"])
    sections = {
        "黑龙江省": (["大庆市", "牡丹江市", "哈尔滨市"], ["大同", "西安", "南岗", "爱民"]),
        "吉林省": (["长春市", "吉林市", "四平市"], ["朝阳", "铁西", "二道"]),
        "河北省": (["石家庄市", "唐山市", "秦皇岛市"], ["长安", "海港", "路南"]),
    }
    codes = {
        "大庆市": "230600", "牡丹江市": "231000", "哈尔滨市": "230100", "长春市": "220100", "吉林市": "220200",
        "四平市": "220300", **CITIES,
    }  # fmt: skip
    for province in draw.random.sample(sorted(sections), 2):
        cities, districts = sections[province]
        page.rows.append([province, ""])
        for city in cities:
            value = draw.figure()
            page.rows.append([city, value])
            page.truth[f"B{len(page.rows)}"] = (
                codes[city], draw.year, "population_registered", "total", value,
            )  # fmt: skip
            if draw.random.random() < 0.7:
                page.rows.append([draw.one(*districts), draw.figure()])
                page.truth[f"B{len(page.rows)}"] = None
    return page


def second_table(draw: Draw) -> KindPage:
    """A table without title and unit below another; an upper heading that stands open."""
    if draw.random.random() < 0.5:
        page = draw.page(draw.title(), "单位：万人")
        page.rows.append(["城市", "年末户籍人口"])
        for city in draw.cities():
            value = draw.figure()
            page.rows.append([city, value])
            page.truth[f"B{len(page.rows)}"] = (
                CITIES[city], draw.year, "population_registered", "total", value,
            )  # fmt: skip
        page.rows += [["", ""]] * draw.random.randint(0, 2)
        page.rows.append(
            ["城市", draw.one("普通本专科在校学生数", "执业(助理)医师数", "年末城镇登记失业人员数")]
        )
        for city in draw.cities():
            page.rows.append([city, draw.figure()])
            page.truth[f"B{len(page.rows)}"] = None
        return page
    page = draw.page(draw.title())
    headings = draw.headings(3)
    earlier = draw.earlier()
    upper = draw.one("市辖区", f"{earlier}年")
    page.rows.append(["城市", headings[0], upper, "", ""][: 2 + len(headings)])
    page.rows.append(["", "", *headings])
    for city in draw.cities():
        values = [draw.figure() for _ in range(4)]
        page.rows.append([city, *values])
        row = len(page.rows)
        year = draw.year if upper == "市辖区" else earlier
        scope = "districts" if upper == "市辖区" else "total"
        page.truth[f"B{row}"] = (CITIES[city], draw.year, COLUMNS[headings[0]], "total", values[0])
        page.truth[f"C{row}"] = (CITIES[city], year, COLUMNS[headings[0]], scope, values[1])
        page.truth |= {f"{column}{row}": None for column in "DE"}
    return page


def digits_apart(draw: Draw) -> KindPage:
    """Blanks between digits, and thousands commas that nobody quoted."""
    page = draw.page(draw.title(), tab="Sheet1" if draw.random.random() < 0.5 else None)
    headings = draw.headings()
    page.rows = [[line, "", ""] for (line, _) in page.rows]
    page.rows.append(["城市", *headings])
    for city in draw.cities():
        first, second = draw.figure(), draw.figure()
        if page.tab is None:
            page.rows.append([city, f"{first:,.2f}", second])
            width = f"{first:,.2f}".count(",")
            page.truth |= {
                f"{'BCDEFG'[column]}{len(page.rows)}": None for column in range(2 + width)
            }
        else:
            apart = draw.one(f"{first} {second}", f"{first}\n{second}", f"{first}　{second}")
            page.rows.append([city, apart, second])
            page.truth[f"B{len(page.rows)}"] = None
            page.truth[f"C{len(page.rows)}"] = (
                CITIES[city], draw.year, COLUMNS[headings[1]], "total", second,
            )  # fmt: skip
    return page


KINDS: dict[str, tuple[Callable[[Draw], KindPage], set[str]]] = {
    "scope_outside": (
        scope_outside,
        {"scope_contradicted", "unknown_key", "unknown_heading", "unknown_scope"},
    ),
    "year_outside": (
        year_outside,
        {"part_of_a_year", "other_measure", "no_statistic_year", "year_contradicted"},
    ),
    "edition_in_the_path": (edition_in_the_path, {"no_statistic_year", "part_of_a_year"}),
    "measure_of_the_title": (measure_of_the_title, {"other_measure", "unknown_unit"}),
    "unknown_key": (unknown_key, {"unknown_key", "unknown_heading"}),
    "place_by_level_and_province": (
        place_by_level_and_province,
        {
            "county_level",
            "not_yet_a_city",
            "name_and_province_disagree",
            "unknown_city",
            "conflict_in_sheet",
        },
    ),
    "second_table": (second_table, {"no_unit", "open_heading"}),
    "digits_apart": (digits_apart, {"text_in_number_cell", "ragged_row"}),
}
"""Makers by kind, and the reasons for which a figure of the kind may be set aside."""
