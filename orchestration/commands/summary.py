"""One screen about a release: where it is, what is in it, and the estimates in short.

Belongs here: this text. Does not belong here: the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from orchestration.engine.protocol import Warehouse
from orchestration.releases.manifest import Release

SHOWN_TABLES = (
    "marts.city_year",
    "marts.indicator_value",
    "marts.index_score",
    "marts.quarantine",
    "marts.source_disagreement",
)

SHOWN_CAUSES = 0
"""New causes of each rule on the one screen: each gate has shown them, `citypanel warnings` does again."""

ESTIMATES = """
select
    told.study,
    told.design,
    told.column_id,
    told.column_label,
    row_number() over (partition by told.study, told.design order by told.position) as position_in_design,
    answer.term,
    answer.estimate,
    answer.std_error,
    answer.stars,
    fit.n_obs,
    fit.n_units,
    fit.n_clusters,
    fit.n_treated_units,
    fit.cluster,
    fit.detail
from estimates.study_column as told
inner join estimates.study_status as study using (vintage, study)
inner join estimates.estimate as answer
    on
        told.vintage = answer.vintage
        and told.study = answer.study
        and told.method = answer.method
        and told.design = answer.design
        and told.column_id = answer.column_id
        and study.treatment = answer.term
        and answer.at_point is null
inner join estimates.model_fit as fit
    on
        told.vintage = fit.vintage
        and told.study = fit.study
        and told.method = fit.method
        and told.design = fit.design
        and told.column_id = fit.column_id
where told.vintage = ?
order by told.study, told.position
"""
WIDTH = 110
"""Characters of a line of notes: about as long as a column's."""
NOTE_LINES = 2
"""Lines of a note on the one screen; the report has all of it."""
NOTES = """
select
    study,
    design,
    case when subject = 'sample' then split_part(note, ': ', 1) else note end as note
from estimates.study_note
where vintage = ?
order by study, design, position
"""
DESIGNS = """
select study, design
from estimates.design_status
where vintage = ? and status = 'estimated'
order by study, position
"""
NOT_ESTIMATED = """
select study, method, design, status, detail
from estimates.design_status
where vintage = ? and status = 'failed'
order by study, position
"""


def summary(release: Release, seconds: float) -> str:
    """One screen: where the release is, what is in it, and the estimates in short."""
    from orchestration.engine.warehouse import open_release

    lines = ["", *_contents(release)]
    with open_release(release.warehouse) as warehouse:
        lines += _warnings(warehouse)
        lines += _estimates(warehouse, release.manifest["vintage"])
    return "\n".join([*lines, "", f"done in {seconds:.1f} s"])


def _contents(release: Release) -> Iterator[str]:
    manifest: dict[str, Any] = release.manifest
    simulated = manifest["data_kind"] == "simulated"
    checks, read = manifest["checks"], manifest["input"]
    yield f"release   {release.folder}"
    yield f"vintage   {manifest['vintage']}" + (
        "   SIMULATED DATA: figures are invented" if simulated else ""
    )
    yield f"report    {release.report}"
    yield f"input     {read['files']} files, {read['cells']:,} cells" + (
        f", {read['files_refused']} files refused" if read["files_refused"] else ""
    )
    yield (
        f"checks    {checks['passed']} passed, {checks['warned']} warned, {checks['failed']} failed,"
        f" {checks['not_applicable']} not applicable"
    )
    yield "rows      " + ", ".join(
        f"{name.removeprefix('marts.')} {rows:,}"
        for name, rows in manifest["rows"].items()
        if name in SHOWN_TABLES
    )


def _warnings(warehouse: Warehouse) -> Iterator[str]:
    """New and known warnings, a line per rule."""
    from orchestration.reporting.warned import read_causes
    from orchestration.reporting.warning_lines import counts_line, warning_lines

    causes = read_causes(warehouse)
    yield f"warnings  {counts_line(causes)}" + ("; citypanel warnings" if causes else "")
    yield from (f"  {line}" for line in warning_lines(causes, SHOWN_CAUSES))


def _column_line(row: Any) -> str:
    """A column's coefficient, its error and what both rest on."""
    from analysis.study.clusters import cluster_word
    from analysis.typeset.numbers import fixed

    error = f"({fixed(row.std_error)})"
    line = (
        f"  ({row.column_id}) {row.column_label:<34} {fixed(row.estimate):>8}{row.stars:<3}"
        f" {error:<8}  n = {row.n_obs:,}, cities = {row.n_units}, treated = {row.n_treated_units}"
    )
    word = cluster_word(row.cluster)
    return line if word == "city" else f"{line}, clusters ({word}) = {row.n_clusters}"


def _estimates(warehouse: Warehouse, vintage: str) -> Iterator[str]:
    """The first design of every study that answers in one number, the names of the others, what failed."""
    from analysis.study.clusters import cluster_word

    shown: dict[str, str] = {}
    notes: dict[tuple[str, str], list[str]] = {}
    for row in warehouse.records(NOTES, vintage):
        notes.setdefault((row.study, row.design), []).append(row.note)
    for row in warehouse.records(ESTIMATES, vintage):
        if shown.setdefault(row.study, row.design) != row.design:
            continue
        if row.position_in_design == 1:
            yield ""
            yield (
                f"{row.study}, {row.design}: coefficient of {row.term} (standard error clustered"
                f" by {cluster_word(row.cluster)})"
            )
            for note in notes.get((row.study, row.design), ()):
                yield from wrap(
                    note, WIDTH, initial_indent="  ", subsequent_indent="    ",
                    max_lines=NOTE_LINES, placeholder=" …",
                )  # fmt: skip
        yield _column_line(row)
        if row.detail:
            yield f"      {row.detail}"
    more = Counter(
        row.study
        for row in warehouse.records(DESIGNS, vintage)
        if shown.get(row.study) != row.design
    )
    if more:
        yield ""
        told = ", ".join(f"{n} designs of {study}" for study, n in more.items())
        yield f"more in the report and in estimates.estimate: {told}"
    failed = warehouse.records(NOT_ESTIMATED, vintage)
    if failed:
        yield ""
        yield "NOT ESTIMATED: what failed isn't in this release, and what it stands beside is"
        for row in failed:
            yield f"  {row.study}, {row.method} {row.design}: {row.detail}"
