"""Tables of matching: scores, who is matched with whom and how often, balance, densities.

Belongs here: columns with type, meaning, unit and role. Does not belong here: the rows (`rows`).
"""

from analysis.methods.tables import COLUMN, DESIGN, STUDY
from analysis.tables import Column, Table

_KEYS = (STUDY, DESIGN, COLUMN)
_POOL = (
    Column(
        "matched_on",
        "string",
        "means_before: cities by their means before the policy; each_year: city-years of a year;"
        " pooled: all city-years together",
        role="key",
    ),
    Column(
        "treated_are", "string", "ever: cities treated at any time; now: treated rows", role="key"
    ),
)
_CITY = Column("city_code", "string", "City", role="key")
_YEAR = Column(
    "year", "Int64", "Statistic year; null where cities are matched, not city-years", role="key"
)

MATCHING = Table(
    name="matching",
    grain="One row per vintage, study, design and column that was matched.",
    columns=(
        *_KEYS,
        *(Column(c.name, c.type, c.meaning) for c in _POOL),
        Column("matched_by", "string",
               "support, nearest, radius, kernel, mahalanobis or entropy"),
        Column("rule", "string", "The rule in words: neighbours, replacement, caliper, bandwidth"),
        Column("first_year", "Int64", "First year of the means before the policy", role="number"),
        Column("last_year", "Int64", "Last of them", role="number"),
        Column("caliper", "Float64", "Largest difference of two that may be matched, in units of the"
               " distance; null without one", role="number"),
        Column("n_treated", "Int64", "Treated with all covariates: cities, or city-years",
               role="count"),
        Column("n_control", "Int64", "Others with all covariates", role="count"),
        Column("n_off_support", "Int64", "Treated beyond all scores of the others, left out",
               role="count"),
        Column("n_unmatched", "Int64", "Treated on the support without a control in reach, left out",
               role="count"),
        Column("n_matched", "Int64", "Treated that are matched", role="count"),
        Column("n_controls_used", "Int64", "Controls with a weight", role="count"),
        Column("most_uses", "Int64",
               "How many treated the most used control serves; null where all serve together",
               role="count"),
        Column("mean_uses", "Float64", "Mean over the controls used", role="number"),
        Column("effective_controls", "Float64",
               "Controls that would weigh as much if all weighed alike (Kish)", role="number"),
        Column("largest_share", "Float64", "Largest share of one control in the weights of all",
               role="number"),
        Column("n_tied", "Int64", "Treated with more controls than asked for, because they tie",
               role="count"),
        Column("n_cities_matched", "Int64", "Cities with a row in the equation", role="count"),
        Column("mean_difference_before", "Float64",
               "Mean size of the standardised differences before matching", role="number"),
        Column("mean_difference_after", "Float64", "The same after", role="number"),
        Column("largest_difference_before", "Float64", "The largest of them before",
               role="number"),
        Column("largest_difference_after", "Float64", "The largest after", role="number"),
        Column("rubin_b_before", "Float64",
               "Rubin's B before: difference of the score's logit, per cent of its SD",
               role="number"),
        Column("rubin_b_after", "Float64", "The same after; above 25 is too much", role="number"),
        Column("rubin_r_before", "Float64", "Rubin's R before: ratio of the logit's variances",
               role="number"),
        Column("rubin_r_after", "Float64", "The same after; below 0.5 or above 2 is too far",
               role="number"),
        Column("warning", "string", "What speaks against the matching, in words; else empty"),
    ),
)  # fmt: skip
PROPENSITY = Table(
    name="propensity",
    grain="One row per vintage, study, design, pool, year and term: a logit of treatment on covariates.",
    columns=(
        STUDY,
        DESIGN,
        *_POOL,
        Column("year", "Int64", "Year of the logit; null where one is fitted for all", role="key"),
        Column("term", "string", "Covariate, or constant", role="key"),
        Column("estimate", "Float64", "Coefficient of the logit, per unit of the covariate",
               role="estimate"),
        Column("std_error", "Float64", "Its standard error, by the inverse information",
               role="std_error"),
        Column("statistic", "Float64", "Coefficient over standard error", role="statistic"),
        Column("p_value", "Float64", "Two-sided p value, standard normal", role="probability"),
        Column("n_obs", "Int64", "Cities, or city-years, of the logit", role="count"),
        Column("n_treated", "Int64", "Treated among them", role="count"),
        Column("pseudo_r2", "Float64", "McFadden's", role="number"),
    ),
)  # fmt: skip
PROPENSITY_SCORE = Table(
    name="propensity_score",
    grain="One row per vintage, study, design, pool, city and year: the fitted probability of treatment.",
    columns=(
        STUDY,
        DESIGN,
        *_POOL,
        _CITY,
        _YEAR,
        Column("is_treated", "boolean", "Whether it is one of the treated"),
        Column("score", "Float64", "Fitted probability", role="probability"),
        Column("logit", "Float64", "Its logit, the index of the fit", role="number"),
    ),
)
MATCHING_WEIGHT = Table(
    name="matching_weight",
    grain="One row per vintage, study, design, column, city and year: what became of it in matching.",
    columns=(
        *_KEYS,
        _CITY,
        _YEAR,
        Column("is_treated", "boolean", "Whether it is one of the treated"),
        Column("state", "string",
               "matched; unused (a control that serves none); off_support; unmatched (a treated without a"
               " control in reach); no_score (its logit has no fit); no_covariates; treated_before"
               " (treated within the years of the means)"),
        Column("weight", "Float64",
               "1 of a matched treated, of a control the sum of its shares in treated ones, else 0",
               role="number"),
        Column("n_uses", "Int64",
               "How many treated a control serves, or controls a treated has; null where all serve"
               " together", role="count"),
    ),
)  # fmt: skip
MATCHED_PAIR = Table(
    name="matched_pair",
    grain="One row per vintage, study, design, column, year, treated and control: nearest neighbours.",
    columns=(
        *_KEYS,
        Column("city_code", "string", "Treated city", role="key"),
        _YEAR,
        Column("control_city_code", "string", "City that serves it", role="key"),
        Column("control_year", "Int64",
               "Its year; null where cities are matched, not city-years", role="key"),
        Column("share", "Float64", "Share of the control in its 1", role="number"),
        Column("distance", "Float64",
               "Distance of the two: of scores or logits, or Mahalanobis'", role="number"),
    ),
)  # fmt: skip
BALANCE = Table(
    name="balance",
    grain="One row per vintage, study, design, column and covariate: treated and controls, before and after.",
    columns=(
        *_KEYS,
        Column("term", "string", "Covariate", role="key"),
        Column("mean_treated_before", "Float64", "Mean of the treated, in its unit", role="number"),
        Column("mean_control_before", "Float64", "Mean of the others", role="number"),
        Column("difference_before", "Float64",
               "Standardised difference: over the root of the mean of both variances before matching",
               role="number"),
        Column("variance_ratio_before", "Float64", "Variance of the treated over that of the others",
               role="number"),
        Column("mean_treated_after", "Float64", "Mean of the treated that are matched",
               role="number"),
        Column("mean_control_after", "Float64", "Weighted mean of their controls", role="number"),
        Column("difference_after", "Float64", "Standardised difference after, by the same SD",
               role="number"),
        Column("variance_ratio_after", "Float64", "Ratio of the weighted variances",
               role="number"),
    ),
)  # fmt: skip
PROPENSITY_DENSITY = Table(
    name="propensity_density",
    grain="One row per vintage, study, design, column, group, stage and place: density of the score.",
    columns=(
        *_KEYS,
        Column("group_name", "string", "treated or control", role="key"),
        Column("stage", "string", "before or after matching", role="key"),
        Column("place", "Int64", "Number of the place, from 1", role="key"),
        Column("score", "Float64", "Propensity score of the place", role="number"),
        Column("density", "Float64", "Kernel density there, weighted after matching",
               role="number"),
    ),
)  # fmt: skip

TABLES = (
    MATCHING,
    PROPENSITY,
    PROPENSITY_SCORE,
    MATCHING_WEIGHT,
    MATCHED_PAIR,
    BALANCE,
    PROPENSITY_DENSITY,
)

__all__ = [
    "BALANCE",
    "MATCHED_PAIR",
    "MATCHING",
    "MATCHING_WEIGHT",
    "PROPENSITY",
    "PROPENSITY_DENSITY",
    "PROPENSITY_SCORE",
    "TABLES",
]
