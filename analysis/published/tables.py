"""The table of printed coefficients beside estimated ones.

Belongs here: its columns with type, meaning and role. Does not belong here: what fills them (`compare`).
"""

from analysis.tables import Column, Table, by_name

PUBLISHED_COMPARISON = Table(
    name="published_comparison",
    grain="One row per vintage, study and coefficient printed in a paper that the study stands against.",
    columns=(
        Column("study", "string", "Study (file in analysis/studies)", role="key"),
        Column("paper_id", "string", "Paper (seed paper)", role="key"),
        Column("table_no", "string", "Number of the printed table", role="key"),
        Column("column_no", "string", "Number of the printed column", role="key"),
        Column("term", "string", "Term, as in estimate", role="key"),
        Column("published_label", "string", "How the paper calls the column"),
        Column(
            "status",
            "string",
            "estimated, or no counterpart: the study has no such coefficient",
            role="status",
        ),
        Column("detail", "string", "Why there is no counterpart", role="detail"),
        Column("method", "string", "Method of the counterpart"),
        Column("design", "string", "Its design"),
        Column("column_id", "string", "Its column"),
        Column("at_point", "string", "Where it is taken, as in estimate"),
        Column("estimate", "Float64", "Coefficient of the study", role="estimate"),
        Column("std_error", "Float64", "Its standard error", role="std_error"),
        Column("statistic", "Float64", "Coefficient over standard error", role="statistic"),
        Column("p_value", "Float64", "Its two-sided p value", role="probability"),
        Column("stars", "string", "Its stars"),
        Column("published_estimate", "Float64", "Coefficient as printed", role="estimate"),
        Column(
            "published_std_error",
            "Float64",
            "Standard error, printed or implied by the t value; null where the coefficient prints as 0",
            role="number",
        ),
        Column(
            "published_statistic",
            "Float64",
            "t value, printed or implied by the standard error",
            role="statistic",
        ),
        Column("published_stars", "string", "Stars as printed"),
        Column("difference", "Float64", "Estimated less printed", role="estimate"),
        Column(
            "difference_in_errors",
            "Float64",
            "The difference in standard errors of the printed coefficient",
            role="statistic",
        ),
        Column(
            "same_sign",
            "boolean",
            "Whether the signs agree; of a coefficient that prints as 0 its t value has the sign",
        ),
        Column(
            "same_significance",
            "boolean",
            "Whether both are, or neither is, other than 0 at 5 %: the printed by its t value and the"
            " normal distribution, the estimated by its p value",
        ),
        Column(
            "same_size",
            "boolean",
            "Whether the estimate lies in the printed coefficient's 95 % interval; null where no error"
            " can be had",
        ),
    ),
)

TABLES = by_name(PUBLISHED_COMPARISON)
