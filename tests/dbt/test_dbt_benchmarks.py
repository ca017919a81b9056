"""The benchmark marts against counting by hand in Python, on random cities with ties and gaps.

Here: the compiled SQL of `city_benchmark`, `benchmark_neighbour` and `benchmark_mover`. Not here: the
examples worked by hand (`_unit_tests.yml` beside the models).
"""

from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# A share of two counts, a median of two values, a difference: one rounding each.
TOLERANCE = 1e-12

SUBJECTS = [
    {"subject_id": "up", "kind": "indicator", "code": "i", "scope": "total", "direction": "+"},
    {"subject_id": "down", "kind": "indicator", "code": "i", "scope": "total", "direction": "-"},
    {"subject_id": "score", "kind": "index", "code": "s", "scope": None, "direction": "+"},
]
SIGN = {"up": 1, "down": -1, "score": 1}
MOVERS = 10

Key = tuple[str, str, int]


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Cities with a region, a size class that may be missing, and values that tie often."""
    cities = [f"c{i:02d}" for i in range(draw(st.integers(1, 26)))]
    value = st.one_of(st.none(), st.integers(0, 4).map(float), st.floats(0, 100))
    figures = {(city, year): draw(value) for city in cities for year in (2019, 2020, 2021)}
    return {
        "region": {city: draw(st.sampled_from(["east", "west"])) for city in cities},
        "size": {key: draw(st.sampled_from([None, "medium", "super"])) for key in figures},
        "value": {key: v for key, v in figures.items() if v is not None},
    }


def fill(bench: Any, world: dict[str, Any], backwards: bool) -> None:
    """The tables that the marts read, in one order of rows or the other."""
    order = -1 if backwards else 1
    figures = sorted(world["value"].items())[::order]
    common = {"value_kind": "observed", "is_imputed": False, "is_corrected": False}
    bench.fill("seed.comparison_subject", SUBJECTS[::order])
    bench.fill(
        "marts.indicator_value",
        [
            {
                "city_code": city, "year": year, "indicator_code": "i", "scope": "total",
                "value": value, "unit": "u", "values_published": 1, **common,
            }
            for (city, year), value in figures
        ],
    )  # fmt: skip
    bench.fill(
        "marts.index_score",
        [
            {
                "index_id": "s", "city_code": city, "year": year, "score": value,
                "components": 1, "components_present": 1, "is_imputed": False,
            }
            for (city, year), value in figures
        ],
    )  # fmt: skip
    # Attributes that the marts don't read, but the contract requires.
    cities = bench.connection.execute("describe marts.dim_city").fetchall()
    plain = {"VARCHAR": "x", "BOOLEAN": False, "INTEGER": 2000, "DOUBLE": 30.0}
    bench.fill(
        "marts.dim_city",
        [
            {name: plain[kind] for name, kind, *_ in cities} | {"city_code": c, "region": r}
            for c, r in sorted(world["region"].items())[::order]
        ],
    )
    sizes = bench.connection.execute("describe marts.city_size").fetchall()
    plain = plain | {"DOUBLE": 1.0}
    bench.fill(
        "marts.city_size",
        [
            {name: plain[kind] for name, kind, *_ in sizes}
            | {"city_code": city, "year": year, "city_size_class": size}
            for (city, year), size in sorted(world["size"].items())[::order]
            if size is not None
        ],
    )
    for model in ("city_benchmark", "benchmark_neighbour", "benchmark_mover"):
        bench.build(model)


def rows_of(bench: Any, model: str) -> list[dict[str, Any]]:
    return (
        bench.connection.execute(f"select * from marts.{model} order by all")
        .df()
        .to_dict("records")
    )


def peers_of(world: dict[str, Any], city: str, year: int) -> list[str]:
    def group(one: str) -> tuple[str, Any]:
        return world["region"][one], world["size"][one, year]

    return [c for (c, y) in world["value"] if y == year and group(c) == group(city)]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(worlds())
def test_marts_are_what_counting_gives(bench: Any, world: dict[str, Any]) -> None:
    fill(bench, world, backwards=False)
    value = world["value"]
    found = {
        (r["subject_id"], r["city_code"], r["year"]): r for r in rows_of(bench, "city_benchmark")
    }
    assert set(found) == {(s, city, year) for s in SIGN for city, year in value}
    for (subject, city, year), row in found.items():
        sign = SIGN[subject]
        own = sign * value[city, year]
        peers = [sign * value[c, year] for c in peers_of(world, city, year)]
        nation = [sign * v for (_, y), v in value.items() if y == year]
        assert row["group_cities"] == len(peers) and row["national_cities"] == len(nation)
        assert row["group_rank"] == 1 + sum(p > own for p in peers)
        assert row["national_rank"] == 1 + sum(p > own for p in nation)
        if len(peers) > 1:
            worse = sum(p < own for p in peers)
            assert row["percentile"] == pytest.approx(worse / (len(peers) - 1), abs=TOLERANCE)
        else:
            assert row["percentile"] != row["percentile"]
        assert row["gap_to_median"] == pytest.approx(
            value[city, year] - sign * median(peers), abs=100 * TOLERANCE
        )
        assert row["gap_to_best"] == value[city, year] - sign * max(peers)

    neighbours: dict[Key, list[dict[str, Any]]] = {key: [] for key in found}
    for row in rows_of(bench, "benchmark_neighbour"):
        neighbours[row["subject_id"], row["city_code"], row["year"]].append(row)
    for (subject, city, year), rows in neighbours.items():
        sign = SIGN[subject]
        better = sorted(
            (sign * value[c, year], c)
            for c in peers_of(world, city, year)
            if sign * value[c, year] > sign * value[city, year]
        )[:3]
        assert [r["better_city_code"] for r in rows] == [c for _, c in better]
        assert [r["position"] for r in rows] == list(range(1, len(rows) + 1))
        for row in rows:
            assert row["gap"] == value[row["better_city_code"], year] - value[city, year]

    moved = {
        (r["subject_id"], r["city_code"], r["year"]): r for r in rows_of(bench, "benchmark_mover")
    }
    both = {(c, y) for (c, y) in value if (c, y - 1) in value}
    assert set(moved) == {(s, city, year) for s in SIGN for city, year in both}
    for (subject, city, year), row in moved.items():
        sign = SIGN[subject]
        cities = [c for c, y in both if y == year]

        def change(one: str, year: int = year, sign: int = sign) -> float:
            return sign * (value[one, year] - value[one, year - 1])

        def rank(at: int, one: str = city, sign: int = sign, cities: list[str] = cities) -> int:
            return 1 + sum(sign * value[c, at] > sign * value[one, at] for c in cities)

        up, down = (
            1 + sum(change(c) > change(city) for c in cities),
            1 + sum(change(c) < change(city) for c in cities),
        )
        assert row["cities"] == len(cities) and row["change_rank"] == up
        assert (row["national_rank"], row["national_rank_before"]) == (rank(year), rank(year - 1))
        assert row["ranks_gained"] == rank(year - 1) - rank(year)
        assert row["is_top_mover"] == (up <= MOVERS and up < down)
        assert row["is_bottom_mover"] == (down <= MOVERS and down < up)

    first = {model: bench.connection.execute(f"select * from marts.{model} order by all").fetchall()
             for model in ("city_benchmark", "benchmark_neighbour", "benchmark_mover")}  # fmt: skip
    fill(bench, world, backwards=True)
    for model, rows in first.items():
        again = bench.connection.execute(f"select * from marts.{model} order by all").fetchall()
        assert again == rows, f"{model} depends on the order of its input"
