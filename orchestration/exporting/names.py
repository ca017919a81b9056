"""Names and texts as Stata bears them.

Belongs here: names of at most 32 characters, labels of at most 80. Does not belong here: writing a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from orchestration.errors import CitypanelError

LONGEST_NAME, LONGEST_LABEL = 32, 80
DIGEST = 5
RESERVED = frozenset(
    [
        "_all",
        "_b",
        "byte",
        "_coef",
        "_cons",
        "double",
        "float",
        "if",
        "in",
        "int",
        "long",
        "_n",
        "_N",
        "_pi",
        "_pred",
        "_rc",
        "_skip",
        "strL",
        "using",
        "with",
    ]
)
"""Names that Stata keeps for itself."""


class NameClash(CitypanelError):
    """Two columns would have one name in Stata; the message names them."""


def stata_name(column: str) -> str:
    """The name itself where it fits; else its beginning and five digits of its SHA-256.

    It depends on the column alone: the same in each release and whichever columns stand beside it.
    """
    if len(column) <= LONGEST_NAME and column not in RESERVED:
        return column
    digest = hashlib.sha256(column.encode()).hexdigest()[:DIGEST]
    return f"{column[: LONGEST_NAME - DIGEST - 1].rstrip('_')}_{digest}"


def stata_names(columns: Iterable[str]) -> dict[str, str]:
    """A name for each column; raises NameClash where two have the same."""
    named: dict[str, str] = {}
    owner: dict[str, str] = {}
    for column in columns:
        name = stata_name(column)
        if name in owner:
            raise NameClash(f"{owner[name]} and {column} are both {name} in Stata: rename one")
        owner[name] = column
        named[column] = name
    return named


def label(text: str) -> str:
    """A text cut at 80 characters, an ellipsis for the rest."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_LABEL else flat[: LONGEST_LABEL - 1].rstrip() + "…"
