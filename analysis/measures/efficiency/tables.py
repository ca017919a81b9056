"""Tables of efficiency: status, scores, peers, targets, productivity.

Belongs here: their columns with type, meaning and role. Does not belong here: what fills them.
"""

from analysis.tables import Column, Table, by_name

_MODEL = Column("model_id", "string", "Efficiency model (seed efficiency_model)", role="key")
_VARIANT = Column("variant", "string", "Variant of the model (seed efficiency_variant)", role="key")
_CITY = Column("city_code", "string", "City", role="key")
_YEAR = Column("year", "Int64", "Statistic year", role="key")
_STATUS = Column("status", "string", "ok, or why there is no number: a word", role="status")
_REASON = Column(
    "reason", "string", "The same in words, with the terms at fault; null where ok", role="detail"
)
_IMPUTED = Column(
    "is_imputed", "boolean", "Whether a term is interpolated or made of interpolated figures"
)
EFFICIENCY_STATUS = Table(
    name="efficiency_status",
    grain="One row per model: measured, or why not.",
    columns=(
        _MODEL,
        Column(
            "status", "string", "measured, or left_out where this input lacks a term", role="status"
        ),
        Column(
            "reason",
            "string",
            "Terms that have no value anywhere; null where measured",
            role="detail",
        ),
        Column("variants", "Int64", "Variants measured", role="number"),
        Column("city_years", "Int64", "City-years with a value of any term", role="number"),
        Column(
            "city_years_complete",
            "Int64",
            "City-years that the frontiers are made of",
            role="number",
        ),
        Column("inputs", "string", "Inputs, joined by +"),
        Column("outputs", "string", "Outputs, joined by +"),
        Column("undesirable", "string", "Undesirable outputs, joined by +"),
    ),
)
EFFICIENCY_SCORE = Table(
    name="efficiency_score",
    grain="One row per model, variant, city and year.",
    columns=(
        _MODEL,
        _VARIANT,
        Column("method", "string", "radial, scale, super_sbm ..."),
        Column("orientation", "string", "input, output, or none"),
        Column("returns", "string", "crs, vrs, nirs or ndrs; null for scale efficiency"),
        Column("frontier", "string", "pooled: of all city-years; per_year: of the year alone"),
        _CITY,
        _YEAR,
        Column(
            "score",
            "Float64",
            "1 is efficient, larger is better; above 1 only super-efficiency",
            role="number",
        ),
        _STATUS,
        _REASON,
        Column("is_on_frontier", "boolean", "Whether the score is 1 or more; null without a score"),
        Column(
            "returns_to_scale",
            "string",
            "constant, increasing (too small) or decreasing (too large); scale variants alone",
        ),
        Column("units_compared", "Int64", "City-years that the frontier is made of", role="number"),
        _IMPUTED,
    ),
)
EFFICIENCY_PEER = Table(
    name="efficiency_peer",
    grain="One row per model, variant, city, year and peer.",
    columns=(
        _MODEL,
        _VARIANT,
        _CITY,
        _YEAR,
        Column("position", "Int64", "1 for the largest weight", role="number"),
        Column("peer_city_code", "string", "City that it is compared with", role="key"),
        Column("peer_year", "Int64", "Year of the peer", role="key"),
        Column("weight", "Float64", "Intensity (lambda) of the peer", role="number"),
    ),
)
EFFICIENCY_TARGET = Table(
    name="efficiency_target",
    grain="One row per model, variant, city, year and term.",
    columns=(
        _MODEL,
        _VARIANT,
        _CITY,
        _YEAR,
        Column("role", "string", "input, output or undesirable", role="key"),
        Column("term", "string", "Term of the model (seed efficiency_term)", role="key"),
        Column("value", "Float64", "Value of the term, in its own unit", role="number"),
        Column(
            "target",
            "Float64",
            "Value of the point on the frontier that it is compared with",
            role="number",
        ),
        Column(
            "slack",
            "Float64",
            "What is left to change beyond the score's own proportional change; negative for a"
            " super-efficient unit: how far it is ahead of the others",
            role="number",
        ),
    ),
)
PRODUCTIVITY = Table(
    name="productivity",
    grain="One row per model, variant, city and year.",
    columns=(
        _MODEL,
        _VARIANT,
        Column("orientation", "string", "input or output"),
        Column("frontier", "string", "per_year: of both years; pooled: of all years"),
        _CITY,
        _YEAR,
        Column(
            "year_from", "Int64", "The year before in the data; null in the first", role="number"
        ),
        Column(
            "productivity",
            "Float64",
            "Malmquist index since the year before; above 1 is better",
            role="number",
        ),
        Column(
            "efficiency_change",
            "Float64",
            "Catching up: change of the distance to the frontier",
            role="number",
        ),
        Column("technical_change", "Float64", "Shift of the frontier itself", role="number"),
        Column(
            "pure_change",
            "Float64",
            "Part of efficiency_change with variable returns",
            role="number",
        ),
        Column("scale_change", "Float64", "Rest of efficiency_change: scale", role="number"),
        Column(
            "cumulated",
            "Float64",
            "Product of the indices since the model's first year, which is 1; null after a gap",
            role="number",
        ),
        _STATUS,
        _REASON,
        Column("is_imputed", "boolean", "Whether a term of either year is interpolated"),
    ),
)

TABLES = by_name(
    EFFICIENCY_STATUS, EFFICIENCY_SCORE, EFFICIENCY_PEER, EFFICIENCY_TARGET, PRODUCTIVITY
)
