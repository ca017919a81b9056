"""Rules of the gate on placebos: each holds on what a study gives, and breaks on its own fault."""

import duckdb
import pytest
from test_placebo_study import run, toy_panel

from analysis.methods.placebo.rules import RULES

BREAKS = {
    "placebo_draws_add_up": (
        "delete from estimates.placebo_draw where draw = 300",
        "update estimates.placebo_density set draws = draws + 1 where bin = 40",
        "update estimates.placebo set draws_absorbed = 3",
    ),
    "placebo_is_of_the_estimate": (
        "update estimates.placebo set estimate = estimate * 1.001",
        "update estimates.placebo set std_error = std_error * 1.001",
        "delete from estimates.estimate where column_id = 'true'",
    ),
    "placebo_clustered_error_holds": ("update estimates.placebo set share_p_below_5 = 0.12",),
    "placebo_draws_can_be_estimated": (
        "update estimates.placebo set draws_absorbed = 16",
        "update estimates.placebo set draws_without_error = 16",
    ),
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
    assert {rule.severity for rule in RULES} == {"critical", "warn"}


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
