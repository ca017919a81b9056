"""The table of variations: each beside the column that it varies.

Belongs here: its columns with type, meaning and role. Does not belong here: what fills them (`run`).
"""

from analysis.methods.tables import COLUMN, DESIGN, STUDY
from analysis.tables import Column, Table, by_name

VARIATION = Table(
    name="variation",
    grain="One row per vintage, study, robustness table and variation that was estimated.",
    columns=(
        STUDY,
        DESIGN,
        COLUMN,
        Column("label", "string", "Variation, for people"),
        Column("rule", "string", "What is done otherwise than in the column that is varied"),
        Column("varies", "string", "Column that is varied, as design.column"),
        Column("term", "string", "Term that is compared: the policy", role="key"),
        Column("base_estimate", "Float64", "Coefficient in that column", role="estimate"),
        Column(
            "base_std_error", "Float64", "Its standard error", role="std_error", of="base_estimate"
        ),
        Column("base_n_obs", "Int64", "City-years of that column", role="count"),
        Column("estimate", "Float64", "Coefficient in the variation", role="estimate"),
        Column("std_error", "Float64", "Its standard error", role="std_error", of="estimate"),
        Column("n_obs", "Int64", "City-years of the variation", role="count"),
        Column("n_shared", "Int64", "City-years that both use", role="count"),
        Column(
            "difference",
            "Float64",
            "Variation less base; null where another outcome is explained",
            role="estimate",
        ),
        Column(
            "difference_std_error",
            "Float64",
            "Its clustered standard error, of both equations stacked: what a cluster contributes to"
            " either is added up before it is squared. Null where clusters or outcome are others, or the"
            " variation leaves the coefficient's rows and columns as they are",
            role="std_error",
            of="difference",
        ),
        Column("difference_p", "Float64", "Two-sided p value of no difference", role="probability"),
        Column("same_sign", "boolean", "Whether both have the same sign"),
        Column(
            "same_significance",
            "boolean",
            "Whether both are, or neither is, other than 0 at 5 %",
        ),
    ),
)

TABLES = by_name(VARIATION)
