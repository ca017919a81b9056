"""Warnings of the gates, one row per finding: new ones told from those of the last release and acknowledged ones.

Belongs here: comparing findings with the last release and with seeds/acknowledged_warning.csv, the
table `release.gate_warning`, and its causes. Does not belong here: the rules (`expectations`), how
causes are shown (`warning_lines`, `analysis.report`).

A finding is known by rule and subject, and is the same as before while it says the same. An
acknowledgement is of a cause: it holds while the findings of the cause are those that somebody saw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from orchestration.engine.protocol import Warehouse

if TYPE_CHECKING:
    from expectations import Finding, GateResult, RuleResult

SCHEMA, TABLE = "release", "gate_warning"
NAME = f"{SCHEMA}.{TABLE}"
SEED = "acknowledged_warning"

NEW, CHANGED, KNOWN, ACKNOWLEDGED, GONE = "new", "changed", "known", "acknowledged", "gone"
STATUSES = (NEW, CHANGED, KNOWN, ACKNOWLEDGED, GONE)
"""In the order in which they are shown."""

COLUMNS = {
    "gate": "Gate that ran the rule",
    "rule_id": "Rule, as in release.check_result",
    "cause": "What findings that are mended together share; all where the rule tells no causes apart",
    "position": "Place of the finding among those of its rule, from 1",
    "status": "new, changed (as in the last release, with other figures), known (as in the last release),"
    " acknowledged (by seeds/acknowledged_warning.csv), or gone (of the last release, found no more)",
    "subject": "What it is about; empty where the rule is about the whole table",
    "says": "What was found",
    "relative_path": "File of the first cell that it rests on; empty where it rests on no single cell",
    "sheet_name": "Its sheet",
    "cell_address": "Its cell, as in the workbook",
    "further_cells": "The other cells, each with file and sheet",
    "advice": "What to do",
    "fingerprint": "Of all findings of the cause: an acknowledgement holds while it is the same",
    "acknowledgement": "fits, outdated (there is one, of other findings), or empty",
}
"""Columns of the table, with their meaning, in order."""

LAST_FINDINGS = f"""
select rule_id, subject, says, cause, position, relative_path, sheet_name, cell_address,
    further_cells, advice
from last_release.{NAME}
where gate = ? and status <> '{GONE}'
order by rule_id, position
"""
LAST_HAS_IT = f"""
select exists (select 1 from information_schema.tables
where table_catalog = 'last_release' and table_schema = '{SCHEMA}' and table_name = '{TABLE}')
"""
IS_THERE = f"""
select exists (select 1 from information_schema.tables where table_catalog = current_database()
and table_schema = '{SCHEMA}' and table_name = '{TABLE}')
"""
CAUSES = f"""
select
    gate,
    rule_id,
    cause,
    any_value(advice) as advice,
    any_value(fingerprint) as fingerprint,
    any_value(acknowledgement) as acknowledgement,
    count(*) filter (where status <> '{GONE}') as findings,
    count(*) filter (where status = '{NEW}') as new,
    count(*) filter (where status = '{CHANGED}') as changed,
    count(*) filter (where status = '{ACKNOWLEDGED}') as acknowledged,
    count(*) filter (where status = '{GONE}') as gone,
    arg_min({{'subject': subject, 'says': says, 'relative_path': relative_path, 'sheet_name': sheet_name,
        'cell_address': cell_address, 'further_cells': further_cells}},
        cast(list_position(?, status) as bigint) * 1000000000 + position) as example
from {NAME}
where gate = coalesce(?, gate)
group by gate, rule_id, cause
order by min(list_position(?, status)), min(rowid)
"""


@dataclass(frozen=True)
class Cause:
    """Findings of one rule that are mended together, and the one that should be read first.

    `findings` counts those of this release; `new`, `changed` and `acknowledged` are parts of them.
    """

    gate: str
    rule_id: str
    cause: str
    advice: str
    fingerprint: str
    acknowledgement: str
    findings: int
    new: int
    changed: int
    acknowledged: int
    gone: int
    subject: str
    says: str
    place: str

    @property
    def status(self) -> str:
        """The first of its findings' statuses, in their order."""
        if self.new:
            return NEW
        if self.changed:
            return CHANGED
        if self.findings > self.acknowledged:
            return KNOWN
        return ACKNOWLEDGED if self.acknowledged else GONE


def note_warnings(warehouse: Warehouse, result: GateResult, comparable: bool) -> bool:
    """Put the warnings of a gate into the table, in place of what it said before.

    `comparable` says that a last release is attached. Without one, or where it kept no warnings, all are
    new, and the answer is false.
    """
    before: dict[tuple[str, str], list[Any]] = {}
    compared = comparable and bool(warehouse.rows(LAST_HAS_IT)[0][0])
    if compared:
        for row in warehouse.records(LAST_FINDINGS, result.gate):
            before.setdefault((row.rule_id, row.subject), []).append(row)
    known = {
        (rule, cause): fingerprint
        for rule, cause, fingerprint in warehouse.rows(
            f"select rule_id, cause, fingerprint from seed.{SEED}"
        )
    }
    rows = [row for rule in result.warnings for row in _rows(result.gate, rule, before, known)]
    now = {(row["rule_id"], row["subject"]) for row in rows}
    rows += [
        {**_gone(row), "gate": result.gate}
        for key, found in before.items()
        if key not in now
        for row in found
    ]
    if not warehouse.rows(IS_THERE)[0][0]:
        warehouse.write(SCHEMA, TABLE, _frame([]), COLUMNS)
    warehouse.run(f"delete from {NAME} where gate = ?", result.gate)
    frame = _frame(rows)
    warehouse.append(SCHEMA, TABLE, [tuple(row) for row in frame.itertuples(index=False)])
    return compared


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    kinds = {name: "int64" if name == "position" else "string" for name in COLUMNS}
    return pd.DataFrame(rows, columns=[*COLUMNS]).astype(kinds)


def _rows(
    gate: str,
    rule: RuleResult,
    before: Mapping[tuple[str, str], Sequence[Any]],
    acknowledged: Mapping[tuple[str, str], str],
) -> list[dict[str, Any]]:
    """The rows of a rule, in the order of its findings."""
    causes: dict[str, list[Finding]] = {}
    for finding in rule.findings:
        causes.setdefault(finding.cause, []).append(finding)
    prints = {cause: fingerprint_of(found) for cause, found in causes.items()}
    rows = []
    for position, finding in enumerate(rule.findings, start=1):
        seen = acknowledged.get((rule.rule_id, finding.cause))
        fits = seen == prints[finding.cause]
        was = before.get((rule.rule_id, finding.subject), ())
        if fits:
            status = ACKNOWLEDGED
        elif any(row.says == finding.says for row in was):
            status = KNOWN
        else:
            status = CHANGED if was else NEW
        first = finding.places[0] if finding.places else None
        rows.append(
            {
                "gate": gate,
                "rule_id": rule.rule_id,
                "cause": finding.cause,
                "position": position,
                "status": status,
                "subject": finding.subject,
                "says": finding.says,
                "relative_path": first.relative_path if first else "",
                "sheet_name": first.sheet_name if first else "",
                "cell_address": first.address if first else "",
                "further_cells": "; ".join(map(str, finding.places[1:])),
                "advice": rule.advice or rule.reason,
                "fingerprint": prints[finding.cause],
                "acknowledgement": "" if seen is None else "fits" if fits else "outdated",
            }
        )
    return rows


def _gone(row: Any) -> dict[str, Any]:
    return {**vars(row), "status": GONE, "fingerprint": "", "acknowledgement": ""}


def fingerprint_of(findings: Iterable[Finding]) -> str:
    """Eight digits that change when a finding comes, goes or says something else; their order doesn't count."""
    told = sorted(f"{one.subject}\0{one.says}" for one in findings)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:8]


def read_causes(warehouse: Warehouse, gate: str | None = None) -> list[Cause]:
    """The causes of a gate's warnings, or of all, the new ones first; none where no gate has run."""
    if not warehouse.rows(IS_THERE)[0][0]:
        return []
    order = list(STATUSES)
    return [
        Cause(
            **{name: value for name, value in vars(row).items() if name != "example"},
            subject=row.example["subject"],
            says=row.example["says"],
            place=place_text(
                **{
                    name: row.example[name]
                    for name in ("relative_path", "sheet_name", "cell_address", "further_cells")
                }
            ),
        )
        for row in warehouse.records(CAUSES, order, gate, order)
    ]


def place_text(relative_path: str, sheet_name: str, cell_address: str, further_cells: str) -> str:
    """Where a finding is printed, in words."""
    from expectations import Place

    if not relative_path:
        return ""
    first = str(Place(relative_path, sheet_name, cell_address))
    return f"{first}; {further_cells}" if further_cells else first
