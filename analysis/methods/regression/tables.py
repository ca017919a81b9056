"""Tables of tests between the groups of a split.

Belongs here: their columns with type, meaning and role. Does not belong here: what fills them (`split_tests`).
"""

from analysis.methods.tables import CLUSTER, STARS
from analysis.tables import Column, Table, by_name

_SPLIT = (
    Column("study", "string", "Study (file in analysis/studies)", role="key"),
    Column("design", "string", "Table of the study", role="key"),
    Column("split_id", "string", "Split of the table", role="key"),
    Column("split_rule", "string", "How a city came into its group"),
    Column(
        "split_cut",
        "Float64",
        "Value between low and high; null for text and truth values",
        role="number",
    ),
    Column("term", "string", "Regressor whose coefficients are compared", role="key"),
    Column("term_label", "string", "Regressor in words"),
)
SPLIT_TEST = Table(
    name="split_test",
    grain="One row per vintage, study, table, split, term and pair of groups of cities.",
    columns=(
        *_SPLIT,
        Column("column_a", "string", "Column of the first group", role="key"),
        Column("label_a", "string", "First group in words"),
        Column("column_b", "string", "Column of the second group", role="key"),
        Column("label_b", "string", "Second group in words"),
        Column(
            "estimate_a",
            "Float64",
            "Coefficient in the first group, in units of the outcome",
            role="estimate",
        ),
        Column("estimate_b", "Float64", "Coefficient in the second group", role="estimate"),
        Column("difference", "Float64", "First less second", role="estimate"),
        Column(
            "std_error",
            "Float64",
            "Its clustered standard error, of the regression on both groups with everything"
            " interacted",
            role="std_error",
            of="difference",
        ),
        Column("t_value", "Float64", "Difference over its standard error", role="statistic"),
        Column("p_value", "Float64", "Two-sided p value of equal coefficients", role="probability"),
        Column(
            "p_holm",
            "Float64",
            "The same corrected for the number of pairs (Holm 1979)",
            role="probability",
        ),
        Column(
            "p_stepdown",
            "Float64",
            "The same corrected for the number of pairs by the step-down of Romano and Wolf (2005),"
            " clusters' contributions with random signs",
            role="probability",
        ),
        Column(
            "ci_low",
            "Float64",
            "Lower end of the 95 % interval of the difference",
            role="low",
            of="difference",
        ),
        Column("ci_high", "Float64", "Upper end", role="high", of="difference"),
        STARS,
        Column("n_obs", "Int64", "City-years of both groups", role="count"),
        Column("n_clusters", "Int64", "Clusters of both groups", role="count"),
        Column("df_resid", "Int64", "Degrees of freedom of t", role="number"),
        CLUSTER,
    ),
    was={"table_id": "design"},
)
SPLIT_JOINT_TEST = Table(
    name="split_joint_test",
    grain="One row per vintage, study, table, split and term: is it the same in all groups?",
    columns=(
        *_SPLIT,
        Column("n_groups", "Int64", "Groups that were estimated", role="count"),
        Column("columns", "string", "Their columns, joined by +"),
        Column("labels", "string", "Groups in words, joined by semicolons"),
        Column(
            "f_statistic",
            "Float64",
            "Wald statistic of equal coefficients in all groups over its number of restrictions,"
            " clustered, of the regression on all groups with everything interacted",
            role="statistic",
        ),
        Column("df_test", "Int64", "Restrictions: groups less one", role="number"),
        Column("df_resid", "Int64", "Degrees of freedom of its denominator", role="number"),
        Column("p_value", "Float64", "p value of F", role="probability"),
        STARS,
        Column("n_obs", "Int64", "City-years of all groups", role="count"),
        Column("n_clusters", "Int64", "Clusters of all groups", role="count"),
        CLUSTER,
    ),
    was={"table_id": "design"},
)

SPLIT_DRAWN_TEST = Table(
    name="split_drawn_test",
    grain="One row per vintage, study, table, split, term, pair of groups and kind of draw.",
    columns=(
        Column("study", "string", "Study (file in analysis/studies)", role="key"),
        Column("design", "string", "Table of the study", role="key"),
        Column("split_id", "string", "Split of the table", role="key"),
        Column("term", "string", "Regressor whose coefficients are compared", role="key"),
        Column("column_a", "string", "Column of the first group", role="key"),
        Column("column_b", "string", "Column of the second group", role="key"),
        Column(
            "kind",
            "string",
            "permutation: labels of the two groups permuted over their cities, sizes kept, by the difference;"
            " permutation_t: the same by its t value, which also holds where groups differ in spread alone;"
            " bootstrap: cities (clusters) resampled within each group",
            role="key",
        ),
        Column("status", "string", "estimated or skipped", role="status"),
        Column("detail", "string", "skipped: why", role="detail"),
        Column(
            "difference", "Float64", "First group's coefficient less the second's", role="estimate"
        ),
        Column(
            "std_error",
            "Float64",
            "bootstrap: standard deviation of the resamples' differences",
            role="number",
        ),
        Column("statistic", "Float64", "What is compared with its draws", role="statistic"),
        Column("p_value", "Float64", "Two-sided p value", role="probability"),
        Column("mc_error", "Float64", "Its standard error by simulation", role="number"),
        Column(
            "p_one_sided",
            "Float64",
            "permutation: share of draws at least as great with the difference's own sign, as empirical p"
            " values are printed; (n + 1)/(draws + 1)",
            role="probability",
        ),
        Column(
            "n_as_large", "Int64", "Permutations with a statistic as large, in size", role="count"
        ),
        Column("n_draws", "Int64", "Draws with a coefficient in both groups", role="count"),
        Column(
            "n_absorbed", "Int64", "Draws without one: nobody in a group is treated", role="count"
        ),
        Column(
            "ci_low",
            "Float64",
            "bootstrap: 2.5 % quantile of the resamples' differences",
            role="number",
        ),
        Column("ci_high", "Float64", "bootstrap: their 97.5 % quantile", role="number"),
        Column("n_units_a", "Int64", "Cities of the first group", role="count"),
        Column("n_units_b", "Int64", "Cities of the second group", role="count"),
        Column("seed", "Int64", "Seed of the draws", role="number"),
    ),
)

TABLES = by_name(SPLIT_TEST, SPLIT_JOINT_TEST, SPLIT_DRAWN_TEST)
