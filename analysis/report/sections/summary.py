"""The release at a glance: counts of the input, checks, and the policy effect of each study.

Belongs here: which numbers come first. Does not belong here: those numbers.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.sections.checks import CHECKS
from analysis.report.sections.estimates import STUDIES, outcome_with_unit
from analysis.report.sections.input import cells
from analysis.report.table.model import anchor
from analysis.typeset import numbers, words
from analysis.typeset.texts import N_, _

HEADLINES: Final = Frame(
    "headlines",
    ("study", "method", "design", "column_id", "estimate", "std_error", "ci_low", "ci_high", "stars",
     "n_obs", "n_units"),
    ("n_treated_units", "cluster", "detail"),
    rows="one per study: the effect of its policy in the column that it calls its headline",
)  # fmt: skip


def _build(context: Context) -> Values:
    account = cells.account(context)
    return {
        "glance": _glance(context, account),
        "findings": _findings(context),
        "findings_errors": _errors(context),
        "problems": account["problems"],
        "failed": _counts_of_checks(context)["failed"],
    }


def _counts_of_checks(context: Context) -> dict[str, int]:
    checks = context["checks"]
    applicable = checks[checks["applicable"].astype(bool)]
    broken = applicable[~applicable["success"].astype(bool)]
    failed = int((broken["severity"] == "critical").sum())
    return {
        "passed": len(applicable) - len(broken),
        "failed": failed,
        "warned": len(broken) - failed,
    }


def _glance(context: Context, account: dict[str, Any]) -> Sequence[tuple[str, Any, str]]:
    """Label, number and what stands under it."""
    files = context["input_files"]
    cell_account = context["cell_account"]
    resolved, quarantined = (
        cells.cells_of(cell_account, f"value_{kind}") for kind in ("resolved", "quarantined")
    )
    value_cells = (resolved or 0) + (quarantined or 0)
    released, imputed = (cells.total_of(context["imputed"], name) for name in ("values", "imputed"))
    refused = int((files["status"].astype(str) != "loaded").sum())
    checks = _counts_of_checks(context)
    return (
        (
            _("Files read"),
            len(files) if len(files) else None,
            _("{n} refused").format(n=numbers.count(refused)) if refused else _("none refused"),
        ),
        (
            _("Cells read"),
            cells.total_of(cell_account, "cells"),
            _("each one accounted for") if account["rows"] and not account["problems"] else "",
        ),
        (
            _("Values resolved"),
            resolved,
            _("{share} of value cells").format(share=_share(resolved, value_cells)),
        ),
        (
            _("Values quarantined"),
            quarantined,
            _("{share} of value cells").format(share=_share(quarantined, value_cells)),
        ),
        (_("Values released"), released, _("after reconciling editions")),
        (
            _("Of these imputed"),
            imputed,
            _("{share} of released values").format(share=_share(imputed, released))
            + _interpolated(context),
        ),
        (
            _("Checks passed"),
            checks["passed"],
            _("{warned} warned, {failed} failed").format(
                warned=numbers.count(checks["warned"]), failed=numbers.count(checks["failed"])
            ),
        ),
    )


def _share(part: int | None, whole: int | None) -> str:
    return numbers.percent(part / whole if part is not None and whole else None, 2)


def _interpolated(context: Context) -> str:
    """How many of the imputed values are interpolated themselves; the rest comes of these."""
    known = context["imputed"]["interpolated"]
    if known.isna().all():
        return ""
    own, imputed = (
        cells.total_of(context["imputed"], name) or 0 for name in ("interpolated", "imputed")
    )
    if own == imputed:
        return _(", all interpolated") if own else ""
    return _(", {n} of them interpolated, the rest computed from these").format(
        n=numbers.count(own)
    )


def _errors(context: Context) -> str:
    """What the standard errors of the headlines are clustered by, and what speaks against one."""
    about = {str(r["study"]): r["title"] for r in dated(context["studies"])}
    rows = dated(context["headlines"])
    by: dict[str, list[str]] = {}
    for r in rows:
        by.setdefault(words.column(r["cluster"] or "city_code"), []).append(
            str(about.get(str(r["study"]), r["study"]))
        )
    said = [
        _("Standard errors clustered by {cluster}.").format(cluster=cluster)
        if len(by) == 1
        else _("{studies}: standard errors clustered by {cluster}.").format(
            studies=", ".join(studies), cluster=cluster
        )
        for cluster, studies in by.items()
    ]
    said += [
        _("{study}: {warning}.").format(
            study=about.get(str(r["study"]), r["study"]), warning=r["detail"]
        )
        for r in rows
        if r["detail"]
    ]
    return " ".join(said)


def _findings(context: Context) -> list[dict[str, Any]]:
    """The policy effect of each study."""
    about = {str(r["study"]): r for r in dated(context["studies"])}
    return [
        r
        | {
            "title": (said := about.get(str(r["study"]), {})).get("title") or r["study"],
            "unit": outcome_with_unit(said.get("outcome_label"), said.get("outcome_unit")),
            "policy": said.get("policy_label") or said.get("policy"),
            "link": anchor("table", r["study"], r["method"], r["design"]),
        }
        for r in dated(context["headlines"])
    ]


SECTION: Final = Section(
    id="summary",
    title=N_("At a glance"),
    frames=(*cells.FRAMES, CHECKS, STUDIES, HEADLINES),
    build=_build,
    template=Path(__file__).with_name("summary.html.j2"),
)
