"""Slopes by regime as a regression table, a column each, published beside estimated.

Belongs here: which slope stands where, the lines under it, and notes. Does not belong here: HTML, the
model of a table (`analysis.report.table`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.methods.threshold.section.tests import model_name
from analysis.report.data import records
from analysis.report.section import Context
from analysis.report.table.model import (
    CONSTANT,
    ESTIMATED,
    PUBLISHED,
    Cell,
    Column,
    RegressionTable,
    Row,
    anchor,
    stars_note,
    with_widths,
)
from analysis.report.table.printed import of_paper
from analysis.typeset import words
from analysis.typeset.numbers import MISSING, aligned, count, fixed, is_missing
from analysis.typeset.texts import _

Record = Mapping[str, Any]


def slope_anchor(study: str, design: str, n_thresholds: int, regime: Any, term: Any) -> str:
    """Anchor of a row in the table of all slopes; a control has no regime."""
    return anchor("s", study, design, n_thresholds, "" if is_missing(regime) else regime, term)


def slope_table(context: Context, about: Record, slopes: pd.DataFrame, n: int) -> RegressionTable:
    """Slopes of the model with `n` thresholds; printed ones where the paper has as many regimes."""
    estimated = {int(r["regime"]): r for r in records(slopes[slopes["regime"].notna()])}
    printed, constant = _printed_slopes(context, about)
    if set(printed) != set(range(1, n + 2)):
        printed, constant = {}, None
    sources = (PUBLISHED, ESTIMATED) if printed else (ESTIMATED,)
    odd = [k for k, r in printed.items() if _is_error(r)]
    upper: list[Cell] = []
    lower: list[Cell] = []
    facts: dict[str, list[Cell]] = {}
    term = str(about["regressor"])
    treated = context.study["effect_term"]
    design = f"{about['design']}:{n}"
    for k in range(1, n + 2):
        for source in sources:
            r = (estimated if source == ESTIMATED else printed).get(k)
            link = own = ""
            if r is not None:
                own = anchor("t", about["study"], design, k, term, source)
                if source == ESTIMATED:
                    link = slope_anchor(about["study"], about["design"], n, k, term)
            number = None if r is None else aligned(r["estimate"], stars=r["stars"])
            under = aligned(_under(r, source, bool(printed)), brackets="()")
            upper.append(Cell(source, str(k), term, number, link=link, anchor=own))
            lower.append(Cell(source, str(k), term, under))
            for name, label, text in _facts(about, r, source, treated):
                facts.setdefault(label, []).append(Cell(source, str(k), name, text=text))
    return RegressionTable(
        study=str(about["study"]),
        method="threshold",
        design=design,
        title=f"{about['title']}: {model_name(n).lower()}",
        outcome=str(context.study["outcome_label"] or about["outcome"] or ""),
        columns=tuple(
            Column(str(k), _column_label(k, n + 1), sources, "a" if k in odd else "")
            for k in range(1, n + 2)
        ),
        coefficients=with_widths(
            [Row(str(about["regressor_label"]), tuple(upper)), Row("", tuple(lower), under=True)]
        ),
        fits=tuple(
            Row(label, tuple(cells))
            for label, cells in facts.items()
            if any(cell.text != MISSING for cell in cells)
        ),
        footnotes=(("a", _odd_note(printed[odd[0]])),) if odd else (),
        notes=tuple(_notes(about, bool(printed), constant)),
        paper_id=str(about["paper_id"]) if printed else "",
        shows_t=bool(printed),
    )


def _notes(about: Record, has_printed: bool, constant: Record | None) -> Iterator[str]:
    said = _("t values in parentheses.") if has_printed else _("Standard errors in parentheses.")
    yield f"{said} {stars_note()}. " + _(
        "Those of the estimates are clustered by {cluster}; thresholds are taken as known."
    ).format(cluster=words.column(about["cluster"] or "city_code"))
    label = str(about["variable_label"])
    yield _("q is {variable}.").format(variable=label[:1].lower() + label[1:])
    if has_printed:
        yield _("Published numbers and their stars are as printed.")
    if constant is None:
        return
    value = fixed(constant["estimate"], 1)
    if not is_missing(constant["t_value"]):
        value += f" (t = {fixed(constant['t_value'], 2)})"
    yield _(
        "The paper also prints a constant of {value} for all regimes; city effects leave none to"
        " estimate."
    ).format(value=value)


def _printed_slopes(
    context: Context, about: Record
) -> tuple[dict[int, dict[str, Any]], dict[str, Any] | None]:
    """Printed slopes by regime, and the printed constant."""
    if is_missing(about["paper_id"]) or is_missing(about["slopes_table"]):
        return {}, None
    rows = records(of_paper(context["published"], about["paper_id"], about["slopes_table"]))
    slopes = {int(r["column_no"]): r for r in rows if r["term"] == about["regressor"]}
    constants = [r for r in rows if r["term"] == CONSTANT]
    return slopes, constants[0] if constants else None


def _column_label(regime: int, n_regimes: int) -> str:
    if regime == 1:
        return _("Regime {n}, lowest q").format(n=regime)
    if regime == n_regimes:
        return _("Regime {n}, highest q").format(n=regime)
    return _("Regime {n}").format(n=regime)


def _is_error(printed: Record) -> bool:
    """Whether the paper prints a standard error where its other columns have a t value."""
    return is_missing(printed["t_value"]) and not is_missing(printed["std_error_printed"])


def _odd_note(printed: Record) -> str:
    return _(
        "The published {error} in parentheses is a standard error, not a t value as in the "
        "other columns: it gives t = {t}."
    ).format(error=f"{float(printed['std_error_printed']):g}", t=fixed(printed["statistic"], 2))


def _under(row: Record | None, source: str, show_t: bool) -> Any:
    if row is None:
        return None
    if source == ESTIMATED:
        return row["t_value" if show_t else "se_cluster"]
    return row["std_error_printed"] if _is_error(row) else row["t_value"]


def _facts(
    about: Record, row: Record | None, source: str, treated: str
) -> Iterator[tuple[str, str, str]]:
    """Name, label and text of each line under the slopes."""
    own = row if source == ESTIMATED else None
    yield "regime", _("Regime"), MISSING if row is None else _regime_text(about, row, source)
    text = MISSING
    if own is not None and not is_missing(own["ci_low"]):
        text = _("{low} to {high}").format(low=fixed(own["ci_low"]), high=fixed(own["ci_high"]))
    yield "95 % interval", _("95 % interval"), text
    counts = {"n_obs": MISSING, "n_active": MISSING, "n_units": MISSING}
    if own is not None:
        counts = {name: count(own[name]) for name in counts}
    yield "city-years", _("City-years"), counts["n_obs"]
    if about["regressor"] == treated:
        yield "of these treated", _("of these treated"), counts["n_active"]
    else:
        label = _("of these with the regressor not 0")
        yield "of these with the regressor not 0", label, counts["n_active"]
    yield "cities ever in it", _("Cities ever in it"), counts["n_units"]


def _regime_text(about: Record, row: Record, source: str) -> str:
    """The regime's bounds on q; the convention says which side has the threshold itself."""
    if source == PUBLISHED:
        return str(row["label"]).replace("<=", "\u2264")
    low, high = row["lower_bound"], row["upper_bound"]
    below, above = ("<", "\u2265") if about["lower_regime"] == "<" else ("\u2264", ">")
    if is_missing(low):
        return _("all q") if is_missing(high) else f"q {below} {fixed(high, 4)}"
    if is_missing(high):
        return f"q {above} {fixed(low, 4)}"
    return f"{fixed(low, 4)} {'≤' if below == '<' else '<'} q {below} {fixed(high, 4)}"
