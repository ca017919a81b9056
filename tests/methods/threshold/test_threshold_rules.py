"""Rules of the last gate on threshold models, on rows that keep them and rows that don't."""

import duckdb
import pytest

from analysis.methods.threshold.rules import RULES


@pytest.mark.parametrize(
    ("low", "high", "broken"),
    [
        ("0.4", "0.6", 0),
        ("0.5", "0.5", 0),
        ("null", "null", 0),
        ("0.51", "0.6", 1),
        ("0.1", "0.4", 1),
    ],
)
def test_a_robust_set_holds_its_threshold(low, high, broken):
    (rule,) = (rule for rule in RULES if rule.id == "robust_sets_hold_the_threshold")
    with duckdb.connect() as connection:
        connection.execute(
            "create table search as select 's' as study, 'd' as design, 1 as n_thresholds,"
            f" 1 as threshold_no, 0.5 as estimate, {low}::double as robust_low,"
            f" {high}::double as robust_high"
        )
        found = connection.execute(rule.query.format(batch="search")).fetchall()
    assert len(found) == broken
