"""The section on inequality between cities and on benchmarks, subject by subject.

Belongs here: which rows and figures a subject shows. Does not belong here: markup (the template),
drawing (`figures`), the measures themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from analysis.report import figures
from analysis.report.data import ReportData, records
from analysis.report.tables import anchor
from analysis.typeset import numbers

PARTS: Final[Mapping[str, str]] = {
    "gini": "Gini",
    "within": "Within",
    "between": "Between",
    "transvariation": "Transvariation",
}
GROUPINGS: Final[Mapping[str, str]] = {
    "region": "region (east, central, west)",
    "region_four": "region (east, central, west, northeast)",
    "province_code": "province",
}
KINDS: Final[Mapping[str, str]] = {
    "sigma": "Sigma: trend of the spread",
    "beta_absolute": "Absolute beta",
    "beta_conditional": "Conditional beta, with controls",
    "beta_panel": "Panel beta, year by year",
}

KIND_NOTES: Final[Mapping[str, str]] = {
    "sigma": "Sigma: the standard deviation of logarithms on the year, of the cities that have every "
    "year; conventional standard error.",
    "beta_absolute": "Beta: yearly growth of the logarithm between the two years on its level in the "
    "first, robust standard errors (HC1).",
    "beta_conditional": "Conditional beta holds the controls of the first year.",
    "beta_panel": "Panel beta: growth since the year before on the level of then and controls, with "
    "effects of cities and years, standard errors clustered by city; with few years it is biased "
    "downward (Nickell 1981).",
}

Record = dict[str, Any]


@dataclass(frozen=True)
class InequalitySection:
    """A subject: its years, the figure of Dagum's parts, convergence, movers and peer groups.

    years: one record per year, parts of the Gini with their shares (`within_share`, ...).
    movers: (heading, records) of those that improved most and least in `mover_year`.
    decimals: of values of the subject, the same for all.
    """

    about: Record
    id: str
    grouping: str
    years: list[Record]
    figure: Markup | None
    convergence: list[Record]
    mover_year: int | None
    movers: tuple[tuple[str, list[Record]], ...]
    peer_year: int | None
    peers: list[Record]
    decimals: int

    @property
    def counts_cities(self) -> bool:
        """Whether convergence says how many cities it rests on."""
        return any(not numbers.is_missing(row["n_units"]) for row in self.convergence)

    @property
    def convergence_notes(self) -> str:
        """How each kind is estimated, and what its sign says."""
        said = [KIND_NOTES[k] for r in self.convergence if (k := str(r["kind"])) in KIND_NOTES]
        said.append("A negative coefficient means that cities draw nearer to each other.")
        return " ".join(said)


def inequality_sections(data: ReportData, pen: figures.Pen) -> list[InequalitySection]:
    """Sections of the subjects that have values, in the order of their status rows."""
    return [
        _section(data, pen, record)
        for record in records(data.inequality_status)
        if (data.inequality["subject_id"] == record["subject_id"]).any()
        or (data.movers["subject_id"] == record["subject_id"]).any()
        or (data.peer_groups["subject_id"] == record["subject_id"]).any()
    ]


def not_measured(data: ReportData) -> list[Record]:
    """Status rows with something to say: subjects that are left out, or measured in part."""
    return [r for r in records(data.inequality_status) if r["status"] != "estimated"]


def _of(frame: pd.DataFrame, subject: Any) -> pd.DataFrame:
    return frame[frame["subject_id"] == subject]


def _section(data: ReportData, pen: figures.Pen, about: Record) -> InequalitySection:
    subject = about["subject_id"]
    years = _of(data.inequality, subject).sort_values("year", kind="stable")
    years = years.astype(dict.fromkeys(PARTS, float))
    movers, peers = _of(data.movers, subject), _of(data.peer_groups, subject)
    top = movers["is_top_mover"].astype(bool)
    figure = None
    if len(years):
        label = (
            f"{about['title']}: Gini coefficient and its three parts by year; the numbers are in"
            " the table."
        )
        series = {name: years[["year"]].assign(mean=years[part]) for part, name in PARTS.items()}
        figure = figures.lines_figure(
            pen, anchor("fig-dagum", subject), label, series, "Gini coefficient and its parts",
            from_zero=True,
        )  # fmt: skip
    named = [str(column) for column in years["group_column"].unique()]
    return InequalitySection(
        about=about,
        id=anchor("inequality", subject),
        grouping=GROUPINGS.get(named[0], named[0]) if named else "",
        years=[_with_shares(row) for row in records(years)],
        figure=figure,
        convergence=[
            row | {"label": KINDS.get(str(row["kind"]), row["kind"])}
            for row in records(_of(data.convergence, subject))
        ],
        mover_year=_year(movers),
        movers=(
            ("Improved most", records(movers[top])),
            ("Improved least", records(movers[~top])),
        ),
        peer_year=_year(peers),
        peers=records(peers),
        decimals=_decimals(pd.concat([movers["value"], peers["best_value"]])),
    )


def _with_shares(row: Record) -> Record:
    total = row["gini"]
    known = not numbers.is_missing(total) and total > 0
    shares = {
        f"{part}_share": row[part] / total if known and row[part] is not None else None
        for part in PARTS
    }
    return row | shares


def _decimals(values: pd.Series) -> int:
    """Decimals that leave the largest value at least four digits."""
    largest = pd.to_numeric(values).abs().max()
    return 4 if not largest >= 10 else 1 if largest < 10_000 else 0


def _year(frame: pd.DataFrame) -> int | None:
    return int(frame["year"].max()) if len(frame) else None
