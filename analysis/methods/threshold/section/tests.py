"""The tables of tests and of thresholds, published beside estimated, and what the tests support.

Belongs here: their lines and notes. Does not belong here: slopes (`slopes`), the tests themselves.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from analysis.report.data import records
from analysis.report.table.model import ESTIMATED, PUBLISHED
from analysis.typeset.numbers import is_missing
from analysis.typeset.texts import N_, _

LEVEL: Final = 0.05
"""Level at which the text says what each scheme supports."""
MODEL_NAMES: Final = {
    1: N_("Single threshold"),
    2: N_("Double threshold"),
    3: N_("Triple threshold"),
}
NUMBERS: Final = (N_("none"), N_("one"), N_("two"), N_("three"), N_("four"), N_("five"))
RESAMPLES: Final = {"unit": N_("whole cities drawn"), "wild": N_("random signs")}


@dataclass(frozen=True)
class TestLine:
    """A line of the table of tests. `model` is '' where the line above has the same."""

    n_thresholds: int
    model: str
    source: str
    label: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class ThresholdRow:
    """A threshold: number of thresholds of its model, its own number, published beside estimated."""

    n_thresholds: int
    threshold_no: int
    model: str
    published: float | None
    values: Mapping[str, Any]


def model_name(n_thresholds: int) -> str:
    """'Double threshold', and so on."""
    named = MODEL_NAMES.get(n_thresholds)
    return _(named) if named else _("{n}-fold threshold").format(n=n_thresholds)


def in_words(n: int) -> str:
    """A small number in words."""
    return _(NUMBERS[n]) if n < len(NUMBERS) else str(n)


def _resample(code: Any) -> str:
    return _(RESAMPLES.get(str(code), "")) or str(code)


def supported(about: Mapping[str, Any], tests: pd.DataFrame) -> str:
    """What the tests support, and what each scheme says where they differ."""
    if is_missing(about["n_supported"]) or tests.empty:
        return ""
    n = int(about["n_supported"])
    each: dict[tuple[str, str], int] = {}
    for (scheme, resample), group in tests.groupby(["scheme", "resample"], sort=False):
        p_values = group.sort_values("n_thresholds")["p_value"].astype(float)
        each[str(scheme), str(resample)] = int((p_values < LEVEL).cumprod().sum())
    if len(set(each.values())) > 1:
        said = "; ".join(
            f"{_resample(resample)} ({scheme}), {in_words(k)}"
            for (scheme, resample), k in each.items()
        )
        return _("Thresholds that the tests support at 5 %: {each}. Every scheme: {n}.").format(
            each=said, n=in_words(n)
        )
    return _("Thresholds that the tests support at 5 %, under every scheme: {n}.").format(
        n=in_words(n)
    )


def test_lines(tests: pd.DataFrame, printed: pd.DataFrame) -> Iterator[TestLine]:
    """Lines by number of thresholds, the printed one first."""
    by_number = {int(r["thresholds"]): r for r in records(printed)}
    for n in sorted({int(v) for v in tests["n_thresholds"]} | set(by_number)):
        model = model_name(n)
        if n in by_number:
            r = by_number[n]
            values = {
                "f_statistic": r["f_statistic"],
                "p_value": r["p_value"],
                "draws": r["bootstrap_draws"],
                "critical_10": None,
                "critical_5": None,
                "critical_1": None,
            }
            yield TestLine(n, model, PUBLISHED, _("Published"), values)
            model = ""
        for r in records(tests[tests["n_thresholds"] == n]):
            label = _("Estimated, {resample}").format(resample=_resample(r["resample"]))
            if tests["scheme"].nunique() > 1:
                label += f", {r['scheme']}"
            yield TestLine(n, model, ESTIMATED, label, r)
            model = ""


def threshold_rows(search: pd.DataFrame, printed: pd.DataFrame) -> list[ThresholdRow]:
    """Thresholds of each model; a printed list belongs to the model that has as many."""
    lists = {int(r["thresholds"]): numbers(r["threshold_estimates"]) for r in records(printed)}
    rows = []
    for r in records(search):
        n, number = int(r["n_thresholds"]), int(r["threshold_no"])
        given = lists.get(n, [])
        published = given[number - 1] if len(given) == n else None
        rows.append(ThresholdRow(n, number, model_name(n) if number == 1 else "", published, r))
    return rows


def numbers(listed: Any) -> list[float]:
    """Numbers parted by semicolons."""
    return [] if is_missing(listed) else [float(part) for part in str(listed).split(";")]


def test_notes(tests: pd.DataFrame, printed: pd.DataFrame) -> Iterator[str]:
    """What the lines are, as far as they are there."""
    yield _(
        "The F statistic of a line compares its model with the one with a threshold less; p is "
        "the share of draws with a larger F, critical values are quantiles of the draws."
    )
    resamples = set(tests["resample"])
    if "unit" in resamples:
        yield _(
            "Whole cities drawn: a city gets the residuals of another one (Hansen 1999), which "
            "rejects too often where some cities are noisier than others."
        )
    if "wild" in resamples:
        yield _("Random signs: each city keeps its own residuals, all times +1 or \u22121.")
    schemes = set(tests["scheme"])
    if "xthreg" in schemes:
        yield _("Each draw searches the smaller model's thresholds again, as Stata's xthreg does.")
    if "hansen" in schemes:
        yield _("Under hansen the smaller model's thresholds are taken as known in each draw.")
    for r in records(printed):
        given, n = numbers(r["threshold_estimates"]), int(r["thresholds"])
        if given and len(given) != n:
            yield _("Beside the {model} test the paper prints {values} too.").format(
                model=model_name(n).lower(),
                values=_(" and ").join(f"{value:g}" for value in given),
            )
