"""`citypanel warnings`: what the gates of the release in place warned of, new ones first.

Belongs here: the verb. Does not belong here: what is new (`reporting.warned`), the lines of a cause
(`reporting.warning_lines`).
"""

from __future__ import annotations

import argparse
import csv
import sys
from datetime import UTC, datetime

from orchestration.commands.verb import Verb, release_in_place, say, takes_release
from orchestration.engine.protocol import Warehouse
from orchestration.errors import FAILED
from orchestration.settings import Settings

FINDINGS = """
select status, cause, subject, says, relative_path, sheet_name, cell_address, further_cells
from release.gate_warning
where rule_id = ?
order by cause, position
"""
IDLE = """
select seed.rule_id, seed.cause
from seed.acknowledged_warning as seed
where not exists (select 1 from release.gate_warning as found
    where found.rule_id = seed.rule_id and found.cause = seed.cause and found.status <> 'gone')
order by all
"""


def declare(parser: argparse.ArgumentParser) -> None:
    """Which release, and whether to list findings or rows of the seed."""
    parser.add_argument("--rule", help="every finding of one rule, with its file, sheet and cell")
    parser.add_argument(
        "--seed",
        action="store_true",
        help="rows for seeds/acknowledged_warning.csv of all causes that nobody has acknowledged",
    )
    takes_release(parser)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Say what the release was warned of."""
    from orchestration.engine.warehouse import open_release
    from orchestration.reporting.warned import read_causes
    from orchestration.reporting.warning_lines import counts_line, warning_lines

    release = release_in_place(settings)
    if release is None:
        return FAILED
    with open_release(release.warehouse) as warehouse:
        if arguments.rule:
            return _say_findings(warehouse, arguments.rule)
        if arguments.seed:
            return _say_rows(warehouse)
        causes = read_causes(warehouse)
        say(counts_line(causes))
        for line in warning_lines(causes, shown=len(causes)):
            say(line)
        idle = warehouse.rows(IDLE) if causes else []
    for rule, cause_text in idle:
        say(f"acknowledged and found no more: {rule}, {cause_text}; take its row out of the seed")
    return 0


def _say_findings(warehouse: Warehouse, rule: str) -> int:
    from orchestration.reporting.warned import place_text, read_causes

    found = warehouse.records(FINDINGS, rule)
    if not found:
        rules = sorted({one.rule_id for one in read_causes(warehouse)})
        say(f"{rule} warned of nothing; rules that did: {', '.join(rules) or 'none'}")
        return FAILED
    cause = None
    for row in found:
        if row.cause != cause:
            cause = row.cause
            say(cause)
        place = place_text(row.relative_path, row.sheet_name, row.cell_address, row.further_cells)
        told = ": ".join(part for part in (row.subject, row.says) if part)
        say(f"  {row.status}: {told}" + (f"  [{place}]" if place else ""))
    return 0


def _say_rows(warehouse: Warehouse) -> int:
    """Rows as the seed has them; reason and name are left for whoever looked."""
    from orchestration.reporting.warned import ACKNOWLEDGED, GONE, read_causes

    today = datetime.now(UTC).date().isoformat()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for one in read_causes(warehouse):
        if one.status not in (ACKNOWLEDGED, GONE):
            writer.writerow([one.rule_id, one.cause, one.fingerprint, one.findings, "", "", today])
    return 0


WARNINGS = Verb("warnings", "what the gates warned of, new ones first", declare, run)
