"""Tables of mediations: paths through single mediators, and through several held together.

Belongs here: their columns with type, meaning and role. Does not belong here: what fills them (`run`).
"""

from analysis.methods.tables import CLUSTER
from analysis.tables import Column, Table, by_name

_DESIGN = (
    Column("study", "string", "Study (file in analysis/studies)", role="key"),
    Column(
        "design",
        "string",
        "Mediation of the study; its regressions are a table of that id",
        role="key",
    ),
    Column("title", "string", "Title of the mediation"),
)
_STATUS = (
    Column("outcome", "string", "Outcome column of marts.city_year"),
    Column("status", "string", "estimated or skipped", role="status"),
    Column(
        "detail",
        "string",
        "Why not, if skipped; else what speaks against its errors",
        role="detail",
    ),
)
_INTERVAL = (
    Column(
        "ci_low",
        "Float64",
        "Lower end of the 95 % percentile interval of the indirect effect",
        role="low",
        of="bootstrap_std_error",
    ),
    Column("ci_high", "Float64", "Upper end", role="high", of="bootstrap_std_error"),
    Column(
        "bc_low",
        "Float64",
        "Lower end of the 95 % bias-corrected interval (Efron 1981) of the same draws",
        role="number",
    ),
    Column("bc_high", "Float64", "Upper end", role="number"),
    Column(
        "bootstrap_std_error",
        "Float64",
        "Standard deviation of the indirect effect over draws",
        role="std_error",
        of="indirect",
    ),
)
_SOBEL = (
    Column(
        "sobel_std_error",
        "Float64",
        "First-order error of the indirect effect (Sobel 1982)",
        role="std_error",
        of="indirect",
    ),
    Column("sobel_z", "Float64", "Indirect effect over that error", role="statistic"),
    Column("sobel_p", "Float64", "Two-sided p value of it, standard normal", role="probability"),
    Column(
        "stars",
        "string",
        "Stars of the Sobel p value: *** < 0.01, ** < 0.05, * < 0.1; none where an error rests on too"
        " few clusters",
    ),
)
_FACTS = (
    Column("n_units", "Int64", "Cities", role="count"),
    Column("n_clusters", "Int64", "Clusters, the units of the bootstrap", role="count"),
    Column("draws", "Int64", "Draws of clusters", role="count"),
    Column(
        "draws_used",
        "Int64",
        "Of these, draws in which policy and mediators vary of their own",
        role="count",
    ),
    Column("seed", "Int64", "Seed of the draws", role="number"),
    CLUSTER,
    Column("effects", "string", "Fixed effects, joined by +"),
    Column("controls", "string", "Controls, joined by +"),
    Column("convention", "string", "What the interval and the errors are"),
    Column("spec_hash", "string", "SHA-256 of the validated study"),
)
MEDIATION = Table(
    name="mediation",
    grain="One row per vintage, study, mediation and mediator.",
    columns=(
        *_DESIGN,
        Column("mediator", "string", "Mediator, a variable of the study", role="key"),
        Column("mediator_label", "string", "Mediator in words"),
        *_STATUS,
        Column(
            "a",
            "Float64",
            "Effect of the policy on the mediator, in units of the mediator",
            role="estimate",
        ),
        Column("a_std_error", "Float64", "Its clustered standard error", role="std_error", of="a"),
        Column(
            "b",
            "Float64",
            "Outcome per unit of the mediator, policy and controls given",
            role="estimate",
        ),
        Column("b_std_error", "Float64", "Its clustered standard error", role="std_error", of="b"),
        Column(
            "direct",
            "Float64",
            "Effect of the policy with the mediator held, in units of outcome",
            role="estimate",
        ),
        Column(
            "direct_std_error",
            "Float64",
            "Its clustered standard error",
            role="std_error",
            of="direct",
        ),
        Column("indirect", "Float64", "a times b, in units of the outcome", role="estimate"),
        *_INTERVAL,
        *_SOBEL,
        Column(
            "total",
            "Float64",
            "Direct plus indirect: the effect on the same rows, no mediator",
            role="estimate",
        ),
        Column(
            "share_mediated",
            "Float64",
            "Indirect over total; beyond 0 to 1 where their signs differ",
            role="number",
        ),
        Column(
            "rho_zero",
            "Float64",
            "Correlation of the errors of mediator and outcome at which the indirect effect vanishes"
            " (Imai, Keele and Yamamoto 2010)",
            role="number",
        ),
        Column(
            "rho_zero_low",
            "Float64",
            "Lower end of its 95 % percentile interval, of the same draws",
            role="number",
        ),
        Column("rho_zero_high", "Float64", "Upper end", role="number"),
        Column(
            "r2_zero",
            "Float64",
            "Its square: shares of the two errors that an unobserved cause explains there, multiplied",
            role="number",
        ),
        Column("n_obs", "Int64", "City-years with outcome, mediator and controls", role="count"),
        *_FACTS,
    ),
    was={"table_id": "design"},
)
MEDIATION_JOINT = Table(
    name="mediation_joint",
    grain="One row per vintage, study, mediation and path: each mediator, then all together.",
    columns=(
        *_DESIGN,
        Column(
            "path",
            "string",
            "Mediator, a variable of the study; all for the mediators together",
            role="key",
        ),
        Column("path_label", "string", "The same in words"),
        Column("mediators", "string", "Mediators that are held together, joined by +"),
        *_STATUS,
        Column(
            "a", "Float64", "Effect of the policy on the mediator; null for all", role="estimate"
        ),
        Column("a_std_error", "Float64", "Its clustered standard error", role="std_error", of="a"),
        Column(
            "b",
            "Float64",
            "Outcome per unit of it, policy, controls and other mediators given",
            role="estimate",
        ),
        Column("b_std_error", "Float64", "Its clustered standard error", role="std_error", of="b"),
        Column(
            "indirect",
            "Float64",
            "a times b, in units of the outcome; of all, the sum",
            role="estimate",
        ),
        *_INTERVAL,
        *_SOBEL,
        Column(
            "direct", "Float64", "Effect of the policy with all mediators held", role="estimate"
        ),
        Column(
            "direct_std_error",
            "Float64",
            "Its clustered standard error",
            role="std_error",
            of="direct",
        ),
        Column("total", "Float64", "Direct plus the sum of the indirect ones", role="estimate"),
        Column(
            "share_mediated",
            "Float64",
            "Indirect over total; beyond 0 to 1 where their signs differ",
            role="number",
        ),
        Column(
            "n_obs", "Int64", "City-years with outcome, all mediators and controls", role="count"
        ),
        *_FACTS,
    ),
    was={"table_id": "design"},
)
MEDIATION_SENSITIVITY = Table(
    name="mediation_sensitivity",
    grain="One row per vintage, study, mediation, mediator and correlation of the two errors.",
    columns=(
        *_DESIGN,
        Column("mediator", "string", "Mediator, a variable of the study", role="key"),
        Column("mediator_label", "string", "Mediator in words"),
        Column(
            "rho",
            "Float64",
            "Correlation of the errors of mediator and outcome, as if it were known",
            role="key",
        ),
        Column(
            "indirect",
            "Float64",
            "Indirect effect at this correlation; at 0 that of mediation",
            role="estimate",
        ),
        Column(
            "ci_low",
            "Float64",
            "Lower end of the 95 % percentile interval of the draws",
            role="number",
        ),
        Column("ci_high", "Float64", "Upper end", role="number"),
        Column("draws_used", "Int64", "Draws of clusters behind the interval", role="count"),
        Column("seed", "Int64", "Seed of the draws", role="number"),
        Column("spec_hash", "string", "SHA-256 of the validated study"),
    ),
)

TABLES = by_name(MEDIATION, MEDIATION_JOINT, MEDIATION_SENSITIVITY)
