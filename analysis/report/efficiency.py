"""The section on efficiency: scores by year, the cities ahead, and models that were left out.

Belongs here: which rows a model shows. Does not belong here: markup (the template), the measures
themselves (`analysis.measures.efficiency_study`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from analysis.report.data import ReportData, records
from analysis.report.tables import anchor
from analysis.typeset import numbers

Record = dict[str, Any]

VARIANT_NOTES: Final[Mapping[str, str]] = {
    "ccr": "CCR: share of the inputs that would do, constant returns to scale (Charnes, Cooper and "
    "Rhodes 1978).",
    "bcc": "BCC: the same with variable returns (Banker, Charnes and Cooper 1984), pure technical "
    "efficiency.",
    "sbm": "SBM: slacks-based, of inputs and outputs at once (Tone 2001), constant returns; above "
    "1 where a city-year is ahead of all others (super-efficiency, Tone 2002).",
}
PRODUCTIVITY_NOTE: Final = (
    "Productivity: Malmquist index since the year before, geometric mean of the cities, less 1."
)


@dataclass(frozen=True)
class EfficiencySection:
    """A model that was measured.

    variants: names in the order of the columns. years: one record per year with `scores` (variant
    to mean, median, on_frontier), city-years with and without a score, and mean productivity
    change. top: the cities ahead in `top_year` by `top_variant`.
    """

    about: Record
    id: str
    variants: list[str]
    years: list[Record]
    top_variant: str | None
    top_year: int | None
    top: list[Record]

    @property
    def notes(self) -> str:
        """What the columns are."""
        said = [VARIANT_NOTES[name] for name in self.variants if name in VARIANT_NOTES]
        said.append("1 is efficient. Means and medians of the cities with a score.")
        return " ".join(said + [PRODUCTIVITY_NOTE] * self.productivity)

    @property
    def without(self) -> int:
        """City-years that have no score, in the first variant."""
        return sum(row["city_years"] - row["scored"] for row in self.years)

    @property
    def productivity(self) -> bool:
        """Whether there is a Malmquist index in any year."""
        return any(not numbers.is_missing(row["productivity"]) for row in self.years)


def efficiency_sections(data: ReportData) -> list[EfficiencySection]:
    """Sections of the models that were measured, in the order of their status rows."""
    return [
        _section(data, record)
        for record in records(data.efficiency_status)
        if (data.efficiency_years["model_id"] == record["model_id"]).any()
    ]


def models_left_out(data: ReportData) -> list[Record]:
    """Status rows of models whose terms this input lacks."""
    return [r for r in records(data.efficiency_status) if r["status"] != "measured"]


def _section(data: ReportData, about: Record) -> EfficiencySection:
    mine = data.efficiency_years[data.efficiency_years["model_id"] == about["model_id"]]
    variants = list(dict.fromkeys(map(str, mine["variant"])))
    years = []
    for year, rows in mine.groupby("year", sort=True):
        by_variant = {str(row["variant"]): row for row in records(rows)}
        first = next(iter(by_variant.values()))
        years.append(
            {
                "year": int(str(year)),
                "scores": by_variant,
                **{name: first[name] for name in ("scored", "city_years", "productivity")},
            }
        )
    top = data.efficiency_top[data.efficiency_top["model_id"] == about["model_id"]]
    ahead = records(top.sort_values("rank", kind="stable"))
    return EfficiencySection(
        about=about,
        id=anchor("efficiency", about["model_id"]),
        variants=variants,
        years=years,
        top_variant=str(ahead[0]["variant"]) if ahead else None,
        top_year=int(ahead[0]["year"]) if ahead else None,
        top=ahead,
    )
