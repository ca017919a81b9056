"""The report's section on efficiency: what stands in its tables, and what it says without scores."""

import re
from typing import Any

import pandas as pd
from demo_report import make_release, render_html

STATUS = {
    "model_id": "service", "title": "Efficiency of services", "status": "measured", "reason": None,
    "city_years": 5, "city_years_complete": 4, "inputs": "spending+staff",
    "outputs": "public_transport+health", "undesirable": None,
}  # fmt: skip
LEFT_OUT = STATUS | {
    "model_id": "waste", "title": "Efficiency with waste", "status": "left_out",
    "reason": "no value anywhere of staff (employees)", "undesirable": "waste",
}  # fmt: skip


def year_row(variant: str, year: int, mean: float, **other: Any) -> dict[str, Any]:
    counts = {"on_frontier": 1, "scored": 2, "city_years": 2, "productivity_change": None}
    return {
        "model_id": "service", "variant": variant, "year": year, "mean": mean, "median": mean - 0.01,
    } | counts | other  # fmt: skip


YEARS = [
    year_row("ccr", 2010, 0.8141),
    year_row("ccr", 2011, 0.7503, scored=2, city_years=3, productivity_change=0.0321),
    year_row("sbm", 2010, 0.5002),
    year_row(
        "sbm", 2011, 0.4372, on_frontier=0, scored=2, city_years=3, productivity_change=0.0321
    ),
]
TOP = [
    {"model_id": "service", "variant": "sbm", "year": 2011, "rank": rank, "city_name": name,
     "score": score, "rank_before": before, "city_code": code}
    for rank, name, score, before, code in (
        (1, "襄阳市", 1.1, 2.0, "420600"), (2, "漯河市", 0.4372, None, "411100"),
    )
]  # fmt: skip


def page(**frames: list[dict[str, Any]]) -> str:
    return render_html(make_release(**{n: pd.DataFrame(rows) for n, rows in frames.items()}))


def section(html: str) -> str:
    """The text of the section, tags as spaces."""
    (inside,) = re.findall(r'<h2 id="efficiency">(.*?)<h2 ', html, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", inside))


def test_a_city_ahead_by_a_suspect_figure_has_a_dagger_and_its_note() -> None:
    top = [TOP[0] | {"suspect_figures": "gdp 2011"}, TOP[1] | {"suspect_figures": None}]
    shown = {"efficiency_status": [STATUS], "efficiency_years": YEARS}
    text = section(page(**shown, efficiency_top=top))
    assert "1 襄阳市 † 1.100 2 2 漯河市 0.437 –" in text
    assert (
        "With a dagger, as it rests on a figure that fails a check of marts.figure_check: 襄阳市 (gdp 2011)."
        in text
    )
    assert "†" not in section(page(**shown, efficiency_top=TOP))


def test_tables_hold_the_scores_by_year_and_the_cities_ahead() -> None:
    html = page(efficiency_status=[STATUS, LEFT_OUT], efficiency_years=YEARS, efficiency_top=TOP)
    text = section(html)
    assert "Inputs: spending, staff. Outputs: public transport, health." in text
    assert (
        "4 of 5 city-years have all of these and are compared with each other; those without a score"
        in text
    )
    for row in YEARS:
        assert f'data-variant="{row["variant"]}" data-value="{row["mean"]}"' in html
    # Mean, median and frontier of each variant, the change, and the cities with a score.
    assert "2010 0.814 0.804 1 0.500 0.490 1 – 2" in text
    assert "2011 0.750 0.740 1 0.437 0.427 0 3.2 % 2" in text
    assert "the cities ahead in 2011 by SBM" in text
    assert "1 襄阳市 1.100 2 2 漯河市 0.437 –" in text
    assert "Efficiency with waste: no value anywhere of staff (employees)." in text
    assert 'href="#efficiency-service"' in html


def test_a_column_less_without_productivity() -> None:
    rows = [row | {"productivity_change": None} for row in YEARS]
    text = section(page(efficiency_status=[STATUS], efficiency_years=rows))
    assert "Productivity" not in text
    assert "the cities ahead" not in text
    assert "Not measured" not in text


def test_only_models_left_out() -> None:
    text = section(page(efficiency_status=[LEFT_OUT]))
    assert "Not measured: Efficiency with waste: no value anywhere of staff (employees)." in text


def test_nothing_measured_is_said() -> None:
    assert "No efficiency was measured in this release." in section(page())
