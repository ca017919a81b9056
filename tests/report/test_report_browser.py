"""The page in a real browser: it shows something, and Chinese characters are not empty boxes."""

import csv
import io
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from demo_report import SECTIONS
from PIL import Image

from analysis.report import render_report
from analysis.report.sections.input.disagreement import ratio_figure
from analysis.typeset import drawing as drawing_module
from analysis.typeset import fonts, lines
from analysis.typeset.drawing import drawing

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INK = 100
"""Grey level below which a pixel is text or line."""
CELL = 48
"""Pixels of one character in the grid."""
SAME_MEAN, SAME_SHARE = 0.5, 0.001
"""Mean grey levels between two pictures of a figure, and the share of pixels that are another
colour: a hundredth of a point moves an edge by less than a grey level or two."""
TIMEOUT = 120
"""Seconds; a start takes about two, more on a loaded machine."""
STARTS = 3
"""A browser without a display now and then hangs or dies at its start: that says nothing of a page."""


@pytest.fixture(scope="session")
def browser() -> str:
    for name in BROWSERS:
        path = shutil.which(name)
        if path:
            return path
    if os.environ.get("CI"):
        pytest.fail(f"CI must have a browser; none of {BROWSERS} is on the PATH")
    pytest.skip(f"no browser: none of {BROWSERS} is on the PATH")


def run_for(seconds: float, command: list[str]) -> str:
    """Run a command with all it starts; the end of what it said."""
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    ) as running:
        try:
            _, said = running.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            _, said = running.communicate()
            return f"no end within {seconds} s: {said[-1000:].decode(errors='replace')}"
    return f"exit code {running.returncode}: {said[-1000:].decode(errors='replace')}"


def screenshot(browser: str, page: Path, folder: Path, width: int, height: int) -> np.ndarray:
    """Grey levels of the page, height x width."""
    picture = folder / f"{page.stem}-{width}.png"
    said = []
    for start in range(STARTS):
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--disable-dev-shm-usage",  # a container's is small
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--no-first-run", "--hide-scrollbars", "--force-device-scale-factor=1",
            f"--user-data-dir={folder / f'profile-{page.stem}-{width}-{start}'}",
            f"--screenshot={picture}", f"--window-size={width},{height}", page.as_uri(),
        ]  # fmt: skip
        said.append(run_for(TIMEOUT, command))
        if picture.exists():
            break
    assert picture.exists(), f"no screenshot: {said}"
    with Image.open(picture) as image:
        return np.asarray(image.convert("L"))


@pytest.mark.parametrize("width", [1200, 700])
def test_page_shows_banner_text_and_table(browser, demo, tmp_path, width):
    page = render_report(demo, SECTIONS, tmp_path / "report")
    grey = screenshot(browser, page, tmp_path, width, 2400)
    assert grey.shape == (2400, width)
    banner = grey[8, :]  # the yellow strip reaches from side to side
    assert 150 < np.median(banner) < 235
    below = grey[200:]
    share = float((below < INK).mean())
    assert 0.005 < share < 0.2  # neither blank nor a black block
    assert float((below > 250).mean()) > 0.7  # dark text on white
    inked = (below < INK).any(axis=1)
    longest = max(len(run) for run in "".join("x" if row else " " for row in inked).split("x"))
    assert longest < 250  # no hole in the page
    if width == 1200:
        long_rules = (grey[:, 120:900] < 60).mean(axis=1) > 0.95
        assert long_rules.sum() >= 4  # the tables' thick lines


def characters_of_cities(repo_dir: Path) -> list[str]:
    names: set[str] = set()
    for seed in ("city.csv", "province.csv"):
        path = repo_dir / "seeds" / seed
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                names |= {c for value in row.values() for c in value or "" if ord(c) > 0x2E80}
    return sorted(names)


def test_every_character_of_the_city_names_has_a_shape_of_its_own(
    browser, repo_dir, demo_html, tmp_path
):
    """Empty boxes would all look the same; here no two characters and no box look alike."""
    characters = characters_of_cities(repo_dir)
    assert len(characters) > 300
    # A private-use character that no font has: what the machine draws for a missing glyph.
    grid = [*map(fonts.html_text, characters), '<span lang="zh-Hans">\uf8f0</span>', ""]
    cells = "".join(
        f'<b style="position:absolute;left:{CELL * (i % 25)}px;top:{CELL * (i // 25)}px">{c}</b>'
        for i, c in enumerate(grid)
    )
    # The page's own styles, with the font of these characters in the place of the page's.
    styles = re.sub(
        r"<style>@font-face.*?</style>",
        lambda _: f"<style>{fonts.font_face_css(''.join(characters))}</style>",
        demo_html[demo_html.index("<style>") : demo_html.index("</head>")],
        flags=re.DOTALL,
    )
    page = tmp_path / "grid.html"
    page.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{styles}<style>'
        f"b{{width:{CELL}px;height:{CELL}px;font:36px/{CELL}px var(--sans);overflow:hidden}}"
        f"</style></head><body>{cells}</body></html>",
        encoding="utf-8",
    )
    rows = -(-len(grid) // 25)
    grey = screenshot(browser, page, tmp_path, 25 * CELL, rows * CELL)
    shapes = {}
    for i, character in enumerate(grid):
        y, x = CELL * (i // 25), CELL * (i % 25)
        shapes.setdefault(grey[y : y + CELL, x : x + CELL].tobytes(), []).append(character)
    alike = [group for group in shapes.values() if len(group) > 1]
    assert all(set(group) == set(grid[-2:]) for group in alike), alike  # box and blank may agree


def test_chinese_names_in_a_figure_differ_in_the_browser(browser, demo, tmp_path):
    pictures = []
    for name in ("襄阳市", "毕节市", "襄阳市"):
        frame = demo["disagreement"].head(1).assign(city_name=name, ratio=1.25)
        with drawing(simulated=False) as pen:
            svg = ratio_figure(pen, "f", "label", frame, {})
        page = tmp_path / f"figure-{len(pictures)}.html"
        page.write_text(
            f"<!doctype html><body style='margin:0'>{pen.shared.definitions}{svg}",
            encoding="utf-8",
        )
        pictures.append(screenshot(browser, page, tmp_path, 700, 120))
    one, other, again = pictures
    assert (one == again).all()
    differs = (one != other).any(axis=0)
    assert differs.any() and differs.nonzero()[0].max() < 200  # only the label, left of the axis
    assert (one < INK).any()


def test_figure_looks_as_matplotlib_drew_it(browser, demo, tmp_path, monkeypatch):
    """What is left out of the SVG, rounded and shared is not seen."""
    plain = io.StringIO()
    real = drawing_module.inline_svg

    def both(figure, *rest):
        figure.savefig(plain, format="svg")
        return real(figure, *rest)

    monkeypatch.setattr(drawing_module, "inline_svg", both)
    trend = demo["trend"][demo["trend"]["study"] == demo["trend"]["study"].iloc[0]]
    series = {str(group): rows for group, rows in trend.groupby("group")}
    with drawing(simulated=True) as pen:
        svg = lines.lines_figure(pen, "f", "label", series, "Mean", marks=[2012])
    style = (
        "<style>body{margin:0}svg{position:absolute;left:0;top:0;width:700px;height:auto;"
        "max-width:none!important}</style>"
    )
    pictures = []
    for name, body in (
        ("plain", plain.getvalue()[plain.getvalue().index("<svg") :]),
        ("inline", f"{pen.shared.definitions}{svg}"),
    ):
        page = tmp_path / f"{name}.html"
        page.write_text(f"<!doctype html>{style}{body}", encoding="utf-8")
        pictures.append(screenshot(browser, page, tmp_path, 700, 340).astype(int))
    one, other = pictures
    assert (one < INK).sum() > 1000
    difference = abs(one - other)
    assert difference.mean() < SAME_MEAN and (difference > 128).mean() < SAME_SHARE


def test_what_is_folded_prints_open(browser, demo_html, tmp_path):
    """A folded part with three pages of its own comes out of the printer."""
    styles = demo_html[demo_html.index("<style>") : demo_html.index("</head>")]
    counts = {}
    for name, pages in (("short", 0), ("long", 3)):
        folded = '<p style="break-after:page">x</p>' * pages
        page = tmp_path / f"{name}.html"
        page.write_text(
            f'<!doctype html><meta charset="utf-8">{styles}<details><summary>More</summary>{folded}'
            "<p>end</p></details>",
            encoding="utf-8",
        )
        printed = tmp_path / f"{name}.pdf"
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            f"--user-data-dir={tmp_path / f'profile-{name}'}", f"--print-to-pdf={printed}",
            page.as_uri(),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
        assert printed.exists(), f"not printed; exit code {done.returncode}: {done.stderr[-2000:]}"
        counts[name] = len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes()))
    assert counts["short"] == 1
    assert counts["long"] == 4


def test_page_needs_no_chinese_font_of_the_machine(demo_html):
    assert f'font-family:"{fonts.FAMILY}"' in demo_html and "data:font/woff;base64," in demo_html
