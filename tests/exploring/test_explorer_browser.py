"""The explorer in a real browser, opened from disk: by keyboard, on a phone, in print, with hostile names."""

from __future__ import annotations

from pathlib import Path

import pytest
from driven_browser import DrivenBrowser

pytestmark = pytest.mark.browser

SETTLED = "document.getElementById('main')?.getAttribute('aria-busy') === 'false'"
CITIES = "[...document.querySelectorAll('tr[data-city]')].map(row => row.dataset.city)"


def show(driven: DrivenBrowser, explorer: Path, address: str = "", width: int = 1200) -> None:
    """Open a view, in English."""
    driven.size(width, 900)
    driven.open((explorer / "index.html").as_uri() + address)
    driven.until(SETTLED)
    driven.evaluate("citypanel.choose('en')")
    driven.until(SETTLED)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("wuhan", "420100"),
        ("Wu Han", "420100"),
        ("420100", "420100"),
        ("武汉", "420100"),
        ("汉口", "420100"),  # a former name
        ("luliang", "141100"),
        ("beij", "110000"),
    ],
)
def test_search_finds_a_city_by_keyboard(
    driven: DrivenBrowser, explorer: Path, typed: str, code: str
) -> None:
    show(driven, explorer)
    driven.until("document.activeElement.getAttribute('role') === 'combobox'")
    driven.type(typed)
    driven.until("document.querySelectorAll('[role=option]').length > 0")
    driven.key("ArrowDown")
    driven.key("Enter")
    driven.until(f"location.hash === '#/city?code={code}'")
    assert driven.said == []


def test_a_name_that_nothing_has_is_answered_with_the_nearest(
    driven: DrivenBrowser, explorer: Path
) -> None:
    show(driven, explorer)
    driven.until("document.activeElement.getAttribute('role') === 'combobox'")
    driven.type("wuhen")
    assert "Wuhan (420100)" in driven.until("document.querySelector('.told').textContent")
    assert driven.evaluate("document.querySelectorAll('[role=option]').length") == 0


def test_city_shows_its_parts_and_leads_a_number_to_its_cell(
    driven: DrivenBrowser, explorer: Path
) -> None:
    show(driven, explorer, "#/city?code=420100")
    headings = driven.evaluate(
        "[...document.querySelectorAll('main h2')].map(head => head.id).join()"
    )
    assert headings == "figures,indices,obstacles,peers,policies,regimes,events"
    assert driven.evaluate("document.querySelectorAll('main .plot svg').length") >= 3
    driven.evaluate("document.querySelector('tbody button.number').focus()")
    driven.key("Enter")
    told = driven.until("document.querySelector('dialog[open] dl.source')?.innerText")
    for text in ("年鉴2023/<b>2-1.xlsx", "C12", "2002.1", "gdp <i>heading</i>", "cn_city_yearbook"):
        assert text in told
    driven.key("Escape")
    driven.until("!document.querySelector('dialog[open]')")
    assert driven.said == []


def test_a_calculated_number_leads_to_the_cells_of_its_inputs(
    driven: DrivenBrowser, explorer: Path
) -> None:
    show(driven, explorer, "#/city?code=420100&figure=gdp_per_resident")
    driven.evaluate("document.querySelector('tbody button.number').click()")
    driven.until("document.querySelectorAll('dialog[open] .inputs button').length === 2")
    assert "gdp * 10000" in driven.evaluate("document.querySelector('dialog').innerText")
    driven.evaluate("document.querySelectorAll('dialog .inputs button')[1].click()")
    assert "C12" in driven.until("document.querySelector('dialog[open] dl.source')?.innerText")


def test_a_number_at_constant_prices_names_the_years_between(
    driven: DrivenBrowser, explorer: Path
) -> None:
    show(driven, explorer, "#/city?code=420100")
    named = driven.evaluate(
        "citypanel.parts.load('city/420100').then(city => citypanel.cell.inputs(city, 'gdp_per_resident_real',"
        " 2022).map(one => [one.role, one.subject, one.year].join(' ')))"
    )
    assert sorted(named) == [
        "deflator gdp 2020", "deflator gdp 2021", "deflator gdp 2022", "nominal gdp_per_resident 2022",
    ]  # fmt: skip


def test_ranking_sorts(driven: DrivenBrowser, explorer: Path) -> None:
    show(driven, explorer, "#/ranking?subject=gdp&year=2022")
    assert driven.evaluate(CITIES) == ["999900", "420100", "110000"]
    driven.evaluate("document.querySelectorAll('thead button')[1].focus()")
    driven.key("Enter")  # by name: =HYPERLINK, Beijing, Wuhan
    assert driven.evaluate(CITIES) == ["999900", "110000", "420100"]
    assert driven.evaluate("document.querySelector('[aria-sort]').textContent").startswith("City")
    driven.evaluate("document.querySelectorAll('thead button')[4].click()")
    assert driven.evaluate(CITIES) == ["999900", "420100", "110000"]
    driven.evaluate("document.querySelectorAll('thead button')[4].click()")
    assert driven.evaluate(CITIES) == ["110000", "420100", "999900"]


def test_map_has_a_dot_for_each_city_with_a_value_and_a_place(
    driven: DrivenBrowser, explorer: Path
) -> None:
    show(driven, explorer, "#/map?subject=gdp&year=2022")
    driven.until("document.querySelectorAll('[aria-label=dot] circle').length > 0")
    assert driven.evaluate("document.querySelectorAll('[aria-label=dot] circle').length") == 2
    assert "1 without coordinates" in driven.evaluate("document.querySelector('main').innerText")


def test_chosen_cities_are_lines_that_differ_by_more_than_colour(
    driven: DrivenBrowser, explorer: Path
) -> None:
    show(driven, explorer, "#/compare?subject=index_nqpf&cities=110000,420100")
    driven.until("document.querySelectorAll('[aria-label=line] path').length === 2")
    lines = driven.until(
        "(() => { const found = [...document.querySelectorAll('[aria-label=line] path')].map(path =>"
        " path.getAttribute('stroke') + path.getAttribute('stroke-dasharray'));"
        " return found.every(one => !one.endsWith('null')) && found })()"
    )
    assert len(set(lines)) == 2 and lines[0][7:] != lines[1][7:]
    driven.evaluate("document.querySelector('.chips button').click()")
    driven.until("location.hash.endsWith('cities=420100')")


@pytest.mark.parametrize(
    "address",
    ["", "#/city?code=999900", "#/ranking?subject=gdp", "#/map?subject=gdp",
     "#/compare?subject=gdp&cities=999900", "#/city?code=<img src=x onerror=hurt=1>",
     "#/<script>hurt=1</script>"],
)  # fmt: skip
def test_a_hostile_name_is_text(driven: DrivenBrowser, explorer: Path, address: str) -> None:
    show(driven, explorer, address)
    if not address:
        driven.until("document.activeElement.getAttribute('role') === 'combobox'")
        driven.type("999900")
        driven.until("document.querySelectorAll('[role=option]').length === 1")
    shown = driven.evaluate("document.body.innerText")
    assert "=HYPERLINK" in shown or "<img" in shown or "<script>" in shown
    assert driven.evaluate("window.hurt") is None
    assert driven.evaluate("document.querySelectorAll('main img, main script').length") == 0


def test_markup_would_not_run_if_it_came_in(driven: DrivenBrowser, explorer: Path) -> None:
    """The page's own policy refuses a script that no file holds."""
    show(driven, explorer)
    driven.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hurt=1\">');"
        "const s = document.createElement('script'); s.textContent = 'window.hurt=1'; document.body.append(s)"
    )
    driven.evaluate("new Promise(done => setTimeout(done, 300))")
    assert driven.evaluate("window.hurt") is None
    assert any("Content Security Policy" in text for text in driven.said)


def test_what_is_saved_is_what_is_shown_and_no_formula(
    driven: DrivenBrowser, explorer: Path
) -> None:
    show(driven, explorer, "#/ranking?subject=gdp&year=2022")
    driven.evaluate(
        "window.saved = null; const make = URL.createObjectURL;"
        "URL.createObjectURL = blob => { window.saved = blob.text(); return make.call(URL, blob) };"
        "HTMLAnchorElement.prototype.click = function () { window.named = this.download };"
        "document.querySelector('button.save').click()"
    )
    lines = driven.evaluate("saved").lstrip("\ufeff").split("\r\n")
    assert driven.evaluate("named") == "ranking_gdp_2022.csv"
    assert lines[0].startswith("rank,city_code,city_name") and lines[0].endswith("data_kind")
    assert len(lines) == 5 and lines[4] == ""
    assert lines[3].startswith("3,110000,北京市,") and ",1002.1," in lines[3]
    assert all(line.endswith("2022-demo,simulated") for line in lines[1:4])
    formula = driven.evaluate(
        "citypanel.dom.csv(['a'], [['=1+1'], ['@x'], [-2], ['-2'], ['a\"b,c']])"
    )
    assert formula.lstrip("\ufeff").split("\r\n")[1:6] == ["'=1+1", "'@x", "-2", "-2", '"a""b,c"']


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "address",
    ["", "#/city?code=420100", "#/ranking", "#/map", "#/compare?subject=gdp&cities=110000,999900"],
)
def test_phone_scrolls_down_only(
    driven: DrivenBrowser, explorer: Path, address: str, language: str
) -> None:
    show(driven, explorer, address, width=390)
    driven.evaluate(f"citypanel.choose('{language}')")
    driven.until(SETTLED)
    driven.evaluate("new Promise(done => setTimeout(done, 200))")
    assert driven.evaluate("document.documentElement.scrollWidth") == 390


def test_every_view_says_that_data_are_simulated_in_both_languages(
    driven: DrivenBrowser, explorer: Path
) -> None:
    for address in ("", "#/city?code=420100", "#/ranking", "#/map", "#/compare"):
        show(driven, explorer, address)
        for language, words in (("en", "SIMULATED"), ("zh", "模拟数据")):
            driven.evaluate(f"citypanel.choose('{language}')")
            mark = "document.getElementById('simulated')"
            assert words in driven.evaluate(f"{mark}.innerText")
            assert driven.evaluate(f"{mark}.getBoundingClientRect().height") > 20
            assert driven.evaluate("document.title").startswith(
                "Simulated" if language == "en" else "模拟数据"
            )
        driven.emulate("print")
        assert (
            driven.evaluate("getComputedStyle(document.getElementById('simulated')).display")
            == "block"
        )
        driven.emulate("screen")


def test_page_of_a_published_release_has_no_such_mark(
    driven: DrivenBrowser, explorer: Path, tmp_path: Path
) -> None:
    import shutil

    other = shutil.copytree(explorer, tmp_path / "explorer")
    base = other / "data" / "base.js"
    text = base.read_text(encoding="utf-8")
    base.write_text(text.replace('"kind":"simulated"', '"kind":"published"'), encoding="utf-8")
    show(driven, other)
    assert driven.evaluate("document.getElementById('simulated').hidden") is True
    assert driven.evaluate("document.title") == "Explore the cities – citypanel"


def test_dark_print_and_light_differ_in_the_page_alone(
    driven: DrivenBrowser, explorer: Path
) -> None:
    show(driven, explorer, "#/city?code=420100")
    colour = "getComputedStyle(document.body).backgroundColor"
    assert driven.evaluate(colour) == "rgb(255, 255, 255)"
    driven.size(1200, 900, dark=True)
    assert driven.evaluate(colour) == "rgb(23, 22, 19)"
    driven.emulate("print", dark=True)
    assert driven.evaluate(colour) == "rgb(255, 255, 255)"  # paper is white
    assert driven.evaluate("getComputedStyle(document.getElementById('menu')).display") == "flex"
    assert driven.evaluate("getComputedStyle(document.querySelector('header')).display") == "none"
    assert driven.printed().startswith(b"%PDF")


def test_a_missing_part_is_said(driven: DrivenBrowser, explorer: Path, tmp_path: Path) -> None:
    import shutil

    other = shutil.copytree(explorer, tmp_path / "explorer")
    (other / "data" / "city" / "420100.js").unlink()
    show(driven, other, "#/city?code=420100")
    assert "city/420100" in driven.evaluate("document.querySelector('.failure').textContent")


def test_it_asks_for_files_beside_it_alone_and_little_to_begin_with(
    driven: DrivenBrowser, explorer: Path
) -> None:
    show(driven, explorer)
    own = explorer.as_uri()
    asked = [address for address in driven.asked if not address.startswith(("data:", "about:"))]
    assert asked and all(address.startswith(own) for address in asked)
    assert not any("/city/" in address or "/subject/" in address for address in asked)
