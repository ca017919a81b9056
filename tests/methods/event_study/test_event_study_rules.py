"""Rules of the gate on event studies: each holds on what a study gives, and breaks on its own fault."""

import duckdb
import pytest
from test_event_study_study import run, toy_panel

from analysis.methods.event_study.rules import RULES

BREAKS = {
    "event_times_are_complete": (
        "delete from estimates.event_time where event_time = 2",
        "update estimates.event_time set is_base = false",
        "update estimates.event_time set estimate = null where event_time = 2",
    ),
    "event_band_holds_the_interval": (
        "update estimates.event_time set band_low = ci_low + 0.1 where event_time = 2",
        "update estimates.event_time set band_high = null where event_time = 2",
    ),
    "no_effect_before_the_policy": ("update estimates.event_study set leads_p = 0.01",),
}
CASES = [(rule, sql) for rule, breaks in BREAKS.items() for sql in breaks]


@pytest.fixture(scope="module")
def frames():
    return run(toy_panel())


def failing(frames, rule_id, *changes):
    connection = duckdb.connect()
    connection.execute("create schema estimates; create schema marts")
    connection.execute("create table marts.dataset_version as select 'v' as vintage")
    for name, found in frames.items():
        connection.register("made", found)
        connection.execute(f"create table estimates.{name} as select 'v' as vintage, * from made")
    for change in changes:
        connection.execute(change)
    rule = next(rule for rule in RULES if rule.id == rule_id)
    return connection.execute(rule.query.format(batch=f"estimates.{rule.table}")).fetchall()


def test_every_rule_has_a_case():
    assert set(BREAKS) == {rule.id for rule in RULES}


@pytest.mark.parametrize("rule_id", BREAKS)
def test_holds_on_what_a_study_gives(frames, rule_id):
    assert failing(frames, rule_id) == []


@pytest.mark.parametrize(("rule_id", "change"), CASES)
def test_breaks_on_its_fault(frames, rule_id, change):
    assert len(failing(frames, rule_id, change)) == 1


@pytest.mark.parametrize(("rule_id", "change"), CASES)
def test_minds_this_vintage_alone(frames, rule_id, change):
    other = "update marts.dataset_version set vintage = 'w'"
    assert failing(frames, rule_id, change, other) == []
