"""Do event study and placebo find what the sample's world holds, year by year of the policy?

By linearity the event study of the true effects alone is what that of the outcome estimates.
"""

import numpy as np
import pandas as pd
import pytest

from analysis.methods.event_study.numbers import EventStudy, fit_event_study
from analysis.regression.randomised import Placebo, run_placebo
from orchestration.sample import SampleWorld
from orchestration.sample.simulation import CONTROLS

WINDOW = (-4, 8)
DRAWS = 500  # as in the published figure


def rows_of(world: SampleWorld, truth: pd.DataFrame) -> dict[str, np.ndarray]:
    values = world.regressors()
    started = truth[truth["did"] == 1].groupby("city_code")["year"].min()
    return {
        "controls": np.column_stack([values[name].reshape(-1) for name in CONTROLS]),
        "unit": truth["city_code"].to_numpy(),
        "time": truth["year"].to_numpy(),
        "cohort": truth["city_code"].map(started).to_numpy(dtype=float),
    }


def dynamic(y: np.ndarray, rows: dict[str, np.ndarray]) -> EventStudy:
    return fit_event_study(y, **rows, window=WINDOW, names=tuple(CONTROLS), seed=1)


def random_treatment(world: SampleWorld, truth: pd.DataFrame) -> Placebo:
    return run_placebo(
        world.outcome().reshape(-1), **rows_of(world, truth), names=tuple(CONTROLS),
        effects=("unit", "time"), n_draws=DRAWS, seed=1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(sample_world: SampleWorld, sample_truth: pd.DataFrame) -> EventStudy:
    return dynamic(sample_world.outcome().reshape(-1), rows_of(sample_world, sample_truth))


def test_the_band_holds_the_true_effects_of_all_years(
    found: EventStudy, sample_world: SampleWorld, sample_truth: pd.DataFrame
) -> None:
    true = dynamic(sample_truth["effect"].to_numpy(), rows_of(sample_world, sample_truth)).times
    times = found.times
    told = ~times.is_base
    assert (times.band_low[told] < true.estimates[told]).all()
    assert (true.estimates[told] < times.band_high[told]).all()
    assert found.after.low < true.estimates[times.times >= 0].mean() < found.after.high
    assert true.estimates[times.times >= 0].mean() > 0.1


def test_there_is_nothing_before_the_policy(found: EventStudy) -> None:
    before = found.times.times < -1
    assert found.leads.p_value > 0.05
    assert (np.abs(found.times.estimates[before]) < 0.1).all()
    assert found.after.p_value < 0.05


def test_every_pilot_is_counted_in_its_first_year(
    found: EventStudy, sample_truth: pd.DataFrame
) -> None:
    pilots = sample_truth.loc[sample_truth["did"] == 1, "city_code"].nunique()
    times = found.times
    assert times.n_units[times.times == 0].item() == pilots
    assert found.n_never == 285 - pilots
    assert times.n_rows.sum() == 14 * pilots


def test_random_pilots_have_no_effect_and_the_true_ones_stand_out(
    sample_world: SampleWorld, sample_truth: pd.DataFrame
) -> None:
    placebo = random_treatment(sample_world, sample_truth)
    assert abs(placebo.mean) < 4 * placebo.sd / np.sqrt(DRAWS)
    assert placebo.by_coefficient.p_value < 0.05
    assert placebo.by_t.p_value < 0.05
    # The clustered error is right here: random treatments are as significant as they may be.
    assert abs(placebo.share_below[0.05] - 0.05) < 4 * np.sqrt(0.05 * 0.95 / DRAWS)


def test_without_the_policy_the_pilots_are_like_any_cities(
    sample_world_without: SampleWorld, sample_truth: pd.DataFrame
) -> None:
    placebo = random_treatment(sample_world_without, sample_truth)
    assert placebo.by_coefficient.p_value > 0.1
    nothing = dynamic(
        sample_world_without.outcome().reshape(-1), rows_of(sample_world_without, sample_truth)
    )
    assert nothing.leads.p_value > 0.05
    assert nothing.lags.p_value > 0.05
