"""The Chinese font: coverage, fallback, and drawing without empty boxes."""

import base64
import csv
import io
import re
import warnings

import pandas as pd
import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from analysis.report.sections.input.disagreement import ratio_figure
from analysis.typeset import drawing, fonts

FONT_LIMIT = 400_000
"""Bytes of the committed font, which every clone carries; a page embeds what it shows of it."""

UNCOVERED = "龘"
"""Three dragons: in no place name, and not in the font."""


@pytest.fixture(scope="module")
def cmap():
    with TTFont(fonts.FONT_FILE) as font:
        return set(font.getBestCmap())


def test_list_of_characters_is_the_font(cmap):
    assert {ord(c) for c in fonts.characters()} == {c for c in cmap if c > 0x7F}


def test_every_glyph_has_an_outline(cmap):
    """A mapped character without ink would show as nothing."""
    with TTFont(fonts.FONT_FILE) as font:
        glyphs, names = font.getGlyphSet(), font.getBestCmap()
        from fontTools.pens.boundsPen import BoundsPen

        blank = []
        for code in cmap - {0x20, 0xA0, 0xAD}:
            pen = BoundsPen(glyphs)
            glyphs[names[code]].draw(pen)
            if pen.bounds is None:
                blank.append(chr(code))
    assert blank == []


def test_every_character_of_the_seeds_can_be_shown(repo_dir):
    """Run scripts/make_font_subset.py after new names came into a seed."""
    seeds = sorted((repo_dir / "seeds").rglob("*.csv"))
    assert seeds, "no seeds found"
    missing = {}
    for seed in seeds:
        with seed.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.reader(file), start=1):
                lacking = {c for c in "".join(row) if not fonts.is_shown(c)}
                if lacking:
                    missing[f"{seed.name}:{line}"] = "".join(sorted(lacking))
    assert missing == {}


@pytest.mark.parametrize("folder", ["orchestration/sample", "analysis/report"])
def test_every_chinese_character_of_the_pages_own_text_can_be_shown(repo_dir, folder):
    """The sample's citation and headings, and what the templates say."""
    files = [p for p in sorted((repo_dir / folder).rglob("*")) if p.suffix in {".py", ".j2"}]
    assert files, folder
    missing = {
        path.name: lacking
        for path in files
        if (
            lacking := {
                c
                for c in path.read_text(encoding="utf-8")
                if "\u2e80" <= c < "\ue000" and not fonts.is_shown(c)
            }
        )
    }
    assert missing == {}


def packed_font(css: str) -> TTFont:
    """The font that a page carries, as fontTools reads it out of the WOFF."""
    return TTFont(io.BytesIO(base64.b64decode(re.search(r"base64,([^)]+)\)", css).group(1))))


def outline(font: TTFont, character: str) -> list:
    pen = RecordingPen()
    font.getGlyphSet()[font.getBestCmap()[ord(character)]].draw(pen)
    return pen.value


def test_page_carries_the_characters_that_it_shows_and_no_others():
    text = f"<p>襄阳市 GDP 亿元 Σ ≤ {UNCOVERED}</p>"
    with packed_font(fonts.font_face_css(text)) as packed, TTFont(fonts.FONT_FILE) as font:
        assert packed.flavor == "woff"
        assert set(map(chr, packed.getBestCmap())) == set("襄阳市亿元Σ≤")
        for character in "襄阳市亿元Σ≤":
            assert outline(packed, character) == outline(font, character) != []
        assert "Open Font License" in packed["name"].getDebugName(13)
        assert packed["name"].getDebugName(1) == fonts.FAMILY


def test_font_of_a_page_without_chinese_is_next_to_nothing():
    assert len(fonts.font_face_css("plain text")) < 5_000


def test_all_chinese_of_the_demo_page_is_in_its_font(demo_html):
    shown = set(re.sub(r"<[^>]*>", "", demo_html[demo_html.index("<body") :]))
    shown = {c for c in shown if ord(c) >= fonts.FIRST_EMBEDDED}
    with packed_font(demo_html) as packed:
        assert shown - set(map(chr, packed.getBestCmap())) == set()
    assert len(shown) > 50


def test_words_of_yearbook_headings_can_be_shown():
    words = "全市市辖区年末户籍人口万人地区生产总值亿元规模以上工业企业数个注：资料来源续表约"
    assert all(map(fonts.is_shown, words))


def test_font_is_small_and_carries_its_licence(repo_dir):
    assert fonts.FONT_FILE.stat().st_size < FONT_LIMIT
    licence = (fonts.ASSETS / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence and "Adobe" in licence
    with TTFont(fonts.FONT_FILE) as font:
        names = {r.nameID: r.toUnicode() for r in font["name"].names}
        assert "Open Font License" in names[13]
        assert names[1] == fonts.FAMILY  # a modified version has its own name
        assert "Source" not in names[1]  # reserved by the licence


def test_missing_character_shows_as_its_code_or_as_the_latin_name():
    assert not fonts.is_shown(UNCOVERED)
    assert fonts.readable(f"{UNCOVERED}市") == "[U+9F98]市"
    assert fonts.readable(f"{UNCOVERED}市", {f"{UNCOVERED}市": "Dashi"}) == "Dashi"
    assert fonts.readable("襄阳市", {"襄阳市": "Xiangyang"}) == "襄阳市"
    html = fonts.html_text(f"{UNCOVERED}市<b>")
    assert html == ('<span class="no-glyph">[U+9F98]</span><span lang="zh-Hans">市</span>&lt;b&gt;')
    assert fonts.html_text(f"{UNCOVERED}市", {f"{UNCOVERED}市": "Da & shi"}) == "Da &amp; shi"


@pytest.mark.parametrize("character", ["\x00", "\u202e", "\u200b", "\ue000", "\ufffe", "\ud800"])
def test_characters_that_nobody_sees_are_spelt_out(character):
    assert fonts.readable(f"a{character}b") == f"a[U+{ord(character):04X}]b"


@given(st.text(max_size=40))
def test_fallback_text_can_always_be_drawn_and_encoded(text):
    shown = fonts.readable(text)
    assert all(map(fonts.is_shown, shown))
    shown.encode()
    fonts.html_text(text).encode()
    fonts.attribute_text(text).encode()


@given(st.text(max_size=40))
def test_html_of_any_text_holds_that_text_and_no_other_markup(text):
    html = str(fonts.html_text(text))
    bare = re.sub(r'<span (?:lang="zh-Hans"|class="no-glyph")>|</span>', "", html)
    assert "<" not in bare and ">" not in bare
    assert fonts.Markup(bare).unescape() == fonts.readable(text)


def draw(name: str, latin=None) -> str:
    frame = pd.DataFrame(
        {"city_name": [name], "year": [2015], "indicator": ["gdp"], "ratio": [1.25]}
    )
    with drawing.drawing(simulated=False) as pen, warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a missing glyph, then draws a box
        return str(ratio_figure(pen, "f", "label", frame, latin or {}))


def glyphs(svg: str) -> list[str]:
    return re.findall(r'href="#(g[0-9a-f]+)"', svg)


def test_figures_draw_chinese_from_the_committed_font():
    one, other = draw("襄阳市"), draw("毕节市")
    assert one != other
    assert "g0" not in glyphs(one) + glyphs(other)  # .notdef, the empty box
    assert len(set(glyphs(one)) ^ set(glyphs(other))) == 4  # 襄, 阳 against 毕, 节; 市 is shared


def test_figures_draw_the_code_of_a_missing_character():
    assert draw(f"{UNCOVERED}市") == draw("[U+9F98]市")
    assert draw(f"{UNCOVERED}市", {f"{UNCOVERED}市": "Dashi"}) == draw("Dashi")


def test_latin_text_can_be_drawn_without_any_font_of_the_system(cmap):
    """Below FIRST_NON_LATIN the report trusts matplotlib's own font: it must have all of it."""
    import matplotlib

    path = f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf"
    with TTFont(path) as font:
        own = set(font.getBestCmap())
    needed = {c for c in range(0x20, fonts.FIRST_NON_LATIN) if fonts.is_shown(chr(c))}
    assert needed - own - cmap == set()


def test_dollar_signs_are_text_and_not_mathematics():
    assert glyphs(draw("a $x_1$ $")).count(glyphs(draw("$"))[0]) >= 3
