"""Policy estimates: each study with what each method made for it, its trend, and printed sources.

Belongs here: the order within a study, studies that were not estimated, tables of methods without a
section of their own. Does not belong here: what a method shows (`section.py` in its room).
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Piece, Section, Values
from analysis.report.sections import comparison, trend
from analysis.report.table.build import FRAMES, other_tables
from analysis.report.table.model import anchor
from analysis.report.table.notes import DESIGN_NOTES, design_notes
from analysis.typeset import numbers
from analysis.typeset.texts import N_, _

STUDIES: Final = Frame(
    "studies",
    ("study", "title", "outcome_label", "outcome_unit", "policy", "first_year", "last_year"),
    ("effect_term", "policy_label"),
    rows="one per study that was estimated; `policy` matches the roster's",
)
SKIPPED: Final = Frame(
    "studies_skipped",
    ("study", "title", "detail"),
    rows="studies that this input can't answer, and why",
)
PAPERS: Final = Frame("papers", ("paper_id", "citation"), rows="printed sources that stand beside")


def estimates(methods: Sequence[Section]) -> Section:
    """The section, with those of the methods in their order; a method's section has its key as id."""

    def build(context: Context) -> Values:
        studies = [_study(context, study_id, methods) for study_id in _study_ids(context)]
        return {
            "studies": studies,
            "skipped": dated(context["studies_skipped"]),
            "papers": dated(context["papers"]),
            "parts": [(study["id"], study["title"]) for study in studies],
        }

    return Section(
        id="estimates",
        title=N_("Policy estimates"),
        frames=(STUDIES, SKIPPED, PAPERS, trend.TREND, comparison.COMPARISON, *FRAMES),
        build=build,
        template=Path(__file__).with_name("estimates.html.j2"),
        within=(*methods, comparison.SECTION, trend.SECTION),
    )


def _study_ids(context: Context) -> list[str]:
    """Studies declared, then studies that only have results."""
    found = [s for name in ("studies", "estimates", "trend") for s in context[name]["study"]]
    return list(dict.fromkeys(map(str, found)))


def _study(context: Context, study_id: str, methods: Sequence[Section]) -> dict[str, Any]:
    """One study: its description, what each method shows of it, and its trend."""
    frame = context["studies"]
    found = dated(frame[frame["study"] == study_id])
    about: dict[str, Any] = found[0] if found else dict.fromkeys(frame.columns)
    about |= {
        "study": study_id,
        "id": anchor("study", study_id),
        "title": about["title"] or study_id,
        "outcome_with_unit": outcome_with_unit(about["outcome_label"], about["outcome_unit"]),
        "axis": plain_unit(about["outcome_unit"] or about["outcome_label"] or _("outcome")),
    }
    pieces = [context.piece(method, about) for method in methods]
    return about | {
        "pieces": [
            (piece, _notes_beside(context, study_id, piece)) for piece in pieces if piece.values
        ],
        "tables": other_tables(context, study_id, [method.id for method in methods]),
        "comparison": context.piece(comparison.SECTION, about),
        "trend": context.piece(trend.SECTION, about),
    }


def _notes_beside(context: Context, study_id: str, piece: Piece) -> tuple[str, ...]:
    """Notes on the designs of a method whose section doesn't show them under its own tables."""
    section = piece.section
    if section.shows_notes:
        return ()
    notes = context[DESIGN_NOTES.name]
    return design_notes(notes[(notes["study"] == study_id) & (notes["method"] == section.id)])


def outcome_with_unit(label: Any, unit: Any) -> str:
    """The outcome with its unit in brackets; brackets within the unit become a comma."""
    text = _("outcome") if numbers.is_missing(label) else str(label)
    if numbers.is_missing(unit) or not str(unit):
        return text
    inner = plain_unit(unit)
    return f"{text}, {inner}" if text.endswith(")") else f"{text} ({inner})"


def plain_unit(unit: Any) -> str:
    """A unit that can stand in brackets: 'points (0-100)' is 'points, 0–100'."""
    text = re.sub(r"\s*\(([^()]*)\)", r", \1", str(unit))
    return re.sub(r"(?<=\d)-(?=\d)", "–", text)
