"""What a 5 % test of a true zero does with few treated clusters or few clusters: `make verify`.

The bounds of `analysis.regression.support` are read off this table; docs/decisions has it.
"""

import numpy as np
import pandas as pd
import pytest

from analysis.regression import fit_panel
from analysis.regression.significance import significance_stars
from analysis.regression.support import (
    LEAST_EFFECTIVE_CLUSTERS,
    LEAST_TREATED_CLUSTERS,
)

RUNS = 1000
N_YEARS = 10
NOMINAL = 0.05
# Beyond the bounds a test of 5 % rejects a true zero in at most this share of samples.
TOLERATED = 0.10


def correlated(rng, n):
    """Errors (n, years) of variance 1 with a correlation of .6 from year to year."""
    e = rng.normal(size=(n, N_YEARS))
    for t in range(1, N_YEARS):
        e[:, t] = 0.6 * e[:, t - 1] + 0.8 * e[:, t]
    return e


def rejects(seed, n_clusters, n_treated):
    """Whether a city-and-year-effects column stars a policy that does nothing."""
    rng = np.random.default_rng(seed)
    city, year = np.repeat(np.arange(n_clusters), N_YEARS), np.tile(np.arange(N_YEARS), n_clusters)
    first = np.full(n_clusters, 99)
    first[:n_treated] = rng.choice([4, 5, 6], n_treated)
    did = (year >= first[city]).astype(float)
    e = correlated(rng, n_clusters)
    fit = fit_panel(e.ravel(), did[:, None], city, year, effects=("unit", "time"), names=("did",))
    return fit.p_values[0] < NOMINAL, fit.support[0].effective_clusters


def share(n_clusters, n_treated, runs=RUNS):
    found = np.array([rejects(seed, n_clusters, n_treated) for seed in range(runs)], dtype=float)
    rejected, effective = found.mean(axis=0)
    print(f"{n_treated} treated of {n_clusters}: rejects {rejected:.3f}, G* {effective:.1f}")
    return rejected


def rejects_unequal(seed, n_clusters, by_city):
    """The same with clusters whose sizes fall as 1, 1/2, 1/3, ..., and shocks in common."""
    rng = np.random.default_rng(seed)
    size = 1 / np.arange(1, n_clusters + 1)
    cluster = np.concatenate(
        [
            np.tile(np.arange(n_clusters), 2),
            rng.choice(n_clusters, 100 - 2 * n_clusters, p=size / size.sum()),
        ]
    )
    e = correlated(rng, 100) + correlated(rng, n_clusters)[cluster]
    if by_city:
        treated, first = rng.random(100) < 0.25, rng.choice([4, 5, 6], 100)
    else:
        chosen = rng.choice(n_clusters, max(1, round(n_clusters / 4)), replace=False)
        treated, first = np.isin(cluster, chosen), rng.choice([4, 5, 6], n_clusters)[cluster]
    city, year = np.repeat(np.arange(100), N_YEARS), np.tile(np.arange(N_YEARS), 100)
    did = (year >= np.where(treated, first, 99)[city]).astype(float)
    fit = fit_panel(
        e.ravel(), did[:, None], city, year, effects=("unit", "time"), names=("did",),
        cluster=cluster[city],
    )  # fmt: skip
    return fit.p_values[0] < NOMINAL, fit.support[0].effective_clusters


@pytest.mark.verify
@pytest.mark.parametrize("n_treated", [1, 2, 3, 5, 8, 10, 15, 20, 30, 50])
def test_size_with_few_treated_of_100_cities(n_treated):
    """With 1, 2, 5 the test is no test; from the bound on its size is tolerable."""
    rejected = share(100, n_treated)
    assert rejected < TOLERATED or n_treated < LEAST_TREATED_CLUSTERS
    if n_treated <= 2:
        assert rejected > 0.3


@pytest.mark.verify
@pytest.mark.parametrize("by_city", [False, True])
@pytest.mark.parametrize("n_clusters", [4, 8, 10, 15, 20, 30])
def test_size_with_unequal_clusters_by_effective_ones(n_clusters, by_city):
    """The number of clusters says little, the effective number who may be believed.

    100 cities in clusters of very unequal size with shocks in common; a quarter of the clusters is
    treated, or a quarter of the cities.
    """
    found = np.array(
        [rejects_unequal(seed, n_clusters, by_city) for seed in range(RUNS // 2)], dtype=float
    )
    believed = found[:, 1] >= LEAST_EFFECTIVE_CLUSTERS
    print(
        f"{n_clusters} clusters, treated by {'city' if by_city else 'cluster'}: rejects "
        f"{found[:, 0].mean():.3f}, G* {found[:, 1].mean():.1f}, {believed.mean():.2f} of samples "
        f"believed"
    )
    if believed.sum() >= 100:
        assert found[believed, 0].mean() < TOLERATED
    if n_clusters < LEAST_EFFECTIVE_CLUSTERS:
        assert not believed.any()


# --- what is always tested


def fit_of(x, unit, time, effects, cluster=None, names=("did",)):
    y = np.random.default_rng(0).normal(size=len(unit))
    return fit_panel(y, x, unit, time, effects=effects, names=names, cluster=cluster)


@pytest.mark.parametrize(("n_clusters", "n_treated"), [(10, 5), (20, 1), (40, 3)])
def test_effective_clusters_of_one_comparison_have_a_closed_form(n_clusters, n_treated):
    """A treated share p of equal clusters, pooled: parts in proportion to (1-p)^2 and p^2."""
    unit, time = np.repeat(np.arange(n_clusters), 4), np.tile(np.arange(4), n_clusters)
    did = (unit < n_treated).astype(float)[:, None]
    support = fit_of(did, unit, time, ()).support[0]
    p = n_treated / n_clusters
    part = np.array([(1 - p) ** 2] * n_treated + [p**2] * (n_clusters - n_treated))
    expected = n_clusters / (1 + part.var() / part.mean() ** 2)
    assert support.effective_clusters == pytest.approx(expected, rel=1e-9)
    assert support.correlation == 1.0
    assert (support.n_active_clusters, support.n_inactive_clusters) == (
        n_treated, n_clusters - n_treated,
    )  # fmt: skip


def test_effective_clusters_with_city_effects_are_those_of_partial_leverage():
    """Cluster means are out: the parts are sums of squares of the regressor net of all else."""
    rng = np.random.default_rng(1)
    unit, time = np.repeat(np.arange(15), 6), np.tile(np.arange(6), 15)
    x = rng.normal(size=(90, 2)) * (1 + unit[:, None])
    support = fit_of(x, unit, time, ("unit", "time"), names=("a", "b")).support[0]
    dummies = np.column_stack([np.eye(15)[unit], np.eye(6)[time], x[:, 1]])
    left = x[:, 0] - dummies @ np.linalg.lstsq(dummies, x[:, 0], rcond=None)[0]
    part = np.bincount(unit, weights=left**2)
    assert support.correlation == 0.0
    assert support.effective_clusters == pytest.approx(
        15 / (1 + part.var() / part.mean() ** 2), rel=1e-9
    )


def test_clusters_alike_are_all_effective():
    unit, time = np.repeat(np.arange(12), 4), np.tile(np.arange(4), 12)
    did = ((unit % 2 == 0) & (time >= 2)).astype(float)[:, None]
    support = fit_of(did, unit, time, ("unit", "time")).support[0]
    assert support.effective_clusters == pytest.approx(12)
    assert support.weaknesses == ("rests on 6 treated clusters, fewer than 10",)


def test_one_treated_city_and_few_clusters_are_said():
    unit, time = np.repeat(np.arange(60), 6), np.tile(np.arange(6), 60)
    did = ((unit == 0) & (time >= 3)).astype(float)[:, None]
    alone, coarse = (
        fit_of(did, unit, time, ("unit", "time"), cluster=cluster).support[0]
        for cluster in (None, unit // 20)
    )
    assert significance_stars(0.001) == "***"
    assert significance_stars(0.001, alone.weaknesses) == ""
    assert alone.n_active_units == alone.n_active_clusters == 1
    assert alone.weaknesses[0] == "rests on 1 treated clusters, fewer than 10"
    assert alone.weaknesses[1].startswith("rests on 1.0 effective clusters, fewer than 10")
    assert (coarse.n_active_clusters, coarse.n_inactive_clusters) == (1, 2)


@pytest.mark.parametrize(
    ("name", "cohort", "expected"),
    [
        ("mpdta.csv", "first.treat", (271, 20, -0.0109)),
        ("fixest_base_stagg.csv", "year_treated", (205, 20, -0.0238)),
    ],
)  # fmt: skip
def test_negative_weights_are_those_of_the_package(shared_dir, name, cohort, expected):
    """TwoWayFEWeights 2.0.4 on both data sets; its sums are printed to four digits."""
    data = pd.read_csv(shared_dir / "reference" / name)
    unit = data["countyreal"] if "countyreal" in data else data["id"]
    first = data[cohort].to_numpy(dtype=float)
    did = ((data["year"] >= first) & (first > 0)).to_numpy(dtype=float)[:, None]
    support = fit_of(did, unit, data["year"], ("unit", "time")).support[0]
    negative = support.n_negative_weights
    assert (support.n_weights - negative, negative) == expected[:2]
    assert support.negative_weight_sum == pytest.approx(expected[2], abs=5e-5)


def test_the_average_of_the_effects_with_the_weights_is_the_estimate():
    """Without an error the coefficient is the weighted sum of the effects, growing ones of three
    cohorts without a never-treated city: effects are all positive and the estimate is not."""
    unit, time = np.repeat(np.arange(30), 12), np.tile(np.arange(2009, 2021), 30)
    first = np.array([2011, 2014, 2017])[unit % 3]
    did = (time >= first).astype(float)
    effect = 0.3 * np.maximum(time - first + 1, 0)
    fit = fit_panel(effect, did[:, None], unit, time, effects=("unit", "time"), names=("did",))
    dummies = np.column_stack([np.eye(30)[unit], np.eye(12)[time - 2009]])
    left = did - dummies @ np.linalg.lstsq(dummies, did, rcond=None)[0]
    weights = left * did / (left @ did)
    assert fit.coefficients[0] == pytest.approx(weights @ effect)
    assert fit.coefficients[0] < 0 < effect[did > 0].min()
    support = fit.support[0]
    assert support.n_negative_weights == (weights < -1e-12).sum() > 0
    assert support.negative_weight_sum == pytest.approx(weights[weights < 0].sum())


def test_clusters_of_which_effects_leave_nothing_are_counted():
    """Cities with one year each: in the number of clusters by convention, and said to be empty."""
    unit = np.concatenate([np.repeat(np.arange(20), 5), np.arange(20, 27)])
    time = np.concatenate([np.tile(np.arange(5), 20), np.zeros(7, dtype=int)])
    x = np.random.default_rng(2).normal(size=(len(unit), 1))
    fit = fit_of(x, unit, time, ("unit", "time"))
    assert (fit.n_clusters, fit.n_singletons, fit.n_empty_clusters) == (27, 7, 7)
