"""Dagster asset checks: one multi-check per gate, one check per rule of its suite.

Belongs here: names and severity of checks, and the translation of results. Does not belong here:
rules (`expectations/suites`).
"""

from collections.abc import Iterator

import dagster as dg

from expectations import rule_names
from orchestration.estimating.rules import further_rules
from orchestration.graph.workspace import Workspace
from orchestration.refresh import build as steps
from orchestration.refresh.stages import GATES


def check_specs(gate: str) -> list[dg.AssetCheckSpec]:
    """The rules of a gate as checks of the tables they look at; a critical one blocks what is downstream."""
    return [
        dg.AssetCheckSpec(
            rule_id, asset=dg.AssetKey(table.split(".")), blocking=severity == "critical"
        )
        for rule_id, severity, table in rule_names(gate, further_rules(gate))
    ]


def make_gate(gate: str) -> dg.AssetChecksDefinition:
    """The check of one gate."""

    @dg.multi_asset_check(specs=check_specs(gate), name=f"gate_{gate}")
    def run_rules(
        context: dg.AssetCheckExecutionContext, workspace: Workspace
    ) -> Iterator[dg.AssetCheckResult]:
        for rule in steps.pass_gate(workspace.build(context), gate).rules:
            yield dg.AssetCheckResult(
                asset_key=dg.AssetKey(rule.table.split(".")),
                check_name=rule.rule_id,
                passed=rule.success,
                severity=(
                    dg.AssetCheckSeverity.ERROR
                    if rule.severity == "critical"
                    else dg.AssetCheckSeverity.WARN
                ),
                metadata={
                    "status": rule.status,
                    "observed": rule.observed,
                    "expected": rule.expected,
                    "reason": rule.reason,
                    "failing_rows": dg.MetadataValue.md(
                        rule.failing_rows.head(20).to_csv(index=False)
                    ),
                },
            )

    return run_rules


GATE_CHECKS = [make_gate(gate) for gate in GATES]
