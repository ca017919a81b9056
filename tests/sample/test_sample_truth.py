"""Is the truth what the parameters say, and do plain estimators find it?

The regressions here are written out in numpy, apart from the project's estimators.
"""

import csv
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from orchestration.sample import DEFAULT, SampleWorld, simulate, truth
from orchestration.sample.printing import INDEX_CODES
from orchestration.sample.simulation import CONTROLS

# Largest distance of a realised effect from its target, in points: rounding of the printed figures
# (a hundredth of a percent, a firm, a person) and the few gaps in components.
ROUNDING = 0.01
# Other cities' index moves only through the weights; mean size against effects of about 0.2-0.8.
SPILL_MEAN, SPILL_MAX = 0.03, 0.4
# Computed against published weights. Telecom volume and waste treatment differ most, see
# docs/sample.md.
WEIGHT_TOLERANCE = 0.03


def double_demean(x: np.ndarray) -> np.ndarray:
    return (
        x
        - x.mean(axis=-1, keepdims=True)
        - x.mean(axis=-2, keepdims=True)
        + x.mean(axis=(-2, -1), keepdims=True)
    )


def two_way(y: np.ndarray, *x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two-way within regression and city-clustered standard errors."""
    cities, years = y.shape
    a = np.stack([double_demean(v).reshape(-1) for v in x], axis=1)
    b = double_demean(y).reshape(-1)
    slope, *_ = np.linalg.lstsq(a, b, rcond=None)
    residual = b - a @ slope
    score = (a * residual[:, None]).reshape(cities, years, -1).sum(axis=1)
    bread = np.linalg.inv(a.T @ a)
    cover = bread @ (score.T @ score) @ bread * cities / (cities - 1)
    return slope, np.sqrt(np.diag(cover))


def controls(world: SampleWorld) -> list[np.ndarray]:
    values = world.regressors()
    return [values[name] for name in CONTROLS]


def test_effect_is_the_difference_of_the_two_worlds(
    sample_truth: pd.DataFrame, sample_world: SampleWorld, sample_world_without: SampleWorld
) -> None:
    effect = (sample_world.outcome() - sample_world_without.outcome()).reshape(-1)
    np.testing.assert_allclose(sample_truth["effect"], effect, atol=1e-12)
    treated = sample_truth[sample_truth["did"] == 1]
    assert (treated["effect"] - treated["target"]).abs().max() < ROUNDING
    others = sample_truth.loc[sample_truth["did"] == 0, "effect"].abs()
    assert others.mean() < SPILL_MEAN
    assert others.max() < SPILL_MAX


def test_regime_means_are_the_published_coefficients(sample_truth: pd.DataFrame) -> None:
    treated = sample_truth[sample_truth["did"] == 1]
    means = treated.groupby("regime")["effect"].mean()
    np.testing.assert_allclose(means, DEFAULT.effects.regimes, atol=ROUNDING)
    # Each regime holds enough treated city-years on either side of its thresholds.
    assert (treated["regime"].value_counts(normalize=True) > 0.12).all()
    moving = treated.groupby("city_code")["regime"].nunique()
    assert (moving > 1).sum() >= 30
    assert 0.15 < treated["effect"].mean() < 0.25


def test_two_way_regression_finds_the_weighted_truth(
    sample_truth: pd.DataFrame, sample_world: SampleWorld, sample_did: np.ndarray
) -> None:
    effect = sample_truth["effect"].to_numpy().reshape(sample_did.shape)
    weight = double_demean(sample_did)
    weighted = (weight * effect).sum() / (weight * sample_did).sum()
    slope, error = two_way(sample_world.outcome(), sample_did)
    assert abs(slope[0] - weighted) < 2 * error[0]
    slope, error = two_way(sample_world.outcome(), sample_did, *controls(sample_world))
    assert abs(slope[0] - weighted) < 2 * error[0]
    # Published: 0.184 with t = 2.911.
    assert 0.12 < slope[0] < 0.25
    assert slope[0] / error[0] > 1.96


def test_without_the_policy_there_is_nothing_to_find(
    sample_world_without: SampleWorld, sample_did: np.ndarray
) -> None:
    slope, error = two_way(sample_world_without.outcome(), sample_did)
    assert abs(slope[0]) < error[0]


def test_regime_coefficients_are_inside_their_intervals(
    sample_truth: pd.DataFrame, sample_world: SampleWorld, sample_did: np.ndarray
) -> None:
    regime = sample_truth["regime"].to_numpy().reshape(sample_did.shape)
    slope, error = two_way(
        sample_world.outcome(),
        *(sample_did * (regime == r) for r in (1, 2, 3)),
        *controls(sample_world),
    )
    for r, true in enumerate(DEFAULT.effects.regimes):
        assert abs(slope[r] - true) < 1.96 * error[r], r + 1


def test_threshold_search_finds_the_thresholds(
    sample_world: SampleWorld, sample_did: np.ndarray
) -> None:
    """Sequential least squares over a grid, year effects and controls kept in (Hansen 1999)."""
    q = sample_world.regressors()["structure"]
    kept = np.stack([double_demean(c).reshape(-1) for c in controls(sample_world)], axis=1)
    y = double_demean(sample_world.outcome()).reshape(-1)
    grid = np.quantile(q, np.linspace(0.05, 0.95, 300))

    def ssr(*cuts: float) -> float:
        edges = [-np.inf, *sorted(cuts), np.inf]
        x = [
            double_demean(sample_did * ((q > low) & (q <= high))).reshape(-1)
            for low, high in itertools.pairwise(edges)
        ]
        a = np.column_stack([*x, kept])
        slope, *_ = np.linalg.lstsq(a.T @ a, a.T @ y, rcond=None)
        return float(y @ y - slope @ (a.T @ y))

    def search(*fixed: float) -> tuple[float, np.ndarray]:
        values = np.array([ssr(*fixed, g) for g in grid])
        ratio = (values - values.min()) / (values.min() / (y.size - 285))
        return float(grid[values.argmin()]), grid[ratio <= 7.35]  # 5 % critical value

    first, _ = search()
    second, interval_second = search(first)
    refined, interval_first = search(second)
    step = np.diff(grid).max()
    for true, found, interval in zip(
        DEFAULT.effects.thresholds,
        sorted((refined, second)),
        sorted((interval_first, interval_second), key=lambda v: float(v.mean())),
        strict=True,
    ):
        assert abs(found - true) < 0.1
        assert interval.min() - step <= true <= interval.max() + step


def test_mediators_respond_and_the_index_responds_to_them(
    sample_world: SampleWorld, sample_did: np.ndarray
) -> None:
    kept = controls(sample_world)
    for name, size in (
        ("human_capital", DEFAULT.effects.human_capital),
        ("science_share", DEFAULT.effects.science_share),
    ):
        mediator = sample_world.regressors()[name]
        slope, error = two_way(mediator, sample_did, *kept)
        assert abs(slope[0] - size) < 2 * error[0], name
        assert slope[0] / error[0] > 1.96, name
        slope, error = two_way(sample_world.outcome(), sample_did, mediator, *kept)
        assert abs(slope[1] - getattr(DEFAULT.slopes, name)) < 2 * error[1], name
        assert slope[1] / error[1] > 1.96, name


def test_slopes_of_controls_are_inside_their_intervals(
    sample_world: SampleWorld, sample_did: np.ndarray
) -> None:
    slope, error = two_way(sample_world.outcome(), sample_did, *controls(sample_world))
    for k, name in enumerate(CONTROLS, start=1):
        assert abs(slope[k] - getattr(DEFAULT.slopes, name)) < 2 * error[k], name


@pytest.mark.parametrize("column", ["region", "size_class"])
def test_heterogeneity_has_the_published_signs(sample_truth: pd.DataFrame, column: str) -> None:
    treated = sample_truth[sample_truth["did"] == 1]
    means = treated.groupby(column)["effect"].mean()
    wanted = DEFAULT.effects.region if column == "region" else DEFAULT.effects.size
    for name, value in wanted.items():
        assert np.sign(means[name]) == np.sign(value), name
        assert abs(means[name] - value) < 0.1, name


def test_weights_resemble_the_published_ones(sample_world: SampleWorld, repo_dir: Path) -> None:
    with (repo_dir / "seeds" / "published_index_weight.csv").open(encoding="utf-8") as handle:
        published = {row["indicator"]: float(row["weight"]) for row in csv.DictReader(handle)}
    weight = dict(zip(INDEX_CODES, sample_world.index().weight, strict=True))
    assert set(weight) == set(published)
    for code, value in published.items():
        assert abs(weight[code] - value) < WEIGHT_TOLERANCE, code


def test_outcome_is_a_few_points_and_skewed(sample_world: SampleWorld) -> None:
    y = sample_world.outcome()
    assert 1 < y.mean() < 8
    assert 1 < y.std() < 6
    assert np.median(y) < y.mean()


@pytest.mark.verify
def test_truth_is_recovered_for_other_seeds() -> None:
    """Ten other draws: the two-way estimate within two standard errors of its truth each time."""
    for seed in range(10):
        true = truth(seed)
        did = true["did"].to_numpy(float).reshape(285, 14)
        effect = true["effect"].to_numpy().reshape(did.shape)
        weight = double_demean(did)
        weighted = (weight * effect).sum() / (weight * did).sum()
        slope, error = two_way(simulate(seed).outcome(), did)
        assert abs(slope[0] - weighted) < 2 * error[0], seed
