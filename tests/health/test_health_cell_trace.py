"""From a cell's id to its page and to what became of it, where all was built and where a refresh stopped early."""

from pathlib import Path

import pytest

from orchestration.errors import NotFound
from orchestration.trace import cell_lines


@pytest.fixture(scope="module")
def built(staged, tmp_path_factory):
    """The stage of indicators."""
    warehouse = staged.copy(tmp_path_factory.mktemp("health_cells"))
    warehouse.build_indicators()
    return warehouse


def key_of(warehouse, edition: int) -> str:
    ((key,),) = warehouse.ask(
        f"select file_key from raw.yearbook_file where relative_path like '%{edition}/%'"
    )
    return str(key)


def asked(warehouse, edition: int, address: str) -> list[str]:
    return list(cell_lines(warehouse.path, f"{key_of(warehouse, edition)}!0!{address}"))


def test_a_released_figure_is_shown_on_its_page(built):
    lines = asked(built, 2018, "c2")  # 石家庄 2010, 110, in small letters
    assert lines[0].startswith("file:   中国城市统计年鉴2018/2-4.csv (sha256 ")
    assert lines[2:] == [
        "cell:   C2, row 2, column 3: '110.0'",
        "row:    石家庄市 | 2010 | [110.0]",
        "source: cn_city_yearbook, edition 2018",
        "read:   for '石家庄市', 2010, under '地区生产总值(亿元)', as gdp, total, in 亿元",
        "value:  1100000 10_000_yuan",
        "released: 1100000 10_000_yuan  [observed]",
        "more:   citypanel trace 130100 2010 gdp --scope total",
    ]


def test_a_figure_that_another_edition_replaced_names_the_one_that_counts(built):
    (told,) = [line for line in asked(built, 2017, "C2") if line.startswith("released")]
    assert told == (
        "released: not this one but 1100000 10_000_yuan of cn_city_yearbook, edition 2018, cell"
        f" {key_of(built, 2018)}!0!C2"
    )


def test_a_figure_that_was_set_aside_says_why_and_where_to_read_on(built):
    (cell,) = built.ask("select cell_id from marts.quarantine where reason = 'unknown_city'")
    lines = list(cell_lines(built.path, str(cell[0])))
    assert "read:   for '北方市', 2010, under" in lines[-2]
    assert lines[-1].startswith("set aside: unknown_city; what to do stands in docs/annual-update")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("C1", "no figure: in the heading of the table (rows 1 to 1), mapped as value"),
        ("A3", "no figure: a column of city"),
        ("B3", "no figure: a column of year"),
    ],
)
def test_a_cell_that_is_no_figure_says_what_it_is(built, address: str, told: str):
    assert asked(built, 2018, address)[-1] == told


def test_a_refresh_that_stopped_answers_as_far_as_it_came(staged, tmp_path: Path):
    assert asked(staged, 2018, "C2")[-1] == "read; the refresh stopped before it could be released"
    unread = staged.copy(tmp_path, ["drop schema staging cascade"])
    assert asked(unread, 2018, "C2")[-1] == "not read yet: the refresh stopped before"


@pytest.mark.parametrize(
    ("cell_id", "told"),
    [
        ("x!y", "is no cell id: expected file!sheet!address"),
        ("000000000000!0!A1", "no file with the key 000000000000"),
        ("{key}!3!A1", "has no sheet of number 3"),
        ("{key}!0!ZZ9", "ZZ9 is empty in 中国城市统计年鉴2018/2-4.csv, sheet 'csv'"),
    ],
)
def test_what_is_no_cell_is_told(built, cell_id: str, told: str):
    with pytest.raises(NotFound, match=told):
        list(cell_lines(built.path, cell_id.format(key=key_of(built, 2018))))
