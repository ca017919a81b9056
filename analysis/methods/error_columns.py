"""Columns of the table of further errors.

Belongs here: their type, meaning and role. Does not belong here: the other tables that methods share
(`tables`), what fills this one (`errors`).
"""

from analysis.tables import Column

_NUMBERS = (
    Column("term", "string", "Regressor, as in estimate", role="key"),
    Column(
        "at_point",
        "string",
        "Where the coefficient is taken, as in estimate; null where it is one",
        role="key",
    ),
    Column(
        "error",
        "string",
        "Name of the error: its kind and the keys that were given; wild_beside: made without being asked"
        " for, beside a coefficient on few clusters",
        role="key",
    ),
    Column(
        "kind",
        "string",
        "cluster (one way or two), cr2, cr3, wild, driscoll_kraay, conley or randomisation",
    ),
    Column("position", "Int64", "Place among the errors of the column", role="number"),
    Column("is_declared", "boolean", "Whether the study file asks for it"),
    Column("status", "string", "estimated or skipped", role="status"),
    Column(
        "detail",
        "string",
        "skipped: why; estimated: what speaks against it, empty where nothing does",
        role="detail",
    ),
    Column("estimate", "Float64", "Coefficient, as in estimate", role="number"),
    Column("std_error", "Float64", "Standard error; null where p is drawn", role="std_error"),
    Column("statistic", "Float64", "Coefficient over standard error", role="statistic"),
    Column(
        "df",
        "Float64",
        "Degrees of freedom of the statistic; null where p is drawn",
        role="number",
    ),
    Column("p_value", "Float64", "Two-sided p value", role="probability"),
    Column("ci_low", "Float64", "Lower end of the 95 % interval; null: it has none", role="low"),
    Column("ci_high", "Float64", "Upper end of the 95 % interval; null: it has none", role="high"),
)
_FACTS = (
    Column(
        "cluster",
        "string",
        "Columns of the panel that the error sums over, joined by +: clusters, periods or cities",
    ),
    Column("n_clusters", "Int64", "How many there are; of two ways, the fewer", role="count"),
    Column(
        "n_treated_clusters",
        "Int64",
        "Those with a treated row; null: no indicator",
        role="count",
    ),
    Column(
        "effective_clusters",
        "Float64",
        "Effective ones (Carter, Schnepel and Steigerwald 2017)",
        role="number",
    ),
    Column("convention", "string", "Small-sample convention, or the null that is drawn under"),
    Column("factor", "string", "Of two ways: factor of the fewer clusters, or of each its own"),
    Column("kernel", "string", "Weights by distance in years or kilometres"),
    Column("bandwidth", "Int64", "Last lag that counts", "years", role="number"),
    Column(
        "cutoff_km",
        "Float64",
        "Distance beyond which cities weigh nothing",
        "km",
        role="number",
    ),
    Column(
        "pairs",
        "string",
        "all_years: rows of any two years by distance; same_year: of one year",
    ),
    Column("weights", "string", "Weights that are drawn: rademacher or webb"),
    Column("scheme", "string", "What is drawn: cities or timing"),
    Column("within", "string", "Column within whose values cities are drawn; null: anywhere"),
    Column("is_enumerated", "boolean", "Whether all sets of signs were taken instead of draws"),
    Column("n_draws", "Int64", "Draws, or sets of signs", role="count"),
    Column("n_as_large", "Int64", "Draws with a statistic as large, in size", role="count"),
    Column("mc_error", "Float64", "Standard error of p by simulation", role="number"),
    Column("seed", "Int64", "Seed of the draws; null where nothing is drawn", role="number"),
    Column("is_mended", "boolean", "Whether negative eigenvalues were set to 0"),
)


def error_columns(stars: Column) -> tuple[Column, ...]:
    """The columns behind the keys of a column; `stars` is that of all tables."""
    return (*_NUMBERS, stars, *_FACTS)


__all__ = ["error_columns"]
