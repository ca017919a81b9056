"""Worlds of the sample, simulated once per run of the tests."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from orchestration.sample import SampleWorld, simulate, truth, write_sample


@pytest.fixture(scope="session")
def sample_world() -> SampleWorld:
    return simulate()


@pytest.fixture(scope="session")
def sample_world_without() -> SampleWorld:
    return simulate(policy=False)


@pytest.fixture(scope="session")
def sample_truth() -> pd.DataFrame:
    return truth()


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample") / "yearbooks")


@pytest.fixture(scope="session")
def sample_did(sample_truth: pd.DataFrame) -> np.ndarray:
    return sample_truth["did"].to_numpy(float).reshape(285, 14)
