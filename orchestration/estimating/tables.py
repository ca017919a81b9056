"""Tables of the schema `estimates`: which there are, as their makers declare them, with provenance.

Belongs here: gathering the declarations of methods and measures. Does not belong here: columns of
any table (beside what fills it), writing them (`vintages`).
"""

from __future__ import annotations

from analysis.measures.inequality.tables import TABLES as INEQUALITY_TABLES
from analysis.methods.registry import METHODS
from analysis.methods.studies import tables_of
from analysis.published.tables import TABLES as COMPARISON_TABLES
from analysis.tables import Column, Table, by_name

SCHEMA = "estimates"

PROVENANCE = (
    Column(
        "vintage",
        "string",
        "Release that made the estimate: last statistic year and fingerprint",
        role="key",
    ),
    Column("data_kind", "string", "published or simulated"),
    Column(
        "data_fingerprint",
        "string",
        "SHA-256 of the columns of the panel that the study or subject used",
    ),
    Column("code_version", "string", "SHA-256 of the code (first 12 digits)"),
)
"""Columns that every table begins with."""

OF_STUDIES = tables_of(METHODS)
"""Tables that studies fill."""

OF_INEQUALITY = INEQUALITY_TABLES
"""Tables that the measures of inequality fill."""

OF_COMPARISON = COMPARISON_TABLES
"""The table of printed coefficients beside estimated ones."""

TABLES: dict[str, Table] = {
    name: table.with_columns(*PROVENANCE)
    for name, table in by_name(
        *OF_STUDIES.values(), *OF_COMPARISON.values(), *OF_INEQUALITY.values()
    ).items()
}
"""Every table of the schema, as stored."""

STUDY_STATUS = TABLES["study_status"]

__all__ = [
    "OF_COMPARISON",
    "OF_INEQUALITY",
    "OF_STUDIES",
    "PROVENANCE",
    "SCHEMA",
    "STUDY_STATUS",
    "TABLES",
]
