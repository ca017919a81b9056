"""Tables of threshold models: design, tests, search, slopes by regime and who is in which.

Belongs here: their columns with type, meaning and role. Does not belong here: their rows (`rows`).
"""

from analysis.methods.tables import CLUSTER, STARS
from analysis.tables import Column, Table, by_name

_STUDY = Column("study", "string", "Study (file in analysis/studies)", role="key")
_MODEL = Column("design", "string", "Threshold model of the study", role="key")
_COUNT = Column("n_thresholds", "Int64", "Thresholds of the model; 0 is the linear one", role="key")
THRESHOLD_MODEL = Table(
    name="threshold_model",
    grain="One row per vintage, study and threshold model: its design, sample and outcome.",
    columns=(
        _STUDY,
        _MODEL,
        Column("title", "string", "Title of the model"),
        Column("status", "string", "estimated or skipped", role="status"),
        Column("detail", "string", "Why it was not estimated", role="detail"),
        Column("outcome", "string", "Outcome column of marts.city_year"),
        Column("threshold_variable", "string", "Variable that cuts the regimes"),
        Column("regressor", "string", "Regressor whose slope depends on the regime"),
        Column("variable_label", "string", "The variable in words"),
        Column("regressor_label", "string", "The regressor in words"),
        Column("controls", "string", "Controls with one slope for all regimes, joined by +"),
        Column("effects", "string", "Fixed effects, joined by +"),
        Column(
            "convention",
            "string",
            "hansen: each city's last year is dropped, F scales with n(T-1); xthreg: all years,"
            " (N-1)T",
        ),
        Column("lower_regime", "string", "Which rows are below a threshold: <= or <"),
        Column("grid", "string", "Rule, points and trimming of the candidates"),
        CLUSTER,
        Column("n_obs", "Int64", "City-years", role="count"),
        Column("n_units", "Int64", "Cities", role="count"),
        Column("n_clusters", "Int64", "Clusters of errors and random signs", role="count"),
        Column("n_periods", "Int64", "Years", role="count"),
        Column(
            "n_dropped_missing",
            "Int64",
            "City-years without a value of what the model uses",
            role="count",
        ),
        Column(
            "n_dropped_incomplete",
            "Int64",
            "City-years with all values, of cities that lack them in another year",
            role="count",
        ),
        Column("n_units_incomplete", "Int64", "Cities that these are of", role="count"),
        Column(
            "ssr_linear", "Float64", "Sum of squared residuals without a threshold", role="number"
        ),
        Column(
            "n_supported",
            "Int64",
            "Thresholds that the tests support one after another at 5 % under every scheme",
            role="count",
        ),
        Column(
            "responds",
            "boolean",
            "Whether the threshold variable, or being above a threshold, responds to treatment"
            " (5 %, Bonferroni)",
        ),
        Column("paper_id", "string", "Paper that the model stands against, if any (seed paper)"),
        Column("tests_table", "string", "Its table of tests"),
        Column("slopes_table", "string", "Its table of slopes"),
        Column("warning", "string", "What that means; null where it doesn't respond"),
        Column("spec_hash", "string", "SHA-256 of the validated study"),
    ),
    was={"model_id": "design"},
)
THRESHOLD_TEST = Table(
    name="threshold_test",
    grain="One row per vintage, study, model, bootstrap scheme and number of thresholds.",
    columns=(
        _STUDY,
        _MODEL,
        Column(
            "scheme",
            "string",
            "hansen: the smaller model's thresholds are known in each draw; xthreg: searched again",
            role="key",
        ),
        Column(
            "resample",
            "string",
            "unit: residuals of whole cities drawn; wild: each city's own with a random sign",
            role="key",
        ),
        Column(
            "n_thresholds",
            "Int64",
            "Thresholds of the larger model; the test has one less as null",
            role="key",
        ),
        Column("f_statistic", "Float64", "F statistic", role="statistic"),
        Column("p_value", "Float64", "Share of draws with a larger F", role="probability"),
        Column("critical_10", "Float64", "Drawn F that 10 % of draws exceed", role="number"),
        Column("critical_5", "Float64", "Drawn F that 5 % of draws exceed", role="number"),
        Column("critical_1", "Float64", "Drawn F that 1 % of draws exceed", role="number"),
        Column("draws", "Int64", "Bootstrap draws", role="count"),
        Column("seed", "Int64", "Seed of the draws", role="number"),
        Column(
            "ssr_null", "Float64", "Sum of squared residuals of the smaller model", role="number"
        ),
        Column(
            "ssr", "Float64", "Sum of squared residuals of the larger model, refined", role="number"
        ),
        Column("n_obs", "Int64", "City-years", role="count"),
        Column("n_units", "Int64", "Cities", role="count"),
        Column(
            "n_dropped",
            "Int64",
            "City-years left out, for a missing value or an incomplete city",
            role="count",
        ),
    ),
    was={"model_id": "design"},
)
THRESHOLD_SEARCH = Table(
    name="threshold_search",
    grain="One row per vintage, study, model, number of thresholds and threshold.",
    columns=(
        _STUDY,
        _MODEL,
        _COUNT,
        Column("threshold_no", "Int64", "Number of the threshold, 1 for the lowest", role="key"),
        Column(
            "estimate", "Float64", "Threshold, in units of the threshold variable", role="estimate"
        ),
        Column(
            "ci_low",
            "Float64",
            "Lower end of the likelihood-ratio set, the others given",
            role="low",
        ),
        Column("ci_high", "Float64", "Upper end", role="high"),
        Column(
            "is_interval",
            "boolean",
            "Whether every candidate between the ends is in the set and trimming cuts neither end",
        ),
        Column("lower_cut", "boolean", "Whether trimming ends the set there, and it might go on"),
        Column("upper_cut", "boolean", "The same of its upper end"),
        Column(
            "robust_low",
            "Float64",
            "Lower end of the set that holds under any variance and any correlation within clusters;"
            " null for models that aren't shown",
            role="number",
        ),
        Column("robust_high", "Float64", "Its upper end", role="number"),
        Column("robust_is_interval", "boolean", "As is_interval"),
        Column("robust_lower_cut", "boolean", "As lower_cut"),
        Column("robust_upper_cut", "boolean", "As upper_cut"),
        Column("robust_draws", "Int64", "Draws of random signs for each candidate", role="count"),
        Column("level", "Float64", "Level of the set", role="number"),
        Column(
            "critical_value",
            "Float64",
            "Likelihood ratio up to which a candidate is in the set",
            role="number",
        ),
        Column("n_candidates", "Int64", "Candidates of the likelihood-ratio curve", role="count"),
    ),
    was={"model_id": "design"},
)
THRESHOLD_PROFILE = Table(
    name="threshold_profile",
    grain="The likelihood-ratio curve of each threshold in `threshold_search`.",
    columns=(
        _STUDY,
        _MODEL,
        _COUNT,
        Column("threshold_no", "Int64", "Number of the threshold, 1 for the lowest", role="key"),
        Column("gamma", "Float64", "Candidate, in units of the threshold variable", role="key"),
        Column(
            "lr",
            "Float64",
            "Likelihood ratio at the candidate, the other thresholds given",
            role="number",
        ),
    ),
    was={"model_id": "design"},
)
THRESHOLD_SLOPE = Table(
    name="threshold_slope",
    grain="One row per vintage, study, model, number of thresholds, regime and term.",
    columns=(
        _STUDY,
        _MODEL,
        _COUNT,
        Column("regime", "Int64", "Regime, 1 for the lowest; null for a control", role="key"),
        Column(
            "lower_bound",
            "Float64",
            "Threshold below the regime; null for the lowest",
            role="number",
        ),
        Column(
            "upper_bound",
            "Float64",
            "Threshold above the regime; null for the highest",
            role="number",
        ),
        Column("term", "string", "Regressor", role="key"),
        Column("term_label", "string", "Regressor in words"),
        Column("estimate", "Float64", "Coefficient, in units of the outcome", role="estimate"),
        Column(
            "se_conventional", "Float64", "Standard error for equal variances", role="std_error"
        ),
        Column(
            "se_robust", "Float64", "Standard error robust to heteroskedasticity", role="std_error"
        ),
        Column(
            "se_cluster",
            "Float64",
            "Standard error, clustered as threshold_model says",
            role="std_error",
        ),
        Column("t_value", "Float64", "Coefficient over its clustered error", role="statistic"),
        Column(
            "p_value",
            "Float64",
            "Two-sided p value of that, t with clusters less 1 degrees",
            role="probability",
        ),
        Column(
            "ci_low",
            "Float64",
            "Lower end of the 95 % interval from the clustered error",
            role="low",
        ),
        Column("ci_high", "Float64", "Upper end", role="high"),
        STARS,
        Column("n_obs", "Int64", "City-years in the regime", role="count"),
        Column(
            "n_active",
            "Int64",
            "City-years in the regime where the regressor isn't 0",
            role="count",
        ),
        Column("n_units", "Int64", "Cities that are ever in the regime", role="count"),
        Column(
            "n_active_units",
            "Int64",
            "Cities with a year in the regime where the regressor isn't 0",
            role="count",
        ),
        Column("n_active_clusters", "Int64", "Clusters that these lie in", role="count"),
        Column(
            "effective_clusters",
            "Float64",
            "Effective clusters of the coefficient, as in model_fit",
            role="number",
        ),
    ),
    was={"model_id": "design"},
)
THRESHOLD_DIAGNOSTIC = Table(
    name="threshold_diagnostic",
    grain="One row per vintage, study, model, diagnostic and item.",
    columns=(
        _STUDY,
        _MODEL,
        Column(
            "diagnostic",
            "string",
            "response: effect of treatment on the threshold variable; linearity: test against"
            " smooth transition (PSTR)",
            role="key",
        ),
        Column(
            "item", "string", "What was regressed on treatment, or the form of the test", role="key"
        ),
        Column("statistic", "Float64", "Effect, or test statistic", role="statistic"),
        Column(
            "std_error",
            "Float64",
            "Standard error of an effect, clustered as threshold_model says",
            role="std_error",
        ),
        Column("p_value", "Float64", "p value", role="probability"),
    ),
    was={"model_id": "design"},
)
REGIME_COUNT = Table(
    name="regime_count",
    grain="One row per vintage, study, model, number of thresholds, regime and year.",
    columns=(
        _STUDY,
        _MODEL,
        _COUNT,
        Column("regime", "Int64", "Regime, 1 for the lowest", role="key"),
        Column("year", "Int64", "Statistic year", role="key"),
        Column("n_obs", "Int64", "City-years", role="count"),
        Column("n_units", "Int64", "Cities", role="count"),
        Column(
            "n_entered", "Int64", "Cities that were in another regime the year before", role="count"
        ),
        Column("n_active", "Int64", "City-years where the regressor isn't 0", role="count"),
    ),
    was={"model_id": "design"},
)
CITY_REGIME = Table(
    name="city_regime",
    grain="One row per vintage, study, model, number of thresholds, city and year.",
    columns=(
        _STUDY,
        _MODEL,
        _COUNT,
        Column("city_code", "string", "City", role="key"),
        Column("year", "Int64", "Statistic year", role="key"),
        Column("threshold_value", "Float64", "Value of the threshold variable", role="number"),
        Column("regime", "Int64", "Regime, 1 for the lowest", role="number"),
        Column(
            "previous_regime",
            "Int64",
            "Regime of the year before; null in the first year",
            role="number",
        ),
        Column("changed", "boolean", "Whether the two differ"),
    ),
    was={"model_id": "design"},
)

TABLES = by_name(
    THRESHOLD_MODEL,
    THRESHOLD_TEST,
    THRESHOLD_SEARCH,
    THRESHOLD_PROFILE,
    THRESHOLD_SLOPE,
    THRESHOLD_DIAGNOSTIC,
    REGIME_COUNT,
    CITY_REGIME,
)
