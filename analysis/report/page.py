"""The page: frames to sections, sections to HTML, HTML to a file.

Belongs here: what each section shows, which rows it shows first, and the writing of the file.
Does not belong here: markup (`templates/`), regression tables (`tables`), drawing (`figures`).
"""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count as counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from markupsafe import Markup, escape

from analysis.report import figures
from analysis.report.data import ReportData, records
from analysis.report.efficiency import EfficiencySection, efficiency_sections, models_left_out
from analysis.report.inequality import InequalitySection, inequality_sections, not_measured
from analysis.report.tables import (
    ESTIMATED,
    STARS_NOTE,
    RegressionTable,
    anchor,
    tables_of,
)
from analysis.report.thresholds import (
    RegimeModel,
    ThresholdSection,
    sections_of,
    slope_anchor,
)
from analysis.typeset import fonts, numbers, words

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.runtime import Context

TEMPLATES: Final = Path(__file__).parent / "templates"
FONT_MARK: Final = '<style class="font"></style>'
"""Where the font goes once the rest of the page says which characters it needs."""
SHOWN_ROWS: Final = 25
"""Rows of a long list that stand open in the page; the rest is counted and named."""
LISTED_ROWS: Final = 1500
"""Rows of a long list that stand in the page at all, folded; keeps the page small."""
LISTED_FILES: Final = 300
"""Files of the input in the folded list; a sample has 252, and the warehouse has them all."""
LARGEST_ROWS: Final = 15
"""Disagreements in the figure and in the table under it."""
Z_95: Final = 1.959964
"""Normal quantile for the interval implied by a printed t value."""

CLASS_LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "heading": ("Headings", "say what a column or row holds"),
    "key": ("Keys", "name a city, a year or a code"),
    "value_resolved": ("Values, resolved", "became an observation"),
    "value_quarantined": ("Values, quarantined", "set aside with a reason, not lost"),
    "value_missing": ("Values, printed as missing", "blank or a missing mark"),
    "missing": ("Values, printed as missing", "blank or a missing mark"),
    "missing_mark": ("Values, printed as missing", "a mark for no figure"),
    "aggregate": ("Aggregates", "figures of provinces or the nation"),
    "note": ("Notes", "titles, footnotes, sources"),
    "title": ("Titles", "above the first heading"),
    "label_or_note": ("Labels and notes", "provinces, continuation lines, footnotes, sources"),
    "declared_unused": ("Columns declared unused", "by the mapping, with its reason"),
    "sheet_declared_unused": ("Sheets declared unused", "by a source rule, with its reason"),
    "no_table": ("No table found", "a sheet without a column of cities"),
    "ignored": ("Ignored", "by a declared rule"),
}

MEASURE_LABELS: Final[Mapping[str, str]] = {
    "files": "Files in the inbox",
    "files_refused": "Files refused as a whole",
    "cells": "Cells read",
    "figures_resolved": "Figures with a city, year and indicator",
    "figures_quarantined": "Figures in quarantine",
    "values_released": "Values released",
    "values_interpolated": "Values interpolated",
    "values_corrected": "Values corrected",
    "figures_revised": "Figures that their own source revised",
    "source_disagreements": "Figures on which two sources disagree",
}
DECISION_LABELS: Final[Mapping[str, str]] = {
    "keep_apart": "kept apart",
    "add_into": "added",
    "drop": "left out",
    "same_city": "one series",
}
DECISION_MEANINGS: Final[Mapping[str, str]] = {
    "keep_apart": "two series, no figure changed",
    "add_into": "amounts of the places before are summed into the one after",
    "drop": "the place before has no figures in the panel",
    "same_city": "the code of the place after for all years",
}
EVENT_COUNTS: Final[Mapping[str, str]] = {
    "figures_from": "Of the place before",
    "figures_to": "Of the place after",
    "figures_added": "Added",
    "figures_left_out": "Left out",
    "figures_without_partner": "Without partner",
}
EVENT_COUNT_MEANINGS: Final[Mapping[str, str]] = {
    "figures_added": "of the place before, summed into the one after",
    "figures_left_out": "of the place before, no amounts or without the other part, and gone from "
    "the panel",
    "figures_without_partner": "of the place after before the merger, gone because the other part "
    "is missing",
}
SHOWN_DETAILS: Final = 6
"""Parts of a measure of the input that are named; the rest is counted."""


@dataclass(frozen=True)
class Part:
    """An entry of the table of contents."""

    id: str
    title: str
    number: str


def render_report(data: ReportData, target: Path) -> Path:
    """Write the report as one HTML file that needs no other file and no network.

    The same data give the same bytes. The file is written beside its place and put there by one
    rename: a reader never sees half a page.

    Args:
        data: The frames.
        target: Folder to write into; made if missing.

    Returns:
        Path of ``index.html`` in the folder.

    Raises:
        OSError: the folder can't be written to.
    """
    html = render_html(data)
    target.mkdir(parents=True, exist_ok=True)
    path = target / "index.html"
    handle, name = tempfile.mkstemp(dir=target, prefix=".index-", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(html)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        os.replace(name, path)  # noqa: PTH105  atomic on every platform
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def render_html(data: ReportData) -> str:
    """Return the page as text."""
    latin = dict(zip(data.latin_names["name"], data.latin_names["latin"], strict=True))
    html = _environment().get_template("report.html.j2").render(_context(data, latin))
    html = "\n".join(line for line in html.splitlines() if line.strip()) + "\n"
    # Nobody's text can hold this mark: a '<' in text is escaped.
    return html.replace(FONT_MARK, f"<style>{fonts.font_face_css(html)}</style>", 1)


@cache
def _environment() -> "Environment":
    """The templates; every value that they print passes through `shown`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context

    @pass_context
    def shown(context: "Context", value: Any) -> Any:
        """Make a value safe: escaped, and no character without a glyph."""
        if isinstance(value, Markup):
            return value
        if isinstance(value, StrictUndefined):
            return str(value)  # raises, naming the variable
        if numbers.is_missing(value):
            return numbers.MISSING
        return fonts.html_text(str(value), context["latin"])

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    environment.filters |= {
        "count": numbers.count,
        "fixed": numbers.fixed,
        "p_value": numbers.p_value,
        "percent": numbers.percent,
        "quantity": numbers.quantity,
        "attr": _attribute,
        "capfirst": _capitalised,
        "anchor": anchor,
        "spaced": words.spaced,
        "unit": words.unit,
        "reason": words.reason,
        "column": words.column,
        "peers": words.peers,
        "short": lambda text, n=12: str(text)[:n],
    }
    return environment


def _attribute(value: Any) -> Markup:
    """Text for an attribute: escaped, without the markup that Chinese gets in running text."""
    return fonts.attribute_text("" if numbers.is_missing(value) else str(value))


def _context(data: ReportData, latin: Mapping[str, str]) -> dict[str, Any]:
    tables = {str(s): tables_of(data, str(s)) for s in _study_ids(data)}
    with figures.drawing(data.simulated) as pen:
        studies = [_study(data, pen, s, tables[s]) for s in tables]
        indices = [_index(data, pen, str(i)) for i in _index_ids(data)]
        inequality = inequality_sections(data, pen)
        efficiency = efficiency_sections(data)
        disagreement = _disagreement(data, pen, latin)
    numbering = {"table": counter(1), "figure": counter(1)}
    return {
        "data": data,
        "latin": latin,
        "css": Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704
        "font_mark": Markup(FONT_MARK),  # noqa: S704
        "font_family": fonts.FAMILY,
        "glyphs": pen.shared.definitions,
        "parts": _parts(studies, indices, efficiency, inequality),
        "number": lambda kind: next(numbering[kind]),
        "estimated": ESTIMATED,
        "studies": studies,
        "indices": indices,
        "efficiency": efficiency,
        "models_left_out": models_left_out(data),
        "inequality": inequality,
        "not_measured": not_measured(data),
        "summary": _summary(data),
        "findings": _findings(data, tables),
        "findings_notes": f"Standard errors clustered by city. {STARS_NOTE}. The tables below have "
        "all columns, with effects, controls and conventions.",
        "skipped_studies": _records(data.studies_skipped),
        "stars_note": STARS_NOTE,
        "city": lambda name: _city(name, latin),
        "account": _account(data),
        "publishers": _publishers(data),
        "files": _records(data.input_files),
        "refused": [r for r in _records(data.input_files) if str(r["status"]) != "loaded"],
        "quarantine": _records(data.quarantine.sort_values("cells", ascending=False, kind="stable"))
        if len(data.quarantine)
        else [],
        "imputed": _imputed(data),
        "disagreement": disagreement,
        "health": _health(data),
        **_city_events(data),
        "by_source": bool(data.input_files["source_id"].notna().any()),
        "roster": _records(data.roster),
        "gates": _gates(data),
        "checks": _records(data.checks),
        "row_counts": _records(data.row_counts),
        "examples": _records(data.trace_examples),
        "queries": _records(data.trace_queries),
        "method_notes": _records(data.method_notes),
        "papers": _records(data.papers),
        "estimates": _by_column(data.estimates.head(LISTED_ROWS)),
        "estimates_total": len(data.estimates),
        "shown_rows": SHOWN_ROWS,
        "largest_rows": LARGEST_ROWS,
        "listed_rows": LISTED_ROWS,
        "listed_files": LISTED_FILES,
        "anchor": anchor,
        "slope_anchor": slope_anchor,
        "fit_of": {
            (str(r["study"]), str(r["table_id"]), str(r["column_id"])): r
            for r in _records(data.fits)
        },
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts; missing values as None, a year that came as 2012.0 as 2012."""
    years = {"year", "edition", "batch"} & set(frame.columns)
    return [
        r | {name: _year(r[name]) for name in years if r[name] is not None} for r in records(frame)
    ]


def _city(name: Any, latin: Mapping[str, str]) -> Markup:
    """A city as printed, with its Latin spelling beside it where that adds anything."""
    if numbers.is_missing(name):
        return escape(numbers.MISSING)
    shown = fonts.html_text(str(name), latin)
    spelt = latin.get(str(name))
    if numbers.is_missing(spelt) or str(spelt) == str(name) or not all(map(fonts.is_shown, name)):
        return shown  # the name itself is Latin, or its Latin spelling stands in for it
    return Markup("{} <small>{}</small>").format(shown, fonts.html_text(str(spelt)))


def _city_events(data: ReportData) -> dict[str, Any]:
    """Events with their decisions in words, and the counts that any of them has."""
    frame = data.city_events
    counts = [
        (name, label)
        for name, label in EVENT_COUNTS.items()
        if frame[name].notna().any()
        # What came of a decision to add is shown once one was taken.
        and (name not in EVENT_COUNT_MEANINGS or pd.to_numeric(frame[name]).fillna(0).any())
    ]
    taken = list(dict.fromkeys(map(str, frame["decision"])))
    said = [f"{DECISION_LABELS[d].capitalize()}: {DECISION_MEANINGS[d]}." for d in taken
            if d in DECISION_LABELS]  # fmt: skip
    if counts:
        said.append("Figures: one per indicator, scope and year that the place has in the panel.")
    said += [f"{label}: {EVENT_COUNT_MEANINGS[name]}." for name, label in counts
             if name in EVENT_COUNT_MEANINGS]  # fmt: skip
    tally = [
        f"{sum(frame['decision'] == d)} {DECISION_LABELS.get(d, words.spaced(d))}" for d in taken
    ]
    changed = {
        name: int(pd.to_numeric(frame[name]).fillna(0).sum()) for name in EVENT_COUNT_MEANINGS
    }
    summary = f"Of {len(frame)} events: {', '.join(tally)}." if taken else ""
    if len(taken) == 1 and len(frame) > 1:
        summary = f"All {len(frame)} are {DECISION_LABELS.get(taken[0], words.spaced(taken[0]))}."
    if any(changed.values()):
        summary += " Their figures: " + ", ".join(
            f"{numbers.count(n)} {EVENT_COUNTS[name].lower()}" for name, n in changed.items() if n
        ) + "."  # fmt: skip
    elif taken:
        summary += " No figure was added to another or left out."
    return {
        "city_events": [
            r | {"code": r["decision"],
                 "decision": DECISION_LABELS.get(str(r["decision"]), r["decision"])}
            for r in _records(frame)
        ],
        "event_counts": counts,
        "event_notes": " ".join(said),
        "event_summary": summary,
    }  # fmt: skip


def _findings(
    data: ReportData, tables: Mapping[str, list[RegressionTable]]
) -> list[dict[str, Any]]:
    """The policy effect of each study, from the last column of its first table that has one."""
    found = []
    about = {str(r["study"]): r for r in _records(data.studies)}
    fits = {
        (str(r["study"]), str(r["table_id"]), str(r["column_id"])): r for r in _records(data.fits)
    }
    for study, of_study in tables.items():
        said = about.get(study, {})
        term = said.get("effect_term") or "did"
        for table in of_study[:1]:
            mine = data.estimates[
                (data.estimates["study"].astype(str) == study)
                & (data.estimates["table_id"].astype(str) == table.table_id)
                & (data.estimates["term"] == term)
            ]
            by_column = {str(r["column_id"]): r for r in _records(mine)}
            columns = [c.column_id for c in table.columns if c.column_id in by_column]
            if not columns:
                continue
            fit = fits.get((study, table.table_id, columns[-1]), {})
            found.append(
                by_column[columns[-1]]
                | {
                    "title": said.get("title") or study,
                    "unit": _unit(said.get("outcome_label"), said.get("outcome_unit")),
                    "policy": said.get("policy_label") or said.get("policy"),
                    "link": anchor("table", study, table.table_id),
                    "n_obs": fit.get("n_obs"),
                    "n_units": fit.get("n_units"),
                }
            )
    return found


def _by_column(estimates: pd.DataFrame) -> list[list[dict[str, Any]]]:
    """Rows of each column of each table, in the order in which columns first appear."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for r in _records(estimates):
        key = (str(r["study"]), str(r["table_id"]), str(r["column_id"]))
        groups.setdefault(key, []).append(r)
    return list(groups.values())


def _study_ids(data: ReportData) -> list[str]:
    """Studies declared, then studies that only have results."""
    frames = (data.studies, data.estimates, data.threshold_models, data.trend)
    found = [study for frame in frames for study in frame["study"]]
    return list(dict.fromkeys(map(str, found)))


def _index_ids(data: ReportData) -> list[str]:
    found = [*data.index_weight["index_id"], *data.index_by_region["index_id"]]
    return list(dict.fromkeys(map(str, found)))


def _parts(
    studies: list[dict[str, Any]],
    indices: list[dict[str, Any]],
    efficiency: list[EfficiencySection],
    inequality: list[InequalitySection],
) -> list[Part]:
    """The table of contents; ids are the anchors of the sections."""

    def walk() -> Iterator[Part]:
        sections: list[tuple[str, str, list[tuple[str, str]]]] = [
            ("summary", "At a glance", []),
            ("estimates", "Policy estimates", [(s["id"], s["title"]) for s in studies]),
            ("indices", "Indices", [(i["id"], i["title"]) for i in indices]),
            ("efficiency", "Efficiency", [(s.id, str(s.about["title"])) for s in efficiency]),
            ("inequality", "Inequality and benchmarks", [
                (s.id, str(s.about["title"])) for s in inequality
            ]),
            ("input", "Input and its health", [
                ("health", "Health in one table"), ("files", "Files"), ("cells", "What became of each cell"),
                ("quarantine", "Quarantine"), ("imputed", "Imputed values"),
                ("disagreement", "Where sources disagree"),
                ("cities", "Cities that merged or split"), ("roster", "Policy rosters"),
            ]),
            ("checks", "Checks and row counts", []),
            ("trace", "How to trace a number", []),
            ("methods", "Methods", []),
            ("full", "Estimates in full", []),
        ]  # fmt: skip
        for i, (id_, title, children) in enumerate(sections, start=1):
            yield Part(id_, title, str(i))
            for j, (child, name) in enumerate(children, start=1):
                yield Part(child, name, f"{i}.{j}")

    return list(walk())


def _sum(frame: pd.DataFrame, column: str) -> int | None:
    return int(frame[column].fillna(0).sum()) if len(frame) else None


def _cells_of(data: ReportData, name: str) -> int | None:
    if data.cell_account.empty:
        return None
    mine = data.cell_account[data.cell_account["class"] == name]
    return int(mine["cells"].sum())


def _summary(data: ReportData) -> dict[str, Any]:
    resolved, quarantined = (_cells_of(data, f"value_{k}") for k in ("resolved", "quarantined"))
    values = (resolved or 0) + (quarantined or 0)
    released, imputed = _sum(data.imputed, "values"), _sum(data.imputed, "imputed")
    applicable = data.checks[data.checks["applicable"].astype(bool)]
    failed = applicable[~applicable["success"].astype(bool)]
    return {
        "files": len(data.input_files) if len(data.input_files) else None,
        "refused": int((data.input_files["status"].astype(str) != "loaded").sum()),
        "cells": _sum(data.cell_account, "cells"),
        "resolved": resolved,
        "resolved_share": resolved / values if values and resolved is not None else None,
        "quarantined": quarantined,
        "quarantined_share": quarantined / values if values and quarantined is not None else None,
        "released": released,
        "imputed": imputed,
        "imputed_share": imputed / released if released and imputed is not None else None,
        "interpolated": _interpolated(data),
        "checks": len(data.checks),
        "checks_passed": len(applicable) - len(failed),
        "checks_failed": int((failed["severity"] == "critical").sum()),
        "checks_warned": int((failed["severity"] != "critical").sum()),
        "checks_idle": len(data.checks) - len(applicable),
    }


def _interpolated(data: ReportData) -> str:
    """How many of the imputed values are interpolated themselves; the rest comes of these."""
    known = data.imputed["interpolated"]
    if known.isna().all():
        return ""
    own, imputed = int(known.fillna(0).sum()), _sum(data.imputed, "imputed") or 0
    if own == imputed:
        return ", all interpolated" if own else ""
    return f", {numbers.count(own)} of them interpolated, the rest computed from these"


def _account(data: ReportData) -> dict[str, Any]:
    """Cells by class, and whether the accounts agree with each other."""
    total = _sum(data.cell_account, "cells") or 0
    rows = []
    for r in _records(data.cell_account):
        name = str(r["class"])
        label, meaning = CLASS_LABELS.get(name, (name.replace("_", " ").capitalize(), ""))
        rows.append(
            {
                "class": name, "label": label, "meaning": meaning, "cells": r["cells"],
                "share": r["cells"] / total if total else None,
            }
        )  # fmt: skip
    problems = []
    read = _sum(data.input_files, "cells_read")
    if read is not None and rows and read != total:
        problems.append(
            f"The files hold {numbers.count(read)} cells, the account explains "
            f"{numbers.count(total)}: {numbers.count(abs(read - total))} "
            + ("are unaccounted for." if read > total else "too many.")
        )
    quarantined, reasons = _cells_of(data, "value_quarantined"), _sum(data.quarantine, "cells")
    if rows and (quarantined or 0) != (reasons or 0):
        problems.append(
            f"The account has {numbers.count(quarantined)} quarantined values, the reasons add "
            f"up to {numbers.count(reasons or 0)}."
        )
    said = data.input_health[data.input_health["measure"] == "values_released"]
    released = _sum(data.imputed, "values")
    if len(said) and released is not None and int(said["total"].iloc[0]) != released:
        problems.append(
            f"The health of the input has {numbers.count(said['total'].iloc[0])} values released, "
            f"the indicators add up to {numbers.count(released)}."
        )
    return {"rows": rows, "total": total, "problems": problems}


def _health(data: ReportData) -> list[dict[str, Any]]:
    """Each measure of the input with its largest parts."""
    rows = []
    for name, group in data.input_health.groupby("measure", sort=False):
        details = group[group["detail"] != "all"].sort_values(
            ["value", "detail"], ascending=[False, True]
        )
        named = [
            f"{str(r['detail']).replace('_', ' ')} {numbers.count(r['value'])}"
            for r in _records(details.head(SHOWN_DETAILS))
        ]
        if len(details) > SHOWN_DETAILS:
            named.append(f"{len(details) - SHOWN_DETAILS} more")
        rows.append(
            {
                "measure": str(name),
                "label": MEASURE_LABELS.get(str(name), str(name).replace("_", " ").capitalize()),
                "value": int(group["total"].iloc[0]),
                "parts": ", ".join(named),
            }
        )
    return rows


def _publishers(data: ReportData) -> list[dict[str, Any]]:
    """Files, editions and cells by publisher and licence."""
    if data.input_files.empty:
        return []
    rows = []
    keys = ["publisher", "source_id", "licence", "citation"]
    files = data.input_files.assign(
        citation=[
            _of_any_edition(c, e)
            for c, e in zip(data.input_files["citation"], data.input_files["edition"], strict=True)
        ]
    )
    for (publisher, source, licence, citation), group in files.groupby(
        keys, sort=False, dropna=False
    ):
        editions = sorted({_year(e) for e in group["edition"] if not numbers.is_missing(e)})
        cited = citation
        if not numbers.is_missing(citation):
            cited = str(citation).replace(ANY_EDITION, _span(editions))
        rows.append(
            {
                "publisher": publisher, "source_id": source, "licence": licence, "citation": cited,
                "editions": _span(editions), "files": len(group),
                "cells": int(group["cells_read"].fillna(0).sum()),
                "refused": int((group["status"].astype(str) != "loaded").sum()),
            }
        )  # fmt: skip
    return rows


ANY_EDITION: Final = "\0"


def _of_any_edition(citation: Any, edition: Any) -> Any:
    """The citation with its edition left open: editions cited alike are one source."""
    if numbers.is_missing(citation) or numbers.is_missing(edition):
        return citation
    year = re.escape(_year(edition))
    return re.sub(rf"(?<!\d){year}(?!\d)", ANY_EDITION, str(citation))


def _year(value: Any) -> str:
    """A year, edition or batch as text."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _span(years: list[str]) -> str:
    """'2010–2015, 2017' from a sorted list of years; other texts are listed."""
    if not all(year.isdigit() for year in years):
        return ", ".join(years)
    spans: list[list[int]] = []
    for year in map(int, years):
        if spans and spans[-1][1] == year - 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in spans)


def _imputed(data: ReportData) -> list[dict[str, Any]]:
    if data.imputed.empty:
        return []
    some = data.imputed[data.imputed["imputed"].fillna(0) > 0]
    return _records(some.sort_values("share", ascending=False, kind="stable"))


def _gates(data: ReportData) -> list[dict[str, Any]]:
    """Counts by gate."""
    rows = []
    for gate in dict.fromkeys(data.checks["gate"]):
        mine = data.checks[data.checks["gate"] == gate]
        applicable = mine["applicable"].astype(bool)
        success = mine["success"].astype(bool)
        critical = mine["severity"] == "critical"
        rows.append(
            {
                "gate": gate, "rules": len(mine), "passed": int((applicable & success).sum()),
                "warned": int((applicable & ~success & ~critical).sum()),
                "failed": int((applicable & ~success & critical).sum()),
                "idle": int((~applicable).sum()),
            }
        )  # fmt: skip
    return rows


def _disagreement(data: ReportData, pen: figures.Pen, latin: Mapping[str, str]) -> dict[str, Any]:
    """The largest disagreements, as rows and as a figure."""
    frame = data.disagreement
    total = len(frame) if data.disagreement_total is None else data.disagreement_total
    if frame.empty:
        return {"rows": [], "total": total, "figure": None, "years": [], "units": False}
    ratio = pd.to_numeric(frame["ratio"])
    # Far from 1 on either side comes first; a ratio that isn't positive can't be compared.
    distance = ratio.where(ratio <= 1, 1 / ratio.where(ratio > 1))
    distance = distance.where(ratio > 0)
    frame = frame.assign(ratio=ratio).loc[distance.sort_values(kind="stable").index]
    drawable = frame[(frame["ratio"] > 0) & (frame["ratio"] < float("inf"))].head(LARGEST_ROWS)
    figure = None
    if len(drawable):
        label = (
            f"Ratio of the two sources for the {len(drawable)} city-years that disagree most; "
            "the numbers are in the table below."
        )
        figure = figures.ratio_figure(pen, "fig-disagreement", label, drawable, latin)
    years = frame.groupby("year").size().sort_values(ascending=False, kind="stable").head(3)
    return {
        "rows": _records(frame.head(LISTED_ROWS)),
        "total": total,
        "figure": figure,
        "units": bool(frame["unit"].notna().any()),
        "years": [(str(year), int(n)) for year, n in years.items()],
    }


def _study(
    data: ReportData, pen: figures.Pen, study: str, tables: list[RegressionTable]
) -> dict[str, Any]:
    """One study: its description, tables, effect figures and trend."""
    found = _records(data.studies[data.studies["study"] == study])
    about: dict[str, Any] = found[0] if found else dict.fromkeys(data.studies.columns)
    unit = _unit(about.get("outcome_label"), about.get("outcome_unit"))
    axis = _plain_unit(about.get("outcome_unit") or about.get("outcome_label") or "outcome")
    shown = []
    for table in tables:
        effects = _effects(data, table, about.get("effect_term") or "did")
        if table.outcomes:  # effects on other outcomes don't share an axis
            own = [
                column.column_id
                for column, outcome in zip(table.columns, table.outcomes, strict=True)
                if outcome == about.get("outcome_label")
            ]
            effects = effects[effects["column_id"].isin(own)] if len(effects) else effects
        figure = None
        if len(effects):
            label = (
                f"Policy effect on {unit} by column of {table.title}, with 95 per cent intervals; "
                "the numbers are in the table above."
            )
            key = anchor("fig-effect", study, table.table_id)
            draw = figures.forest_figure if table.split else figures.effect_figure
            figure = draw(pen, key, label, effects, f"Effect, {axis}")
        below = {
            name: frame[(frame["study"] == study) & (frame["table_id"] == table.table_id)]
            for name, frame in (
                ("split_tests", data.split_tests),
                ("split_joint_tests", data.split_joint_tests),
                ("mediations", data.mediations),
                ("mediations_joint", data.mediations_joint),
            )
        }
        shown.append(
            {
                "table": table,
                "figure": figure,
                **{name: _records(frame) for name, frame in below.items()},
            }
        )
    trend = data.trend[data.trend["study"] == study].sort_values("year", kind="stable")
    groups = {
        name: trend[trend["group"] == group]
        for group, name in (("treated", "Treated cities"), ("control", "Control cities"))
        if (trend["group"] == group).any()
    }
    figure = None
    if groups:
        label = f"Mean of {unit} by year, treated and control cities; the numbers are listed below."
        years = figures.mark_years(data.roster, about.get("policy"))
        figure = figures.lines_figure(
            pen, anchor("fig-trend", study), label, groups, f"Mean, {axis}", marks=years
        )
    return {
        **about,
        "study": study,
        "id": anchor("study", study),
        "title": about.get("title") or study,
        "unit": unit,
        "tables": shown,
        "thresholds": [
            {"section": section, "figures": _profiles(data, pen, section)}
            for section in sections_of(data, study)
        ],
        "trend_figure": figure,
        "trend_marked": bool(figures.mark_years(data.roster, about.get("policy"))),
        "groups": list(dict.fromkeys(str(group) for group in trend["group"])),
        "trend": _by_group(trend),
    }


def _by_group(trend: pd.DataFrame) -> list[tuple[Any, dict[str, dict[str, Any]]]]:
    """Rows of a trend by year, each a dict by group."""
    years: dict[Any, dict[str, dict[str, Any]]] = {}
    for r in _records(trend):
        years.setdefault(r["year"], {})[str(r["group"])] = r
    return list(years.items())


def _profiles(
    data: ReportData, pen: figures.Pen, section: ThresholdSection
) -> dict[int, list[tuple[int, Markup]]]:
    """Likelihood-ratio figures of the models shown: by number of thresholds, (number, figure)."""
    return {
        model.n_thresholds: list(_profiles_of(data, pen, section, model))
        for model in section.models
    }


def _profiles_of(
    data: ReportData, pen: figures.Pen, section: ThresholdSection, model: RegimeModel
) -> Iterator[tuple[int, Markup]]:
    profile = data.threshold_profile
    profile = profile[
        (profile["study"] == section.study)
        & (profile["model_id"] == section.model_id)
        & (profile["n_thresholds"] == model.n_thresholds)
    ]
    for row in section.thresholds:
        mine = profile[profile["threshold_no"] == row.threshold_no]
        if row.n_thresholds != model.n_thresholds or mine.empty:
            continue
        label = (
            f"Likelihood ratio over the candidates of threshold {row.threshold_no} of "
            f"{row.n_thresholds}; estimate {row.values['estimate']:.4f}."
        )
        key = anchor(
            "fig-lr", section.study, section.model_id, model.n_thresholds, row.threshold_no
        )
        name = str(section.about["variable_label"])
        yield row.threshold_no, figures.profile_figure(pen, key, label, mine, row.values, name)


def _unit(label: Any, unit: Any) -> str:
    """The outcome with its unit in brackets; brackets within the unit become a comma."""
    text = "outcome" if numbers.is_missing(label) else str(label)
    if numbers.is_missing(unit) or not str(unit):
        return text
    inner = _plain_unit(unit)
    return f"{text}, {inner}" if text.endswith(")") else f"{text} ({inner})"


def _plain_unit(unit: Any) -> str:
    """A unit that can stand in brackets: 'points (0-100)' is 'points, 0–100'."""
    text = re.sub(r"\s*\(([^()]*)\)", r", \1", str(unit))
    return re.sub(r"(?<=\d)-(?=\d)", "–", text)


def _effects(data: ReportData, table: RegressionTable, term: str) -> pd.DataFrame:
    """The policy term by column, with the interval implied by the printed t value."""
    mine = data.estimates
    mine = mine[
        (mine["study"] == table.study)
        & (mine["table_id"].astype(str) == table.table_id)
        & (mine["term"] == term)
    ]
    by_column = {str(r["column_id"]): r for r in _records(mine)}
    printed: dict[str, tuple[float, float]] = {}
    for row, under in zip(table.coefficients[::2], table.coefficients[1::2], strict=True):
        for cell, below in zip(row.cells, under.cells, strict=True):
            if cell.source != ESTIMATED and cell.term == term and cell.number is not None:
                t = below.number.value if below.number is not None else float("nan")
                reach = abs(Z_95 * cell.number.value / t) if t else float("nan")
                if table.in_parentheses != "t values":
                    reach = Z_95 * t
                printed[cell.column_id] = (cell.number.value, reach)
    rows = []
    for column in table.columns:
        r = by_column.get(column.column_id)
        if r is None and column.column_id not in printed:
            continue
        value, reach = printed.get(column.column_id, (float("nan"), float("nan")))
        rows.append(
            {
                "column_id": column.column_id,
                "label": column.label,
                **{k: None if r is None else r[k] for k in ("estimate", "ci_low", "ci_high")},
                "published": value, "published_low": value - reach, "published_high": value + reach,
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    return frame.astype({c: float for c in frame.columns if c not in {"column_id", "label"}})


def _index(data: ReportData, pen: figures.Pen, index_id: str) -> dict[str, Any]:
    """One index: weights computed beside published, and its mean by region."""
    weights = data.index_weight[data.index_weight["index_id"] == index_id]
    weights = weights.assign(
        weight=pd.to_numeric(weights["weight"]),
        published_weight=pd.to_numeric(weights["published_weight"]),
    )
    regions = data.index_by_region[data.index_by_region["index_id"] == index_id]
    titles = [t for t in weights["index_title"] if not numbers.is_missing(t)]
    title = str(titles[0]) if titles else f"Index {index_id}"
    weight_figure = region_figure = None
    if weights["published_weight"].notna().any():  # the table alone shows one series as well
        named = weights.assign(name=weights["indicator_name"])
        weight_figure = figures.weights_figure(
            pen, anchor("fig-weights", index_id),
            f"{title}: weights by indicator; the numbers are in the table.", named,
        )  # fmt: skip
    if len(regions):
        series = {
            _capitalised(region): regions[regions["region"] == region].sort_values(
                "year", kind="stable"
            )
            for region in _regions(regions)
        }
        region_figure = figures.lines_figure(
            pen, anchor("fig-regions", index_id),
            f"{title}: mean by region and year; the numbers are listed below.",
            series, "Mean score",
        )  # fmt: skip
    return {
        "index_id": index_id,
        "title": title,
        "id": anchor("index", index_id),
        "weights": _records(weights),
        "weight_sum": float(weights["weight"].sum()) if len(weights) else None,
        "published_sum": float(weights["published_weight"].sum())
        if weights["published_weight"].notna().any()
        else None,
        "has_zh": bool(weights["indicator_name_zh"].notna().any()),
        "weight_figure": weight_figure,
        "region_figure": region_figure,
        "regions": _regions(regions),
        "by_year": _by_year(regions),
        "variants": _variants(data, index_id, title) if len(weights) else [],
    }


def _variants(data: ReportData, index_id: str, title: str) -> list[dict[str, Any]]:
    """Other ways to make the index, each with its weights by indicator."""
    mine = data.index_variants[data.index_variants["index_id"].astype(str) == index_id]
    weights = data.index_variant_weight
    return [
        r
        | {
            "index_id": r["variant_id"],
            "title": str(r["title"]).removeprefix(f"{title}, "),
            "weight": {
                str(w["indicator_code"]): w["weight"]
                for w in _records(weights[weights["variant_id"] == r["variant_id"]])
            },
        }
        for r in _records(mine)
    ]


REGION_ORDER: Final = ("east", "central", "west", "northeast")


def _regions(regions: pd.DataFrame) -> list[str]:
    """Regions as they are usually listed; others follow as they come."""
    found = list(dict.fromkeys(map(str, regions["region"])))
    known = [region for region in REGION_ORDER if region in found]
    return known + [region for region in found if region not in known]


def _capitalised(text: Any) -> str:
    return str(text)[:1].upper() + str(text)[1:]


def _by_year(regions: pd.DataFrame) -> list[dict[str, Any]]:
    """Means by year, regions as a dict: the numbers under the figure."""
    rows = []
    for year in sorted(set(regions["year"])):
        mine = regions[regions["year"] == year]
        rows.append(
            {"year": int(year),
             "mean": {str(r["region"]): r["mean"] for r in _records(mine)},
             "n": {str(r["region"]): r["n"] for r in _records(mine)}}
        )  # fmt: skip
    return rows
