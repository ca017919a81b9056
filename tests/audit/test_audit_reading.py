"""Printed numbers and tables are read as they stand; what can't be read is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.audit import AuditInputError, PrintedTables, read_tables
from analysis.audit.printed import Interval, Printed


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("0.184", 0.184, 0.0005),
        ("−1.20", -1.2, 0.005),
        ("3,990", 3990, 0),
        ("2.9×10^−5", 2.9e-5, 0.05e-5),
        ("1.5e-03", 1.5e-3, 0.05e-3),
        ("45.1%", 0.451, 0.0005),
        (".05", 0.05, 0.005),
    ],
)
def test_number(text: str, value: float, half: float) -> None:
    number = Printed.read(text)
    assert number is not None
    assert (number.value, number.half) == (pytest.approx(value), pytest.approx(half))


@pytest.mark.parametrize("text", ["", "n.a.", "1.2.3", "--", "0.1*"])
def test_no_number(text: str) -> None:
    assert Printed.read(text) is None


def test_lost_noughts() -> None:
    """.09 of a table with three decimals is .090."""
    number = Printed.read("0.09", 3)
    assert number is not None
    assert number.half == pytest.approx(0.0005)


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_the_interval_holds_what_was_printed(value: float, decimals: int) -> None:
    number = Printed.read(f"{value:.{decimals}f}")
    assert number is not None
    if decimals:
        assert Interval(value, value).meets(number.interval)


@given(*(st.floats(-100, 100) for _ in range(4)))
def test_arithmetic_of_intervals_holds_all_results(a: float, b: float, c: float, d: float) -> None:
    one, two = Interval(min(a, b), max(a, b)), Interval(min(c, d), max(c, d))
    for first in (a, b, (a + b) / 2):
        for second in (c, d, (c + d) / 2):
            assert one.plus(two).meets(Interval(first + second, first + second))
            assert one.times(two).meets(Interval(first * second, first * second))
            assert one.squared().meets(Interval(first**2, first**2))
            assert one.size.meets(Interval(abs(first), abs(first)))
            if second > 0 and two.low > 0:
                assert one.over(two).meets(Interval(first / second, first / second))


def _read(tmp_path: Path, text: str, name: str = "table.csv") -> PrintedTables:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_tables([path])


AS_PRINTED = """,(1),(2)
did,{first},0.254***
,({second}),(3.36)
人均GDP,-0.02,0.11
,(-0.40),(1.20)
N,"3,990",3990
R2,0.842,0.850
城市固定效应,是,是
年份固定效应,否,是
"""


def test_table_as_printed(tmp_path: Path) -> None:
    tables = _read(tmp_path, AS_PRINTED.format(first="0.184***", second="2.911"))
    one, two = tables.columns
    assert (one.column, two.column) == ("(1)", "(2)")
    assert [(cell.term, cell.stars) for cell in one.cells] == [("did", 3), ("人均GDP", 0)]
    assert one.cells[0].t_value is not None
    assert one.statistics["n"].value == 3990
    assert one.effects == {"entity"}
    assert two.effects == {"entity", "time"}


def test_brackets_are_errors_where_the_stars_say_so(tmp_path: Path) -> None:
    text = ",(1)\ndid,0.184***\n,(0.063)\nincome,0.021\n,(0.100)\n"
    (column,) = _read(tmp_path, text).columns
    assert column.cells[0].t_value is None
    assert column.cells[0].std_error is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("table,column,term,estimate\n2,1,did,abc\n", "row 2, column estimate: 'abc' is no number"),
        ("table,column,term,estimate,stars\n2,1,did,0.1,+\n", "column stars"),
        ("table,term,estimate\n2,did,0.1\n", "no heading `column`"),
        ("weight,indicator\n,a\n", "column weight: empty"),
        ("p_value,bootstrap_draws\n0.1,many\n", "a whole number of draws"),
        ("term,term,estimate\na,b,1\n", "a heading stands twice"),
        ("table,column,statistic,value\n2,1,n,many\n", "'many' is no number"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(AuditInputError, match=r"table\.csv") as error:
        _read(tmp_path, text)
    assert said in str(error.value)


def test_binary_and_absent_files(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes("表".encode("gb18030"))
    with pytest.raises(AuditInputError, match="UTF-8"):
        read_tables([tmp_path / "table.csv"])
    with pytest.raises(AuditInputError, match="can't be read"):
        read_tables([tmp_path / "absent.csv"])
