"""Tables of specification curves: what all specifications say together, and each of them.

Belongs here: columns with type, meaning, unit and role. Does not belong here: the rows (`run`).
"""

from analysis.methods.tables import CLUSTER, DESIGN, STUDY
from analysis.tables import Column, Table, by_name

SPECIFICATION_CURVE = Table(
    name="specification_curve",
    grain="One row per vintage, study and design: what its specifications say together.",
    columns=(
        STUDY,
        DESIGN,
        Column("title", "string", "Title of the design"),
        Column("n_specifications", "Int64", "Combinations that are declared", role="count"),
        Column("n_estimated", "Int64", "Of these, estimated with an error", role="count"),
        Column("median_effect", "Float64", "Median effect, in standard deviations of the outcome", role="number"),
        Column("share_positive", "Float64", "Share that is positive and significant at 5 %", role="probability"),
        Column("share_negative", "Float64", "Share that is negative and significant at 5 %", role="probability"),
        Column("mean_z", "Float64", "Mean z value (Stouffer's, over the root of their number)", role="number"),
        Column("p_median", "Float64", "Share of random assignments with as large a median", role="probability"),
        Column("p_share", "Float64", "Share of them with as many significant of one sign", role="probability"),
        Column("p_z", "Float64", "Share of them with a mean z as large in size", role="probability"),
        Column("draws", "Int64", "Random assignments: first treated years permuted over cities", role="count"),
        Column("seed", "Int64", "Seed of the random assignments", role="number"),
    ),
)  # fmt: skip
SPECIFICATION = Table(
    name="specification",
    grain="One row per vintage, study, design and specification.",
    columns=(
        STUDY,
        DESIGN,
        Column("specification", "string", "Place among those declared; s1 is the column itself", role="key"),
        Column("position", "Int64", "Place by size of the effect, from 1; null if not estimated", role="number"),
        Column("status", "string", "estimated or skipped", role="status"),
        Column("detail", "string", "Why not, if skipped; else which controls are collinear", role="detail"),
        Column("outcome", "string", "What is explained"),
        Column("outcome_label", "string", "Its label"),
        Column("controls", "string", "Controls, joined by +"),
        Column("effects", "string", "Fixed effects, joined by +"),
        Column("sample", "string", "Rows, in words: as the column, or the label of a sample of the design"),
        Column("rule", "string", "Rule of the policy: as the column, or the label of a rule of the design"),
        CLUSTER,
        Column("n_obs", "Int64", "Observations", role="count"),
        Column("n_clusters", "Int64", "Clusters of the standard error", role="count"),
        Column("estimate", "Float64", "Effect of the policy, in units of the outcome", role="estimate"),
        Column("std_error", "Float64", "Its clustered error, by the study's convention", role="std_error"),
        Column("p_value", "Float64", "Two-sided p value", role="probability"),
        Column("df", "Int64", "Degrees of freedom of t", role="number"),
        Column("effect", "Float64", "Effect in standard deviations of the outcome in these rows", role="number"),
        Column("effect_low", "Float64", "Lower end of its 95 % interval", role="number"),
        Column("effect_high", "Float64", "Upper end", role="number"),
    ),
)  # fmt: skip

TABLES = by_name(SPECIFICATION_CURVE, SPECIFICATION)
