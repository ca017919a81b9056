"""The page as HTML: structure, escaping, determinism, no outside request, empty input."""

import dataclasses
import re
import time
from html.parser import HTMLParser

import lxml.html
import pandas as pd
import pytest
from demo_report import FRAMES, SECTIONS, make_release, render_html
from markupsafe import Markup

from analysis.report import ReportData, render_report

SIZE_LIMIT = 1_500_000
"""Bytes of the page."""

RENDER_LIMIT = 20.0
"""Seconds of processor time, ten times what the page takes: an outer border for any machine."""

VOID = {"meta", "link", "br", "hr", "img", "input", "col", "wbr"}


class Tags(HTMLParser):
    """Checks that tags are balanced and collects ids, references and scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[tuple[str, str, str]] = []
        self.tags: set[str] = set()
        self.handlers: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        self._attributes(tag, attrs)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self._attributes(tag, attrs)

    def _attributes(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"attribute twice on <{tag}>: {names}"
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in {"href", "xlink:href", "src", "action", "data", "poster", "srcset"}:
                self.links.append((tag, name, value))
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()


BESIDE = {"../explorer/index.html"}
"""Pages of the release that the report leads to."""


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    tags.close()
    assert tags.open == []
    return tags


def text_of(element) -> str:
    return " ".join(element.text_content().split())


def hostile_frames(demo: ReportData, text: str) -> dict:
    """Every text of every frame replaced, but for keys that must match; equal texts stay equal."""
    keep = {"study", "design", "paper_id", "group", "severity", "class", "threshold_estimates",
            "method"}  # fmt: skip
    changed = {}
    for name in FRAMES:
        frame = demo[name].copy()
        for column in frame.columns:
            texts = [v for v in frame[column] if isinstance(v, str)]
            if column not in keep and texts:
                new = {v: f"{text}{i}" for i, v in enumerate(dict.fromkeys(texts))}
                frame[column] = [new[v] if isinstance(v, str) else v for v in frame[column]]
        changed[name] = frame
    return changed


# --- structure ---------------------------------------------------------------------------------


def test_page_is_well_formed_with_unique_ids_and_links_that_lead_somewhere(demo_html):
    tags = parsed(demo_html)
    assert len(tags.ids) == len(set(tags.ids))
    inner = [value for _, _, value in tags.links if value not in BESIDE]
    assert {value[1:] for value in inner} <= set(tags.ids)
    assert all(value.startswith("#") for value in inner)
    assert {value for _, _, value in tags.links} > BESIDE


def test_no_outside_request_and_no_script(demo_html):
    tags = parsed(demo_html)
    assert not tags.tags & {"script", "iframe", "link", "img", "object", "embed", "base"}
    assert tags.handlers == []
    assert re.search(r"@import|javascript:", demo_html) is None
    urls = re.findall(r"url\(([^)]{0,30})", demo_html)
    assert urls and all(u.startswith(("#", "data:font/woff")) for u in urls)
    assert "https://" not in demo_html and "http://" not in demo_html
    assert "default-src 'none'" in demo_html


def test_regression_table_has_three_lines_and_published_beside_estimated(demo_html):
    page = lxml.html.fromstring(demo_html)
    table = page.get_element_by_id("table-nqpf_5fsmart_5fcity-regression-table2")
    head, coefficients, fit = table.xpath("./thead|./tbody")
    assert [text_of(th) for th in head.xpath("./tr[1]/th")] == [
        "", "(1)", "(2)", "(3)a", "(4)a", "(5)",
    ]  # fmt: skip
    assert [text_of(th) for th in head.xpath("./tr[3]/th")][1:] == ["Published", "Estimated"] * 5
    first = coefficients.xpath("./tr[1]/td")
    assert [text_of(td) for td in first[:2]] == ["0.758***", "0.799***"]
    below = coefficients.xpath("./tr[2]/td")
    assert text_of(below[0]) == "(10.365)"
    assert {len(tr.xpath("./td")) for tr in table.xpath(".//tbody/tr")} == {10}
    labels = [text_of(th) for th in fit.xpath("./tr/th")]
    assert labels[:5] == ["Controls", "City effects", "Year effects", "Observations", "Cities"]
    # Three lines: above, under the heads, below; no rule between rows and none upright.
    css = demo_html[demo_html.index(":root") :]
    assert "border-top: 2px solid var(--rule)" in css and "border-bottom: 2px solid" in css
    assert "border-left" not in "".join(re.findall(r"(?m)^(?:table|th|td)[^{]*\{[^}]*\}", css))


def test_every_number_of_the_table_names_its_key_and_leads_to_its_row(demo, demo_html):
    page = lxml.html.fromstring(demo_html)
    rows = demo["estimates"][demo["estimates"]["study"] == "nqpf_smart_city"]
    for r in rows.to_dict("records"):
        (cell,) = page.xpath(
            f"//table[contains(@class, 'regression') and @data-study='{r['study']}' and "
            f"@data-table='{r['design']}']//tr[@data-term='{r['term']}']"
            f"/td[@data-column='{r['column_id']}' and @data-source='estimated' and @id]"
        )
        assert float(cell.get("data-value")) == r["estimate"]
        (link,) = cell.xpath("./a/@href")
        target = page.get_element_by_id(link[1:])
        of = target.getparent()
        assert target.get("data-term") == r["term"] and of.get("data-column") == r["column_id"]
        assert (of.get("data-study"), of.get("data-table")) == (r["study"], r["design"])
        assert float(target.xpath("./td/@data-value")[0]) == r["estimate"]


def test_decimal_points_of_a_column_share_their_place(demo_html):
    """Both boxes of a number have the column's widths, so the points stand in one line."""
    page = lxml.html.fromstring(demo_html)
    table = page.get_element_by_id("table-nqpf_5fsmart_5fcity-regression-table2")
    for position in range(1, 11):
        cells = table.xpath(f".//tbody[1]/tr/td[{position}][@style]")
        assert len({cell.get("style") for cell in cells}) == 1
        for cell in cells:
            (whole,) = cell.xpath(".//span[@class='w']")
            (part,) = cell.xpath(".//span[@class='p']")
            assert "." not in text_of(whole) and text_of(part).startswith(".")


def test_counts_stand_in_the_summary(demo_html):
    page = lxml.html.fromstring(demo_html)
    glance = text_of(page.xpath("//dl[@class='glance']")[0])
    for text in ("29", "115,360", "94,878", "14", "11,970", "41", "1 refused", "1 warned"):
        assert text in glance
    assert "each one accounted for" in glance


def test_section_for_each_kind_of_content(demo_html):
    page = lxml.html.fromstring(demo_html)
    text = text_of(page.xpath("//main")[0])
    for needle in (
        "襄阳市", "citypanel trace 襄阳市 2015 gdp", "33 821 200", "from marts.indicator_value as value",
        "中国城市统计年鉴2016_表2-4.xlsx, sheet 2-4, C187", "412 differ by more than 5 %",
        "unknown city", "districts and towns incomplete", "58 %", "jump_at_edition_border",
        "index_score", "Zhu Shenghu and Chen Tian (2025)",
    ):  # fmt: skip
        assert needle in text, needle
    assert len(page.xpath("//figure//*[local-name()='svg']")) == 7 + 2  # two of the threshold model
    for svg in page.xpath("//figure//*[local-name()='svg']"):
        label = page.get_element_by_id(svg.get("aria-labelledby"))
        assert len(text_of(label)) > 20


def test_accounts_that_disagree_are_named(demo, demo_with):
    account = demo["cell_account"].copy()
    account.loc[account["class"] == "note", "cells"] -= 24
    html = render_html(demo_with(cell_account=account))
    assert "The files hold 115,360 cells, the account explains 115,336: 24 are unaccounted" in html
    assert "each one accounted for" not in html
    html = render_html(demo_with(quarantine=demo["quarantine"].head(1)))
    assert "The account has 14 quarantined values, the reasons add up to 9." in html


def test_long_lists_are_folded_and_counted(demo, demo_with):
    many = pd.concat([demo["disagreement"]] * 60, ignore_index=True)
    html = render_html(
        demo_with(
            disagreement=many,
            disagreement_counts=demo["disagreement_counts"].assign(differing=len(many)),
        )
    )
    assert "1,485 more of 1,920" in html
    assert len(html) < SIZE_LIMIT


def test_effect_of_each_study_stands_in_the_summary(demo, demo_html):
    page = lxml.html.fromstring(demo_html)
    found = page.xpath("//tr[@data-study][@data-column]/td[@data-value]/..")
    rows = [tr for tr in found if tr.xpath("ancestor::section/h2[@id='summary']")]
    assert [tr.get("data-study") for tr in rows] == list(demo["studies"]["study"])
    for tr in rows:
        mine = demo["estimates"][
            (demo["estimates"]["study"] == tr.get("data-study"))
            & (demo["estimates"]["term"] == "did")
        ]
        last = mine.iloc[-1]
        assert tr.get("data-column") == last["column_id"]
        assert float(tr.xpath("td[@data-value]")[0].get("data-value")) == last["estimate"]
        (link,) = tr.xpath(".//a/@href")
        assert page.get_element_by_id(link[1:]).get("data-study") == tr.get("data-study")


def test_latin_spelling_stands_beside_a_city_and_is_not_said_twice(demo_with):
    page = lxml.html.fromstring(
        render_html(
            demo_with(latin_names=pd.DataFrame({"name": ["襄阳市"], "latin": ["Xiang <yang>"]}))
        )
    )
    cells = {text_of(td) for td in page.xpath("//tr[@data-city or @data-indicator]/td[1]")}
    assert "襄阳市 Xiang <yang>" in cells and "毕节市" in cells


def test_studies_that_were_not_estimated_are_named_with_their_reason():
    skipped = pd.DataFrame(
        [("s", "A study", "x has no value")], columns=["study", "title", "detail"]
    )
    text = text_of(lxml.html.fromstring(render_html(make_release(studies_skipped=skipped))))
    assert "No study was estimated in this release." in text
    assert "Not estimated, as the files lack what it needs: A study (s): x has no value." in text


@pytest.mark.parametrize(
    ("unit", "shown"),
    [("points (0-100)", "outcome (points, 0–100)"), ("yuan", "outcome (yuan)"), ("", "outcome")],
)
def test_unit_in_brackets_has_none_within(demo, demo_with, unit, shown):
    studies = demo["studies"].assign(outcome_label="outcome", outcome_unit=unit)
    page = lxml.html.fromstring(render_html(demo_with(studies=studies)))
    (cell, _) = page.xpath("//tr[@data-study][@data-column]/td[2]")
    assert text_of(cell) == shown


# --- banner ------------------------------------------------------------------------------------


def test_simulated_data_says_so_everywhere(demo_html):
    page = lxml.html.fromstring(demo_html)
    (banner,) = page.xpath("//div[@class='simulated']")
    assert "every figure is invented" in text_of(banner)
    assert page.xpath("//title")[0].text.startswith("SIMULATED DATA")
    assert "@top-center" in demo_html  # on every printed page
    assert demo_html.count("their agreement is no replication") == 3  # under each such table
    for caption in page.xpath("//figcaption|//summary"):
        assert text_of(caption).endswith("Simulated data"), text_of(caption)


def test_published_data_carry_no_banner(demo_with):
    html = render_html(demo_with(data_kind="published"))
    body = html[html.index("<body") :]
    assert "simulated" not in body.lower().replace("embedded sample (simulated)", "")
    assert "Report on published data" in body
    assert "SIMULATED" not in html


# --- escaping ----------------------------------------------------------------------------------

ATTACKS = (
    "<script>alert(1)</script>\"><img src=x onerror=alert(1)>' onmouseover='alert(1)",
    "--><script>alert(1)</script><!-- ]]></style></title></svg><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %} $\\frac{1}{2}$ 龘\u202e\x00",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_stays_text(demo, demo_with, attack):
    html = render_html(
        demo_with(
            **hostile_frames(demo, attack),
            title=attack, vintage=attack, code_version=attack, created_from=attack,
        )
    )  # fmt: skip
    tags = parsed(html)
    assert not tags.tags & {"script", "img"}
    assert tags.handlers == []
    assert "\x00" not in html and "\u202e" not in html
    assert ">49<" not in html


def test_hostile_city_name_reads_as_itself(demo, demo_with):
    frame = demo["disagreement"].assign(city_name="<script>alert('襄')</script>")
    page = lxml.html.fromstring(render_html(demo_with(disagreement=frame)))
    section = page.get_element_by_id("disagreement").getparent()
    names = section.xpath(".//tbody/tr/td[1]")
    assert "<script>alert('襄')</script>" in {n.text_content() for n in names}


def test_hostile_keys_stay_apart(demo, demo_with):
    keys = {"nqpf_smart_city": "a b<", "nqpf_broadband_china": "a_b&"}
    changed = {}
    for name in ("estimates", "fits", "studies", "study_tables", "trend"):
        frame = demo[name]
        changed[name] = frame.assign(study=frame["study"].map(keys))
    tags = parsed(render_html(demo_with(**changed)))
    assert len(tags.ids) == len(set(tags.ids))


# --- writing -----------------------------------------------------------------------------------


def test_same_data_same_bytes(demo, tmp_path):
    one = render_report(demo, SECTIONS, tmp_path / "a")
    other = render_report(demo, SECTIONS, tmp_path / "b")
    assert one == tmp_path / "a" / "index.html"
    assert one.read_bytes() == other.read_bytes()
    assert one.stat().st_size < SIZE_LIMIT
    assert [p.name for p in one.parent.iterdir()] == ["index.html"]


def test_settings_of_the_user_do_not_change_the_page(demo, demo_html):
    import matplotlib

    with matplotlib.rc_context({"font.size": 30, "svg.hashsalt": "x", "axes.grid": True}):
        assert render_html(demo) == demo_html


def test_render_changes_no_setting_of_the_user(demo):
    import matplotlib

    before = dict(matplotlib.rcParams)
    render_html(demo)
    assert dict(matplotlib.rcParams) == before


def test_failed_rendering_leaves_the_old_page(demo, tmp_path, monkeypatch):
    path = render_report(demo, SECTIONS, tmp_path)
    before = path.read_bytes()

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr("analysis.report.page.os.replace", broken)
    with pytest.raises(OSError, match="disk full"):
        render_report(dataclasses.replace(demo, title="other"), SECTIONS, tmp_path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["index.html"]


def test_render_is_quick(demo, tmp_path):
    start = time.process_time()
    render_report(demo, SECTIONS, tmp_path)
    assert time.process_time() - start < RENDER_LIMIT


def test_import_of_the_package_does_not_load_matplotlib(repo_dir):
    import subprocess
    import sys

    code = (
        "import sys, analysis.report; print('matplotlib' in sys.modules, 'jinja2' in sys.modules)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=repo_dir, capture_output=True, text=True, check=True
    )
    assert out.stdout.split() == ["False", "False"]


# --- empty and partial input -------------------------------------------------------------------


def test_empty_frames_give_stated_sections():
    html = render_html(make_release())
    tags = parsed(html)
    assert {value[1:] for _, _, value in tags.links if value not in BESIDE} <= set(tags.ids)
    text = text_of(lxml.html.fromstring(html))
    for needle in (
        "No study was estimated", "No index in this release", "No input file is on record",
        "No account of cells", "no cell is in quarantine", "no released value is imputed",
        "no two sources differ", "No policy roster", "No check is on record", "No row counts",
        "No traced examples", "No estimates in this release",
    ):  # fmt: skip
        assert needle in text, needle


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_any_single_frame_may_be_empty(demo, demo_with, name, monkeypatch):
    # Figures of whole frames are drawn in the other tests; writing them 22 times takes long.
    monkeypatch.setattr(
        "analysis.typeset.drawing.inline_svg",
        lambda _figure, key, _label, _shared: Markup(f"<svg id='{key}' />"),
    )
    parsed(render_html(demo_with(**{name: demo[name].iloc[:0]})))


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_any_single_frame_may_stand_alone(demo, name):
    parsed(render_html(make_release(**{name: demo[name]})))


def test_numbers_that_are_missing_show_as_dashes(demo, demo_with):
    estimates = demo["estimates"].assign(
        std_error=None, statistic=None, p_value=None, ci_low=None, ci_high=None, stars=None
    )
    fits = demo["fits"].assign(r2=None, r2_within=float("nan"), f_statistic=None, controls=None)
    weights = demo["index_weight"].assign(published_weight=None)
    trend = demo["trend"].assign(ci_low=None, ci_high=None)
    html = render_html(demo_with(estimates=estimates, fits=fits, index_weight=weights, trend=trend))
    parsed(html)
    body = html[html.index("<body") :]
    assert ">nan" not in body.lower() and ">None" not in body and "NaT" not in body
