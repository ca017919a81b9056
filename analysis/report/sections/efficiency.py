"""Efficiency: scores by year, the cities ahead, and models that were left out.

Belongs here: which rows a model shows. Does not belong here: markup (the template), the measures
themselves (`analysis.measures`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from analysis.report.data import records
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.suspect import dagger_note
from analysis.report.table.model import anchor
from analysis.typeset import numbers
from analysis.typeset.texts import N_, _

Record = dict[str, Any]

STATUS: Final = Frame(
    "efficiency_status",
    ("model_id", "title", "status", "reason", "city_years", "city_years_complete", "inputs",
     "outputs", "undesirable"),
    rows="one per efficiency model: status 'measured' or 'left_out'; names are joined by +",
)  # fmt: skip
YEARS: Final = Frame(
    "efficiency_years",
    ("model_id", "variant", "year", "mean", "median", "on_frontier", "scored", "city_years",
     "productivity_change"),
    rows="one per model, variant and year, in the order of the columns: on_frontier, scored and "
    "city_years are counts; productivity_change (0.02 is 2 %) is the same in all variants",
)  # fmt: skip
TOP: Final = Frame(
    "efficiency_top",
    ("model_id", "variant", "year", "rank", "city_name", "score", "rank_before"),
    ("city_code", "suspect_figures"),
    rows="the cities ahead in the last year; rank_before is missing in the first year",
)
VARIANT_NOTES: Final[Mapping[str, str]] = {
    "ccr": N_(
        "CCR: share of the inputs that would do, constant returns to scale (Charnes, Cooper and "
        "Rhodes 1978)."
    ),
    "bcc": N_(
        "BCC: the same with variable returns (Banker, Charnes and Cooper 1984), pure technical "
        "efficiency."
    ),
    "sbm": N_(
        "SBM: slacks-based, of inputs and outputs at once (Tone 2001), constant returns; above "
        "1 where a city-year is ahead of all others (super-efficiency, Tone 2002)."
    ),
}


@dataclass(frozen=True)
class Model:
    """A model that was measured.

    variants: names in the order of the columns. years: one record per year with `scores` (variant
    to mean, median, on_frontier), city-years with and without a score, and productivity change.
    top: the cities ahead in `top_year` by `top_variant`.
    top_note: what the daggers of their table stand for; empty without any.
    """

    about: Record
    id: str
    variants: list[str]
    years: list[Record]
    top_variant: str | None
    top_year: int | None
    top: list[Record]
    top_note: str

    @property
    def notes(self) -> str:
        """What the columns are."""
        said = [_(VARIANT_NOTES[name]) for name in self.variants if name in VARIANT_NOTES]
        said.append(_("1 is efficient. Means and medians of the cities with a score."))
        if self.productivity:
            said.append(
                _(
                    "Productivity: Malmquist index since the year before, geometric mean of the"
                    " cities, less 1."
                )
            )
        return " ".join(said)

    @property
    def is_partial(self) -> bool:
        """Whether any city-year has no score, in the first variant."""
        return any(row["city_years"] != row["scored"] for row in self.years)

    @property
    def productivity(self) -> bool:
        """Whether there is a Malmquist index in any year."""
        return any(not numbers.is_missing(row["productivity_change"]) for row in self.years)


def _build(context: Context) -> Values:
    status = records(context["efficiency_status"])
    measured = set(context["efficiency_years"]["model_id"])
    models = [_model(context, r) for r in status if r["model_id"] in measured]
    return {
        "models": models,
        "left_out": [r for r in status if r["status"] != "measured"],
        "parts": [(model.id, str(model.about["title"])) for model in models],
    }


def _model(context: Context, about: Record) -> Model:
    mine = context["efficiency_years"]
    mine = mine[mine["model_id"] == about["model_id"]]
    years = []
    for year, rows in mine.groupby("year", sort=True):
        by_variant = {str(row["variant"]): row for row in records(rows)}
        first = next(iter(by_variant.values()))
        years.append(
            {
                "year": int(str(year)),
                "scores": by_variant,
                **{name: first[name] for name in ("scored", "city_years", "productivity_change")},
            }
        )
    top = context["efficiency_top"]
    ahead = records(top[top["model_id"] == about["model_id"]].sort_values("rank", kind="stable"))
    return Model(
        about=about,
        id=anchor("efficiency", about["model_id"]),
        variants=list(dict.fromkeys(map(str, mine["variant"]))),
        years=years,
        top_variant=str(ahead[0]["variant"]) if ahead else None,
        top_year=int(ahead[0]["year"]) if ahead else None,
        top=ahead,
        top_note=dagger_note(ahead),
    )


SECTION: Final = Section(
    id="efficiency",
    title=N_("Efficiency"),
    frames=(STATUS, YEARS, TOP),
    build=_build,
    template=Path(__file__).with_name("efficiency.html.j2"),
)
