"""Threshold models: tests and slopes by regime, estimated beside published, as rows and cells.

Belongs here: which number stands where in the tables of a threshold model, and their notes. Does
not belong here: HTML (the template), how a number is written (`numbers`), drawing (`figures`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from analysis.report.data import ReportData
from analysis.report.tables import (
    CONSTANT,
    ESTIMATED,
    PUBLISHED,
    STARS_NOTE,
    Cell,
    Column,
    RegressionTable,
    Row,
    anchor,
    of_paper,
    with_widths,
)
from analysis.typeset.numbers import MINUS, MISSING, aligned, count, fixed, is_missing

ESTIMATED_STATUS: Final = "estimated"
_WHOLE: Final = {"regime", "previous_regime", "n_thresholds", "threshold_no", "year"}

LEVEL: Final = 0.05
"""Level at which the text says what each scheme supports."""
SHOWN_CHANGES: Final = 15
"""Changes of regime that stand in the page; all are in the release."""

MODEL_NAMES: Final = {1: "Single", 2: "Double", 3: "Triple"}
NUMBER_WORDS: Final = ("none", "one", "two", "three", "four", "five")
RESAMPLE_WORDS: Final = {"unit": "whole cities drawn", "wild": "random signs"}


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


@dataclass(frozen=True)
class RegimeYear:
    """Cities of each regime in a year: dicts with n_units, n_active, n_entered, by regime."""

    year: int
    regimes: tuple[Mapping[str, Any] | None, ...]


@dataclass(frozen=True)
class RegimeModel:
    """A model whose regimes are shown: slopes, counts by year, and cities that changed."""

    n_thresholds: int
    name: str
    slopes: RegressionTable
    regimes: tuple[int, ...]
    years: tuple[RegimeYear, ...]
    changes: tuple[Mapping[str, Any], ...]
    n_changes: int
    n_changed_cities: int


@dataclass(frozen=True)
class ThresholdSection:
    """Everything that the page shows of a threshold model but its figures."""

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


def sections_of(data: ReportData, study: str) -> list[ThresholdSection]:
    """The threshold models of a study, in the order of the frame."""
    mine = data.threshold_models[data.threshold_models["study"].astype(str) == study]
    return [_section(data, study, about) for about in _records(mine)]


def model_name(n_thresholds: int) -> str:
    """'Double threshold', and so on."""
    return f"{MODEL_NAMES.get(n_thresholds, f'{n_thresholds}-fold')} threshold"


def words(n: int) -> str:
    """A small number in words."""
    return NUMBER_WORDS[n] if n < len(NUMBER_WORDS) else str(n)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts; missing values as None, whole numbers that came as 2.0 as 2."""
    plain = frame.astype(object)
    return [
        {str(k): int(v) if k in _WHOLE and isinstance(v, float) else v for k, v in record.items()}
        for record in plain.where(plain.notna(), None).to_dict("records")
    ]


def _section(data: ReportData, study: str, about: dict[str, Any]) -> ThresholdSection:
    model_id = str(about["model_id"])
    paper_id = "" if is_missing(about["paper_id"]) else str(about["paper_id"])
    tests = _of_model(data.threshold_tests, study, model_id)
    slopes = _of_model(data.threshold_slopes, study, model_id)
    counts = _of_model(data.regime_counts, study, model_id)
    changes = _of_model(data.regime_changes, study, model_id)
    printed = data.published_thresholds[data.published_thresholds["paper_id"] == paper_id]
    thresholds = _threshold_rows(_of_model(data.threshold_search, study, model_id), printed)
    return ThresholdSection(
        study=study,
        model_id=model_id,
        about=about,
        estimated=str(about["status"]) == ESTIMATED_STATUS,
        supported=_supported(about, tests),
        tests=tuple(_test_rows(tests, printed)),
        thresholds=tuple(thresholds),
        test_notes=tuple(_test_notes(tests, printed)),
        has_holes=any(row.values["is_interval"] is False for row in thresholds),
        models=tuple(
            _regime_model(data, about, slopes, counts, changes, int(n))
            for n in sorted(set(counts["n_thresholds"]))
        ),
        slopes=tuple(_records(slopes)),
        diagnostics=tuple(_records(_of_model(data.threshold_diagnostics, study, model_id))),
        paper_id=paper_id,
    )


def _of_model(frame: pd.DataFrame, study: str, model_id: str) -> pd.DataFrame:
    mine = (frame["study"].astype(str) == study) & (frame["model_id"].astype(str) == model_id)
    return frame[mine]


def _supported(about: Mapping[str, Any], tests: pd.DataFrame) -> str:
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
            f"{RESAMPLE_WORDS.get(resample, resample)} ({scheme}), {words(k)}"
            for (scheme, resample), k in each.items()
        )
        return f"Thresholds that the tests support at 5 %: {said}. Every scheme: {words(n)}."
    return f"Thresholds that the tests support at 5 %, under every scheme: {words(n)}."


def _test_rows(tests: pd.DataFrame, printed: pd.DataFrame) -> Iterator[TestLine]:
    by_number = {int(r["thresholds"]): r for r in _records(printed)}
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
            yield TestLine(n, model, PUBLISHED, "Published", values)
            model = ""
        for r in _records(tests[tests["n_thresholds"] == n]):
            resample = str(r["resample"])
            label = f"Estimated, {RESAMPLE_WORDS.get(resample, resample)}"
            if tests["scheme"].nunique() > 1:
                label += f", {r['scheme']}"
            yield TestLine(n, model, ESTIMATED, label, r)
            model = ""


def _threshold_rows(search: pd.DataFrame, printed: pd.DataFrame) -> list[ThresholdRow]:
    lists = {int(r["thresholds"]): _numbers(r["threshold_estimates"]) for r in _records(printed)}
    rows = []
    for r in _records(search):
        n, number = int(r["n_thresholds"]), int(r["threshold_no"])
        # A printed list belongs to the model that has as many thresholds.
        given = lists.get(n, [])
        published = given[number - 1] if len(given) == n else None
        rows.append(ThresholdRow(n, number, model_name(n) if number == 1 else "", published, r))
    return rows


def _numbers(listed: Any) -> list[float]:
    return [] if is_missing(listed) else [float(part) for part in str(listed).split(";")]


def _test_notes(tests: pd.DataFrame, printed: pd.DataFrame) -> Iterator[str]:
    yield (
        "The F statistic of a line compares its model with the one with a threshold less; p is "
        "the share of draws with a larger F, critical values are quantiles of the draws."
    )
    resamples = set(tests["resample"])
    if "unit" in resamples:
        yield (
            "Whole cities drawn: a city gets the residuals of another one (Hansen 1999), which "
            "rejects too often where some cities are noisier than others."
        )
    if "wild" in resamples:
        yield "Random signs: each city keeps its own residuals, all times +1 or \u22121."
    schemes = set(tests["scheme"])
    if "xthreg" in schemes:
        yield "Each draw searches the smaller model's thresholds again, as Stata's xthreg does."
    if "hansen" in schemes:
        yield "Under hansen the smaller model's thresholds are taken as known in each draw."
    for r in _records(printed):
        given, n = _numbers(r["threshold_estimates"]), int(r["thresholds"])
        if given and len(given) != n:
            listed = " and ".join(f"{value:g}" for value in given)
            yield f"Beside the {model_name(n).lower()} test the paper prints {listed} too."


def _regime_model(
    data: ReportData,
    about: dict[str, Any],
    slopes: pd.DataFrame,
    counts: pd.DataFrame,
    changes: pd.DataFrame,
    n: int,
) -> RegimeModel:
    mine = counts[counts["n_thresholds"] == n]
    regimes = tuple(range(1, n + 2))
    by_cell = {(int(r["year"]), int(r["regime"])): r for r in _records(mine)}
    moved = changes[changes["n_thresholds"] == n]
    return RegimeModel(
        n_thresholds=n,
        name=model_name(n),
        slopes=_slope_table(data, about, slopes[slopes["n_thresholds"] == n], n),
        regimes=regimes,
        years=tuple(
            RegimeYear(year, tuple(by_cell.get((year, regime)) for regime in regimes))
            for year in sorted({int(v) for v in mine["year"]})
        ),
        changes=tuple(_records(moved.head(SHOWN_CHANGES))),
        n_changes=len(moved),
        n_changed_cities=int(moved["city_code"].nunique()),
    )


def slope_anchor(study: str, model_id: str, n_thresholds: int, regime: Any, term: Any) -> str:
    """Anchor of a row in the table of all slopes; a control has no regime."""
    return anchor("s", study, model_id, n_thresholds, "" if is_missing(regime) else regime, term)


def _slope_table(
    data: ReportData, about: dict[str, Any], slopes: pd.DataFrame, n: int
) -> RegressionTable:
    """Slopes by regime, a column each, published beside estimated where the paper has as many."""
    study, model_id = str(about["study"]), str(about["model_id"])
    table_id = f"{model_id}:{n}"
    regime_rows = {int(r["regime"]): r for r in _records(slopes[slopes["regime"].notna()])}
    printed, constant = _printed_slopes(data, about)
    if set(printed) != set(range(1, n + 2)):
        printed, constant = {}, None
    sources = (PUBLISHED, ESTIMATED) if printed else (ESTIMATED,)
    odd = [k for k, r in printed.items() if _is_error(r)]
    columns = tuple(
        Column(str(k), _column_label(k, n + 1), sources, "a" if k in odd else "")
        for k in range(1, n + 2)
    )
    show_t = bool(printed)
    upper: list[Cell] = []
    lower: list[Cell] = []
    facts: dict[str, list[Cell]] = {}
    term = str(about["regressor"])
    for k in range(1, n + 2):
        for source in sources:
            r = (regime_rows if source == ESTIMATED else printed).get(k)
            link = own = ""
            if r is not None:
                link = (
                    slope_anchor(study, model_id, n, k, term)
                    if source == ESTIMATED
                    else f"paper-{anchor(about['paper_id'])}"
                )
                own = anchor("t", study, table_id, k, term, source)
            number = None if r is None else aligned(r["estimate"], stars=r["stars"])
            upper.append(Cell(source, str(k), term, number, link=link, anchor=own))
            lower.append(
                Cell(source, str(k), term, aligned(_under(r, source, show_t), brackets=True))
            )
            for label, text in _facts(about, r, source):
                facts.setdefault(label, []).append(Cell(source, str(k), label.lower(), text=text))
    notes = [
        f"{'t values' if show_t else 'Standard errors'} in parentheses. {STARS_NOTE}. Those of the "
        "estimates are clustered by city; thresholds are taken as known.",
        f"q is {_variable(about)}.",
    ]
    if printed:
        notes.append("Published numbers and their stars are as printed.")
    if constant is not None:
        t = f" (t = {_signed(constant['t_value'], 2)})"
        notes.append(
            f"The paper also prints a constant of {_signed(constant['estimate'], 1)}"
            f"{'' if is_missing(constant['t_value']) else t} for all regimes; city effects "
            "leave none to estimate."
        )
    return RegressionTable(
        study=study,
        table_id=table_id,
        title=f"{about['title']}: {model_name(n).lower()}",
        outcome=_outcome_label(data, about),
        columns=columns,
        coefficients=with_widths(
            [Row(str(about["regressor_label"]), tuple(upper)), Row("", tuple(lower), under=True)]
        ),
        fits=tuple(
            Row(label, tuple(cells))
            for label, cells in facts.items()
            if any(cell.text != MISSING for cell in cells)
        ),
        footnotes=(("a", _odd_note(printed[odd[0]])),) if odd else (),
        notes=tuple(notes),
        paper_id=str(about["paper_id"]) if printed else "",
        in_parentheses="t values" if show_t else "standard errors",
    )


def _printed_slopes(
    data: ReportData, about: dict[str, Any]
) -> tuple[dict[int, dict[str, Any]], dict[str, Any] | None]:
    """Printed slopes by regime, and the printed constant."""
    if is_missing(about["paper_id"]) or is_missing(about["slopes_table"]):
        return {}, None
    rows = _records(of_paper(data.published, about["paper_id"], about["slopes_table"]))
    slopes = {int(r["column_no"]): r for r in rows if r["term"] == about["regressor"]}
    constants = [r for r in rows if r["term"] == CONSTANT]
    return slopes, constants[0] if constants else None


def _column_label(regime: int, n_regimes: int) -> str:
    end = {1: ", lowest q", n_regimes: ", highest q"}.get(regime, "")
    return f"Regime {regime}{end}"


def _is_error(printed: Mapping[str, Any]) -> bool:
    """Whether the paper prints a standard error where its other columns have a t value."""
    return is_missing(printed["t_value"]) and not is_missing(printed["std_error_printed"])


def _odd_note(printed: Mapping[str, Any]) -> str:
    error = float(printed["std_error_printed"])
    return (
        f"The published {error:g} in parentheses is a standard error, not a t value as in the "
        f"other columns: it gives t = {_signed(float(printed['estimate']) / error, 2)}."
    )


def _under(row: Mapping[str, Any] | None, source: str, show_t: bool) -> Any:
    if row is None:
        return None
    if source == ESTIMATED:
        return row["t_value" if show_t else "se_cluster"]
    return row["std_error_printed"] if _is_error(row) else row["t_value"]


def _facts(
    about: Mapping[str, Any], row: Mapping[str, Any] | None, source: str
) -> Iterator[tuple[str, str]]:
    """Label and text of each line under the slopes."""
    own = row if source == ESTIMATED else None
    yield "Regime", MISSING if row is None else _regime_text(about, row, source)
    interval = own is not None and not is_missing(own["ci_low"])
    yield (
        "95 % interval",
        f"{fixed(own['ci_low'])} to {fixed(own['ci_high'])}" if own and interval else MISSING,
    )
    yield "City-years", MISSING if own is None else count(own["n_obs"])
    active = "treated" if about["regressor"] == "did" else "with the regressor not 0"
    yield f"of these {active}", MISSING if own is None else count(own["n_active"])
    yield "Cities ever in it", MISSING if own is None else count(own["n_units"])


def _outcome_label(data: ReportData, about: Mapping[str, Any]) -> str:
    """The outcome in words, as its study says it; else the name of its column."""
    labels = data.studies.loc[data.studies["study"] == about["study"], "outcome_label"].dropna()
    if len(labels):
        return str(labels.iloc[0])
    return "" if is_missing(about["outcome"]) else str(about["outcome"])


def _regime_text(about: Mapping[str, Any], row: Mapping[str, Any], source: str) -> str:
    """The regime's bounds on q; the convention says which side has the threshold itself."""
    if source == PUBLISHED:
        return str(row["label"]).replace("<=", "\u2264")
    low, high = row["lower_bound"], row["upper_bound"]
    below, above = ("<", "\u2265") if about["lower_regime"] == "<" else ("\u2264", ">")
    if is_missing(low):
        return "all q" if is_missing(high) else f"q {below} {fixed(high, 4)}"
    if is_missing(high):
        return f"q {above} {fixed(low, 4)}"
    return f"{fixed(low, 4)} {'≤' if below == '<' else '<'} q {below} {fixed(high, 4)}"


def _variable(about: Mapping[str, Any]) -> str:
    label = str(about["variable_label"])
    return label[:1].lower() + label[1:]


def _signed(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", MINUS)
