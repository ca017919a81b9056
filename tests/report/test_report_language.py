"""The page in another language: every text of its own is translated, in the page and in its figures."""

import re
import string
from gettext import NullTranslations

import lxml.html
import pandas as pd
import pytest
from demo_report import FRAMES, make_demo, render_html

from analysis.typeset import texts

LETTERS = str.maketrans(
    string.ascii_letters, "áƀćđéƒğħíĵķłµñöþɋřšŧüƿŵ×ýž" + "ÁƁĆĐÉƑĞĦÍĴĶŁƜÑÖÞɊŘŠŦÜƲŴƸÝŽ"
)
"""A letter of no English word for each letter; the page shows all of them."""
KEPT = re.compile(r"(%\(\w+\)s|\{\w*\}|<[^>]*>|&\w+;|<code>.*?</code>)")
"""What a translator leaves alone: places of values, markup, names of tables and files."""
STEERING = {
    "study", "method", "design", "column_id", "paper_id", "group", "severity", "class", "status",
    "term", "effects", "kind", "decision", "measure", "diagnostic", "scheme", "resample", "detail",
    "is_top_mover", "lower_regime", "regressor", "policy", "index_id", "indicator_code", "path",
    "threshold_estimates", "controls", "se_convention", "cluster", "statistic", "region",
    "subject_id", "group_column", "model_id", "variant", "table_no", "published_column",
    "split_rule", "split_by", "value", "data_kind", "stars",
}  # fmt: skip
"""Columns whose codes the page reads or says in words; in all others a text is somebody else's."""


class Foreign(NullTranslations):
    """Every text in letters of no English word."""

    def gettext(self, message: str) -> str:
        parts = KEPT.split(message)
        return "".join(part if KEPT.fullmatch(part) else part.translate(LETTERS) for part in parts)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture(scope="module")
def drawn() -> list[str]:
    """Texts of the figures."""
    return []


@pytest.fixture(scope="module")
def page(drawn):
    """The demo with data whose texts have no letters, in the foreign language."""
    demo = make_demo()
    changed = {}
    for name in FRAMES:
        frame = demo[name].copy()
        for column in set(frame.columns) - STEERING:
            known = {v: f"§{i}" for i, v in enumerate(dict.fromkeys(frame[column]))}
            frame[column] = [known[v] if isinstance(v, str) else v for v in frame[column]]
        changed[name] = frame
    # Codes as a release has them, where the demo has its own words.
    changed["checks"] = changed["checks"].assign(gate=demo["checks"]["gate"])
    changed["fits"] = changed["fits"].assign(cluster="city_code", se_convention="fixest")
    changed["studies"] = changed["studies"].assign(policy_label="§")
    changed["roster"] = changed["roster"].assign(policy_label="§")
    release = make_demo(**changed, title="§", vintage="1", code_version="2", created_from="3")
    from matplotlib.text import Text

    from analysis.typeset import drawing

    real = drawing.inline_svg

    def noted(figure, *rest):
        svg = real(figure, *rest)
        drawn.extend(t.get_text() for t in figure.findobj(Text) if t.get_visible())
        return svg

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "inline_svg", noted)
        html = render_html(release, Foreign())
    return html


def untranslated(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]{2,}[^\n]{0,40}", text)


def test_every_letter_is_another_one_that_the_page_can_show():
    from analysis.typeset.fonts import is_shown

    assert len(set(LETTERS.values())) == 52
    assert all(is_shown(chr(letter)) for letter in LETTERS.values())


def test_no_text_of_the_page_is_left_in_english(page):
    page = lxml.html.fromstring(page)
    # Names of the database, formulas, and keys of estimates are the same in every language.
    for kept in page.xpath(
        "//code|//pre|//style|//*[@class='formula']|//tbody[@class='of']//th/text()/.."
    ):
        kept.text = None
        for child in list(kept):
            kept.remove(child)
    found = {
        text.strip()
        for text in page.xpath("//body//text()|//@aria-label|//title/text()")
        if untranslated(text)
    }
    assert found == set()


def test_no_text_of_a_figure_is_left_in_english(page, drawn):
    assert len(drawn) > 100
    assert {text for text in drawn if untranslated(text)} == set()


def test_css_says_the_banner_of_printed_pages_in_the_language(page):
    (style,) = re.findall(r"<style>(@media print \{ @page.*?)</style>", page)
    assert "SIMULATED" not in style and Foreign().gettext("invented figures") in style


def test_texts_are_english_again_afterwards(page):
    assert page is not None
    assert texts._("Notes.") == "Notes."


def test_a_language_without_a_text_says_it_in_english():
    class Partial(NullTranslations):
        def gettext(self, message: str) -> str:
            return {"At a glance": "Auf einen Blick"}.get(message, super().gettext(message))

    text = lxml.html.fromstring(render_html(make_demo(), Partial())).text_content()
    assert "Auf einen Blick" in text and "Policy estimates" in text


def test_plural_forms_are_chosen_by_the_language(demo_with):
    frame = pd.DataFrame([("s", "S", "x"), ("t", "T", "y")], columns=["study", "title", "detail"])
    said = lxml.html.fromstring(render_html(demo_with(studies_skipped=frame))).text_content()
    assert "lack what they need" in said
