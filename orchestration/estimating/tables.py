"""Tables of the schema `estimates`: which there are, as their makers declare them, with provenance.

Belongs here: gathering the declarations of methods and measures. Does not belong here: columns of
any table (beside what fills it), writing them (`vintages`).
"""

from __future__ import annotations

from analysis.measures.inequality.tables import TABLES as INEQUALITY_TABLES
from analysis.methods.mediation.tables import TABLES as MEDIATION_TABLES
from analysis.methods.regression.tables import TABLES as REGRESSION_TABLES
from analysis.methods.tables import TABLES as COMMON_TABLES
from analysis.methods.threshold.tables import TABLES as THRESHOLD_TABLES
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

OF_STUDIES = by_name(
    *COMMON_TABLES.values(),
    *REGRESSION_TABLES.values(),
    *MEDIATION_TABLES.values(),
    *THRESHOLD_TABLES.values(),
)
"""Tables that studies fill."""

OF_INEQUALITY = INEQUALITY_TABLES
"""Tables that the measures of inequality fill."""

TABLES: dict[str, Table] = {
    name: table.with_columns(*PROVENANCE)
    for name, table in by_name(*OF_STUDIES.values(), *OF_INEQUALITY.values()).items()
}
"""Every table of the schema, as stored."""

STUDY_STATUS = TABLES["study_status"]

__all__ = ["OF_INEQUALITY", "OF_STUDIES", "PROVENANCE", "SCHEMA", "STUDY_STATUS", "TABLES"]
