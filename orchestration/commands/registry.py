"""The verbs of the command line, in the order of its help. A new one is a module and a line here."""

from orchestration.commands.audit import AUDIT
from orchestration.commands.counts import COUNTS
from orchestration.commands.diff import DIFF
from orchestration.commands.export import EXPORT
from orchestration.commands.headings import HEADINGS
from orchestration.commands.prune import PRUNE
from orchestration.commands.publish import PUBLISH
from orchestration.commands.refresh import REFRESH
from orchestration.commands.report import REPORT
from orchestration.commands.rollback import ROLLBACK
from orchestration.commands.status import STATUS
from orchestration.commands.study import STUDY
from orchestration.commands.trace import TRACE
from orchestration.commands.verb import Verb
from orchestration.commands.vintages import VINTAGES
from orchestration.commands.warnings import WARNINGS

VERBS: tuple[Verb, ...] = (
    REFRESH,
    STATUS,
    VINTAGES,
    DIFF,
    PUBLISH,
    ROLLBACK,
    PRUNE,
    WARNINGS,
    TRACE,
    REPORT,
    EXPORT,
    STUDY,
    HEADINGS,
    COUNTS,
    AUDIT,
)
