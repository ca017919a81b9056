"""Tables of staggered designs: estimators side by side, by event time, by cohort, the decomposition.

Belongs here: columns with type, meaning, unit and role. Does not belong here: the rows (`run`).
"""

from analysis.methods.staggered.registry import LABELS
from analysis.methods.tables import DESIGN, STARS, STUDY
from analysis.tables import Column, Table, by_name

_ESTIMATOR = Column(
    "column_id", "string", f"Estimator: {', '.join(tuple(LABELS)[:-1])} or {tuple(LABELS)[-1]}", role="key"
)  # fmt: skip
_NUMBERS = (
    Column("estimate", "Float64", "Effect, in units of the outcome", role="estimate"),
    Column("std_error", "Float64", "Its standard error", role="std_error"),
    Column("statistic", "Float64", "Estimate over standard error", role="statistic"),
    Column("p_value", "Float64", "Two-sided p value", role="probability"),
    STARS,
    Column("ci_low", "Float64", "Lower end of the 95 % interval", role="low"),
    Column("ci_high", "Float64", "Upper end of the 95 % interval", role="high"),
)

STAGGERED_EFFECT = Table(
    name="staggered_effect",
    grain="One row per vintage, study, staggered design and estimator.",
    columns=(
        STUDY,
        DESIGN,
        _ESTIMATOR,
        Column("position", "Int64", "Place among the estimators of the design", role="number"),
        Column("label", "string", "Estimator in words"),
        Column("title", "string", "Title of the design"),
        Column("status", "string", "estimated or skipped", role="status"),
        Column("detail", "string", "Why not, if skipped; else what was left out, and what speaks against it",
               role="detail"),
        *_NUMBERS,
        Column("averages", "string", "What the overall effect is the mean of"),
        Column("assumes", "string", "What has to hold for it, in a sentence"),
        Column("convention", "string", "What the error is"),
        Column("n_obs", "Int64", "City-years", role="count"),
        Column("n_treated", "Int64", "Treated cities whose effect is in it", role="count"),
        Column("n_cohorts", "Int64", "Their first years", role="count"),
        Column("leads_statistic", "Float64", "Test that all effects before the policy are 0: F, for the"
               " group-time estimator chi2", role="statistic"),
        Column("leads_df", "Int64", "Effects that it tests", role="count"),
        Column("leads_p", "Float64", "Its p value", role="probability"),
        Column("critical", "Float64", "Standard errors that the simultaneous band reaches (sup-t)",
               role="number"),
        Column("band", "string", "What that number is of: multiplier bootstrap, or simulated t"),
        Column("seed", "Int64", "Seed of that number", role="number"),
    ),
)  # fmt: skip
STAGGERED_TIME = Table(
    name="staggered_time",
    grain="One row per vintage, study, staggered design, estimator and event time that can be told.",
    columns=(
        STUDY,
        DESIGN,
        _ESTIMATOR,
        Column("event_time", "Int64", "Years since the first treated year", role="key"),
        Column("is_base", "boolean", "Whether the effect is 0 by definition"),
        Column("n_units", "Int64", "Treated cities behind it", role="count"),
        *_NUMBERS,
        Column("band_low", "Float64", "Lower end of the 95 % band that covers all event times of the"
               " estimator at once", role="low"),
        Column("band_high", "Float64", "Upper end of that band", role="high"),
    ),
)  # fmt: skip
STAGGERED_COHORT = Table(
    name="staggered_cohort",
    grain="One row per vintage, study, staggered design and cohort: its mean effect, group-time estimator.",
    columns=(
        STUDY,
        DESIGN,
        Column("cohort", "Int64", "First treated year", role="key"),
        Column("n_units", "Int64", "Cities of the cohort", role="count"),
        *_NUMBERS,
    ),
)
STAGGERED_YEAR = Table(
    name="staggered_year",
    grain="One row per vintage, study, staggered design and year: its mean effect, group-time estimator.",
    columns=(
        STUDY,
        DESIGN,
        Column("year", "Int64", "Calendar year", role="key"),
        Column("n_units", "Int64", "Cities treated by then", role="count"),
        *_NUMBERS,
    ),
)
TWO_WAY_COMPARISON = Table(
    name="two_way_comparison",
    grain="One row per vintage, study, staggered design and comparison of two groups of cities.",
    columns=(
        STUDY,
        DESIGN,
        Column("cohort", "Int64", "First treated year of the cities whose change is taken", role="key"),
        Column("compared_with", "string", "First treated year of those compared with, or never", role="key"),
        Column("kind", "string",
               "never treated; later, not yet: treated afterwards; earlier, already: treated before, a"
               " comparison that growing effects turn against the policy"),
        Column("estimate", "Float64", "Difference in differences of the two groups", role="estimate"),
        Column("weight", "Float64", "Its weight in the two-way coefficient without controls; all add up to 1",
               role="number"),
        Column("n_units", "Int64", "Cities of the balanced panel that is decomposed", role="count"),
        Column("n_left_out", "Int64", "Cities left out of it: a year is missing, or all are treated",
               role="count"),
    ),
)  # fmt: skip

TABLES = by_name(
    STAGGERED_EFFECT, STAGGERED_TIME, STAGGERED_COHORT, STAGGERED_YEAR, TWO_WAY_COMPARISON
)
