"""Robustness in the report: the printed table beside, all variations as a list, and their figure.

Belongs here: what is shown of variations. Does not belong here: the regression table itself
(`analysis.report.table`), drawing (`analysis.report.effects`), estimation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from analysis.report.data import dated
from analysis.report.effects import forest_figure
from analysis.report.section import Context, Frame, Frames, Section, Values
from analysis.report.table.build import (
    COLUMN_STATUS,
    ESTIMATES,
    FITS,
    FRAMES,
    STUDY_TABLES,
    tables_of,
)
from analysis.report.table.model import ESTIMATED, Cell, RegressionTable, anchor
from analysis.typeset.numbers import is_missing
from analysis.typeset.texts import N_, _

METHOD: Final = "robustness"
KEY: Final = ["study", "method", "design", "column_id"]
VARIATIONS: Final = Frame(
    "variation",
    ("study", "design", "column_id", "label", "rule", "varies", "term", "base_estimate",
     "base_std_error", "base_n_obs", "n_shared", "difference", "difference_p", "same_sign",
     "same_significance"),
    rows="one per variation that was estimated, in the order of the study file",
)  # fmt: skip


@dataclass(frozen=True)
class BesidePrinted(Frames):
    """The frames of a page, as if all columns that stand against one printed table were of one design.

    `columns` has the printed number of each, by study, method, design and column; `design` is the one
    that they are shown under, their numbers the printed ones.
    """

    context: Context
    design: str
    columns: Mapping[tuple[Any, ...], str]

    def __getitem__(self, name: str) -> pd.DataFrame:
        """A frame; of those with columns of designs, the columns alone, under their printed numbers."""
        frame = self.context[name]
        if name not in {each.name for each in (ESTIMATES, FITS, COLUMN_STATUS)} or frame.empty:
            return frame
        numbers = pd.Series(
            [self.columns.get(key) for key in zip(*(frame[k] for k in KEY), strict=True)],
            index=frame.index,
        )
        mine = numbers.notna()
        return frame[mine].assign(method=METHOD, design=self.design, column_id=numbers[mine])


def _build(context: Context) -> Values:
    study = str(context.study["study"])
    declared = context[STUDY_TABLES.name]
    mine = declared[(declared["study"] == study) & (declared["method"] == METHOD)]
    items = [_item(context, about, _beside_printed(context, study, about)) for about in dated(mine)]
    return {"items": items, "study": context.study} if items else {}


def _beside_printed(
    context: Context, study: str, about: Mapping[str, Any]
) -> RegressionTable | None:
    """The printed table that a design stands against, with columns of any method that stand against it."""
    if is_missing(about["paper_id"]) or is_missing(about["table_no"]):
        return None
    declared = context[STUDY_TABLES.name]
    same = declared[
        (declared["study"] == study)
        & (declared["paper_id"] == about["paper_id"])
        & (declared["table_no"] == about["table_no"])
    ]
    designs = set(zip(same["method"], same["design"], strict=True))
    columns = {
        (study, r["method"], r["design"], r["column_id"]): str(r["published_column"])
        for r in dated(context[COLUMN_STATUS.name])
        if r["study"] == study
        and (r["method"], r["design"]) in designs
        and not is_missing(r["published_column"])
    }
    tables = tables_of(BesidePrinted(context, str(about["design"]), columns), study, METHOD)
    found = next((table for table in tables if table.design == about["design"]), None)
    return None if found is None else _linked(found, {n: key for key, n in columns.items()})


def _linked(table: RegressionTable, columns: Mapping[str, tuple[Any, ...]]) -> RegressionTable:
    """The table with links to the coefficients of the columns themselves."""

    def own(cell: Cell) -> Cell:
        if not cell.link or cell.column_id not in columns:
            return cell
        return replace(cell, link=anchor("e", *columns[cell.column_id], cell.term))

    rows = tuple(replace(r, cells=tuple(map(own, r.cells))) for r in table.coefficients)
    return replace(table, coefficients=rows)


def _item(
    context: Context, about: Mapping[str, Any], printed: RegressionTable | None
) -> dict[str, Any]:
    study, design = str(context.study["study"]), str(about["design"])
    frames = {
        name: frame[(frame["study"] == study) & (frame["design"] == design)]
        for name in (ESTIMATES.name, FITS.name, COLUMN_STATUS.name, VARIATIONS.name)
        for frame in (context[name],)
    }
    variations = frames["variation"]
    estimates = frames["estimates"]
    estimates = estimates[estimates["method"] == METHOD]
    rows = variations.merge(
        estimates[["column_id", "term", "estimate", "std_error", "statistic", "p_value", "ci_low",
                   "ci_high", "stars"]],
        on=["column_id", "term"],
    ).merge(
        frames["fits"][frames["fits"]["method"] == METHOD][
            ["column_id", "n_obs", "n_units", "n_treated_units", "outcome", "cluster", "detail"]
        ],
        on="column_id",
    )  # fmt: skip
    status = frames["column_status"]
    skipped = status[(status["method"] == METHOD) & (status["status"] != ESTIMATED)]
    base = _base_row(context, study, variations)
    return {
        "about": about,
        "printed": printed,
        "base": base,
        "rows": dated(rows),
        "skipped": dated(skipped),
        "figure": _figure(context, about, base, rows),
    }


def _base_row(context: Context, study: str, variations: pd.DataFrame) -> dict[str, Any]:
    """The column that is varied, as it stands in its own table; nothing where none is estimated."""
    if variations.empty:
        return {}
    varies, term = str(variations["varies"].iloc[0]), str(variations["term"].iloc[0])
    design, _dot, column = varies.partition(".")
    estimates, fits = context[ESTIMATES.name], context[FITS.name]

    def of_base(frame: pd.DataFrame) -> pd.DataFrame:
        same = (frame["study"] == study) & (frame["design"] == design)
        return frame[same & (frame["column_id"] == column)]

    own = dated(of_base(estimates[estimates["term"] == term]))
    fit = dated(of_base(fits))
    if not own or not fit:
        return {}
    return {
        **own[0],
        "n_obs": fit[0]["n_obs"],
        "n_units": fit[0]["n_units"],
        "n_treated_units": fit[0]["n_treated_units"],
        "varies": varies,
    }


def _figure(
    context: Context, about: Mapping[str, Any], base: Mapping[str, Any], rows: pd.DataFrame
) -> Markup | None:
    """Effects of the variations that explain the study's own outcome, under that of the base."""
    study = context.study
    same = rows[[not is_missing(d) for d in rows["difference"]]]
    drawn = [
        {name: r[name] for name in ("column_id", "label", "estimate", "ci_low", "ci_high")}
        for r in ([{**base, "label": base["column_label"], "column_id": ""}] if base else [])
        + dated(same)
    ]
    if not drawn:
        return None
    effects = pd.DataFrame(drawn).assign(
        column_id=[each["column_id"] if each["column_id"].isdigit() else "" for each in drawn],
        published=float("nan"),
        published_low=float("nan"),
        published_high=float("nan"),
    )
    return forest_figure(
        context.pen,
        anchor("fig-robustness", study["study"], about["design"]),
        _(
            "Policy effect on {outcome} by variation, with 95 per cent intervals; the numbers are in"
            " the table above."
        ).format(outcome=study["outcome_with_unit"]),
        effects,
        _("Effect, {unit}").format(unit=study["axis"]),
    )


SECTION: Final = Section(
    id=METHOD,
    title=N_("Robustness"),
    frames=(*FRAMES, VARIATIONS),
    build=_build,
    template=Path(__file__).with_name("section.html.j2"),
    explained=Path(__file__).with_name("explained.html.j2"),
)
