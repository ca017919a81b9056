"""Texts of the page: every sentence goes through here, so that another language is a catalogue.

Belongs here: how a text becomes one of the language spoken. Does not belong here: the texts (they
stand where they are said, in English), numbers, codes in words (`words`).

A text known when the module is loaded is marked with `N_` and translated with `_` when it is shown.
Templates use gettext's own forms, `{% trans %}` and `_()`. All are collected in one catalogue.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations
from typing import Final

_ENGLISH: Final = NullTranslations()
_SPOKEN: Final[ContextVar[NullTranslations | None]] = ContextVar("language", default=None)


def N_(text: str) -> str:
    """Mark a text for the catalogue; it stays as it is."""
    return text


def _(text: str) -> str:
    """The text in the language spoken; the text itself where the catalogue lacks it."""
    return (_SPOKEN.get() or _ENGLISH).gettext(text) if text else ""


def ngettext(one: str, many: str, n: int) -> str:
    """The form for `n` things."""
    return (_SPOKEN.get() or _ENGLISH).ngettext(one, many, n)


@contextmanager
def speaking(translations: NullTranslations | None = None) -> Iterator[None]:
    """Say texts in a language; English where none is given."""
    token = _SPOKEN.set(translations)
    try:
        yield
    finally:
        _SPOKEN.reset(token)
