"""Size and coverage of errors of many kinds, with few clusters, few treated, correlation: `make verify`.

Samples with a true effect of zero, city and year effects, 500 of each. docs/inference.md has the figures.
"""

import numpy as np
import pytest

from analysis.regression import fit_panel
from analysis.regression.inference import (
    conley,
    driscoll_kraay,
    one_way,
    project,
    reduced,
    two_way,
    wild_test,
)
from analysis.regression.randomised import run_placebo
from analysis.regression.support import LEAST_PERIODS

RUNS = 500
NOMINAL = 0.05
WITHIN = 0.03
"""Three standard errors of a share of 5 % in 500 runs."""
WILD_DRAWS = 399


def autocorrelated(rng, n, years, rho=0.6):
    """Errors (n, years) of variance 1 with a correlation of `rho` from year to year."""
    e = rng.normal(size=(n, years))
    for t in range(1, years):
        e[:, t] = rho * e[:, t - 1] + np.sqrt(1 - rho**2) * e[:, t]
    return e


def fitted(y, did, city, year):
    arrays = {
        "y": y, "x": did[:, None], "unit": city, "time": year, "effects": ("unit", "time"), "names": ("did",),
    }  # fmt: skip
    return project(fit_panel(**arrays), **arrays)


def shares(sample, runs=RUNS):
    """Share of samples in which each kind rejects at 5 %; `sample` gives p values by kind."""
    found = [sample(np.random.default_rng(seed)) for seed in range(runs)]
    kinds = found[0]
    return {kind: float(np.mean([each[kind] < NOMINAL for each in found])) for kind in kinds}


def few_clusters(n_clusters):
    """Cities in few provinces with shocks in common; half of the provinces are treated."""

    def sample(rng):
        cities, years = 8 * n_clusters, 10
        city, year = np.repeat(np.arange(cities), years), np.tile(np.arange(years), cities)
        province = city % n_clusters
        e = (
            autocorrelated(rng, cities, years)
            + autocorrelated(rng, n_clusters, years)[np.arange(cities) % n_clusters]
        )
        treated = rng.permutation(n_clusters)[: n_clusters // 2]
        first = np.where(
            np.isin(np.arange(n_clusters), treated), rng.choice([4, 5, 6], n_clusters), 99
        )
        p = fitted(e.ravel(), (year >= first[province]).astype(float), city, year)
        groups = p.groups(province, "province")
        return {
            "cluster": one_way(p, groups).p_values[0],
            "cr2": reduced(p, groups, "cr2").p_values[0],
            "cr3": reduced(p, groups, "cr3").p_values[0],
            "jackknife": reduced(p, groups, "cr3", convention="jackknife").p_values[0],
            "wild": wild_test(p, groups, "did", n_draws=WILD_DRAWS, seed=1).p_value,
        }

    return sample


def few_treated(n_treated):
    """Of 60 cities few are treated; errors are correlated over the years."""

    def sample(rng):
        cities, years = 60, 10
        city, year = np.repeat(np.arange(cities), years), np.tile(np.arange(years), cities)
        first = np.full(cities, np.nan)
        first[:n_treated] = rng.choice([4, 5, 6], n_treated)
        did = (year >= first[city]).astype(float)
        y = autocorrelated(rng, cities, years).ravel()
        p = fitted(y, did, city, year)
        drawn = run_placebo(
            y, np.empty((len(y), 0)), city, year, first[city], n_draws=199, seed=1,
            effects=("unit", "time"), kept=0,
        )  # fmt: skip
        return {
            "cluster": one_way(p, p.units).p_values[0],
            "cr2": reduced(p, p.units, "cr2").p_values[0],
            "wild": wild_test(p, p.units, "did", n_draws=WILD_DRAWS, seed=1).p_value,
            "randomisation": drawn.by_t.p_value,
        }

    return sample


def correlated(years, spatial):
    """100 cities on a map of 1,000 km; errors correlated over years, and over 200 km where `spatial`."""
    cities = 100

    def sample(rng):
        city, year = np.repeat(np.arange(cities), years), np.tile(np.arange(years), cities)
        lon, lat = 110 + 9 * rng.random(cities), 30 + 9 * rng.random(cities)
        own = autocorrelated(rng, cities, years)
        place = np.floor((lon - 110) / 2) * 5 + np.floor((lat - 30) / 2)
        codes = np.unique(place, return_inverse=True)[1]
        if spatial:
            own = own + autocorrelated(rng, codes.max() + 1, years)[codes]
            wave = rng.choice([4, 6, 99], codes.max() + 1)[codes]
        else:
            wave = rng.choice([4, 6, 99], cities)
        p = fitted(own.ravel(), (year >= wave[city]).astype(float), city, year)
        return {
            "city": one_way(p, p.units).p_values[0],
            "city and year": two_way(p, p.units, p.times).p_values[0],
            "driscoll_kraay": driscoll_kraay(p).p_values[0],
            "conley": conley(p, lon[city], lat[city], cutoff_km=300).p_values[0],
            "conley same year": conley(
                p, lon[city], lat[city], cutoff_km=300, pairs="same_year", lags=years - 1
            ).p_values[0],
            "place": one_way(p, p.groups(codes[city], "place")).p_values[0],
        }

    return sample


@pytest.mark.verify
@pytest.mark.parametrize("n_clusters", [4, 8])
def test_size_with_few_clusters(n_clusters):
    found = shares(few_clusters(n_clusters))
    print(f"{n_clusters} clusters:", found)
    assert found["wild"] <= NOMINAL + WITHIN
    assert found["cr2"] <= NOMINAL + WITHIN and found["jackknife"] <= NOMINAL + WITHIN
    assert found["cluster"] > found["cr2"]


@pytest.mark.verify
@pytest.mark.parametrize("n_treated", [1, 2, 5])
def test_size_with_few_treated(n_treated):
    found = shares(few_treated(n_treated))
    print(f"{n_treated} treated of 60:", found)
    assert found["randomisation"] == pytest.approx(NOMINAL, abs=WITHIN)
    assert found["wild"] <= NOMINAL + WITHIN
    assert found["cluster"] > found["wild"]


@pytest.mark.verify
@pytest.mark.parametrize("years", [14, 40])
@pytest.mark.parametrize("spatial", [False, True])
def test_size_with_serial_and_spatial_correlation(years, spatial):
    found = shares(correlated(years, spatial))
    print(f"{years} years, {'spatial and ' if spatial else ''}serial correlation:", found)
    if spatial:
        assert found["city"] > NOMINAL + WITHIN  # what Conley is for
        assert found["conley"] < found["city"]
        assert found["place"] <= NOMINAL + 2 * WITHIN
    else:
        assert found["city"] <= NOMINAL + WITHIN and found["conley"] <= NOMINAL + 2 * WITHIN


def lasting(years):
    """10 cities, a policy that stays, errors correlated over years: what Driscoll and Kraay make of it."""

    def sample(rng):
        city, year = np.repeat(np.arange(10), years), np.tile(np.arange(years), 10)
        first = rng.permutation([years // 3] * 3 + [years // 2] * 3 + [9 * years] * 4)
        y = autocorrelated(rng, 10, years).ravel()
        p = fitted(y, (year >= first[city]).astype(float), city, year)
        return {
            "driscoll_kraay": driscoll_kraay(p).p_values[0],
            "city": one_way(p, p.units).p_values[0],
        }

    return sample


@pytest.mark.verify
@pytest.mark.parametrize("years", [14, 40, 100, 200, LEAST_PERIODS])
def test_size_of_driscoll_and_kraay_by_periods(years):
    found = shares(lasting(years), runs=200 if years == LEAST_PERIODS else RUNS)
    print(f"{years} periods:", found)
    if years < LEAST_PERIODS:
        assert found["driscoll_kraay"] > 2 * NOMINAL
    else:
        assert found["driscoll_kraay"] <= 2 * NOMINAL + WITHIN


@pytest.mark.verify
def test_coverage_of_the_inverted_interval_with_eight_clusters():
    """The interval holds a true effect of 1 as often as it says, and as the test of 1 accepts."""
    held = []
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        unit, time = np.repeat(np.arange(8), 12), np.tile(np.arange(12), 8)
        x = autocorrelated(rng, 8, 12).ravel()
        y = x + autocorrelated(rng, 8, 12).ravel()
        arrays = {
            "y": y,
            "x": x[:, None],
            "unit": unit,
            "time": time,
            "effects": ("unit",),
            "names": ("x",),
        }
        p = project(fit_panel(**arrays), **arrays)
        made = wild_test(p, p.units, "x", n_draws=WILD_DRAWS, seed=1)
        held.append(made.ci_low <= 1 <= made.ci_high)
    print(f"interval of the wild bootstrap, 8 clusters: covers {np.mean(held):.3f}")
    assert np.mean(held) == pytest.approx(0.95, abs=WITHIN)
