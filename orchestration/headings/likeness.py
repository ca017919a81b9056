"""How alike a printed heading and the names of an indicator are.

Belongs here: comparing texts, ranking. Does not belong here: rows of the seed (`rows`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

SUGGESTIONS = 3
OTHER_DIMENSION = 0.6  # a unit that can't be converted into the indicator's nearly rules it out
CERTAIN = 100.0  # the heading is a name of the indicator
PART_OF_NAME = 0.9  # a name inside a longer heading is likely, the same name is certain
TRANSLATION = 0.95  # English words are a translation of the heading, not the heading
SHORTEST_PART = 4  # characters; shorter names stand inside nearly everything

HAN = re.compile(r"[\u3400-\u9fff]")
BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）")


@dataclass(frozen=True)
class Indicator:
    """What an indicator is called: in the dictionary and on pages that are mapped already."""

    code: str
    name_zh: str
    name_en: str
    dimension: str | None
    heading_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """An indicator that a heading may mean; `score` from 0 to 100, `likeness` the name that is alike."""

    indicator: Indicator
    score: float
    likeness: str


COMPARED_AS = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    ord("−"): "-",
    ord("İ"): "i",
}
"""Full-width forms, the sign that means minus, and the one letter whose small form would be two characters."""


def text_key(text: str) -> str:
    """A text as staging compares it: half-width, small letters, no white space.

    The macro of the same name does it in SQL; a test compares the two, character by character.
    """
    # Letter by letter: Python's small sigma depends on its place in the word.
    small = "".join(character.lower() for character in text.translate(COMPARED_AS))
    return re.sub(r"[\s\u200b\ufeff]+", "", small)


def english_words(heading_printed: str, scope_labels: Iterable[str] = ()) -> str:
    """The translation in a printed heading path: lines without Chinese, units and scopes left out."""
    labels = set(scope_labels)
    words = []
    for part in heading_printed.split(" / "):
        lines = re.split(r"[\r\n]+", part)
        if any(text_key(line) in labels for line in lines) or text_key(part) in labels:
            continue
        words += [line for line in lines if not HAN.search(line)]
    return " ".join(BRACKETS.sub(" ", " ".join(words)).split())


def _likeness(heading_key: str, english: str, indicator: Indicator) -> tuple[float, str]:
    """How alike a heading and an indicator's names are, 0 to 100, and the name that is most alike."""
    from rapidfuzz import fuzz, utils

    best = (0.0, "")
    parts = {heading_key, *heading_key.split("/")} - {""}
    names = dict.fromkeys(
        (*indicator.heading_keys, indicator.name_zh, text_key(indicator.name_en), indicator.code)
    )
    for name in names:
        for part in parts:
            score = fuzz.ratio(part, name)
            if min(len(part), len(name)) >= SHORTEST_PART:
                score = max(score, PART_OF_NAME * fuzz.partial_ratio(part, name))
            best = max(best, (score, name))
    if english:
        score = TRANSLATION * fuzz.token_sort_ratio(
            english, indicator.name_en, processor=utils.default_process
        )
        best = max(best, (score, indicator.name_en))
    return best


def candidates(
    heading_key: str,
    english: str,
    dimensions: Iterable[str],
    indicators: Iterable[Indicator],
    limit: int = SUGGESTIONS,
) -> list[Candidate]:
    """The indicators whose names are most like a heading, best first, ties by code.

    `dimensions` are those of the units that the page prints; an indicator of another dimension
    loses much of its score.
    """
    printed = set(dimensions)
    found = []
    for indicator in indicators:
        score, name = _likeness(heading_key, english, indicator)
        if printed and indicator.dimension not in printed:
            score *= OTHER_DIMENSION
        found.append(Candidate(indicator, score, name))
    return sorted(found, key=lambda one: (-one.score, one.indicator.code))[:limit]
