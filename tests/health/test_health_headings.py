"""Suggestions for headings: the ranking by itself, and on a generated and a real file."""

import csv
import io
from pathlib import Path

import pytest
import xlsxwriter

from orchestration.commands.main import main
from orchestration.errors import FAILED, MISUSED
from orchestration.headings import as_csv, suggest
from orchestration.headings.likeness import Indicator, candidates, english_words, text_key
from orchestration.headings.rows import Unmapped, city_column_rows, rows_for
from orchestration.landing.reading import UnreadableFile
from orchestration.settings import Settings

REPO = Path(__file__).resolve().parents[2]
WITH_HEADING = (REPO / "seeds" / "heading.csv").read_text(encoding="utf-8").splitlines()[0]
INDICATORS = (
    Indicator(
        "gdp", "地区生产总值", "Gross regional product", "money", ("地区生产总值(当年价格)",)
    ),
    Indicator("gdp_per_capita", "人均地区生产总值", "Gross regional product per capita", "money"),
    Indicator("land_area", "行政区域土地面积", "Land area", "area"),
    Indicator("hospital_beds", "医院床位数", "Hospital beds", "beds"),
)
DIMENSIONS = {"万元": "money", "平方公里": "area", "张": "beds"}


def parsed(text: str) -> list[dict[str, str]]:
    """Printed rows as the seed would hold them."""
    return list(csv.DictReader(io.StringIO(f"{WITH_HEADING}\n{text}")))


def heading(key: str, texts: tuple[str, ...], units: tuple[str, ...] = ("万元",)) -> Unmapped:
    return Unmapped("s", key, key, units, ("total",), len(texts), texts, "2-4", "B3")


def test_the_same_name_is_certain_and_a_likely_one_comes_first() -> None:
    assert candidates("地区生产总值(当年价格)", "", ["money"], INDICATORS)[0].score == 100
    best, second, _ = candidates("地区生产总值(现价)", "", ["money"], INDICATORS)
    assert (best.indicator.code, second.indicator.code) == ("gdp", "gdp_per_capita")
    assert 100 > best.score > second.score


def test_english_words_find_what_chinese_ones_do_not() -> None:
    found = candidates("卫生资源", "Hospital Beds", [], INDICATORS)[0]
    assert found.indicator.code == "hospital_beds"
    assert found.likeness == "Hospital beds"


def test_a_unit_of_another_dimension_rules_an_indicator_out() -> None:
    with_unit = {
        one.indicator.code: one.score for one in candidates("土地", "", ["money"], INDICATORS, 9)
    }
    without = {one.indicator.code: one.score for one in candidates("土地", "", [], INDICATORS, 9)}
    assert with_unit["land_area"] < without["land_area"]
    assert with_unit["gdp"] == without["gdp"]


def test_english_of_a_heading_is_without_unit_and_scope() -> None:
    printed = "年末人口\n(万人)\nPopulation at Year-end\n(10 000 persons) / 全市\nTotal\nCity"
    assert english_words(printed, ["全市", "totalcity"]) == "Population at Year-end"
    assert text_key(" Ｇ Ｄ\u3000Ｐ（亿 元）") == "gdp(亿元)"


def test_rows_leave_scope_and_unit_to_the_page() -> None:
    rows = rows_for(heading("地区生产总值(现价)", ("1,200.5", "3")), INDICATORS, DIMENSIONS, ())
    assert [row["role"] for row in rows] == ["value"] * 3
    assert rows[0]["indicator_code"] == "gdp"
    assert "unit printed: 万元; scope: total; 1 of 3" in rows[0]["note"]
    (written,) = parsed(as_csv(rows[:1]))
    assert written["scope"] == written["unit"] == ""
    assert written["heading_key"] == "地区生产总值(现价)"


def test_what_another_source_states_is_taken_over_with_the_same_heading() -> None:
    known = {
        ("地区生产总值(当年价格)", "gdp"): ("districts", "万元"),
        ("x", "gdp"): ("total", None),
    }
    printed, silent = (
        rows_for(
            heading("地区生产总值(当年价格)", ("1,200.5", "3"), units),
            INDICATORS,
            DIMENSIONS,
            (),
            known,
        )
        for units in (("万元",), ())
    )
    # Its very name is offered alone; a unit that the page prints is left to the page.
    assert [(row["indicator_code"], row["scope"], row["unit"]) for row in printed] == [
        ("gdp", "districts", "")
    ]
    assert [(row["scope"], row["unit"]) for row in silent] == [("districts", "万元")]
    assert "check that it is" in printed[0]["note"]


@pytest.mark.parametrize(
    ("texts", "role"),
    [
        (("2015", "2016年"), "year"),
        (("估算", "同上", "3"), "ignore"),
        (("2015", "3.5"), "value"),
    ],
)
def test_columns_of_years_and_words_are_no_indicators(texts: tuple[str, ...], role: str) -> None:
    assert {row["role"] for row in rows_for(heading("x", texts), INDICATORS, DIMENSIONS, ())} == {
        role
    }


def test_the_city_column_of_a_page_without_table_is_named() -> None:
    cells = [
        (1, 1, "2-4 总值"),
        (2, 1, "地 名"),
        (2, 2, "总值"),
        (3, 1, " 唐山市"),
        (4, 1, "石家庄市"),
    ]
    (row,) = city_column_rows("s", cells, {"唐山市", "石家庄市"})
    assert (row["heading_key"], row["role"]) == ("地名", "city")
    assert city_column_rows("s", cells, {"上海市"}) == []


# ---- whole files


@pytest.fixture
def settings(dbt_state: Path, tmp_path: Path) -> Settings:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    return Settings(inbox, tmp_path / "release", dbt_state)


@pytest.fixture
def by_environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The same for a command, which takes them from the environment and writes them there."""
    monkeypatch.setenv("CITYPANEL_INBOX", str(settings.inbox))
    monkeypatch.setenv("CITYPANEL_RELEASE", str(settings.release))
    monkeypatch.setenv("CITYPANEL_STATE", str(settings.state))
    return settings


def page(settings: Settings, first_row: list[str]) -> Path:
    """A page of the official yearbook in the inbox."""
    path = settings.input_folder / "中国城市统计年鉴2019" / "2-4.xlsx"
    path.parent.mkdir(exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("2-4")
        sheet.write_row(0, 0, first_row)
        for row, name in enumerate(("石家庄市", "唐山市", "秦皇岛市"), start=1):
            sheet.write_row(row, 0, [name, 2018, 700.5 + row, 5_000_000 + row, "—不详"])
    return path


def test_a_generated_page_with_unknown_headings(settings: Settings) -> None:
    path = page(
        settings, ["城市", "年份", "年末户籍总人口数(万人)", "地区生产总值(万元)", "编者按语"]
    )
    before = path.read_bytes()
    found = suggest(path, settings)
    rows = parsed(as_csv(found.rows))
    assert found.has_table
    assert {row["source_id"] for row in rows} == {"cn_city_yearbook"}
    population = [row for row in rows if row["heading_key"] == "年末户籍总人口数"]
    assert len(population) == 3
    assert population[0]["indicator_code"] == "population_registered"
    assert [row["role"] for row in rows if row["heading_key"] == "编者按语"] == ["ignore"]
    assert len(rows) == 4  # GDP is mapped already
    assert "2 headings are not mapped; keep at most one row of each" in found.remarks
    assert path.read_bytes() == before
    assert list(settings.input_folder.rglob("*.*")) == [path]


def test_a_page_that_is_mapped(settings: Settings) -> None:
    path = page(settings, ["城市", "年份", "年末户籍人口(万人)", "地区生产总值(万元)"])
    found = suggest(path, settings)
    assert found.rows == ()
    assert found.remarks == ("every heading over figures is mapped: nothing to do",)


def test_a_column_that_has_only_a_scope_for_a_heading(settings: Settings) -> None:
    path = page(settings, ["城市", "年份", "年末户籍人口(万人)", "市辖区"])
    found = suggest(path, settings)
    assert found.rows == ()
    assert len(found.remarks) == 1
    assert "from D2 on: 3 cells without a heading of their own" in found.remarks[0]


def test_a_page_without_a_heading_for_cities(by_environment: Settings, capsys) -> None:
    settings = by_environment
    path = page(settings, ["所在地方", "年份", "总人口(万人)"])
    found = suggest(path, settings)
    assert not found.has_table
    assert [(row["heading_key"], row["role"]) for row in found.rows] == [("所在地方", "city")]
    assert "no table found" in found.remarks[0]
    assert main(["headings", "suggest", str(path)]) == FAILED
    printed = capsys.readouterr()
    assert printed.out.startswith("cn_city_yearbook,")
    assert "no heading names the cities" in printed.err


def test_files_that_cannot_be_read_say_why(
    by_environment: Settings, tmp_path: Path, capsys
) -> None:
    settings = by_environment
    picture = tmp_path / "page.xlsx"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    with pytest.raises(UnreadableFile, match=r"page\.xlsx"):
        suggest(picture, settings)
    assert main(["headings", "suggest", str(tmp_path / "none.xls")]) == MISUSED
    assert "none.xls" in capsys.readouterr().err


@pytest.mark.real
def test_a_real_page_of_an_unknown_source(shared_dir: Path, settings: Settings) -> None:
    found = suggest(
        shared_dir / "yearbooks" / "layouts" / "cnki.xls", settings, "sent/by a colleague.xls"
    )
    first = {}
    for row in found.rows:
        assert row["source_id"] == "unknown"
        first.setdefault(row["heading_key"], row["indicator_code"])
    assert first == {
        "年末户籍人口": "population_registered",
        "年平均人口": "population_average",
        "自然增长率": "natural_growth_rate",
    }
    assert any("no rule of seeds/source_rule.csv knows" in remark for remark in found.remarks)
    assert any("3 of 3 headings are mapped for cn_city_yearbook" in one for one in found.remarks)
    # A page that prints neither units nor scopes of their own: both stand in the rows.
    found = suggest(shared_dir / "yearbooks" / "layouts" / "error5.xls", settings, "a/b.xls")
    stated = {row["heading_key"]: (row["scope"], row["unit"]) for row in found.rows}
    assert len(stated) == len(found.rows) == 6
    assert stated["第一产业从业人员比重_市辖区"] == ("districts", "%")
    assert stated["第一产业从业人员比重_全市"] == ("total", "%")
