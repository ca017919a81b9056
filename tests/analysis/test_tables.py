"""One declaration of a table: frames, comments, keys, older vintages, and what contradicts itself."""

import pandas as pd
import pytest

from analysis.tables import Column, Table, TableError, by_name

KEY = Column("city", "string", "City", role="key")
PAIR = Table(
    name="pair",
    grain="One row per city.",
    columns=(
        KEY,
        Column("effect", "Float64", "Effect of the policy", unit="points", role="estimate"),
        Column("std_error", "Float64", "Its error", role="std_error"),
        Column("n_obs", "Int64", "City-years", role="count"),
        Column("agrees", "boolean", "Whether a library agrees"),
    ),
    was={"coefficient": "effect"},
)


def test_a_frame_has_all_columns_typed_also_without_rows():
    made = PAIR.frame([{"city": "襄阳", "n_obs": 3, "effect": float("nan")}, {"city": "唐山"}])
    for frame in (made, PAIR.frame(), PAIR.joined([]), PAIR.joined([made, made])):
        assert {name: str(kind) for name, kind in frame.dtypes.items()} == PAIR.kinds
    assert made["effect"].isna().all() and made["n_obs"].tolist()[0] == 3
    assert len(PAIR.joined([made, made])) == 4


def test_a_column_that_is_not_declared_is_refused():
    with pytest.raises(TableError, match=r"table pair: no column 'effct' is declared; it has city"):
        PAIR.frame([{"city": "a", "effct": 1.0}])
    with pytest.raises(TableError, match="'effct'"):
        PAIR.joined([pd.DataFrame({"city": ["a"], "effct": [1.0]})])


def test_comments_have_the_unit_and_keys_are_those_of_the_role():
    assert PAIR.comments["effect"] == "Effect of the policy [points]"
    assert PAIR.comments["city"] == "City"
    assert PAIR.keys == ("city",)
    stored = PAIR.with_columns(Column("vintage", "string", "Release", role="key"))
    assert stored.keys == ("vintage", "city") and stored.was == PAIR.was


def test_an_older_vintage_keeps_every_value():
    older = pd.DataFrame({"city": ["a"], "coefficient": [0.5], "note": ["as printed"]})
    read = PAIR.of_older(older)
    assert list(read.columns) == [*PAIR.names, "note"]
    assert read["effect"].tolist() == [0.5] and read["note"].tolist() == ["as printed"]
    assert read["std_error"].isna().all()


@pytest.mark.parametrize(
    ("columns", "was", "told"),
    [
        ((KEY, KEY), {}, "'city' is declared twice"),
        ((Column("a", "Float64", "A"),), {}, "no column has the role key"),
        ((KEY, Column("a", "float", "A")), {}, "column a: type 'float'"),
        ((KEY, Column("a", "Float64", "A", role="effect")), {}, "role 'effect'"),
        ((KEY, Column("a", "Float64", "A", role="std_error", of="b")), {}, "column a: of 'b'"),
        ((KEY, Column("a", "Float64", "A", of="city")), {}, "column a: of 'city'"),
        ((KEY,), {"city": "city"}, "was 'city' now 'city'"),
        ((KEY,), {"town": "place"}, "was 'town' now 'place'"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(columns, was, told):
    with pytest.raises(TableError, match=told):
        Table("pair", "One row per city.", columns, was)


def test_an_error_belongs_to_the_only_estimate_or_the_one_it_names():
    assert PAIR.estimate_of(PAIR.columns[2]) == PAIR.columns[1]
    two = Table(
        "two",
        "One row per city.",
        (
            KEY,
            Column("a", "Float64", "A", role="estimate"),
            Column("b", "Float64", "B", role="estimate"),
            Column("a_error", "Float64", "Error of a", role="std_error", of="a"),
            Column("other", "Float64", "Of either", role="std_error"),
        ),
    )
    assert two.estimate_of(two.columns[3]) == two.columns[1]
    assert two.estimate_of(two.columns[4]) is None


def test_two_tables_of_a_name_are_refused():
    with pytest.raises(TableError, match="table pair is declared twice"):
        by_name(PAIR, PAIR)
