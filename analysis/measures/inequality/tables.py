"""Tables of inequality: status, measures, Dagum's pairs of groups, convergence.

Belongs here: their columns with type, meaning and role. Does not belong here: what fills them.
"""

from analysis.tables import Column, Table, by_name

_SUBJECT = Column("subject_id", "string", "Subject (seed comparison_subject)", role="key")
_YEAR = Column("year", "Int64", "Statistic year", role="key")
_GROUPING = Column(
    "group_column", "string", "Column of marts.city_year that makes the groups", role="key"
)
INEQUALITY_STATUS = Table(
    name="inequality_status",
    grain="One row per vintage and subject: measured, or why this input can't.",
    columns=(
        _SUBJECT,
        Column("column_name", "string", "Column of marts.city_year that is measured"),
        Column(
            "weight_column",
            "string",
            "Column that weighs the cities; null where each counts the same",
        ),
        Column(
            "scale",
            "string",
            "ratio: zero means none; interval: a score, whose zero is a choice, measured by what no shift changes",
        ),
        Column(
            "price_basis",
            "string",
            "current: growth holds that of prices too; constant; null where the subject is no money",
        ),
        Column(
            "status",
            "string",
            "estimated; estimated in part; not defined (negative values); no values",
            role="status",
        ),
        Column("detail", "string", "What is missing and why; null where nothing is", role="detail"),
        Column("first_year", "Int64", "First statistic year measured", role="number"),
        Column("last_year", "Int64", "Last statistic year measured", role="number"),
        Column(
            "n_obs",
            "Int64",
            "City-years with a value, and a weight where there is one",
            role="count",
        ),
        Column("n_units", "Int64", "Cities", role="count"),
        Column(
            "n_dropped_weight",
            "Int64",
            "City-years left out for want of a weight above zero",
            role="count",
        ),
    ),
)
INEQUALITY = Table(
    name="inequality",
    grain="One row per vintage, subject, grouping, year, measure, component and group.",
    columns=(
        _SUBJECT,
        _GROUPING,
        _YEAR,
        Column(
            "measure",
            "string",
            "gini (parts by Dagum), theil_t, theil_l; sd_log and cv (sigma convergence, unweighted). Of a score:"
            " mean_difference (half of it: the Gini coefficient times the mean, with its parts), variance, sd",
            role="key",
        ),
        Column(
            "component",
            "string",
            "total; within, between, transvariation add up to it; group: the measure inside a group",
            role="key",
        ),
        Column("group_name", "string", "Group of a group's own row; all elsewhere", role="key"),
        Column(
            "value",
            "Float64",
            "Value of the measure [no unit; of a score its unit, of a variance its square]; null where it is not"
            " defined, as Theil's L with zeros",
            role="number",
        ),
        Column(
            "share",
            "Float64",
            "Part of the total, between 0 and 1: of a component, or what a group adds within",
            role="number",
        ),
        Column("n_units", "Int64", "Cities measured", role="count"),
    ),
)
DAGUM_PAIR = Table(
    name="dagum_pair",
    grain="One row per vintage, subject, grouping, year and pair of groups: their part of Dagum's Gini.",
    columns=(
        _SUBJECT,
        _GROUPING,
        _YEAR,
        Column("group_a", "string", "Group with the larger mean", role="key"),
        Column(
            "group_b",
            "string",
            "Group with the smaller mean; of equal means the later name",
            role="key",
        ),
        Column(
            "between_gini", "Float64", "Gini between the two groups; null of a score", role="number"
        ),
        Column(
            "affluence",
            "Float64",
            "Relative economic affluence D between 0 (they overlap fully) and 1 (not at all)",
            role="number",
        ),
        Column(
            "net_between",
            "Float64",
            "What the pair adds to the net difference between groups",
            role="number",
        ),
        Column(
            "transvariation", "Float64", "What the pair adds to the transvariation", role="number"
        ),
        Column("share", "Float64", "Both over the Gini of all cities", role="number"),
    ),
)
CONVERGENCE = Table(
    name="convergence",
    grain="One row per vintage, subject, kind of convergence and group.",
    columns=(
        _SUBJECT,
        Column(
            "kind",
            "string",
            "sigma: trend of sd_log (of a score: sd) of the cities with every year; beta_absolute: growth on"
            " the first year's logarithm (of a score: change on its first value); beta_conditional: with"
            " controls; beta_panel: year by year, with controls, effects of cities and years",
            role="key",
        ),
        Column(
            "group_column",
            "string",
            "First of the subject's group columns; all for all cities",
            role="key",
        ),
        Column(
            "group_name", "string", "Group of 30 cities or more; all for all cities", role="key"
        ),
        Column("first_year", "Int64", "Statistic year", role="number"),
        Column("last_year", "Int64", "Statistic year", role="number"),
        Column("controls", "string", "Controls, joined by +"),
        Column(
            "coefficient",
            "Float64",
            "Trend of sd_log or sd per year, or beta; negative means convergence",
            role="estimate",
        ),
        Column(
            "std_error",
            "Float64",
            "Its standard error: conventional (sigma), HC1 (cross-sections), clustered by city (panel)",
            role="std_error",
        ),
        Column("t_value", "Float64", "Coefficient over standard error", role="statistic"),
        Column("p_value", "Float64", "Two-sided p value", role="probability"),
        Column(
            "speed", "Float64", "Speed of convergence [per year]; null for sigma", role="number"
        ),
        Column(
            "half_life",
            "Float64",
            "Years to half of the gap; null without convergence",
            role="number",
        ),
        Column("r2", "Float64", "R-squared; null for sigma", role="number"),
        Column(
            "n_obs",
            "Int64",
            "Observations: years (sigma), cities (cross-sections), city-years (panel)",
            role="count",
        ),
        Column("n_units", "Int64", "Cities", role="count"),
    ),
)

TABLES = by_name(INEQUALITY_STATUS, INEQUALITY, DAGUM_PAIR, CONVERGENCE)
