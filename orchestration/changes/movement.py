"""Why a headline estimate moved: its way from one release to the next, one cause after the other.

Belongs here: the order of causes, the panels in between, and their estimates. Does not belong here: words
(`text`), what else moved (`compare`).

The older declaration is estimated again with the code of today, then on the panel with the new years, then
with figures as they are now, then with policies as they are now, and at last the study as it is declared
now. Each step changes one thing, so the parts add up to the whole; what a part is depends on the order,
which is stated with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from orchestration.changes.compare import SAME
from orchestration.engine.protocol import Warehouse, WarehouseError
from orchestration.engine.warehouse import open_release
from orchestration.errors import CitypanelError
from orchestration.estimating import panels
from orchestration.releases.manifest import Release, ReleaseError

if TYPE_CHECKING:
    from analysis.study import Study

STUDIES = "declarations/studies"
"""Where a release keeps the study files that it was estimated with."""

CODE, YEARS, FIGURES, POLICIES, STUDY = "code", "new years", "figures", "policies", "study"
ORDER = (CODE, YEARS, FIGURES, POLICIES, STUDY)
"""Causes in the order in which they are let in."""
MADE_OF = {"inputs": "revised figures", "seeds": "changed seeds", "sql": "changed models in SQL"}
"""What moves figures of years that were there before, by part of `made_from`."""
KEY = ["city_code", "year"]


@dataclass(frozen=True)
class Part:
    """What one cause, or some that can't be told apart, did to an estimate.

    `causes` are of `ORDER`; `cause` says them in words. `change` is in units of the coefficient.
    """

    causes: tuple[str, ...]
    cause: str
    change: float
    estimate: float
    std_error: float
    n_obs: int


@dataclass(frozen=True)
class Movement:
    """The way of one headline estimate; the changes of its parts add up to the whole."""

    study: str
    column: str
    term: str
    estimate_before: float
    std_error_before: float
    estimate_after: float
    std_error_after: float
    parts: tuple[Part, ...]
    untold: str = ""

    @property
    def whole(self) -> float:
        """How far the estimate moved."""
        return self.estimate_after - self.estimate_before


@dataclass(frozen=True)
class Answer:
    """An estimate on one of the ways' panels; nan where there is none, with the reason."""

    estimate: float
    std_error: float
    n_obs: int
    reason: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is a number."""
        return self.estimate == self.estimate


NONE = Answer(float("nan"), float("nan"), 0)
Estimate = Callable[["Study", pd.DataFrame], Answer]


def split(
    stored: tuple[Answer, Answer], steps: Mapping[str, Answer], words: Mapping[str, str]
) -> tuple[Part, ...]:
    """Parts of a movement from what is stored of both releases and the estimates in between.

    `steps` has the estimate after each cause of `ORDER` but the last was let in; the last leads to what is
    stored of the newer release. A cause after which nothing could be estimated is told together with the next.
    """
    before, after = stored
    parts: list[Part] = []
    waiting: tuple[str, ...] = ()
    at = before
    for cause in ORDER:
        waiting += (cause,)
        answer = after if cause == ORDER[-1] else steps.get(cause, NONE)
        if not answer.is_there:
            continue
        parts.append(
            Part(
                waiting,
                " and ".join(words.get(each, each) for each in waiting),
                answer.estimate - at.estimate,
                answer.estimate,
                answer.std_error,
                answer.n_obs,
            )
        )
        at, waiting = answer, ()
    return tuple(parts)


def panels_between(
    old: pd.DataFrame, new: pd.DataFrame, of_policies: tuple[str, ...]
) -> dict[str, pd.DataFrame]:
    """The panels on the way, by the cause that was let in last.

    `old` and `new` are study panels of both releases with one row per city and year; `of_policies` are
    columns that policies make. Years that only `new` has come first, then all its figures with policies
    as they were, where they were; a city or year of before that is gone, goes with the figures.
    """
    years = set(old["year"])
    further = new[~new["year"].isin(years)]
    held = [name for name in of_policies if name in old and name in new]
    was = old[KEY + held].rename(columns={name: f"{name} before" for name in held})
    figures = new.merge(was, on=KEY, how="left", validate="1:1")
    known = figures[KEY].merge(old[KEY], on=KEY, how="left", indicator=True)["_merge"].eq("both")
    for name in held:
        figures[name] = figures[name].where(~known.to_numpy(), figures[f"{name} before"])
    figures = figures[list(new.columns)]
    return {
        CODE: old,
        YEARS: pd.concat([old, further], ignore_index=True).sort_values(KEY, ignore_index=True),
        FIGURES: figures,
        POLICIES: new,
    }


def movements(
    older: Release, newer: Release, *, warehouse_before: Path | None = None
) -> tuple[Movement, ...]:
    """The way of each headline estimate that both releases have.

    Raises ReleaseError where the older release keeps no study files: it was made before they were kept.
    """
    folder = older.folder / STUDIES
    if not folder.is_dir():
        raise ReleaseError(
            f"{older.folder.name} keeps no study files ({STUDIES}): it was made by an older version, and the"
            " way of its estimates can't be told"
        )
    from analysis.studies import load_studies

    declared = _studies_of(folder)
    now = load_studies(newer.folder / STUDIES) if (newer.folder / STUDIES).is_dir() else {}
    with (
        open_release(warehouse_before or older.warehouse) as before,
        open_release(newer.warehouse) as after,
    ):
        from orchestration.changes.compare import differing

        words = _words(differing(older.manifest, newer.manifest))
        return tuple(
            found
            for id_ in sorted(declared.keys() & now.keys())
            if (found := _movement(declared[id_], before, after, older, newer, words))
        )


def _studies_of(folder: Path) -> dict[str, Study | str]:
    """Study files of a release, read by the code of today; the reason for one that it can't read."""
    from analysis.studies import load_study

    found: dict[str, Study | str] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            found[path.stem] = load_study(path)
        except CitypanelError as error:
            found[path.stem] = str(error).splitlines()[0]
        except ValueError as error:  # StudyError: a study file of an older version
            found[path.stem] = str(error).splitlines()[0]
    return found


def _words(differing: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """What the causes are called, from what the releases were made of."""
    of_figures = [word for part, word in MADE_OF.items() if part in differing]
    return {
        CODE: "code of estimation"
        if "python" in differing or "lock" in differing
        else "code (unchanged)",
        YEARS: "new years",
        FIGURES: ", ".join(of_figures) + (", not told apart" if len(of_figures) > 1 else "")
        if of_figures
        else "figures",
        POLICIES: "rosters of policies",
        STUDY: "study as declared",
    }


STORED = """
select answer.estimate, answer.std_error, fit.n_obs, answer.term, told.column_label, told.method,
    told.design, told.column_id
from estimates.study_column as told
inner join estimates.study_status as study using (vintage, study)
inner join estimates.model_fit as fit using (vintage, study, method, design, column_id)
inner join estimates.estimate as answer
    on
        told.vintage = answer.vintage
        and told.study = answer.study
        and told.method = answer.method
        and told.design = answer.design
        and told.column_id = answer.column_id
        and study.treatment = answer.term
        and answer.at_point is null
where told.vintage = ? and told.study = ? and told.is_headline
"""


def _movement(
    study: Study | str,
    before: Warehouse,
    after: Warehouse,
    older: Release,
    newer: Release,
    words: Mapping[str, str],
) -> Movement | None:
    name = study if isinstance(study, str) else study.id
    was = before.row(STORED, older.manifest["vintage"], name)
    now = after.row(STORED, newer.manifest["vintage"], name)
    if was is None or now is None:
        return None
    old, new = (Answer(float(row[0]), float(row[1]), int(row[2])) for row in (was, now))
    steps, untold = {}, ""
    if isinstance(study, str):
        untold = f"the older study file can't be read: {study}"
    elif abs(new.estimate - old.estimate) <= SAME * max(abs(new.estimate), abs(old.estimate)):
        steps = dict.fromkeys(ORDER[:-1], old)
    else:
        try:
            steps = dict(_estimates(study, before, after))
        except (WarehouseError, LookupError) as error:
            untold = str(error).splitlines()[0]
    reasons = sorted({each.reason for each in steps.values() if each.reason})
    return Movement(
        name,
        str(now[4]),
        str(now[3]),
        old.estimate,
        old.std_error,
        new.estimate,
        new.std_error,
        split((old, new), steps, words),
        "; ".join([untold, *reasons] if untold else reasons),
    )


def _estimates(study: Study, before: Warehouse, after: Warehouse) -> Iterator[tuple[str, Answer]]:
    """The older declaration on each panel of the way, with the code of today."""
    from orchestration.estimating.facts import facts

    study = headline_alone(study)
    known = facts(after)
    plain = panels.panel(after)
    old = panels.study_panel(before, study, panels.panel(before))
    new = panels.study_panel(after, study, plain)
    of_policies = tuple(str(column) for column in new if column not in plain)
    for cause, panel in panels_between(old, new, of_policies).items():
        yield cause, headline(study, panel, known)


def headline_alone(study: Study) -> Study:
    """The study with its headline column alone, and with the study's own error alone: nothing else is asked."""
    if study.headline is None:
        return study
    asked = study.headline
    tables = tuple(
        table.model_copy(
            update={
                "errors": None,
                "columns": tuple(
                    column.model_copy(update={"errors": None})
                    for column in table.columns
                    if column.id == asked.column
                ),
            }
        )
        for table in study.designs_of("regression")
        if table.id == asked.design
    )
    others = {key: None for key in study.methods if study.designs_of(key)}
    return study.model_copy(update={**others, "regression": tables})


def headline(study: Study, panel: pd.DataFrame, known: object) -> Answer:
    """The headline estimate of a study on a panel."""
    from analysis.methods.registry import METHODS
    from analysis.methods.studies import estimate_study

    if study.headline is None:
        return Answer(*_nan(), reason="the study names no headline")
    made = estimate_study(study, panel, METHODS, only=["regression"], facts=known)  # type: ignore[arg-type]
    told, answers = made.frames["study_column"], made.frames["estimate"]
    fits = made.frames["model_fit"]
    first = told[told["is_headline"].fillna(False).astype(bool)]
    if first.empty:
        status = made.frames["study_status"].iloc[0]
        return Answer(*_nan(), reason=str(status["detail"]))
    at = ["method", "design", "column_id"]
    row = first.iloc[0][at]
    answer = answers[(answers[at] == row).all(axis=1) & (answers["term"] == study.treatment)]
    fit = fits[(fits[at] == row).all(axis=1)].iloc[0]
    if answer.empty:
        return Answer(*_nan(), reason=str(fit["detail"]))
    only = answer.iloc[0]
    return Answer(float(only["estimate"]), float(only["std_error"]), int(fit["n_obs"]))


def _nan() -> tuple[float, float, int]:
    return float("nan"), float("nan"), 0


__all__ = [
    "ORDER",
    "STUDIES",
    "Answer",
    "Movement",
    "Part",
    "headline",
    "headline_alone",
    "movements",
    "panels_between",
    "split",
]
