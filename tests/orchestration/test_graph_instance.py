"""The instance of a refresh: a run ends as on Dagster's own, with all its events, and stores no step."""

import dagster as dg
import pytest

from orchestration.graph.instance import passing_instance

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def job(passed: bool) -> dg.JobDefinition:
    """An asset with a check that stops what is downstream, and one below it."""

    @dg.asset
    def above() -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata={"rows": 3})

    @dg.asset_check(asset=above, blocking=True)
    def gate() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=passed)

    @dg.asset(deps=[above])
    def below() -> None:
        return None

    defs = dg.Definitions(
        assets=[above, below], asset_checks=[gate], jobs=[dg.define_asset_job("all", selection="*")]
    )
    return defs.resolve_job_def("all")


@pytest.mark.parametrize("passed", [True, False])
def test_a_run_ends_as_on_dagsters_own_instance_and_stores_no_step(passed: bool) -> None:
    seen = []
    for instance_of in (dg.DagsterInstance.ephemeral, passing_instance):
        with instance_of() as instance:
            made = job(passed)
            result = made.execute_in_process(
                instance=instance, raise_on_error=False, run_config=QUIET
            )
            run = instance.get_run_by_id(result.run_id)
            stored = instance.all_logs(result.run_id)
            events = [(e.event_type_value, e.step_key) for e in result.all_events]
            seen.append((result.success, run.status, events))
    assert seen[0] == seen[1]
    assert seen[1][0] is passed
    assert ("STEP_SUCCESS", "below") in seen[1][2] or not passed
    assert ("STEP_FAILURE", "above_gate") in seen[1][2] or passed
    kinds = {log.dagster_event.event_type_value for log in stored if log.dagster_event}
    assert {"PIPELINE_START", "PIPELINE_SUCCESS" if passed else "PIPELINE_FAILURE"} <= kinds
    assert not [kind for kind in kinds if kind.startswith("STEP") or "MATERIALIZATION" in kind]
