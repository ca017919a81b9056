"""The section of the report on inequality and benchmarks: its numbers, gaps, and hostile text."""

import lxml.html
import pandas as pd
import pytest
from demo_report import make_release, render_html

ATTACK = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def frames(
    subject: str = "s", title: str = "Wealth", city: str = "襄阳市"
) -> dict[str, pd.DataFrame]:
    """Two years of one subject; Dagum's parts add up."""
    return {
        "inequality_status": pd.DataFrame(
            [
                (subject, title, "estimated", None, "yuan", "population_resident"),
                ("n", "Nothing", "no values", "n has no value in this input", "yuan", None),
            ],
            columns=["subject_id", "title", "status", "detail", "unit", "weight_column"],
        ),
        "inequality": pd.DataFrame(
            [
                (subject, "region", 2019, 0.30, 0.10, 0.15, 0.05, 1 / 3, 0.5, 1 / 6, 0.2, 0.6, 12),
                (subject, "region", 2020, 0.20, 0.10, 0.06, 0.04, 0.5, 0.3, 0.2, 0.1, None, 12),
            ],
            columns=[
                "subject_id", "group_column", "year", "total", "within", "between",
                "transvariation", "within_share", "between_share", "transvariation_share",
                "theil_t", "spread", "n_units",
            ],
        ),
        "convergence": pd.DataFrame(
            [
                (subject, "sigma", 2019, 2020, -0.01, 0.001, 0.0, None, None, 2),
                (subject, "beta_absolute", 2019, 2020, -0.02, 0.01, 0.04, 0.0203, 34.2, 12),
            ],
            columns=[
                "subject_id", "kind", "first_year", "last_year", "coefficient", "std_error",
                "p_value", "speed", "half_life", "n_obs",
            ],
        ),
        "movers": pd.DataFrame(
            [
                (subject, 2020, 2019, city, "420600", 61000.0, 50000.0, 11000.0, 3, 9, True),
                (subject, 2020, 2019, "巢湖市", "341400", 40000.0, 42000.0, -2000.0, 10, 8, False),
            ],
            columns=[
                "subject_id", "year", "year_before", "city_name", "city_code", "value", "value_before",
                "change", "national_rank", "national_rank_before", "is_top_mover",
            ],
        ),
        "peer_groups": pd.DataFrame(
            [(subject, 2020, "east, large_2", 7, 45000.0, city, 61000.0)],
            columns=[
                "subject_id", "year", "peer_group", "cities", "median", "best_city", "best_value",
            ],
        ),
    }  # fmt: skip


def page_of(kind: str = "published", **changes: pd.DataFrame) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(render_html(make_release(data_kind=kind, **changes)))


def section_of(page: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    return page.get_element_by_id("inequality").getparent()


def text_of(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_section_shows_the_numbers_and_their_shares():
    section = section_of(page_of(**frames()))
    first, second = section.xpath(".//tr[@data-subject='s' and @data-year and not(@data-city)]")
    assert [text_of(td) for td in first.xpath("./td")] == [
        "2019", "0.300", "0.100 (33 %)", "0.150 (50 %)", "0.050 (17 %)", "0.200", "0.600", "12",
    ]  # fmt: skip
    assert text_of(second.xpath("./td[7]")[0]) == "–"
    text = text_of(section)
    assert "Unit: yuan. Cities are weighted by residents." in text
    assert "by region (east, central, west) (Dagum 1997)" in text
    assert "Nothing: no values (n has no value in this input)." in text
    assert len(section.xpath(".//*[local-name()='svg']")) == 1
    top, bottom = section.xpath(".//tr[@data-city]")
    assert [text_of(td) for td in top.xpath("./td")] == [
        "襄阳市", "50,000", "61,000", "11,000", "9", "3",
    ]  # fmt: skip
    assert "−2,000" in text_of(bottom)
    headings = [text_of(th) for th in section.xpath(".//th[@scope='rowgroup']")]
    assert headings == ["Improved most", "Improved least"]
    (beta,) = section.xpath(".//tr[@data-kind='beta_absolute']")
    assert [text_of(td) for td in beta.xpath("./td")][1:] == [
        "−0.0200", "0.0100", "0.0400", "2.0", "34.2", "12",
    ]  # fmt: skip
    assert "East, large city II" in text
    assert not section.xpath(".//th[text()='Cities']/ancestor::table//tr[@data-kind]")


def test_ranks_that_rest_on_suspect_figures_have_a_dagger_and_its_note():
    made = frames()
    made["movers"]["suspect_figures"] = ["gdp 2020", None]
    made["peer_groups"]["suspect_figures"] = ["gdp 2020, wage 2019"]
    section = section_of(page_of(**made))
    top, bottom = section.xpath(".//tr[@data-city]")
    assert text_of(top.xpath("./td[1]")[0]) == "襄阳市†" and "†" not in text_of(bottom)
    (notes,) = section.xpath(".//tr[@data-city]/ancestor::figure/div[@class='notes']")
    blamed = "With a dagger, as it rests on a figure that fails a check of marts.figure_check: 襄阳市 (gdp 2020)."
    assert text_of(notes).endswith(blamed)
    assert "襄阳市 (gdp 2020, wage 2019)." in text_of(section.xpath(".//details")[0])
    assert "†" not in text_of(section_of(page_of(**frames())))


def test_convergence_says_how_it_is_estimated_and_of_how_many_cities():
    made = frames()
    made["convergence"]["n_units"] = [182, 12]
    section = section_of(page_of(**made))
    (sigma,) = section.xpath(".//tr[@data-kind='sigma']")
    assert text_of(sigma.xpath("./td[last()]")[0]) == "182"
    (notes,) = section.xpath(".//tr[@data-kind='sigma']/ancestor::figure/div[@class='notes']")
    assert "a spread that wanders from year to year" in text_of(notes) and "HC1" in text_of(notes)
    assert "Panel beta" not in text_of(notes), "there is none in the table"


@pytest.mark.parametrize(("basis", "said"), [("current", True), ("constant", False), (None, False)])
def test_convergence_of_money_in_current_prices_says_so(basis, said):
    made = frames()
    made["inequality_status"]["price_basis"] = basis
    (notes,) = section_of(page_of(**made)).xpath(
        ".//tr[@data-kind='sigma']/ancestor::figure/div[@class='notes']"
    )
    assert ("Values are in current prices" in text_of(notes)) == said


def test_a_score_has_half_the_mean_difference_and_no_ratio():
    made = frames()
    made["inequality_status"]["scale"] = "interval"
    made["inequality"][["total", "theil_t"]] = 0.01571, None
    section = section_of(page_of(**made))
    text = text_of(section)
    assert "Half the mean difference" in text and "its zero is a choice" in text
    assert "Theil T" not in text and "SD of logs" not in text and "0.0157" in text
    (notes,) = section.xpath(".//tr[@data-kind='sigma']/ancestor::figure/div[@class='notes']")
    assert "standard deviation of the score" in text_of(notes)
    assert "Theil T" in text_of(section_of(page_of(**frames())))


def test_contents_lead_to_each_subject():
    page = page_of(**frames())
    links = page.xpath("//nav//a[contains(@href, '#inequality')]/@href")
    assert links == ["#inequality", "#inequality-s"]
    assert page.get_element_by_id("inequality-s") is not None


def test_no_subject_and_no_values_are_said():
    assert "No inequality was measured in this release." in text_of(section_of(page_of()))
    status = frames()["inequality_status"].iloc[1:]
    text = text_of(section_of(page_of(inequality_status=status)))
    assert "Nothing: no values" in text and "No inequality was measured" not in text


@pytest.mark.parametrize("name", ["inequality", "convergence", "movers", "peer_groups"])
def test_any_frame_may_be_empty(name):
    made = frames()
    made[name] = made[name].iloc[:0]
    section = section_of(page_of(**made))
    assert ("No inequality of this subject." in text_of(section)) == (name == "inequality")


def test_all_equal_has_dashes_for_shares():
    made = frames()
    for column in ("total", "within", "between", "transvariation"):
        made["inequality"][column] = 0.0
    for column in ("within_share", "between_share", "transvariation_share"):
        made["inequality"][column] = float("nan")
    section = section_of(page_of(**made))
    assert "0.000 (–)" in text_of(section)


def test_hostile_text_stays_text():
    page = page_of(**frames(subject=ATTACK, title=ATTACK, city=ATTACK))
    assert not page.xpath("//script|//img|//*[@onerror]")
    assert ATTACK in text_of(section_of(page)).replace("\u00a0", " ")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_simulated_data_say_so_at_every_table_and_figure():
    section = section_of(page_of("simulated", **frames()))
    captions = section.xpath(".//figcaption")
    assert len(captions) == 4
    assert all(text_of(caption).endswith("Simulated data") for caption in captions)
