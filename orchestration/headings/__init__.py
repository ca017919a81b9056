"""Suggesting rows of `seeds/heading.csv` for what a file prints and no mapping knows.

`likeness` ranks indicators by the likeness of names, `rows` makes rows of the seed of it, `suggest` stages
one file in a throw-away warehouse and asks both.

Does not belong here: applying a mapping (a person pastes the row they chose), resolving headings (dbt
staging), reading files (`landing.reading`).
"""

from orchestration.headings.rows import as_csv
from orchestration.headings.suggest import Suggestions, suggest

__all__ = ["Suggestions", "as_csv", "suggest"]
