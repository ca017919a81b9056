"""The indicator dictionary: what its texts say is what the seeds beside it compute."""

import ast
import csv
import random
import re
from pathlib import Path

import pytest
import yaml

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
DRAWS = 20
RELATIVE_TOLERANCE = 1e-12  # a handful of products and sums in double precision
MONEY_UNITS = {"yuan", "10_000_yuan", "million_usd"}


AMOUNTS = {
    "area", "beds", "copies", "households", "items", "mass", "money", "people", "units", "usd", "vehicles",
}  # fmt: skip
"""Dimensions of units in which figures of two places can be added."""
PER_HEAD = {"gdp_per_capita", "average_wage"}
"""In yuan, and no amounts."""


def rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_money_has_a_price_basis() -> None:
    """Convergence says of what is in current prices that it is."""
    money = [row for row in rows("indicator") if "yuan" in row["unit"]]
    assert {row["kind"] for row in money} >= {"printed", "derived", "deflated"}
    assert not [row["indicator_code"] for row in money if not row["price_basis"]]


INDICATORS = {row["indicator_code"]: row for row in rows("indicator")}
TERMS = rows("derived_term")
OF_KIND = {
    kind: sorted(code for code, row in INDICATORS.items() if row["kind"] == kind)
    for kind in ("printed", "derived", "relative", "deflated")
}
OPERATORS = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}


def column(code: str, scope: str) -> str:
    """The column of city_year that holds an indicator in a scope."""
    return code if scope == "total" else f"{code}_{scope}"


def evaluate(formula: str, figures: dict[str, float]) -> float:
    """A formula of figures, numbers, + - * / and brackets; anything else is an error."""

    def value(node: ast.AST) -> float:
        match node:
            case ast.Expression(body=body):
                return value(body)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return OPERATORS[type(op)](value(left), value(right))
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name):
                return figures[name]
        raise ValueError(f"{formula}: {ast.dump(node)} does not belong into a formula")

    return value(ast.parse(formula, mode="eval"))


def of_terms(code: str, figures: dict[str, float]) -> float:
    """The indicator as its terms say: weighted sum over weighted sum."""
    sums = {"numerator": 0.0, "denominator": 0.0}
    own = [term for term in TERMS if term["indicator_code"] == code]
    for term in own:
        name = column(term["input_indicator_code"], term["input_scope"])
        sums[term["position"]] += float(term["coefficient"]) * figures[name]
    if not any(term["position"] == "denominator" for term in own):
        return sums["numerator"]
    return sums["numerator"] / sums["denominator"]


@pytest.mark.parametrize("code", OF_KIND["derived"])
def test_formula_is_what_the_terms_compute(code: str) -> None:
    formula = INDICATORS[code]["formula"]
    named = {node.id for node in ast.walk(ast.parse(formula)) if isinstance(node, ast.Name)}
    terms = {
        column(term["input_indicator_code"], term["input_scope"])
        for term in TERMS
        if term["indicator_code"] == code
    }
    assert named == terms
    draw = random.Random(code)
    for _ in range(DRAWS):
        figures = {name: draw.uniform(1, 1000) for name in sorted(terms)}
        assert evaluate(formula, figures) == pytest.approx(
            of_terms(code, figures), rel=RELATIVE_TOLERANCE
        )


def test_a_formula_that_differs_is_found() -> None:
    figures = {"gdp": 3.0, "population_resident": 2.0}
    assert evaluate("gdp * 10000 / (population_resident * 10000)", figures) == 1.5
    assert evaluate("gdp / population_resident * 10000", figures) == 15000
    with pytest.raises(ValueError, match="does not belong"):
        evaluate("max(gdp, 1)", figures)


@pytest.mark.parametrize("code", OF_KIND["derived"])
def test_terms_are_printed_in_the_scope_they_ask_for(code: str) -> None:
    for term in TERMS:
        if term["indicator_code"] == code:
            printed = INDICATORS[term["input_indicator_code"]]
            assert printed["kind"] == "printed", term
            assert term["input_scope"] in printed["scopes"].split("|"), term


def test_relative_indicators_are_taken_of_derived_ratios() -> None:
    relative = {
        row["indicator_code"]: row["base_indicator_code"] for row in rows("relative_indicator")
    }
    assert sorted(relative) == OF_KIND["relative"]
    for code, base in relative.items():
        assert INDICATORS[code]["formula"] == f"{base} / all_cities({base})"
        assert INDICATORS[code]["unit"] == "ratio"
        assert INDICATORS[base]["kind"] == "derived"
        assert any(t["indicator_code"] == base and t["position"] == "denominator" for t in TERMS)


def test_deflated_indicators_are_nominal_ones_at_constant_prices() -> None:
    deflated = {
        row["indicator_code"]: row["nominal_indicator_code"] for row in rows("deflated_indicator")
    }
    assert sorted(deflated) == OF_KIND["deflated"]
    for code, nominal in deflated.items():
        own, base = INDICATORS[code], INDICATORS[nominal]
        assert own["formula"] == f"{nominal} / deflator"
        assert own["unit"] == base["unit"]
        assert (own["price_basis"], base["price_basis"]) == ("constant", "current")
        assert f"prices of {own['price_base_year']}" in own["definition"]
        assert own["price_base_year"] in own["name_zh"]
        assert base["kind"] in ("printed", "derived")


def test_amounts_and_counts_alone_add_up_over_places() -> None:
    units = {row["unit_key"]: row["dimension"] for row in rows("unit")}
    for code, row in INDICATORS.items():
        if row["kind"] != "printed":
            assert row["is_additive"] == "", code
            continue
        amount = units[row["unit"]] in AMOUNTS and code not in PER_HEAD
        assert row["is_additive"] == str(amount).lower(), code
    per_head = " per | rate|share|percent|index|density|deflator"
    named = {
        code
        for code, row in INDICATORS.items()
        if row["is_additive"] == "true" and re.search(per_head, row["name_en"].lower())
    }
    assert named == set()


@pytest.mark.parametrize("code", INDICATORS)
def test_entry_is_complete(code: str) -> None:
    row = INDICATORS[code]
    for name in ("name_zh", "name_en", "unit", "definition", "dimension"):
        assert row[name], f"{code} has no {name}"
    assert row["direction"] in ("+", "-", "")
    assert (row["kind"] == "printed") or not row["table_no"]
    deflator = row["unit"] == "base_year_1"
    assert bool(row["price_basis"]) == (row["unit"] in MONEY_UNITS or deflator), code
    if row["price_basis"] == "current":
        assert not row["price_base_year"]
        if row["kind"] == "derived":
            assert "current prices" in row["definition"]


def test_money_made_of_money_keeps_its_price_basis() -> None:
    for term in TERMS:
        made = INDICATORS[term["indicator_code"]]
        if made["price_basis"]:
            of = INDICATORS[term["input_indicator_code"]]["price_basis"]
            assert of in ("", made["price_basis"]), term


def test_an_index_does_not_turn_the_direction_of_the_dictionary_round() -> None:
    for component in rows("index_component"):
        own = INDICATORS[component["indicator_code"]]["direction"]
        assert own in ("", component["direction"]), component


def test_size_classes_are_those_of_the_notice() -> None:
    """State Council, 国发〔2014〕51号: small below 500,000, medium, large from a million, ... super from ten."""
    classes = rows("city_size_class")
    assert [
        (row["size_class"], row["residents_from"], row["residents_below"]) for row in classes
    ] == [
        ("small_2", "0", "200000"),
        ("small_1", "200000", "500000"),
        ("medium", "500000", "1000000"),
        ("large_2", "1000000", "3000000"),
        ("large_1", "3000000", "5000000"),
        ("very_large", "5000000", "10000000"),
        ("super", "10000000", ""),
    ]
    for row in classes:
        assert (row["is_large_city"] == "true") == (int(row["residents_from"]) >= 1_000_000)


def test_every_column_of_the_seeds_of_measures_is_described() -> None:
    """Those of indices and efficiency describe themselves where they are defined."""
    described = yaml.safe_load((SEEDS / "_seeds_measures.yml").read_text(encoding="utf-8"))["seeds"]
    texts = {
        entry["name"]: {c["name"]: c.get("description", "") for c in entry.get("columns", [])}
        for entry in described
    }
    for name, columns in texts.items():
        with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        missing = [one for one in header if not columns.get(one)]
        assert not missing, (
            f"seeds/{name}.csv: describe {', '.join(missing)} in _seeds_measures.yml"
        )
        assert not set(columns) - set(header), name
