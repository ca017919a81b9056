"""The real panels from cell to estimate, against a second road that starts from the same files.

The second road is pandas on the workbooks, joined by code and name here, and a regression with a
dummy per city and year: it shares no line with the pipeline.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import python_calamine
from e2e_process import CommandLine, Refreshed

pytestmark = pytest.mark.real

COEFFICIENT_TOLERANCE = 1e-8  # two least-squares roads in double precision
FIGURE_TOLERANCE = 1e-12  # one conversion of units
SHARE_OF_DISAGREEMENT = 0.043  # of city-years with GDP in both sources, known of the files
SHARE_TOLERANCE = 0.0015  # the join here leaves out units that the measure does not have
LARGEST_RATIO = 16.4

# Codes that cities had before they became prefecture-level cities, as area code tables list them.
EARLIER_CODES = {
    542400: 540600,  # Nagqu
    652100: 650400,  # Turpan
    652200: 650500,  # Hami
    522200: 520600,  # Tongren
    522400: 520500,  # Bijie
}
LAIWU, LAIWU_LAST_YEAR = 371200, 2018  # merged into Jinan in January 2019
CHANGSHA_CLUSTER = ("长沙市", "株洲市", "湘潭市")
WHOLE = ("municipality", "prefecture_city", "autonomous_prefecture", "city_cluster")


def panels(shared: Path) -> Path:
    return shared / "yearbooks" / "panels"


@cache
def read(folder: Path, start: str, sheet: str) -> pd.DataFrame:
    (path,) = (path for path in folder.iterdir() if path.name.startswith(start))
    return pd.read_excel(path, sheet_name=sheet, engine="calamine")


@cache
def sources(shared: Path) -> dict[str, pd.DataFrame]:
    """The workbooks, columns renamed, keyed by code and year."""
    folder = panels(shared)
    measure = read(folder, "NQPF", "Second A.D.").set_axis(
        ["code", "year", "gtfp", "nqpf"], axis="columns"
    )
    sectors = read(folder, "2000-2023", "面板数据2000-2023").rename(
        columns={
            "城市代码": "code", "年度标识": "year", "城市名称": "name", "gdp（亿元人民币）": "gdp",
            "第二产业增加值": "secondary", "第三产业增加值": "tertiary",
        }
    )  # fmt: skip
    finance = read(folder, "金融", "Sheet1").rename(
        columns={
            "城市代码": "code", "年份": "year", "城市": "name", "地区生产总值(万元)": "gdp",
            "年末金融机构各项贷款余额(万元)": "loans", "年末金融机构存款余额(万元)": "deposits",
        }
    )  # fmt: skip
    people = read(folder, "298", "面板数据").rename(
        columns={
            "城市代码": "code", "年份": "year", "城市": "name",
            "行政区域土地面积(平方公里)": "area", "常住人口（万人）": "residents",
        }
    )  # fmt: skip
    growth = read(folder, "296", "Sheet1").rename(
        columns={"城市": "name", "年份": "year", "名义GDP": "gdp"}
    )
    known = set(measure["code"])
    code_of = dict(zip(finance["name"], finance["code"], strict=True))
    growth["code"] = growth["name"].map(code_of)
    tables = {"sectors": sectors, "finance": finance, "people": people, "growth": growth}
    for name, table in tables.items():
        keyed = table.dropna(subset=["year"]).copy()
        keyed["code"] = pd.to_numeric(keyed["code"], errors="coerce").replace(EARLIER_CODES)
        by_name = ~keyed["code"].isin(known)
        keyed.loc[by_name, "code"] = keyed.loc[by_name, "name"].map(code_of)
        keyed = keyed.dropna(subset=["code"])
        tables[name] = keyed.astype({"code": int, "year": int})
    return {"measure": measure, **tables}


def series(table: pd.DataFrame, column: str, factor: float = 1.0) -> pd.Series:
    found = table.dropna(subset=[column]).drop_duplicates(["code", "year"])
    return found.set_index(["code", "year"])[column].astype(float) * factor


def fill(known: pd.Series, longest: int = 2) -> pd.Series:
    """Gaps of at most two years on a straight line, as the seed of fill rules states."""
    added = {}
    for code, one in known.groupby(level=0):
        years = one.droplevel(0).sort_index()
        for before, after in zip(years.index, years.index[1:], strict=False):
            if after - before - 1 <= longest:
                step = (years[after] - years[before]) / (after - before)
                for year in range(before + 1, after):
                    added[code, year] = years[before] + step * (year - before)
    return pd.concat([known, pd.Series(added, dtype=float)]) if added else known


@cache
def independent_panel(shared: Path) -> pd.DataFrame:
    """City-years of the measure with treatment and controls, made here."""
    found = sources(shared)
    sectors, finance, people = found["sectors"], found["finance"], found["people"]
    gdp = (
        series(sectors, "gdp", 1e4)
        .combine_first(series(finance, "gdp"))
        .combine_first(series(found["growth"], "gdp", 1e4))
    )
    panel = found["measure"].set_index(["code", "year"])
    panel = panel.assign(
        gdp=fill(gdp),
        secondary=fill(series(sectors, "secondary")),
        tertiary=fill(series(sectors, "tertiary")),
        residents=fill(series(people, "residents")),
        area=fill(series(people, "area")),
        deposits=fill(series(finance, "deposits")),
        loans=fill(series(finance, "loans")),
    ).reset_index()
    panel = panel[~((panel["code"] == LAIWU) & (panel["year"] > LAIWU_LAST_YEAR))].copy()
    panel["population_density"] = np.log(panel["residents"] * 1e4 / panel["area"])
    panel["gdp_per_capita"] = np.log(panel["gdp"] / panel["residents"])
    panel["tertiary_to_secondary"] = panel["tertiary"] / panel["secondary"]
    panel["financial_depth"] = (panel["deposits"] + panel["loans"]) / panel["gdp"]
    start = broadband_start(shared)
    panel["did"] = (panel["year"] >= panel["code"].map(start).fillna(9999)).astype(float)
    return panel


def broadband_start(shared: Path) -> dict[int, int]:
    roster = pd.read_csv(shared / "policies" / "broadband_china.csv")
    roster = roster[roster["entity_type"].isin(WHOLE)]
    code_of = dict(
        zip(sources(shared)["finance"]["name"], sources(shared)["finance"]["code"], strict=True)
    )
    start: dict[int, int] = {}
    for row in roster.itertuples():
        names = CHANGSHA_CLUSTER if row.entity_type == "city_cluster" else (row.official_name,)
        for name in names:
            if name in code_of:  # autonomous prefectures are not in the panels
                code = int(code_of[name])
                start[code] = min(start.get(code, 9999), int(row.batch_year))
    return start


CONTROLS = ["population_density", "gdp_per_capita", "tertiary_to_secondary", "financial_depth"]
COLUMNS = {
    "1": ([], []), "2": (CONTROLS, []), "3": ([], ["code"]), "4": ([], ["code", "year"]),
    "5": (CONTROLS, ["code", "year"]),
}  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_estimates_equal_a_dummy_regression_from_the_workbooks(
    column: str, real_db: duckdb.DuckDBPyConnection, shared_dir: Path
) -> None:
    import statsmodels.api as sm

    controls, effects = COLUMNS[column]
    panel = independent_panel(shared_dir).dropna(subset=["nqpf", *controls])
    dummies = [
        pd.get_dummies(panel[effect], prefix=effect, drop_first=True, dtype=float)
        for effect in effects
    ]
    design = pd.concat([panel[["did", *controls]], *dummies], axis="columns").assign(constant=1.0)
    fit = sm.OLS(panel["nqpf"], design).fit()
    found = real_db.execute(
        "select term, estimate.estimate, n_obs from estimates.estimate as estimate"
        " inner join estimates.model_fit using (vintage, study, method, design, column_id)"
        " where study = 'broadband_nqpf_real' and design = 'baseline' and column_id = ?"
        " and term <> 'constant'",
        [column],
    ).fetchall()
    assert {term for term, _, _ in found} == {"did", *controls}
    for term, estimate, n_obs in found:
        assert n_obs == len(panel), term
        assert estimate == pytest.approx(fit.params[term], abs=COEFFICIENT_TOLERANCE), term


def test_city_years_of_the_study_are_those_of_the_workbooks(
    real_db: duckdb.DuckDBPyConnection, shared_dir: Path
) -> None:
    own = independent_panel(shared_dir)
    found = real_db.execute(
        "select city_code::integer as code, year, nqpf_cao_dai, gdp, population_resident,"
        " land_area, deposits, loans, exposure.did from marts.city_year"
        " inner join marts.policy_exposure as exposure using (city_code, year)"
        " where nqpf_cao_dai is not null and policy_id = 'broadband_china' and coverage = 'whole'"
        " and timing = 'pilot_year'"
    ).df()
    both = own.merge(found, on=["code", "year"], how="outer", indicator=True, suffixes=("", "_db"))
    assert (both["_merge"] == "both").all()
    pairs = {
        "nqpf": "nqpf_cao_dai", "gdp": "gdp_db", "residents": "population_resident",
        "area": "land_area", "deposits": "deposits_db", "loans": "loans_db", "did": "did_db",
    }  # fmt: skip
    for mine, theirs in pairs.items():
        np.testing.assert_allclose(
            both[theirs].astype(float), both[mine], rtol=FIGURE_TOLERANCE, err_msg=mine
        )


def test_disagreement_of_gdp_by_city_and_year(
    real_db: duckdb.DuckDBPyConnection, shared_dir: Path
) -> None:
    found = sources(shared_dir)
    both = pd.concat(
        [series(found["sectors"], "gdp", 1e4), series(found["finance"], "gdp")],
        axis="columns", join="inner", keys=["sectors", "finance"],
    )  # fmt: skip
    ratio = both.max(axis="columns") / both.min(axis="columns")
    apart = ratio[ratio > 1.05]
    shown = real_db.execute(
        "select city_code::integer as code, year, ratio from marts.source_disagreement"
        " where indicator_code = 'gdp' and kept_source_id = 'panel_sectors'"
        " and other_source_id = 'panel_finance'"
    ).df()
    shown = shown.set_index(["code", "year"])["ratio"]
    assert set(shown.index) == set(apart.index)
    np.testing.assert_allclose(shown, apart.reindex(shown.index), rtol=FIGURE_TOLERANCE)
    assert len(shown) / len(both) == pytest.approx(SHARE_OF_DISAGREEMENT, abs=SHARE_TOLERANCE)
    assert shown.max() == pytest.approx(LARGEST_RATIO, abs=0.05)


RENAMED = {
    "420600": "襄阳市",  # Xiangfan until 2010
    "530800": "普洱市",  # Simao until 2007
    "520500": "毕节市",  # a region until 2011
    "520600": "铜仁市",
    "540600": "那曲市",  # a region until 2017
    "650400": "吐鲁番市",
    "340100": "合肥市",  # took in part of Chaohu in 2011
}


@pytest.mark.parametrize("code", RENAMED)
def test_renamed_cities_keep_all_their_years(
    code: str, real_db: duckdb.DuckDBPyConnection, shared_dir: Path
) -> None:
    sectors = sources(shared_dir)["sectors"]
    wanted = series(sectors[sectors["code"] == int(code)], "gdp", 1e4).droplevel(0)
    assert len(wanted) >= 20
    name, found = real_db.execute(
        "select any_value(name_zh), map_from_entries(list((year, value)))"
        " from marts.indicator_value inner join marts.dim_city using (city_code)"
        " where city_code = ? and indicator_code = 'gdp' and source_id = 'panel_sectors'",
        [code],
    ).fetchone()
    assert name == RENAMED[code]
    assert set(wanted.index) <= set(found)
    for year, value in wanted.items():
        assert found[year] == pytest.approx(value, rel=FIGURE_TOLERANCE), year


# What a reader finds by eye in the workbook: indicator, city, year, start of file name.
SPOTS = [
    ("gdp", "襄阳", 2015, "2000-2023"),
    ("gdp", "普洱市", 2004, "2000-2023"),
    ("gdp_tertiary", "530800", 2004, "2000-2023"),
    ("loans", "Bijie", 2012, "金融"),
    ("land_area", "铜仁市", 2012, "298"),
    ("nqpf_cao_dai", "420600", 2018, "NQPF"),
    ("gdp", "儋州市", 2012, "296"),
]


@pytest.mark.parametrize(("indicator", "city", "year", "start"), SPOTS)
def test_trace_names_the_cell_that_holds_the_figure(
    indicator: str, city: str, year: int, start: str,
    citypanel: CommandLine, real: Refreshed, shared_dir: Path,
) -> None:  # fmt: skip
    said = citypanel.run("trace", city, year, indicator, "--release", real.release)
    assert said.code == 0, said.said
    lines = [line.strip() for line in said.out.splitlines()]
    (file,) = (line.split(":", 1)[1].strip() for line in lines if line.startswith("file:"))
    (cell,) = (line.split(":", 1)[1].strip() for line in lines if line.startswith("cell:"))
    name = file.split(" (sha256")[0]
    assert name.startswith(start)
    sheet, rest = cell.removeprefix("sheet '").split("', ", 1)
    address, text = rest.split(": ", 1)
    letters = address.rstrip("0123456789")
    column = sum((ord(one) - 64) * 26**place for place, one in enumerate(reversed(letters)))
    row = int(address.removeprefix(letters))
    book = python_calamine.load_workbook(str(panels(shared_dir) / name))
    page = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    printed = page[row - 1][column - 1]
    assert float(text.strip("'")) == float(printed)
    # Same row: the year and the city, under whatever name it had then.
    assert any(str(one).split(".")[0] == str(year) for one in page[row - 1])
    value = float(next(line for line in lines if line.startswith("= ")).split()[1])
    factor = value / float(printed)
    assert np.isclose(factor, 1, rtol=1e-9) or np.isclose(factor, 1e4, rtol=1e-9)


def test_every_cell_is_accounted_for(real_db: duckdb.DuckDBPyConnection) -> None:
    read_cells, counted = real_db.execute(
        "select (select count(*) from raw.yearbook_cell), (select sum(cells) from marts.cell_account)"
    ).fetchone()
    assert read_cells == counted > 500_000
    assert not real_db.execute(
        "select * from raw.yearbook_file where status <> 'loaded'"
    ).fetchall()


def test_sheets_of_provinces_and_counties_are_declared_unused(
    real_db: duckdb.DuckDBPyConnection, shared_dir: Path
) -> None:
    unused = dict(
        real_db.execute(
            "select sheet_name, reason from staging.stg_yearbook__sheet where decision = 'ignore'"
        ).fetchall()
    )
    for sheet, word in (
        ("First A.D.", "province"),
        ("Third A.D.", "count"),
        ("emission matrix", "shape"),
    ):
        assert word in unused[sheet], sheet
    # No figure comes from a county: none of the measure's 2,711 counties is in the panel.
    counties = read(panels(shared_dir), "NQPF", "Third A.D.").iloc[:, 0].astype(str)
    codes = {
        code for (code,) in real_db.execute("select city_code from marts.city_year").fetchall()
    }
    # A few prefecture-level cities have no counties (Dongguan) and a few county-level ones no
    # prefecture (Jiyuan): the former end in 00, the latter have 90 in the middle.
    own = {code for code in codes if code.endswith("00") or code[2:4] == "90"}
    assert not (codes - own) & set(counties)
    assert len(own) < 350


def test_quarantine_gives_reason_and_cell(real_db: duckdb.DuckDBPyConnection) -> None:
    reasons = dict(
        real_db.execute("select reason, count(*) from marts.quarantine group by all").fetchall()
    )
    assert reasons["city_not_in_existence"] > 0  # Laiwu after 2018, Sansha before 2012
    values = real_db.execute(
        "select sum(cells) from marts.cell_account where cell_class in ('value', 'quarantined')"
    ).fetchone()[0]
    unresolved = sum(count for reason, count in reasons.items() if reason != "aggregate")
    assert unresolved / values < 0.005
    assert not real_db.execute(
        "select * from marts.quarantine where reason is null or relative_path is null"
        " or sheet_name is null or value_text is null"
    ).fetchall()


def test_summary_shows_the_estimates(real: Refreshed) -> None:
    assert "broadband_nqpf_real, baseline" in real.finished.out
    assert "SIMULATED" not in real.finished.out
    assert str(real.current.resolve()) in real.finished.out
