"""The regression tables of a study: which number stands in which row and column.

Belongs here: columns, terms and coefficients, estimated beside published, and the effects that a
figure draws. Does not belong here: HTML (the template), the rows and notes under the coefficients
(`fits`, `notes`, `printed`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from analysis.report.data import records
from analysis.report.section import Frame, Frames
from analysis.report.table.errors import ERRORS, error_lines, error_notes
from analysis.report.table.fits import fit_rows
from analysis.report.table.model import (
    CONSTANT,
    ESTIMATED,
    PUBLISHED,
    Cell,
    Column,
    RegressionTable,
    Row,
    anchor,
    with_widths,
)
from analysis.report.table.notes import (
    DESIGN_NOTES,
    convention_notes,
    design_notes,
    group_notes,
    skipped_notes,
    warning_notes,
)
from analysis.report.table.pairing import standing, under_own_columns
from analysis.report.table.printed import (
    by_column_and_term,
    footnotes,
    key_of,
    odd_errors,
    of_paper,
)
from analysis.typeset.numbers import MISSING, aligned, is_missing
from analysis.typeset.texts import _

Record = dict[str, Any]

ESTIMATES: Final = Frame(
    "estimates",
    ("study", "method", "design", "column_id", "column_label", "term", "term_label", "at_point",
     "estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high", "stars"),
    rows="one per study, method, design, column, term and point (an event time, a regime; missing "
    "where there is one coefficient); ci_low and ci_high bound the 95 % interval",
)  # fmt: skip
FITS: Final = Frame(
    "fits",
    ("study", "method", "design", "column_id", "outcome", "effects", "controls", "n_obs", "n_units",
     "n_periods", "n_clusters", "r2", "r2_within", "f_statistic", "df_resid", "se_convention",
     "cluster", "spec_hash"),
    ("n_treated_units", "n_never_treated_units", "effective_clusters", "detail"),
    rows="one per study, method, design and column; `effects` names the fixed effects ('city+year', 'city', "
    "''), `controls` is empty where there are none, `outcome` is in words",
)  # fmt: skip
STUDY_TABLES: Final = Frame(
    "study_tables",
    ("study", "method", "design", "title", "paper_id", "table_no"),
    rows="designs of a study, in their order, and the printed table each stands against (both "
    "missing: nothing printed)",
)
COLUMN_STATUS: Final = Frame(
    "column_status",
    ("study", "method", "design", "column_id", "column_label", "status", "detail"),
    ("split_by", "split_value", "split_rule", "published_column"),
    rows="one per column of a study's designs: 'estimated', or not and why; which cities it is for, and "
    "which printed column it stands against",
)
PRINTED_ESTIMATES: Final = Frame(
    "published",
    ("paper_id", "table_no", "column_no", "label", "term", "estimate", "t_value",
     "std_error_printed", "stars", "statistic", "ci_low", "ci_high"),
    rows="printed coefficients, with the statistic and the 95 % interval that the printed error "
    "implies; terms are those of the estimates",
)  # fmt: skip
PRINTED_FIT: Final = Frame(
    "published_fit",
    ("paper_id", "table_no", "column_no", "statistic", "value"),
    rows="statistic ('n', 'r2', 'f', 'units', 'periods', 'r2_within', 'city_effects', "
    "'year_effects', 'controls'), value (a number; 'yes' or 'no' for the last three)",
)
PRINTED_NOTES: Final = Frame(
    "published_notes",
    ("paper_id", "table_no", "column_no", "note"),
    rows="footnotes on what was printed; column_no missing: on the whole table",
)
FRAMES: Final = (
    ESTIMATES, ERRORS, FITS, STUDY_TABLES, COLUMN_STATUS, DESIGN_NOTES, PRINTED_ESTIMATES, PRINTED_FIT,
    PRINTED_NOTES,
)  # fmt: skip
"""What a section with regression tables declares."""


def tables_of(frames: Frames, study: str, method: str) -> list[RegressionTable]:
    """The tables that a method made for a study, in the order of the study."""
    declared = frames["study_tables"]
    mine = declared[(declared["study"] == study) & (declared["method"] == method)]
    return [_build(frames, study, record) for record in records(mine)]


def other_tables(frames: Frames, study: str, methods: Sequence[str]) -> list[RegressionTable]:
    """Tables of methods that aren't among those named: nothing estimated stays out of the page.

    One that the study doesn't declare stands under its id.
    """
    declared = frames["study_tables"]
    titles = {
        (str(r["method"]), str(r["design"])): r
        for r in records(declared[declared["study"] == study])
    }
    estimates = frames["estimates"]
    mine = estimates[(estimates["study"] == study) & ~estimates["method"].isin(list(methods))]
    found = dict.fromkeys(zip(mine["method"].map(str), mine["design"].map(str), strict=True))
    return [
        _build(
            frames, study, titles.get(key) or {"method": key[0], "design": key[1], "title": key[1]}
        )
        for key in found
    ]


def _build(frames: Frames, study: str, record: Record) -> RegressionTable:
    method, design = str(record["method"]), str(record["design"])
    estimates = of_design(frames["estimates"], study, design, method)
    errors = of_design(frames["estimate_error"], study, design, method)
    fits = of_design(frames["fits"], study, design, method)
    status = of_design(frames["column_status"], study, design, method)
    stands = standing(status)
    own_columns = [*map(str, estimates["column_id"]), *map(str, status["column_id"])]
    paper_id, table_no = record.get("paper_id"), record.get("table_no")
    has_paper = not is_missing(paper_id) and not is_missing(table_no)

    def printed_rows(name: str) -> pd.DataFrame | None:
        if not has_paper:
            return None
        return under_own_columns(of_paper(frames[name], paper_id, table_no), stands, own_columns)

    published = printed_rows("published")
    printed = {} if published is None else by_column_and_term(published)
    letters, whole_notes, marks = footnotes(printed_rows("published_notes"))
    columns = _columns(estimates, published, marks)
    shows_t = bool(printed) and any(not is_missing(r["t_value"]) for r in printed.values())
    labels = term_labels(estimates, published)
    explained = {
        str(r["column_id"]): str(r["outcome"])
        for r in records(fits)
        if not is_missing(r["outcome"])
    }
    several = len(set(explained.values())) > 1
    return RegressionTable(
        study=study,
        method=method,
        design=design,
        title=str(record["title"]),
        outcome="" if several else "".join(set(explained.values())),
        columns=tuple(columns),
        coefficients=with_widths(
            _coefficients(
                (study, method, design),
                columns,
                labels,
                records(estimates),
                printed,
                shows_t,
                error_lines(errors, columns, shows_t),
            )
        ),
        fits=fit_rows(columns, fits, printed_rows("published_fit")),
        footnotes=letters,
        notes=convention_notes(fits, shows_t, bool(printed))
        + (odd_errors(printed, labels) if shows_t else ())
        + error_notes(errors)
        + group_notes(status)
        + skipped_notes(status)
        + warning_notes(fits)
        + design_notes(of_design(frames[DESIGN_NOTES.name], study, design, method))
        + tuple(_("On the published table: {note}").format(note=note) for note in whole_notes),
        paper_id=str(paper_id) if has_paper else "",
        table_no=key_of(table_no) if has_paper else "",
        shows_t=shows_t,
        outcomes=tuple(explained.get(c.column_id, MISSING) for c in columns) if several else (),
        split=bool(status["split_by"].notna().any()),
    )


def of_design(frame: pd.DataFrame, study: str, design: str, method: str = "") -> pd.DataFrame:
    """Rows of a design of a study; of a method where the frame is of several."""
    mine = (frame["study"] == study) & (frame["design"].astype(str) == design)
    return frame[mine & (frame["method"] == method)] if method else frame[mine]


def _coefficients(
    key: tuple[str, str, str],
    columns: Iterable[Column],
    labels: Mapping[str, str],
    estimates: list[Record],
    printed: Mapping[tuple[str, str], Record],
    shows_t: bool,
    further: Mapping[str, list[Row]],
) -> list[Row]:
    """Rows of estimates, each followed by its row in parentheses and those of further errors."""
    estimated = {(str(r["column_id"]), str(r["term"])): r for r in estimates}
    rows: list[Row] = []
    for term, label in labels.items():
        upper: list[Cell] = []
        lower: list[Cell] = []
        for column in columns:
            for source in column.sources:
                at = (column.column_id, term)
                r = (estimated if source == ESTIMATED else printed).get(at)
                if r is None:
                    upper.append(Cell(source, *at))
                    lower.append(Cell(source, *at))
                    continue
                link = anchor("e", *key, *at)
                t, error = "statistic", "std_error"
                if source == PUBLISHED:
                    t, error = "t_value", "std_error_printed"
                number = aligned(r["estimate"], stars=r["stars"])
                own = anchor("t", *key, *at, source)
                upper.append(
                    Cell(source, *at, number, link=link if source == ESTIMATED else "", anchor=own)
                )
                under = r[t if shows_t else error]
                lower.append(Cell(source, *at, aligned(under, brackets="()")))
        rows += [Row(label, tuple(upper)), Row("", tuple(lower), under=True)]
        rows += further.get(term, [])
    return rows


def _columns(
    estimates: pd.DataFrame, published: pd.DataFrame | None, marks: dict[str, str]
) -> list[Column]:
    labels = {str(r["column_id"]): str(r["column_label"]) for r in records(estimates)}
    printed: dict[str, str] = {}
    if published is not None:
        printed = {key_of(r["column_no"]): str(r["label"]) for r in records(published)}
    found = list(dict.fromkeys([*labels, *printed]))
    if all(column.isdigit() for column in found):
        found.sort(key=int)
    # Every column has both sources where a paper stands beside: an absent one shows as a dash.
    sources = (PUBLISHED, ESTIMATED) if printed else (ESTIMATED,)
    return [Column(c, labels.get(c, printed.get(c, "")), sources, marks.get(c, "")) for c in found]


def term_labels(estimates: pd.DataFrame, published: pd.DataFrame | None) -> dict[str, str]:
    """Terms and their labels in the order of the rows, the constant last."""
    labels: dict[str, str] = {}
    for r in records(estimates):
        label = r["term_label"]
        labels.setdefault(str(r["term"]), _words(r["term"]) if is_missing(label) else str(label))
    if published is not None:
        for term in published["term"]:
            labels.setdefault(str(term), _words(term))
    if CONSTANT in labels:
        labels[CONSTANT] = labels.pop(CONSTANT)
    return labels


def _words(name: Any) -> str:
    text = str(name).replace("_", " ")
    return text[:1].upper() + text[1:]


def effects_of(frames: Frames, table: RegressionTable, term: str) -> pd.DataFrame:
    """A term by column of a table with its intervals, the printed ones beside the estimated.

    Returns:
        column_id, label, estimate, ci_low, ci_high, published, published_low, published_high; one
        row per column that has the term.
    """
    mine = of_design(frames["estimates"], table.study, table.design, table.method)
    by_column = {str(r["column_id"]): r for r in records(mine[mine["term"] == term])}
    printed: dict[tuple[str, str], Record] = {}
    if table.paper_id:
        status = of_design(frames["column_status"], table.study, table.design, table.method)
        rows = of_paper(frames["published"], table.paper_id, table.table_no)
        ids = [column.column_id for column in table.columns]
        printed = by_column_and_term(under_own_columns(rows, standing(status), ids))
    effects = []
    for column in table.columns:
        own = by_column.get(column.column_id)
        beside = printed.get((column.column_id, term))
        if own is None and beside is None:
            continue
        effects.append(
            {
                "column_id": column.column_id,
                "label": column.label,
                **{name: own and own[name] for name in ("estimate", "ci_low", "ci_high")},
                "published": beside and beside["estimate"],
                "published_low": beside and beside["ci_low"],
                "published_high": beside and beside["ci_high"],
            }
        )
    frame = pd.DataFrame(effects)
    return frame.astype({c: float for c in frame.columns if c not in {"column_id", "label"}})
