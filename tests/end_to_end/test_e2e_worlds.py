"""The pipeline on the two worlds of the sample, with the policy and without it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from e2e_inbox import tree
from e2e_process import CommandLine, Refreshed

from orchestration.sample import truth, write_sample

pytestmark = pytest.mark.verify

# Index points: figures are rounded for print and a few gaps are filled, against effects of 0.2-0.8.
PRINTED = 0.02

# t value of a policy that isn't there: the 1 % bound of a normal.
NOTHING_FOUND = 2.58


def test_difference_of_the_worlds_is_the_stated_truth(
    citypanel: CommandLine, sample: Refreshed, tmp_path: Path
) -> None:
    inbox = write_sample(tmp_path / "no_policy", world="no_policy")
    finished = citypanel.refresh(inbox, tmp_path / "release")
    assert finished.code == 0, finished.said
    with duckdb.connect() as connection:
        connection.execute(f"attach '{sample.warehouse}' as policy (read_only)")
        other = tmp_path / "release" / "current" / "warehouse.duckdb"
        connection.execute(f"attach '{other}' as no_policy (read_only)")
        found = connection.execute(
            "select city_code, year, 100 * (policy.score - no_policy.score) as effect"
            " from policy.marts.index_score as policy"
            " inner join no_policy.marts.index_score as no_policy using (index_id, city_code, year)"
            " where index_id = 'nqpf'"
        ).df()
        services = connection.execute(
            "select statistic from no_policy.estimates.estimate"
            " where study = 'smart_city_service_efficiency' and design = 'baseline'"
            " and term = 'did' and column_id in ('3', '4')"
        ).df()
    assert (services["statistic"].abs() < NOTHING_FOUND).all()
    both = truth().merge(found, on=["city_code", "year"], suffixes=("", "_found"))
    assert len(both) == 3990
    np.testing.assert_allclose(both["effect_found"], both["effect"], rtol=0, atol=PRINTED)
    treated = both[both["did"] == 1]
    by_regime = treated.groupby("regime")[["effect_found", "target"]].mean()
    np.testing.assert_allclose(by_regime["effect_found"], by_regime["target"], rtol=0, atol=PRINTED)


def test_two_refreshes_of_the_sample_give_the_same_bytes(
    citypanel: CommandLine, sample: Refreshed, tmp_path: Path
) -> None:
    finished = citypanel.refresh_alone(None, tmp_path, tmp_path / "state")
    assert finished.code == 0, finished.said
    one, other = (
        {name: facts[0] for name, facts in tree(folder / "current" / "parquet").items()}
        for folder in (sample.release, tmp_path)
    )
    assert one == other
