"""Rules of methods join rows of one vintage: tables keep those of earlier releases, which must not be counted."""

from __future__ import annotations

import re

import pytest

from analysis.methods.base import GateRule
from analysis.methods.registry import METHODS

JOINED = re.compile(r"\bjoin (?:estimates\.\w+|\{batch\}) as (\w+)\s*(using \([^)]*\))?")
RULES = [rule for method in METHODS.values() for rule in method.rules if JOINED.search(rule.query)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_whatever_is_joined_is_of_the_same_vintage(rule: GateRule) -> None:
    for alias, using in JOINED.findall(rule.query):
        tied = re.search(rf"\b{alias}\.vintage\s*=|=\s*{alias}\.vintage\b", rule.query)
        assert tied or "vintage" in using, (
            f"{alias} is joined without its vintage: a second refresh would count the first one too"
        )
