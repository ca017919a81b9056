"""Table of bounds for an incomplete roster.

Belongs here: columns with type, meaning, unit and role. Does not belong here: the rows (`run`).
"""

from analysis.tables import Column, Table

ROSTER_BOUND = Table(
    name="roster_bound",
    grain="One row per vintage, study, design and column that was estimated: the policy's coefficient without"
    " cities that the roster may lack.",
    columns=(
        Column("study", "string", "Study (file in analysis/studies)", role="key"),
        Column("design", "string", "Bounds of the study", role="key"),
        Column(
            "column_id",
            "string",
            "as_listed; sure: without untreated cities of provinces that a short batch lists nobody of;"
            " listed: cities of the roster alone; lowest, highest: without the untreated cities, no more"
            " than entries are missing, whose absence moves it furthest that was found",
            role="key",
        ),
        Column("title", "string", "Title of the design"),
        Column("label", "string", "What the column leaves out, in words"),
        Column(
            "n_entries_missing",
            "Int64",
            "Entries announced and not listed, all batches",
            role="count",
        ),
        Column("n_left_out", "Int64", "Untreated cities that are left out", role="count"),
        Column(
            "left_out",
            "string",
            "Codes of the cities that lowest and highest leave out, joined by |: those to look up first",
        ),
        Column(
            "estimate",
            "Float64",
            "Coefficient of the policy, in units of the outcome",
            role="estimate",
        ),
        Column("std_error", "Float64", "Its clustered standard error", role="std_error"),
        Column("ci_low", "Float64", "Lower end of the 95 % interval", role="low"),
        Column("ci_high", "Float64", "Upper end", role="high"),
    ),
)
TABLES = {ROSTER_BOUND.name: ROSTER_BOUND}

__all__ = ["ROSTER_BOUND", "TABLES"]
