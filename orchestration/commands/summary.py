"""One screen about a release: where it is, what is in it, and the estimates in short.

Belongs here: this text. Does not belong here: the report.
"""

from __future__ import annotations

from collections.abc import Iterator
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

ESTIMATES = """
select
    estimate.study, estimate.table_id, column_id, column_label, estimate.estimate, std_error, stars, n_obs,
    n_units
from estimates.estimate as estimate
inner join estimates.model_fit as fit using (vintage, study, table_id, column_id)
where term = 'did' and vintage = ?
order by estimate.rowid
"""


def summary(release: Release, seconds: float) -> str:
    """One screen: where the release is, what is in it, and the estimates in short."""
    from orchestration.engine.warehouse import open_release

    lines = ["", *_contents(release)]
    with open_release(release.warehouse) as warehouse:
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


def _estimates(warehouse: Warehouse, vintage: str) -> Iterator[str]:
    """The first table of every study, and the names of the others."""
    tables: dict[str, list[str]] = {}
    for study, table_id, column, label, estimate, error, stars, n_obs, n_units in warehouse.rows(
        ESTIMATES, vintage
    ):
        known = tables.setdefault(study, [])
        if table_id not in known:
            known.append(table_id)
            if len(known) == 1:
                yield ""
                yield f"{study}, {table_id}: coefficient of did (standard error clustered by city)"
        if len(known) == 1:
            yield (
                f"  ({column}) {label:<34} {estimate:8.3f}{stars:<3} ({error:.3f})"
                f"   n = {n_obs:,}, cities = {n_units}"
            )
    more = [f"  {study}: {', '.join(known[1:])}" for study, known in tables.items() if known[1:]]
    if more:
        yield ""
        yield "more tables in the report and in estimates.estimate"
        yield from more
