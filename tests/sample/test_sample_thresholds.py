"""Does the shipped threshold model find the thresholds and slopes that the sample was made with?"""

import time

import numpy as np
import pandas as pd
import pytest
from study_results import own_tables

from analysis.studies import load_studies
from analysis.study import Study
from orchestration.sample import DEFAULT, SampleWorld
from orchestration.sample.places import YEARS
from orchestration.sample.simulation import large_cities

SECONDS = 20.0
"""Processor time, ten times what the model takes: an outer border for any machine; `make bench` says
what it takes."""


def thresholds_alone() -> Study:
    """The shipped study without its other designs, which ask for more of the panel than the world has."""
    study = load_studies()["smart_city_nqpf"]
    others = {key for key, _ in study.designs()} - {"threshold"}
    return study.model_copy(update=dict.fromkeys(others, ()))


@pytest.fixture(scope="module")
def sample_panel(sample_world: SampleWorld, sample_did: np.ndarray) -> pd.DataFrame:
    """The panel that the pipeline makes of the sample, from the world itself."""
    values = sample_world.regressors()
    n = sample_world.places.n_panel
    ever = sample_did.any(axis=1, keepdims=True)
    first = np.where(ever, np.array(YEARS)[sample_did.argmax(axis=1)][:, None], np.nan)
    large = large_cities(sample_world.values, sample_world.places, DEFAULT)
    columns = {
        "population_density": np.exp(values["ln_density"]),
        "gdp_per_capita": np.exp(values["ln_gdp_per_capita"]),
        "urbanisation": values["urbanisation"],
        "government_intervention": values["government_intervention"],
        "industrialisation": values["industrialisation"],
        "tertiary_to_secondary": values["structure"],
        "human_capital": values["human_capital"],
        "science_expenditure_share": values["science_share"],
        "region": np.repeat(sample_world.places.region[:n], len(YEARS)),
        "is_large_city": np.repeat(large, len(YEARS)),
        "index_nqpf": sample_world.outcome() / 100,
        "did": sample_did.astype(int),
        "did_first_year": np.broadcast_to(first, sample_did.shape),
    }
    return pd.DataFrame(
        {
            "city_code": np.repeat(np.array(sample_world.places.code[:n]), len(YEARS)),
            "year": np.tile(YEARS, n),
            **{name: column.reshape(-1) for name, column in columns.items()},
        }
    )


def test_true_thresholds_and_slopes_lie_in_their_intervals(sample_panel: pd.DataFrame) -> None:
    study = thresholds_alone()
    start = time.process_time()
    frames = own_tables("threshold", study, sample_panel)
    assert time.process_time() - start < SECONDS

    (model,) = frames["threshold_model"].to_dict("records")
    assert (model["n_obs"], model["n_units"], model["n_supported"]) == (3990, 285, 2)
    assert not model["responds"]
    truth = DEFAULT.effects
    double = frames["threshold_search"].query("n_thresholds == 2")
    slopes = frames["threshold_slope"].query("n_thresholds == 2 and term == 'did'")
    for rows, stated in ((double, truth.thresholds), (slopes, truth.regimes)):
        true = np.array(stated)
        assert len(rows) == len(true)
        assert (rows["ci_low"] <= true).all()
        assert (rows["ci_high"] >= true).all()
    tests = frames["threshold_test"]
    for resample in ("unit", "wild"):
        p_values = tests.loc[tests["resample"] == resample, "p_value"].tolist()
        assert p_values[0] < 0.01 and p_values[1] < 0.01 and p_values[2] > 0.1


def test_without_year_effects_the_slopes_shift(sample_panel: pd.DataFrame) -> None:
    """As docs/sample.md says: the growth that all cities share falls to the treated."""
    study = thresholds_alone()
    (design,) = study.threshold or ()
    city_only = study.model_copy(
        update={"threshold": (design.model_copy(update={"year_effects": False, "draws": 100}),)}
    )
    slopes = own_tables("threshold", city_only, sample_panel)["threshold_slope"]
    slopes = slopes.query("n_thresholds == 2 and term == 'did'")
    shift = slopes["estimate"].to_numpy(float) - np.array(DEFAULT.effects.regimes)
    assert (shift < 0).all() and np.abs(shift).max() > 0.1
