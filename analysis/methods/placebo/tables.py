"""Tables of the placebo: what each design's draws say, the draws themselves, and their density.

Belongs here: columns with type, meaning, unit and role. Does not belong here: the rows (`run`).
"""

from analysis.tables import Column, Table

_KEYS = (
    Column("study", "string", "Study (file in analysis/studies)", role="key"),
    Column("design", "string", "Placebo of the study", role="key"),
)

PLACEBO = Table(
    name="placebo",
    grain="One row per vintage, study and placebo that was estimated.",
    columns=(
        *_KEYS,
        Column("title", "string", "Title of the placebo"),
        Column("treatment", "string", "Term of the policy whose treatment is drawn"),
        Column(
            "scheme",
            "string",
            "cities: first treated years permuted over all cities; timing: over the treated alone",
        ),
        Column("within", "string", "Column within whose values they are permuted, if any"),
        Column("estimate", "Float64", "Coefficient of the true treatment, in units of the outcome",
               role="estimate"),
        Column("std_error", "Float64", "Its clustered standard error", role="std_error"),
        Column("statistic", "Float64", "Its t value", role="statistic"),
        Column("p_value", "Float64", "Its p value by the clustered error", role="probability"),
        Column("draws", "Int64", "Random treatments drawn", role="count"),
        Column("draws_absorbed", "Int64",
               "Of these, draws that effects and controls leave nothing of; no coefficient",
               role="count"),
        Column("draws_without_error", "Int64",
               "Of these, draws with a coefficient and no clustered error", role="count"),
        Column("n_as_large", "Int64",
               "Draws whose coefficient is at least as large as the true one, in size",
               role="count"),
        Column("p_randomisation", "Float64",
               "Randomisation p value of the coefficient, (n_as_large + 1)/(draws + 1)",
               role="probability"),
        Column("p_randomisation_error", "Float64",
               "Standard error of that p value, because only so many treatments were drawn",
               role="number"),
        Column("p_randomisation_t", "Float64",
               "The same by size of the t value, the better test where groups differ in variance",
               role="probability"),
        Column("p_randomisation_t_error", "Float64", "Standard error of that p value",
               role="number"),
        Column("draws_mean", "Float64", "Mean of the draws' coefficients", role="number"),
        Column("draws_sd", "Float64", "Standard deviation of the draws' coefficients",
               role="number"),
        Column("share_p_below_10", "Float64",
               "Share of draws whose own clustered p value is below 0.1; 0.1 if it is right",
               role="probability"),
        Column("share_p_below_5", "Float64", "The same below 0.05", role="probability"),
        Column("share_p_below_1", "Float64", "The same below 0.01", role="probability"),
        Column("n_treated", "Int64", "Cities treated within the sample, in every draw",
               role="count"),
        Column("cohorts", "string", "First treated years with their cities, such as 2012: 24"),
        Column("n_movable", "Int64", "Cities that a draw can give another first treated year",
               role="count"),
        Column("assignments", "Float64", "Different assignments that can be drawn", role="number"),
        Column("seed", "Int64", "Seed of the draws", role="number"),
    ),
)  # fmt: skip
PLACEBO_DRAW = Table(
    name="placebo_draw",
    grain="One row per vintage, study, placebo and draw, up to 2,000 draws of each.",
    columns=(
        *_KEYS,
        Column("draw", "Int64", "Number of the draw, from 1", role="key"),
        Column("estimate", "Float64",
               "Coefficient of the drawn treatment, in units of the outcome; null if absorbed",
               role="estimate"),
        Column("std_error", "Float64",
               "Its clustered standard error; null where clusters don't vary", role="number"),
        Column("p_value", "Float64", "Its p value by the clustered error", role="probability"),
    ),
)  # fmt: skip
PLACEBO_DENSITY = Table(
    name="placebo_density",
    grain="One row per vintage, study, placebo and bin: where the coefficients of all draws lie.",
    columns=(
        *_KEYS,
        Column("bin", "Int64", "Number of the bin, from 1; the first and the last are open",
               role="key"),
        Column("bin_low", "Float64", "Lower end; null in the first", role="number"),
        Column("bin_high", "Float64", "Upper end; null in the last", role="number"),
        Column("bin_middle", "Float64", "Middle of the bin; null where it is open", role="number"),
        Column("draws", "Int64", "Draws whose coefficient lies in the bin", role="count"),
        Column("density", "Float64",
               "Kernel density at the middle of the bin, per unit of the outcome; null if open",
               role="number"),
    ),
)  # fmt: skip

__all__ = ["PLACEBO", "PLACEBO_DENSITY", "PLACEBO_DRAW"]
