"""The regression table: estimated beside published, as a model of rows and cells.

Belongs here: which number stands in which row and column of a three-line table, and its notes.
Does not belong here: HTML (the template) and how a number is written (`numbers`).
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from analysis.report.data import ReportData
from analysis.typeset import words
from analysis.typeset.numbers import MISSING, AlignedNumber, aligned, count, fixed, is_missing

CONSTANT: Final = "constant"
STARS_NOTE: Final = "*** p < 0.01, ** p < 0.05, * p < 0.10".replace(" p < ", "\u00a0p\u00a0<\u00a0")
ESTIMATED: Final = "estimated"
PUBLISHED: Final = "published"
CITY_WORDS: Final = {"city", "cities", "unit", "units", "entity", "individual"}
YEAR_WORDS: Final = {"year", "years", "time", "times", "period"}


@dataclass(frozen=True)
class Cell:
    """One number of the table, with where it comes from.

    Attributes:
        source: 'estimated' or 'published'.
        number: The aligned number, for coefficients and what stands under them.
        text: Text, for the rows under the coefficients; a dash where missing.
        column_id: Column of the table.
        term: Term or statistic.
        link: Anchor of the full row in the appendix, or of the citation; '' for none.
        anchor: Own anchor, '' for none.
        width: Widths in em before and from the decimal point, shared by the column.
    """

    source: str
    column_id: str
    term: str
    number: AlignedNumber | None = None
    text: str = MISSING
    link: str = ""
    anchor: str = ""
    width: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Row:
    """Label and cells; `under` marks the row of t values or standard errors."""

    label: str
    cells: tuple[Cell, ...]
    under: bool = False


@dataclass(frozen=True)
class Column:
    """A model of the table. `mark` is its footnote letter, '' for none."""

    column_id: str
    label: str
    sources: tuple[str, ...]
    mark: str = ""

    @property
    def width(self) -> int:
        """Columns of numbers that it takes."""
        return len(self.sources)


@dataclass(frozen=True)
class RegressionTable:
    """A three-line table.

    Attributes:
        coefficients: Rows of estimates, each followed by its row in parentheses.
        fits: Rows on effects, sample and fit.
        footnotes: (letter, text) on single columns.
        notes: Sentences under the table.
        outcomes: What each column explains, where they differ; else empty, and `outcome` says it.
        split: Whether any column is for a group of cities.
    """

    study: str
    table_id: str
    title: str
    outcome: str
    columns: tuple[Column, ...]
    coefficients: tuple[Row, ...]
    fits: tuple[Row, ...]
    footnotes: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    paper_id: str = ""
    in_parentheses: str = field(default="t values")
    outcomes: tuple[str, ...] = ()
    split: bool = False

    @property
    def side_by_side(self) -> bool:
        """Whether any column has published numbers."""
        return any(PUBLISHED in column.sources for column in self.columns)


def anchor(*parts: object) -> str:
    """An HTML id from any text: letters, digits, '-' and '_'; different texts stay different."""
    return "-".join(
        re.sub(r"[^A-Za-z0-9]", lambda m: f"_{ord(m.group()):x}", str(part)) for part in parts
    )


def tables_of(data: ReportData, study: str) -> list[RegressionTable]:
    """Build all tables of a study: first those declared, then any other in the estimates."""
    declared = data.study_tables[data.study_tables["study"] == study]
    built: list[RegressionTable] = []
    for record in declared.to_dict("records"):
        built.append(_build(data, study, record))
    mine = data.estimates[data.estimates["study"] == study]
    for table_id in dict.fromkeys(mine["table_id"]):
        if table_id not in set(declared["table_id"]):
            built.append(_build(data, study, {"table_id": table_id, "title": str(table_id)}))
    return built


def _build(data: ReportData, study: str, record: dict[Any, Any]) -> RegressionTable:
    table_id = str(record["table_id"])
    estimates = _of_table(data.estimates, study, table_id)
    fits = _of_table(data.fits, study, table_id)
    paper_id, table_no = record.get("paper_id"), record.get("table_no")
    has_paper = not is_missing(paper_id) and not is_missing(table_no)
    published = of_paper(data.published, paper_id, table_no) if has_paper else None
    printed_fit = of_paper(data.published_fit, paper_id, table_no) if has_paper else None
    printed_notes = of_paper(data.published_notes, paper_id, table_no) if has_paper else None

    footnotes, whole_notes, marks = _footnotes(printed_notes)
    columns = _columns(estimates, published, marks)
    by_key = {(str(r["column_id"]), str(r["term"])): r for r in estimates.to_dict("records")}
    printed: dict[tuple[str, str], dict[Any, Any]] = {}
    if published is not None:
        printed = {(_key(r["column_no"]), str(r["term"])): r for r in published.to_dict("records")}
    show_t = not printed or any(not is_missing(r["t_value"]) for r in printed.values())
    show_t = show_t and bool(printed)

    citation = f"paper-{anchor(paper_id)}" if has_paper else ""
    rows: list[Row] = []
    for term, label in _terms(estimates, published):
        upper: list[Cell] = []
        lower: list[Cell] = []
        for column in columns:
            for source in column.sources:
                key = (column.column_id, term)
                if source == ESTIMATED:
                    r = by_key.get(key)
                    link = anchor("e", study, table_id, *key) if r else ""
                    under = None if r is None else r["t_value" if show_t else "std_error"]
                else:
                    r = printed.get(key)
                    link = citation if r else ""
                    under = None if r is None else _printed_under(r, show_t)
                own = anchor("t", study, table_id, *key, source) if r else ""
                stars = "" if r is None else r["stars"]
                number = None if r is None else aligned(r["estimate"], stars=stars)
                upper.append(Cell(source, *key, number, link=link, anchor=own))
                lower.append(Cell(source, *key, aligned(under, brackets=True)))
        rows += [Row(label, tuple(upper)), Row("", tuple(lower), under=True)]

    status = _of_table(data.column_status, study, table_id)
    explained = {
        str(r["column_id"]): str(r["outcome"])
        for r in fits.to_dict("records")
        if not is_missing(r["outcome"])
    }
    several = len(set(explained.values())) > 1
    return RegressionTable(
        study=study,
        table_id=table_id,
        title=str(record["title"]),
        outcome="" if several else "".join(set(explained.values())),
        columns=tuple(columns),
        coefficients=with_widths(rows),
        fits=_fit_rows(columns, fits, printed_fit),
        footnotes=footnotes,
        notes=_notes(fits, show_t, bool(printed))
        + _odd_errors(printed, show_t)
        + _rules(status)
        + _skipped(status)
        + tuple(f"On the published table: {note}" for note in whole_notes),
        paper_id=str(paper_id) if has_paper else "",
        in_parentheses="t values" if show_t else "standard errors",
        outcomes=tuple(explained.get(c.column_id, MISSING) for c in columns) if several else (),
        split=bool(status["split_by"].notna().any()),
    )


def _rules(status: pd.DataFrame) -> tuple[str, ...]:
    """How cities came into the groups of a table."""
    groups: dict[str, list[str]] = {}
    for r in status.to_dict("records"):
        if not is_missing(r["split_rule"]):
            groups.setdefault(str(r["split_rule"]), []).append(f"({r['column_id']})")
    return tuple(
        f"Cities are grouped {_rule(rule)} in columns {', '.join(columns)}."
        for rule, columns in groups.items()
    )


def _rule(rule: str) -> str:
    """A rule in words: 'by is_large_city in 2011' names a column of the panel."""
    by = re.match(r"by (\w+)(.*)", rule)
    if by is None or by.group(1) not in words.COLUMNS:
        return words.spaced(rule)
    return f"by {words.column(by.group(1))}{words.spaced(by.group(2))}"


def _skipped(status: pd.DataFrame) -> tuple[str, ...]:
    """Columns that these data can't answer, with the reason."""
    return tuple(
        f"Not estimated: column ({r['column_id']}), {r['column_label']}: {r['detail']}."
        for r in status.to_dict("records")
        if str(r["status"]) != ESTIMATED
    )


def _of_table(frame: pd.DataFrame, study: str, table_id: str) -> pd.DataFrame:
    mine = (frame["study"] == study) & (frame["table_id"].astype(str) == table_id)
    return frame[mine]


def of_paper(frame: pd.DataFrame, paper_id: Any, table_no: Any) -> pd.DataFrame:
    """Rows of a printed table."""
    mine = (frame["paper_id"] == paper_id) & (frame["table_no"].map(_key) == _key(table_no))
    return frame[mine]


def _key(value: Any) -> str:
    """Compare 2, 2.0 and '2' as the same number of a table or column."""
    if is_missing(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _columns(
    estimates: pd.DataFrame, published: pd.DataFrame | None, marks: dict[str, str]
) -> list[Column]:
    labels = {str(r["column_id"]): str(r["column_label"]) for r in estimates.to_dict("records")}
    printed: dict[str, str] = {}
    if published is not None:
        printed = {_key(r["column_no"]): str(r["label"]) for r in published.to_dict("records")}
    found = list(dict.fromkeys([*labels, *printed]))
    if all(column.isdigit() for column in found):
        found.sort(key=int)
    # Every column has both sources where a paper stands beside: an absent one shows as a dash.
    sources = (PUBLISHED, ESTIMATED) if printed else (ESTIMATED,)
    return [Column(c, labels.get(c, printed.get(c, "")), sources, marks.get(c, "")) for c in found]


def _terms(estimates: pd.DataFrame, published: pd.DataFrame | None) -> list[tuple[str, str]]:
    labels: dict[str, str] = {}
    for r in estimates.to_dict("records"):
        label = r["term_label"]
        labels.setdefault(str(r["term"]), _words(r["term"]) if is_missing(label) else str(label))
    if published is not None:
        for term in published["term"]:
            labels.setdefault(str(term), _words(term))
    constant = [(CONSTANT, labels.pop(CONSTANT))] if CONSTANT in labels else []
    return list(labels.items()) + constant


def _words(name: Any) -> str:
    text = str(name).replace("_", " ")
    return text[:1].upper() + text[1:]


def _printed_under(record: dict[Any, Any], show_t: bool) -> Any:
    if show_t:
        return record["t_value"]
    return record["std_error_printed"]


def _odd_errors(printed: dict[tuple[str, str], dict[Any, Any]], show_t: bool) -> tuple[str, ...]:
    """Name the standard errors printed where the rest of the table prints t values."""
    return tuple(
        f"Column ({column}) prints a standard error, {r['std_error_printed']}, for "
        f"{_words(term).lower()} where other columns print a t value."
        for (column, term), r in printed.items()
        if show_t and is_missing(r["t_value"]) and not is_missing(r["std_error_printed"])
    )


def _footnotes(
    notes: pd.DataFrame | None,
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...], dict[str, str]]:
    """Give letters to notes on columns; the same text on two columns shares a letter."""
    if notes is None:
        return (), (), {}
    letters: dict[str, str] = {}
    marks: dict[str, str] = {}
    whole: list[str] = []
    for r in notes.to_dict("records"):
        text = str(r["note"])
        if is_missing(r["column_no"]):
            whole.append(text)
            continue
        letter = letters.setdefault(text, _letter(len(letters)))
        column = _key(r["column_no"])
        marks[column] = ", ".join(filter(None, [marks.get(column, ""), letter]))
    return tuple((letter, text) for text, letter in letters.items()), tuple(whole), marks


def _letter(index: int) -> str:
    """Return a, b, ..., z, aa, ab, ..."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def with_widths(rows: list[Row]) -> tuple[Row, ...]:
    """Give each column the widths that its widest number needs."""
    if not rows:
        return ()
    widths: list[tuple[float, float]] = []
    for position in range(len(rows[0].cells)):
        numbers = [r.cells[position].number for r in rows]
        sizes = [n.widths for n in numbers if n is not None] or [(0.6, 0.6)]
        widths.append((max(s[0] for s in sizes), max(s[1] for s in sizes)))
    return tuple(
        Row(
            row.label,
            tuple(
                Cell(c.source, c.column_id, c.term, c.number, c.text, c.link, c.anchor, width)
                for c, width in zip(row.cells, widths, strict=True)
            ),
            row.under,
        )
        for row in rows
    )


def has_effect(effects: Any, words: set[str]) -> bool:
    """Whether the text on fixed effects ('city+year') names one of the words."""
    return not is_missing(effects) and bool(
        words & set(re.findall(r"[a-z]+", str(effects).lower()))
    )


def _yes_no(value: bool) -> str:
    return "Yes" if value else "No"


def _printed_yes_no(value: Any) -> str:
    text = str(value).strip().lower()
    return _yes_no(text in {"yes", "true", "1", "1.0"})


def _fit_rows(
    columns: list[Column], fits: pd.DataFrame, printed: pd.DataFrame | None
) -> tuple[Row, ...]:
    """Rows on effects, controls, sample and fit; a row that nobody has a value for is left out."""
    by_column = {str(r["column_id"]): r for r in fits.to_dict("records")}
    by_statistic: dict[tuple[str, str], Any] = {}
    if printed is not None:
        by_statistic = {
            (_key(r["column_no"]), str(r["statistic"])): r["value"]
            for r in printed.to_dict("records")
        }

    def controls(r: dict[Any, Any]) -> str:
        value = r["controls"]
        text = "" if is_missing(value) else str(value).strip().lower()
        return _yes_no(text not in {"", "no", "none", "false", "[]"})

    specs: tuple[tuple[str, str, Any, Any], ...] = (
        ("Controls", "controls", controls, _printed_yes_no),
        ("City effects", "city_effects",
         lambda r: _yes_no(has_effect(r["effects"], CITY_WORDS)), _printed_yes_no),
        ("Year effects", "year_effects",
         lambda r: _yes_no(has_effect(r["effects"], YEAR_WORDS)), _printed_yes_no),
        ("Observations", "n", lambda r: count(r["n_obs"]), count),
        ("Cities", "units", lambda r: count(r["n_units"]), count),
        ("Years", "periods", lambda r: count(r["n_periods"]), count),
        ("R²", "r2", lambda r: fixed(r["r2"]), fixed),
        ("Within R²", "r2_within", lambda r: fixed(r["r2_within"]), fixed),
        ("F", "f", lambda r: fixed(r["f_statistic"], 2), lambda v: fixed(v, 2)),
    )  # fmt: skip
    rows: list[Row] = []
    for label, statistic, of_fit, of_printed in specs:
        cells: list[Cell] = []
        for column in columns:
            for source in column.sources:
                text = MISSING
                if source == ESTIMATED:
                    r = by_column.get(column.column_id)
                    text = MISSING if r is None else of_fit(r)
                else:
                    value = by_statistic.get((column.column_id, statistic))
                    text = MISSING if is_missing(value) else of_printed(value)
                cells.append(Cell(source, column.column_id, statistic, text=text))
        if any(cell.text != MISSING for cell in cells):
            rows.append(Row(label, tuple(cells)))
    return tuple(rows)


def _notes(fits: pd.DataFrame, show_t: bool, has_printed: bool) -> tuple[str, ...]:
    """State what stands in parentheses, the convention of the errors, and the stars."""
    notes: list[str] = []
    kind = "t values" if show_t else "Standard errors"
    notes.append(f"{kind} in parentheses. {STARS_NOTE}.")
    groups: dict[str, list[str]] = {}
    records = fits.to_dict("records")
    by_city = len(records) > 1 and all(
        r["n_clusters"] == r["n_units"] and r["df_resid"] == r["n_clusters"] - 1 for r in records
    )
    if by_city and len({r["n_clusters"] for r in records}) > 1:
        for r in records:
            groups.setdefault(
                f"clustered by {words.column(r['cluster'])}; {words.convention(r['se_convention'])}; "
                "residual degrees of freedom: cities less 1",
                [],
            ).append(f"({r['column_id']})")
        records = []
    for r in records:
        parts = []
        if not is_missing(r["cluster"]) and str(r["cluster"]):
            clusters = (
                "" if is_missing(r["n_clusters"]) else f" ({count(r['n_clusters'])} clusters)"
            )
            parts.append(f"clustered by {words.column(r['cluster'])}{clusters}")
        if not is_missing(r["se_convention"]):
            parts.append(words.convention(r["se_convention"]))
        if not is_missing(r["df_resid"]):
            parts.append(f"{count(r['df_resid'])} residual degrees of freedom")
        if parts:
            groups.setdefault("; ".join(parts), []).append(f"({r['column_id']})")
    for text, which in groups.items():
        where = "" if len(groups) == 1 else f", {'columns' if len(which) > 1 else 'column'} "
        listed = "" if len(groups) == 1 else ", ".join(which)
        notes.append(f"Standard errors of the estimates{where}{listed}: {text}.")
    if has_printed:
        notes.append(
            "Published numbers and their stars are as printed. "
            "A dash: not printed, or not in the model."
        )
    return tuple(notes)
