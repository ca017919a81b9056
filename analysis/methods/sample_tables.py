"""Tables that say what a column's sample is: rows by step, rows without a value, marked figures.

Belongs here: their columns with type, meaning and role. Does not belong here: the other common tables
(`tables`), rows of these (`columns`).
"""

from analysis.tables import Column, Table


def sample_tables(keys: tuple[Column, ...]) -> tuple[Table, Table, Table]:
    """`sample_account`, `sample_missing` and `sample_mark`; `keys` are those of a column of a design."""
    account = Table(
        name="sample_account",
        grain="One row per vintage, study, method, design, column and step: what became of the rows.",
        columns=(
            *keys,
            Column("step", "string", "What happened to the rows", role="key"),
            Column("n_rows", "Int64", "City-years", role="count"),
        ),
        was={"table_id": "design"},
    )
    missing = Table(
        name="sample_missing",
        grain="One row per vintage, study, method, design, column, variable and reason: rows without its value.",
        columns=(
            *keys,
            Column("variable", "string", "Variable of the column, or its cluster", role="key"),
            Column(
                "reason",
                "string",
                "missing; zero_denominator; outside_logarithm; no_earlier_year (of a lag); no_such_year"
                " (of as_of)",
                role="key",
            ),
            Column(
                "n_rows",
                "Int64",
                "City-years; a row may stand under several variables",
                role="count",
            ),
        ),
        was={"table_id": "design"},
    )
    mark = Table(
        name="sample_mark",
        grain="One row per vintage, study, method, design, column, variable and mark: rows with such"
        " figures.",
        columns=(
            *keys,
            Column("variable", "string", "Outcome or term of the column", role="key"),
            Column(
                "mark",
                "string",
                "suspect: a figure behind the value fails a check (marts.figure_check); imputed: one is"
                " interpolated",
                role="key",
            ),
            Column("n_rows", "Int64", "City-years of the sample with such a value", role="count"),
            Column("n_units", "Int64", "Cities that these are of", role="count"),
            Column("share", "Float64", "Share of them in the sample", role="probability"),
        ),
    )
    return account, missing, mark


__all__ = ["sample_tables"]
