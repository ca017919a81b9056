"""Yearbook pages made from a known table, in the many ways in which yearbooks print one.

Here: what a page is, how hypothesis draws one, and how it is written. Not here: what must come out
of it (tests), or how pages are read (SQL).
"""

import random
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import xlsxwriter
from hypothesis import strategies as st

PROVINCES = {
    "河北省": {"石家庄市": "130100", "唐山市": "130200", "秦皇岛市": "130300"},
    "山西省": {"太原市": "140100", "大同市": "140200"},
    "江苏省": {"南京市": "320100", "无锡市": "320200"},
    "浙江省": {"杭州市": "330100"},
}
MUNICIPALITIES = {"北京市": "110000", "上海市": "310000"}
PINYIN = {"石家庄市": "Shijiazhuang", "唐山市": "Tangshan", "北京市": "Beijing", "河北省": "Hebei"}


@dataclass(frozen=True)
class Unit:
    """A unit as printed, and by what a figure is multiplied to be in the warehouse's unit."""

    zh: str
    en: str
    factor: float


@dataclass(frozen=True)
class Indicator:
    """An indicator as pages name it."""

    code: str
    zh: str
    en: str
    units: tuple[Unit, ...]


PERSONS = (Unit("万人", "10 000 persons", 1.0), Unit("人", "person", 1e-4))
MONEY = (Unit("万元", "10 000 yuan", 1.0), Unit("亿元", "100 million yuan", 1e4))
INDICATORS = (
    Indicator("population_registered", "年末户籍人口", "Household Registered Population", PERSONS),
    Indicator("population_average", "年平均人口", "Annual Average Population", PERSONS),
    Indicator("education_expenditure", "教育支出", "Expenditure for Education", MONEY),
    Indicator("deposits", "年末金融机构存款余额", "Deposits at Year-end", MONEY),
    Indicator(
        "land_area", "行政区域土地面积", "Total Land Area", (Unit("平方公里", "sq.km", 1.0),)
    ),
)
SCOPES = {"total": ("全市", "Total City"), "districts": ("市辖区", "Districts under City")}
UNIT_MARKS = {
    "comma": ("，", ", "),
    "colon": ("：", ": "),
    "blank": (" ", " "),
    "break": ("\n", "\n"),
}
"""In Chinese and in English."""
MARKS = ("-", "…", "..", "NA", "#", "—", "－")
FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")


@dataclass(frozen=True)
class Page:
    """How a page looks; its figures follow from `seed`."""

    layout: str  # scopes | years | years_below | long | narrow | turned | beside
    seed: int
    indicators: tuple[int, ...]
    unit_choice: int
    unit_place: str  # heading | english | line | row | nowhere
    both_scopes: bool
    scope_in_bracket: bool
    last_for_total: bool  # the last of several indicators has no districts
    merged: bool
    bilingual: str  # no | lines | one_line | rows
    english_city: bool
    provinces: str  # no | labels | totals
    break_after: int  # rows of a page; 0 for one page
    title: str  # number | plain | none
    year_from: str  # path | source_line | title
    footnotes: bool
    spaced: bool
    style: str  # number | text | thousands | full_width | footnoted
    missing: int  # one figure in so many is missing; 0 for none
    gap_rows: int
    unit_mark: str  # what stands between words and unit: a key of UNIT_MARKS
    column_numbers: str  # below the heading: no | numbers | letters

    @property
    def edition(self) -> int:
        """The yearbook's own year."""
        return 2012 + self.seed % 7

    @property
    def year(self) -> int:
        """The year that the page reports on."""
        return self.edition - 1


@st.composite
def pages(draw: st.DrawFn) -> Page:
    """A page that a careful reader could read in one way only."""
    common = ("scopes", "long", "scopes")
    rare = ("narrow", "years", "years_below", "turned", "beside")
    layout = draw(st.sampled_from(common + rare))
    number = draw(st.integers(1, 3)) if layout != "years" else 1
    first = draw(st.integers(0, len(INDICATORS) - 1))
    bilingual = draw(st.sampled_from(("no", "lines", "one_line", "rows")))
    places = ["heading", "line", "nowhere"]
    if layout == "turned":
        places += ["row"]
    if layout in ("scopes", "long"):
        places += ["row"] + (["english"] * 2 if bilingual in ("lines", "one_line") else [])
    title = draw(st.sampled_from(("number", "plain", "none")))
    return Page(
        layout=layout,
        seed=draw(st.integers(0, 2**20)),
        indicators=tuple((first + step) % len(INDICATORS) for step in range(number)),
        unit_choice=draw(st.integers(0, 1)),
        unit_place=draw(st.sampled_from(places)),
        both_scopes=draw(st.booleans()),
        scope_in_bracket=draw(st.booleans()),
        last_for_total=draw(st.booleans()),
        merged=draw(st.booleans()),
        bilingual=bilingual if layout in ("scopes", "long") else "no",
        english_city=draw(st.booleans()) and layout not in ("turned", "beside"),
        provinces=draw(st.sampled_from(("no", "labels", "totals"))),
        break_after=draw(st.sampled_from((0, 0, 3, 5))),
        title="number" if layout == "years" else title,
        year_from=draw(st.sampled_from(("path", "source_line", "title"))),
        footnotes=draw(st.booleans()),
        spaced=draw(st.booleans()),
        style=draw(st.sampled_from(("number", "text", "thousands", "full_width", "footnoted"))),
        missing=draw(st.sampled_from((0, 2, 4))),
        gap_rows=draw(st.integers(0, 2)),
        unit_mark=draw(st.sampled_from(("bracket", *UNIT_MARKS))),
        column_numbers=draw(st.sampled_from(("no", "no", "numbers", "letters"))),
    )


Key = tuple[str, int, str, str]  # city code, year, indicator, scope


@dataclass
class Written:
    """What was written: the figures by key in the warehouse's unit, and what is no figure of a city."""

    path: str
    figures: dict[Key, float] = field(default_factory=dict)
    missing_marks: int = 0
    totals: int = 0
    cells: int = 0


class _Sheet:
    """Cells of a sheet, counted as they are written; a blank is no cell."""

    def __init__(self, page: Page, written: Written, sheet: xlsxwriter.worksheet.Worksheet):
        self.page, self.written, self.sheet = page, written, sheet
        self.row = 0

    def put(self, row: int, column: int, value: str | float) -> None:
        if isinstance(value, str):
            self.sheet.write_string(row, column, value)
        else:
            self.sheet.write_number(row, column, value)
        self.written.cells += 1

    def span(self, row: int, column: int, rows: int, columns: int, value: str) -> None:
        """A heading over several cells: merged, or written into the first and left open."""
        if self.page.merged and rows * columns > 1:
            self.sheet.merge_range(row, column, row + rows - 1, column + columns - 1, value)
            self.written.cells += 1
        else:
            self.put(row, column, value)


class _Figures:
    """Draws figures, prints them in the page's way and notes what they mean."""

    def __init__(self, page: Page, written: Written):
        self.page, self.written = page, written
        self.random = random.Random(page.seed)

    def unit(self, indicator: Indicator) -> Unit:
        # One unit line speaks for all columns, so that they must share it.
        return indicator.units[self.page.unit_choice % len(indicator.units)]

    def print(
        self, sheet: _Sheet, row: int, column: int, city: str | None, key: tuple[int, str, str]
    ) -> None:
        year, code, scope = key
        indicator = next(item for item in INDICATORS if item.code == code)
        if self.page.missing and self.random.randrange(self.page.missing) == 0:
            mark = self.random.choice((*MARKS, ""))
            if mark:
                sheet.put(row, column, mark)
                self.written.missing_marks += 1
            return
        # Above 2,100: a figure that could be a year could be taken for a heading by nobody else.
        figure = self.random.randint(300_000, 99_999_999) / 100
        text = f"{figure:.2f}"
        if self.page.style == "number":
            sheet.put(row, column, figure)
        elif self.page.style == "text":
            sheet.put(row, column, text)
        elif self.page.style == "thousands":
            sheet.put(row, column, f"{figure:,.2f}")
        elif self.page.style == "full_width":
            sheet.put(row, column, f"{figure:,.2f}".translate(FULL_WIDTH))
        else:
            sheet.put(row, column, text + self.random.choice(("", "①", "*", " [1]", "注2")))
        if city is None:
            self.written.totals += 1
        else:
            self.written.figures[(city, year, code, scope)] = figure * self.unit(indicator).factor


def _spaced(page: Page, text: str) -> str:
    return " ".join(text) if page.spaced and len(text) <= 3 else text


def _unit(page: Page, unit: Unit) -> tuple[str, str]:
    """A unit as it follows a heading's words and their translation."""
    if page.unit_mark == "bracket":
        return f"({unit.zh})", f" ({unit.en})"
    zh, en = UNIT_MARKS[page.unit_mark]
    # After a blank or a line break English words are words, not a unit.
    return zh + unit.zh, (en if en.strip() else ", ") + unit.en


def _heading(page: Page, zh: str, en: str, unit: Unit | None) -> str:
    """A heading with its translation and unit, where the page prints them."""
    unit_zh = _unit(page, unit)[0] if unit and page.unit_place == "heading" else ""
    unit_en = _unit(page, unit)[1] if unit and page.unit_place in ("heading", "english") else ""
    zh = _spaced(page, zh)
    if page.bilingual == "lines":
        return f"{zh}{unit_zh}\n{en}{unit_en}"
    if page.bilingual == "one_line":
        return f"{zh}{unit_zh} {en}{unit_en}"
    return zh + unit_zh.translate({ord("("): "（", ord(")"): "）"})


def _rows(page: Page) -> list[tuple[str, str | None, bool]]:
    """Names of the rows with the city's code; provinces are no city."""
    rows: list[tuple[str, str | None, bool]] = [("北京市", MUNICIPALITIES["北京市"], True)]
    for province, cities in PROVINCES.items():
        if page.provinces != "no":
            rows.append((province, None, page.provinces == "totals"))
        rows += [(f"  {name}", code, True) for name, code in cities.items()]
    rows.insert(6, ("上海市", MUNICIPALITIES["上海市"], True))
    return rows


def _title(page: Page, indicators: list[Indicator], part: int) -> str | None:
    what = indicators[0].zh if page.layout == "years" else "城市基本情况"
    if part:
        return f"2-1 续表 {part} continued {part}"
    if page.title == "none":
        return None
    if page.year_from == "title" and page.layout != "years":
        return f"中国{page.year}年{what}统计"
    return f"2-1 {what}" if page.title == "number" else what


def write_page(page: Page, folder: Path, number: int) -> Written:
    """Write a page as a workbook below `folder`."""
    place = f"中国城市统计年鉴{page.edition}" if page.year_from != "source_line" else "pages"
    # Five digits: a name such as 1998.xlsx would say a year, and so would a tab.
    written = Written(f"{place}/{number:05d}.xlsx")
    path = folder / written.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as workbook:
        _write(page, _Sheet(page, written, workbook.add_worksheet(f"page {number:05d}")))
    return written


def _write(page: Page, sheet: _Sheet) -> None:
    figures = _Figures(page, sheet.written)
    indicators = [INDICATORS[index] for index in page.indicators]
    if page.unit_place == "line":  # a line of its own can speak of one unit only
        unit = figures.unit(indicators[0])
        indicators = [item for item in indicators if unit in item.units]
    rows = _rows(page)
    size = page.break_after or len(rows)
    for part, start in enumerate(range(0, len(rows), size)):
        title = _title(page, indicators, part)
        if title:
            sheet.put(sheet.row, 0, title)
            sheet.row += 1
        if page.unit_place == "line" and (part == 0 or page.spaced):
            sheet.put(sheet.row, 2, f"单位：{figures.unit(indicators[0]).zh}")
            sheet.row += 1
        {
            "scopes": _scopes,
            "years": _years,
            "years_below": _years,
            "long": _long,
            "narrow": _narrow,
            "turned": _turned,
            "beside": _beside,
        }[page.layout](page, sheet, figures, indicators, rows[start : start + size])
        if page.footnotes:
            sheet.put(sheet.row, 0, "注：本表数字不含县。 Note: counties are left out.")
            sheet.row += 1
        sheet.row += page.gap_rows
    if page.year_from == "source_line":
        sheet.put(sheet.row, 0, f"摘编自《中国城市统计年鉴{page.edition}》")


def _keys(page: Page, sheet: _Sheet, rows: int) -> int:
    """The heading of the city column and, where the page has one, of its translation."""
    sheet.span(sheet.row, 0, rows, 1, _heading(page, "城市", "City", None))
    if page.english_city:
        sheet.span(sheet.row, 1, rows, 1, "City")
    return 1 + page.english_city


def _column_numbers(page: Page, sheet: _Sheet, keys: int, columns: int) -> None:
    """A row that numbers the columns, those of keys by letters or as well."""
    if page.column_numbers == "no":
        return
    letters = keys if page.column_numbers == "letters" else 0
    for column in range(columns):
        number = column - letters + 1
        if column < letters:
            sheet.put(sheet.row, column, ("甲乙丙" if page.spaced else "ABC")[column])
        else:
            sheet.put(sheet.row, column, number if page.style == "number" else str(number))
    sheet.row += 1


def _name(page: Page, sheet: _Sheet, name: str) -> None:
    printed = name if page.style != "footnoted" or name != "  唐山市" else "  唐山市①"
    sheet.put(sheet.row, 0, printed)
    if page.english_city:
        sheet.put(sheet.row, 1, PINYIN.get(name.strip(), "Shi"))


def _scopes(page, sheet, figures, indicators, rows) -> None:  # type: ignore[no-untyped-def]
    """Indicators over scopes: the yearbook's own way."""
    scopes = list(SCOPES) if page.both_scopes else ["total"]
    with_scope_row = page.both_scopes and not page.scope_in_bracket
    row_of_units = page.unit_place == "row"
    english_rows = page.bilingual == "rows"
    depth = 1 + english_rows + with_scope_row + row_of_units
    column = _keys(page, sheet, 1 if english_rows else depth)
    if english_rows:
        sheet.put(sheet.row + 1, 0, "City")
        if page.english_city:
            sheet.put(sheet.row + 1, 1, "City")
    columns = []
    for indicator in indicators:
        unit = figures.unit(indicator)
        row = sheet.row
        alone = page.last_for_total and len(indicators) > 1 and indicator == indicators[-1]
        if with_scope_row and alone:
            # Its heading stands above an open cell, or is merged downwards over the row of scopes.
            deep = 1 if english_rows else 2
            sheet.span(row, column, deep, 1, _heading(page, indicator.zh, indicator.en, unit))
            if english_rows:
                sheet.put(row + 1, column, indicator.en)
        elif with_scope_row:
            sheet.span(row, column, 1, 2, _heading(page, indicator.zh, indicator.en, unit))
            if english_rows:
                sheet.span(row + 1, column, 1, 2, indicator.en)
            row += 1 + english_rows
        for scope in scopes[:1] if alone else scopes:
            if with_scope_row and alone:
                pass
            elif with_scope_row:
                sheet.put(row, column, _heading(page, *SCOPES[scope], None))
            else:
                zh = indicator.zh
                if page.both_scopes and not alone:
                    zh += f"({SCOPES[scope][0]})"
                sheet.put(row, column, _heading(page, zh, indicator.en, unit))
                if english_rows:
                    sheet.put(row + 1, column, indicator.en)
            if row_of_units:
                sheet.put(sheet.row + depth - 1, column, f"({unit.zh})" if page.spaced else unit.zh)
            columns.append((column, indicator.code, scope))
            column += 1
    sheet.row += depth
    _column_numbers(page, sheet, 1 + page.english_city, column)
    for name, code, has_figures in rows:
        _name(page, sheet, name)
        if has_figures:
            for column, indicator_code, scope in columns:
                key = (page.year, indicator_code, scope)
                figures.print(sheet, sheet.row, column, code, key)
        sheet.row += 1


def _years(page, sheet, figures, indicators, rows) -> None:  # type: ignore[no-untyped-def]
    """A column per year: of the indicator in the title, or of those in the row above."""
    years = [page.year - 2, page.year - 1, page.year]
    below = page.layout == "years_below"
    column = _keys(page, sheet, 1 + below)
    columns = []
    for indicator in indicators:
        heading = _heading(page, indicator.zh, indicator.en, figures.unit(indicator))
        if below:
            sheet.span(sheet.row, column, 1, len(years), heading)
        for year in years:
            printed = f"{year}年" if page.spaced else (str(year) if page.merged else year)
            if not below and page.unit_place == "heading":
                printed = f"{year}年{_unit(page, figures.unit(indicator))[0]}"
            sheet.put(sheet.row + below, column, printed)
            columns.append((column, indicator.code, year))
            column += 1
    sheet.row += 1 + below
    _column_numbers(page, sheet, 1 + page.english_city, column)
    for name, code, has_figures in rows:
        _name(page, sheet, name)
        if has_figures:
            for column, indicator_code, year in columns:
                figures.print(sheet, sheet.row, column, code, (year, indicator_code, "total"))
        sheet.row += 1


def _turned(page, sheet, figures, indicators, rows) -> None:  # type: ignore[no-untyped-def]
    """Cities across the top, and below each its scopes or years; indicators down the side."""
    years = [page.year - 1, page.year] if page.footnotes else [page.year]
    scopes = list(SCOPES) if page.both_scopes and len(years) == 1 else ["total"]
    below = max(len(years), len(scopes))
    column_of_units = page.unit_place == "row"
    sheet.put(sheet.row, 0, "指 标" if page.spaced else "指标")
    if column_of_units:
        sheet.put(sheet.row, 1, "单位")
    first = 1 + column_of_units
    for number, (name, _, _) in enumerate(rows):
        sheet.span(sheet.row, first + number * below, 1, below, name.strip())
    sheet.row += 1
    if below > 1:
        said = [f"{year}年" for year in years] if len(years) > 1 else [SCOPES[s][0] for s in scopes]
        for column in range(len(rows) * below):
            sheet.put(sheet.row, first + column, said[column % below])
        sheet.row += 1
    for indicator in indicators:
        unit = figures.unit(indicator)
        sheet.put(sheet.row, 0, _heading(page, indicator.zh, indicator.en, unit))
        if column_of_units:
            sheet.put(sheet.row, 1, unit.zh)
        for number, (_, code, has_figures) in enumerate(rows):
            for step, (year, scope) in enumerate(product(years, scopes)):
                if has_figures:
                    key = (year, indicator.code, scope)
                    figures.print(sheet, sheet.row, first + number * below + step, code, key)
        sheet.row += 1


def _beside(page, sheet, figures, indicators, rows) -> None:  # type: ignore[no-untyped-def]
    """Two tables beside each other: the second goes on where the first ends."""
    length = -(-len(rows) // 2)
    apart = page.gap_rows
    width = 1 + len(indicators) + apart
    for table in (0, width):
        sheet.put(sheet.row, table, _heading(page, "城市", "City", None))
        for column, indicator in enumerate(indicators, start=1):
            heading = _heading(page, indicator.zh, indicator.en, figures.unit(indicator))
            sheet.put(sheet.row, table + column, heading)
    sheet.row += 1
    for number, (name, code, has_figures) in enumerate(rows):
        row, table = sheet.row + number % length, width if number >= length else 0
        sheet.put(row, table, name)
        if has_figures:
            for column, indicator in enumerate(indicators, start=1):
                key = (page.year, indicator.code, "total")
                figures.print(sheet, row, table + column, code, key)
    sheet.row += length


def _city_years(page, sheet, rows, columns_of) -> None:  # type: ignore[no-untyped-def]
    """Rows per city and year; the city's name merged over its rows, or repeated."""
    for name, code, has_figures in rows:
        if not has_figures:
            continue
        blocks = columns_of(code)
        if page.merged and len(blocks) > 1:
            sheet.sheet.merge_range(sheet.row, 0, sheet.row + len(blocks) - 1, 0, name)
            sheet.written.cells += 1
        for write in blocks:
            if not (page.merged and len(blocks) > 1):
                sheet.put(sheet.row, 0, name)
            write(sheet.row)
            sheet.row += 1


def _long(page, sheet, figures, indicators, rows) -> None:  # type: ignore[no-untyped-def]
    """A row per city and year, indicators in columns."""
    row_of_units = page.unit_place == "row"
    sheet.put(sheet.row, 0, _heading(page, "城市", "City", None))
    sheet.put(sheet.row, 1, _heading(page, "年份", "Year", None))
    for column, indicator in enumerate(indicators, start=2):
        unit = figures.unit(indicator)
        sheet.put(sheet.row, column, _heading(page, indicator.zh, indicator.en, unit))
        if row_of_units:
            sheet.put(sheet.row + 1, column, unit.zh)
    if row_of_units and page.spaced:
        sheet.put(sheet.row + 1, 0, "单位")
    sheet.row += 1 + row_of_units
    _column_numbers(page, sheet, 2, 2 + len(indicators))

    def of_city(code):  # type: ignore[no-untyped-def]
        def of_year(year):  # type: ignore[no-untyped-def]
            def write(row: int) -> None:
                sheet.put(row, 1, f"{year}年" if page.spaced else year)
                for column, indicator in enumerate(indicators, start=2):
                    key = (year, indicator.code, "total")
                    figures.print(sheet, row, column, code, key)

            return write

        return [of_year(page.year - 1), of_year(page.year)]

    _city_years(page, sheet, rows, of_city)


def _narrow(page, sheet, figures, indicators, rows) -> None:  # type: ignore[no-untyped-def]
    """A row per city, year and indicator."""
    headings = ["城市", "年份", "指标", "数值"]
    if page.both_scopes:
        headings.append("统计口径")
    own_column = page.unit_place == "heading" and page.spaced
    if own_column:
        headings.append("计量单位")
    for column, heading in enumerate(headings):
        sheet.put(sheet.row, column, heading)
    sheet.row += 1
    _column_numbers(page, sheet, 3, len(headings))
    scopes = list(SCOPES) if page.both_scopes else ["total"]

    def of_city(code):  # type: ignore[no-untyped-def]
        def of_row(year, indicator, scope):  # type: ignore[no-untyped-def]
            def write(row: int) -> None:
                unit = figures.unit(indicator)
                in_words = page.unit_place == "heading" and not own_column
                sheet.put(row, 1, year)
                sheet.put(row, 2, indicator.zh + (_unit(page, unit)[0] if in_words else ""))
                figures.print(sheet, row, 3, code, (year, indicator.code, scope))
                if page.both_scopes:
                    sheet.put(row, 4, SCOPES[scope][0])
                if own_column:
                    sheet.put(row, headings.index("计量单位"), unit.zh)

            return write

        return [of_row(*key) for key in product((page.year - 1, page.year), indicators, scopes)]

    _city_years(page, sheet, rows, of_city)
