"""Do matched cities find what the sample's world holds?

By linearity the matched equation of the true effects alone is what that of the outcome estimates.
"""

import numpy as np
import pandas as pd
import pytest

from analysis.methods.matching.numbers.balance import balance
from analysis.methods.matching.numbers.entropy import balancing_weights
from analysis.methods.matching.numbers.neighbours import as_matched, with_replacement
from analysis.methods.matching.numbers.propensity import fit_logit
from analysis.methods.matching.numbers.smooth import by_kernel
from analysis.regression.panel import PanelFit, fit_panel
from orchestration.sample import SampleWorld
from orchestration.sample.simulation import CONTROLS

BEFORE = 2011  # the year before the first pilots
RULES = {
    "nearest": lambda x, t, s: as_matched(with_replacement(s[:, None], t, 1), len(t)).weight,
    "kernel": lambda x, t, s: by_kernel(s, t, 0.06).weight,
    "entropy": lambda x, t, s: balancing_weights(x, t, tuple(CONTROLS)),
}


@pytest.mark.parametrize("rule", RULES)
def test_matched_cities_find_the_true_effect(
    sample_world: SampleWorld, sample_truth: pd.DataFrame, rule: str
) -> None:
    values = sample_world.regressors()
    controls = np.column_stack([values[name].reshape(-1) for name in CONTROLS])
    city, year = sample_truth["city_code"].to_numpy(), sample_truth["year"].to_numpy()
    did = sample_truth["did"].to_numpy(dtype=float)
    means = pd.DataFrame(controls)[year <= BEFORE].groupby(city[year <= BEFORE]).mean()
    x = means.to_numpy()
    treated = pd.Series(did).groupby(city).max().loc[means.index].to_numpy() == 1
    weight = RULES[rule](x, treated, fit_logit(x, treated, tuple(CONTROLS)).score)
    before = np.abs(balance(x, treated, np.ones(len(x))).difference).max()
    assert np.abs(balance(x, treated, weight).difference).max() < before
    weights = pd.Series(weight, index=means.index).loc[city].to_numpy()
    used = weights > 0

    def matched(y: np.ndarray) -> PanelFit:
        return fit_panel(
            y[used], np.column_stack([did, controls])[used], city[used], year[used],
            effects=("unit", "time"), names=("did", *CONTROLS), weights=weights[used],
        )  # fmt: skip

    found = matched(sample_world.outcome().reshape(-1))
    true = matched(sample_truth["effect"].to_numpy()).coefficients[0]
    assert found.ci_low[0] < true < found.ci_high[0]
    assert true > 0.1
