"""Parts of the data dictionary that seeds define: indicators and how they are made, indices and their components.

Belongs here: these parts as lines of Markdown. Does not belong here: tables and their columns
(`write_data_dictionary`).
"""

from __future__ import annotations

from dictionary_markdown import code, read_seed, table


def columns_of(row: dict[str, str]) -> str:
    """The columns of marts.city_year that hold an indicator."""
    return ", ".join(
        code(row["indicator_code"] + ("" if scope == "total" else f"_{scope}"))
        for scope in row["scopes"].split("|")
    )


PRINTED_HEADER = [
    "Indicator",
    "中文",
    "English",
    "Unit",
    "Dimension",
    "Direction",
    "Prices",
    "Bounds",
    "Page",
    "Definition",
    "Columns of `marts.city_year`",
]


def indicator_lines() -> list[str]:
    """Printed and derived indicators with their units, bounds and formulas."""
    rows = read_seed("indicator")
    lines = [
        "## Indicators",
        "",
        "From `seeds/indicator.csv`; in a release `marts.dim_indicator`, which adds the years with figures.",
        "Prices are those of amounts of money: current, or constant with their year. `+` says that more is",
        "better, `-` that less is.",
        "",
        "### Printed",
        "",
        "Read from a source. A figure outside the bounds is set aside in `marts.quarantine`. The page is the",
        "table of the simulated yearbook; indicators without one come from other sources.",
        "",
    ]
    lines += table(
        PRINTED_HEADER,
        (
            [
                code(row["indicator_code"]),
                row["name_zh"],
                row["name_en"],
                code(row["unit"]),
                row["dimension"],
                row["direction"],
                prices(row),
                bounds(row),
                row["table_no"],
                row["definition"],
                columns_of(row),
            ]
            for row in rows
            if row["kind"] == "printed"
        ),
    )
    lines += [
        "### Derived",
        "",
        "Ratios of weighted sums of printed indicators (`seeds/derived_term.csv`). Absent where a term is",
        "missing or the denominator is 0.",
        "",
    ]
    terms = read_seed("derived_term")
    lines += table(
        [*MADE_HEADER, "Terms"],
        (
            [*made(row), formula(row["indicator_code"], terms)]
            for row in rows
            if row["kind"] == "derived"
        ),
    )
    lines += [
        "### Relative and deflated",
        "",
        "Made of derived and printed ones (`seeds/relative_indicator.csv`, `seeds/deflated_indicator.csv`).",
        "`all_cities(x)` is x of all cities of the warehouse taken together; `deflator` is the city's price",
        "level of output, 1 in the base year. Absent where no unbroken run of deflators reaches the base year.",
        "",
    ]
    lines += table(
        [*MADE_HEADER, "Formula"],
        (
            [*made(row), code(row["formula"])]
            for row in rows
            if row["kind"] in ("relative", "deflated")
        ),
    )
    return lines


MADE_HEADER = (
    "Indicator",
    "中文",
    "English",
    "Unit",
    "Dimension",
    "Direction",
    "Prices",
    "Definition",
)


def made(row: dict[str, str]) -> list[str]:
    """The cells of an indicator that is not printed, under `MADE_HEADER`."""
    return [
        code(row["indicator_code"]),
        row["name_zh"],
        row["name_en"],
        code(row["unit"]),
        row["dimension"],
        row["direction"],
        prices(row),
        row["definition"],
    ]


def prices(row: dict[str, str]) -> str:
    """The price basis of an indicator in words; nothing for what is no money."""
    return " ".join(part for part in (row["price_basis"], row["price_base_year"]) if part)


def bounds(row: dict[str, str]) -> str:
    """The plausible range of a printed indicator in words."""
    low, high = row["valid_min"], row["valid_max"]
    if low and high:
        return f"{low} to {high}"
    return f"at least {low}" if low else (f"at most {high}" if high else "")


def formula(indicator_code: str, terms: list[dict[str, str]]) -> str:
    """The terms of a derived indicator as a formula."""

    def side(position: str) -> str:
        parts = []
        for term in terms:
            if term["indicator_code"] == indicator_code and term["position"] == position:
                name = term["input_indicator_code"]
                name += "" if term["input_scope"] == "total" else f" ({term['input_scope']})"
                weight = float(term["coefficient"])
                parts.append(code(name) if weight == 1 else f"{weight:,.10g} × {code(name)}")
        joined = " + ".join(parts)
        return f"({joined})" if " " in joined and has_ratio else joined

    has_ratio = any(
        term["indicator_code"] == indicator_code and term["position"] == "denominator"
        for term in terms
    )

    below = side("denominator")
    return side("numerator") + (f" / {below}" if below else "")


def index_lines() -> list[str]:
    """Indices and their components."""
    lines = [
        "## Indices",
        "",
        "From `seeds/index_definition.csv` and `seeds/index_component.csv`. Scores lie between 0 and 1; those",
        "on a fixed base may pass these bounds, and z-scores have 0 as their mean.",
        "",
    ]
    definitions = read_seed("index_definition")
    lines += table(
        [
            "Index",
            "中文",
            "English",
            "Weighting",
            "Scaled and weighted over",
            "Scaling",
            "Aggregation",
            "Population",
            "Years",
            "Column",
            "Remark",
        ],
        (
            [
                code(row["index_id"]),
                row["name_zh"],
                row["name_en"],
                row["weighting"],
                row["period"]
                + (
                    f" {row['base_year_from']}-{row['base_year_to']}"
                    if row["base_year_from"]
                    else ""
                ),
                row["scaling"],
                row["aggregation"],
                row["population"],
                f"{row['year_from'] or 'first'} to {row['year_to'] or 'last'}",
                code(f"index_{row['index_id']}"),
                row["note"],
            ]
            for row in definitions
        ),
    )
    indicators = {row["indicator_code"]: row for row in read_seed("indicator")}
    components = read_seed("index_component")
    for definition in definitions:
        lines += [f"### Components of {definition['index_id']}", ""]
        if definition["components_of"]:
            lines += [f"Those of {definition['components_of']}.", ""]
            continue
        lines += table(
            ["Component", "中文", "Scope", "Dimension", "Second level", "Direction"],
            (
                [
                    code(row["indicator_code"]),
                    indicators[row["indicator_code"]]["name_zh"],
                    row["scope"],
                    row["dimension"],
                    row["second_level"],
                    row["direction"],
                ]
                for row in components
                if row["index_id"] == definition["index_id"]
            ),
        )
    return lines
