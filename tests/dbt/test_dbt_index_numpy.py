"""The indices of the SQL models against an independent calculation in numpy.

Here: random panels through the compiled SQL, from `indicator_value` to `index_score`, by every
weighting, period, scaling and aggregation, with constant components, zeros, negative directions, gaps
and cities that are left out; what must hold for any panel; a published TOPSIS example. Not here: the
worked examples by hand (`_unit_tests.yml` beside the models).
"""

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

# Two evaluations of the same formula, whose sums may be taken in another order: some tens of units
# in the last place of numbers below 1. Scaled components leave information of 1 / (n ln n) at least
# unless they are constant, so no quotient here amplifies that.
TOLERANCE = 1e-12
# The eigenvector moves by rounding over the gap to the second eigenvalue; where both are equal, the
# 24 squarings raise a rounding of 1e-16 to the power 2^24, which leaves 1e-9, and more in small panels
# whose complete city-years are few.
LOADING_TOLERANCE = 1e-7
# A distance is the root of a sum of squares: near 0 the root takes half of the digits.
CLOSENESS_TOLERANCE = 1e-7
# The tables of the reference have ten digits.
PUBLISHED_TOLERANCE = 1e-7

SQUARINGS = 24
BASE_YEARS = (2000, 2001)


@dataclass(frozen=True)
class Definition:
    """How an index is scaled, weighted and summed; the columns of its seed."""

    weighting: str = "entropy"
    period: str = "pooled"
    scaling: str = "min_max"
    aggregation: str = "weighted_sum"
    population: str = "all"

    @property
    def tolerance(self) -> float:
        """How far two evaluations may lie apart."""
        tolerance = TOLERANCE
        if self.weighting == "principal_component":
            tolerance = LOADING_TOLERANCE
        elif self.aggregation == "topsis":
            tolerance = CLOSENESS_TOLERANCE
        # A z-score may be as large as the root of the number of city-years.
        return 100 * tolerance if self.scaling == "z_score" else tolerance


POOLED, YEARLY = "pooled_all", "yearly_continuing"
TWO = {POOLED: Definition(), YEARLY: Definition(period="per_year", population="continuing")}
ALL = {
    **TWO,
    "equal": Definition(weighting="equal"),
    "loadings": Definition(weighting="principal_component"),
    "loadings_yearly": Definition(weighting="principal_component", period="per_year"),
    "loadings_base": Definition(weighting="principal_component", period="base"),
    "base": Definition(period="base"),
    "base_continuing": Definition(period="base", population="continuing"),
    "z": Definition(scaling="z_score"),
    "z_yearly_equal": Definition(scaling="z_score", period="per_year", weighting="equal"),
    "z_base": Definition(scaling="z_score", period="base"),
    "topsis": Definition(scaling="vector", aggregation="topsis"),
    "topsis_yearly": Definition(scaling="vector", aggregation="topsis", period="per_year"),
    "topsis_min_max": Definition(aggregation="topsis", weighting="equal"),
    "topsis_base": Definition(scaling="vector", aggregation="topsis", period="base"),
    "topsis_z": Definition(scaling="z_score", aggregation="topsis"),
}
INDEX_MODELS = (
    "int_index__component",
    "int_index__figure",
    "int_index__member",
    "int_index__statistic",
    "int_index__scaled",
    "int_index__entropy",
    "int_index__principal",
    "index_weight",
    "int_index__part",
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


def entropy_of(values: np.ndarray) -> float:
    """Entropy of the shares of min-max scaled values over ln(n); 1 where nothing varies."""
    span = np.ptp(values)
    if values.size == 1 or span == 0:
        return 1.0
    part = (values - values.min()) / span
    shares = part[part > 0] / part.sum()
    return float(-(shares @ np.log(shares)) / np.log(values.size))


def squared_loadings(figures: np.ndarray) -> np.ndarray:
    """Squared loadings of the first principal component, by numpy's eigenvectors.

    Eigenvalues weigh by their power 2^24, as the SQL squares its matrix: all but nothing is left of the
    others, unless two are the same. Constant components have no loading; without any, all are 0.
    """
    complete = figures[~np.isnan(figures).any(axis=1)]
    loadings = np.zeros(figures.shape[1])
    varies = np.array([column.size > 0 and np.ptp(column) > 0 for column in complete.T])
    if varies.any():
        matrix = np.atleast_2d(np.corrcoef(complete[:, varies], rowvar=False))
        values, vectors = np.linalg.eigh(matrix)
        powers = (np.maximum(values, 0) / values[-1]) ** 2.0**SQUARINGS
        loadings[varies] = (vectors**2 * powers).sum(axis=1) / powers.sum()
    return loadings


def numpy_index(
    figures: np.ndarray, reference: np.ndarray, directions: tuple[str, ...], how: Definition
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Entropies, weights (NaN without any reference figure) and scores of one period.

    `figures` is city-years x components, `reference` says which rows decide scales and weights. The
    formulas as in textbooks: entropies of min-max shares, z-scores (x - mean) / deviation, vectors
    x / length, closeness to the best and worst of the reference.
    """
    figures = np.where(np.array(directions) == "-", -1.0, 1.0) * figures
    entropies = np.full(len(directions), np.nan)
    scaled = np.full(figures.shape, np.nan)
    best, worst = np.zeros(len(directions)), np.zeros(len(directions))
    for column in range(len(directions)):
        values = figures[reference, column]
        values = values[~np.isnan(values)]
        if values.size == 0:
            continue
        entropies[column] = entropy_of(values)
        there = ~np.isnan(figures[:, column])
        scaled[there, column] = 0.0
        if np.ptp(values) > 0:
            shift, divisor = {
                "min_max": (values.min(), np.ptp(values)),
                "z_score": (values.mean(), values.std()),
                "vector": (0.0, np.linalg.norm(values)),
            }[how.scaling]
            scaled[there, column] = (figures[there, column] - shift) / divisor
            best[column] = (values.max() - shift) / divisor
            worst[column] = (values.min() - shift) / divisor
    known = ~np.isnan(entropies)
    information = {
        "entropy": 1 - entropies,
        "equal": np.ones(len(directions)),
        "principal_component": squared_loadings(figures[reference]),
    }[how.weighting]
    total = information[known].sum()
    # Where nothing tells components apart all weigh the same.
    weights = np.where(known, 1 / max(known.sum(), 1), np.nan)
    if total > TOLERANCE:
        weights = np.where(known, information / total, np.nan)
    factors = np.where(known, weights, 0.0)
    if how.aggregation == "weighted_sum":
        return entropies, weights, scaled @ factors
    inside = np.clip(scaled, worst, best)
    to_best = np.linalg.norm((best - inside) * factors, axis=1)
    to_worst = np.linalg.norm((inside - worst) * factors, axis=1)
    with np.errstate(invalid="ignore"):
        closeness = np.where(to_best + to_worst == 0, 0.0, to_worst / (to_best + to_worst))
    return entropies, weights, closeness


@dataclass(frozen=True)
class Index:
    """One index of a panel: weights and entropies by period and component, scores by city-year."""

    entropies: dict[tuple[str, str], float]
    weights: dict[tuple[str, str], float]
    scores: dict[tuple[str, int], float | None]


def expected_indices(panel: Panel, definitions: dict[str, Definition] = TWO) -> dict[str, Index]:
    """The indices of a panel by numpy; none where a component is nobody's."""
    cities, years, components = panel.figures.shape
    found: dict[str, Index] = {}
    if np.isnan(panel.figures).all(axis=(0, 1)).any():
        return found  # decided before the population is
    for index_id, how in definitions.items():
        members = cities if how.population == "all" else cities - 1
        grid = [(city, year) for city in range(members) for year in range(years)]
        # A city-year without any figure is not there; one with some is, as incomplete.
        grid = [place for place in grid if not np.isnan(panel.figures[place]).all()]
        label = "-".join(map(str, BASE_YEARS)) if how.period == "base" else "pooled"
        periods = {label: grid}
        if how.period == "per_year":
            periods = {
                str(2000 + year): [place for place in grid if place[1] == year]
                for year in range(years)
            }
        result = Index({}, {}, {})
        for period, places in periods.items():
            reference = np.array(
                [how.period != "base" or 2000 + year in BASE_YEARS for _, year in places],
                dtype=bool,
            )
            if not reference.any():
                continue  # nothing to scale by
            entropies, weights, scores = numpy_index(
                np.array([panel.figures[place] for place in places]),
                reference,
                panel.directions,
                how,
            )
            for component in range(components):
                if not np.isnan(entropies[component]):
                    key = (period, f"component{component}")
                    result.entropies[key] = entropies[component]
                    result.weights[key] = weights[component]
            for (city, year), score in zip(places, scores, strict=True):
                # Known are the figures that the period can scale.
                if not np.isnan(panel.figures[city, year][~np.isnan(entropies)]).all():
                    result.scores[f"city{city}{panel.suffix}", 2000 + year] = (
                        None if np.isnan(score) else score
                    )
        if result.weights:
            found[index_id] = result
    return found


def fill_inputs(bench, definitions: dict[str, Definition], *panels: Panel, shuffle=None) -> None:
    """Figures and definitions into the tables that the models read."""
    directions = panels[0].directions
    rows = [row for panel in panels for row in panel.rows()]
    if shuffle is not None:
        rows = [
            rows[position] for position in np.random.default_rng(shuffle).permutation(len(rows))
        ]
    bench.fill("marts.indicator_value", rows)
    first = next(iter(definitions))
    bench.fill(
        "seed.index_definition",
        [
            {
                "index_id": index_id,
                # Components are written once and borrowed by the others.
                "components_of": None if index_id == first else first,
                "weighting": how.weighting,
                "period": how.period,
                "scaling": how.scaling,
                "aggregation": how.aggregation,
                "population": how.population,
                "base_year_from": BASE_YEARS[0] if how.period == "base" else None,
                "base_year_to": BASE_YEARS[1] if how.period == "base" else None,
                "has_dimensions": True,
                "has_obstacles": how.period == "pooled",
            }
            for index_id, how in definitions.items()
        ],
    )
    bench.fill(
        "seed.index_component",
        [
            {
                "index_id": first,
                "indicator_code": f"component{number}",
                "scope": "total",
                "direction": direction,
                "dimension": f"dimension{number % 2}",
                "second_level": "all",
            }
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


def sql_indices(
    bench,
    *panels: Panel,
    definitions: dict[str, Definition] = TWO,
    shuffle: int | None = None,
) -> dict[str, Index]:
    """The indices of all figures of the panels, by the models."""
    fill_inputs(bench, definitions, *panels, shuffle=shuffle)
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
                atol=TOLERANCE if what == "entropies" else ALL[index_id].tolerance,
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
    assert_same(sql_indices(bench, panel, definitions=ALL), expected_indices(panel, ALL))


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_sql_equals_numpy_on_skewed_figures(bench, missing):
    panel = random_panel(20260101, cities=40, years=4, components=8, missing=missing)
    assert_same(sql_indices(bench, panel, definitions=ALL), expected_indices(panel, ALL))


@HYPOTHESIS
@given(panels())
def test_weights_sum_to_one_and_scores_lie_in_the_unit_interval(bench, panel):
    for index_id, index in sql_indices(bench, panel, definitions=ALL).items():
        for period in {period for period, _ in index.weights}:
            weights = [weight for key, weight in index.weights.items() if key[0] == period]
            assert sum(weights) == pytest.approx(1, rel=0, abs=TOLERANCE)
            assert min(weights) >= 0
        how = ALL[index_id]
        if how.aggregation == "topsis" or (how.scaling == "min_max" and how.period != "base"):
            for score in index.scores.values():
                assert score is None or -TOLERANCE <= score <= 1 + TOLERANCE


@HYPOTHESIS
@given(panels(), st.lists(st.sampled_from([2.0, 10.0, 1000.0, 10_000.0]), min_size=4, max_size=4))
def test_unit_of_a_component_changes_nothing(bench, panel, factors):
    scaled = replace(panel, figures=panel.figures * factors[: len(panel.directions)])
    assert_same(
        sql_indices(bench, scaled, definitions=ALL), sql_indices(bench, panel, definitions=ALL)
    )


@HYPOTHESIS
@given(panels())
def test_order_of_rows_changes_nothing(bench, panel):
    assert_same(
        sql_indices(bench, panel, definitions=ALL, shuffle=1),
        sql_indices(bench, panel, definitions=ALL),
    )


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


def test_principal_component_in_closed_form(bench):
    """x = (y + z) / 2 with y and z uncorrelated: C = [[1, c, c], [c, 1, 0], [c, 0, 1]], c = 1 / sqrt 2.

    C (sqrt 2, 1, 1)' = (sqrt 2 + 2c, sqrt 2 c + 1, sqrt 2 c + 1)' = 2 (sqrt 2, 1, 1)': squared loadings
    1/2, 1/4, 1/4. A component that is 1 - y instead has the same, and so has the index turned round.
    """
    figures = np.array([[[1.0, 1, 1]], [[0.5, 1, 0]], [[0.5, 0, 1]], [[0.0, 0, 0]]])
    definitions = {"loadings": ALL["loadings"]}
    for directions in (("+", "+", "+"), ("+", "-", "+"), ("-", "-", "-")):
        index = sql_indices(bench, Panel(figures, directions), definitions=definitions)["loadings"]
        weights = [index.weights["pooled", f"component{number}"] for number in range(3)]
        assert weights == pytest.approx([1 / 2, 1 / 4, 1 / 4], rel=0, abs=TOLERANCE)


def test_copies_of_city_years_change_no_weights(bench):
    panel = random_panel(8, cities=9, years=3, components=5)
    definitions = {name: how for name, how in ALL.items() if how.weighting != "entropy"}
    once = sql_indices(bench, panel, definitions=definitions)
    twice = sql_indices(bench, panel, replace(panel, suffix=" copy"), definitions=definitions)
    for index_id, index in once.items():
        for key, weight in index.weights.items():
            assert twice[index_id].weights[key] == pytest.approx(weight, rel=0, abs=1e-11)


def test_a_new_year_changes_no_score_on_a_fixed_base(bench):
    """Not even one with extremes, or in which a city ends; pooled scores all move."""
    panel = random_panel(9, cities=8, years=4, components=4)
    longer = np.concatenate([panel.figures, 100 * panel.figures[:, -1:]], axis=1)
    definitions = {name: how for name, how in ALL.items() if how.period == "base" or name == POOLED}
    before = sql_indices(bench, panel, definitions=definitions)
    fill_inputs(bench, definitions, replace(panel, figures=longer))
    bench.connection.execute("update seed.city_status set year_to = 2003 where city_code = 'city1'")
    for model in INDEX_MODELS:
        bench.build(model)
    after = {
        (index_id, code, year): score
        for index_id, code, year, score in bench.connection.execute(
            "select index_id, city_code, year, score from marts.index_score"
        ).fetchall()
    }
    for index_id, index in before.items():
        same = [after[index_id, *place] == score for place, score in index.scores.items()]
        assert all(same) if index_id != POOLED else not any(same)
    above = [score for (name, _, year), score in after.items() if name == "base" and year == 2004]
    assert max(abs(score) for score in above) > 1  # and it is not cut


def obstacle_degrees(scaled: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """w_j (1 - r_ij) over its sum, city-years x components; NaN where a component is missing."""
    distance = weights * (1 - scaled)
    total = distance.sum(axis=1, keepdims=True)
    degree = np.divide(distance, total, out=np.zeros_like(distance), where=total != 0)
    degree[np.isnan(total[:, 0])] = np.nan
    return degree


def test_dimensions_and_obstacles_equal_numpy(bench):
    panel = random_panel(11, cities=12, years=3, components=6, missing=0.03)
    definitions = {POOLED: ALL[POOLED], "equal": ALL["equal"]}
    indices = sql_indices(bench, panel, definitions=definitions)
    bench.build("index_dimension_score")
    bench.build("obstacle_degree")
    places = [(city, year) for city in range(12) for year in range(3)]
    turned = np.where(np.array(panel.directions) == "-", -1.0, 1.0) * panel.figures
    flat = np.array([turned[place] for place in places])
    scaled = (flat - np.nanmin(flat, axis=0)) / (np.nanmax(flat, axis=0) - np.nanmin(flat, axis=0))
    labels = [f"dimension{number % 2}" for number in range(6)]
    for index_id, index in indices.items():
        weights = np.array([index.weights["pooled", f"component{number}"] for number in range(6)])
        total = scaled @ weights
        shown = {
            row[:3]: row[3:]
            for row in bench.connection.execute(
                "select dimension, city_code, year, score, weight, contribution"
                " from marts.index_dimension_score where index_id = ?",
                [index_id],
            ).fetchall()
        }
        assert len(shown) == 2 * len(places)
        for dimension in ("dimension0", "dimension1"):
            own = np.array([label == dimension for label in labels])
            scores = scaled[:, own] @ weights[own] / weights[own].sum()
            shares = scaled[:, own] @ weights[own] / total
            for row, (city, year) in enumerate(places):
                score, weight, share = shown[dimension, f"city{city}", 2000 + year]
                assert weight == pytest.approx(weights[own].sum(), rel=0, abs=TOLERANCE)
                for here, there in ((score, scores[row]), (share, shares[row])):
                    if np.isnan(there):
                        assert here is None
                    else:
                        assert here == pytest.approx(there, rel=0, abs=TOLERANCE)
        expected = obstacle_degrees(scaled, weights)
        degrees = {
            row[:3]: row[3:]
            for row in bench.connection.execute(
                "select city_code, year, indicator_code, obstacle_degree, obstacle_rank"
                " from marts.obstacle_degree where index_id = ?",
                [index_id],
            ).fetchall()
        }
        assert len(degrees) == 6 * len(places)
        for row, (city, year) in enumerate(places):
            for component in range(6):
                degree, rank = degrees[f"city{city}", 2000 + year, f"component{component}"]
                if np.isnan(expected[row, component]):
                    assert degree is None
                    assert rank is None
                else:
                    there = expected[row, component]
                    assert degree == pytest.approx(there, rel=0, abs=TOLERANCE)
                    assert rank == 1 + (expected[row] > there).sum()


def test_ranks_and_their_changes(bench):
    panel = random_panel(12, cities=7, years=4, components=3, missing=0.1)
    index = sql_indices(bench, panel)[POOLED]
    shown = {
        row[:2]: row[2:]
        for row in bench.connection.execute(
            "select city_code, year, rank, rank_change from marts.index_score where index_id = ?",
            [POOLED],
        ).fetchall()
    }
    for (code, year), score in index.scores.items():
        others = [s for (_, y), s in index.scores.items() if y == year and s is not None]
        rank = None if score is None else 1 + sum(other > score for other in others)
        before = shown.get((code, year - 1), (None, None))[0]
        change = None if rank is None or before is None else before - rank
        assert shown[code, year] == (rank, change)


@pytest.mark.real
def test_published_topsis_of_water_quality(bench, shared_dir):
    """Entropy weights and first scores that an R package prints for twenty rivers.

    It shifts shares away from 0 before the logarithm, which this project does not (0 ln 0 = 0): its
    scaled figures go in after the scaling, its weights and transformed figures before TOPSIS.
    """
    folder = Path(shared_dir) / "reference"
    with (folder / "mathmodels_water_quality.csv").open(encoding="utf-8") as file:
        names = ("O2", "PH", "germ", "nutrient")
        figures = np.array([[float(row[name]) for name in names] for row in csv.DictReader(file)])
    figures[:, 1] = 1 - abs(figures[:, 1] - 7) / abs(figures[:, 1] - 7).max()
    outside = np.maximum(np.maximum(10 - figures[:, 3], figures[:, 3] - 20), 0)
    figures[:, 3] = 1 - outside / outside.max()
    directions = ("+", "+", "-", "+")
    shifted = figures.copy()
    for column in (0, 2):
        part = (figures[:, column] - figures[:, column].min()) / np.ptp(figures[:, column])
        shifted[:, column] = 0.002 + 0.996 * (1 - part if column == 2 else part)
    shifted[:, [1, 3]] = np.clip(shifted[:, [1, 3]], 0.002, 0.998)
    definitions = {"topsis": ALL["topsis"]}
    fill_inputs(bench, definitions, Panel(figures[:, None, :], directions))
    for model in INDEX_MODELS[:4]:
        bench.build(model)
    bench.build("int_index__scaled")
    bench.connection.execute("create table scaled_here as from intermediate.int_index__scaled")
    for city, values in enumerate(shifted):
        bench.connection.execute(
            "update intermediate.int_index__scaled set scaled = ? where city_code = ?",
            [values.tolist(), f"city{city}"],
        )
    for model in ("int_index__entropy", "int_index__principal", "index_weight"):
        bench.build(model)
    weights = [
        row[0]
        for row in bench.connection.execute(
            "select weight from marts.index_weight order by indicator_code"
        ).fetchall()
    ]
    assert weights == pytest.approx(
        [0.3153202, 0.1813149, 0.3506929, 0.1526721], rel=0, abs=PUBLISHED_TOLERANCE
    )
    bench.connection.execute(
        "create or replace table intermediate.int_index__scaled as from scaled_here"
    )
    for model in INDEX_MODELS[-2:]:
        bench.build(model)
    scores = [
        row[0]
        for row in bench.connection.execute(
            "select score from marts.index_score where city_code in ('city0', 'city1')"
            " order by city_code"
        ).fetchall()
    ]
    assert scores == pytest.approx([0.3841556, 0.4852199], rel=0, abs=PUBLISHED_TOLERANCE)
