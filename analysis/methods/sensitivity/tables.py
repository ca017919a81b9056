"""Tables of sensitivity analyses: effects with their breakdown values, intervals by bound, power of the pre-test.

Belongs here: columns with type, meaning, unit and role. Does not belong here: the rows (`run`).
"""

from analysis.methods.tables import DESIGN, STUDY
from analysis.tables import Column, Table, by_name

_ESTIMATOR = Column(
    "column_id", "string", "Event study: two_way, group_time or sun_abraham", role="key"
)
_EFFECT = Column(
    "effect",
    "string",
    "average: mean effect of the window's years from the policy on; first: of its first year",
    role="key",
)

SENSITIVITY_EFFECT = Table(
    name="sensitivity_effect",
    grain="One row per vintage, study, sensitivity design, event study and effect.",
    columns=(
        STUDY,
        DESIGN,
        _ESTIMATOR,
        _EFFECT,
        Column("position", "Int64", "Place among the event studies of the design", role="number"),
        Column("label", "string", "Event study in words"),
        Column("title", "string", "Title of the design"),
        Column("status", "string", "estimated or skipped", role="status"),
        Column("detail", "string", "Why not, if skipped; else which event times aren't told", role="detail"),
        Column("estimate", "Float64", "Effect under parallel trends, in units of the outcome", role="estimate"),
        Column("std_error", "Float64", "Its standard error", role="std_error"),
        Column("ci_low", "Float64", "Lower end of its 95 % interval, normal", role="low"),
        Column("ci_high", "Float64", "Upper end", role="high"),
        Column("first_time", "Int64", "First event time that is used", role="number"),
        Column("last_time", "Int64", "Last event time that is used", role="number"),
        Column("largest_step", "Float64", "Largest change of effects from one year to the next before the policy,"
               " in size", role="number"),
        Column("largest_kink", "Float64", "Largest change of that change, in size; null with one effect before",
               role="number"),
        Column("breakdown_relative", "Float64", "Largest multiple of the largest change before the policy at which"
               " the interval still excludes 0; 0 where it never does, null where no bound overturns it",
               role="number"),
        Column("breakdown_smoothness", "Float64", "Largest yearly change of the slope, in units of the outcome, at"
               " which the fixed-length interval still excludes 0; 0 and null as before", role="number"),
        Column("convention", "string", "What the errors of the event study are"),
    ),
)  # fmt: skip
SENSITIVITY_INTERVAL = Table(
    name="sensitivity_interval",
    grain="One row per vintage, study, sensitivity design, event study, effect, restriction, interval and step.",
    columns=(
        STUDY,
        DESIGN,
        _ESTIMATOR,
        _EFFECT,
        Column("restriction", "string", "relative_magnitudes: changes after the policy against the largest before;"
               " smoothness: changes of the slope", role="key"),
        Column("interval", "string", "c_lf: conditional, least-favourable hybrid; flci: fixed length", role="key"),
        Column("step", "Int64", "Place of the bound, from 1", role="key"),
        Column("bound", "Float64", "Multiple of the largest change before (relative magnitudes), or change of the"
               " slope in units of the outcome (smoothness)", role="number"),
        Column("ci_low", "Float64", "Lower end of the 95 % interval of the effect; null where none is accepted",
               role="number"),
        Column("ci_high", "Float64", "Upper end", role="number"),
    ),
)  # fmt: skip
PRETEST_POWER = Table(
    name="pretest_power",
    grain="One row per vintage, study, sensitivity design, event study, effect and power.",
    columns=(
        STUDY,
        DESIGN,
        _ESTIMATOR,
        _EFFECT,
        Column("power", "Int64", "Probability in percent that some effect before the policy is significant at 5 %",
               role="key"),
        Column("slope", "Float64", "Difference in linear trends, a year, that is found so often; in units of the"
               " outcome", role="number"),
        Column("bias", "Float64", "What such a trend adds to the effect", role="number"),
        Column("bias_passed", "Float64", "What it adds on average where the test finds nothing", role="number"),
        Column("passes_more", "Float64", "Probability of finding nothing under the trend over that without one"
               " (Bayes factor)", role="number"),
        Column("likelihood_ratio", "Float64", "Likelihood of the estimated effects before the policy under the"
               " trend over that without one", role="number"),
    ),
)  # fmt: skip

TABLES = by_name(SENSITIVITY_EFFECT, SENSITIVITY_INTERVAL, PRETEST_POWER)
