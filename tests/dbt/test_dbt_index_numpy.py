"""The entropy index of the SQL models against an independent calculation in numpy.

Here: random panels through the compiled SQL, from `indicator_value` to `index_score`, with constant
components, zeros, negative directions, gaps and cities that are left out; and what must hold for any
panel. Not here: the worked examples by hand (`_unit_tests.yml` beside the models).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.xdist_group("dbt")

# Two evaluations of the same formula, whose sums may be taken in another order: some tens of units
# in the last place of numbers below 1. Scaled components leave information of 1 / (n ln n) at least
# unless they are constant, so no quotient here amplifies that.
TOLERANCE = 1e-12

POOLED, YEARLY = "pooled_all", "yearly_continuing"
INDEX_MODELS = (
    "int_index__input",
    "int_index__scaled",
    "int_index__entropy",
    "index_weight",
    "index_score",
)


@dataclass(frozen=True)
class Panel:
    """Figures (cities x years x components, NaN where there is none) and components' directions.

    The last city is a prefecture and no city: it belongs to the population `all` alone.
    """

    figures: np.ndarray
    directions: tuple[str, ...]
    suffix: str = ""

    def rows(self) -> list[dict[str, Any]]:
        """Rows of `indicator_value`."""
        return [
            {
                "city_code": f"city{city}{self.suffix}",
                "year": 2000 + year,
                "indicator_code": f"component{component}",
                "scope": "total",
                "value": float(value),
                "unit": "u",
                "value_kind": "observed",
                "is_imputed": False,
                "is_corrected": False,
                "values_published": 1,
            }
            for (city, year, component), value in np.ndenumerate(self.figures)
            if not np.isnan(value)
        ]


def numpy_index(
    figures: np.ndarray, directions: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Entropies, weights (NaN without any figure) and scores of one period.

    `figures` is city-years x components. Entropy weight method: min-max scaling, shares p over
    city-years, e = -sum(p ln p) / ln(n) with 0 ln 0 = 0, weights (1 - e) / sum(1 - e).
    """
    entropies = np.full(len(directions), np.nan)
    scaled = np.full(figures.shape, np.nan)
    for column, direction in enumerate(directions):
        there = ~np.isnan(figures[:, column])
        values = figures[there, column]
        if values.size == 0:
            continue
        if direction == "-":
            values = -values
        span = values.max() - values.min()
        part = np.zeros_like(values) if span == 0 else (values - values.min()) / span
        scaled[there, column] = part
        if values.size == 1 or span == 0:
            entropies[column] = 1.0
        else:
            shares = part / part.sum()
            positive = shares[shares > 0]
            entropies[column] = -(positive @ np.log(positive)) / np.log(values.size)
    information = 1 - entropies
    known = ~np.isnan(entropies)
    total = information[known].sum()
    # No component varies: all weigh the same.
    weights = np.where(known, 1 / max(known.sum(), 1), np.nan)
    if total > TOLERANCE:
        weights = information / total
    return entropies, weights, scaled @ np.where(np.isnan(weights), 0.0, weights)


@dataclass(frozen=True)
class Index:
    """One index of a panel: weights and entropies by period and component, scores by city-year."""

    entropies: dict[tuple[str, str], float]
    weights: dict[tuple[str, str], float]
    scores: dict[tuple[str, int], float | None]


def expected_indices(panel: Panel) -> dict[str, Index]:
    """Both indices of a panel by numpy; without one whose component nobody has."""
    cities, years, components = panel.figures.shape
    found = {}
    for index_id, members in ((POOLED, cities), (YEARLY, cities - 1)):
        used = panel.figures if index_id == POOLED else panel.figures[:members]
        if np.isnan(panel.figures).all(axis=(0, 1)).any():
            continue  # decided before the population is
        grid = [(city, year) for city in range(members) for year in range(years)]
        # A city-year without any figure is not there; one with some is, as incomplete.
        grid = [place for place in grid if not np.isnan(used[place]).all()]
        periods = {"pooled": grid} if index_id == POOLED else {}
        if index_id == YEARLY:
            for year in range(years):
                periods[str(2000 + year)] = [place for place in grid if place[1] == year]
        result = Index({}, {}, {})
        for period, places in periods.items():
            if not places:
                continue
            entropies, weights, scores = numpy_index(
                np.array([used[place] for place in places]), panel.directions
            )
            for component in range(components):
                if not np.isnan(entropies[component]):
                    key = (period, f"component{component}")
                    result.entropies[key] = entropies[component]
                    result.weights[key] = weights[component]
            for (city, year), score in zip(places, scores, strict=True):
                result.scores[f"city{city}{panel.suffix}", 2000 + year] = (
                    None if np.isnan(score) else score
                )
        found[index_id] = result
    return found


def sql_indices(bench, *panels: Panel, shuffle: int | None = None) -> dict[str, Index]:
    """Both indices of all figures of the panels, by the models."""
    directions = panels[0].directions
    rows = [row for panel in panels for row in panel.rows()]
    if shuffle is not None:
        rows = [
            rows[position] for position in np.random.default_rng(shuffle).permutation(len(rows))
        ]
    bench.fill("marts.indicator_value", rows)
    bench.fill(
        "seed.index_definition",
        [
            {"index_id": POOLED, "weighting": "pooled", "population": "all"},
            {"index_id": YEARLY, "weighting": "per_year", "population": "continuing"},
        ],
    )
    bench.fill(
        "seed.index_component",
        [
            {
                "index_id": index_id,
                "indicator_code": f"component{number}",
                "scope": "total",
                "direction": direction,
            }
            for index_id in (POOLED, YEARLY)
            for number, direction in enumerate(directions)
        ],
    )
    bench.fill(
        "seed.city_status",
        [
            {
                "city_code": f"city{city}{panel.suffix}",
                "year_from": 1995,
                "level": "prefecture" if city == len(panel.figures) - 1 else "prefecture_city",
            }
            for panel in panels
            for city in range(len(panel.figures))
        ],
    )
    for model in INDEX_MODELS:
        bench.build(model)
    found: dict[str, Index] = {}
    for row in bench.connection.execute(
        "select index_id, period, indicator_code, entropy, weight from marts.index_weight"
    ).fetchall():
        index = found.setdefault(row[0], Index({}, {}, {}))
        index.entropies[row[1], row[2]] = row[3]
        index.weights[row[1], row[2]] = row[4]
    for row in bench.connection.execute(
        "select index_id, city_code, year, score from marts.index_score"
    ).fetchall():
        found[row[0]].scores[row[1], row[2]] = row[3]
    return found


def assert_same(left: dict[str, Index], right: dict[str, Index]) -> None:
    assert left.keys() == right.keys()
    for index_id, index in left.items():
        for what in ("entropies", "weights", "scores"):
            here, there = getattr(index, what), getattr(right[index_id], what)
            assert here.keys() == there.keys(), (index_id, what)
            missing = {key for key, value in here.items() if value is None}
            assert missing == {key for key, value in there.items() if value is None}
            keys = [key for key in here if key not in missing]
            np.testing.assert_allclose(
                [here[key] for key in keys],
                [there[key] for key in keys],
                rtol=0,
                atol=TOLERANCE,
                err_msg=f"{index_id} {what}",
            )


# Eighths between -125 and 125: exact in binary, so that a change of unit by a whole factor is too.
FIGURES = st.one_of(
    st.integers(-1000, 1000).map(lambda number: number / 8),
    st.sampled_from([0.0, 0.0, 1.0]),
    st.just(float("nan")),
)


@st.composite
def panels(draw: st.DrawFn) -> Panel:
    cities = draw(st.integers(2, 6))
    years = draw(st.integers(1, 3))
    components = draw(st.integers(1, 4))
    figures = np.array(
        draw(
            st.lists(
                FIGURES,
                min_size=cities * years * components,
                max_size=cities * years * components,
            )
        )
    ).reshape(cities, years, components)
    if draw(st.booleans()):
        figures[:, :, 0] = np.where(np.isnan(figures[:, :, 0]), np.nan, 7.0)  # constant
    directions = draw(st.lists(st.sampled_from("+-"), min_size=components, max_size=components))
    return Panel(figures, tuple(directions))


def random_panel(seed: int, cities: int, years: int, components: int, missing: float = 0) -> Panel:
    """Skewed figures as yearbooks have them, over some orders of magnitude."""
    random = np.random.default_rng(seed)
    scale = 10 ** random.uniform(-2, 6, components)
    figures = np.exp(random.normal(0, 1, (cities, years, components))) * scale
    figures[random.uniform(size=figures.shape) < missing] = np.nan
    return Panel(figures, tuple(random.choice(["+", "-"], components)))


HYPOTHESIS = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # every call refills its tables
)


@HYPOTHESIS
@given(panels())
@example(Panel(np.full((3, 2, 2), 5.0), ("+", "-")))  # nothing varies
@example(Panel(np.array([[[3.0, 1.0]], [[np.nan, np.nan]]]), ("+", "+")))  # one city-year
@example(Panel(np.array([[[1.0, np.nan]], [[2.0, 4.0]]]), ("+", "+")))  # YEARLY lacks a component
def test_sql_equals_numpy(bench, panel):
    assert_same(sql_indices(bench, panel), expected_indices(panel))


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_sql_equals_numpy_on_skewed_figures(bench, missing):
    panel = random_panel(20260101, cities=40, years=4, components=8, missing=missing)
    assert_same(sql_indices(bench, panel), expected_indices(panel))


@HYPOTHESIS
@given(panels())
def test_weights_sum_to_one_and_scores_lie_in_the_unit_interval(bench, panel):
    for index in sql_indices(bench, panel).values():
        for period in {period for period, _ in index.weights}:
            weights = [weight for key, weight in index.weights.items() if key[0] == period]
            assert sum(weights) == pytest.approx(1, rel=0, abs=TOLERANCE)
            assert min(weights) >= 0
        for score in index.scores.values():
            assert score is None or -TOLERANCE <= score <= 1 + TOLERANCE


@HYPOTHESIS
@given(panels(), st.lists(st.sampled_from([2.0, 10.0, 1000.0, 10_000.0]), min_size=4, max_size=4))
def test_unit_of_a_component_changes_nothing(bench, panel, factors):
    scaled = replace(panel, figures=panel.figures * factors[: len(panel.directions)])
    assert_same(sql_indices(bench, scaled), sql_indices(bench, panel))


@HYPOTHESIS
@given(panels())
def test_order_of_rows_changes_nothing(bench, panel):
    assert_same(sql_indices(bench, panel, shuffle=1), sql_indices(bench, panel))


@pytest.mark.parametrize("missing", [0.0, 0.15])
@pytest.mark.parametrize("copies", [2, 3])
def test_city_years_twice_change_weights_as_the_closed_form_says(bench, copies, missing):
    """m copies make each share p / m and n city-years m n: e' = (e ln n + ln m) / ln(m n).

    So 1 - e' = (1 - e) ln n / ln(m n): where all components have the same n, all information shrinks
    by one factor and weights stay; where n differs, weights move by it.
    """
    panel = random_panel(7, cities=9, years=2, components=5, missing=missing)
    once = sql_indices(bench, panel)
    many = sql_indices(
        bench,
        *(replace(panel, suffix=f" copy {number}" if number else "") for number in range(copies)),
    )
    for index_id, members in ((POOLED, 9), (YEARLY, 8)):
        before, after = once[index_id], many[index_id]
        for period in {period for period, _ in before.weights}:
            years = (
                slice(None) if period == "pooled" else slice(int(period) - 2000, int(period) - 1999)
            )
            figures = panel.figures[:members, years]
            counts = (~np.isnan(figures)).sum(axis=(0, 1))
            keys = [(period, f"component{number}") for number in range(5)]
            entropies = np.array([before.entropies[key] for key in keys])
            closed = (entropies * np.log(counts) + np.log(copies)) / np.log(copies * counts)
            np.testing.assert_allclose(
                [after.entropies[key] for key in keys], closed, rtol=0, atol=TOLERANCE
            )
            np.testing.assert_allclose(
                [after.weights[key] for key in keys],
                (1 - closed) / (1 - closed).sum(),
                rtol=0,
                atol=TOLERANCE,
            )
            if missing == 0:
                np.testing.assert_allclose(
                    [after.weights[key] for key in keys],
                    [before.weights[key] for key in keys],
                    rtol=0,
                    atol=TOLERANCE,
                )


def test_the_numpy_side_is_not_the_same_code(bench):
    """A worked example neither side computed: shares 0, 1/2, 1/2, 0 and 0, 1/4, 1/4, 1/2."""
    panel = Panel(np.array([[[3.0, 9.0]], [[7.0, 5.0]], [[7.0, 5.0]], [[3.0, 1.0]]]), ("+", "-"))
    for index in (sql_indices(bench, panel)[POOLED], expected_indices(panel)[POOLED]):
        assert index.entropies == pytest.approx(
            {("pooled", "component0"): 1 / 2, ("pooled", "component1"): 3 / 4}, abs=TOLERANCE
        )
        assert index.weights == pytest.approx(
            {("pooled", "component0"): 2 / 3, ("pooled", "component1"): 1 / 3}, abs=TOLERANCE
        )
        # 2/3 x 0 + 1/3 x 0; 2/3 x 1 + 1/3 x 1/2; the same; 2/3 x 0 + 1/3 x 1
        assert [index.scores[f"city{number}", 2000] for number in range(4)] == pytest.approx(
            [0, 5 / 6, 5 / 6, 1 / 3], abs=TOLERANCE
        )
