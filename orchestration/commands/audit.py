"""`citypanel audit`: what in a table of regressions can't be."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import astuple, fields
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.commands.verb import Verb, release_in_place, say, takes_release
from orchestration.errors import FAILED, CitypanelError
from orchestration.settings import Settings

if TYPE_CHECKING:
    from analysis.audit import Finding, PrintedTables

MOST_SHOWN = 12
"""Cells of a rule that are listed on the screen; --to has all."""


def declare(parser: argparse.ArgumentParser) -> None:
    """Which tables, and how they are printed."""
    parser.add_argument(
        "tables",
        nargs="*",
        type=Path,
        help="CSV files of one paper; without any, the tables of the release in place",
    )
    parser.add_argument(
        "--decimals",
        type=int,
        help="decimals that the tables print, where a file lost the noughts at the end (.09 for .090)",
    )
    parser.add_argument("--to", type=Path, help="file for all findings (CSV)")
    takes_release(parser)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print what the tables contain that can't be; 1 where there is anything."""
    from analysis.audit import RULES, audit

    tables = _tables(arguments, settings)
    if tables is None:
        return FAILED
    findings = [finding for each in tables for finding in audit(each)]
    columns = [column for each in tables for column in each.columns]
    looked_at = ", ".join(
        (
            _counted(sum(len(column.cells) for column in columns), "coefficient"),
            _counted(len(columns), "column"),
            _counted(sum(len(each.weights) for each in tables), "weight"),
            _counted(sum(len(each.tests) for each in tables), "drawn p value"),
        )
    )
    if arguments.to:
        _write(arguments.to, findings)
    names = [rule.__name__ for rule in RULES]
    ranked = sorted(findings, key=lambda finding: names.index(finding.rule))
    for rule, found in groupby(ranked, key=lambda finding: finding.rule):
        _say_rule(rule, list(found))
    contradictions = sum(finding.severity == "contradiction" for finding in findings)
    if not findings:
        say(f"nothing that can't be in {looked_at}")
        return 0
    questions = len(findings) - contradictions
    say(
        f"{_counted(contradictions, 'contradiction')}, {_counted(questions, 'question')} in {looked_at}"
    )
    return FAILED


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _tables(arguments: argparse.Namespace, settings: Settings) -> list[PrintedTables] | None:
    if arguments.tables:
        from analysis.audit import AuditInputError, read_tables

        try:
            return [read_tables(arguments.tables, arguments.decimals)]
        except AuditInputError as error:
            raise CitypanelError(str(error)) from error
    from orchestration.engine.warehouse import open_release
    from orchestration.reporting.printed_tables import printed_tables

    release = release_in_place(settings)
    if release is None:
        return None
    with open_release(release.warehouse) as warehouse:
        return printed_tables(warehouse)


def _say_rule(rule: str, findings: Sequence[Finding]) -> None:
    from analysis.audit import RULES

    said = next(each.__doc__ or "" for each in RULES if each.__name__ == rule)
    say(f"{rule}: {said.splitlines()[0]}")
    for finding in findings[:MOST_SHOWN]:
        mark = "!" if finding.severity == "contradiction" else "?"
        say(
            f"  {mark} {' and '.join(finding.cells)}: {finding.printed}; expected {finding.expected}"
        )
    if len(findings) > MOST_SHOWN:
        say(f"  and {len(findings) - MOST_SHOWN} more; all with --to FILE")
    say()


def _write(path: Path, findings: Sequence[Finding]) -> None:
    from analysis.audit import Finding

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([field.name for field in fields(Finding)])
        for finding in findings:
            row = astuple(finding)
            writer.writerow(
                [" and ".join(cell) if isinstance(cell, tuple) else cell for cell in row]
            )


AUDIT = Verb("audit", "what in a table of regressions can't be", declare, run)
