"""Inequality between cities and benchmarks, subject by subject.

Belongs here: which rows and figures a subject shows. Does not belong here: markup (the template),
the measures themselves (`analysis.measures`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from analysis.report.data import records
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.suspect import dagger_note
from analysis.report.table.model import anchor
from analysis.typeset import lines, numbers
from analysis.typeset.texts import N_, _

Record = dict[str, Any]

STATUS: Final = Frame(
    "inequality_status",
    ("subject_id", "title", "status", "detail"),
    ("unit", "weight_column", "scale", "price_basis"),
    rows="one per subject, in the order in which they are shown: status 'estimated' or why not; scale"
    " 'interval' of a score; price_basis 'current' of money that no deflator was applied to",
)
INEQUALITY: Final = Frame(
    "inequality",
    ("subject_id", "group_column", "year", "total", "within", "between", "transvariation",
     "within_share", "between_share", "transvariation_share", "theil_t", "spread", "n_units"),
    rows="one per subject and year: the three parts add up to the total, the Gini coefficient or, of a "
    "score, half the mean difference; group_column is what they are by, their shares are of it",
)  # fmt: skip
CONVERGENCE: Final = Frame(
    "convergence",
    ("subject_id", "kind", "first_year", "last_year", "coefficient", "std_error", "p_value", "speed",
     "half_life", "n_obs"),
    ("n_units",),
    rows="of all cities: speed per year, half_life in years",
)  # fmt: skip
MOVERS: Final = Frame(
    "movers",
    ("subject_id", "year", "year_before", "city_name", "value", "value_before", "change",
     "national_rank", "national_rank_before", "is_top_mover"),
    ("city_code", "suspect_figures"),
    rows="the cities that improved most and least in the last year",
)  # fmt: skip
PEER_GROUPS: Final = Frame(
    "peer_groups",
    ("subject_id", "year", "peer_group", "cities", "median", "best_city", "best_value"),
    ("suspect_figures",),
    rows="the last year's; suspect_figures are those of the best city",
)
PARTS: Final[Mapping[str, str]] = {
    "total": N_("Gini"),
    "within": N_("Within"),
    "between": N_("Between"),
    "transvariation": N_("Transvariation"),
}
GROUPINGS: Final[Mapping[str, str]] = {
    "region": N_("region (east, central, west)"),
    "region_four": N_("region (east, central, west, northeast)"),
    "province_code": N_("province"),
}
KINDS: Final[Mapping[str, str]] = {
    "sigma": N_("Sigma: trend of the spread"),
    "beta_absolute": N_("Absolute beta"),
    "beta_conditional": N_("Conditional beta, with controls"),
    "beta_panel": N_("Panel beta, year by year"),
}
KIND_NOTES: Final[Mapping[str, str]] = {
    "sigma": N_(
        "Sigma: the standard deviation of logarithms on the year, of the cities that have every "
        "year; its error is that of a spread that wanders from year to year."
    ),
    "beta_absolute": N_(
        "Beta: yearly growth of the logarithm between the two years on its level in the "
        "first, robust standard errors (HC1)."
    ),
    "beta_conditional": N_("Conditional beta holds the controls of the first year."),
    "beta_panel": N_(
        "Panel beta: growth since the year before on the level of then and controls, with "
        "effects of cities and years, standard errors clustered by city; with few years it is "
        "biased downward (Nickell 1981)."
    ),
}
SCORE_NOTES: Final[Mapping[str, str]] = {
    "sigma": N_(
        "Sigma: the standard deviation of the score on the year, of the cities that have every year; its "
        "error is that of a spread that wanders from year to year."
    ),
    "beta_absolute": N_(
        "Beta: yearly change of the score between the two years on its value in the first, robust "
        "standard errors (HC1). A score has no logarithm: its zero is a choice."
    ),
    "beta_panel": N_(
        "Panel beta: change since the year before on the value of then and controls, with effects of "
        "cities and years, standard errors clustered by city; with few years it is biased downward "
        "(Nickell 1981)."
    ),
}
NOMINAL_NOTE: Final = N_(
    "Values are in current prices: a rise of prices that all cities share leaves these numbers as they are, "
    "one that differs between cities counts as growth."
)
STATUSES: Final[Mapping[str, str]] = {
    "no values": N_("no values"),
    "in part": N_("in part"),
}


@dataclass(frozen=True)
class Subject:
    """A subject: its years, the figure of Dagum's parts, convergence, movers and peer groups.

    mover_note, peer_note: what the daggers of the tables stand for; empty without any.
    movers: (heading, records) of those that improved most and least in `mover_years`, the year
    before and the last.
    decimals: of values of the subject, the same for all.
    """

    about: Record
    id: str
    grouping: str
    years: list[Record]
    figure: Markup | None
    convergence: list[Record]
    mover_years: tuple[int, int] | None
    movers: tuple[tuple[str, list[Record]], ...]
    mover_note: str
    peer_year: int | None
    peers: list[Record]
    peer_note: str
    decimals: int
    is_score: bool

    @property
    def counts_cities(self) -> bool:
        """Whether convergence says how many cities it rests on."""
        return any(not numbers.is_missing(row["n_units"]) for row in self.convergence)

    @property
    def convergence_notes(self) -> str:
        """How each kind is estimated, and what its sign says."""
        notes = {**KIND_NOTES, **SCORE_NOTES} if self.is_score else KIND_NOTES
        said = [_(notes[k]) for r in self.convergence if (k := str(r["kind"])) in notes]
        if self.about.get("price_basis") == "current":
            said.append(_(NOMINAL_NOTE))
        said.append(_("A negative coefficient means that cities draw nearer to each other."))
        return " ".join(said)


def _build(context: Context) -> Values:
    status = records(context["inequality_status"])
    known = {
        subject
        for name in ("inequality", "movers", "peer_groups")
        for subject in context[name]["subject_id"]
    }
    subjects = [_subject(context, r) for r in status if r["subject_id"] in known]
    return {
        "subjects": subjects,
        "not_measured": [r for r in status if r["status"] != "estimated"],
        "parts": [(subject.id, str(subject.about["title"])) for subject in subjects],
    }


def _of(frame: pd.DataFrame, subject: Any) -> pd.DataFrame:
    return frame[frame["subject_id"] == subject]


def _subject(context: Context, about: Record) -> Subject:
    subject = about["subject_id"]
    years = _of(context["inequality"], subject).sort_values("year", kind="stable")
    years = years.astype(dict.fromkeys(PARTS, float))
    movers, peers = _of(context["movers"], subject), _of(context["peer_groups"], subject)
    top = movers["is_top_mover"].astype(bool)
    named = [str(column) for column in years["group_column"].unique()]
    grouping = named[0] if named else ""
    return Subject(
        about=about,
        id=anchor("inequality", subject),
        grouping=_(GROUPINGS.get(grouping, grouping)),
        years=records(years),
        figure=_figure(context, about, years) if len(years) else None,
        convergence=records(_of(context["convergence"], subject)),
        mover_years=_last(movers, "year_before", "year"),
        movers=(
            (_("Improved most"), records(movers[top])),
            (_("Improved least"), records(movers[~top])),
        ),
        mover_note=dagger_note(records(movers)),
        peer_year=int(peers["year"].max()) if len(peers) else None,
        peers=records(peers),
        is_score=about.get("scale") == "interval",
        peer_note=dagger_note(records(peers), "best_city"),
        decimals=_decimals(pd.concat([movers["value"], peers["best_value"]])),
    )


def _figure(context: Context, about: Record, years: pd.DataFrame) -> Markup:
    is_score = about.get("scale") == "interval"
    said = (
        _(
            "{title}: half the mean difference and its three parts by year; the numbers are in the table."
        )
        if is_score
        else _(
            "{title}: Gini coefficient and its three parts by year; the numbers are in the table."
        )
    )
    names = {**PARTS, "total": N_("Half the mean difference")} if is_score else PARTS
    return lines.lines_figure(
        context.pen,
        anchor("fig-dagum", about["subject_id"]),
        said.format(title=about["title"]),
        {_(name): years[["year"]].assign(mean=years[part]) for part, name in names.items()},
        _("Half the mean difference and its parts")
        if is_score
        else _("Gini coefficient and its parts"),
        from_zero=True,
    )


def _decimals(values: pd.Series) -> int:
    """Decimals that leave the largest value at least four digits."""
    largest = pd.to_numeric(values).abs().max()
    return 4 if not largest >= 10 else 1 if largest < 10_000 else 0


def _last(frame: pd.DataFrame, *columns: str) -> tuple[int, int] | None:
    if frame.empty:
        return None
    first, last = (int(frame[column].max()) for column in columns)
    return first, last


SECTION: Final = Section(
    id="inequality",
    title=N_("Inequality and benchmarks"),
    frames=(STATUS, INEQUALITY, CONVERGENCE, MOVERS, PEER_GROUPS),
    build=_build,
    template=Path(__file__).with_name("inequality.html.j2"),
    words={**KINDS, **STATUSES},
    explained=Path(__file__).with_name("inequality_explained.html.j2"),
)
