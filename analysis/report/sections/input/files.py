"""The files of the input: by source, those refused, and all with their checksums.

Belongs here: how editions and citations of one source are put together. Does not belong here: what
a licence allows.
"""

import re
from pathlib import Path
from typing import Any, Final

import pandas as pd

from analysis.report.data import dated, year_text
from analysis.report.section import Context, Frame, Section, Values
from analysis.typeset import numbers
from analysis.typeset.texts import N_

FILES: Final = Frame(
    "input_files",
    ("file_name", "publisher", "edition", "licence", "citation", "sha256", "cells_read", "status",
     "reason"),
    ("source_id",),
    rows="one per yearbook file; edition is a year, status 'loaded', 'refused' or another",
)  # fmt: skip
LISTED_FILES: Final = 300
"""Files in the folded list; a sample has 252, and the warehouse has them all."""
ANY_EDITION: Final = "\0"


def _build(context: Context) -> Values:
    files = context["input_files"]
    return {
        "files": dated(files),
        "refused": dated(files[files["status"].astype(str) != "loaded"]),
        "publishers": _publishers(files),
        "by_source": bool(files["source_id"].notna().any()),
        "listed_files": LISTED_FILES,
    }


def _publishers(files: pd.DataFrame) -> list[dict[str, Any]]:
    """Files, editions and cells by publisher and licence."""
    if files.empty:
        return []
    rows = []
    cited = files.assign(
        citation=[
            _of_any_edition(c, e) for c, e in zip(files["citation"], files["edition"], strict=True)
        ]
    )
    keys = ["publisher", "source_id", "licence", "citation"]
    for (publisher, source, licence, citation), group in cited.groupby(
        keys, sort=False, dropna=False
    ):
        editions = sorted({year_text(e) for e in group["edition"] if not numbers.is_missing(e)})
        said = citation
        if not numbers.is_missing(citation):
            said = str(citation).replace(ANY_EDITION, _span(editions))
        rows.append(
            {
                "publisher": publisher, "source_id": source, "licence": licence,
                "citation": said, "editions": _span(editions), "files": len(group),
                "cells": int(group["cells_read"].fillna(0).sum()),
                "refused": int((group["status"].astype(str) != "loaded").sum()),
            }
        )  # fmt: skip
    return rows


def _of_any_edition(citation: Any, edition: Any) -> Any:
    """The citation with its edition left open: editions cited alike are one source."""
    if numbers.is_missing(citation) or numbers.is_missing(edition):
        return citation
    year = re.escape(year_text(edition))
    return re.sub(rf"(?<!\d){year}(?!\d)", ANY_EDITION, str(citation))


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


SECTION: Final = Section(
    id="files",
    title=N_("Files"),
    frames=(FILES,),
    build=_build,
    template=Path(__file__).with_name("files.html.j2"),
    words={"refused": N_("refused"), "loaded": N_("loaded")},
)
