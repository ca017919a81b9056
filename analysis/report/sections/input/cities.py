"""Cities that merged, split or were abolished, with the decision on each and what it did.

Belongs here: decisions and counts in words. Does not belong here: the decisions (a seed), what they
do to figures (dbt).
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.typeset import numbers
from analysis.typeset.texts import N_, _
from analysis.typeset.words import spaced

EVENTS: Final = Frame(
    "city_events",
    ("year", "kind", "from_name", "to_name", "decision", "reason"),
    ("event_id", "figures_from", "figures_to", "figures_added", "figures_left_out",
     "figures_without_partner"),
    rows="mergers, splits and abolitions that touch the panel: year is the first year-end of the new "
    "state; figures of the two places, and what the decision did to them",
)  # fmt: skip
DECISIONS: Final = {
    "keep_apart": N_("kept apart"),
    "add_into": N_("added"),
    "drop": N_("left out"),
    "same_city": N_("one series"),
}
KINDS: Final = {"merge": N_("merge"), "split": N_("split"), "abolish": N_("abolish")}
DECISION_NOTES: Final = {
    "keep_apart": N_("Kept apart: two series, no figure changed."),
    "add_into": N_("Added: amounts of the places before are summed into the one after."),
    "drop": N_("Left out: the place before has no figures in the panel."),
    "same_city": N_("One series: the code of the place after for all years."),
}
COUNTS: Final = {
    "figures_from": N_("Of the place before"),
    "figures_to": N_("Of the place after"),
    "figures_added": N_("Added"),
    "figures_left_out": N_("Left out"),
    "figures_without_partner": N_("Without partner"),
}
COUNT_NOTES: Final = {
    "figures_added": N_("Added: of the place before, summed into the one after."),
    "figures_left_out": N_(
        "Left out: of the place before, no amounts or without the other part, and gone from the "
        "panel."
    ),
    "figures_without_partner": N_(
        "Without partner: of the place after before the merger, gone because the other part is "
        "missing."
    ),
}


def _build(context: Context) -> Values:
    """Events with their decisions in words, and the counts that any of them has."""
    frame = context["city_events"]
    counts = [
        (name, _(label))
        for name, label in COUNTS.items()
        if frame[name].notna().any()
        # What came of a decision to add is shown once one was taken.
        and (name not in COUNT_NOTES or pd.to_numeric(frame[name]).fillna(0).any())
    ]
    taken = list(dict.fromkeys(map(str, frame["decision"])))
    said = [_(DECISION_NOTES[d]) for d in taken if d in DECISION_NOTES]
    if counts:
        said.append(
            _("Figures: one per indicator, scope and year that the place has in the panel.")
        )
    said += [_(COUNT_NOTES[name]) for name, _label in counts if name in COUNT_NOTES]
    return {
        "rows": [r | {"said": _decision(r["decision"])} for r in dated(frame)],
        "counts": counts,
        "notes": " ".join(said),
        "summary": _summary(frame, taken),
    }


def _decision(code: Any) -> str:
    return _(DECISIONS.get(str(code), "")) or spaced(code)


def _summary(frame: pd.DataFrame, taken: list[str]) -> str:
    """How many of each decision, and what they did to figures."""
    if not taken:
        return ""
    if len(taken) == 1 and len(frame) > 1:
        said = _("All {n} are {decision}.").format(n=len(frame), decision=_decision(taken[0]))
    else:
        tally = ", ".join(f"{sum(frame['decision'] == d)} {_decision(d)}" for d in taken)
        said = _("Of {n} events: {tally}.").format(n=len(frame), tally=tally)
    changed = {name: int(pd.to_numeric(frame[name]).fillna(0).sum()) for name in COUNT_NOTES}
    if not any(changed.values()):
        return said + " " + _("No figure was added to another or left out.")
    listed = ", ".join(
        f"{numbers.count(n)} {_(COUNTS[name]).lower()}" for name, n in changed.items() if n
    )
    return said + " " + _("Their figures: {listed}.").format(listed=listed)


SECTION: Final = Section(
    id="cities",
    title=N_("Cities that merged or split"),
    frames=(EVENTS,),
    build=_build,
    template=Path(__file__).with_name("cities.html.j2"),
    words=KINDS,
)
