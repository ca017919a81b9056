"""Each rule finds a fault that is put into a correct table, and says nothing of the correct one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from analysis.audit import (
    RULES,
    Cell,
    PrintedColumn,
    PrintedTables,
    PrintedTest,
    PrintedWeight,
    audit,
)
from analysis.audit.printed import Printed

YES, NO = frozenset({"entity", "time"}), frozenset[str]()


def printed(text: str) -> Printed:
    number = Printed.read(text)
    assert number is not None
    return number


def cell(term: str, estimate: str, stars: int | None = 0, **numbers: str) -> Cell:
    return Cell(
        term,
        printed(estimate),
        stars=stars,
        **{name: printed(text) for name, text in numbers.items()},
    )


DID = cell(
    "did",
    "0.184",
    3,
    std_error="0.063",
    t_value="2.911",
    p_value="0.004",
    ci_low="0.060",
    ci_high="0.308",
)
CONTROL = cell("income", "0.431", 3, std_error="0.098", t_value="4.40")
CONSTANT = cell("constant", "-1.338", 0, t_value="-0.837")


def column(number: str, *cells: Cell, label: str = "", **more: object) -> PrintedColumn:
    statistics = {"n": "3990", "r2": "0.842"} | more.pop("statistics", {})  # type: ignore[operator]
    return PrintedColumn(
        "2",
        number,
        label or f"column {number}",
        cells,
        {name: printed(text) for name, text in statistics.items()},
        outcome="index",
        **{"effects": YES, **more},  # type: ignore[arg-type]
    )


ONE = column("1", DID, CONSTANT, statistics={"f": "8.474"})
TWO = column("2", DID, CONTROL, CONSTANT, statistics={"r2": "0.850"})
RIGHT = PrintedTables(
    (ONE, TWO),
    (PrintedWeight("index", "a", printed("0.333")), PrintedWeight("index", "b", printed("0.667"))),
    (PrintedTest("one threshold", printed("0.0033"), 300),),
)


def with_columns(*columns: PrintedColumn) -> PrintedTables:
    return replace(RIGHT, columns=columns)


def sized(number: str, n: int, **more: str) -> PrintedColumn:
    return column(number, DID, statistics={"n": str(n), **more})


FAULTS = {
    "coefficient_over_error": with_columns(
        column("1", cell("did", "0.184", 3, std_error="0.036", t_value="2.911"), CONTROL)
    ),
    "sign_of_t": with_columns(column("1", cell("did", "-0.184", 3, t_value="2.911"), CONTROL)),
    "stars_of_t": with_columns(TWO, column("3", cell("did", "0.184", 1, t_value="2.911"), CONTROL)),
    "p_of_t": with_columns(
        column("1", cell("did", "0.184", 3, t_value="2.911", p_value="0.040"), CONTROL)
    ),
    "interval_of_error": with_columns(
        column(
            "1",
            cell("did", "0.184", 3, std_error="0.063", ci_low="0.160", ci_high="0.208"),
            CONTROL,
        )
    ),
    "error_for_t": with_columns(
        column("1", cell("did", "-0.696", 3, std_error="0.178961"), CONSTANT),
        column("2", cell("did", "0.254", 1, t_value="1.89"), cell("x", "0.78", 3, t_value="3.36")),
    ),
    "lost_digits": with_columns(column("1", cell("did", "0.000", 3, t_value="7.272"), CONTROL)),
    "f_of_one_regressor": with_columns(column("1", DID, CONSTANT, statistics={"f": "10.241"})),
    "n_of_cities_and_years": with_columns(
        column("1", DID, CONTROL, statistics={"cities": "287", "years": "12"})
    ),
    "n_of_balanced_panel": with_columns(
        *(sized(str(i), n) for i, n in enumerate((3990, 3892, 1400, 1162, 3963)))
    ),
    "groups_make_the_whole": with_columns(
        ONE,
        column("2", CONTROL, split="region", statistics={"n": "1400"}),
        column("3", DID, split="region", statistics={"n": "2562"}),
    ),
    "columns_alike": with_columns(
        column("1", DID, CONTROL, CONSTANT, label="human capital"),
        column("2", DID, replace(CONTROL, term="science"), CONSTANT, label="science"),
    ),
    "r2_of_nested": with_columns(
        ONE, replace(TWO, statistics=ONE.statistics | {"r2": printed("0.82")})
    ),
    "effects_add_up": with_columns(
        column(
            "3",
            cell("did", "1.345", 3, t_value="23.088"),
            effects={"time"},
            statistics={"r2": "0.745"},
        ),
        column("4", cell("did", "0.187", 3, t_value="2.968"), effects={"entity"}),
    ),
    "same_model": with_columns(
        column("1", DID, CONTROL, model="baseline"),
        column("2", cell("did", "0.213"), CONTROL, model="baseline"),
    ),
    "weights_add_up": replace(RIGHT, weights=(PrintedWeight("index", "a", printed("0.992")),)),
    "drawn_p_value": replace(RIGHT, tests=(PrintedTest("one", printed("0.0051"), 300),)),
    "within_range": with_columns(column("1", DID, CONTROL, statistics={"r2": "1.02"})),
}


def test_every_rule_has_its_fault() -> None:
    assert [rule.__name__ for rule in RULES] == [*FAULTS]


def test_nothing_is_said_of_the_right_table() -> None:
    assert audit(RIGHT) == []


@pytest.mark.parametrize("rule", FAULTS)
def test_rule_finds_its_fault_and_no_other_speaks(rule: str) -> None:
    assert {finding.rule for finding in audit(FAULTS[rule])} == {rule}


def test_size_of_a_contradiction() -> None:
    (finding,) = audit(FAULTS["weights_add_up"])
    assert finding.size == pytest.approx(0.0075)  # 1 - .992, less half a unit of one weight
    (finding,) = audit(FAULTS["f_of_one_regressor"])
    assert finding.size == pytest.approx(10.2405 - 2.9115**2)


def test_rows_in_no_group_may_be_what_is_missing() -> None:
    """1,400 and 2,562 of 3,990: 28 rows may lie in no group, 27 can't explain it."""
    whole, one, two = FAULTS["groups_make_the_whole"].columns
    for ungrouped, said in (("28", set()), ("73", set()), ("27", {"groups_make_the_whole"})):
        told = replace(one, statistics={**one.statistics, "ungrouped": printed(ungrouped)})
        found = audit(with_columns(whole, told, two))
        assert {finding.rule for finding in found} == said


def test_withheld_stars_are_not_missed() -> None:
    told = with_columns(column("1", replace(DID, stars=None), CONTROL))
    assert audit(told) == []


def test_table_with_stars_at_5_1_and_01_percent() -> None:
    """The scheme is the table's own: ** at t = 3.0 is right where * is 5 %."""
    cells = [
        cell("a", "1.80", 0, t_value="1.80"),
        cell("b", "2.20", 1, t_value="2.20"),
        cell("c", "3.00", 2, t_value="3.00"),
        cell("d", "4.50", 3, t_value="4.50"),
    ]
    assert audit(with_columns(column("1", *cells))) == []


def test_few_clusters_have_wider_p_values() -> None:
    """t of 2.2 with 5 clusters is p = .093: one star is right, which with many clusters it is not."""
    few = cell("did", "2.20", 1, t_value="2.20")
    strong = cell("x", "9.90", 3, t_value="9.90")
    weak = cell("z", "1.80", 1, t_value="1.80")  # a star here is at 10 %
    assert audit(with_columns(column("1", few, strong, statistics={"clusters": "5"}))) == []
    many = column("1", few, strong, statistics={"clusters": "200"})
    said = audit(with_columns(many, column("2", weak, strong)))
    assert [finding.cells for finding in said] == [("table 2, column 1, did",)]


@given(seed=st.integers(0, 10_000), decimals=st.integers(2, 5), terms=st.integers(1, 3))
def test_no_rule_speaks_of_a_table_printed_from_regressions(
    seed: int, decimals: int, terms: int
) -> None:
    """Reference: statsmodels' OLS, nested columns, printed with any number of decimals."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(30, 400))
    x = rng.normal(size=(n, terms)) * 10.0 ** rng.integers(-1, 2, size=terms)
    y = x @ rng.normal(size=terms) * 0.3 + rng.normal(size=n) * 10.0 ** rng.integers(-1, 2)
    columns = [_fitted(y, x[:, : i + 1], decimals, str(i + 1)) for i in range(terms)]
    said = [
        finding for finding in audit(PrintedTables(tuple(columns))) if finding.rule != "lost_digits"
    ]
    assert said == []


def _fitted(y: np.ndarray, x: np.ndarray, decimals: int, name: str) -> PrintedColumn:
    fit = sm.OLS(y, sm.add_constant(x)).fit()
    terms = ["constant", *(f"x{i}" for i in range(x.shape[1]))]

    def shown(number: float) -> str:
        return f"{number:.{decimals}f}"

    def starred(p: float) -> int:
        return sum(p < level for level in (0.1, 0.05, 0.01))

    cells = [
        cell(
            term,
            shown(fit.params[i]),
            starred(fit.pvalues[i]),
            std_error=shown(fit.bse[i]),
            t_value=shown(fit.tvalues[i]),
            p_value=shown(fit.pvalues[i]),
            ci_low=shown(fit.conf_int()[i, 0]),
            ci_high=shown(fit.conf_int()[i, 1]),
        )
        for i, term in enumerate(terms)
    ]
    statistics = {"n": str(len(y)), "r2": shown(fit.rsquared), "f": shown(fit.fvalue)}
    return PrintedColumn(
        "1",
        name,
        name,
        tuple(cells),
        {key: printed(text) for key, text in statistics.items()},
        outcome="y",
        effects=NO,
    )
