"""What a gate found: one result per rule, plain data that any caller can show.

Belongs here: the results and what follows from them (passed, warnings, failures). Does not belong
here: how they came about, or how an orchestrator or a page presents them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from expectations.findings import Finding
    from expectations.suite import Severity

MAX_FAILING_ROWS = 20
"""Rows kept of each failing rule: enough to recognise the cause, few enough to read."""


SHOWN_PLACES = 5
"""Cells that the text of a result names."""


@dataclass(frozen=True, eq=False)  # frames have no truth value to compare by
class RuleResult:
    """Outcome of one rule.

    A rule that did not apply has `applicable` false and `success` true: nothing was violated and
    nothing was shown either, so whoever reports a result reads `applicable` (or `status`) first.

    Attributes:
        suite: name of the Great Expectations suite (gate and table).
        observed: what was found, in words and figures.
        expected: what the rule asks for.
        failing_count: rows that break the rule, all of them; 1 where a figure of the table does.
        failing_rows: the first 20 of them, in an order that does not change between runs.
        of_study: whether what fails is one study's alone.
        advice: what to do, in a line.
        findings: all rows that break it, each with what it is about and where it is printed.
    """

    gate: str
    suite: str
    rule_id: str
    severity: Severity
    table: str
    success: bool
    applicable: bool
    observed: str
    expected: str
    reason: str
    failing_count: int
    failing_rows: pd.DataFrame
    of_study: bool = False
    advice: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def status(self) -> str:
        """One of passed, warning, failed, not applicable."""
        if not self.applicable:
            return "not applicable"
        if self.success:
            return "passed"
        return "failed" if self.severity == "critical" else "warning"

    def describe(self) -> str:
        """The result as text, with its failing rows."""
        lines = [
            f"{self.gate}.{self.rule_id}: {self.status} ({self.severity}, {self.table})",
            f"  why: {self.reason}",
            f"  expected {self.expected}; observed {self.observed}",
        ]
        if len(self.failing_rows):
            shown = self.failing_rows.to_string(index=False).replace("\n", "\n  ")
            lines.append(f"  {len(self.failing_rows)} of {self.failing_count} failing:\n  {shown}")
        places = [place for one in self.findings for place in one.places]
        if places:
            named = list(dict.fromkeys(map(str, places)))
            more = f"\n    and {len(named) - SHOWN_PLACES} more" * (len(named) > SHOWN_PLACES)
            lines.append("  printed in\n    " + "\n    ".join(named[:SHOWN_PLACES]) + more)
        if self.advice:
            lines.append(f"  do: {self.advice}")
        return "\n".join(lines)


@dataclass(frozen=True)
class GateResult:
    """Outcome of one gate, rules in the order of the suite file."""

    gate: str
    rules: tuple[RuleResult, ...]

    def _with_status(self, status: str) -> tuple[RuleResult, ...]:
        return tuple(rule for rule in self.rules if rule.status == status)

    @property
    def failures(self) -> tuple[RuleResult, ...]:
        """Critical rules that failed: they stop what is downstream."""
        return self._with_status("failed")

    @property
    def warnings(self) -> tuple[RuleResult, ...]:
        """Rules of severity warn that failed."""
        return self._with_status("warning")

    @property
    def not_applicable(self) -> tuple[RuleResult, ...]:
        """Rules that this input gives nothing to judge by."""
        return self._with_status("not applicable")

    @property
    def passed(self) -> bool:
        """Whether no critical rule failed."""
        return not self.failures
