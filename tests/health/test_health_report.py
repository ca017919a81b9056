"""The report shows the health of the input and the mergers and splits with their decisions."""

import lxml.html
import pandas as pd
from demo_report import make_release, render_html

HEALTH = pd.DataFrame(
    [
        ("files", "all", 3, 3),
        ("files", "loaded", 2, 3),
        ("files", "refused", 1, 3),
        ("figures_quarantined", "all", 36, 36),
        *(("figures_quarantined", f"reason_{i}", i, 36) for i in range(1, 9)),
        ("figures_revised", "all", 0, 0),
    ],
    columns=["measure", "detail", "value", "total"],
)
EVENTS = pd.DataFrame(
    [
        (2019.0, "merge", "莱芜市", "济南市", "keep_apart", "merged; <totals> jump"),
        (2011.0, "abolish", "巢湖市", None, "drop", "divided among three"),
    ],
    columns=["year", "kind", "from_name", "to_name", "decision", "reason"],
)


def rows_below(heading: str, **frames: pd.DataFrame) -> list[list[str]]:
    """Cells of the body of the table that follows a heading."""
    data = make_release(**frames)
    page = lxml.html.fromstring(render_html(data))
    table = page.xpath(f"//*[@id='{heading}']/following::table[1]")[0]
    return [
        [cell.text_content() for cell in row.findall("td")] for row in table.findall("tbody/tr")
    ]


def test_health_shows_totals_and_their_largest_parts() -> None:
    rows = rows_below("health", input_health=HEALTH)
    assert rows[0] == ["Files in the inbox", "3", "loaded 2, refused 1"]
    assert rows[1][:2] == ["Figures in quarantine", "36"]
    assert rows[1][2].startswith("reason 8 8, reason 7 7")
    assert rows[1][2].endswith("2 more")
    assert rows[2] == ["Figures that their own source revised", "0", ""]


def test_cities_show_events_with_their_decision() -> None:
    rows = rows_below("cities", city_events=EVENTS)
    assert rows[0][:2] == ["2019", "merge"]
    assert rows[0][2:] == ["莱芜市", "济南市", "kept apart", "merged; <totals> jump"]
    assert rows[1][4] == "left out"


def events_page(events: pd.DataFrame) -> lxml.html.HtmlElement:
    """The section on cities."""
    page = lxml.html.fromstring(render_html(make_release(city_events=events)))
    return page.xpath("//*[@id='cities']/..")[0]


def test_cities_show_how_many_figures_a_decision_touched() -> None:
    counted = EVENTS.assign(figures_from=[550, 110], figures_to=[768, 0])
    none = events_page(counted.assign(figures_added=0, figures_left_out=0))
    assert not none.xpath(".//td[@data-count='figures_added']"), "nobody decided to add"
    assert "No figure was added to another or left out." in none.text_content()
    counts = [td.text_content() for td in none.xpath(".//td[@data-count='figures_from']")]
    assert counts == ["550", "110"]

    some = events_page(
        counted.assign(
            decision=["add_into", "drop"], figures_added=[400, 0], figures_left_out=[1150, 0],
            figures_without_partner=[0, 0],
        )
    )  # fmt: skip
    first = some.xpath(".//tr[@data-decision='add_into']")[0]
    assert first.xpath("td[@data-count='figures_added']")[0].text_content() == "400"
    assert first.xpath("td[@data-count='figures_left_out']")[0].text_content() == "1,150"
    assert not some.xpath(".//td[@data-count='figures_without_partner']"), "none of that kind"
    text = some.text_content()
    assert "Of 2 events: 1 added, 1 left out. Their figures: 400 added, 1,150 left out." in text
    assert "amounts of the places before are summed" in text


def test_released_values_that_do_not_add_up_are_named() -> None:
    health = pd.DataFrame(
        [("values_released", "all", 12, 12)], columns=["measure", "detail", "value", "total"]
    )
    imputed = pd.DataFrame(
        [("gdp", "GDP", 7, 0, 0.0)],
        columns=["indicator_code", "indicator_name", "values", "imputed", "share"],
    )
    frames = {"input_health": health, "imputed": imputed}
    html = render_html(make_release(**frames))
    assert "12 values released, the indicators add up to 7." in html
    frames["imputed"] = imputed.assign(values=12)
    assert "add up to" not in render_html(make_release(**frames))


def test_without_events_the_report_says_so() -> None:
    html = render_html(make_release())
    assert "No merger, split or abolition touches" in html
    assert "No health of the input is on record" in html
