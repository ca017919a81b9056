"""The verbs of the command line, in the order of its help. A new one is a module and a line here."""

from orchestration.commands.audit import AUDIT
from orchestration.commands.counts import COUNTS
from orchestration.commands.export import EXPORT
from orchestration.commands.headings import HEADINGS
from orchestration.commands.refresh import REFRESH
from orchestration.commands.report import REPORT
from orchestration.commands.status import STATUS
from orchestration.commands.trace import TRACE
from orchestration.commands.verb import Verb
from orchestration.commands.warnings import WARNINGS

VERBS: tuple[Verb, ...] = (
    REFRESH,
    STATUS,
    WARNINGS,
    TRACE,
    REPORT,
    EXPORT,
    HEADINGS,
    COUNTS,
    AUDIT,
)
