"""Threshold models in the report: tests, thresholds, slopes by regime, regimes over time.

Belongs here: what is shown of a model, and in which order. Does not belong here: the table of tests
(`tests`), slopes beside printed ones (`slopes`), drawing (`profile`), estimation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from analysis.methods.threshold.section import frames
from analysis.methods.threshold.section.profile import profile_figure
from analysis.methods.threshold.section.slopes import slope_anchor, slope_table
from analysis.methods.threshold.section.tests import (
    TestLine,
    ThresholdRow,
    model_name,
    supported,
    test_lines,
    test_notes,
    threshold_rows,
)
from analysis.report.data import dated, records
from analysis.report.section import Context, Section, Values
from analysis.report.table.model import ESTIMATED, RegressionTable, anchor
from analysis.typeset.numbers import is_missing
from analysis.typeset.texts import N_, _

SHOWN_CHANGES: Final = 15
"""Changes of regime that stand in the page; all are in the release."""
DIAGNOSTICS: Final = {
    "response": N_("Does q respond to treatment?"),
    "linearity": N_("Is there any change of slope with q, sharp or smooth (PSTR)?"),
}


@dataclass(frozen=True)
class RegimeYear:
    """Cities of each regime in a year: dicts with n_units, n_active, n_entered, by regime."""

    year: int
    regimes: tuple[Mapping[str, Any] | None, ...]


@dataclass(frozen=True)
class RegimeModel:
    """A model whose regimes are shown: slopes, figures, counts by year, cities that changed."""

    n_thresholds: int
    name: str
    slopes: RegressionTable
    figures: tuple[tuple[int, Markup], ...]
    regimes: tuple[int, ...]
    years: tuple[RegimeYear, ...]
    changes: tuple[Mapping[str, Any], ...]
    n_changes: int
    n_changed_cities: int


@dataclass(frozen=True)
class Model:
    """Everything that the page shows of a threshold model."""

    study: str
    model_id: str
    about: Mapping[str, Any]
    estimated: bool
    supported: str
    tests: tuple[TestLine, ...]
    thresholds: tuple[ThresholdRow, ...]
    test_notes: tuple[str, ...]
    has_holes: bool
    models: tuple[RegimeModel, ...]
    slopes: tuple[Mapping[str, Any], ...]
    diagnostics: tuple[Mapping[str, Any], ...]
    paper_id: str


def _build(context: Context) -> Values:
    mine = context["threshold_models"]
    mine = mine[mine["study"].astype(str) == context.study["study"]]
    if mine.empty:
        return {}
    return {
        "models": [_model(context, about) for about in records(mine)],
        "study": context.study,
        "slope_anchor": slope_anchor,
        "model_name": model_name,
    }


def _model(context: Context, about: dict[str, Any]) -> Model:
    study, model_id = str(about["study"]), str(about["model_id"])
    paper_id = "" if is_missing(about["paper_id"]) else str(about["paper_id"])

    def of_model(name: str) -> pd.DataFrame:
        frame = context[name]
        mine = frame["study"].astype(str) == study
        return frame[mine & (frame["model_id"].astype(str) == model_id)]

    tests = of_model("threshold_tests")
    printed = context["published_thresholds"]
    printed = printed[printed["paper_id"] == paper_id]
    thresholds = threshold_rows(of_model("threshold_search"), printed)
    counts = of_model("regime_counts")
    return Model(
        study=study,
        model_id=model_id,
        about=about,
        estimated=str(about["status"]) == ESTIMATED,
        supported=supported(about, tests),
        tests=tuple(test_lines(tests, printed)),
        thresholds=tuple(thresholds),
        test_notes=tuple(test_notes(tests, printed)),
        has_holes=any(row.values["is_interval"] is False for row in thresholds),
        models=tuple(
            _regime_model(
                context, about, int(n),
                {name: of_model(name) for name in
                 ("regime_counts", "regime_changes", "threshold_slopes", "threshold_profile")},
                [row for row in thresholds if row.n_thresholds == n],
            )
            for n in sorted(set(counts["n_thresholds"]))
        ),
        slopes=tuple(_whole(of_model("threshold_slopes"))),
        diagnostics=tuple(records(of_model("threshold_diagnostics"))),
        paper_id=paper_id,
    )  # fmt: skip


def _whole(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts; numbers of regimes and thresholds that came as 2.0 as 2."""
    names = {"regime", "previous_regime", "n_thresholds", "threshold_no"}
    return [
        {k: int(v) if k in names and isinstance(v, float) else v for k, v in r.items()}
        for r in dated(frame)
    ]


def _regime_model(
    context: Context,
    about: dict[str, Any],
    n: int,
    found: Mapping[str, pd.DataFrame],
    thresholds: list[ThresholdRow],
) -> RegimeModel:
    def of_n(name: str) -> pd.DataFrame:
        return found[name][found[name]["n_thresholds"] == n]

    counts, moved = of_n("regime_counts"), of_n("regime_changes")
    regimes = tuple(range(1, n + 2))
    by_cell = {(int(r["year"]), int(r["regime"])): r for r in records(counts)}
    return RegimeModel(
        n_thresholds=n,
        name=model_name(n),
        slopes=slope_table(context, about, of_n("threshold_slopes"), n),
        figures=tuple(_profiles(context, about, of_n("threshold_profile"), thresholds)),
        regimes=regimes,
        years=tuple(
            RegimeYear(year, tuple(by_cell.get((year, regime)) for regime in regimes))
            for year in sorted({int(v) for v in counts["year"]})
        ),
        changes=tuple(_whole(moved.head(SHOWN_CHANGES))),
        n_changes=len(moved),
        n_changed_cities=int(moved["city_code"].nunique()),
    )


def _profiles(
    context: Context, about: dict[str, Any], profile: pd.DataFrame, thresholds: list[ThresholdRow]
) -> list[tuple[int, Markup]]:
    """Likelihood-ratio figures of a model, by number of the threshold."""
    drawn = []
    for row in thresholds:
        mine = profile[profile["threshold_no"] == row.threshold_no]
        if mine.empty:
            continue
        label = _(
            "Likelihood ratio over the candidates of threshold {k} of {n}; estimate {value}."
        ).format(k=row.threshold_no, n=row.n_thresholds, value=f"{row.values['estimate']:.4f}")
        key = anchor(
            "fig-lr", about["study"], about["model_id"], row.n_thresholds, row.threshold_no
        )
        name = str(about["variable_label"])
        figure = profile_figure(context.pen, key, label, mine, row.values, name)
        drawn.append((row.threshold_no, figure))
    return drawn


SECTION: Final = Section(
    id="threshold",
    title=N_("Threshold models"),
    frames=frames.FRAMES,
    build=_build,
    template=Path(__file__).with_name("section.html.j2"),
    words=DIAGNOSTICS,
    explained=Path(__file__).with_name("explained.html.j2"),
)
