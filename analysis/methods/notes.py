"""Notes on the tables of a design that follow from more than its own numbers.

Belongs here: sentences on the policy's roster, on outcomes that contain what explains them, and on figures of
the sample that are suspect or interpolated. Does not belong here: what speaks against a single column's errors
(`support`), how notes are shown (`analysis.report`).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from analysis.methods.base import Job, Method, Row
from analysis.study.facts import Batch, Facts
from analysis.study.lineage import Overlap, entangled, overlaps
from analysis.study.marks import IMPUTED, SUSPECT
from analysis.study.spec import Study

ROSTER, CONTAINS, SHARES = "roster", "contains", "shares"
"""Kinds of notes: how much of a policy's roster is held; terms that an outcome contains; figures that an
outcome and its terms share otherwise, such as a denominator."""
BEGINNINGS = {
    CONTAINS: "Explained in part by definition, as the outcome ({outcomes}) contains its terms",
    SHARES: "Tied beyond what they measure, as outcome ({outcomes}) and terms are made with the same figures",
}
NAMED = 3
"""Figures or outcomes that a note names; the rest is counted."""


Note = tuple[str, str, str]
"""Kind, subject, and what is said."""
SAMPLE = "sample"
"""Subject of the notes on figures of a design's samples."""
MARKED_AS = {
    SUSPECT: "Figures that fail a check (marts.figure_check) are behind",
    IMPUTED: "Interpolated figures are behind",
}


def note_rows(
    study: Study, method: Method, design: Any, facts: Facts, further: Iterable[Note] = ()
) -> list[Row]:
    """`study_note`: all notes on a design, those of `further` last, in the order in which they are shown."""
    key = {"study": study.id, "method": method.key, "design": design.id}
    said = (*_of_rosters(study, facts), *_of_lineage(study, method, design, facts), *further)
    return [
        {**key, "kind": kind, "subject": subject, "position": place, "note": note}
        for place, (kind, subject, note) in enumerate(said, 1)
    ]


def _of_rosters(study: Study, facts: Facts) -> Iterator[Note]:
    for policy in study.policies.values():
        note = roster_note(policy.label, facts.rosters.get(policy.policy_id, ()))
        if note:
            yield ROSTER, policy.policy_id, note


def roster_note(policy: str, batches: tuple[Batch, ...]) -> str:
    """How much of a roster is held where it isn't all; '' where it is, or where there is none."""
    short = [batch for batch in batches if batch.missing]
    unknown = [batch for batch in batches if batch.announced is None]
    said = []
    if short:
        known = [batch for batch in batches if batch.announced is not None]
        announced = sum(batch.announced or 0 for batch in known)
        each = ", ".join(f"batch {b.number} {b.listed} of {b.announced}" for b in short)
        said.append(
            f"the roster lists {sum(b.announced or 0 for b in known) - sum(b.missing for b in known)} of"
            f" {announced} announced entries ({each}); missing ones count as untreated"
        )
    if unknown:
        numbers = ", ".join(str(batch.number) for batch in unknown)
        said.append(f"how many entries were announced is not known of batch {numbers}")
    unconfirmed = sum(batch.unconfirmed for batch in batches)
    if unconfirmed:
        said.append(f"{unconfirmed} listed entries were not checked against the notice")
    return f"{policy}: {'; '.join(said)}" if said else ""


def _of_lineage(study: Study, method: Method, design: Any, facts: Facts) -> Iterator[Note]:
    """What outcomes have in common with their terms and splits; outcomes of which the same is true together."""
    said: dict[tuple[str, str], list[str]] = {}
    for outcome, terms in _sides(study, method, design).items():
        found = overlaps(facts.lineage, study.columns_of(outcome), terms)
        inside = entangled(found)
        if inside:
            said.setdefault((CONTAINS, _contained(study, inside, found)), []).append(outcome)
        others = [each for each in found if each.term not in inside]
        if others:
            said.setdefault((SHARES, _shared(study, others)), []).append(outcome)
    for (kind, body), outcomes in said.items():
        labels = [study.outcome_label(outcome) for outcome in outcomes]
        more = [f"{len(labels) - NAMED} more outcomes"] if len(labels) > NAMED else []
        beginning = BEGINNINGS[kind].format(outcomes="; ".join([*labels[:NAMED], *more]))
        yield kind, "+".join(outcomes), f"{beginning}: {body}"


def _sides(study: Study, method: Method, design: Any) -> dict[str, dict[str, tuple[str, ...]]]:
    """By outcome of the design's equations the columns of all that explains it or parts its cities."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for equation in method.equations(study, design):
        mine = found.setdefault(equation.outcome, {})
        mine |= {name: study.columns_of(name) for name in _figures(study, equation.terms)}
        if equation.split is not None and equation.split.by not in study.variables:
            mine.setdefault(equation.split.by, (equation.split.by,))
    return found


def _figures(study: Study, names: Iterable[str]) -> Iterator[str]:
    """Variables among some names that are figures themselves: a product stands for its factors."""
    for name in names:
        if name in study.variables:
            factors = study.variables[name].product or (name,)
            yield from (each for each in factors if each in study.variables)


def _contained(study: Study, inside: tuple[str, ...], found: tuple[Overlap, ...]) -> str:
    said = []
    for term in inside:
        mine = [each for each in found if each.term == term and each.is_contained]
        named = [_in_words(study, each) for each in mine[:NAMED]]
        more = [f"{len(mine) - NAMED} more figures"] if len(mine) > NAMED else []
        said.append(" and ".join([*named, *more]))
    left = [name for name in study.controls if name not in inside]
    without = f"; without such controls it is controls: [{', '.join(left)}]"
    return "; ".join(said) + (without if len(left) < len(study.controls) else "")


def _in_words(study: Study, overlap: Overlap) -> str:
    label = _label(study, overlap.term)
    if overlap.role_in_outcome == "itself":
        return f"{label} has it as {overlap.role_in_term}"
    part = f"its {overlap.role_in_outcome} {overlap.figure}"
    if overlap.role_in_term != "itself":
        return f"{label} has {part} as {overlap.role_in_term}"
    return f"{label} {'is' if overlap.as_term == overlap.figure else 'equals'} {part}"


def _shared(study: Study, found: list[Overlap]) -> str:
    by_term: dict[str, list[str]] = {}
    for each in found:
        by_term.setdefault(each.term, []).append(each.figure)
    return ", ".join(
        f"{_label(study, term)} ({', '.join(figures)})" for term, figures in by_term.items()
    )


def figure_notes(job: Job) -> Iterator[Note]:
    """By mark the city-years of all samples of the design that rest on such figures, and by variable."""
    study = job.study
    used = {row for sample in job.samples for row in sample.rows.tolist()}
    for mark, begins in MARKED_AS.items():
        by_name: dict[str, set[int]] = {}
        for sample in job.samples:
            for (kind, name), mask in sample.marks.items():
                if kind == mark:
                    by_name.setdefault(name, set()).update(sample.rows[mask].tolist())
        if not by_name:
            continue
        rows = sorted(set().union(*by_name.values()))
        cities = job.data.rows[study.panel.unit].iloc[rows].nunique()
        unit = "city" if cities == 1 else "cities"
        each = ", ".join(
            f"{_named(study, name)} {len(mine)}"
            for name, mine in sorted(by_name.items(), key=lambda of: -len(of[1]))
        )
        counted = f"{len(rows):,} of {len(used):,} city-years ({len(rows) / len(used):.1%})"
        yield mark, SAMPLE, f"{begins} {counted} of {cities} {unit}: {each}"


def _named(study: Study, name: str) -> str:
    return study.outcome_label(name) if name == study.outcome.column else _label(study, name)


def _label(study: Study, term: str) -> str:
    return study.label_of(term) if term in study.variables else term


__all__ = ["CONTAINS", "ROSTER", "SHARES", "figure_notes", "note_rows", "roster_note"]
