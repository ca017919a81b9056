"""Tables that every method fills: estimates and fits, columns and terms, status, rows, the referee's.

Belongs here: their columns with type, meaning and role. Does not belong here: a method's own tables
(its room's `tables`).

`was` tells the older names: before the methods had rooms, a design was a table or a model.
"""

from analysis.methods.error_columns import error_columns
from analysis.methods.sample_tables import sample_tables
from analysis.tables import Column, Table, by_name

STUDY = Column("study", "string", "Study (file in analysis/studies)", role="key")
METHOD = Column("method", "string", "Method (room in analysis/methods)", role="key")
DESIGN = Column("design", "string", "Design of the method in the study", role="key")
COLUMN = Column("column_id", "string", "Column of the design", role="key")
_COLUMN_KEYS = (STUDY, METHOD, DESIGN, COLUMN)
STARS = Column(
    "stars",
    "string",
    "*** p < 0.01, ** p < 0.05, * p < 0.1; none where the error rests on too few clusters",
)
CLUSTER = Column("cluster", "string", "Column that clusters are made of")
SPEC_HASH = Column("spec_hash", "string", "SHA-256 of the validated study")

ESTIMATE = Table(
    name="estimate",
    grain="One row per vintage, study, method, design, column, term and point.",
    columns=(
        *_COLUMN_KEYS,
        Column("term", "string", "Regressor; its label is in study_term", role="key"),
        Column(
            "at_point",
            "string",
            "Where the coefficient is taken: event time, cohort, group or regime; null where it is one",
            role="key",
        ),
        Column("estimate", "Float64", "Coefficient, in units of the outcome", role="estimate"),
        Column(
            "std_error",
            "Float64",
            "Standard error; its convention is in model_fit",
            role="std_error",
        ),
        Column("statistic", "Float64", "Coefficient over standard error", role="statistic"),
        Column("p_value", "Float64", "Two-sided p value", role="probability"),
        Column("ci_low", "Float64", "Lower end of the 95 % interval", role="low"),
        Column("ci_high", "Float64", "Upper end of the 95 % interval", role="high"),
        Column("df", "Int64", "Degrees of freedom of the statistic", role="number"),
        STARS,
        Column(
            "published_column",
            "string",
            "Column of the printed table that it stands against; null where nothing is printed",
        ),
    ),
    was={"table_id": "design", "t_value": "statistic"},
)
MODEL_FIT = Table(
    name="model_fit",
    grain="One row per vintage, study, method, design and column: what was fitted and how well.",
    columns=(
        *_COLUMN_KEYS,
        Column("status", "string", "estimated, skipped or failed", role="status"),
        Column(
            "detail",
            "string",
            "Why it was not estimated: what these data lack; of a column that was, what speaks against"
            " its errors or weights",
            role="detail",
        ),
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
            "n_empty_clusters",
            "Int64",
            "Clusters of which the effects leave nothing, such as those of singletons",
            role="count",
        ),
        Column(
            "n_singletons",
            "Int64",
            "Observations that are alone in a group of the effects; they stay and are counted",
            role="count",
        ),
        Column(
            "n_treated_units",
            "Int64",
            "Cities with a treated year in the sample; null where the policy is no term",
            role="count",
        ),
        Column("n_treated_clusters", "Int64", "Clusters that these lie in", role="count"),
        Column(
            "n_never_treated_units",
            "Int64",
            "Cities in the sample that the policy's roster doesn't list at all; null where first years"
            " aren't known",
            role="count",
        ),
        Column(
            "effective_clusters",
            "Float64",
            "Effective clusters of the policy's coefficient: as many alike would give an error as"
            " good (Carter, Schnepel and Steigerwald 2017)",
            role="number",
        ),
        Column(
            "n_negative_weights",
            "Int64",
            "Treated city-years whose effect the policy's coefficient counts negatively (de"
            " Chaisemartin and D'Haultfoeuille 2020)",
            role="count",
        ),
        Column("negative_weight_share", "Float64", "Share of these", role="number"),
        Column(
            "negative_weight_sum", "Float64", "Sum of their weights; all add up to 1", role="number"
        ),
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
        Column("se_convention", "string", "Small-sample convention of the standard errors"),
        CLUSTER,
        Column("seed", "Int64", "Seed of draws; null where nothing is drawn", role="number"),
        SPEC_HASH,
    ),
    was={"table_id": "design"},
)
ESTIMATE_ERROR = Table(
    name="estimate_error",
    grain="One row per vintage, study, method, design, column, term, point and further error of its coefficient.",
    columns=(*_COLUMN_KEYS, *error_columns(STARS)),
)
STUDY_COLUMN = Table(
    name="study_column",
    grain="One row per vintage, study, method, design and column: what it is, and what it stands against.",
    columns=(
        *_COLUMN_KEYS,
        Column("position", "Int64", "Place among the columns of the study", role="number"),
        Column("column_label", "string", "What the column is"),
        Column("design_title", "string", "Title of the design"),
        Column("outcome", "string", "What is explained, as in model_fit"),
        Column("outcome_label", "string", "The same in words"),
        Column("unit", "string", "Unit of the outcome"),
        Column("policy", "string", "Policy whose effect is asked for (seed policy)"),
        Column("split_id", "string", "Split of the design that the column is a group of, if any"),
        Column("split_by", "string", "Column of marts.city_year that parts the cities, if any"),
        Column("split_value", "string", "Group of the column"),
        Column("split_rule", "string", "How a city came into its group"),
        Column("paper_id", "string", "Paper of the printed table, if any (seed paper)"),
        Column("table_no", "string", "Number of the printed table"),
        Column("published_column", "string", "Column of the printed table, if any"),
        Column(
            "is_headline", "boolean", "Whether it stands for the study where there is room for one"
        ),
    ),
)
STUDY_TERM = Table(
    name="study_term",
    grain="One row per vintage, study and term of its equations: what it is.",
    columns=(
        STUDY,
        Column("term", "string", "Name in the study, as in estimate", role="key"),
        Column("position", "Int64", "Place among the terms of the study", role="number"),
        Column("label", "string", "In words"),
        Column("unit", "string", "Unit; null for policies and the constant"),
        Column(
            "role",
            "string",
            "treatment, treatment interaction, control policy, control, mediator, threshold, regressor"
            " or constant",
        ),
    ),
)
DESIGN_STATUS = Table(
    name="design_status",
    grain="One row per vintage, study, method and design: estimated, or why not.",
    columns=(
        STUDY,
        METHOD,
        DESIGN,
        Column("position", "Int64", "Place among the designs of the study", role="number"),
        Column("title", "string", "Title of the design"),
        Column("status", "string", "estimated, skipped or failed", role="status"),
        Column(
            "detail",
            "string",
            "skipped: what these data lack; failed: what went wrong, and what to do",
            role="detail",
        ),
    ),
)
STUDY_STATUS = Table(
    name="study_status",
    grain="One row per vintage and study: estimated, or why this input can't answer it.",
    columns=(
        STUDY,
        Column("title", "string", "Title of the study"),
        Column(
            "status",
            "string",
            "estimated; no outcome or no values: why this input can't answer it; failed",
            role="status",
        ),
        Column("detail", "string", "In words", role="detail"),
        Column("outcome", "string", "Column of marts.city_year that is explained"),
        Column("outcome_label", "string", "The same in words"),
        Column("outcome_unit", "string", "Unit of the outcome"),
        Column("policy", "string", "Policy whose effect is asked for (seed policy)"),
        Column("policy_label", "string", "The same in words"),
        Column("treatment", "string", "Term of the policy in estimate"),
        Column("first_year", "Int64", "First statistic year", role="number"),
        Column("last_year", "Int64", "Last statistic year", role="number"),
    ),
)
OUTCOME_TREND = Table(
    name="outcome_trend",
    grain="One row per vintage, study, year and group: the mean outcome of cities ever treated and never.",
    columns=(
        STUDY,
        Column("year", "Int64", "Statistic year", role="key"),
        Column(
            "group_name",
            "string",
            "treated: cities that the policy reaches in any year; control: the others",
            role="key",
        ),
        Column("mean", "Float64", "Mean outcome, in its unit", role="number"),
        Column("ci_low", "Float64", "Lower end of the 95 % interval of the mean", role="low"),
        Column("ci_high", "Float64", "Upper end", role="high"),
        Column("n_units", "Int64", "Cities with a value", role="count"),
    ),
)
STUDY_NOTE = Table(
    name="study_note",
    grain="One row per vintage, study, method, design, kind and subject: what must be known to read its tables.",
    columns=(
        STUDY,
        METHOD,
        DESIGN,
        Column(
            "kind",
            "string",
            "roster: a policy whose roster lacks announced entries; contains: an outcome that contains terms"
            " that explain it; shares: one that shares other figures with them; suspect, imputed: figures of"
            " the sample that fail a check, or are interpolated",
            role="key",
        ),
        Column(
            "subject",
            "string",
            "What it is about: a policy (seed policy), an outcome, or the sample",
            role="key",
        ),
        Column("position", "Int64", "Place among the notes of the design", role="number"),
        Column("note", "string", "In words"),
    ),
)
SAMPLE_ACCOUNT, SAMPLE_MISSING, SAMPLE_MARK = sample_tables(_COLUMN_KEYS)
DROPPED_TERM = Table(
    name="dropped_term",
    grain="One row per vintage, study, method, design, column and control that was left out of the regression.",
    columns=(
        *_COLUMN_KEYS,
        Column("term", "string", "Control", role="key"),
        Column("reason", "string", "Why its coefficient can't be told: no variation, or collinear"),
    ),
    was={"table_id": "design"},
)
REFERENCE_CHECK = Table(
    name="reference_check",
    grain="One row per vintage, study, column and term that was estimated twice.",
    columns=(
        STUDY,
        Column(
            "part",
            "string",
            "first_table: all its columns; further_table: its first column; mediation: total effect"
            " and both steps of its first mediator; threshold: the double threshold",
        ),
        METHOD,
        DESIGN,
        COLUMN,
        Column("term", "string", "Regressor", role="key"),
        Column("at_point", "string", "Where its coefficient is taken, as in estimate", role="key"),
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
    was={"table_id": "design"},
)

TABLES = by_name(
    ESTIMATE,
    ESTIMATE_ERROR,
    MODEL_FIT,
    STUDY_STATUS,
    DESIGN_STATUS,
    STUDY_COLUMN,
    STUDY_TERM,
    OUTCOME_TREND,
    STUDY_NOTE,
    SAMPLE_ACCOUNT,
    SAMPLE_MISSING,
    SAMPLE_MARK,
    DROPPED_TERM,
    REFERENCE_CHECK,
)
"""Tables of all methods together."""
