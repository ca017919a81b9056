"""How a number of the page is traced: to its row, and from a released figure to its cell.

Belongs here: the explanation and its examples. Does not belong here: tracing itself.
"""

from pathlib import Path
from typing import Final

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.typeset.texts import N_

EXAMPLES: Final = Frame(
    "trace_examples",
    ("city_name", "year", "indicator_code", "value", "unit", "file_name", "sheet", "cell", "text"),
    ("scope", "sha256"),
    rows="released values with the cell they came from; text as printed",
)
QUERIES: Final = (
    (
        N_("Where does the GDP of Xiangyang in 2015 come from?"),
        "select value.*, observation.value_text, sheet.relative_path, sheet.sheet_name\n"
        "from marts.indicator_value as value\n"
        "left join staging.stg_yearbook__observation as observation using (cell_id)\n"
        "left join staging.stg_yearbook__sheet as sheet using (file_key, sheet_index)\n"
        "where value.city_code = '420600' and value.year = 2015 and value.indicator_code = 'gdp';",
    ),
)
"""Questions, and the query on a release that answers each."""


def _build(context: Context) -> Values:
    return {"examples": dated(context["trace_examples"]), "queries": QUERIES}


SECTION: Final = Section(
    id="trace",
    title=N_("How to trace a number"),
    frames=(EXAMPLES,),
    build=_build,
    template=Path(__file__).with_name("trace.html.j2"),
)
