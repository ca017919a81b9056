"""The verbs of the command line, in the order of its help. A new one is a module and a line here."""

from orchestration.commands.counts import COUNTS
from orchestration.commands.headings import HEADINGS
from orchestration.commands.refresh import REFRESH
from orchestration.commands.status import STATUS
from orchestration.commands.trace import TRACE
from orchestration.commands.verb import Verb

VERBS: tuple[Verb, ...] = (REFRESH, STATUS, TRACE, HEADINGS, COUNTS)
