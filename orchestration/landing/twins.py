"""Files with the same bytes: which of them say something of their own, and so are read again.

Here: the years that a file's path and its declaration state. A page without a year that two editions print alike
(land area) is two pages; a second copy in the same folder is none. Not here: reading and storing (`store`).
"""

import hashlib
import re
from collections.abc import Iterable, Sequence

from orchestration.landing.inbox import Declaration, InboxFile, declaration_for
from orchestration.landing.path import path_parts

_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")

Said = frozenset[str]


def said_of(file: InboxFile, declarations: Sequence[Declaration]) -> Said:
    """The years that a file's path or its declaration states; days of download are none.

    A year is a year, whoever says it: a copy that only repeats in its declaration what the other's
    folder says is no page of its own. Publisher and licence say nothing of the figures.
    """
    years = {
        year for part in path_parts(file.relative_path) for year in _YEAR.findall(part.bare_text)
    }
    declared = declaration_for(file.relative_path, list(declarations))
    if declared:
        years |= {str(year) for year in (declared.edition, declared.statistic_year) if year}
        if declared.data_kind == "simulated":
            years.add(declared.data_kind)
    return frozenset(years)


def is_page_of_its_own(said: Said, others: Iterable[Said]) -> bool:
    """Whether a file states something that none of those with the same bytes before it did."""
    return bool(said) and not any(said <= other for other in others)


def twin_key(file: InboxFile) -> str:
    """The key of a file whose bytes have a key already: of its path as well."""
    return hashlib.sha256(f"{file.sha256}\0{file.relative_path}".encode()).hexdigest()[:12]
