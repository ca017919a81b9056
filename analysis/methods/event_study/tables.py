"""Tables of the event study: what each regression says as a whole, and by event time.

Belongs here: columns with type, meaning, unit and role. Does not belong here: the rows (`run`).
"""

from analysis.methods.tables import STARS
from analysis.tables import Column, Table

_KEYS = (
    Column("study", "string", "Study (file in analysis/studies)", role="key"),
    Column("design", "string", "Event study of the study", role="key"),
    Column("column_id", "string", "Estimator: two_way (least squares with dummies of event time)",
           role="key"),
)  # fmt: skip

EVENT_STUDY = Table(
    name="event_study",
    grain="One row per vintage, study, event study and estimator.",
    columns=(
        *_KEYS,
        Column("title", "string", "Title of the event study"),
        Column("treatment", "string", "Term of the policy whose years are counted"),
        Column("first_time", "Int64", "First event time of the window", role="number"),
        Column("last_time", "Int64", "Last event time of the window", role="number"),
        Column("base", "string", "Event times whose effect is 0 by definition, joined by +"),
        Column("ends", "string",
               "bin: event times beyond the window count as its ends; leave_out: rows left out"),
        Column("n_before_window", "Int64",
               "City-years before the window that its first event time stands for", role="count"),
        Column("n_after_window", "Int64",
               "City-years after the window that its last event time stands for", role="count"),
        Column("n_left_out", "Int64", "City-years beyond the window that are left out",
               role="count"),
        Column("n_never", "Int64", "Cities never treated", role="count"),
        Column("leads_f", "Float64", "F test that all effects before the policy are 0",
               role="statistic"),
        Column("leads_df", "Int64", "Event times that it tests", role="count"),
        Column("leads_p", "Float64", "Its p value", role="probability"),
        Column("lags_f", "Float64", "F test that all effects from event time 0 on are 0",
               role="statistic"),
        Column("lags_df", "Int64", "Event times that it tests", role="count"),
        Column("lags_p", "Float64", "Its p value", role="probability"),
        Column("before", "Float64",
               "Mean of the effects before the policy, base left out, in units of the outcome",
               role="estimate"),
        Column("before_std_error", "Float64", "Its clustered standard error", role="std_error",
               of="before"),
        Column("before_p", "Float64", "Its p value", role="probability"),
        Column("after", "Float64", "Mean of the effects from event time 0 on", role="estimate"),
        Column("after_std_error", "Float64", "Its clustered standard error", role="std_error",
               of="after"),
        Column("after_p", "Float64", "Its p value", role="probability"),
        Column("critical", "Float64",
               "Standard errors that the simultaneous band reaches to either side (sup-t)",
               role="number"),
        Column("critical_error", "Float64", "Standard error of that number by simulation",
               role="number"),
        Column("critical_pointwise", "Float64", "The same of an interval for one event time",
               role="number"),
        Column("df_resid", "Int64", "Degrees of freedom of t and F", role="number"),
        Column("seed", "Int64", "Seed of the simulated critical value", role="number"),
    ),
)  # fmt: skip
EVENT_TIME = Table(
    name="event_time",
    grain="One row per vintage, study, event study, estimator and event time of the window.",
    columns=(
        *_KEYS,
        Column("event_time", "Int64", "Years since the first treated year", role="key"),
        Column("is_base", "boolean", "Whether the effect is 0 by definition"),
        Column("is_binned", "boolean", "Whether it stands for all event times beyond as well"),
        Column("n_units", "Int64", "Cities with a year there", role="count"),
        Column("n_rows", "Int64", "City-years", role="count"),
        Column("estimate", "Float64",
               "Effect against the base, in units of the outcome; null in the base, where it is 0 by"
               " definition, and where no city is",
               role="estimate"),
        Column("std_error", "Float64", "Its clustered standard error",
               role="std_error"),
        Column("statistic", "Float64", "Estimate over standard error", role="statistic"),
        Column("p_value", "Float64", "Two-sided p value", role="probability"),
        STARS,
        Column("ci_low", "Float64", "Lower end of the 95 % interval", role="low"),
        Column("ci_high", "Float64", "Upper end of the 95 % interval", role="high"),
        Column("band_low", "Float64",
               "Lower end of the 95 % band that covers all event times at once", role="low"),
        Column("band_high", "Float64", "Upper end of that band", role="high"),
    ),
)  # fmt: skip

__all__ = ["EVENT_STUDY", "EVENT_TIME"]
