"""The sections of the page, a module each with its template beside it; here their order.

Belongs here: which sections there are. Does not belong here: the sections of the methods (they are
handed over), what a section shows.
"""

from collections.abc import Sequence

from analysis.report.section import Section
from analysis.report.sections import checks, efficiency, full, indices, inequality, summary, trace
from analysis.report.sections import input as inbox
from analysis.report.sections.estimates import estimates
from analysis.report.sections.methods import methods as explained_methods


def contents(methods: Sequence[Section]) -> tuple[Section, ...]:
    """All sections in their order, given those of the methods in theirs."""
    measured = (indices.SECTION, efficiency.SECTION, inequality.SECTION)
    return (
        summary.SECTION,
        estimates(methods),
        *measured,
        inbox.SECTION,
        checks.SECTION,
        trace.SECTION,
        explained_methods((*methods, *measured)),
        full.SECTION,
    )
