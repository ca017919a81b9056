"""Tables that several methods fill: estimates, fits, what became of columns and rows, the referee's.

Belongs here: their columns with type, meaning and role. Does not belong here: a method's own tables
(its room's `tables`).
"""

from analysis.tables import Column, Table, by_name

ESTIMATE = Table(
    name="estimate",
    grain="One row per vintage, study, table, column and term.",
    columns=(
        Column("study", "string", "Study (file in analysis/studies)", role="key"),
        Column("table_id", "string", "Table of the study", role="key"),
        Column("column_id", "string", "Column of the table", role="key"),
        Column("column_label", "string", "What the column is"),
        Column("term", "string", "Regressor", role="key"),
        Column("term_label", "string", "Regressor in words"),
        Column("estimate", "Float64", "Coefficient, in units of the outcome", role="estimate"),
        Column(
            "std_error",
            "Float64",
            "Standard error, clustered; its convention is in model_fit",
            role="std_error",
        ),
        Column("t_value", "Float64", "Coefficient over standard error", role="statistic"),
        Column("p_value", "Float64", "Two-sided p value", role="probability"),
        Column("ci_low", "Float64", "Lower end of the 95 % interval", role="low"),
        Column("ci_high", "Float64", "Upper end of the 95 % interval", role="high"),
        Column("stars", "string", "*** p < 0.01, ** p < 0.05, * p < 0.1"),
    ),
)
MODEL_FIT = Table(
    name="model_fit",
    grain="One row per vintage, study, table and column: what was fitted and how well.",
    columns=(
        Column("study", "string", "Study (file in analysis/studies)", role="key"),
        Column("table_id", "string", "Table of the study", role="key"),
        Column("column_id", "string", "Column of the table", role="key"),
        Column(
            "outcome",
            "string",
            "What is explained: a column of marts.city_year, or a variable of the study",
        ),
        Column("effects", "string", "Fixed effects, joined by +"),
        Column("controls", "string", "Controls, joined by +"),
        Column("n_obs", "Int64", "Observations", role="count"),
        Column("n_units", "Int64", "Cities", role="count"),
        Column("n_periods", "Int64", "Years", role="count"),
        Column("n_clusters", "Int64", "Clusters of the standard errors", role="count"),
        Column(
            "n_dropped_missing", "Int64", "City-years left out for a missing value", role="count"
        ),
        Column("r2", "Float64", "R-squared, fixed effects counted in", role="number"),
        Column("r2_within", "Float64", "R-squared after fixed effects", role="number"),
        Column("r2_adjusted", "Float64", "R-squared adjusted for all parameters", role="number"),
        Column(
            "f_statistic",
            "Float64",
            "F test of all regressors, with the clustered covariance",
            role="statistic",
        ),
        Column("df_resid", "Int64", "Degrees of freedom of t and F", role="number"),
        Column(
            "se_convention",
            "string",
            "Small-sample convention of the standard errors",
        ),
        Column("cluster", "string", "Column that clusters are made of"),
        Column("spec_hash", "string", "SHA-256 of the validated study"),
    ),
)
STUDY_STATUS = Table(
    name="study_status",
    grain="One row per vintage and study: estimated, or why this input can't answer it.",
    columns=(
        Column("study", "string", "Study (file in analysis/studies)", role="key"),
        Column("title", "string", "Title of the study"),
        Column("status", "string", "estimated, or why this input can't answer it", role="status"),
        Column("detail", "string", "In words", role="detail"),
    ),
)
SAMPLE_ACCOUNT = Table(
    name="sample_account",
    grain="One row per vintage, study, table, column and step: what became of the rows.",
    columns=(
        Column("study", "string", "Study", role="key"),
        Column("table_id", "string", "Table", role="key"),
        Column("column_id", "string", "Column", role="key"),
        Column("step", "string", "What happened to the rows", role="key"),
        Column("n_rows", "Int64", "City-years", role="count"),
    ),
)
SAMPLE_MISSING = Table(
    name="sample_missing",
    grain="One row per vintage, study, table, column, variable and reason: rows without its value.",
    columns=(
        Column("study", "string", "Study", role="key"),
        Column("table_id", "string", "Table", role="key"),
        Column("column_id", "string", "Column", role="key"),
        Column("variable", "string", "Variable of the column, or its cluster", role="key"),
        Column(
            "reason",
            "string",
            "missing; zero_denominator; outside_logarithm; no_earlier_year (of a lag)",
            role="key",
        ),
        Column(
            "n_rows", "Int64", "City-years; a row may stand under several variables", role="count"
        ),
    ),
)
DROPPED_TERM = Table(
    name="dropped_term",
    grain="One row per vintage, study, table, column and control that was left out of the regression.",
    columns=(
        Column("study", "string", "Study", role="key"),
        Column("table_id", "string", "Table", role="key"),
        Column("column_id", "string", "Column", role="key"),
        Column("term", "string", "Control", role="key"),
        Column("reason", "string", "Why its coefficient can't be told: no variation, or collinear"),
    ),
)
COLUMN_STATUS = Table(
    name="column_status",
    grain="One row per vintage, study, table and column: estimated, or why it was skipped.",
    columns=(
        Column("study", "string", "Study (file in analysis/studies)", role="key"),
        Column("table_id", "string", "Table of the study", role="key"),
        Column("column_id", "string", "Column of the table", role="key"),
        Column("column_label", "string", "What the column is"),
        Column("outcome", "string", "What is explained"),
        Column("split_by", "string", "Column of marts.city_year that parts the cities, if any"),
        Column("split_value", "string", "Group of the column"),
        Column("split_rule", "string", "How a city came into its group"),
        Column("status", "string", "estimated or skipped", role="status"),
        Column("detail", "string", "Why skipped: what these data lack", role="detail"),
    ),
)

REFERENCE_CHECK = Table(
    name="reference_check",
    grain="One row per vintage, study, column and term that was estimated twice.",
    columns=(
        Column("study", "string", "Study (file in analysis/studies)", role="key"),
        Column(
            "part",
            "string",
            "first_table: all its columns; further_table: its first column; mediation: total effect"
            " and both steps of its first mediator; threshold: the double threshold",
            role="key",
        ),
        Column("table_id", "string", "Table of the study, or its threshold model", role="key"),
        Column("column_id", "string", "Column of the table, or number of thresholds", role="key"),
        Column("term", "string", "Regressor; of a threshold model with its regime", role="key"),
        Column("library", "string", "What estimated the column again, with its version"),
        Column(
            "estimate",
            "Float64",
            "Coefficient as released, in units of the outcome",
            role="estimate",
        ),
        Column("reference_estimate", "Float64", "Coefficient of the library", role="number"),
        Column("std_error", "Float64", "Standard error as released, clustered", role="std_error"),
        Column(
            "reference_std_error",
            "Float64",
            "Standard error of the library, in the convention of the release",
            role="std_error",
        ),
        Column(
            "difference",
            "Float64",
            "Larger difference of the two, as a share of the library's standard error",
            role="number",
        ),
        Column(
            "ssr",
            "Float64",
            "Sum of squared residuals of the column; of a threshold model, that of its search",
            role="number",
        ),
        Column(
            "reference_ssr", "Float64", "Sum of squared residuals of the library", role="number"
        ),
        Column(
            "ssr_difference",
            "Float64",
            "Difference of the two as a share of the library's",
            role="number",
        ),
        Column(
            "agrees",
            "boolean",
            "Whether the difference is at most 1e-6 and that of the sums at most 1e-9",
        ),
        Column("detail", "string", "Why the library has no number, else empty", role="detail"),
    ),
)


TABLES = by_name(
    ESTIMATE,
    MODEL_FIT,
    STUDY_STATUS,
    SAMPLE_ACCOUNT,
    SAMPLE_MISSING,
    DROPPED_TERM,
    COLUMN_STATUS,
    REFERENCE_CHECK,
)
